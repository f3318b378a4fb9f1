"""Phase relations between channels over trials.

One observation is the taper-averaged cross-spectrum C of one trial. `phase_sum`, `sign_sum`, `imaginary_moments` and
`weighted_moments` turn observations, (trial, time, freq, sender, receiver), into sums over trials: they are what
`csd.trial_sum` asks for, and sums of several blocks are added. The function of a measure turns the sums over all `n`
trials into its value, float64, (time, freq, sender, receiver).

A pair without power has no phase and is NaN. Where the imaginary part is less than `NO_LAG` of the real part there is
no lag: the rounding errors of spectra of two copies of one signal tell nothing. Signs are such that a sender that leads
is positive.
"""

import numpy as np

from syncopy.kernels.arrays import Array
from syncopy.kernels.csd import cross_spectral_sum, trial_sum

NO_LAG = 1e-6
"""Smallest phase, in rad, that counts: some ten times the rounding errors of single precision."""


def phase_sum(cross: Array) -> Array:
    """Sum the phasors C/|C|: complex128, (time, freq, sender, receiver), for `plv`, `ciplv` and `ppc`."""
    total = np.empty(cross.shape[1:], np.complex128)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = 1 / np.abs(cross)
        np.einsum("t...,t...->...", cross.real, scale, out=total.real)
        np.einsum("t...,t...->...", cross.imag, scale, out=total.imag)
    return total


def sign_sum(cross: Array) -> Array:
    """Sum sign(Im C): float64, (time, freq, sender, receiver), for `pli`, `pli_unbiased` and `dpli`."""
    signs = np.sign(_lagged_part(cross))
    signs[cross == 0] = np.nan
    total: Array = signs.sum(axis=0)
    return total


def imaginary_moments(cross: Array) -> Array:
    """Sum Im C, |Im C|, (Im C)² and |Re C|: float64, (4, time, freq, sender, receiver), for `wpli`, `wpli_debiased`."""
    imaginary = cross.imag.astype(np.float64)
    moments = np.empty((4, *cross.shape[1:]))
    imaginary.sum(axis=0, out=moments[0])
    np.einsum("t...,t...->...", imaginary, imaginary, out=moments[2])
    np.abs(imaginary, out=imaginary).sum(axis=0, out=moments[1])
    np.abs(cross.real).sum(axis=0, dtype=np.float64, out=moments[3])
    return moments


def weighted_moments(cross: Array) -> Array:
    """Sum Re C, Im C, |C| and |C|²: float64, (4, time, freq, sender, receiver), for `wppc`."""
    size = np.abs(cross).astype(np.float64)
    moments = np.empty((4, *cross.shape[1:]))
    cross.real.sum(axis=0, out=moments[0])
    cross.imag.sum(axis=0, out=moments[1])
    size.sum(axis=0, out=moments[2])
    np.einsum("t...,t...->...", size, size, out=moments[3])
    return moments


def spectral_phase_sum(spectra: Array, senders: Array | None = None, receivers: Array | None = None) -> Array:
    """Compute the `phase_sum` of a block of spectra.

    With one taper the phasor of a cross-spectrum is the product of those of both channels: one matrix product does it.

    Parameters
    ----------
    spectra : Array
        Tapered spectra, (trial, time, taper, freq, channel).
    senders, receivers : Array, optional
        Channel indices; None stands for all channels.

    Returns
    -------
    Array
        complex128, (time, freq, sender, receiver).
    """
    if spectra.shape[2] == 1:
        with np.errstate(invalid="ignore"):
            return cross_spectral_sum(spectra / np.abs(spectra), senders, receivers)
    return trial_sum(spectra, phase_sum, senders=senders, receivers=receivers)


def plv(total: Array, n: int) -> Array:
    """Compute the phase-locking value |mean C/|C||, in [0, 1] (Lachaux et al. 1999, Hum Brain Mapp 8:194).

    Without any phase relation it is about 1/sqrt(n).

    Parameters
    ----------
    total : Array
        From `phase_sum`.
    n : int
        Number of trials.
    """
    return np.abs(total) / n


