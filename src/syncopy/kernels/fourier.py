"""Tapered Fourier spectra of whole trials.

Normalisation, for a taper w of unit energy and a trial x of N samples padded to P: ``X = sqrt(2 / N) rfft(w x, P)``,
see `bin_scale`. |X|² is power per bin, in squared units of the data. White noise of variance v gives 2 v / N in each
bin, so that without padding its bins sum to v; a cosine of amplitude A gives A² / 2, summed over the bins its energy
spreads to. The bins at 0 Hz and at Nyquist carry the factor 2 as well. FieldTrip's numbers: ``sqrt(2 / P)``, and half
the power at 0 Hz and Nyquist.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft

from syncopy.kernels.arrays import CACHE_BYTES, Array, cache_slabs, complex_dtype, real_dtype
from syncopy.kernels.detrend import detrend, detrended_slabs

ROUNDING = 1e-6
"""Slack, in samples, for lengths computed from seconds."""

REPEATED_BYTES = 4 * CACHE_BYTES
"""Size up to which tapers are repeated for each channel."""


def fft_length(pad: float | str, longest: int, samplerate: float) -> int:
    """Return the number of samples that trials are padded to.

    Parameters
    ----------
    pad : {'maxperlen', 'nextpow2'} or float
        The longest trial, the next power of two, or a duration in seconds.
    longest : int
        Samples of the longest trial.
    samplerate : float
        In Hz.

    Returns
    -------
    int
        Never less than `longest`.
    """
    if pad == "maxperlen":
        return longest
    if pad == "nextpow2":
        return 1 << (longest - 1).bit_length()
    return max(longest, int(float(pad) * samplerate + ROUNDING))


def frequency_axis(length: int, samplerate: float) -> Array:
    """Return the frequencies, in Hz, of a one-sided spectrum of `length` samples: float64, (length // 2 + 1,)."""
    return np.fft.rfftfreq(length, 1 / samplerate)


def match_frequencies(freqs: Array, foi: ArrayLike | None = None, foilim: ArrayLike | None = None) -> Array:
    """Find the bins that a request for frequencies means.

    Parameters
    ----------
    freqs : Array
        Available frequencies in Hz, ascending, (freq,).
    foi : array_like, optional
        Wanted frequencies: the nearest bin each, of two equally near ones the higher; repeated bins are dropped,
        order kept.
    foilim : array_like, optional
        Lower and upper limit: all bins of the closed interval. Neither `foi` nor `foilim`: all bins.

    Returns
    -------
    Array
        Indices into `freqs`, int, (selected,); empty if no bin lies inside `foilim`.
    """
    slack = 1e-9 * freqs[-1]
    if foi is not None:
        wanted = np.atleast_1d(np.asarray(foi, dtype=np.float64))
        above = np.clip(np.searchsorted(freqs, wanted), 0, len(freqs) - 1)
        below = np.maximum(above - 1, 0)
        nearest = np.where(wanted - freqs[below] < freqs[above] - wanted - slack, below, above)
        return np.array(list(dict.fromkeys(nearest.tolist())), dtype=np.intp)
    if foilim is not None:
        low, high = np.sort(np.asarray(foilim, dtype=np.float64))
        return np.flatnonzero((freqs >= low - slack) & (freqs <= high + slack))
    return np.arange(len(freqs))


def bin_scale(bins: Array, length: int, padded: int, ft_compat: bool = False) -> Array:
    """Return the factor each Fourier coefficient of a unit-energy taper is multiplied by.

    Parameters
    ----------
    bins : Array
        Indices of the wanted bins, (freq,).
    length, padded : int
        Samples of the trial, N, and of the transform, P.
    ft_compat : bool
        False: sqrt(2 / N), so that the height of a peak does not depend on padding. True: FieldTrip's sqrt(2 / P),
        divided by sqrt(2) at 0 Hz and Nyquist, so that the sum over bins does not depend on padding.

    Returns
    -------
    Array
        float64, (freq,).
    """
    if not ft_compat:
        return np.full(len(bins), np.sqrt(2 / length))
    unpaired = (bins == 0) | (2 * bins == padded)
    return np.sqrt(np.where(unpaired, 1, 2) / padded)


def tapered_spectra(
    block: Array,
    tapers: Array,
    padded: int,
    bins: Array,
    scale: float | Array,
    *,
    polyremoval: int | None = None,
    demean_taper: bool = False,
    phase_offset: float | Array | None = None,
) -> Array:
    """Return the tapered Fourier coefficients of every trial, one spectrum per taper.

    Parameters
    ----------
    block : Array
        Real, (trial, time, channel).
    tapers : Array
        (taper, time), as long as the trials.
    padded : int
        Samples of the transform; zeros are appended after tapering.
    bins : Array
        Indices of the wanted bins of the one-sided spectrum, (freq,).
    scale : float or Array
        Factor of the coefficients, a number or (freq,), see `bin_scale`.
    polyremoval : int or None
        Trend removed from each trial first, see `detrend`.
    demean_taper : bool
        Remove the mean of the tapered trial before padding.
    phase_offset : float or Array, optional
        Samples from t = 0 to the first sample, a number or one per trial. Phases then refer to t = 0 (as FieldTrip's
        do), else to the first sample.

    Returns
    -------
    Array
        (trial, taper, freq, channel), complex64 for float32 input, else complex128.
    """
    factor = np.broadcast_to(np.asarray(scale), (len(block), len(bins)))
    if phase_offset is not None:
        turns = np.multiply.outer(np.broadcast_to(phase_offset, len(block)), bins / padded)
        factor = factor * np.exp(-2j * np.pi * turns)
    dtype = complex_dtype(block)
    factor = factor.astype(dtype if phase_offset is not None else real_dtype(block))[:, :, None]
    spectra = np.empty((len(block), len(tapers), len(bins), block.shape[2]), dtype)
    for trials, taper, coefficients in _transforms(block, tapers, padded, bins, polyremoval, demean_taper):
        np.multiply(coefficients, factor[trials], out=spectra[trials, taper])
    return spectra


def tapered_power(
    block: Array,
    tapers: Array,
    padded: int,
    bins: Array,
    scale: float | Array,
    *,
    polyremoval: int | None = None,
    demean_taper: bool = False,
) -> Array:
    """Return the power of every trial, averaged over tapers; no more than one taper's spectra exist at a time.

    Parameters
    ----------
    block, tapers, padded, bins, scale, polyremoval, demean_taper
        As in `tapered_spectra`; `scale` still multiplies amplitudes.

    Returns
    -------
    Array
        (trial, 1, freq, channel), float32 for float32 input, else float64; the sum over tapers is formed in double
        precision.
    """
    power = np.empty((len(block), 1, len(bins), block.shape[2]), real_dtype(block))
    weight = np.broadcast_to(np.square(scale) / len(tapers), len(bins))[:, None]
    slabs = _slabs(block, padded)
    total = np.empty(power[slabs[0], 0].shape if slabs else (0,), np.float64)
    for trials, taper, coefficients in _transforms(block, tapers, padded, bins, polyremoval, demean_taper):
        rows = total[: len(coefficients)]
        square = coefficients.real**2 + coefficients.imag**2
        np.add(rows, square, out=rows) if taper else np.copyto(rows, square)
        if taper == len(tapers) - 1:
            power[trials, 0] = rows * weight
    return power


def _slabs(block: Array, padded: int) -> list[slice]:
    return cache_slabs(len(block), real_dtype(block).itemsize * padded * block.shape[2])


def _transforms(
    block: Array, tapers: Array, padded: int, bins: Array, polyremoval: int | None, demean_taper: bool
) -> Iterator[tuple[slice, int, Array]]:
    """Yield (trials, taper, coefficients (trial, freq, channel)): a few trials at a time, with each taper in turn."""
    dtype = real_dtype(block)
    columns = taper_columns(tapers, block.shape[2], dtype)
    wanted = bin_slice(bins)
    slabs = _slabs(block, padded)
    length = block.shape[1]
    buffer = np.zeros((slabs[0].stop if slabs else 0, padded, block.shape[2]), dtype)
    for trials, signals in detrended_slabs(block, polyremoval, slabs):
        tapered = buffer[: len(signals)]
        for taper, column in enumerate(columns):
            np.multiply(signals, column, out=tapered[:, :length])
            if demean_taper:
                tapered[:, :length] = detrend(tapered[:, :length], 0)
            yield trials, taper, fft.rfft(tapered, axis=1)[:, wanted]


def taper_columns(tapers: Array, channels: int, dtype: np.dtype[Any]) -> Array:
    """Return tapers as (taper, time, channel), repeated for each channel where that takes little memory.

    A product with a repeated taper runs over whole trials at once, one with a column starts anew at every sample.
    """
    columns = np.broadcast_to(tapers.astype(dtype)[:, :, None], (*tapers.shape, channels))
    return np.ascontiguousarray(columns) if columns.size * dtype.itemsize <= REPEATED_BYTES else columns


def bin_slice(bins: Array) -> Array | slice:
    """Return neighbouring bins as a slice, which needs no copy, and any other as they are."""
    first, last = bins[0], bins[-1]
    neighbours = last - first == len(bins) - 1 and np.all(np.diff(bins) == 1)
    return slice(int(first), int(last) + 1) if neighbours else bins


def spectra_scratch(trials: int, padded: int, channels: int, itemsize: int) -> int:
    """Return the bytes `tapered_spectra` and `tapered_power` need beside block and result.

    Parameters
    ----------
    trials, padded, channels : int
        Trials of the block, samples of the transform, and channels.
    itemsize : int
        Bytes of one sample.
    """
    trial = itemsize * padded * channels
    slab = min(trials * trial, max(CACHE_BYTES, trial))
    return slab * (7 + 24 // itemsize)


def convert_spectra(spectra: Array, output: str) -> Array:
    """Convert complex coefficients to what the user asked for.

    Parameters
    ----------
    spectra : Array
        Complex, any shape.
    output : {'pow', 'abs', 'fourier', 'complex', 'real', 'imag', 'absreal', 'absimag', 'angle'}
        Power |Z|², amplitude |Z|, the coefficients themselves, their parts, the moduli of these, or the phase in rad.

    Returns
    -------
    Array
        Same shape and precision; real, except for 'fourier' and 'complex', which return `spectra` itself.
    """
    return CONVERSIONS[output](spectra)


CONVERSIONS: dict[str, Callable[[Array], Array]] = {
    "pow": lambda spectra: spectra.real**2 + spectra.imag**2,
    "abs": np.abs,
    "fourier": lambda spectra: spectra,
    "complex": lambda spectra: spectra,
    "real": np.real,
    "imag": np.imag,
    "absreal": lambda spectra: np.abs(spectra.real),
    "absimag": lambda spectra: np.abs(spectra.imag),
    "angle": np.angle,
}
