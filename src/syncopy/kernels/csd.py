"""Cross-spectra of tapered Fourier spectra, trial by trial or summed over trials.

The cross-spectrum of a trial is ``S_ij = 1/K sum_k X_ki conj(X_kj)`` over its K tapers: a positive phase of S_ij means
that channel i, the sender, leads. Everywhere `senders` and `receivers` are the channel indices of the two last axes of
the result; None stands for all channels.
"""

from collections.abc import Callable
from itertools import product

import numpy as np

from syncopy.kernels.arrays import Array, cache_slabs

CHUNK_BYTES = 2**20  # measured: slower below a half and above four times of it
SLAB_ROWS = 64  # of a matrix that are computed at a time; measured: equally fast from 32 to 256


def cross_spectral_sum(spectra: Array, senders: Array | None = None, receivers: Array | None = None) -> Array:
    r"""Sum the cross-spectra over trials.

    .. math:: \sum_t \frac{1}{K} \sum_k X_{t,k,i}(f) \, X^*_{t,k,j}(f)

    Parameters
    ----------
    spectra : Array
        Tapered spectra in a unit U, complex64 or complex128, (trial, time, taper, freq, channel).
    senders, receivers : Array, optional
        Channel indices.

    Returns
    -------
    Array
        In U², complex128, (time, freq, sender, receiver). Sums of several blocks are added.

    Notes
    -----
    Trials and tapers of one frequency are the inner dimension of a matrix product. Its precision is that of `spectra`:
    an error of some 1e-7 sqrt(S_ii S_jj) for complex64. Before it every channel is scaled by a power of two, afterwards
    the scale is undone in double precision: the result has the same digits in tesla as in microvolt. Of all channels
    with all only one half is multiplied.
    """
    trials, times, tapers, freqs, channels = spectra.shape
    hermitian = senders is None and receivers is None
    total = np.empty((times, freqs, _count(senders, channels), _count(receivers, channels)), np.complex128)
    for time, freq in _cells(times, freqs, trials * tapers * channels * spectra.itemsize):
        part = spectra[:, time, :, freq]
        left, left_exponent = _scaled_rows(_chosen(part, senders))
        right, right_exponent = (left, left_exponent) if hermitian else _scaled_rows(_chosen(part, receivers))
        right = right.conj()
        row_scale, column_scale = np.ldexp(1 / tapers, left_exponent), np.ldexp(1.0, right_exponent)
        for rows in cache_slabs(left.shape[-1], 1, SLAB_ROWS):
            columns = slice(rows.start if hermitian else 0, None)
            sums = total[time, freq, rows, columns]
            products = left[..., rows].swapaxes(-1, -2) @ right[..., columns]
            np.multiply(products, column_scale[..., None, columns], out=sums)
            sums *= row_scale[..., rows, None]
            if hermitian:
                np.einsum("...ii->...i", total[time, freq, rows, rows]).imag = 0
                np.conjugate(sums[..., SLAB_ROWS:].swapaxes(-1, -2), out=total[time, freq, rows.stop :, rows])
    return total


def auto_spectral_sum(spectra: Array) -> Array:
    """Sum the power over trials: the diagonal of `cross_spectral_sum`.

    Parameters
    ----------
    spectra : Array
        Tapered spectra in a unit U, (trial, time, taper, freq, channel).

    Returns
    -------
    Array
        Averaged over tapers, in U², float64, (time, freq, channel).
    """
    trials, times, tapers, freqs, channels = spectra.shape
    total = np.empty((times, freqs, channels))
    for time, freq in _cells(times, freqs, trials * tapers * channels * spectra.itemsize):
        part = spectra[:, time, :, freq].astype(np.complex128)
        total[time, freq] = np.sum(part.real**2 + part.imag**2, axis=(0, 2)) / tapers
    return total


