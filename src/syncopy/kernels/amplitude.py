"""Correlation of amplitudes or powers of channels over trials."""

import numpy as np

from syncopy.kernels.arrays import Array
from syncopy.kernels.csd import trial_sum
from syncopy.kernels.phase import NO_LAG

CONSTANT = 1e-12
"""Share of the mean square below which a variance over trials is rounding."""


def taper_power(spectra: Array) -> Array:
    """Average the power over tapers: float64, (trial, time, freq, channel) of (trial, time, taper, freq, channel)."""
    wide = spectra.astype(np.complex128, copy=False)
    power: Array = (wide.real**2 + wide.imag**2).mean(axis=2)
    return power


def product_sums(values: Array) -> Array:
    """Sum over trials the products of all channels and of a constant 1.

    Parameters
    ----------
    values : Array
        Power, or its root the amplitude, float64, (trial, time, freq, channel).

    Returns
    -------
    Array
        float64, (time, freq, 1 + channel, 1 + channel): the number of trials at [0, 0], sums over trials in the first
        row and column, sums of products elsewhere. Sums of several blocks are added.
    """
    rows = np.concatenate([np.ones((*values.shape[:-1], 1)), values], axis=-1).transpose(1, 2, 0, 3)
    sums: Array = rows.swapaxes(-1, -2) @ rows
    return sums


def correlation(sums: Array, *, centred: bool = True) -> Array:
    """Compute Pearson's correlation over trials (Bruns et al. 2000, doi:10.1097/00001756-200005150-00029).

    Parameters
    ----------
    sums : Array
        From `product_sums`, of at least 2 trials.
    centred : bool
        Remove the mean over trials first.

    Returns
    -------
    Array
        float64, (time, freq, channel, channel). NaN for a channel that does not vary.
    """
    products = sums[..., 1:, 1:]
    squares = np.diagonal(products, axis1=-2, axis2=-1)
    if centred:
        products = products - sums[..., 1:, :1] * sums[..., :1, 1:] / sums[..., :1, :1]
    deviation = _deviation(np.diagonal(products, axis1=-2, axis2=-1), squares)
    with np.errstate(invalid="ignore"):
        result: Array = products / deviation[..., :, None] / deviation[..., None, :]
    return result


def orthogonal_moments(spectra: Array) -> Array:
    r"""Sum over trials what `orthogonal_correlation` needs.

    The part of channel j that is orthogonal to channel i has the power ``Im(C_ij)² / |X_i|²``, with the cross-spectrum
    C of one taper. Sums of a = ln |X_i|², a², its logarithm o, o² and a o.

    Parameters
    ----------
    spectra : Array
        Tapered spectra, (trial, time, taper, freq, channel).

    Returns
    -------
    Array
        float64, (taper, 5, time, freq, channel_i, channel_j). Sums of several blocks are added.
    """
    tapers = range(spectra.shape[2])
    return np.stack([trial_sum(spectra[:, :, [taper]], _orthogonal_moments) for taper in tapers])


def orthogonal_correlation(moments: Array, n: int) -> Array:
    """Correlate log power with the log power of the orthogonal part of the other channel over trials.

    Hipp et al. 2012, doi:10.1038/nn.3101: what both channels pick up without delay, as from one source, does not count.

    Parameters
    ----------
    moments : Array
        From `orthogonal_moments`.
    n : int
        Number of trials, at least 3.

    Returns
    -------
    Array
        float64, (time, freq, channel, channel): mean over both directions and over tapers, 0 on the diagonal.
        NaN where the spectra are real, as at 0 Hz, and for copies of a channel: nothing orthogonal is left but
        rounding.
    """
    a, aa, o, oo, ao = np.moveaxis(moments, 1, 0)
    with np.errstate(invalid="ignore"):
        directed = (ao - a * o / n) / _deviation(aa - a**2 / n, aa) / _deviation(oo - o**2 / n, oo)
        # the mean logarithm of the squared sine of the phase between both channels
        sines = (o - a.swapaxes(-1, -2)) / n
    directed[sines < 2 * np.log(NO_LAG)] = np.nan
    result: Array = ((directed + directed.swapaxes(-1, -2)) / 2).mean(axis=0)
    diagonal = np.arange(result.shape[-1])
    result[..., diagonal, diagonal] = 0
    return result


def _orthogonal_moments(cross: Array) -> Array:
    power = np.diagonal(cross, axis1=-2, axis2=-1).real[..., None]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        own = np.log(power)
        orthogonal = 2 * np.log(np.abs(cross.imag)) - own
        own = np.broadcast_to(own, orthogonal.shape)
        values = (own, own**2, orthogonal, orthogonal**2, own * orthogonal)
        return np.stack([value.sum(axis=0) for value in values])


def _deviation(variance: Array, squares: Array) -> Array:
    """Root of a variance times the number of trials, NaN where it is rounding beside the sum of squares."""
    deviation: Array = np.sqrt(np.where(variance > CONSTANT * squares, variance, np.nan))
    return deviation
