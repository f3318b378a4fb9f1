"""Change of the sample rate by a rational factor."""

from fractions import Fraction

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from syncopy.kernels.arrays import CACHE_BYTES, Array, cache_slabs, real_dtype
from syncopy.kernels.gaps import any_between, fill_gaps
from syncopy.kernels.sinc import lowpass_taps, sinc_filter

ORDER_PER_STEP = 20
"""Least order of the filter per unit of max(up, down), as in FieldTrip and `scipy.signal.resample_poly`."""

PRODUCT_HEIGHT = 16, 128
"""Least and most samples of the result that one matrix computes: fewer starve BLAS, more meet zeros beside the band."""

SLAB_BYTES = 8 * CACHE_BYTES
"""Bytes of padded trials per call, in double precision."""


COPIES = 5
"""How often `resample` holds input and result of a call in double precision, at most."""


def rate_ratio(new: float, old: float, max_denominator: int = 1_000_000) -> tuple[int, int]:
    """Return the coprime integers (up, down) with ``new / old = up / down``.

    A rate means its shortest decimal form: 0.1 is a tenth, not the nearest binary fraction.

    Parameters
    ----------
    new, old : float
        Sample rates in Hz.
    max_denominator : int
        Bound on `down`; a ratio that needs more is replaced by the nearest one that does not.

    Returns
    -------
    (int, int)
        Up and down.
    """
    ratio = (Fraction(str(float(new))) / Fraction(str(float(old)))).limit_denominator(max_denominator)
    return ratio.numerator, ratio.denominator


def resampled_length(samples: int, up: int, down: int) -> int:
    """Return the number of samples after resampling, ``ceil(samples * up / down)`` in integers."""
    return -(-samples * up // down)


def resampling_order(order: int, up: int, down: int) -> int:
    """Return the order of the filter to use where `order` was asked for: even, and at least 20 max(up, down).

    The filter works at `up` times the input rate and cuts at 0.5 / max(up, down) of that; its transition band is
    3.3 / order wide. Below the bound that is more than a third of the cut-off, and aliases get through.
    """
    order = max(order, ORDER_PER_STEP * max(up, down))
    return order + order % 2


def design_antialias(up: int, down: int, order: int, freq: float | None = None) -> Array:
    """Design the low-pass for `resample`, a Hamming-windowed sinc at `up` times the input rate.

    Parameters
    ----------
    up, down : int
        The ratio.
    order : int
        Even, see `resampling_order`.
    freq : float, optional
        Cut-off (half amplitude) in cycles per input sample; the lower one of the two Nyquist frequencies if not given.

    Returns
    -------
    Array
        float64, (order + 1,), of unit sum.
    """
    return lowpass_taps(0.5 / max(up, down) if freq is None else freq / up, order)


def resample(block: Array, up: int, down: int, taps: Array, demean: bool = False) -> Array:
    """Resample along time by ``up / down``.

    The result is ``y[t] = up * sum_i taps[centre + t * down - i * up] * x[i]``: `up` - 1 zeros after each sample, the
    filter, every `down`-th sample, zeros outside the trial (`scipy.signal.resample_poly`). That is a banded matrix
    times each signal, and the band repeats itself every `up` rows: few dense matrices times many windows of the data,
    which BLAS is good at.

    Parameters
    ----------
    block : Array
        (trial, time, channel); left untouched.
    up, down : int
        Coprime, see `rate_ratio`.
    taps : Array
        (order + 1,), order even, from `design_antialias`.
    demean : bool
        Take the mean off each signal before and put it back afterwards: an offset does not droop at the ends.

    Returns
    -------
    Array
        (trial, ceil(time * up / down), channel), float32 for float32 input, else float64. Its first sample is in time
        where the first one of `block` is. NaN or infinity makes NaN of the samples in reach of the filter, and of no
        others.
    """
    trials, samples, channels = block.shape
    length = resampled_length(samples, up, down)
    height = _product_height(taps, down)
    repeats = max(1, height // up)
    rows, columns = min(up * repeats, length), down * repeats
    periods = -(-length // rows)
    first, last = _inputs(np.arange(periods * rows), up, down, taps)
    start, stop = first[0], max(samples, last[-1] + 1)
    resampled = np.empty((trials, periods * rows, channels), real_dtype(block))
    for slab in cache_slabs(trials, 8 * samples * channels, SLAB_BYTES):
        values, gaps = fill_gaps(block[slab])
        offset = demean * values.sum(axis=1, keepdims=True) / np.maximum(1, np.sum(~gaps, axis=1, keepdims=True))
        padded = np.zeros((len(values), stop - start, channels))
        padded[:, -start : samples - start] = np.where(gaps, 0, values - offset)
        tiles = resampled[slab].reshape(-1, periods, rows, channels)
        for row in range(0, rows, height):
            band = _band(np.arange(row, min(row + height, rows)), up, down, taps)
            windows = sliding_window_view(padded, band.shape[1], axis=1)[:, first[row] - start :: columns][:, :periods]
            tiles[:, :, row : row + height] = band @ windows.swapaxes(2, 3) + offset[:, np.newaxis]
        if gaps.any():
            resampled[slab][any_between(gaps, first, last)] = np.nan
    return resampled[:, :length]


def downsample(block: Array, factor: int, taps: Array | None = None) -> Array:
    """Keep every `factor`-th sample along time, the first one included.

    Parameters
    ----------
    block : Array
        (trial, time, channel); left untouched.
    factor : int
        How many samples become one.
    taps : Array, optional
        Low-pass of `syncopy.kernels.sinc.design_sinc` to run before, in two passes; nothing stops aliases without one.

    Returns
    -------
    Array
        (trial, ceil(time / factor), channel), data type of `block`, or that of `sinc_filter` with `taps`.
    """
    source = block if taps is None else sinc_filter(block, taps, "twopass")
    return np.ascontiguousarray(source[:, ::factor])


def _product_height(taps: Array, down: int) -> int:
    """Return how many samples of the result one matrix computes, of the order of a quarter of what a kernel spans."""
    fewest, most = PRODUCT_HEIGHT
    return min(max(fewest, len(taps) // down // 4), most)


def _inputs(index: Array, up: int, down: int, taps: Array) -> tuple[Array, Array]:
    """Return the first and the last input sample that each of the output samples at `index` is computed from."""
    centre = len(taps) // 2
    return -((centre - index * down) // up), (centre + index * down) // up


def _band(index: Array, up: int, down: int, taps: Array) -> Array:
    """Return the matrix (output, input) that computes the neighbouring output samples at `index` from all in reach."""
    first, last = _inputs(index, up, down, taps)
    tap = len(taps) // 2 + index[:, np.newaxis] * down - np.arange(first[0], last[-1] + 1) * up
    inside = (tap >= 0) & (tap < len(taps))
    return np.where(inside, up * taps.take(tap, mode="clip"), 0)
