"""Autoregressive networks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syncopy.data.cfg import takes_cfg
from syncopy.data.continuous import AnalogData
from syncopy.data.keywords import checked_call
from syncopy.errors import SPYValueError
from syncopy.kernels import autoregression
from syncopy.synthdata.collect import (
    Seed,
    check_count,
    check_number,
    check_numbers,
    check_seed,
    collect,
    draw_normal,
)

Array = NDArray[Any]


@takes_cfg
def ar2_network(
    AdjMat: ArrayLike | None = None,
    nSamples: int = 1000,
    alphas: Sequence[float] = (0.55, -0.8),
    seed: Seed = None,
    *,
    nTrials: int | None = 100,
    samplerate: float = 1000,
    seed_per_trial: bool = True,
) -> AnalogData | Array:
    """Simulate a network of equal AR(2) nodes that drive each other with lag 1.

    Parameters
    ----------
    AdjMat : array-like, optional
        Coupling of channel i to channel j in row i and column j; a vector is the coupling of channel i to all.
        By default there are two channels, the second one drives the first with 0.25.
    nSamples : int
        Length of a trial.
    alphas : (float, float)
        Coefficients of a node for lag 1 and lag 2. `ar2_peak_freq` tells the frequency they prefer.
    seed, nTrials, samplerate, seed_per_trial
        As for `white_noise`.

    Returns
    -------
    AnalogData or ndarray
        As `white_noise`. The innovations have unit variance; the first two samples are white noise too.

    Raises
    ------
    SPYTypeError, SPYValueError
        As `white_noise`; if `AdjMat` is no square matrix, or there are not two coefficients.

    See Also
    --------
    ar2_coefficients : The same network for `ar_spectrum`, `ar_coherence` and `ar_granger`.
    mk_RandomAdjMat : A random `AdjMat`.

    Notes
    -----
    Channel j is ``x_j[t] = alphas[0] x_j[t-1] + alphas[1] x_j[t-2] + sum_i AdjMat[i, j] x_i[t-1] + e_j[t]``: a damped
    oscillator with a spectral peak, as models of Granger causality use (Dhamala, Rangarajan & Ding 2008,
    doi:10.1103/PhysRevLett.100.018701).

    Examples
    --------
    The first channel drives the second one:

    >>> data = spy.ar2_network(AdjMat=[[0, 0.25], [0, 0]], nTrials=20, samplerate=200, seed=1)
    >>> data.trials[0].shape
    (1000, 2)
    """
    coupling, nodes = _check_ar2(AdjMat, alphas)
    return collect(
        lambda seeds: autoregression.simulate_ar2(draw_normal(seeds, nSamples, len(coupling)), coupling, nodes),
        (nSamples, len(coupling)),
        seed=seed,
        nTrials=nTrials,
        samplerate=samplerate,
        seed_per_trial=seed_per_trial,
    )


@takes_cfg
def red_noise(
    alpha: float,
    nSamples: int = 1000,
    nChannels: int = 2,
    seed: Seed = None,
    *,
    nTrials: int | None = 100,
    samplerate: float = 1000,
    seed_per_trial: bool = True,
) -> AnalogData | Array:
    """Simulate independent AR(1) channels.

    Parameters
    ----------
    alpha : float
        Coefficient of lag 1, between 0 (white) and 1 (a random walk).
    nSamples, nChannels, seed, nTrials, samplerate, seed_per_trial
        As for `white_noise`.

    Returns
    -------
    AnalogData or ndarray
        As `ar2_network`.

    Raises
    ------
    SPYTypeError, SPYValueError
        As `white_noise`.

    Examples
    --------
    >>> data = spy.red_noise(alpha=0.9, nTrials=20, seed=1)
    >>> spec = spy.freqanalysis(data, foi=[10, 400], keeptrials=False)
    >>> slow, fast = spec.show(channel=0)
    >>> bool(slow > 20 * fast)
    True
    """
    channels = check_count("nChannels", nChannels)
    return ar2_network(
        np.zeros((channels, channels)),
        nSamples,
        (alpha, 0),
        seed,
        nTrials=nTrials,
        samplerate=samplerate,
        seed_per_trial=seed_per_trial,
    )


@takes_cfg
def ar_network(
    coefficients: ArrayLike,
    noise_covariance: ArrayLike | None = None,
    nSamples: int = 1000,
    seed: Seed = None,
    *,
    nTrials: int | None = 100,
    samplerate: float = 1000,
    seed_per_trial: bool = True,
) -> AnalogData | Array:
    """Simulate a stable autoregressive network ``x[t] = sum_l coefficients[l] @ x[t - 1 - l] + e[t]``.

    Parameters
    ----------
    coefficients : array-like, shape (lag, to, from)
        Or (to, from) for a single lag.
    noise_covariance : array-like, shape (channel, channel), optional
        Covariance of the innovations `e`; by default they are independent and of unit variance.
    nSamples : int
        Length of a trial.
    seed, nTrials, samplerate, seed_per_trial
        As for `white_noise`.

    Returns
    -------
    AnalogData or ndarray
        As `white_noise`. Trials are stationary from their first sample on.

    See Also
    --------
    ar_spectrum, ar_coherence, ar_granger : What an analysis of the data should find.

    Raises
    ------
    SPYValueError
        For arrays of shapes that are no network.

    Examples
    --------
    >>> coefficients = [[[0.5, 0], [0.4, 0.5]]]  # lag 1: the first channel drives the second one
    >>> data = spy.synthdata.ar_network(coefficients, nTrials=5, seed=1)
    >>> data.trials[0].shape
    (1000, 2)
    """
    lagged, covariance = check_network(coefficients, noise_covariance)
    lags, channels, _ = lagged.shape

    def make_trials(seeds: list[Seed]) -> Iterable[Array]:
        normal = draw_normal(seeds, lags + nSamples, channels)
        return autoregression.simulate_ar(lagged, covariance, normal).astype(np.float32)

    return collect(
        make_trials,
        (nSamples, channels),
        seed=seed,
        nTrials=nTrials,
        samplerate=samplerate,
        seed_per_trial=seed_per_trial,
    )


def ar2_coefficients(AdjMat: ArrayLike | None = None, alphas: Sequence[float] = (0.55, -0.8)) -> Array:
    """Return the coefficients of an `ar2_network`, from which `ar_spectrum` and others compute what is true of it.

    Parameters
    ----------
    AdjMat : array-like, shape (from, to), optional
        As for `ar2_network`.
    alphas : two numbers
        As for `ar2_network`.

    Returns
    -------
    ndarray, shape (2, to, from)
        One matrix for each of the two samples before.

    Raises
    ------
    SPYTypeError, SPYValueError
        If `AdjMat` is no square matrix of finite numbers, or `alphas` are not two of them.

    Examples
    --------
    >>> spy.synthdata.ar2_coefficients([[0, 0.25], [0, 0]])[0].round(2).tolist()
    [[0.55, 0.0], [0.25, 0.55]]
    """
    coupling, nodes = _check_ar2(AdjMat, alphas)
    return np.array([nodes[0] * np.eye(len(coupling)) + coupling.T, nodes[1] * np.eye(len(coupling))])


@checked_call
def mk_RandomAdjMat(
    nChannels: int = 3, conn_thresh: float = 0.25, max_coupling: float = 0.25, seed: Seed = None
) -> Array:
    """Draw a random coupling for `ar2_network`.

    Parameters
    ----------
    nChannels : int
        Number of channels.
    conn_thresh : float
        Probability of a connection.
    max_coupling : float
        Sum over all channels that drive a channel.
    seed : int or None
        Of the random numbers.

    Returns
    -------
    ndarray, shape (from, to)

    Raises
    ------
    SPYTypeError, SPYValueError
        For less than one channel, and a probability that is none.

    Examples
    --------
    >>> coupling = spy.mk_RandomAdjMat(nChannels=4, conn_thresh=0.5, max_coupling=0.3, seed=1)
    >>> coupling.shape, bool((coupling.sum(axis=0) <= 0.3 + 1e-9).all())
    ((4, 4), True)
    """
    if not 0 <= check_number("conn_thresh", conn_thresh) <= 1:
        raise SPYValueError("a probability between 0 and 1", "conn_thresh", conn_thresh)
    check_number("max_coupling", max_coupling)
    uniform = np.random.default_rng(check_seed(seed)).uniform(size=(check_count("nChannels", nChannels), nChannels))
    return autoregression.random_coupling(uniform, conn_thresh, max_coupling)


def _check_ar2(AdjMat: ArrayLike | None, alphas: Sequence[float]) -> tuple[Array, tuple[float, float]]:
    coupling = check_numbers("AdjMat", [[0, 0], [0.25, 0]] if AdjMat is None else AdjMat)
    if coupling.ndim == 1:
        coupling = np.repeat(coupling[:, None], len(coupling), axis=1)
    if coupling.ndim != 2 or coupling.shape[0] != coupling.shape[1] or coupling.size == 0:
        raise SPYValueError("one row and one column per channel", "AdjMat", f"shape {coupling.shape}")
    nodes = check_numbers("alphas", alphas)
    if nodes.shape != (2,):
        raise SPYValueError("two coefficients", "alphas", alphas)
    return coupling, (float(nodes[0]), float(nodes[1]))


def check_network(coefficients: ArrayLike, noise_covariance: ArrayLike | None) -> tuple[Array, Array]:
    """Return the coefficients (lag, to, from) and the noise covariance of a stable network; raise for anything else."""
    lagged = check_numbers("coefficients", coefficients)
    lagged = lagged[None] if lagged.ndim == 2 else lagged
    if lagged.ndim != 3 or lagged.shape[1] != lagged.shape[2] or lagged.size == 0:
        raise SPYValueError("an array (lag, to, from)", "coefficients", f"shape {lagged.shape}")
    radius = autoregression.spectral_radius(lagged)
    if radius >= 1:
        raise SPYValueError("a stable network, with a spectral radius below 1", "coefficients", f"{radius:.4g}")
    channels = lagged.shape[1]
    covariance = np.eye(channels) if noise_covariance is None else check_numbers("noise_covariance", noise_covariance)
    if covariance.shape != (channels, channels):
        raise SPYValueError(f"shape {(channels, channels)}", "noise_covariance", f"shape {covariance.shape}")
    values = np.linalg.eigvalsh(covariance)
    if not np.array_equal(covariance, covariance.T) or values[0] < -1e-12 * values[-1]:
        raise SPYValueError("a symmetric matrix without negative eigenvalues", "noise_covariance", covariance.tolist())
    return lagged, covariance