def ciplv(total: Array, n: int) -> Array:
    r"""Compute the phase-locking value corrected for zero lag, in [0, 1].

    Bruna et al. 2018, J Neural Eng 15:056011, doi:10.1088/1741-2552/aacfe4.

    .. math:: |\Im m| / \sqrt{1 - (\Re m)^2}, \quad m = \langle C/|C| \rangle

    Parameters
    ----------
    total : Array
        From `phase_sum`.
    n : int
        Number of trials.

    Returns
    -------
    Array
        0 where all trials have the phase 0 or pi, as on the diagonal.
    """
    mean = total / n
    lagged = np.abs(_lagged_part(mean))
    # a mean phasor is no longer than 1 but for rounding
    rest = np.sqrt(np.maximum(1 - mean.real**2, lagged**2))
    corrected: Array = lagged / np.where(lagged == 0, 1, rest)
    return corrected


def ppc(total: Array, n: int) -> Array:
    r"""Compute the pairwise phase consistency (Vinck et al. 2010, doi:10.1016/j.neuroimage.2010.01.073).

    .. math:: \frac{2}{n(n-1)} \sum_{s<t} \cos(\theta_s - \theta_t) = \frac{|\sum_t C_t/|C_t||^2 - n}{n(n-1)}

    Parameters
    ----------
    total : Array
        From `phase_sum`.
    n : int
        Number of trials, at least 2.
    """
    consistency: Array = (total.real**2 + total.imag**2 - n) / (n * (n - 1))
    return consistency


def pli(total: Array, n: int) -> Array:
    """Compute the phase-lag index |mean sign(Im C)|, in [0, 1] (Stam et al. 2007, doi:10.1002/hbm.20346).

    Parameters
    ----------
    total : Array
        From `sign_sum`.
    n : int
        Number of trials.
    """
    return np.abs(total) / n


def pli_unbiased(total: Array, n: int) -> Array:
    """Estimate the squared phase-lag index without bias.

    Vinck et al. 2011, doi:10.1016/j.neuroimage.2011.01.055, equation 30.

    Parameters
    ----------
    total : Array
        From `sign_sum`.
    n : int
        Number of trials, at least 2.
    """
    return (total**2 / n - 1) / (n - 1)


def dpli(total: Array, n: int) -> Array:
    """Compute the directed phase-lag index, in [0, 1] (Stam & van Straaten 2012, doi:10.1016/j.neuroimage.2012.05.050).

    The share of trials in which the sender leads, those without a lag counted half: above 0.5 the sender leads.

    Parameters
    ----------
    total : Array
        From `sign_sum`.
    n : int
        Number of trials.
    """
    return (total / n + 1) / 2


def wpli(moments: Array) -> Array:
    r"""Compute the weighted phase-lag index with its sign, in [-1, 1].

    Vinck et al. 2011, doi:10.1016/j.neuroimage.2011.01.055; as in FieldTrip signed, the paper's index is the modulus.

    .. math:: \sum_t \Im C_t \Big/ \sum_t |\Im C_t|

    Parameters
    ----------
    moments : Array
        From `imaginary_moments`.

    Returns
    -------
    Array
        NaN where no trial has an imaginary part, as on the diagonal.
    """
    total, size, _, real = moments
    index: Array = total / np.where(size > NO_LAG * real, size, np.nan)
    return index


def wpli_debiased(moments: Array) -> Array:
    r"""Estimate the squared weighted phase-lag index, debiased (Vinck et al. 2011).

    .. math:: \frac{(\sum_t \Im C_t)^2 - \sum_t (\Im C_t)^2}{(\sum_t |\Im C_t|)^2 - \sum_t (\Im C_t)^2}

    Parameters
    ----------
    moments : Array
        From `imaginary_moments`, of at least 2 trials.

    Returns
    -------
    Array
        NaN where no trial has an imaginary part, as on the diagonal.
    """
    total, size, squares, real = moments
    index: Array = (total**2 - squares) / np.where(size > NO_LAG * real, size**2 - squares, np.nan)
    return index


def wppc(moments: Array) -> Array:
    r"""Compute the weighted pairwise phase consistency (Vinck et al. 2010, weighted as in FieldTrip).

    .. math:: \frac{|\sum_t C_t|^2 - \sum_t |C_t|^2}{(\sum_t |C_t|)^2 - \sum_t |C_t|^2}

    Parameters
    ----------
    moments : Array
        From `weighted_moments`, of at least 2 trials.
    """
    real, imaginary, size, squares = moments
    with np.errstate(invalid="ignore"):
        consistency: Array = (real**2 + imaginary**2 - squares) / (size**2 - squares)
    return consistency


def _lagged_part(cross: Array) -> Array:
    """Imaginary part in double precision, 0 where there is no lag."""
    imaginary = cross.imag.astype(np.float64)
    imaginary *= np.abs(imaginary) > NO_LAG * np.abs(cross.real)
    return imaginary
