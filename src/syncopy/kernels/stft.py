"""Short-time spectra: tapered Fourier coefficients of windows that slide along the trials.

A window of n samples is given by its first sample, which may lie before the trial; outside the trial there are zeros.
Each window is detrended by itself, multiplied with tapers w of unit energy and transformed. With the scale that
`syncopy.kernels.fourier.bin_scale` gives for n samples this is ``X = sqrt(2 / n) rfft(w x)``. Frequencies are counted
in cycles per window and need not be whole numbers.

Two ways lead to the same numbers. Many bins of the Fourier grid: a fast Fourier transform per window. Few bins, or
frequencies between the bins: a product of matrices, with detrending, taper and oscillation in one matrix. Windows
that start a few samples after one another share one product, whose matrix holds the shifted copies of the kernels.
"""

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import fft
from scipy.special import gammaincinv

from syncopy.kernels.arrays import CACHE_BYTES, Array, cache_slabs, complex_dtype, real_dtype
from syncopy.kernels.detrend import subtract_levels, trend_basis
from syncopy.kernels.fourier import bin_slice, taper_columns

ROUNDING = 1e-6
"""Slack, in samples, for counts computed from fractions."""

MATRIX_BINS = 32
"""Number of bins up to which the product of matrices is faster than the transform."""

SHORT_SUM = 64
"""Number of windows summed in the precision of the data before the sum goes on in double precision."""

MATRIX_ROWS = 128
"""Rows from which on a larger matrix no longer makes the product more efficient."""


def window_step(window: int, overlap: float) -> int:
    """Return the samples between the starts of windows that overlap by a fraction, 0 .. 1; one sample at least."""
    return max(1, window - int(overlap * window + ROUNDING))


