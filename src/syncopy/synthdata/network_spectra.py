"""What an analysis of an autoregressive network should find: its spectra, coherence and Granger causality."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syncopy.data.keywords import checked_call
from syncopy.errors import SPYValueError
from syncopy.kernels import autoregression
from syncopy.kernels.coherence import coherency
from syncopy.synthdata.collect import check_number, check_numbers
from syncopy.synthdata.networks import check_network

Array = NDArray[Any]


def ar_spectrum(
    coefficients: ArrayLike, noise_covariance: ArrayLike | None, freqs: ArrayLike, samplerate: float = 1000
) -> Array:
    """Return the one-sided cross-spectral density of an autoregressive network.

    Parameters
    ----------
    coefficients, noise_covariance
        As for `ar_network`.
    freqs : array-like
        In Hz.
    samplerate : float
        Samples per second.

    Returns
    -------
    ndarray, shape (freq, channel, channel)
        In squared units of the data per Hz, complex; the diagonal holds the power spectra. A positive phase means that
        the row leads.

    Raises
    ------
    SPYValueError
        For arrays of shapes that are no network.

    Examples
    --------
    White noise of variance 1 at 1 kHz has a density of 2 / 1000 per Hz:

    >>> spy.synthdata.ar_spectrum([[[0.0]]], None, freqs=[10, 20]).real.ravel()
    array([0.002, 0.002])
    """
    lagged, covariance = check_network(coefficients, noise_covariance)
    return autoregression.cross_spectral_density(lagged, covariance, _cycles(freqs, samplerate)) * (2 / samplerate)


def ar_coherence(
    coefficients: ArrayLike, noise_covariance: ArrayLike | None, freqs: ArrayLike, samplerate: float = 1000
) -> Array:
    """Return the complex coherency of an autoregressive network; its modulus is the coherence.

    Parameters
    ----------
    coefficients, noise_covariance, freqs, samplerate
        As for `ar_spectrum`.

    Returns
    -------
    ndarray, shape (freq, channel, channel)
        Complex.

    Raises
    ------
    SPYValueError
        For arrays of shapes that are no network.

    Examples
    --------
    >>> coherency = spy.synthdata.ar_coherence([[[0.5, 0], [0.4, 0.5]]], None, freqs=[10, 100])
    >>> coherency.shape
    (2, 2, 2)
    """
    return coherency(ar_spectrum(coefficients, noise_covariance, freqs, samplerate))


def ar_granger(
    coefficients: ArrayLike, noise_covariance: ArrayLike | None, freqs: ArrayLike, samplerate: float = 1000
) -> Array:
    """Return the Granger causality between every two channels of an autoregressive network, each pair seen alone.

    Parameters
    ----------
    coefficients, noise_covariance, freqs, samplerate
        As for `ar_spectrum`.

    Returns
    -------
    ndarray, shape (freq, from, to)
        Exact also where other channels drive both, see `syncopy.kernels.autoregression.pairwise_granger`.

    Raises
    ------
    SPYValueError
        For arrays of shapes that are no network.

    Examples
    --------
    >>> causality = spy.synthdata.ar_granger([[[0.5, 0], [0.4, 0.5]]], None, freqs=[10])
    >>> bool(causality[0, 0, 1] > 0.1), bool(causality[0, 1, 0] < 1e-9)
    (True, True)
    """
    lagged, covariance = check_network(coefficients, noise_covariance)
    return autoregression.pairwise_granger(lagged, covariance, _cycles(freqs, samplerate))


@checked_call
def ar2_peak_freq(a1: float, a2: float, samplerate: float = 1) -> float:
    """Return the frequency at which the spectrum of an AR(2) process peaks.

    Parameters
    ----------
    a1, a2 : float
        Coefficients for lag 1 and lag 2.
    samplerate : float
        Samples per second.

    Returns
    -------
    float
        In Hz.

    Raises
    ------
    SPYTypeError, SPYValueError
        For coefficients without an oscillation, or that are no numbers.

    Notes
    -----
    The spectrum of ``x[t] = a1 x[t-1] + a2 x[t-2] + e[t]`` peaks at the frequency f with
    ``cos(2 pi f / samplerate) = a1 (a2 - 1) / (4 a2)`` (Box, Jenkins & Reinsel 2008, doi:10.1002/9781118619193).

    Examples
    --------
    >>> round(spy.ar2_peak_freq(0.55, -0.8, samplerate=1000), 1)
    199.9
    """
    for name, value in (("a1", a1), ("a2", a2), ("samplerate", samplerate)):
        check_number(name, value)
    if a1**2 + 4 * a2 >= 0:
        raise SPYValueError("coefficients with complex roots, a1**2 + 4 a2 < 0", "a1, a2", (a1, a2))
    cosine = a1 * (a2 - 1) / (4 * a2)
    if abs(cosine) > 1:
        raise SPYValueError("coefficients with a peak, |a1 (a2 - 1)| <= 4 |a2|", "a1, a2", (a1, a2))
    return float(np.arccos(cosine) / (2 * np.pi) * samplerate)


def _cycles(freqs: ArrayLike, samplerate: float) -> Array:
    return np.atleast_1d(check_numbers("freqs", freqs)) / check_number("samplerate", samplerate)
