"""Continuous wavelet transform: Morlet, Paul and DOG wavelets, their frequencies, kernels, and cone of influence.

A wavelet psi(x) of scale s is sampled at x = t / s for |x| <= 5, a whole number of samples to either side of its
centre. It is matched to the angular frequency `centre` / s (the Fourier period of Torrence & Compo, table 1), which
defines the scale that belongs to a frequency in Hz.

Normalisation: true amplitudes, whatever the sample rate. A cosine of amplitude A at the frequency of a scale gives
power A² / 2 there: at every sample for the complex wavelets (|W| = A / sqrt(2)), on average over a period for the
real ones (W is the cosine itself). Implementations whose kernel is ``sqrt(dt) / (8 pi s) psi(t / s)``, with psi as in
that table, return ``sqrt(fs) / (8 pi sqrt(2)) |psi^(centre)|`` times our coefficients, where psi^ is the Fourier
integral of psi: for a Morlet wavelet of width 6 that is 0.0528 sqrt(fs). FieldTrip's wavelets (`FieldTripWavelets`)
give white noise of variance v the power 2 v at every frequency.

References
----------
Torrence & Compo (1998), Bulletin of the American Meteorological Society 79:61,
doi:10.1175/1520-0477(1998)079<0061:APGTWA>2.0.CO;2
Tallon-Baudry et al. (1997), Journal of Neuroscience 17:722, doi:10.1523/JNEUROSCI.17-02-00722.1997
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import eval_hermitenorm

from syncopy.kernels.arrays import Array
from syncopy.kernels.filterbank import KernelSet, filter_block
from syncopy.kernels.fourier import convert_spectra

SUPPORT = 5.0
"""Half width of a sampled wavelet, in scales."""

ROUNDING = 1e-9
"""Slack for sample counts computed from seconds."""


@dataclass(frozen=True)
class Morlet:
    """Plane wave in a Gaussian: ``(exp(i w x) - exp(-w² / 2)) exp(-x² / 2)``, w its `width` in radians per scale.

    The second term makes its mean zero. A Morlet wavelet of m cycles in FieldTrip's sense has about width m.
    """

    width: float = 6.0
    decay: ClassVar[float] = np.sqrt(2)
    analytic: ClassVar[bool] = True

    @property
    def centre(self) -> float:
        """Matched angular frequency at scale 1."""
        return float(self.width + np.sqrt(2 + self.width**2)) / 2

    def __call__(self, x: Array) -> Array:
        """Return psi(x), complex."""
        wave = np.exp(1j * self.width * x) - np.exp(-(self.width**2) / 2)
        return np.asarray(wave * np.exp(-(x**2) / 2))


@dataclass(frozen=True)
class Paul:
    """Sharp in time, broad in frequency: ``i^m (1 - i x)^-(m + 1)``, m its `order`."""

    order: int = 4
    decay: ClassVar[float] = np.sqrt(0.5)
    analytic: ClassVar[bool] = True

    @property
    def centre(self) -> float:
        """Matched angular frequency at scale 1."""
        return self.order + 0.5

    def __call__(self, x: Array) -> Array:
        """Return psi(x), complex."""
        return np.asarray(1j**self.order * (1 - 1j * x) ** -(self.order + 1))


@dataclass(frozen=True)
class DOG:
    """Derivative of a Gaussian, real: ``(-1)^(m + 1) He_m(x) exp(-x² / 2)``, m its `order`; 2 is the Ricker wavelet."""

    order: int = 2
    decay: ClassVar[float] = np.sqrt(2)
    analytic: ClassVar[bool] = False

    @property
    def centre(self) -> float:
        """Matched angular frequency at scale 1."""
        return float(np.sqrt(self.order + 0.5))

    def __call__(self, x: Array) -> Array:
        """Return psi(x), real."""
        return np.asarray((-1) ** (self.order + 1) * eval_hermitenorm(self.order, x) * np.exp(-(x**2) / 2))


Wavelet = Morlet | Paul | DOG

WAVELETS = ("Morlet", "Paul", "DOG", "Ricker", "Marr", "Mexican_hat")
"""Names of the wavelets; the last three are one and the same."""


def make_wavelet(name: str, width: float = 6.0, order: int = 4) -> Wavelet:
    """Return a wavelet by its name, one of `WAVELETS`; `width` is Morlet's, `order` is Paul's and DOG's."""
    if name == "Morlet":
        return Morlet(width)
    if name == "Paul":
        return Paul(order)
    return DOG(order if name == "DOG" else 2)


