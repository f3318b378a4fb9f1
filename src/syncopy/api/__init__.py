"""What users call: the verbs and the call conventions shared by all of them."""
