"""Laws every method must obey, shipped so that third-party methods can test themselves."""
