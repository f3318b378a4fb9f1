"""Meaning: trials, axes, the data classes, selections and history."""
