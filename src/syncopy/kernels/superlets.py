"""Superlets: geometric means of Morlet wavelets that differ in their number of cycles, sharp in time and in frequency.

A superlet of order o at frequency f combines wavelets of c q cycles, q = o_min .. o. Each is a plane wave in a
Gaussian of standard deviation c q / (5 f), cut off 5 c q / (2 pi f) seconds (4 standard deviations) from its centre.
With responses W_q,

    |R| = prod_q |W_q|^e,    arg R = e sum_q arg W_q,    e = 1 / (o - o_min + 1).

The fractional part of an order is the relative weight of the next wavelet: for i < o < i + 1 the products end with
``|W_{i + 1}|^(e (o - i))``. Phases are principal values, in (-pi, pi], so arg R is a mean of wrapped phases: it jumps
where the phase of a single wavelet wraps. Power and amplitude are not affected.

Normalisation: true amplitudes, whatever the sample rate; a cosine of amplitude A at f gives power A² / 2.
Implementations whose wavelets are ``sqrt(dt) / (4 pi) 5 / (s c (2 pi)^1.5)`` times that plane wave, s = 1 / (2 pi f),
return coefficients ``sqrt(2 fs) / (8 pi)`` times ours.

References
----------
Moca et al. (2021), Nature Communications 12:337, doi:10.1038/s41467-020-20539-9
Barzan et al. (2021), Fractional superlets, 28th European Signal Processing Conference, 2220-2224
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from syncopy.kernels.arrays import Array
from syncopy.kernels.filterbank import KernelSet, filter_block
from syncopy.kernels.fourier import convert_spectra
from syncopy.kernels.wavelets import fieldtrip_length, fieldtrip_wavelet

DEVIATIONS = 5.0
"""Standard deviations of the Gaussian per half cycle count, k_sd of Moca et al. (2021)."""

ROUNDING = 1e-9
"""Slack for counts computed from floats."""


class SuperletKernels(KernelSet, Protocol):
    """The wavelets of several superlets."""

    def weights(self, index: int) -> tuple[float, ...]:
        """Return the exponent of each wavelet of a frequency; they sum to one."""


def adaptive_orders(frequencies: ArrayLike, order_min: float, order_max: float) -> Array:
    """Return orders, (freq,), that rise linearly from `order_min` at the lowest frequency to `order_max` at the top."""
    freqs = np.asarray(frequencies, dtype=np.float64)
    return np.interp(freqs, [freqs.min(), freqs.max()], [order_min, order_max])


def wavelet_weights(order: float, order_min: int = 1) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Return the wavelets of a superlet and their exponents.

    Parameters
    ----------
    order : float
        Order of the superlet, at least `order_min`.
    order_min : int
        Order of its first wavelet.

    Returns
    -------
    orders : tuple of int
        Of the wavelets: every integer from `order_min` to `order`, and the next one if the order has a fractional part.
    weights : tuple of float
        Their exponents, which sum to one.
    """
    whole = int(order + ROUNDING)
    orders = tuple(range(order_min, whole + 1))
    shares = [1.0] * len(orders)
    if order - whole > ROUNDING:
        orders += (whole + 1,)
        shares.append(order - whole)
    return orders, tuple(share / sum(shares) for share in shares)


@dataclass(frozen=True)
class Superlets:
    """Superlets at `frequencies`, of an order each in `orders` (fractions allowed); `samplerate` and frequencies in Hz.

    Their shortest wavelet has `cycles` times `order_min` cycles.
    """

    frequencies: tuple[float, ...]
    orders: tuple[float, ...]
    samplerate: float
    cycles: float = 3.0
    order_min: int = 1

    def half_widths(self, index: int) -> tuple[int, ...]:
        """Return the samples to either side of the centre of each wavelet of a frequency."""
        scale = self.samplerate / (2 * np.pi * self.frequencies[index])
        return tuple(int(5 * scale * cycles + ROUNDING) for cycles in self._cycles(index))

    def kernels(self, index: int) -> Iterator[Array]:
        """Yield the amplitude-true wavelets of a frequency."""
        period = self.samplerate / self.frequencies[index]
        for cycles, half_width in zip(self._cycles(index), self.half_widths(index), strict=True):
            periods = np.arange(-half_width, half_width + 1) / period
            gaussian = np.exp(-((DEVIATIONS / cycles * periods) ** 2) / 2)
            yield np.sqrt(2) / gaussian.sum() * gaussian * np.exp(2j * np.pi * periods)

    def weights(self, index: int) -> tuple[float, ...]:
        """Return the exponent of each wavelet of a frequency."""
        return wavelet_weights(self.orders[index], self.order_min)[1]

    def _cycles(self, index: int) -> list[float]:
        return [self.cycles * order for order in wavelet_weights(self.orders[index], self.order_min)[0]]


