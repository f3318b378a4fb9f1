"""Trials: the definition of them, their time axes, and access to one by its number."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from syncopy.errors import SPYError, SPYTypeError, SPYValueError

Array = NDArray[Any]
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class TrialSpec:
    """What one trial looks like, without its data.

    Attributes
    ----------
    dims : tuple of str
        Names of the axes; the first one is the stacking axis ("time").
    shape : tuple of int
        Length of each axis.
    dtype : dtype
        Type of the numbers.
    samplerate : float
        Samples per second along the time axis.
    offset : float
        Samples from t = 0 to the first sample: sample j lies at `(j + offset) / samplerate` seconds.
    coords : dict of str to ndarray
        Labels or frequencies of the axes that have them.
    """

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    samplerate: float
    offset: float
    coords: dict[str, Array] = field(default_factory=dict)

    @property
    def n_samples(self) -> int:
        """Length of the stacking axis."""
        return self.shape[0]

    @property
    def nbytes(self) -> int:
        """Bytes of one trial."""
        return math.prod(self.shape) * self.dtype.itemsize

    def size(self, dim: str) -> int:
        """Length of the axis of that name."""
        return self.shape[self.dims.index(dim)]

    def change(self, **changes: Any) -> TrialSpec:
        """Return a copy with some attributes changed."""
        return replace(self, **changes)

    def narrow(self, dim: str, where: slice) -> TrialSpec:
        """Return the spec of part of an axis."""
        axis = self.dims.index(dim)
        shape = (*self.shape[:axis], len(range(*where.indices(self.shape[axis]))), *self.shape[axis + 1 :])
        coords = {name: values[where] if name == dim else values for name, values in self.coords.items()}
        return replace(self, shape=shape, coords=coords)


def check_trialdefinition(value: Any, n_samples: int | None, whole_offsets: bool = True) -> Array:
    """Return a trial definition as a read-only float array.

    Parameters
    ----------
    value : array-like, shape (n_trials, 3 + k)
        Rows `[start, stop, offset, info ...]` in samples.
    n_samples : int or None
        Length of the stacking axis; None where there is no limit.
    whole_offsets : bool
        Whether a trial must begin on a sample, as users define them; those of a resampled result may begin between two.
    """
    try:
        trl = np.array(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise SPYTypeError(value, "trialdefinition", "a numeric array of shape (no. of trials, 3+)") from None
    if trl.ndim != 2 or trl.shape[0] < 1 or trl.shape[1] < 3:
        raise SPYValueError("array of shape (no. of trials, 3+)", "trialdefinition", f"shape {trl.shape}")
    whole = trl[:, : 3 if whole_offsets else 2]
    if not np.isfinite(trl[:, :3]).all() or (whole != np.round(whole)).any():
        raise SPYValueError(
            "finite whole numbers of samples (not s) in the first three columns", "sampleinfo", trl[:, :3]
        )
    low, high = trl[:, 0].min(), trl[:, 1].max()
    if low < 0 or (n_samples is not None and high > n_samples):
        limit = "" if n_samples is None else f" and at most {n_samples}"
        raise SPYValueError(f"trial borders of at least 0{limit} samples", "sampleinfo", f"{low:g} to {high:g}")
    wrong = np.flatnonzero(trl[:, 0] >= trl[:, 1])
    if wrong.size:
        row = trl[wrong[0], :2]
        raise SPYValueError("start < stop in every trial", "sampleinfo", f"{row.tolist()} in trial {wrong[0]}")
    trl.flags.writeable = False
    return trl


def consecutive(lengths: Array | list[int], offsets: Array | float = 0.0, trialinfo: Array | None = None) -> Array:
    """Trial definition of trials that lie one after the other."""
    stops = np.cumsum(np.asarray(lengths, dtype=np.float64))
    starts = stops - lengths
    columns = [starts, stops, np.broadcast_to(np.asarray(offsets, dtype=np.float64), stops.shape)]
    trl = np.column_stack(columns)
    return trl if trialinfo is None else np.hstack([trl, trialinfo])


class TrialIndexer(Generic[T]):
    """Access to something per trial by the trial's number, made when it is asked for.

    Parameters
    ----------
    count : int
        Number of trials.
    get : callable
        Makes the item at a place 0, 1, ...
    numbers : ndarray of int, optional
        Number of the trial at each place, where that is not the place itself: in a selection.
    """

    def __init__(self, count: int, get: Callable[[int], T], numbers: Array | None = None) -> None:
        self._count = count
        self._get = get
        self._numbers = numbers

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> T:
        if isinstance(number, bool) or not isinstance(number, int | np.integer):
            raise SPYTypeError(number, "trial index", "a whole number")
        if self._numbers is not None and number >= 0:
            places = np.flatnonzero(self._numbers == number)
            if not places.size:
                shown = ", ".join(map(str, self._numbers[:10])) + (", ..." if self._count > 10 else "")
                raise SPYValueError(f"index of existing trials ({shown})", "trial index", number)
            return self._get(int(places[0]))
        if not -self._count <= number < self._count:
            raise SPYValueError(f"index of existing trials (0 to {self._count - 1})", "trial index", number)
        return self._get(int(number) % self._count)

    def __iter__(self) -> Iterator[T]:
        return (self._get(place) for place in range(self._count))

    def __repr__(self) -> str:
        return f"{self._count} element iterable"


def latency_window(intervals: Array, latency: Any) -> tuple[float, float]:
    """Time window in seconds meant by a `latency`.

    Parameters
    ----------
    intervals : ndarray, shape (n_trials, 2)
        Times of the first and the last sample of each trial.
    latency : [t0, t1], number, "minperiod", "maxperiod", "prestim", "poststim"
        Infinite limits mean "as far as there are data".
    """
    begins, ends = intervals[:, 0], intervals[:, 1]
    if isinstance(latency, str):
        windows = {
            "minperiod": (begins.max(), ends.min()),
            "maxperiod": (begins.min(), ends.max()),
            "prestim": (begins.min(), 0.0),
            "poststim": (0.0, ends.max()),
        }
        if latency not in windows:
            raise SPYValueError(f"one of {[*windows, 'all']} or [start, end] in seconds", "latency", repr(latency))
        start, end = windows[latency]
        if start > end:
            legal = {"minperiod": "overlapping trials", "prestim": "trials that start before t = 0"}
            raise SPYValueError(legal.get(latency, "trials that end after t = 0"), "latency", repr(latency))
        return float(start), float(end)
    if isinstance(latency, bool) or not isinstance(latency, int | float | np.number | list | tuple | np.ndarray):
        raise SPYTypeError(latency, "latency", "[start, end] in seconds, a time, or a name")
    limits = np.atleast_1d(np.asarray(latency))
    if limits.dtype.kind not in "iuf" or limits.shape not in ((1,), (2,)) or np.isnan(limits).any():
        raise SPYValueError("[start, end] in seconds", "latency", latency)
    start = max(float(limits[0]), begins.min()) if np.isinf(limits[0]) else float(limits[0])
    end = min(float(limits[-1]), ends.max()) if np.isinf(limits[-1]) else float(limits[-1])
    if start > end:
        raise SPYValueError("start <= end of the latency window", "latency", latency)
    if start > ends.max():
        raise SPYValueError(
            f"start of latency window <= {ends.max():g} s, where the last trial ends", "latency", latency
        )
    if end < begins.min():
        raise SPYValueError(
            f"end of latency window >= {begins.min():g} s, where the first trial starts", "latency", latency
        )
    return start, end


class TrialOwner:
    """The part of a data object that says where its trials are, and gives them one by one."""

    _dimord: tuple[str, ...]
    _stack: ClassVar[str]
    _samplerate: float | None
    _trialdefinition: Array | None
    _selection: Any
    data: Any

    def _default_trials(self, lengths: list[int] | None) -> Array:
        """All data as one trial, or the trials that came one by one: these start 1 s before t = 0."""
        if lengths is None:
            return self._check_trials(consecutive([self._n_samples]))
        return self._check_trials(consecutive(lengths, -round(self._samplerate or 0)))

    def _check_trials(self, value: Any, whole_offsets: bool = True) -> Array:
        return check_trialdefinition(value, self._n_samples, whole_offsets)

    @property
    def _n_samples(self) -> int:
        return int(self.data.shape[self._dimord.index(self._stack)])

    @property
    def trialdefinition(self) -> Array | None:
        """Rows `[start, stop, offset, info ...]` in samples, one per trial; a copy."""
        return None if self._trialdefinition is None else self._trialdefinition.copy()

    @trialdefinition.setter
    def trialdefinition(self, value: Any) -> None:
        if self.data is None:
            raise SPYValueError("an object with data; cannot assign `trialdefinition` without data", "trialdefinition")
        self._trialdefinition = self._default_trials(None) if value is None else self._check_trials(value)
        self._selection = None

    @property
    def sampleinfo(self) -> Array | None:
        """Start and stop of every trial in samples; read-only."""
        return None if self._trialdefinition is None else self._trialdefinition[:, :2]

    @sampleinfo.setter
    def sampleinfo(self, value: Any) -> None:
        raise SPYError("cannot set sampleinfo; use `trialdefinition` instead")

    @property
    def trialinfo(self) -> Array | None:
        """Further columns of the trial definition; read-only."""
        return None if self._trialdefinition is None else self._trialdefinition[:, 3:]

    @trialinfo.setter
    def trialinfo(self, value: Any) -> None:
        raise SPYError("cannot set trialinfo; use `trialdefinition` instead")

    @property
    def trialintervals(self) -> Array | None:
        """Seconds of the first and last sample of every trial, relative to its t = 0."""
        trl = self._trialdefinition
        if trl is None or self._samplerate is None:
            return None
        return np.column_stack([trl[:, 2], trl[:, 2] + trl[:, 1] - trl[:, 0] - 1]) / self._samplerate

    @property
    def trial_ids(self) -> Array | None:
        """Numbers of the trials."""
        return None if self._trialdefinition is None else np.arange(len(self._trialdefinition))

    @property
    def trials(self) -> TrialIndexer[Array] | None:
        """Trials by number, each read from disk when it is asked for."""
        if self.data is None or self._trialdefinition is None:
            return None
        return TrialIndexer(len(self._trialdefinition), self._trial_reader())

    def _trial_reader(self) -> Callable[[int], Array]:
        """Return a function that reads a trial."""
        return self._read_trial

    def _read_trial(self, number: int) -> Array:
        raise NotImplementedError

    def _pieces(self, rows: int) -> Iterator[Array]:
        """All numbers inside trials, at most so many samples at a time."""
        return iter(self.trials or ())