def scale_of(frequency: ArrayLike, centre: float) -> Array:
    """Return the scale, in seconds, that belongs to a frequency in Hz: ``centre / (2 pi f)``."""
    return centre / (2 * np.pi * np.asarray(frequency, dtype=np.float64))


def automatic_frequencies(sample_count: int, samplerate: float, centre: float) -> Array:
    """Return the frequencies of a grid of four scales per octave.

    Parameters
    ----------
    sample_count : int
        Samples of the shortest trial; the largest scale is about its duration.
    samplerate : float
        In Hz.
    centre : float
        The wavelet's, which relates scale and frequency (`scale_of`); 1 for superlets.

    Returns
    -------
    Array
        In Hz, ascending, the last is half the sample rate; float64, (freq,).
    """
    smallest = scale_of(samplerate / 2, centre) * samplerate
    quarters = int(4 * np.log2(sample_count / smallest))
    return samplerate / 2 * 2.0 ** (-np.arange(quarters, -1, -1) / 4)


def stepped_frequencies(low: float, high: float) -> Array:
    """Return the frequencies low, low + 1, low + 2 .. Hz that do not exceed `high`, without zero; float64, (freq,)."""
    freqs = low + np.arange(int(high - low + ROUNDING) + 1)
    return freqs[freqs > 0]


@lru_cache(maxsize=32)
def matched_response(wavelet: Wavelet) -> float:
    """Return the modulus of ``integral psi(x) exp(-i centre x) dx`` over the support of the sampled wavelet."""
    x = np.linspace(-SUPPORT, SUPPORT, 4001)
    return float(np.abs(np.trapezoid(wavelet(x) * np.exp(-1j * wavelet.centre * x), x)))


@dataclass(frozen=True)
class WaveletKernels:
    """One wavelet at several frequencies (Hz), sampled at `samplerate` (Hz)."""

    wavelet: Wavelet
    frequencies: tuple[float, ...]
    samplerate: float

    def half_widths(self, index: int) -> tuple[int, ...]:
        """Return the samples to either side of the centre."""
        return (int(SUPPORT * self._samples_per_scale(index) + ROUNDING),)

    def kernels(self, index: int) -> Iterator[Array]:
        """Yield the amplitude-true wavelet of a frequency."""
        samples_per_scale = self._samples_per_scale(index)
        (half_width,) = self.half_widths(index)
        gain = (np.sqrt(2) if self.wavelet.analytic else 1) / matched_response(self.wavelet)
        yield gain / samples_per_scale * self.wavelet(np.arange(-half_width, half_width + 1) / samples_per_scale)

    def _samples_per_scale(self, index: int) -> float:
        return float(scale_of(self.frequencies[index], self.wavelet.centre) * self.samplerate)


