"""Butterworth filters: recursive, cheap, with a delay that a second pass backwards cancels."""

from typing import Literal

import numpy as np
from scipy import signal

from syncopy.kernels.arrays import CACHE_BYTES, Array, cache_slabs, real_dtype

SLAB_BYTES = 4 * CACHE_BYTES
"""Bytes of trials per call, in double precision: with less, SciPy's checks of its arguments take their time."""

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


def butterworth(block: Array, sos: Array, direction: str, padding: int | None = None) -> Array:
    """Filter along time with the sections of `design_butterworth`, in double precision.

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
        Samples to extend by in 'twopass', at least 1; `twopass_padding` if not given. FieldTrip takes 3 less.

    Returns
    -------
    Array
        Shape of `block`; float32 for float32 input, else float64. A recursive filter never forgets: a NaN in a channel
        makes NaN of all that follows in the trial, and of all of it after two passes.
    """
    filtered = np.empty(block.shape, real_dtype(block))
    reflected = twopass_padding(sos) if padding is None else padding
    for slab in cache_slabs(len(block), 8 * block[:1].size, SLAB_BYTES):
        signals = np.ascontiguousarray(block[slab].swapaxes(1, 2), np.float64)
        result = _twopass(signals, sos, reflected) if direction == "twopass" else signal.sosfilt(sos, signals)
        filtered[slab] = result.swapaxes(1, 2)
    return filtered


def _twopass(signals: Array, sos: Array, padding: int) -> Array:
    """Filter (trial, channel, time) forwards and backwards, as SciPy's function does with several copies more."""
    before = 2 * signals[..., :1] - signals[..., padding:0:-1]
    after = 2 * signals[..., -1:] - signals[..., -2 : -padding - 2 : -1]
    extended = np.concatenate([before, signals, after], axis=-1)
    steady = signal.sosfilt_zi(sos)[:, np.newaxis, np.newaxis]
    forwards, _ = signal.sosfilt(sos, extended, zi=steady * extended[..., :1])
    reverse = forwards[..., ::-1]
    backwards, _ = signal.sosfilt(sos, reverse, zi=steady * reverse[..., :1])
    filtered: Array = backwards[..., ::-1][..., padding:-padding]
    return filtered
