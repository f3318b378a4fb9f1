"""Sums and moments: one-pass statistics over trials as mergeable states, and statistics along an axis within trials.

A reduction over trials is `lift_...` (block to state), `merge_...` (two states to one) and a function that closes it
(state to result). States are double precision whatever the block is, and nothing depends on the scale of the data.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from syncopy.kernels.arrays import Array, cache_slabs, complex_dtype, real_dtype

SLAB_BYTES = 2 * 1024 * 1024  # measured: from 1 to 4 MiB equally fast, half the time of one piece


class Sums(NamedTuple):
    """Sum over observations.

    Attributes
    ----------
    n : Array
        Number of observations, float64; a scalar, or one number per element where observations can be missing.
    total : Array
        Their sum, float64 or complex128.
    """

    n: Array
    total: Array


class Moments(NamedTuple):
    """Mean and spread of observations.

    Attributes
    ----------
    n : Array
        Number of observations, float64; a scalar, or one number per element where observations can be missing.
    mean : Array
        Their mean, float64 or complex128; 0 where there is none.
    squares : Array
        Sum of their squared distances from the mean, float64.
    """

    n: Array
    mean: Array
    squares: Array


def lift_sums(block: Array, *, ignore_nan: bool = False) -> Sums:
    """Sum a block over its leading axis.

    Parameters
    ----------
    block : Array
        Shape (observation, ...), any numeric type.
    ignore_nan : bool
        Leave NaN out and count the rest element by element; else NaN makes the element's result NaN.

    Returns
    -------
    Sums
        `total` of shape ``block.shape[1:]``, `n` of that shape too if NaN is ignored.
    """
    if not ignore_nan:
        return Sums(np.array(float(len(block))), block.sum(axis=0, dtype=_double(block)))
    n, total = np.full(block.shape[1:], float(len(block))), np.empty(block.shape[1:], _double(block))
    for slab in _slabs(block):
        part = block[:, *slab].astype(total.dtype)
        missing = np.isnan(part)
        part[missing] = 0
        n[slab] -= np.count_nonzero(missing, axis=0)
        np.sum(part, axis=0, out=total[slab])
    return Sums(n, total)


def lift_moments(block: Array, *, ignore_nan: bool = False) -> Moments:
    """Mean and sum of squared deviations of a block over its leading axis.

    Parameters
    ----------
    block : Array
        Shape (observation, ...), at least two axes, any numeric type. Deviations of complex numbers are moduli.
    ignore_nan : bool
        Leave NaN out and count the rest element by element; else NaN makes the element's result NaN.

    Returns
    -------
    Moments
        `mean` and `squares` of shape ``block.shape[1:]``, `n` of that shape too if NaN is ignored.
    """
    shape = block.shape[1:]
    n = np.full(shape if ignore_nan else (), float(len(block)))
    mean, squares = np.empty(shape, _double(block)), np.empty(shape)
    for slab in _slabs(block):
        part = block[:, *slab].astype(mean.dtype)
        if ignore_nan:
            missing = np.isnan(part)
            n[slab] -= np.count_nonzero(missing, axis=0)
            part[missing] = 0
            mean[slab] = part.sum(axis=0) / np.maximum(n[slab], 1)
            part -= mean[slab]
            part[missing] = 0
        else:
            np.mean(part, axis=0, out=mean[slab])
            part -= mean[slab]
        np.sum(_squared_modulus(part), axis=0, out=squares[slab])
    return Moments(n, mean, squares)


def lift_phasors(block: Array, *, ignore_nan: bool = False) -> Sums:
    """Sum the unit phasors z/|z| of a block over its leading axis, for `inter_trial_coherence`.

    Parameters
    ----------
    block : Array
        Complex, shape (trial, ...), at least two axes. A zero has no phase and counts as NaN.
    ignore_nan : bool
        Leave NaN and zeros out and count the rest element by element.

    Returns
    -------
    Sums
        `total` of shape ``block.shape[1:]``, complex128.
    """
    shape = block.shape[1:]
    n, total = np.full(shape if ignore_nan else (), float(len(block))), np.empty(shape, np.complex128)
    for slab in _slabs(block):
        part = block[:, *slab].astype(np.complex128)
        with np.errstate(invalid="ignore"):
            part /= np.abs(part)
        lifted = lift_sums(part, ignore_nan=ignore_nan)
        total[slab] = lifted.total
        if ignore_nan:
            n[slab] = lifted.n
    return Sums(n, total)


def lift_covariance(block: Array, *, ddof: int = 1, demean: bool = True, pooled: bool = False) -> Sums:
    """Covariance between channels over time, ready to be averaged over trials.

    Parameters
    ----------
    block : Array
        Real, shape (trial, time, channel). Blocks of different length may be merged.
    ddof, demean
        As for `trial_covariance`.
    pooled : bool
        Weight a trial with its ``time - ddof`` degrees of freedom, so that `mean` gives
        sum of squares over all trials / sum of degrees of freedom (FieldTrip's ft_timelockanalysis); else all
        trials count alike.

    Returns
    -------
    Sums
        `total` of shape (channel, channel).
    """
    weight = block.shape[1] - ddof if pooled else 1
    channels = block.shape[2]
    total = np.zeros((channels, channels))
    for slab in cache_slabs(len(block), 8 * channels * (block.shape[1] + channels), SLAB_BYTES):
        total += trial_covariance(block[slab], ddof=ddof, demean=demean).sum(axis=0) * weight
    return Sums(np.array(float(len(block) * weight)), total)


def merge_sums(a: Sums, b: Sums) -> Sums:
    """Join the sums over two sets of observations."""
    return Sums(a.n + b.n, a.total + b.total)


def merge_moments(a: Moments, b: Moments) -> Moments:
    """Join the moments of two sets of observations.

    Chan, Golub & LeVeque 1983, Am Stat 37:242, doi:10.1080/00031305.1983.10483115.
    """
    n = a.n + b.n
    weight = b.n / np.maximum(n, 1)
    apart = b.mean - a.mean
    return Moments(n, a.mean + weight * apart, a.squares + b.squares + a.n * weight * _squared_modulus(apart))


def mean(state: Sums) -> Array:
    """Mean over all observations: float64 or complex128, NaN where there was none."""
    result: Array = np.where(state.n > 0, state.total / np.maximum(state.n, 1), np.nan)
    return result


def variance(state: Moments, ddof: int = 0) -> Array:
    """Variance over all observations, float64.

    Parameters
    ----------
    state : Moments
        Of the observations.
    ddof : int
        The sum of squared deviations is divided by ``n - ddof``: 0 for the population, 1 for an unbiased estimate.

    Returns
    -------
    Array
        In squared units of the data; NaN where there are no more than `ddof` observations.
    """
    freedom = state.n - ddof
    result: Array = np.where(freedom > 0, state.squares / np.maximum(freedom, 1), np.nan)
    return result


def standard_deviation(state: Moments, ddof: int = 0) -> Array:
    """Square root of `variance`."""
    result: Array = np.sqrt(variance(state, ddof))
    return result


def standard_error(state: Moments, ddof: int = 1) -> Array:
    """Return the standard error of the mean: standard deviation over the square root of the number of observations."""
    result: Array = np.sqrt(variance(state, ddof) / np.maximum(state.n, 1))
    return result


def inter_trial_coherence(state: Sums, taper_axis: int) -> Array:
    """Length of the mean phasor over trials, averaged over tapers.

    Tallon-Baudry et al. 1996, J Neurosci 16:4240, doi:10.1523/JNEUROSCI.16-13-04240.1996. Orthogonal tapers see a
    signal under different phases, so the length is taken before the average.

    Parameters
    ----------
    state : Sums
        Of unit phasors, from `lift_phasors`.
    taper_axis : int
        Axis of the tapers; it stays, with length 1.

    Returns
    -------
    Array
        Numbers between 0 and 1, float64.
    """
    result: Array = np.abs(mean(state)).mean(axis=taper_axis, keepdims=True)
    return result


def trial_covariance(block: Array, *, ddof: int = 1, demean: bool = True) -> Array:
    """Covariance between channels over time, trial by trial.

    Parameters
    ----------
    block : Array
        Real, shape (trial, time, channel).
    ddof : int
        Products are divided by ``time - ddof``.
    demean : bool
        Subtract each trial's mean over time.

    Returns
    -------
    Array
        Shape (trial, channel, channel), float64, in squared units of the data.
    """
    samples = block.astype(np.float64)
    if demean:
        samples -= samples.mean(axis=1, keepdims=True)
    products: Array = samples.swapaxes(1, 2) @ samples
    products /= samples.shape[1] - ddof
    return products


def mean_along(block: Array, axis: int) -> Array:
    """Mean along one axis, which stays with length 1; NaN is left out.

    Parameters
    ----------
    block : Array
        Any numeric type, at least two axes. The result has its precision, whole numbers give float64.
    axis : int
        Axis to average over.
    """
    return _restored(mean(lift_sums(np.moveaxis(block, axis, 0), ignore_nan=True)), block, axis)


def variance_along(block: Array, axis: int, ddof: int = 0) -> Array:
    """Variance along one axis, which stays with length 1; NaN is left out; real, as `variance`."""
    return _restored(variance(lift_moments(np.moveaxis(block, axis, 0), ignore_nan=True), ddof), block, axis)


def standard_deviation_along(block: Array, axis: int, ddof: int = 0) -> Array:
    """Return the square root of `variance_along`."""
    return _restored(standard_deviation(lift_moments(np.moveaxis(block, axis, 0), ignore_nan=True), ddof), block, axis)


def standard_error_along(block: Array, axis: int, ddof: int = 1) -> Array:
    """Return the standard error of `mean_along`, as `standard_error`."""
    return _restored(standard_error(lift_moments(np.moveaxis(block, axis, 0), ignore_nan=True), ddof), block, axis)


def median_along(block: Array, axis: int) -> Array:
    """Median along one axis, which stays with length 1; NaN is left out.

    Parameters
    ----------
    block : Array
        Real. The result has its precision, whole numbers give float64.
    axis : int
        Axis to take the median over.
    """
    ordered = np.sort(block.astype(real_dtype(block)), axis=axis)  # NaN comes last
    n = ordered.shape[axis] - np.count_nonzero(np.isnan(ordered), axis=axis, keepdims=True)
    lower = np.take_along_axis(ordered, (n - 1) // 2, axis=axis).astype(np.float64)
    upper = np.take_along_axis(ordered, n // 2, axis=axis)
    middle: Array = ((lower + upper) / 2).astype(ordered.dtype)
    return middle


def _restored(result: Array, block: Array, axis: int) -> Array:
    """Give a statistic the block's precision and its axis back."""
    dtype = complex_dtype(block) if np.iscomplexobj(result) else real_dtype(block)
    return np.expand_dims(result.astype(dtype), axis)


def _double(block: Array) -> np.dtype[Any]:
    return np.result_type(block.dtype, np.float64)


def _squared_modulus(values: Array) -> Array:
    squares: Array = np.square(values.real)
    return squares + np.square(values.imag) if np.iscomplexobj(values) else squares


def _slabs(block: Array) -> Iterator[tuple[slice, ...]]:
    """Cut the axes behind the first so that a slab of double precision stays in the cache.

    The longest one is cut; the one that is innermost in memory stays whole.
    """
    lengths = np.array(block.shape[1:])
    inner = np.argmin(np.where(lengths > 1, block.strides[1:], np.inf))
    axis = int(np.argmax(np.where(np.arange(len(lengths)) == inner, 1, lengths)))
    nbytes = block.size / max(lengths[axis], 1) * _double(block).itemsize
    for part in cache_slabs(int(lengths[axis]), nbytes, SLAB_BYTES):
        yield (slice(None),) * axis + (part,)
