"""Offset and scale of signals: baseline, z-score, rectification."""

import numpy as np

from syncopy.kernels.arrays import Array, cache_slabs, real_dtype


def zscore(block: Array, ddof: int = 0) -> Array:
    """Bring each signal to zero mean and unit standard deviation over time.

    Parameters
    ----------
    block : Array
        (trial, time, channel); left untouched.
    ddof : int
        0 for the population's standard deviation, 1 for the sample's (FieldTrip).

    Returns
    -------
    Array
        Shape of `block`; float32 for float32 input, else float64. A constant signal and one that holds a NaN become NaN
        throughout.
    """
    scores = np.empty(block.shape, real_dtype(block))
    for slab in cache_slabs(len(block), 8 * block[:1].size):
        values = block[slab].astype(np.float64)
        values -= values[:, :1].copy()  # leaves exact zeros of a constant signal, which a rounded mean would not
        values -= values.mean(axis=1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            values /= np.sqrt(np.sum(values**2, axis=1, keepdims=True) / (block.shape[1] - ddof))
        scores[slab] = values
    return scores


def rectify(block: Array) -> Array:
    """Return the absolute values of (trial, time, channel): float32 for float32 input, else float64."""
    return np.abs(block, dtype=real_dtype(block))  # the least whole number of a type has no absolute value in it


def remove_baseline(block: Array, start: int, stop: int) -> Array:
    """Subtract from each signal its mean over the samples from `start` to before `stop`.

    Parameters
    ----------
    block : Array
        (trial, time, channel); left untouched.
    start, stop : int
        The baseline, one sample at least.

    Returns
    -------
    Array
        Shape of `block`; float32 for float32 input, else float64. A NaN in its baseline makes all of a signal NaN.
    """
    mean = block[:, start:stop].mean(axis=1, keepdims=True, dtype=np.float64)
    corrected = np.empty(block.shape, real_dtype(block))
    np.subtract(block, mean, out=corrected, casting="same_kind")
    return corrected
