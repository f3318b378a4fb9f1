"""Change of the sample rate."""
