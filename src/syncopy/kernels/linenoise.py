"""Removal of mains hum."""

import math
from collections.abc import Sequence

import numpy as np

from syncopy.kernels.arrays import CACHE_BYTES, Array, cache_slabs, real_dtype

ROUNDING = 1e-9
"""Part of a cycle by which a rounded quotient may miss a whole number."""


PIECE_BYTES = 4 * CACHE_BYTES
"""Bytes of a stretch of time of all signals and sines, of which a few exist at a time."""


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
    rates = 2 * np.pi / samplerate * np.asarray(freqs)
    cleaned = np.empty(block.shape, real_dtype(block))
    width = 8 * (block[:, 0].size + 2 * len(freqs) + 1)
    level = block[:, :1].astype(np.float64)  # products are formed without an offset: the constant takes it up
    products = np.zeros((len(block), 2 * len(freqs) + 1, block.shape[2]))
    gram = np.zeros((2 * len(freqs) + 1,) * 2)
    for piece in cache_slabs(fitted, width, PIECE_BYTES):
        basis = _basis(rates, piece)
        gram += basis @ basis.T
        products += basis @ (block[:, piece] - level)
    amplitudes = (np.linalg.pinv(gram, hermitian=True) @ products)[:, :-1]
    for piece in cache_slabs(samples, width, PIECE_BYTES):
        cleaned[:, piece] = block[:, piece] - _basis(rates, piece)[:-1].T @ amplitudes
    return cleaned


def _basis(rates: Array, piece: slice) -> Array:
    """Return cosines, sines and a constant, (function, time), of a piece of time."""
    angles = np.multiply.outer(rates, np.arange(piece.start, piece.stop))
    return np.vstack([np.cos(angles), np.sin(angles), np.ones((1, angles.shape[1]))])
