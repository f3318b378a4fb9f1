"""Analyses of spike trains."""
