"""When the samples of a recording were taken: between seconds of a session and rows of its data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.errors import SPYValueError

Array = NDArray[Any]
Times = Any  # an array, or what is sliced like one

_STEP = 2**20  # time stamps that are read at a time

# Clocks of acquisition systems in Hz, and the finest one, on which times with microseconds are whole numbers.
_CLOCKS = (1000.0, 10000.0, 20000.0, 24414.0625, 25000.0, 30000.0, 32000.0, 40000.0, 48000.0, 50000.0)
_FINEST = 1e6
_OFF_GRID = 0.03  # samples by which times that were rounded to microseconds may miss a grid


@dataclass(frozen=True, eq=False)
class Clock:
    """Stretches without gaps, in which samples follow each other at one rate.

    Attributes
    ----------
    samplerate : float
        Samples per second.
    starts : ndarray of float
        Seconds of the first sample of each stretch.
    rows : ndarray of int, shape (n_stretches + 1,)
        First row of each stretch; the last entry is the number of all rows.
    """

    samplerate: float
    starts: NDArray[np.float64]
    rows: NDArray[np.int64]

    @classmethod
    def regular(cls, samplerate: float, start: float, n_samples: int) -> Clock:
        """Clock of a recording without gaps."""
        return cls(float(samplerate), np.array([start], dtype=np.float64), np.array([0, n_samples], dtype=np.int64))

    @classmethod
    def of_timestamps(cls, timestamps: Times) -> Clock:
        """Clock that shows in time stamps, which may lie in a file: a gap is where one sample or more are missing.

        Raises
        ------
        SPYValueError
            If the time stamps do not ascend, or there are fewer than two.
        """
        n_samples = len(timestamps)
        steps = np.diff(np.asarray(timestamps[: min(n_samples, _STEP)], dtype=np.float64))
        if not steps.size or not np.isfinite(steps).all() or steps.min() <= 0:
            raise SPYValueError("two or more ascending time stamps", "timestamps", f"{n_samples} samples")
        usual, spent, taken = float(np.median(steps)), 0.0, 0
        starts, rows = [float(timestamps[0])], [0]
        for first in range(0, n_samples - 1, _STEP):
            times = np.asarray(timestamps[first : first + _STEP + 1], dtype=np.float64)
            steps = np.diff(times)
            if not (steps > 0).all():
                raise SPYValueError("ascending time stamps", "timestamps", "some that do not ascend")
            gaps = np.flatnonzero(steps > 1.5 * usual)
            starts.extend(times[gaps + 1].tolist())
            rows.extend((gaps + first + 1).tolist())
            spent += float(times[-1] - times[0] - steps[gaps].sum())
            taken += len(steps) - len(gaps)
        # time stamps in double precision do not tell the rate more exactly than that
        return cls(round(taken / spent, 6), np.array(starts), np.array([*rows, n_samples], dtype=np.int64))

    def stretch(self, seconds: Array) -> NDArray[np.intp]:
        """Stretch that is under way, or the last one before."""
        return np.maximum(np.searchsorted(self.starts - 0.5 / self.samplerate, seconds, "right") - 1, 0)

    def row(self, seconds: Array) -> NDArray[np.int64]:
        """Row that was taken at a time, to the nearest; negative before the first one, in a gap the next one."""
        which = self.stretch(seconds)
        rows = self.rows[which] + np.round((seconds - self.starts[which]) * self.samplerate).astype(np.int64)
        return np.minimum(rows, self.rows[which + 1])

    @property
    def stretches(self) -> Array:
        """Trial definition with a trial for every stretch; times are counted from the first sample."""
        offsets = np.round((self.starts - self.starts[0]) * self.samplerate)
        return np.column_stack([self.rows[:-1], self.rows[1:], offsets])


def rate_of_times(times: Sequence[float] | Array) -> float:
    """Sample rate of a clock on whose ticks all times lie: the slowest common one, else 1 MHz."""
    seconds = np.asarray(times, dtype=np.float64)
    for rate in _CLOCKS:
        if np.abs(seconds * rate - np.round(seconds * rate)).max(initial=0) < _OFF_GRID:
            return rate
    return _FINEST