def cross_spectra(spectra: Array, senders: Array | None = None, receivers: Array | None = None) -> Array:
    """Compute the cross-spectra of every trial.

    Parameters
    ----------
    spectra : Array
        Tapered spectra in a unit U, complex64 or complex128, (trial, time, taper, freq, channel).
    senders, receivers : Array, optional
        Channel indices.

    Returns
    -------
    Array
        Averaged over tapers, in U², of the type of `spectra`, (trial, time, freq, sender, receiver).
    """
    rows = spectra.swapaxes(2, 3)
    left, right = _chosen(rows, senders), _chosen(rows, receivers).conj()
    if rows.shape[3] == 1:
        return left[..., 0, :, None] * right[..., 0, None, :]
    cross = left.swapaxes(-1, -2) @ right
    parts = cross.view(cross.real.dtype)  # a complex division would cost more than the product
    parts *= 1 / rows.shape[3]
    return cross


def trial_sum(
    spectra: Array,
    lift: Callable[..., Array],
    *fields: Array,
    senders: Array | None = None,
    receivers: Array | None = None,
) -> Array:
    """Sum any function of the single-trial cross-spectra over trials, without ever holding all of these.

    Parameters
    ----------
    spectra : Array
        Tapered spectra, (trial, time, taper, freq, channel).
    lift : callable
        ``lift(cross, *fields)`` turns some cross-spectra, complex128, (trial, time, freq, sender, receiver), into their
        sum over trials, (..., time, freq, sender, receiver). Times and frequencies come in pieces.
    *fields : Array
        Further arguments of `lift`, (time, freq, sender, receiver), of which it gets the same piece.
    senders, receivers : Array, optional
        Channel indices.

    Returns
    -------
    Array
        (..., time, freq, sender, receiver). Sums of several blocks are added.
    """
    trials, times, _, freqs, channels = spectra.shape
    matrix = _count(senders, channels) * _count(receivers, channels) * np.dtype(np.complex128).itemsize
    batches = cache_slabs(trials, matrix, CHUNK_BYTES)
    total = np.empty(0)
    for time, freq in _cells(times, freqs, batches[0].stop * matrix):
        pieces = [field[time, freq] for field in fields]
        for trial in batches:
            part = spectra[trial, time, :, freq].astype(np.complex128)
            lifted = lift(cross_spectra(part, senders, receivers), *pieces)
            if total.size == 0:  # only now its leading axes and its type are known
                total = np.zeros((*lifted.shape[:-4], times, freqs, *lifted.shape[-2:]), lifted.dtype)
            total[..., time, freq, :, :] += lifted
    return total


def _cells(times: int, freqs: int, nbytes: int) -> list[tuple[slice, slice]]:
    """Cut the (time, freq) plane, with `nbytes` per point, into pieces that fit the cache."""
    slabs = product(cache_slabs(times, freqs * nbytes, CHUNK_BYTES), cache_slabs(freqs, nbytes, CHUNK_BYTES))
    return list(slabs)


def _count(indices: Array | None, channels: int) -> int:
    return channels if indices is None else len(indices)


def _chosen(spectra: Array, indices: Array | None) -> Array:
    return spectra if indices is None else spectra[..., indices]


def _scaled_rows(part: Array) -> tuple[Array, Array]:
    """Write observations as rows and scale every channel to a largest modulus near 1.

    Parameters
    ----------
    part : Array
        (trial, time, taper, freq, channel).

    Returns
    -------
    rows : Array
        (time, freq, trial x taper, channel).
    exponents : Array
        The true value is ``rows * 2**exponent``, (time, freq, channel).
    """
    trials, times, tapers, freqs, channels = part.shape
    copied = np.array(part.swapaxes(1, 2), order="C").reshape(trials * tapers, times, freqs, channels)
    rows = copied.view(copied.real.dtype)  # real and imaginary parts side by side
    largest = np.maximum(rows.max(axis=0), -rows.min(axis=0)).reshape(times, freqs, channels, 2).max(axis=-1)
    # The scale itself must be a normal number of the type.
    exponents = np.maximum(np.frexp(largest)[1], np.finfo(rows.dtype).minexp + 1)
    rows *= np.repeat(np.ldexp(rows.dtype.type(1), -exponents), 2, axis=-1)
    return copied.transpose(1, 2, 0, 3), exponents
