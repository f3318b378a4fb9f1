"""Directed influence in the frequency domain, from the factors ``S = H Sigma H*`` of cross-spectra.

`transfer` is H, (..., freq, to, from), and `noise` is Sigma, (..., channel, channel), as `factorisation.factorise` or
an autoregressive model gives them. Results are float64, (..., freq, sender, receiver): the row drives the column.
Nothing depends on the units of the channels. The factors of conjugated cross-spectra give time-reversed causality.
"""

from collections.abc import Sequence
from itertools import permutations
from typing import NamedTuple

import numpy as np

from syncopy.kernels.arrays import Array, cache_slabs
from syncopy.kernels.coherence import coherency
from syncopy.kernels.factorisation import factorise, regularise

PAIR_BYTES = 2**23  # of cross-spectra worked on at once


class PairGranger(NamedTuple):
    """Granger causality of pairs of channels, each from its own factorisation.

    Attributes
    ----------
    granger : Array
        From the first to the second channel and back, float64, (pair, freq, 2).
    total : Array
        Total interdependence, float64, (pair, freq).
    converged, error : Array
        See `factorisation.Factorisation`, (pair,).
    factor, condition : Array
        See `factorisation.Regularised`, (pair,).
    """

    granger: Array
    total: Array
    converged: Array
    error: Array
    factor: Array
    condition: Array


class ConditionalGranger(NamedTuple):
    """Granger causality between groups of channels given all other channels.

    Attributes
    ----------
    granger : Array
        float64, (freq, sending block, receiving block), 0 on the diagonal.
    converged, error : Array
        Of the joint factorisation and of that without each block, see `factorisation.Factorisation`, (1 + block,).
    """

    granger: Array
    converged: Array
    error: Array


def granger(transfer: Array, noise: Array) -> Array:
    r"""Compute Granger causality of every pair of channels from their joint factors.

    .. math:: G_{i \to j} = \ln \frac{S_{jj}}{|S_{jj} - (\Sigma_{ii} - \Sigma_{ij}^2 / \Sigma_{jj}) |H_{ji}|^2|}

    Geweke 1982, doi:10.1080/01621459.1982.10477803; Dhamala, Rangarajan & Ding 2008,
    doi:10.1016/j.neuroimage.2008.02.020. With more than two channels it is not conditional on the others.

    Parameters
    ----------
    transfer, noise : Array
        Factors.

    Returns
    -------
    Array
        (..., freq, sender, receiver), 0 on the diagonal.
    """
    variance = np.diagonal(noise, axis1=-2, axis2=-1)
    own = variance[..., :, None] - noise * (noise / variance[..., None, :])
    power = np.diagonal(reconstruct(transfer, noise), axis1=-2, axis2=-1).real[..., None, :]
    causality: Array = np.log(power / np.abs(power - own[..., None, :, :] * np.abs(transfer.swapaxes(-1, -2)) ** 2))
    return causality


def total_interdependence(transfer: Array, noise: Array) -> Array:
    """Compute ``-ln(1 - |C|²)`` from the coherency C (Geweke 1982).

    Parameters
    ----------
    transfer, noise : Array
        Factors.

    Returns
    -------
    Array
        (..., freq, channel, channel), symmetric, 0 on the diagonal.
    """
    squared = np.abs(coherency(reconstruct(transfer, noise))) ** 2
    diagonal = np.arange(noise.shape[-1])
    squared[..., diagonal, diagonal] = 0
    total: Array = -np.log1p(-squared)
    return total


def instantaneous_causality(transfer: Array, noise: Array) -> Array:
    """Compute what the causality in both directions leaves of the total interdependence (Geweke 1982).

    Parameters
    ----------
    transfer, noise : Array
        Factors.

    Returns
    -------
    Array
        (..., freq, channel, channel), symmetric, 0 on the diagonal. With more than two channels it can be negative.
    """
    directed = granger(transfer, noise)
    return total_interdependence(transfer, noise) - directed - directed.swapaxes(-1, -2)


def pair_granger(csd: Array, senders: Array, receivers: Array, length: int) -> PairGranger:
    """Compute Granger causality of pairs of channels, each pair factorised by itself.

    Parameters
    ----------
    csd : Array
        Cross-spectra at all ``length // 2 + 1`` frequencies, see `factorisation`, (freq, channel, channel).
        They are regularised pair by pair.
    senders, receivers : Array
        Channel indices of the pairs, (pair,). A channel paired with itself gives 0.
    length : int
        Samples of the Fourier transform.

    Returns
    -------
    PairGranger
        Both directions and how well the factorisations went.
    """
    pairs = np.stack([senders, receivers], axis=1)
    results = []
    for slab in cache_slabs(len(pairs), 64 * len(csd), PAIR_BYTES):
        blocks = csd[:, pairs[slab, :, None], pairs[slab, None, :]].swapaxes(0, 1)
        regular = regularise(blocks)
        factors = factorise(regular.csd, length)
        directed = granger(factors.transfer, factors.noise)
        both = np.stack([directed[..., 0, 1], directed[..., 1, 0]], axis=-1)
        total = total_interdependence(factors.transfer, factors.noise)[..., 0, 1]
        results.append((both, total, factors.converged, factors.error, regular.factor, regular.condition))
    return PairGranger(*(np.concatenate(parts) for parts in zip(*results, strict=True)))


