"""IRASA: the power of the scale-free (fractal) part of a signal, by irregular resampling.

Resampling by h and by 1 / h shifts oscillations, but leaves a power law as it is up to factors that cancel in the
geometric mean of the two spectra: its median over several h keeps the power law and drops the peaks. With P_h the power
spectrum of the signal resampled by h, averaged over windows,

    fractal(f) = median_h sqrt(P_h(f) P_{1 / h}(f)),    oscillatory(f) = P_1(f) - fractal(f).

Above fs / (2 max(h)), the least Nyquist frequency of the resampled signals, the fractal part is too small.

References
----------
Wen & Liu (2016), Brain Topography 29:13, doi:10.1007/s10548-015-0448-0
"""

from collections.abc import Sequence

import numpy as np
from scipy import signal

from syncopy.kernels.arrays import Array, cache_slabs, real_dtype
from syncopy.kernels.detrend import detrend
from syncopy.kernels.fourier import bin_scale, spectra_scratch, tapered_power
from syncopy.kernels.polyphase import COPIES, rate_ratio, resample
from syncopy.kernels.polyphase import SLAB_BYTES as RESAMPLED_BYTES
from syncopy.kernels.tapers import fieldtrip_hanning

FACTORS = tuple(percent / 100 for percent in range(110, 191, 5))
"""Resampling factors h, 1.1 to 1.9."""

WINDOW_COUNT = 10
"""Windows per trial."""

MAX_DENOMINATOR = 1000
"""Bound on the integers of the resampling ratios."""

SLAB_BYTES = 4 * 1024 * 1024
"""Size of the windows that are resampled at a time; one trial at least."""


def irasa_window(sample_count: int) -> int:
    """Return the usual length of a window for trials of `sample_count` samples: the power of two below 0.9 of that."""
    return 1 << int(0.9 * sample_count).bit_length() - 1


def irasa_padding(window: int, factors: Sequence[float] = FACTORS) -> int:
    """Return the least length of the Fourier transform: that of a window resampled by the largest factor."""
    return int(np.ceil(window * max(factors)))


def irasa_starts(sample_count: int, window: int, window_count: int) -> Array:
    """Return the first samples of the windows, equally spaced, int, (window,)."""
    return np.arange(window_count) * ((sample_count - window) // max(window_count - 1, 1))


def irasa_power(
    block: Array,
    window: int,
    padded: int,
    bins: Array,
    *,
    window_count: int = WINDOW_COUNT,
    factors: Sequence[float] = FACTORS,
    polyremoval: int | None = None,
    ft_compat: bool = False,
) -> tuple[Array, Array]:
    """Return the power of every trial and channel, and that of its fractal part.

    Parameters
    ----------
    block : Array
        Real, (trial, time, channel).
    window : int
        Samples of a window, see `irasa_window`; at most those of a trial.
    padded : int
        Samples of the Fourier transforms, at least `irasa_padding`.
    bins : Array
        Indices of the wanted bins of the one-sided spectrum, (freq,).
    window_count : int
        Windows per trial. They overlap as the trial's length demands.
    factors : sequence of float
        Resampling factors, all above 1.
    polyremoval : int or None
        Trend removed from each trial first, see `syncopy.kernels.detrend.detrend`.
    ft_compat : bool
        FieldTrip's numbers: scaled as in `syncopy.kernels.fourier.bin_scale`, resampled by filters of not quite unit
        gain.

    Returns
    -------
    power, fractal : Array
        (trial, freq, channel); float32 for float32 input, else float64. Their difference is the oscillatory part.
    """
    starts = irasa_starts(block.shape[1], window, window_count)
    scale = bin_scale(bins, window, padded, ft_compat)
    dtype, channels = real_dtype(block), block.shape[2]
    power = np.empty((len(block), len(bins), channels), dtype)
    fractal = np.empty_like(power)

    def mean_power(signals: Array, up: int = 1, down: int = 1) -> Array:
        """Return the mean power of the resampled windows of each trial, float64, (trial, freq, channel)."""
        total = np.zeros((len(signals), *power.shape[1:]))
        for group in cache_slabs(window_count, dtype.itemsize * window * signals[:, 0].size, SLAB_BYTES):
            windows = np.stack([signals[:, start : start + window] for start in starts[group]], axis=1)
            windows = windows.reshape(-1, window, channels)
            if up != down:
                windows = resample(windows, up, down, _resampling_taps(up, down, unit_gain=not ft_compat))
            single = tapered_power(windows, fieldtrip_hanning(windows.shape[1]), padded, bins, scale)
            for one in single.reshape(len(signals), -1, *power.shape[1:]).swapaxes(0, 1):
                total += one  # one by one: the same sum, however windows are grouped
        total /= window_count
        return total

    for trials in cache_slabs(len(block), dtype.itemsize * window_count * window * channels, SLAB_BYTES):
        signals = detrend(block[trials], polyremoval)
        power[trials] = mean_power(signals)
        means = np.empty((len(factors), *power[trials].shape), dtype)
        for mean, factor in zip(means, factors, strict=True):
            up, down = rate_ratio(factor, 1, MAX_DENOMINATOR)
            product = np.sqrt(mean_power(signals, up, down))
            product *= np.sqrt(mean_power(signals, down, up))
            mean[:] = product
        for few in cache_slabs(len(bins), means[:, :, 0].nbytes):
            fractal[trials, few] = np.median(means[:, :, few], axis=0)
    return power, fractal


def _resampling_taps(up: int, down: int, unit_gain: bool) -> Array:
    """Return a low-pass at the lower of two Nyquist frequencies: 10 lobes of a sinc to a side, in a Kaiser window."""
    slower = max(up, down)
    taps: Array = signal.firwin(20 * slower + 1, 1 / slower, window=("kaiser", 5), scale=unit_gain)
    return taps


def irasa_scratch(
    trials: int,
    samples: int,
    window: int,
    padded: int,
    bins: int,
    channels: int,
    itemsize: int,
    window_count: int = WINDOW_COUNT,
    factor_count: int = len(FACTORS),
) -> int:
    """Return the bytes `irasa_power` needs beside block and result.

    Parameters
    ----------
    trials, samples : int
        Trials of the block, and samples of each.
    window, padded, bins, channels : int
        Samples of a window and of its transform, wanted bins, and channels.
    itemsize : int
        Bytes of one sample.
    window_count, factor_count : int
        Windows per trial, and factors they are resampled by.
    """
    one = itemsize * window * channels
    together = max(1, min(trials, SLAB_BYTES // (one * window_count)))
    windows = together * max(1, min(window_count, SLAB_BYTES // (one * together)))
    # per trial: detrended signals, means of all factors, sums of power; per window: cut out, resampled, transformed
    signals = (2 * itemsize + 16) * samples * channels
    means = (itemsize * factor_count + 32) * bins * channels
    resampled = windows * (itemsize * (window + padded) + itemsize * bins) * channels
    resampling = COPIES * min(windows * (double := 8 * (window + padded) * channels), max(double, RESAMPLED_BYTES))
    work = max(resampling, spectra_scratch(windows, padded, channels, itemsize))
    return together * (signals + means) + resampled + work
