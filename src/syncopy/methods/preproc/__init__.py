"""Preprocessing: one file per step."""
