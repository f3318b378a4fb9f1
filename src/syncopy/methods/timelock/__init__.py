"""Averages of trials that are locked to an event."""