@dataclass(frozen=True)
class FieldTripSuperlets:
    """FieldTrip's superlets: its wavelets of width, 2 width, 3 width .. cycles, or of width, width + 1, width + 2 .."""

    frequencies: tuple[float, ...]
    orders: tuple[float, ...]
    samplerate: float
    width: float = 3.0
    gwidth: float = 3.0
    combine: Literal["multiplicative", "additive"] = "multiplicative"

    def half_widths(self, index: int) -> tuple[int, ...]:
        """Return the samples to either side of lag zero of each wavelet of a frequency."""
        return tuple(length // 2 for length in self._lengths(index))

    def kernels(self, index: int) -> Iterator[Array]:
        """Yield the wavelets of a frequency."""
        for width in self._widths(index):
            yield fieldtrip_wavelet(self.frequencies[index], self.samplerate, width, self.gwidth)

    def weights(self, index: int) -> tuple[float, ...]:
        """Return the exponent of each wavelet of a frequency."""
        return wavelet_weights(self.orders[index])[1]

    def longest(self, index: int) -> int:
        """Return the samples of the longest wavelet of a frequency."""
        return max(self._lengths(index))

    def _lengths(self, index: int) -> list[int]:
        frequency = self.frequencies[index]
        return [fieldtrip_length(frequency, self.samplerate, width, self.gwidth) for width in self._widths(index)]

    def _widths(self, index: int) -> list[float]:
        orders, _ = wavelet_weights(self.orders[index])
        return [self.width * order if self.combine == "multiplicative" else self.width + order - 1 for order in orders]


def superlet_edge_time(superlets: Superlets) -> Array:
    """Return how far an edge of a trial is felt, in s: sqrt(2) standard deviations of the longest wavelet.

    float64, (freq,), for `syncopy.kernels.wavelets.cone_of_influence`.
    """
    cycles = [superlets.cycles * np.ceil(order - ROUNDING) for order in superlets.orders]
    return np.asarray(np.sqrt(2) * np.array(cycles) / (DEVIATIONS * np.array(superlets.frequencies)))


def transform(block: Array, superlets: SuperletKernels, output: str = "pow", samples: Array | None = None) -> Array:
    """Return the superlet transform of every trial and channel.

    Parameters
    ----------
    block : Array
        Real, (trial, time, channel).
    superlets : SuperletKernels
        `Superlets` or `FieldTripSuperlets`.
    output : str
        What to return of the complex coefficients, see `syncopy.kernels.fourier.convert_spectra`.
    samples : Array, optional
        Wanted samples, indices into the time axis; the default is all. The whole trial is transformed in any case.

    Returns
    -------
    Array
        (trial, time, freq, channel); float32 or complex64 for float32 input, else double.
    """

    def combine(index: int, signals: Iterator[Array]) -> Array:
        return geometric_mean(signals, superlets.weights(index), output)

    return filter_block(block, superlets, combine, output, samples)


def geometric_mean(signals: Iterator[Array], weights: tuple[float, ...], output: str) -> Array:
    """Return ``prod_q Z_q^w_q`` of complex signals, every factor a principal value, converted to `output`.

    Moduli are averaged as logarithms, in double precision; phases only if they are asked for.
    """
    polar = output not in ("pow", "abs")
    log_power, phase = np.zeros(1), np.zeros(1)
    with np.errstate(divide="ignore"):  # silence has the logarithm -inf, and its mean is silence again
        for signal, weight in zip(signals, weights, strict=True):
            power = signal.real**2
            power += signal.imag**2
            log_power = log_power + weight * np.log(power, out=power)
            if polar:
                phase = phase + weight * np.angle(signal)
    if polar:
        return convert_spectra(np.exp(log_power / 2) * np.exp(1j * phase), output)
    return np.asarray(np.exp(log_power if output == "pow" else log_power / 2))
