"""Jackknife: bias and variance of any function of a mean over trials, from the means without one trial each.

With the value theta of the full mean and theta_k without trial k: ``bias = (n - 1) (mean theta_k - theta)`` and
``variance = (n - 1) sum |theta_k - mean theta_k|²``, without a division by n: for the mean itself this is the variance
of the trials (ddof 1), and the standard error of theta is ``sqrt(variance / n)``. Efron & Tibshirani 1993, An
Introduction to the Bootstrap, chapter 11; for spectra Thomson & Chave 1991.
"""

import numpy as np

from syncopy.kernels.arrays import Array


def leave_one_out(total: Array, trials: Array, n: int) -> Array:
    """Compute the mean over all trials but one.

    Parameters
    ----------
    total : Array
        Sum over all trials, (...).
    trials : Array
        Some of the trials, (trial, ...).
    n : int
        Number of all trials, at least 2.

    Returns
    -------
    Array
        The mean without each of `trials`, in double precision, (trial, ...).
    """
    means: Array = total.astype(np.result_type(total, np.float64)) - trials
    means *= 1 / (n - 1)
    return means


def deviation_sums(replicates: Array, direct: Array, *, circular: bool = False) -> Array:
    """Sum the deviations of leave-one-out values, and their squares.

    Parameters
    ----------
    replicates : Array
        Values without one trial each, real or complex, (trial, ...).
    direct : Array
        Value of all trials, (...).
    circular : bool
        Values are angles in rad, whose deviations lie in (-pi, pi].

    Returns
    -------
    Array
        float64 or complex128, (2, ...). Sums of several blocks are added.
    """
    deviations = replicates - direct.astype(np.result_type(direct, np.float64))
    if circular:
        deviations = np.angle(np.exp(1j * deviations))
    return np.stack([deviations.sum(axis=0), np.sum(np.abs(deviations) ** 2, axis=0)])


def bias_variance(sums: Array, n: int) -> tuple[Array, Array]:
    """Close the sums of `deviation_sums` over all `n` trials.

    Parameters
    ----------
    sums : Array
        Sums over all trials, (2, ...).
    n : int
        Number of trials.

    Returns
    -------
    bias : Array
        Of the type of `sums`, (...): the corrected estimate is the direct value minus it.
    variance : Array
        float64, (...).
    """
    total, squares = sums
    variance: Array = (n - 1) * (squares.real - np.abs(total) ** 2 / n)
    return (n - 1) / n * total, variance
