"""Numerical kernels: arrays and numbers in, arrays out; they know nothing of the package."""
