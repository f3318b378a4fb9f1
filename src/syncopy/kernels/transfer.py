"""Measures of directed influence read off a transfer function.

`transfer` is H, complex128, (..., freq, to, from), of a factorisation or an autoregressive model; results are float64,
(..., freq, sender, receiver), in [0, 1]: the row drives the column.
"""

import numpy as np

from syncopy.kernels.arrays import Array
from syncopy.kernels.coherence import full_partial_coherency


def directed_transfer_function(transfer: Array) -> Array:
    r"""Compute the directed transfer function, the sender's share of what arrives at the receiver.

    .. math:: \mathrm{DTF}_{i \to j} = |H_{ji}| \Big/ \sqrt{\sum_k |H_{jk}|^2}

    Kaminski & Blinowska 1991, Biol Cybern 65:203, doi:10.1007/BF00198091; not squared.

    Parameters
    ----------
    transfer : Array
        Transfer function.
    """
    size = _from_to(transfer)
    shares: Array = size / np.sqrt((size**2).sum(axis=-2, keepdims=True))
    return shares


def direct_transfer_function(transfer: Array, csd: Array) -> Array:
    r"""Compute the direct directed transfer function, which is 0 for influence through other channels.

    .. math:: \mathrm{dDTF}_{i \to j}(f) = |P_{ij}(f)| \, |H_{ji}(f)| \Big/ \sqrt{\sum_{f'} \sum_k |H_{jk}(f')|^2}

    with the coherency P given all other channels. Korzeniewska et al. 2003, doi:10.1016/S0165-0270(03)00052-9.

    Parameters
    ----------
    transfer : Array
        Transfer function.
    csd : Array
        Cross-spectra, not singular, (..., freq, channel, channel).
    """
    size = _from_to(transfer)
    share = size / np.sqrt((size**2).sum(axis=(-3, -2), keepdims=True))
    direct: Array = share * np.abs(full_partial_coherency(csd))
    return direct


def partial_directed_coherence(transfer: Array, noise: Array | None = None) -> Array:
    r"""Compute the partial directed coherence, the receiver's share of what leaves the sender directly.

    .. math:: \mathrm{PDC}_{i \to j} = |A_{ji}| \Big/ \sqrt{\sum_k |A_{ki}|^2}, \quad A = H^{-1}

    Baccala & Sameshima 2001, Biol Cybern 84:463, doi:10.1007/PL00007990; not squared.

    Parameters
    ----------
    transfer : Array
        Transfer function.
    noise : Array, optional
        Covariance of the noise, (..., channel, channel). With it the rows of A are divided by its standard deviations:
        the generalised form, which does not depend on the units of the channels (Baccala, Sameshima & Takahashi 2007,
        doi:10.1109/ICDSP.2007.4288544).
    """
    size = _from_to(np.linalg.inv(transfer))
    if noise is not None:
        size = size / np.sqrt(np.diagonal(noise, axis1=-2, axis2=-1))[..., None, None, :]
    shares: Array = size / np.sqrt((size**2).sum(axis=-1, keepdims=True))
    return shares


def _from_to(matrices: Array) -> Array:
    return np.abs(matrices.swapaxes(-1, -2))
