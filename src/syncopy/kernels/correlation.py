"""Cross-correlation of trials over lags.

``C_ij(m) = 1/(L - |m|) sum_t x_i[t + m] x_j[t]`` for a trial of L samples, the divisor being the number of terms.
A peak at m > 0 means that channel j leads. Negative lags of (i, j) are the positive lags of (j, i).
"""

import numpy as np
from scipy import fft

from syncopy.kernels.arrays import Array, cache_slabs, real_dtype
from syncopy.kernels.csd import cross_spectra, cross_spectral_sum

WORKSPACE_BYTES = 2**26
"""Bytes of cross-spectra that are held at a time."""


def default_maxlag(length: int) -> int:
    """Return the largest lag that is computed by default, just below half of the `length` samples."""
    return (length + 1) // 2 - 1


def lag_axis(maxlag: int, *, negative: bool = False) -> Array:
    """Return the lags in samples up to `maxlag`, int64: from 0, or from -maxlag if `negative`."""
    return np.arange(-maxlag if negative else 0, maxlag + 1)


def correlation_sum(block: Array, maxlag: int, *, negative: bool = False) -> Array:
    """Sum the cross-correlations over trials.

    Parameters
    ----------
    block : Array
        Detrended trials in a unit U, (trial, time, channel).
    maxlag : int
        Largest lag, less than the number of samples.
    negative : bool
        Include negative lags.

    Returns
    -------
    Array
        In U², float64, (lag, channel_i, channel_j). Sums of several blocks are added.
    """
    length, channels = block.shape[1:]
    lags = lag_axis(maxlag, negative=negative)
    spectra = _padded_spectra(block, maxlag)
    total = np.empty((len(lags), channels, channels))
    for rows in cache_slabs(channels, spectra[0].nbytes, WORKSPACE_BYTES):
        cross = cross_spectral_sum(spectra, senders=np.arange(channels)[rows])
        total[:, rows] = _at_lags(cross[0], length, lags)
    return total


def trial_correlations(block: Array, maxlag: int, *, negative: bool = False) -> Array:
    """Compute the cross-correlation of every trial, divided by the standard deviations (ddof 0) of both channels.

    Parameters
    ----------
    block : Array
        Detrended trials, (trial, time, channel).
    maxlag : int
        Largest lag, less than the number of samples.
    negative : bool
        Include negative lags.

    Returns
    -------
    Array
        In the precision of `block`, (trial, lag, channel_i, channel_j). NaN where a channel is constant.
    """
    trials, length, channels = block.shape
    lags = lag_axis(maxlag, negative=negative)
    spectra = _padded_spectra(block, maxlag)
    deviation = block.std(axis=1, dtype=np.float64)
    result = np.empty((trials, len(lags), channels, channels), real_dtype(block))
    for trial in cache_slabs(trials, spectra[0].nbytes * channels, WORKSPACE_BYTES):
        products = _at_lags(cross_spectra(spectra[trial])[:, 0], length, lags)
        result[trial] = _divide(products, deviation[trial])
    return result


def normalise(total: Array, *, negative: bool = False) -> Array:
    """Divide cross-correlations by the auto-correlations of both channels at lag 0.

    Parameters
    ----------
    total : Array
        Sum or mean over trials, (lag, channel_i, channel_j).
    negative : bool
        Half of the lags are negative.

    Returns
    -------
    Array
        float64, (lag, channel_i, channel_j), 1 for a channel with itself at lag 0. NaN where a channel is silent.
    """
    power = np.diagonal(total[len(total) // 2 if negative else 0])
    return _divide(total, np.sqrt(power))


def _divide(products: Array, deviation: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio: Array = products / deviation[..., None, :, None] / deviation[..., None, None, :]
    return ratio


def _fft_length(length: int, maxlag: int) -> int:
    """Return a length at which no lag that is asked for wraps around."""
    return int(fft.next_fast_len(length + maxlag, real=True))


def _padded_spectra(block: Array, maxlag: int) -> Array:
    """Return spectra as `csd` wants them, complex128, (trial, 1, 1, freq, channel)."""
    data = block.astype(np.float64, copy=False)
    spectra: Array = fft.rfft(data, _fft_length(block.shape[1], maxlag), axis=1)
    return spectra[:, None, None]


def _at_lags(cross: Array, length: int, lags: Array) -> Array:
    """Turn cross-spectra (..., freq, i, j) into correlations (..., lag, i, j)."""
    circular = fft.irfft(cross, _fft_length(length, int(lags[-1])), axis=-3)
    correlations: Array = circular[..., lags, :, :] / (length - np.abs(lags))[:, None, None]
    return correlations
