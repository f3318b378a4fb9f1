"""Windowed-sinc filters: finite impulse responses, linear or minimum phase."""

import math
from typing import Any

import numpy as np
from scipy import fft, signal

from syncopy.kernels.arrays import Array, cache_slabs, real_dtype
from syncopy.kernels.filters import FilterKind
from syncopy.kernels.gaps import any_between, fill_gaps

WINDOW_WIDTHS = {"hann": 3.1, "hamming": 3.3, "blackman": 5.5}
"""Transition width of a windowed-sinc filter times its duration (Widmann et al. 2015, table 1)."""

SEGMENT_LENGTH = 8192
"""Shortest FFT, in samples, with which long trials are filtered piece by piece."""

KERNELS_PER_SEGMENT = 8
"""Least length of such a piece in units of the kernel, so that few samples are computed twice."""


def transition_width(freq: float | tuple[float, float], samplerate: float) -> float:
    """Return FieldTrip's default width of the transition band in Hz.

    A quarter of the (lower) cut-off and at least 2 Hz, but never so wide that it reaches beyond zero, Nyquist or, for
    two cut-offs, the middle of the band.
    """
    edges = np.sort(np.atleast_1d(freq))
    room = min(2 * edges[0], samplerate - 2 * edges[-1], *np.diff(edges))
    return float(min(max(edges[0] / 4, 2), room))


def order_from_width(width: float, samplerate: float, window: str = "hamming") -> int:
    """Return the smallest even order whose transition band is at most `width` Hz wide.

    Parameters
    ----------
    width : float
        Transition width in Hz.
    samplerate : float
        In Hz.
    window : {'hamming', 'hann', 'blackman'}
        Of the kernel.

    Returns
    -------
    int
        Order; the kernel has one tap more.

    References
    ----------
    Widmann, Schröger and Maess (2015), doi:10.1016/j.jneumeth.2014.08.002.
    """
    return 2 * math.ceil(WINDOW_WIDTHS[window] * samplerate / width / 2)


def lowpass_taps(freq: float, order: int, window: str = "hamming") -> Array:
    """Return the windowed impulse response of the ideal low-pass, scaled to unit gain at 0 Hz.

    Parameters
    ----------
    freq : float
        Cut-off (half amplitude) in cycles per sample, in (0, 0.5].
    order : int
        Even.
    window : str
        Name known to `scipy.signal.get_window`; its symmetric form is used.

    Returns
    -------
    Array
        float64, (order + 1,).
    """
    lags = np.arange(order + 1) - order // 2
    taps = np.sinc(2 * freq * lags) * signal.get_window(window, order + 1, fftbins=False)
    result: Array = taps / taps.sum()
    return result


def design_sinc(
    freq: float | tuple[float, float],
    kind: FilterKind,
    order: int,
    samplerate: float,
    window: str = "hamming",
    direction: str = "twopass",
) -> Array:
    """Design a windowed-sinc filter.

    Every low-pass has unit gain at 0 Hz; the other types are differences of low-passes and of the unit impulse.

    Parameters
    ----------
    freq : float or (float, float)
        Cut-off in Hz, where one pass has half the amplitude (-6 dB); lower and upper for 'bp' and 'bs'.
    kind : {'lp', 'hp', 'bp', 'bs'}
        Type of filter.
    order : int
        Odd orders are raised by one, so that the kernel has a centre.
    samplerate : float
        In Hz.
    window : {'hamming', 'hann', 'blackman'}
        Symmetric window on the kernel.
    direction : {'onepass', 'twopass', 'onepass-minphase'}
        The last asks for the causal kernel of minimum phase.

    Returns
    -------
    Array
        float64, (order + 1,).
    """
    order += order % 2
    impulse = signal.unit_impulse(order + 1, "mid")
    low, high = (lowpass_taps(edge / samplerate, order, window) for edge in np.broadcast_to(freq, 2))
    taps = {"lp": low, "hp": impulse - low, "bp": high - low, "bs": low + impulse - high}[kind]
    return minimum_phase(taps) if direction == "onepass-minphase" else taps


