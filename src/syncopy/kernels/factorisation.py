"""Spectral factorisation: from cross-spectra to the transfer function and the noise of an autoregression.

``S(f) = H(f) Sigma H(f)*`` with H causal and 1 at lag 0 (Wilson 1972, SIAM J Appl Math 23:420, doi:10.1137/0123044;
Dhamala, Rangarajan & Ding 2008, doi:10.1103/PhysRevLett.100.018701). The frequencies are all those of a real Fourier
transform of `length` samples, and none is weighted differently: FieldTrip's halved bins at 0 Hz and Nyquist must be
doubled first. Every channel must have power in every bin.

H is unique if its response dies away within half of `length`. That of a spectrum estimated from few trials does not,
and leaves its Granger causality uncertain by some 1e-3 to 1e-2, with a single taper by more. Smoothing over several
tapers and padding to twice the duration of the trials or more settle it. Nothing depends on the units of the channels.
"""

from typing import NamedTuple

import numpy as np
from scipy import fft

from syncopy.kernels.arrays import Array, cache_slabs
from syncopy.kernels.coherence import coherency

BATCH_BYTES = 2**20  # measured for pairs; an iteration holds about eight such arrays


class Regularised(NamedTuple):
    """Cross-spectra that can be factorised.

    Attributes
    ----------
    csd : Array
        complex128, (..., freq, channel, channel).
    factor : Array
        The share of its own power that was added to each channel; 0 where the spectra were good, (...).
    condition : Array
        Largest condition number over frequencies of the coherency matrix before that, (...).
    """

    csd: Array
    factor: Array
    condition: Array


class Factorisation(NamedTuple):
    """Factors of cross-spectra.

    Attributes
    ----------
    transfer : Array
        Transfer function H from noise (last axis) to channel, complex128, (..., freq, channel, channel).
    noise : Array
        Covariance Sigma of the noise, float64, (..., channel, channel).
    converged : Array
        Whether `error` came below the tolerance, (...).
    error : Array
        Largest |S - H Sigma H*|_ij / sqrt(S_ii S_jj) over frequencies and pairs, (...).
    iterations : Array
        (...).
    """

    transfer: Array
    noise: Array
    converged: Array
    error: Array
    iterations: Array


def repair_dc(csd: Array, floor: float = 1e-6) -> Array:
    """Replace an empty bin at 0 Hz by the real part of its neighbour.

    Data demeaned after tapering hold nothing but rounding errors at 0 Hz. These would dominate the condition number and
    the error of the factorisation and cost most of its iterations.

    Parameters
    ----------
    csd : Array
        Cross-spectra, (..., freq, channel, channel).
    floor : float
        The bin is empty if the power of any channel is below this share of that in the next bin.

    Returns
    -------
    Array
        A copy.
    """
    power = np.diagonal(csd[..., :2, :, :], axis1=-2, axis2=-1).real
    empty: Array = np.any(power[..., 0, :] < floor * power[..., 1, :], axis=-1)
    repaired = csd.copy()
    repaired[..., 0, :, :] = np.where(empty[..., None, None], csd[..., 1, :, :].real, csd[..., 0, :, :])
    return repaired


def regularise(csd: Array, limit: float = 1e4) -> Regularised:
    r"""Add to each channel independent noise with the channel's own spectrum, if the spectra are near singular.

    .. math:: S_{ii}(f) \leftarrow (1 + \epsilon) \, S_{ii}(f)

    with the smallest epsilon that brings the condition number of the coherency matrix, which knows no units, down to
    the limit at every frequency. Copies of a channel keep a Granger causality of exactly 0.

    Parameters
    ----------
    csd : Array
        Cross-spectra, (..., freq, channel, channel).
    limit : float
        Largest condition number, above 1.

    Returns
    -------
    Regularised
        A copy and what was done to it.
    """
    eigenvalues = np.linalg.eigvalsh(coherency(csd))
    smallest, largest = np.maximum(eigenvalues[..., 0], 0), eigenvalues[..., -1]
    with np.errstate(divide="ignore"):
        condition = np.max(largest / smallest, axis=-1)
    factor = np.maximum(np.max((largest - limit * smallest) / (limit - 1), axis=-1), 0)
    result = csd.astype(np.complex128)
    diagonal = np.arange(csd.shape[-1])
    result[..., diagonal, diagonal] *= 1 + factor[..., None, None]
    return Regularised(result, factor, condition)


