"""Statistics over trials and over axes."""
