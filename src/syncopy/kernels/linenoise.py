"""Removal of mains hum."""

import math
from collections.abc import Sequence

import numpy as np

from syncopy.kernels.arrays import Array, cache_slabs, real_dtype

ROUNDING = 1e-9
"""Part of a cycle by which a rounded quotient may miss a whole number."""


def whole_cycles(samples: int, freq: float, samplerate: float) -> int:
    """Return how many samples the greatest number of whole cycles of `freq` takes that fits into `samples`."""
    cycles = math.floor(samples * freq / samplerate + ROUNDING)
    return round(cycles * samplerate / freq)


def remove_sines(block: Array, freqs: Sequence[float], samplerate: float) -> Array:
    """Subtract from each signal the sinusoids of given frequencies that fit it best.

    A constant and all sinusoids are fitted together, by least squares, to as many samples from the start as hold whole
    cycles of the lowest frequency; the sinusoids, not the constant, are then subtracted from the whole trial. For a
    frequency and its harmonics this is FieldTrip's ``dftfilter`` with ``dftreplace = 'zero'``. The hum has to be
    stationary over the trial.

    Parameters
    ----------
    block : Array
        (trial, time, channel), at least one cycle long; left untouched.
    freqs : sequence of float
        In Hz, for instance 50, 100 and 150.
    samplerate : float
        In Hz.

    Returns
    -------
    Array
        Shape of `block`; float32 for float32 input, else float64. A signal with a NaN in the part that is fitted
        becomes NaN throughout.
    """
    samples = block.shape[1]
    fitted = whole_cycles(samples, min(freqs), samplerate)
    angles = 2 * np.pi / samplerate * np.outer(np.arange(samples), freqs)
    sines = np.hstack([np.cos(angles), np.sin(angles)])
    fit = np.linalg.pinv(np.hstack([sines[:fitted], np.ones((fitted, 1))]))[:-1]
    cleaned = np.empty(block.shape, real_dtype(block))
    for slab in cache_slabs(len(block), 8 * block[:1].size):
        values = block[slab].astype(np.float64)
        values -= sines @ (fit @ values[:, :fitted])
        cleaned[slab] = values
    return cleaned
