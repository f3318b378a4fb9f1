"""Filtering blocks of trials with many finite kernels: one Fourier transform of the data serves all of them.

Every signal is ``y[n] = sum_k x[n - k] g[k]``, k = -h .. h, with zeros outside the trial: linear convolution, aligned
so that an impulse stays where it is. Long trials are cut into overlapping pieces (overlap-save; Oppenheim & Schafer,
Discrete-Time Signal Processing), so that memory does not grow with them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from scipy import fft

from syncopy.kernels.arrays import CACHE_BYTES, Array, cache_slabs, complex_dtype, real_dtype
from syncopy.kernels.fourier import convert_spectra

LONG_TRIAL = 1 << 15
"""Samples, zeros included, from which on a trial is cut into pieces."""

SHORT_PIECE = 1 << 14
"""Samples of the shortest transform of a piece; longer kernels take longer pieces."""

NARROW_SLAB = 16
"""Channels that are filtered together at least: shorter rows make poor use of memory."""

KEPT_BYTES = 8 * 1024 * 1024
"""Frequency responses up to this size are kept for the next block, of at most eight sets; larger ones are made anew."""

Combine = Callable[[int, Iterator[Array]], Array]
"""What becomes of the signals of one frequency, see `filter_block`."""


class KernelSet(Protocol):
    """Kernels to filter with, one or a few for each frequency: a value, hashable and cheap to make."""

    def __hash__(self) -> int: ...

    @property
    def frequencies(self) -> tuple[float, ...]:
        """Frequencies in Hz, in the order of the result."""

    def half_widths(self, index: int) -> tuple[int, ...]:
        """Return h of each kernel of a frequency, which has 2 h + 1 samples."""

    def kernels(self, index: int) -> Iterator[Array]:
        """Yield the kernels of a frequency, lag zero in the middle; all of a set are float64, or all complex128."""


@dataclass(frozen=True)
class Frame:
    """How a trial is cut: `length` samples per transform, `step` of them kept, `reach` samples of a kernel's wing."""

    length: int
    step: int
    reach: int


@dataclass(frozen=True, eq=False)
class FilterBank:
    """Frequency responses for one frame: for each frequency, by its position, an array (kernel, bin, 1)."""

    frame: Frame
    real: bool
    responses: dict[int, Array]


def filter_block(
    block: Array, kernel_set: KernelSet, combine: Combine, output: str = "complex", samples: Array | None = None
) -> Array:
    """Filter every trial and channel of a block with every kernel.

    The data are transformed in double precision; what a kernel leaves of float32 data goes on in single precision, so
    that rounding is relative to the result, not to the drifts and offsets it removes. NaN or infinity spoils its
    channel in that trial: all of it becomes NaN.

    Parameters
    ----------
    block : Array
        Real, (trial, time, channel).
    kernel_set : KernelSet
        The kernels.
    combine : callable
        Called with the position of a frequency and an iterator of signals: arrays (trial, time, channel) of some
        trials, samples and channels, one for each kernel of that frequency in turn; real for real kernels, else
        complex. Returns one such array, what becomes of them.
    output : str
        What `combine` returns, one of the names in `syncopy.kernels.fourier.CONVERSIONS`.
    samples : Array, optional
        Wanted samples, indices into the time axis of the block, (time,); the default is all of them. The whole trial
        is filtered in any case.

    Returns
    -------
    Array
        (trial, time, freq, channel); float32 or complex64 for float32 input, else double.
    """
    trial_count, sample_count, channel_count = block.shape
    dtype = complex_dtype(block)
    rows = sample_count if samples is None else len(samples)
    result = np.empty(
        (trial_count, rows, len(kernel_set.frequencies), channel_count),
        convert_spectra(np.empty(0, dtype), output).dtype,
    )
    with np.errstate(invalid="ignore"):
        spoilt = ~np.isfinite(block.sum(axis=1, dtype=np.float64))
    large = response_bytes(kernel_set, sample_count, real_dtype(block).itemsize) > KEPT_BYTES
    make_banks = _make_banks if large else _kept_banks
    for bank in make_banks(kernel_set, trial_capacity(sample_count), dtype):
        forward = fft.rfft if bank.real else fft.fft
        for trials, source, channels, target, picked in _pieces(block, bank.frame, samples):
            piece = block[trials, source, channels].astype(np.float64)
            spectrum = forward(piece, n=bank.frame.length, axis=1).astype(dtype)
            spectrum.swapaxes(1, 2)[spoilt[trials, channels]] = np.nan
            for index, responses in bank.responses.items():
                result[trials, target, index, channels] = combine(index, _signals(spectrum, responses, bank, picked))
    return result


def _signals(spectrum: Array, responses: Array, bank: FilterBank, picked: slice | Array) -> Iterator[Array]:
    """Yield the wanted samples of what each frequency response makes of a spectrum."""
    backward = fft.irfft if bank.real else fft.ifft
    parts = spectrum if np.iscomplexobj(responses) else spectrum.view(responses.dtype)  # real and imaginary parts
    for response in responses:
        product = (parts * response).view(spectrum.dtype)
        yield backward(product, n=bank.frame.length, axis=1, overwrite_x=True)[:, picked]