def block_granger(transfer: Array, noise: Array, blocks: Sequence[Array]) -> Array:
    r"""Compute Granger causality between groups of channels from their joint factors.

    .. math:: G_{a \to b} = \ln \frac{\det S_{bb}}{|\det(S_{bb} - H_{ba} \Sigma_{aa|b} H_{ba}^*)|}, \quad
        \Sigma_{aa|b} = \Sigma_{aa} - \Sigma_{ab} \Sigma_{bb}^{-1} \Sigma_{ba}

    Wang, Chen, Bressler & Ding 2007, doi:10.1142/S0129065707000944; Barrett, Barnett & Seth 2010,
    doi:10.1103/PhysRevE.81.041907.

    Parameters
    ----------
    transfer, noise : Array
        Factors.
    blocks : sequence of Array
        Channel indices of each group.

    Returns
    -------
    Array
        (..., freq, sending block, receiving block), 0 on the diagonal.
    """
    csd = reconstruct(transfer, noise)
    result = np.zeros((*transfer.shape[:-2], len(blocks), len(blocks)))
    for a, b in permutations(range(len(blocks)), 2):
        sender, receiver = blocks[a], blocks[b]
        shared = np.linalg.solve(_part(noise, receiver, receiver), _part(noise, receiver, sender))
        own = _part(noise, sender, sender) - _part(noise, sender, receiver) @ shared
        power = _part(csd, receiver, receiver)
        rest = power - reconstruct(_part(transfer, receiver, sender), own)
        result[..., a, b] = _log_det(power) - _log_det(rest)
    return result


def conditional_granger(csd: Array, length: int, blocks: Sequence[Array]) -> ConditionalGranger:
    r"""Compute Granger causality between groups of channels given all other channels.

    With the joint factors H and Sigma, the factors G and Gamma of all channels but the sender a, and
    ``Q = sum_m (G^-1)_bm (H Sigma)_mb Sigma_bb^-1`` over these channels m,

    .. math:: G_{a \to b | rest} = \ln \frac{\det \Gamma_{bb}}{\det(Q \Sigma_{bb} Q^*)}

    Geweke 1984, doi:10.1080/01621459.1984.10477110; Chen, Bressler & Ding 2006,
    doi:10.1016/j.jneumeth.2005.06.011, whose normalisation of the noise is contained in ``H Sigma Sigma_bb^-1``.

    Parameters
    ----------
    csd : Array
        Cross-spectra that can be factorised, see `factorisation`, (freq, channel, channel).
    length : int
        Samples of the Fourier transform.
    blocks : sequence of Array
        Channel indices of each group. A channel in none of them is only conditioned on.

    Returns
    -------
    ConditionalGranger
        Causality and how well the factorisations went.
    """
    joint = factorise(csd, length)
    result = np.zeros((len(csd), len(blocks), len(blocks)))
    factors = [joint]
    for a, sender in enumerate(blocks):
        others = np.setdiff1d(np.arange(csd.shape[-1]), sender)
        reduced = factorise(_part(csd, others, others), length)
        factors.append(reduced)
        whitening = np.linalg.inv(reduced.transfer)
        for b, receiver in enumerate(blocks):
            if b == a:
                continue
            at = np.searchsorted(others, receiver)
            own = _part(joint.noise, receiver, receiver)
            response = joint.transfer[:, others] @ joint.noise[:, receiver] @ np.linalg.inv(own)
            result[:, a, b] = _log_det(_part(reduced.noise, at, at)) - _log_det(
                reconstruct(whitening[:, at] @ response, own)
            )
    converged, error = (np.array([getattr(each, name) for each in factors]) for name in ("converged", "error"))
    return ConditionalGranger(result, converged, error)


def reconstruct(transfer: Array, noise: Array) -> Array:
    """Multiply the factors, ``H Sigma H*``: complex128, (..., freq, channel, channel)."""
    csd: Array = transfer @ noise[..., None, :, :] @ transfer.conj().swapaxes(-1, -2)
    return csd


def _part(matrices: Array, rows: Array, columns: Array) -> Array:
    return matrices[..., rows[:, None], columns]


def _log_det(matrices: Array) -> Array:
    logarithm: Array = np.linalg.slogdet(matrices)[1]
    return logarithm
