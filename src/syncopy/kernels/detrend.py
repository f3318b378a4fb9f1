"""Removal of the mean or of a line."""

from collections.abc import Iterator, Sequence

import numpy as np

from syncopy.kernels.arrays import Array, cache_slabs, complex_dtype, real_dtype

LOOP_LENGTH = 256
"""Numbers in a row from which on the length of NumPy's inner loops no longer matters."""


def trend_basis(length: int, order: int) -> Array:
    """Return orthonormal polynomials on `length` equidistant samples.

    Parameters
    ----------
    length : int
        Number of samples.
    order : {0, 1}
        Highest power: 0 for the constant alone, 1 for constant and slope.

    Returns
    -------
    Array
        float64, (order + 1, length), rows of unit norm and orthogonal to each other; the slope of a single sample is
        zero.
    """
    constant = np.full((1, length), length**-0.5)
    if order == 0:
        return constant
    slope = np.arange(length) - (length - 1) / 2
    return np.vstack([constant, slope / (np.linalg.norm(slope) or 1)])


def detrend(block: Array, order: int | None, axis: int = 1) -> Array:
    """Remove the mean or the least-squares line along an axis.

    The line is the projection on two orthonormal polynomials, so the fit is two inner products per signal. Sums and
    differences are formed in double precision: an offset costs a float32 signal nothing that float32 had not lost
    before.

    Parameters
    ----------
    block : Array
        Two or more dimensions, for instance (trial, time, channel); left untouched.
    order : {None, 0, 1}
        None returns `block` itself, 0 removes the mean, 1 the least-squares line.
    axis : int
        The time axis.

    Returns
    -------
    Array
        Shape of `block`; float32 (complex64) for single precision input, float64 (complex128) for all other. A signal
        that holds a NaN becomes NaN throughout.
    """
    if order is None:
        return block
    signals = np.moveaxis(block, axis, -2)
    leading = signals[None] if signals.ndim == 2 else signals
    result = np.empty(leading.shape, complex_dtype(block) if np.iscomplexobj(block) else real_dtype(block))
    slabs = cache_slabs(len(leading), result.itemsize * leading[:1].size)
    for slab, clean in detrended_slabs(leading, order, slabs):
        result[slab] = clean
    return np.moveaxis(result.reshape(signals.shape), -2, axis)


def detrended_slabs(block: Array, order: int | None, slabs: Sequence[slice]) -> Iterator[tuple[slice, Array]]:
    """Go through a block slab by slab, each one detrended as by `detrend`.

    Parameters
    ----------
    block : Array
        (trial, ..., time, channel), time last but one.
    order : {None, 0, 1}
        As in `detrend`.
    slabs : sequence of slice
        Parts of the first axis, none longer than the first.

    Yields
    ------
    slab : slice
        The part.
    clean : Array
        The part's signals, of the type `detrend` returns; the next slab overwrites them.
    """
    if order is None:
        yield from ((slab, block[slab]) for slab in slabs)
        return
    basis = trend_basis(block.shape[-2], order)
    longest = block[slabs[0]] if slabs else block
    values = np.empty(longest.shape, np.result_type(block.dtype, np.float64))
    trend = np.empty_like(values[:0] if order == 0 else values)
    result = np.empty_like(values, complex_dtype(block) if np.iscomplexobj(block) else real_dtype(block))
    for slab in slabs:
        rows = slice(slab.stop - slab.start)
        values[rows] = block[slab]
        values[rows] -= values[rows, ..., :1, :].copy()  # of a constant nothing is left, not even rounding
        coefficients = basis @ values[rows]
        if order == 0:
            subtract_levels(values[rows], coefficients * basis[0, 0], result[rows])
        else:
            np.matmul(basis.T, coefficients, out=trend[rows])
            np.subtract(values[rows], trend[rows], out=result[rows], casting="same_kind")
        yield slab, result[rows]


def subtract_levels(signals: Array, levels: Array, out: Array) -> None:
    """Write signals less one constant each into `out`.

    NumPy's loops run along the last axis, which is slow for few channels; here they run along a stretch of samples.

    Parameters
    ----------
    signals : Array
        (trial, ..., time, channel).
    levels : Array
        (trial, ..., 1, channel).
    out : Array
        Shape of `signals`, time and channel contiguous; may be of lower precision.
    """
    *leading, samples, channels = signals.shape
    stretch = -(-LOOP_LENGTH // max(channels, 1))
    whole = samples - samples % stretch
    shape = *leading, whole // stretch, stretch * channels
    stretches, into = signals[..., :whole, :].reshape(shape), out[..., :whole, :].reshape(shape)
    np.subtract(stretches, np.tile(levels, (stretch,)), out=into, casting="same_kind")
    np.subtract(signals[..., whole:, :], levels, out=out[..., whole:, :], casting="same_kind")
