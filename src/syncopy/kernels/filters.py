"""Butterworth filters: recursive, cheap, with a delay that a second pass backwards cancels."""

import math
from functools import lru_cache
from typing import Literal

import numpy as np
from scipy import signal

from syncopy.kernels.arrays import CACHE_BYTES, Array, cache_slabs, real_dtype

STEP = 64
"""Samples that one matrix takes a filter through."""

FEWEST_SIGNALS = 16
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

    A filter is linear in its input and its state. Where there are many signals, two matrices take all of them through
    `STEP` samples at once, for all such chunks of a trial in one product each; only the states, a few numbers per
    chunk, follow each other. What that gives is SciPy's result to rounding.

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
    trials, samples, channels = block.shape
    twice = direction == "twopass"
    extension = (twopass_padding(sos) if padding is None else padding) if twice else 0
    before = extension + -(samples + 2 * extension) % STEP
    total = before + samples + extension
    cascade = _cascade(sos.astype(np.float64).tobytes())
    filtered = np.empty(block.shape, real_dtype(block))
    slabs = cache_slabs(trials, 8 * total * channels, SLAB_BYTES)
    extended = np.empty((slabs[0].stop if slabs else 0, total, channels))
    room = cascade.make_room(extended)
    for slab in slabs:
        values = extended[: slab.stop - slab.start]
        inner = values[:, before : before + samples]
        inner[:] = block[slab]
        gaps = ~np.isfinite(block[slab])
        if gaps.any():
            inner[gaps] = 0
        if twice:
            values[:, before - extension : before] = 2 * inner[:, :1] - inner[:, extension:0:-1]
            values[:, before + samples :] = 2 * inner[:, -1:] - inner[:, -2 : -extension - 2 : -1]
        values[:, : before - extension] = values[:, before - extension, None] if twice else 0
        cascade.run(values, twice, room)
        filtered[slab] = inner
        if gaps.any():
            reached = np.logical_or.accumulate(gaps, axis=1)
            filtered[slab][reached[:, -1:] | gaps if twice else reached] = np.nan
    return filtered


class _Cascade:
    """Second-order sections prepared to run over (trial, time, channel), time a multiple of `STEP`.

    Attributes
    ----------
    sos : Array
        The sections.
    steady : Array
        The state, (state, 1), that a constant input of 1 ends in.
    carry : Array
        Takes a state `STEP` samples further, without input, (state, state).
    ahead, back : (Array, Array)
        For a pass forwards and one backwards: what `STEP` samples of input, in order of time, add to the state,
        (state, STEP), and the output for a state and such an input, (STEP, state + STEP).
    """

    def __init__(self, sos: Array) -> None:
        self.sos = sos
        self.steady = signal.sosfilt_zi(sos).reshape(-1, 1)
        size = len(self.steady)
        samples = np.vstack([np.zeros((size, STEP)), np.eye(STEP)])
        states = np.zeros((len(sos), size + STEP, 2))
        states[:, :size] = np.eye(size).reshape(size, len(sos), 2).swapaxes(0, 1)
        outputs, states = signal.sosfilt(sos, samples, zi=states)
        after = states.swapaxes(1, 2).reshape(size, -1)
        self.carry, drive, output = after[:, :size].copy(), after[:, size:], outputs.T
        self.ahead = drive.copy(), output.copy()
        self.back = drive[:, ::-1].copy(), np.hstack([output[::-1, :size], output[::-1, : size - 1 : -1]])

    def make_room(self, values: Array) -> Array:
        """Return memory for `run`, of signals of the shape of `values` or fewer trials of these, (2, number)."""
        trials, total, channels = values.shape
        signals = trials * channels if trials * channels >= FEWEST_SIGNALS else 0
        return np.empty((2, (len(self.steady) + STEP) * total // STEP * signals))

    def run(self, values: Array, twice: bool, room: Array) -> None:
        """Filter in place, forwards from rest; or `twice`, from the steady state of the first sample, and backwards."""
        trials, total, channels = values.shape
        if trials * channels < FEWEST_SIGNALS:
            values[:] = self._plain(values, twice)
            return
        size, chunks = len(self.steady), total // STEP
        shape = size + STEP, chunks, trials * channels
        first, second = (part[: math.prod(shape)].reshape(shape) for part in room)
        columns = values.reshape(trials, chunks, STEP, channels).transpose(2, 1, 0, 3)
        first[size:].reshape(columns.shape)[:] = columns
        self._pass(first, self.steady * first[size, 0] * twice, *self.ahead, range(chunks), second[size:])
        if twice:
            self._pass(second, self.steady * second[-1, -1], *self.back, range(chunks)[::-1], first[size:])
        columns[:] = (first if twice else second)[size:].reshape(columns.shape)

    def _pass(self, given: Array, state: Array, drive: Array, output: Array, order: range, out: Array) -> None:
        """Filter chunks in `order`, from a state. `given` has the input in its last `STEP` rows and room for states."""
        size, chunks, signals = len(state), *given.shape[1:]
        driven = (drive @ given[size:].reshape(STEP, -1)).reshape(size, chunks, signals)
        for chunk in order:
            given[:size, chunk] = state
            state = self.carry @ state
            state += driven[:, chunk]
        np.matmul(output, given.reshape(size + STEP, -1), out=out.reshape(STEP, -1))

    def _plain(self, values: Array, twice: bool) -> Array:
        """Filter sample by sample, as SciPy does."""
        steady = self.steady.reshape(-1, 1, 2, 1)
        there: Array = signal.sosfilt(self.sos, values, axis=1, zi=steady * values[:, :1] * twice)[0]
        if not twice:
            return there
        back: Array = signal.sosfilt(self.sos, there[:, ::-1], axis=1, zi=steady * there[:, -1:])[0]
        return back[:, ::-1]


@lru_cache(maxsize=16)
def _cascade(sections: bytes) -> _Cascade:
    """Prepare the sections of an array's bytes once: for a short trial that takes longer than to filter it."""
    return _Cascade(np.frombuffer(sections).reshape(-1, 6).copy())
