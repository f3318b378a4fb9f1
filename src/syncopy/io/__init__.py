"""Files: the .spy container and foreign formats."""
