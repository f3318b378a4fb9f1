"""Bytes: scratch space, HDF5 sources and sinks."""
