"""What every kernel says about its arrays: the type, the precision numbers travel in, slabs that fit the cache."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

CACHE_BYTES = 512 * 1024
"""Bytes of a slab above which one batched call is slower than several (about a core's second-level cache)."""


def real_dtype(block: Array) -> np.dtype[Any]:
    """Return the real type results travel in: float32 for single precision input, else float64."""
    return np.dtype(np.float32 if block.dtype in (np.float32, np.complex64) else np.float64)


def complex_dtype(block: Array) -> np.dtype[Any]:
    """Return the complex type results travel in: complex64 for single precision input, else complex128."""
    return np.dtype(np.complex64 if block.dtype in (np.float32, np.complex64) else np.complex128)


def cache_slabs(count: int, nbytes: float, limit: float = CACHE_BYTES) -> list[slice]:
    """Cut `count` items of `nbytes` bytes each into neighbouring slices of at most `limit` bytes, one item at least.

    A kernel that works through such slabs writes into buffers it makes once: fresh temporaries in a loop go back to
    the system each time, and the page faults of getting them again can cost more than the arithmetic.
    """
    step = max(1, int(limit // max(nbytes, 1)))
    return [slice(start, min(start + step, count)) for start in range(0, count, step)]