def factorise(
    csd: Array, length: int, tolerance: float = 5e-6, limit: int = 100, start: Factorisation | None = None
) -> Factorisation:
    """Factorise cross-spectra by Wilson's iteration.

    Parameters
    ----------
    csd : Array
        Cross-spectra, positive definite, (..., freq, channel, channel) with ``length // 2 + 1`` frequencies.
    length : int
        Samples of the Fourier transform, which may be odd.
    tolerance : float
        Largest `Factorisation.error` to stop at.
    limit : int
        Most iterations.
    start : Factorisation, optional
        Of similar spectra, such as the full sample in a jackknife, (freq, channel, channel): halves the iterations.

    Returns
    -------
    Factorisation
        Of all leading axes. Each is iterated until it has converged by itself.
    """
    freqs, channels = csd.shape[-3], csd.shape[-1]
    spectra = csd.reshape(-1, freqs, channels, channels)
    slabs = cache_slabs(len(spectra), 16 * freqs * channels**2, BATCH_BYTES)
    batches = [_factorise_batch(spectra[slab], length, tolerance, limit, start) for slab in slabs]
    parts = (np.concatenate(part) for part in zip(*batches, strict=True))
    return Factorisation(*(part.reshape((*csd.shape[:-3], *part.shape[1:])) for part in parts))


def _factorise_batch(
    csd: Array, length: int, tolerance: float, limit: int, start: Factorisation | None
) -> Factorisation:
    """Factorise (batch, freq, channel, channel) with channels scaled to a mean power of 1."""
    scale = np.sqrt(np.diagonal(csd, axis1=-2, axis2=-1).real.mean(axis=1))[..., None]
    units = scale * scale.swapaxes(-1, -2)
    spectra = csd / units[:, None]
    amplitude = np.sqrt(np.diagonal(spectra, axis1=-2, axis2=-1).real)[..., None]
    size = amplitude * amplitude.swapaxes(-1, -2)
    psi, lag0 = _first_guess(scale, csd.shape[1], start)
    error, iterations = np.full(len(csd), np.inf), np.zeros(len(csd), int)
    active = np.arange(len(csd))
    for iteration in range(1, limit + 1):
        better, lag0[active] = _iterate(psi[active], lag0[active], spectra[active], length)
        residual = np.abs(spectra[active] - _product(better, _adjoint(better))) / size[active]
        psi[active], error[active], iterations[active] = better, residual.max(axis=(1, 2, 3)), iteration
        active = active[error[active] > tolerance]
        if active.size == 0:
            break
    transfer = _product(psi, _inverse(lag0)[:, None]) * (scale / scale.swapaxes(-1, -2))[:, None]
    noise = lag0 @ lag0.swapaxes(-1, -2) * units
    return Factorisation(transfer, noise, error <= tolerance, error, iterations)


def _first_guess(scale: Array, freqs: int, start: Factorisation | None) -> tuple[Array, Array]:
    """Return psi (batch, freq, channel, channel) and its value at lag 0, white noise unless there is a start."""
    batch, channels, _ = scale.shape
    if start is None:
        lag0 = np.tile(np.eye(channels), (batch, 1, 1))
        return np.tile(lag0[:, None].astype(np.complex128), (1, freqs, 1, 1)), lag0
    # The factor of the noise that the iteration converges to is upper triangular.
    upper = np.linalg.cholesky(start.noise[::-1, ::-1])[::-1, ::-1]
    return start.transfer @ upper / scale[:, None], upper / scale


def _iterate(psi: Array, lag0: Array, spectra: Array, length: int) -> tuple[Array, Array]:
    """Multiply psi by the causal half of psi^-1 S psi^-* + 1, with lag 0 split such that psi stays triangular there."""
    inverse = _inverse(psi)
    ratio = _product(_product(inverse, spectra), _adjoint(inverse))
    ratio += np.eye(psi.shape[-1])
    lags = fft.irfft(ratio, length, axis=1)
    lags[:, 0] /= 2
    if length % 2 == 0:
        lags[:, length // 2] /= 2
    lags[:, length // 2 + 1 :] = 0
    upper = np.triu(lags[:, 0], 1)
    lags[:, 0] += upper - upper.swapaxes(-1, -2)
    return _product(psi, fft.rfft(lags, axis=1)), lag0 @ lags[:, 0]


def _adjoint(matrices: Array) -> Array:
    return matrices.conj().swapaxes(-1, -2)


def _product(left: Array, right: Array) -> Array:
    """Multiply matrices; pairs in closed form, five times as fast as one BLAS call each."""
    if left.shape[-1] != 2:
        return left @ right
    result = np.empty(np.broadcast_shapes(left.shape, right.shape), np.result_type(left, right))
    for row, column in np.ndindex(2, 2):
        entry = result[..., row, column]
        np.multiply(left[..., row, 0], right[..., 0, column], out=entry)
        entry += left[..., row, 1] * right[..., 1, column]
    return result


def _inverse(matrices: Array) -> Array:
    """Invert matrices; pairs in closed form, ten times as fast as LAPACK."""
    if matrices.shape[-1] != 2:
        return np.linalg.inv(matrices)
    (a, b), (c, d) = np.moveaxis(matrices, (-2, -1), (0, 1))
    factor = 1 / (a * d - b * c)
    result = np.empty_like(matrices)
    np.multiply(d, factor, out=result[..., 0, 0])
    np.multiply(-b, factor, out=result[..., 0, 1])
    np.multiply(-c, factor, out=result[..., 1, 0])
    np.multiply(a, factor, out=result[..., 1, 1])
    return result