def minimum_phase(taps: Array, floor: float = 1e-8, oversampling: int = 1000) -> Array:
    """Return the causal kernel with the magnitude response of `taps` and the least delay.

    Log-magnitude and phase of a minimum-phase system are a Hilbert pair: folding the real cepstrum onto its causal half
    gives the one from the other (Oppenheim and Schafer, Discrete-Time Signal Processing, chapter 12).

    Parameters
    ----------
    taps : Array
        (tap,).
    floor : float
        Least magnitude; zeros of the response have no logarithm.
    oversampling : int
        Frequencies per tap, at least, on which the cepstrum is computed: it decays slowly, and must not wrap around.

    Returns
    -------
    Array
        float64, (tap,).
    """
    size = 2 ** math.ceil(math.log2(oversampling * len(taps)))
    cepstrum = fft.irfft(np.log(np.maximum(np.abs(fft.rfft(taps, size)), floor)), size)
    cepstrum[1 : size // 2] *= 2
    cepstrum[size // 2 + 1 :] = 0
    causal: Array = fft.irfft(np.exp(fft.rfft(cepstrum)), size)
    return causal[: len(taps)]


def sinc_filter(block: Array, taps: Array, direction: str, edges: str = "zero") -> Array:
    """Filter along time with a kernel of `design_sinc`.

    Parameters
    ----------
    block : Array
        (trial, time, channel); left untouched.
    taps : Array
        (order + 1,).
    direction : {'onepass', 'twopass', 'onepass-minphase'}
        One centred pass without delay; two of them, which squares the response (-12 dB at the cut-off); one causal
        pass.
    edges : {'zero', 'edge'}
        What lies outside a trial: zeros (a low-passed offset droops at the ends) or its first and last sample.

    Returns
    -------
    Array
        Shape of `block`, float32 for float32 input. See `convolve` for NaN.
    """
    advance = 0 if direction == "onepass-minphase" else len(taps) // 2
    return convolve(block, taps, advance, passes=2 if direction == "twopass" else 1, edges=edges)


def sinc_reach(taps: Array, direction: str) -> tuple[int, int]:
    """Return how many samples before and after itself a sample that `sinc_filter` returns depends on."""
    if direction == "onepass-minphase":
        return len(taps) - 1, 0
    passes = 2 if direction == "twopass" else 1
    return passes * (len(taps) - 1 - len(taps) // 2), passes * (len(taps) // 2)


def convolve(block: Array, taps: Array, advance: int, passes: int = 1, edges: str = "zero") -> Array:
    """Convolve along time, ``y[t] = sum_k taps[k] x[t + advance - k]``, at the cost of FFTs.

    The mean goes its own way, times the response to a constant, and the rest is transformed in double precision. What
    the filter leaves of single-precision input goes on in single precision: rounding is then relative to the result,
    not to the offsets and slow waves that the filter removes.

    Parameters
    ----------
    block : Array
        (trial, time, channel); left untouched.
    taps : Array
        (tap,).
    advance : int
        Position of the tap that belongs to lag zero.
    passes : int
        How often; after each pass the result is cut to the trial.
    edges : {'zero', 'edge'}
        What lies outside a trial: zeros, or its first and last sample.

    Returns
    -------
    Array
        Shape of `block`; float32 for float32 input, else float64. NaN or infinity at one sample makes NaN of the
        samples in reach, `passes` times `advance` before it and `passes` times (tap - 1 - `advance`) after it, and of
        no others.
    """
    dtype = real_dtype(block)
    filtered = np.empty(block.shape, dtype)
    overlap_save = _OverlapSave(taps, advance, block.shape[1], edges)
    time = np.arange(block.shape[1])
    first, last = time - passes * overlap_save.past, time + passes * overlap_save.future
    constant = np.ones((1, block.shape[1], 1))
    for _ in range(passes):
        constant = overlap_save(constant, constant.dtype)[:, : block.shape[1]]
    for slab in cache_slabs(len(block), 8 * block[:1].size):
        values, gaps = fill_gaps(block[slab], overlap_save.room)
        inside = values[:, : block.shape[1]]
        mean = inside.mean(axis=1, keepdims=True)
        inside -= mean
        for _ in range(passes):
            values = overlap_save(values, dtype)
        np.multiply(mean, constant, out=filtered[slab], casting="same_kind")
        filtered[slab] += values[:, : block.shape[1]]
        if gaps.any():
            filtered[slab][any_between(gaps, first, last)] = np.nan
    return filtered


class _OverlapSave:
    """One kernel prepared for trials of one length: a single FFT where that is short, else segments that overlap.

    `past` and `future` are how many samples before and after itself a filtered sample sees; `room` is how long a trial
    should be made, by zeros behind it, so that it is not copied.
    """

    def __init__(self, taps: Array, advance: int, samples: int, edges: str) -> None:
        self.past, self.future = len(taps) - 1 - advance, advance
        self.samples = samples
        self.padding = (self.past, self.future) if edges == "edge" else (0, 0)
        reach = self.past + self.future
        whole = samples + (reach if edges == "edge" else max(self.past, self.future))
        segment = max(SEGMENT_LENGTH, KERNELS_PER_SEGMENT * reach)
        self.length = int(fft.next_fast_len(min(whole, segment), real=True))
        self.step = samples if whole <= segment else self.length - reach
        self.room = samples if any(self.padding) or self.step < samples else self.length
        # On a circle shorter than the kernel, only taps whose lags exceed the trial share a place.
        circle = np.zeros(self.length)
        circle[(np.arange(len(taps)) - advance) % self.length] = taps
        self.response = fft.rfft(circle)[:, np.newaxis]

    def __call__(self, values: Array, dtype: np.dtype[Any]) -> Array:
        """Filter (trial, time, channel) in the precision of `values` up to the response, then in that of `dtype`.

        Zeros may follow the samples of a trial, in `values` as in the result: what is as long as the FFT needs no copy.
        """
        if any(self.padding):
            padded = np.pad(values[:, : self.samples], ((0, 0), self.padding, (0, 0)), mode="edge")
            return self._in_pieces(padded, dtype)
        if self.step < self.samples:
            return self._in_pieces(values, dtype)
        filtered = self._on_circle(values, dtype)
        filtered[:, self.samples :] = 0
        return filtered

    def _in_pieces(self, values: Array, dtype: np.dtype[Any]) -> Array:
        """Filter piece by piece, each with the samples that it sees on either side."""
        lead = self.padding[0]
        pieces = []
        for start in range(0, self.samples, self.step):
            first = max(0, lead + start - self.past)
            last = lead + start + self.step + self.future
            offset = lead + start - first
            piece = self._on_circle(values[:, first:last], dtype)
            pieces.append(piece[:, offset : offset + min(self.step, self.samples - start)])
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces, axis=1)

    def _on_circle(self, values: Array, dtype: np.dtype[Any]) -> Array:
        """Convolve along time as if the last sample came before the first; (trial, `length`, channel)."""
        spectrum = fft.rfft(values, self.length, axis=1)
        spectrum *= self.response.astype(spectrum.dtype, copy=False)
        through = spectrum.astype(np.result_type(dtype, np.complex64), copy=False)
        filtered: Array = fft.irfft(through, self.length, axis=1, overwrite_x=True)
        return filtered
