"""Connectivity estimates: one file per method."""
