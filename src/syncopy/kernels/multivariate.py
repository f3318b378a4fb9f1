"""Coupling between two groups of channels as one number per frequency.

Cross-spectra are a sum or a mean over trials, (..., freq, channel, channel), with power in every channel; results are
float64, (..., freq). They do not change when the channels of a group are mixed linearly. Directions in which a group
has less than `RANK` of its largest power are left out: re-referenced data, which lack a dimension, do no harm.
"""

import numpy as np

from syncopy.kernels.arrays import Array
from syncopy.kernels.coherence import coherency

RANK = 1e-10


def mim(csd: Array, first: Array, second: Array) -> Array:
    r"""Compute the multivariate interaction measure (Ewald et al. 2012, doi:10.1016/j.neuroimage.2011.11.084).

    .. math:: \mathrm{tr}\,(E E^T), \quad E = (\Re S_{aa})^{-1/2} \, \Im S_{ab} \, (\Re S_{bb})^{-1/2}

    Parameters
    ----------
    csd : Array
        Cross-spectra.
    first, second : Array
        Channel indices of both groups.

    Returns
    -------
    Array
        The squared imaginary coherency, if each group is one channel.
    """
    interaction: Array = np.sum(_imaginary_part(csd, first, second) ** 2, axis=(-2, -1))
    return interaction


def mic(csd: Array, first: Array, second: Array) -> Array:
    """Compute the maximised imaginary coherency (Ewald et al. 2012): the largest of any two mixtures of the groups.

    Parameters
    ----------
    csd : Array
        Cross-spectra.
    first, second : Array
        Channel indices of both groups.

    Returns
    -------
    Array
        The largest singular value of the matrix E of `mim`, in [0, 1].
    """
    return _largest_singular_value(_imaginary_part(csd, first, second))


def canonical_coherence(csd: Array, first: Array, second: Array) -> Array:
    r"""Compute the largest coherence of any two complex mixtures of the groups (Brillinger 1981, chapter 10).

    .. math:: \max \, \mathrm{sv} \, ( S_{aa}^{-1/2} S_{ab} S_{bb}^{-1/2} )

    Parameters
    ----------
    csd : Array
        Cross-spectra.
    first, second : Array
        Channel indices of both groups.

    Returns
    -------
    Array
        In [0, 1], not squared.
    """
    return _largest_singular_value(_whiten(*_blocks(csd, first, second)))


def _imaginary_part(csd: Array, first: Array, second: Array) -> Array:
    within_first, between, within_second = _blocks(csd, first, second)
    return _whiten(within_first.real, between.imag, within_second.real)


def _blocks(csd: Array, first: Array, second: Array) -> tuple[Array, Array, Array]:
    unitless = coherency(csd)
    rows, columns = first[:, None], second[:, None]
    return unitless[..., rows, first], unitless[..., rows, second], unitless[..., columns, second]


def _whiten(within_first: Array, between: Array, within_second: Array) -> Array:
    whitened: Array = _inverse_root(within_first) @ between @ _inverse_root(within_second)
    return whitened


def _largest_singular_value(matrices: Array) -> Array:
    value: Array = np.linalg.svd(matrices, compute_uv=False)[..., 0]
    return value


def _inverse_root(matrices: Array) -> Array:
    """Return the inverse square root of positive semidefinite matrices within the directions that have power."""
    values, vectors = np.linalg.eigh(matrices)
    present = values > RANK * values[..., -1:]
    scale = present / np.sqrt(np.where(present, values, 1))
    root: Array = (vectors * scale[..., None, :]) @ vectors.conj().swapaxes(-1, -2)
    return root