def window_starts(centres: Array, window: int, ft_compat: bool = False) -> Array:
    """Return the first samples of windows around given samples.

    Parameters
    ----------
    centres : Array
        Sample indices, counted from the first sample of the trial, int, (time,).
    window : int
        Samples of a window. An even one has its centre half a sample before the given sample, with FieldTrip's
        placement half a sample after it.
    ft_compat : bool
        FieldTrip's placement.

    Returns
    -------
    Array
        int, (time,), negative where the window begins before the trial.
    """
    starts: Array = centres - ((window - 1) // 2 if ft_compat else window // 2)
    return starts


def windows_fit(starts: Array, window: int, length: int) -> Array:
    """Tell which windows lie inside a trial of `length` samples: bool, (time,)."""
    inside: Array = (starts >= 0) & (starts + window <= length)
    return inside


def fieldtrip_windows_fit(centres: Array, span: float, length: int) -> Array:
    """Tell which windows FieldTrip takes for lying inside a trial.

    Parameters
    ----------
    centres : Array
        Sample indices, as for `window_starts`, int, (time,).
    span : float
        Length of the window in samples before it is rounded: FieldTrip compares with half of that, so the last window
        that fits may be left out and, after rounding up, the first may begin before the trial.
    length : int
        Samples of the trial.

    Returns
    -------
    Array
        bool, (time,).
    """
    inside: Array = (centres + 1 >= span / 2) & (centres + 1 < length - span / 2)
    return inside


def sliding_spectra(
    block: Array,
    tapers: Array,
    starts: Array,
    bins: Array,
    scale: float | Array,
    *,
    polyremoval: int | None = None,
    valid: Array | None = None,
    phase_origin: float = 0,
) -> Array:
    """Return the tapered Fourier coefficients of sliding windows.

    Parameters
    ----------
    block : Array
        Real, (trial, time, channel).
    tapers : Array
        (taper, window), of unit energy.
    starts : Array
        First sample of each window, see `window_starts`, int, (time,).
    bins : Array
        Frequencies in cycles per window, f n / fs, (freq,).
    scale : float or Array
        Factor of the coefficients, a number or (freq,).
    polyremoval : {None, 0, 1}
        Trend removed from each window, zeros outside the trial included: none, the mean or the least-squares line.
    valid : Array, optional
        Windows that count, bool, (time,), see `windows_fit`; the others become NaN. All count by default.
    phase_origin : float
        Position in the window, in samples, that phases refer to; the first sample by default.

    Returns
    -------
    Array
        (trial, time, taper, freq, channel), complex64 for float32 input, else complex128. A window that holds a NaN
        is NaN in that channel.
    """
    trials, _, channels = block.shape
    spectra = np.empty((trials, len(starts), len(tapers), len(bins), channels), complex_dtype(block))
    turns = np.multiply(bins, phase_origin / tapers.shape[1])
    factor = (np.broadcast_to(scale, len(bins)) * np.exp(2j * np.pi * turns)).astype(spectra.dtype)[:, None]
    for rows, times, taper, coefficients in _coefficients(block, tapers, starts, bins, polyremoval):
        np.multiply(coefficients, factor, out=spectra[rows, times, taper])
    if valid is not None:
        spectra[:, ~valid] = complex(np.nan, np.nan)
    return spectra


def sliding_power(
    block: Array,
    tapers: Array,
    starts: Array,
    bins: Array,
    scale: float | Array,
    *,
    polyremoval: int | None = None,
    valid: Array | None = None,
) -> Array:
    """Return the power of sliding windows, averaged over tapers; the tapers' spectra are never stored.

    Parameters
    ----------
    block, tapers, starts, bins, scale, polyremoval, valid
        As in `sliding_spectra`; `scale` still multiplies amplitudes.

    Returns
    -------
    Array
        (trial, time, 1, freq, channel), float32 for float32 input, else float64.
    """
    trials, _, channels = block.shape
    power = np.zeros((trials, len(starts), 1, len(bins), channels), real_dtype(block))
    weight = _power_weight(scale, len(bins), len(tapers)).astype(power.dtype)
    for rows, times, _, coefficients in _coefficients(block, tapers, starts, bins, polyremoval):
        power[rows, times, 0] += (coefficients.real**2 + coefficients.imag**2) * weight
    if valid is not None:
        power[:, ~valid] = np.nan
    return power


def welch_power(
    block: Array,
    tapers: Array,
    starts: Array,
    bins: Array,
    scale: float | Array,
    *,
    polyremoval: int | None = None,
    average: str = "mean",
) -> Array:
    """Return the power of each trial, averaged over tapers and windows.

    Parameters
    ----------
    block, tapers, starts, bins, scale, polyremoval
        As in `sliding_spectra`; `scale` still multiplies amplitudes.
    average : {'mean', 'median'}
        Over windows. The median is divided by its expectation for white noise, so that both estimate the same power.

    Returns
    -------
    Array
        (trial, 1, freq, channel), float32 for float32 input, else float64. Windows that hold a NaN are left out,
        channel by channel; NaN if none remains.

    References
    ----------
    Welch (1967), IEEE Transactions on Audio and Electroacoustics 15:70, doi:10.1109/TAU.1967.1161901;
    Allen et al. (2012), Physical Review D 85:122006, appendix B, doi:10.1103/PhysRevD.85.122006 (median)
    """
    if average == "median" and len(starts):
        return _median_power(block, tapers, starts, bins, scale, polyremoval)
    total = np.zeros((len(block), len(bins), block.shape[2]))
    count = np.zeros((len(block), 1, block.shape[2]))
    for rows, _, _, coefficients in _coefficients(block, tapers, starts, bins, polyremoval):
        lost = np.isnan(coefficients[:, :, :1].real)
        known = np.where(lost, 0, coefficients) if lost.any() else coefficients
        count[rows] += np.sum(~lost, axis=1)
        parts = known.view(known.real.dtype)
        for some in cache_slabs(parts.shape[1], 1, SHORT_SUM):
            squares = np.einsum("rtfc,rtfc->rfc", parts[:, some], parts[:, some])
            total[rows] += squares[..., ::2] + squares[..., 1::2]
    mean = total * _power_weight(scale, len(bins), 1) / np.where(count > 0, count, np.nan)
    return mean.astype(real_dtype(block))[:, None]


def median_bias(windows: Array, tapers: int) -> Array:
    """Return the expected median of the power of white noise in independent windows, its mean being one.

    Exact for one taper; for several the limit of many windows (the median of a gamma distribution).
    """
    if tapers > 1:
        return np.full(np.shape(windows), float(gammaincinv(tapers, 0.5)) / tapers)
    pairs = 2 * np.arange(1, int(np.max(windows, initial=1)) // 2 + 1)
    series = np.cumsum(np.concatenate([[1.0], 1 / (pairs + 1) - 1 / pairs]))
    bias: Array = series[np.maximum(windows - 1, 0) // 2]
    return bias


def _median_power(
    block: Array, tapers: Array, starts: Array, bins: Array, scale: float | Array, polyremoval: int | None
) -> Array:
    ranked = np.sort(sliding_power(block, tapers, starts, bins, scale, polyremoval=polyremoval)[:, :, 0], axis=1)
    count = np.sum(~np.isnan(ranked), axis=1, keepdims=True)
    lower = np.take_along_axis(ranked, np.maximum(count - 1, 0) // 2, axis=1)
    upper = np.take_along_axis(ranked, np.minimum(count // 2, len(starts) - 1), axis=1)
    median: Array = (lower + upper) / (2 * median_bias(count, len(tapers)))
    return median.astype(ranked.dtype)


def _power_weight(scale: float | Array, bins: int, tapers: int) -> Array:
    weight: Array = np.broadcast_to(np.square(scale) / tapers, bins)[:, None]
    return weight


def _coefficients(
    block: Array, tapers: Array, starts: Array, bins: Array, polyremoval: int | None
) -> Iterator[tuple[slice, slice, int, Array]]:
    """Yield (trials, times, taper, coefficients (trial, time, freq, channel)) in pieces that fit the cache."""
    if len(block) == 0 or len(starts) == 0:
        return iter(())
    nearest = np.rint(bins)
    if len(bins) > MATRIX_BINS and np.allclose(bins, nearest, rtol=0, atol=1e-9):
        return _by_transform(block, tapers, starts, nearest.astype(np.intp), polyremoval)
    return _by_matrix(block, tapers, starts, bins, polyremoval)


def _by_transform(
    block: Array, tapers: Array, starts: Array, bins: Array, polyremoval: int | None
) -> Iterator[tuple[slice, slice, int, Array]]:
    window, channels, dtype = tapers.shape[1], block.shape[2], real_dtype(block)
    columns, wanted = taper_columns(tapers, channels, dtype), bin_slice(bins)
    basis = trend_basis(window, polyremoval or 0).astype(dtype)
    buffers = np.empty((2, 0, 0, window, channels), dtype)
    for rows, times, windows in _windows(block, starts, window, 1, polyremoval, dtype.itemsize * channels * window):
        if buffers.shape[1] < len(windows) or buffers.shape[2] < windows.shape[1]:
            buffers = np.empty((2, *windows.shape), dtype)
        clean, tapered = buffers[:, : len(windows), : windows.shape[1]]
        if polyremoval is None:
            clean = windows
        else:
            coefficients = basis @ windows
            subtract_levels(windows, coefficients[:, :, :1] * basis[0, 0], clean)
        if polyremoval == 1:
            clean -= np.multiply(coefficients[:, :, 1:], basis[1][:, None], out=tapered)
        for taper, column in enumerate(columns):
            np.multiply(clean, column, out=tapered)
            yield rows, times, taper, fft.rfft(tapered, axis=2)[:, :, wanted]


def _by_matrix(
    block: Array, tapers: Array, starts: Array, bins: Array, polyremoval: int | None
) -> Iterator[tuple[slice, slice, int, Array]]:
    channels, dtype = block.shape[2], real_dtype(block)
    step = _common_step(starts)
    group = min(_group_size(block, tapers.shape[1], step, len(bins)), len(starts))
    matrices = _shifted_kernels(tapers, bins, polyremoval, step, group).astype(dtype)
    products, spectra = np.empty(0, dtype), np.empty(0, complex_dtype(block))
    nbytes = dtype.itemsize * channels * (step + 4 * len(bins) if step else tapers.shape[1])
    for rows, times, windows in _windows(block, starts, tapers.shape[1], group, polyremoval, nbytes):
        shape = *windows.shape[:2], matrices.shape[1], channels
        if products.size < np.prod(shape):
            products, spectra = np.empty(np.prod(shape), dtype), np.empty(np.prod(shape) // 2, spectra.dtype)
        product = products[: np.prod(shape)].reshape(shape)
        parts = product.reshape(len(windows), -1, 2, len(bins), channels)[:, : times.stop - times.start]
        coefficients = spectra[: parts.size // 2].reshape(*parts.shape[:2], *parts.shape[3:])
        for taper, matrix in enumerate(matrices):
            np.matmul(matrix, windows, out=product)
            coefficients.real, coefficients.imag = parts[:, :, 0], parts[:, :, 1]
            yield rows, times, taper, coefficients


def _group_size(block: Array, window: int, step: int, bins: int) -> int:
    """Return how many windows share one product: many rows, few zeros between the shifted kernels, a small matrix."""
    if step == 0 or not np.isfinite(np.mean(block, dtype=np.float64)):
        return 1  # those zeros would spread a NaN to windows that do not hold it
    return max(1, min(-(-MATRIX_ROWS // (2 * bins)), 1 + window // (8 * step), CACHE_BYTES // (16 * bins * window)))


def _shifted_kernels(tapers: Array, bins: Array, polyremoval: int | None, step: int, group: int) -> Array:
    """Return (taper, group * 2 * freq, window + (group - 1) step): kernels of `group` windows, each `step` later."""
    kernels, window = _kernels(tapers, bins, polyremoval), tapers.shape[1]
    shifted = np.zeros((len(tapers), group, 2, len(bins), window + (group - 1) * step))
    for shift in range(group):
        shifted[:, shift, ..., shift * step : shift * step + window] = kernels
    return shifted.reshape(len(tapers), -1, shifted.shape[-1])


def _kernels(tapers: Array, bins: Array, polyremoval: int | None) -> Array:
    """Return (taper, 2, freq, window): detrending, taper and exp(-2 pi i f t) in one, real and imaginary part."""
    window = tapers.shape[1]
    waves = np.exp(-2j * np.pi * np.multiply.outer(bins, np.arange(window)) / window)
    kernels: Array = tapers[:, None, None] * np.stack([waves.real, waves.imag])
    if polyremoval is not None:
        basis = trend_basis(window, polyremoval)
        kernels -= (kernels @ basis.T) @ basis
    return kernels


def _common_step(starts: Array) -> int:
    """Return the samples from each window to the next, 0 if they differ or run backwards."""
    steps = np.unique(np.diff(starts))
    return int(max(steps[0], 0)) if len(steps) == 1 else int(len(steps) == 0)


def _windows(
    block: Array, starts: Array, window: int, group: int, polyremoval: int | None, nbytes: int
) -> Iterator[tuple[slice, slice, Array]]:
    """Cut a block into windows, each taking `nbytes`, as many at a time as fit the cache.

    Yields
    ------
    trials, times : slice
        Which windows.
    windows : Array
        (trial, time / group, window + (group - 1) step, channel), overwritten by the next ones.
    """
    step, length, dtype = _common_step(starts), block.shape[1], real_dtype(block)
    nbytes = max(nbytes, dtype.itemsize * block.shape[2] * int(np.ptp(starts)) // len(starts))
    pieces = []
    for groups in cache_slabs(-(-len(starts) // group), nbytes * group):
        times = slice(groups.start * group, min(groups.stop * group, len(starts)))
        first, last = int(np.min(starts[times])), int(np.max(starts[times]))
        last = first + (groups.stop - groups.start) * group * step - step if step else last
        pieces.append((times, first, last + window - first))
    slabs = cache_slabs(len(block), nbytes * len(starts))
    offset = _offset(block) if polyremoval is not None else np.zeros((len(block), 1, block.shape[2]), dtype)
    buffer = np.empty((slabs[0].stop, max(width for *_, width in pieces), block.shape[2]), dtype)
    views = sliding_window_view(buffer, window + (group - 1) * step, axis=1).transpose(0, 1, 3, 2)
    for trials in slabs:
        rows = slice(trials.stop - trials.start)
        for times, first, width in pieces:
            segment = buffer[rows, :width]
            low, high = min(max(-first, 0), width), min(max(length - first, 0), width)
            segment[:, :low] = segment[:, high:] = -offset[trials]
            subtract_levels(block[trials, first + low : first + high], offset[trials], segment[:, low:high])
            last = width - window + 1
            yield trials, times, views[rows, : last : step * group] if step else views[rows, starts[times] - first]


def _offset(block: Array) -> Array:
    """Return about the mean of each trial and channel, (trial, 1, channel).

    Without it float32 windows on a large offset would lose precision; windows are detrended, so any constant will do.
    """
    sample = block[:, :: max(1, block.shape[1] // 64)]
    known = ~np.isnan(sample)
    count = np.maximum(np.sum(known, axis=1, keepdims=True), 1)
    mean: Array = np.sum(sample, axis=1, dtype=np.float64, keepdims=True, where=known) / count
    return mean.astype(real_dtype(block))


def sliding_scratch(windows: int, window: int, tapers: int, bins: int, channels: int, itemsize: int) -> int:
    """Return the bytes the functions of this module need beside block and result.

    (The median of `welch_power` needs three times the power of all windows in addition.)

    Parameters
    ----------
    windows, window, tapers, bins, channels : int
        Windows of all trials of the block, samples of each, tapers, frequencies and channels.
    itemsize : int
        Bytes of one sample.
    """
    one = itemsize * channels * (window + 4 * bins)
    kernels = tapers * max(CACHE_BYTES, 16 * window * min(bins, MATRIX_BINS))
    return 8 * min(windows * one, max(CACHE_BYTES, one)) + 2 * kernels
