"""Coherency, cross-spectra normalised by the power of both channels, and what is read off it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np

from syncopy.kernels.arrays import Array

Output = Literal["abs", "pow", "complex", "fourier", "angle", "real", "imag"]


def _squared(values: Array) -> Array:
    squared: Array = values.real**2 + values.imag**2
    return squared


CONVERSIONS: Mapping[str, Callable[[Array], Array]] = MappingProxyType(
    {
        "abs": np.abs,
        "pow": _squared,
        "complex": np.asarray,
        "fourier": np.asarray,
        "angle": np.angle,
        "real": np.real,
        "imag": np.imag,
    }
)


def coherency(csd: Array, sender_power: Array | None = None, receiver_power: Array | None = None) -> Array:
    r"""Normalise cross-spectra by the power of both channels.

    .. math:: C_{ij} = S_{ij} / (\sqrt{S_{ii}} \sqrt{S_{jj}})

    Rosenberg et al. 1989, Prog Biophys Mol Biol 53:1, doi:10.1016/0079-6107(89)90004-7.

    Parameters
    ----------
    csd : Array
        Sum or mean over trials of the cross-spectra, (..., sender, receiver).
    sender_power, receiver_power : Array, optional
        Sum or mean of the power, like `csd`, (..., sender) and (..., receiver); by default the diagonal of `csd`.

    Returns
    -------
    Array
        Complex coherency, complex128, (..., sender, receiver). NaN where a channel has no power.
        A positive angle means that the sender leads.
    """
    diagonal = np.diagonal(csd, axis1=-2, axis2=-1).real
    senders = np.sqrt(diagonal if sender_power is None else sender_power, dtype=np.float64)
    receivers = np.sqrt(diagonal if receiver_power is None else receiver_power, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = (1 / senders)[..., :, None] * (1 / receivers)[..., None, :]
        ratio: Array = csd.astype(np.complex128, copy=False) * scale
    return ratio


def coherence(
    csd: Array, output: Output = "abs", sender_power: Array | None = None, receiver_power: Array | None = None
) -> Array:
    """Compute coherence as one number per pair of channels.

    Parameters
    ----------
    csd, sender_power, receiver_power : Array
        As for `coherency`.
    output : {'abs', 'pow', 'complex', 'fourier', 'angle', 'real', 'imag'}
        |C|, |C|², C, C, its angle in (-pi, pi] rad, its real or its imaginary part (Nolte et al. 2004,
        doi:10.1016/j.clinph.2004.04.029: blind to volume conduction).

    Returns
    -------
    Array
        Computed in double precision, stored in complex64 or float32, (..., sender, receiver).
        NaN where a channel has no power.
    """
    values = CONVERSIONS[output](coherency(csd, sender_power, receiver_power))
    return values.astype(np.complex64 if np.iscomplexobj(values) else np.float32)


def partial_csd(csd: Array, channels: Array) -> Array:
    r"""Remove from cross-spectra what some channels explain linearly.

    .. math:: S_{ij|p} = S_{ij} - S_{ip} S_{pp}^{-1} S_{pj}

    Dahlhaus 2000, Metrika 51:157, doi:10.1007/s001840000055; Rosenberg et al. 1998,
    doi:10.1016/S0165-0270(98)00061-2, with one channel p. Its `coherency` is the partial coherency.

    Parameters
    ----------
    csd : Array
        Sum or mean over trials of the cross-spectra of all channels, (..., channel, channel).
    channels : Array
        Indices of the channels to remove, with linearly independent spectra.

    Returns
    -------
    Array
        complex128, (..., channel, channel) without `channels`.
    """
    kept = np.setdiff1d(np.arange(csd.shape[-1]), channels)
    wide: Array = csd.astype(np.complex128)
    explained = np.linalg.solve(wide[..., channels[:, None], channels], wide[..., channels[:, None], kept])
    residual: Array = wide[..., kept[:, None], kept] - wide[..., kept[:, None], channels] @ explained
    return residual


def full_partial_coherency(csd: Array) -> Array:
    r"""Compute the coherency of each pair given all other channels.

    .. math:: -G_{ij} / \sqrt{G_{ii} G_{jj}}, \quad G = S^{-1}

    Parameters
    ----------
    csd : Array
        Sum or mean over trials of the cross-spectra, not singular, (..., channel, channel).

    Returns
    -------
    Array
        complex128, (..., channel, channel), 1 on the diagonal. Equals `coherency` of `partial_csd`.
    """
    result = -coherency(np.linalg.inv(csd.astype(np.complex128)))
    diagonal = np.arange(csd.shape[-1])
    result[..., diagonal, diagonal] *= -1
    return result


def phase_slope(coherency: Array, halfwidth: int) -> Array:
    r"""Compute the phase slope index around every frequency (Nolte et al. 2008, doi:10.1103/PhysRevLett.100.234101).

    .. math:: \Psi_{ij}(k) = \Im \sum_{m=k-h}^{k+h} C^*_{ij}(f_m) \, C_{ij}(f_{m+1})

    Parameters
    ----------
    coherency : Array
        From `coherency`, equidistant frequencies, (..., freq, sender, receiver).
    halfwidth : int
        The number h of bins. At both ends of the axis the sum holds the terms that exist.

    Returns
    -------
    Array
        float64, (..., freq, sender, receiver). Positive where the sender leads. A plain sum: not divided by its
        standard deviation.
    """
    freqs = coherency.shape[-3]
    terms = (coherency[..., :-1, :, :].conj() * coherency[..., 1:, :, :]).imag
    running = np.zeros(coherency.shape)
    np.cumsum(terms, axis=-3, out=running[..., 1:, :, :])
    bins = np.arange(freqs)
    below, above = np.maximum(bins - halfwidth, 0), np.minimum(bins + halfwidth + 1, freqs - 1)
    slope: Array = running[..., above, :, :] - running[..., below, :, :]
    return slope
