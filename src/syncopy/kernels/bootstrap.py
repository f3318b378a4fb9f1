"""Bootstrap: how much a quantity of all trials would vary, from trials drawn again with replacement.

Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapters 6 and 14.
"""

import numpy as np
from scipy.special import ndtr, ndtri

from syncopy.kernels.arrays import Array


def draw_trials(trials: int, count: int, seed: int) -> Array:
    """Draw sets of trials with replacement.

    Parameters
    ----------
    trials : int
        Number of trials, of which every set holds as many.
    count : int
        Number of sets.
    seed : int
        Of the random numbers.

    Returns
    -------
    Array
        Positions of trials, int64, (set, trial).
    """
    return np.random.default_rng(seed).integers(trials, size=(count, trials))


def bootstrap_interval(replicates: Array, direct: Array, confidence: float) -> tuple[Array, Array]:
    """Return the bias-corrected percentile interval.

    Quantiles of the replicates, at levels that are shifted by how far the share of replicates below the direct value is
    from a half (Efron 1981, doi:10.2307/3314608). Coherence, say, of trials that are drawn repeatedly is too large: the
    levels make up for that. Without such a bias they are those of the plain percentile interval.

    Parameters
    ----------
    replicates : Array
        Values of resampled trials, real, (set, ...). NaN are left out.
    direct : Array
        Value of all trials, (...).
    confidence : float
        Probability, between 0 and 1, with which the interval shall hold the true value.

    Returns
    -------
    low, high : Array
        float64, (...). NaN where `direct` is, or all replicates are.
    """
    ordered = np.sort(replicates, axis=0)  # NaN comes last
    known = np.count_nonzero(~np.isnan(ordered), axis=0)
    below = np.count_nonzero(ordered < direct, axis=0) + np.count_nonzero(ordered == direct, axis=0) / 2
    count = np.maximum(known, 1)
    shift = ndtri(np.clip(below / count, 0.5 / count, 1 - 0.5 / count))
    edge = ndtri((1 + confidence) / 2)
    low, high = (_quantile(ordered, known, ndtr(2 * shift + side)) for side in (-edge, edge))
    undefined = np.isnan(direct) | (known == 0)
    return np.where(undefined, np.nan, low), np.where(undefined, np.nan, high)


def _quantile(ordered: Array, known: Array, level: Array) -> Array:
    """Interpolate between the two of the first `known` values in order that are nearest to a level."""
    place = np.clip(level * (known + 1) - 1, 0, np.maximum(known - 1, 0))
    first = place.astype(np.int64)[None]
    second = np.minimum(first + 1, np.maximum(known - 1, 0))
    lower = np.take_along_axis(ordered, first, axis=0)[0].astype(np.float64)
    upper = np.take_along_axis(ordered, second, axis=0)[0]
    value: Array = lower + (place - first[0]) * (upper - lower)
    return value
