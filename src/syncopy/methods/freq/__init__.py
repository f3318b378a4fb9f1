"""Spectral estimates: one file per method."""