@dataclass(frozen=True)
class FieldTripWavelets:
    """FieldTrip's Morlet wavelets: a Gaussian of `width` cycles, cut off at `gwidth` standard deviations."""

    frequencies: tuple[float, ...]
    samplerate: float
    width: float = 7.0
    gwidth: float = 3.0

    def half_widths(self, index: int) -> tuple[int, ...]:
        """Return the samples to either side of lag zero."""
        return (self.longest(index) // 2,)

    def kernels(self, index: int) -> Iterator[Array]:
        """Yield the wavelet of a frequency."""
        yield fieldtrip_wavelet(self.frequencies[index], self.samplerate, self.width, self.gwidth)

    def longest(self, index: int) -> int:
        """Return the samples of the wavelet of a frequency."""
        return fieldtrip_length(self.frequencies[index], self.samplerate, self.width, self.gwidth)


def fieldtrip_length(frequency: float, samplerate: float, width: float, gwidth: float) -> int:
    """Return the number of samples L of FieldTrip's wavelet of `width` cycles, +- `gwidth` standard deviations."""
    return int(2 * gwidth * width / (2 * np.pi * frequency) * samplerate + ROUNDING) + 1


def fieldtrip_wavelet(frequency: float, samplerate: float, width: float, gwidth: float) -> Array:
    """Return FieldTrip's Morlet wavelet, placed as FieldTrip places it.

    A Gaussian of standard deviation ``st = width / (2 pi f)`` and height ``(st sqrt(pi))^-1/2`` is sampled from
    ``gwidth st`` downwards, so not quite symmetrically, multiplied by a plane wave of phase zero in the middle, and by
    ``sqrt(2 / fs)``. A wavelet of an even number of samples is centred half a sample before the sample it belongs to.

    Parameters
    ----------
    frequency, samplerate : float
        In Hz.
    width : float
        Cycles.
    gwidth : float
        Half width of the wavelet in standard deviations.

    Returns
    -------
    Array
        complex128, odd length, lag zero in the middle: one zero precedes an even number of samples.
    """
    deviation = width / (2 * np.pi * frequency)
    length = fieldtrip_length(frequency, samplerate, width, gwidth)
    samples = np.arange(length)
    gaussian = np.exp(-((gwidth - samples / (deviation * samplerate)) ** 2) / 2)[::-1]
    wave = np.exp(2j * np.pi * frequency / samplerate * (samples - (length - 1) / 2))
    wavelet = np.sqrt(2 / samplerate / (deviation * np.sqrt(np.pi))) * gaussian * wave
    return np.pad(wavelet, (1 - length % 2, 0))


def fieldtrip_edges(lengths: ArrayLike, sample_count: int) -> Array:
    """Return where FieldTrip's wavelets reach beyond the trial; its results are NaN there.

    Parameters
    ----------
    lengths : array_like of int
        Samples of the (longest) wavelet of each frequency, (freq,).
    sample_count : int
        Samples of the trial.

    Returns
    -------
    Array
        bool, (time, freq).
    """
    half, sample = np.asarray(lengths) / 2, np.arange(1, sample_count + 1)[:, None]
    return np.asarray((sample < half) | (sample >= sample_count - half))


def edge_time(wavelet: Wavelet, frequencies: ArrayLike) -> Array:
    """Return how far an edge of a trial is felt: the time, in s, in which the power of a step there falls by exp(-2).

    ``sqrt(2) s`` for Morlet and DOG, ``s / sqrt(2)`` for Paul (Torrence & Compo 1998, table 1); float64, (freq,).
    """
    return wavelet.decay * scale_of(frequencies, wavelet.centre)


def cone_of_influence(edge_times: Array, sample_count: int, samplerate: float) -> Array:
    """Return where the edges of the trial, beyond which it is taken as zero, matter.

    Parameters
    ----------
    edge_times : Array
        In s, (freq,), see `edge_time`.
    sample_count : int
        Samples of the trial.
    samplerate : float
        In Hz.

    Returns
    -------
    Array
        bool, (time, freq): True where the first or the last sample is nearer than the edge time.
    """
    sample = np.arange(sample_count)
    distance = np.minimum(sample, sample_count - 1 - sample) / samplerate
    return np.asarray(distance[:, None] < edge_times)


def transform(block: Array, kernel_set: KernelSet, output: str = "pow", samples: Array | None = None) -> Array:
    """Return the wavelet transform of every trial and channel.

    Parameters
    ----------
    block : Array
        Real, (trial, time, channel).
    kernel_set : KernelSet
        `WaveletKernels` or `FieldTripWavelets`.
    output : str
        What to return of the complex coefficients, see `syncopy.kernels.fourier.convert_spectra`.
    samples : Array, optional
        Wanted samples, indices into the time axis; the default is all. The whole trial is transformed in any case.

    Returns
    -------
    Array
        (trial, time, freq, channel); float32 or complex64 for float32 input, else double.
    """

    def convert(_: int, signals: Iterator[Array]) -> Array:
        return convert_spectra(next(signals), output)

    return filter_block(block, kernel_set, convert, output, samples)
