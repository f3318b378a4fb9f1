"""One file per analysis method."""
