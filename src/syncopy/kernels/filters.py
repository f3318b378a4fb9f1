"""Butterworth filters: recursive, cheap, with a delay that a second pass backwards cancels."""

import math
from functools import lru_cache
from typing import Literal

import numpy as np
from scipy import signal

from syncopy.kernels.arrays import CACHE_BYTES, Array, cache_slabs, real_dtype
from syncopy.kernels.gaps import fill_gaps

STEP = 32
"""Samples that one matrix product filters."""

FEWEST_SIGNALS = 32
"""Below this many signals, matrices are too thin to be faster than SciPy's loop over samples."""

SLAB_BYTES = 8 * CACHE_BYTES
"""Bytes of trials filtered together, in double precision."""

FORGOTTEN = 1e-18
"""Share of the past that is nothing: a hundredth of what double precision resolves."""

FilterKind = Literal["lp", "hp", "bp", "bs"]
"""Low-pass, high-pass, band-pass, band-stop."""


def design_butterworth(freq: float | tuple[float, float], kind: FilterKind, order: int, samplerate: float) -> Array:
    """Design a Butterworth filter as a cascade of second-order sections.

    Parameters
    ----------
    freq : float or (float, float)
        Cut-off in Hz, where one pass reaches -3 dB; the lower and the upper one for 'bp' and 'bs'. Strictly between 0
        and half the sample rate.
    kind : {'lp', 'hp', 'bp', 'bs'}
        Type of filter.
    order : int
        Order per edge: the band types have twice as many poles.
    samplerate : float
        In Hz.

    Returns
    -------
    Array
        float64, (section, 6), see `scipy.signal.butter`.
    """
    sections: Array = signal.butter(order, freq, kind, fs=samplerate, output="sos")
    return sections


def twopass_padding(sos: Array) -> int:
    """Return by how many samples 'twopass' extends both ends of a trial, which has to be longer than this.

    Three times the number of coefficients that the cascade has as one fraction, as in `scipy.signal.sosfiltfilt`.
    """
    missing = min(np.count_nonzero(sos[:, 2] == 0), np.count_nonzero(sos[:, 5] == 0))
    return int(3 * (2 * len(sos) + 1 - missing))


def settling_time(sos: Array) -> int:
    """Return after how many samples a filter has forgotten the past, to less than rounding in double precision.

    A filter that starts there instead of further back, in whatever direction, gives the same numbers; never less than
    the ends of a trial need in two passes.
    """
    radius = max(np.abs(np.roots(section[3:])).max(initial=0.0) for section in sos)
    if radius == 0:
        return twopass_padding(sos) + 1
    if radius >= 1:  # by rounding: such a filter never forgets
        return np.iinfo(np.int32).max
    return max(math.ceil(math.log(FORGOTTEN) / math.log(radius)), twopass_padding(sos) + 1)


def butterworth(block: Array, sos: Array, direction: str, padding: int | None = None) -> Array:
    """Filter along time with the sections of `design_butterworth`, in double precision.

    A filter is linear in its input and its state. Where there are many signals, a matrix takes all of them through
    `STEP` samples at once; what it gives is SciPy's result to rounding.

    Parameters
    ----------
    block : Array
        (trial, time, channel); left untouched. For 'twopass' longer than `padding`.
    sos : Array
        (section, 6).
    direction : {'onepass', 'twopass'}
        Forwards from a filter at rest, with a transient at the start and a delay; or forwards and backwards, without
        delay and with the squared magnitude response. The latter extends a trial by its odd reflection about both end
        points and starts from the steady state of the first sample, which is `scipy.signal.sosfiltfilt`.
    padding : int, optional
        Samples to extend by in 'twopass'; `twopass_padding` if not given. FieldTrip takes 3 less.

    Returns
    -------
    Array
        Shape of `block`; float32 for float32 input, else float64. A recursive filter never forgets: NaN or infinity in
        a channel makes NaN of all that follows in the trial, and of all of it after two passes.
    """
    samples, channels = block.shape[1:]
    extension = twopass_padding(sos) if padding is None else padding
    cascade = _cascade(sos.astype(np.float64).tobytes())
    filtered = np.empty(block.shape, real_dtype(block))
    for slab in cache_slabs(len(block), 8 * samples * channels, SLAB_BYTES):
        values, gaps = fill_gaps(block[slab])
        signals = values.swapaxes(0, 1).reshape(samples, -1)
        signals = cascade.forwards(signals) if direction == "onepass" else cascade.both_ways(signals, extension)
        filtered[slab] = signals.reshape(samples, -1, channels).swapaxes(0, 1)
        if gaps.any():
            reached = np.logical_or.accumulate(gaps, axis=1)
            filtered[slab][reached if direction == "onepass" else reached[:, -1:] | gaps] = np.nan
    return filtered


class _Cascade:
    """Second-order sections prepared to run over (time, signal).

    `operator` takes a state and `STEP` samples of input to the next state and as many samples of output; `steady` is
    the state, (2 * section, 1), that a constant of 1 ends in.
    """

    def __init__(self, sos: Array) -> None:
        self.sos = sos
        self.steady = signal.sosfilt_zi(sos).reshape(-1, 1)
        size = len(self.steady)
        samples = np.vstack([np.zeros((size, STEP)), np.eye(STEP)])
        states = np.zeros((len(sos), size + STEP, 2))
        states[:, :size] = np.eye(size).reshape(size, len(sos), 2).swapaxes(0, 1)
        outputs, states = signal.sosfilt(sos, samples, zi=states)
        self.operator = np.vstack([states.swapaxes(1, 2).reshape(size, -1), outputs.T])

    def forwards(self, signals: Array, level: Array | float = 0.0) -> Array:
        """Filter from the state that a constant input of `level` has led to."""
        size, count = len(self.steady), signals.shape[1]
        state = np.broadcast_to(self.steady * level, (size, count))
        if count < FEWEST_SIGNALS:
            plain: Array = signal.sosfilt(self.sos, signals, axis=0, zi=state.reshape(-1, 2, count))[0]
            return plain
        filtered = np.empty_like(signals)
        given = np.zeros((size + STEP, count))
        given[:size] = state
        for start in range(0, len(signals), STEP):
            step = signals[start : start + STEP]
            given[size : size + len(step)] = step
            result = self.operator @ given
            filtered[start : start + STEP] = result[size : size + len(step)]
            given[:size] = result[:size]
        return filtered

    def both_ways(self, signals: Array, extension: int) -> Array:
        """Filter forwards and backwards, extended on both sides."""
        before = 2 * signals[0] - signals[extension:0:-1]
        after = 2 * signals[-1] - signals[-2 : -extension - 2 : -1]
        ahead = np.concatenate([before, signals, after])
        back = self.forwards(ahead, ahead[0])[::-1]
        return self.forwards(back, back[0])[::-1][extension : extension + len(signals)]


@lru_cache(maxsize=16)
def _cascade(sections: bytes) -> _Cascade:
    """Prepare the sections of an array's bytes once: for a short trial that takes longer than to filter it."""
    return _Cascade(np.frombuffer(sections).reshape(-1, 6).copy())