def _pieces(
    block: Array, frame: Frame, samples: Array | None
) -> Iterator[tuple[slice, slice, slice, slice | Array, slice | Array]]:
    """Yield pieces: trials, samples, channels of the block, samples of the result, and of the transform for them."""
    trial_count, sample_count, channel_count = block.shape
    column = complex_dtype(block).itemsize * frame.length
    for channels in cache_slabs(channel_count, column, max(CACHE_BYTES, NARROW_SLAB * column)):
        for trials in cache_slabs(trial_count, column * (channels.stop - channels.start)):
            for start in range(0, sample_count, frame.step):
                stop, first = min(start + frame.step, sample_count), max(start - frame.reach, 0)
                source = slice(first, start + frame.step + frame.reach)
                if samples is None:
                    yield trials, source, channels, slice(start, stop), slice(start - first, stop - first)
                elif np.any(here := (samples >= start) & (samples < stop)):
                    yield trials, source, channels, np.flatnonzero(here), samples[here] - first


def trial_capacity(sample_count: int) -> int:
    """Return the length filters are made for, in steps of at most 1/8: trials of similar length share them."""
    step = 1 << max(sample_count.bit_length() - 4, 0)
    return -(-sample_count // step) * step


def make_frame(capacity: int, half_width: int) -> Frame:
    """Return how to filter trials of at most `capacity` samples with kernels of 2 `half_width` + 1 samples.

    A transform holds the trial and as many zeros as a wing of the kernel is long; what is longer than the trial in a
    wing never meets it. Lengths are rounded up so that kernels of similar width share a transform.
    """
    reach = min(half_width, capacity - 1)
    if capacity + reach <= LONG_TRIAL or capacity <= 6 * reach:
        rung = -(-capacity // 8)
        reach = min(rung << (-(-reach // rung) - 1).bit_length(), capacity - 1)
        return Frame(fft.next_fast_len(capacity + reach), capacity, reach)
    reach = 1 << (reach - 1).bit_length()
    length = max(SHORT_PIECE, 8 * reach)
    return Frame(length, length - 2 * reach, reach)


def frequency_response(kernel: Array, frame: Frame) -> Array:
    """Return the transfer function of a kernel: one-sided if it is real, real if it is its own mirrored conjugate."""
    half_width = len(kernel) // 2
    reach = min(half_width, frame.reach)
    wrapped = np.zeros(frame.length, kernel.dtype)
    wrapped[: 2 * reach + 1] = kernel[half_width - reach : half_width + reach + 1]
    wrapped = np.roll(wrapped, -reach)
    response = fft.rfft(wrapped) if np.isrealobj(kernel) else fft.fft(wrapped)
    rounding = 1e-12 * np.abs(response).max()
    return response.real if np.abs(response.imag).max() < rounding else response


def _make_banks(kernel_set: KernelSet, capacity: int, dtype: np.dtype[Any]) -> tuple[FilterBank, ...]:
    """Return the filters for trials of at most `capacity` samples, one bank per length of the transform."""
    banks: dict[Frame, FilterBank] = {}
    for index in range(len(kernel_set.frequencies)):
        frame = make_frame(capacity, max(kernel_set.half_widths(index)))
        kernels = list(kernel_set.kernels(index))
        response = np.stack([frequency_response(kernel, frame) for kernel in kernels])[:, :, None]
        bank = banks.setdefault(frame, FilterBank(frame, np.isrealobj(kernels[0]), {}))
        bank.responses[index] = response.astype(dtype if np.iscomplexobj(response) else np.finfo(dtype).dtype)
    return tuple(banks.values())


_kept_banks = lru_cache(maxsize=8)(_make_banks)


def response_bytes(kernel_set: KernelSet, sample_count: int, itemsize: int) -> int:
    """Return the bytes of all frequency responses for trials of `sample_count` samples of `itemsize` bytes, at most."""
    widths = [kernel_set.half_widths(index) for index in range(len(kernel_set.frequencies))]
    capacity = trial_capacity(sample_count)
    return sum(2 * itemsize * make_frame(capacity, max(group)).length * len(group) for group in widths)


def filter_scratch(kernel_set: KernelSet, trials: int, sample_count: int, channels: int, itemsize: int) -> int:
    """Return the bytes `filter_block` needs beside block and result; with fewer frequencies it needs less.

    Parameters
    ----------
    kernel_set : KernelSet
        The kernels.
    trials, sample_count, channels : int
        Of the block.
    itemsize : int
        Bytes of one sample.
    """
    widest = max(max(kernel_set.half_widths(index)) for index in range(len(kernel_set.frequencies)))
    column = 2 * itemsize * make_frame(trial_capacity(sample_count), widest).length
    slab = min(trials * channels * column, max(CACHE_BYTES, min(channels, NARROW_SLAB) * column))
    return response_bytes(kernel_set, sample_count, itemsize) + 9 * slab
