"""A part of a continuous object as an analysis sees it: trials of named axes, read block by block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from syncopy.data.axes import Index, compact, positions
from syncopy.data.timeaxis import has_listed_times, times_of_trial
from syncopy.data.trials import TrialSpec
from syncopy.storage.arrays import ArraySource, picked_shape, takes_all

if TYPE_CHECKING:
    from syncopy.data.continuous import ContinuousData

Array = NDArray[Any]


class BlockReader(Protocol):
    """Reads blocks of trials; small, and at home in any process."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Files that are read."""

    def read(self, starts: Array, stops: Array, part: tuple[int, slice] | None = None) -> Array:
        """Trials of equal length as one array `(trial, time, ...)`, or part of one of their axes."""


class Source(Protocol):
    """Trials as the engine sees them: what each looks like, and who reads them."""

    @property
    def reader(self) -> BlockReader:
        """Reads the numbers."""

    @property
    def trial_ids(self) -> NDArray[np.intp]:
        """Number of each trial in its object."""

    @property
    def starts(self) -> NDArray[np.int64]:
        """First row of each trial, as the reader counts rows."""

    @property
    def stops(self) -> NDArray[np.int64]:
        """Row behind the last one of each trial."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Samples of each trial."""

    @property
    def offsets(self) -> NDArray[np.float64]:
        """Samples from t = 0 to the first sample of each trial."""

    @property
    def trialinfo(self) -> Array:
        """Further columns of the trial definition."""

    def __len__(self) -> int:
        """Return the number of trials."""

    def spec(self, number: int) -> TrialSpec:
        """What a trial looks like."""


@dataclass(frozen=True, eq=False)
class Reader:
    """Reads blocks of trials in the class's own order of axes.

    Attributes
    ----------
    source : ArraySource
        The array on disk.
    order : tuple of int
        Axis on disk of each axis of a trial; the first one is the stacking axis.
    picks : dict of int to slice or ndarray
        Positions taken along the trial's axes 1, 2, ...
    ranges : (starts, stops), optional
        Ranges of rows which, one after the other, are the rows that this reader counts; by default those on disk.
    """

    source: ArraySource
    order: tuple[int, ...]
    picks: Mapping[int, Index]
    ranges: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The file of the array."""
        return (self.source.path,)

    def read(self, starts: Array, stops: Array, part: tuple[int, slice] | None = None) -> Array:
        """Trials of equal length as one array `(trial, time, ...)`.

        Parameters
        ----------
        starts, stops : ndarray of int
            Rows of each trial.
        part : (axis, slice), optional
            Read only this range of the picked positions along one of the trial's axes.
        """
        picks = dict(self.picks)
        if part is not None:
            axis, where = part
            pick = picks.get(axis, slice(0, self.source.shape[self.order[axis]], 1))
            picks[axis] = compact(positions(pick, self.source.shape[self.order[axis]])[where])
        on_disk = {self.order[axis]: pick for axis, pick in picks.items()}
        ranges = (starts, stops) if self.ranges is None else cut_ranges(*self.ranges, int(starts[0]), int(stops[-1]))
        rows = self._rows(*ranges, on_disk).transpose(self.order)
        return np.ascontiguousarray(rows).reshape(len(starts), int(stops[0] - starts[0]), *rows.shape[1:])

    def _rows(self, starts: Array, stops: Array, picks: dict[int, Index]) -> Array:
        """Ranges of the stacking axis, one after the other, in the order of the file's axes."""
        stack = self.order[0]
        picks = {axis: pick for axis, pick in picks.items() if not takes_all(pick, self.source.shape[axis])}
        if stack == 0:
            return self.source.read_ranges(starts, stops, picks)
        ranges = [slice(start, stop, 1) for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)]
        return np.concatenate([self.source.read(picks | {stack: rows}) for rows in ranges], axis=stack)

    def _tail(self, picks: Mapping[int, Index]) -> tuple[int, ...]:
        sizes = tuple(self.source.shape[axis] for axis in self.order)
        return picked_shape(sizes, picks)[1:]


@dataclass(frozen=True, eq=False)
class View:
    """Trials of (a part of) an object, with their metadata.

    Attributes
    ----------
    data : ContinuousData
        The object, kept alive as long as the view.
    reader : Reader
        Reads the numbers.
    dims : tuple of str
        Axes of a trial, the stacking axis first.
    trial_ids, starts, stops, offsets, trialinfo : ndarray
        One entry (row) per trial, as in `Selection`.
    coords : dict of str to ndarray
        Labels or frequencies of the picked positions.
    """

    data: ContinuousData
    reader: Reader
    dims: tuple[str, ...]
    trial_ids: NDArray[np.intp]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    offsets: NDArray[np.float64]
    trialinfo: Array
    coords: dict[str, Array]

    def __len__(self) -> int:
        return len(self.trial_ids)

    @property
    def samplerate(self) -> float:
        """Samples per second."""
        return float(self.data.samplerate)

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Samples of each trial."""
        return self.stops - self.starts

    @property
    def intervals(self) -> Array:
        """Seconds of the first and last sample of every trial."""
        if has_listed_times(self.data):
            return np.array([self.times(number)[[0, -1]] for number in range(len(self))])
        return np.column_stack([self.offsets, self.offsets + self.lengths - 1]) / self.samplerate

    def times(self, number: int) -> Array:
        """Seconds of every sample of trial `number` of this view."""
        length = int(self.lengths[number])
        if not has_listed_times(self.data):
            return np.asarray((np.arange(length) + self.offsets[number]) / self.samplerate)
        trial = int(self.trial_ids[number])
        assert self.data.sampleinfo is not None
        first = int(self.starts[number] - self.data.sampleinfo[trial, 0])
        return times_of_trial(self.data, trial)[first : first + length]

    def of_dataset(self, name: str) -> View:
        """Return the same part of a further dataset that has the axes of the data."""
        return replace(self, reader=replace(self.reader, source=ArraySource.of(self.data.datasets[name])))

    def spec(self, number: int) -> TrialSpec:
        """What trial `number` of this view looks like."""
        shape = (int(self.lengths[number]), *self._tail)
        dtype = self.reader.source.dtype
        return TrialSpec(self.dims, shape, dtype, self.samplerate, float(self.offsets[number]), self.coords)

    @cached_property
    def _tail(self) -> tuple[int, ...]:
        return self.reader._tail(self.reader.picks)

    def read(self, first: int, last: int) -> Array:
        """Trials `first:last`, which must be of equal length, as one array `(trial, time, ...)`."""
        return self.reader.read(self.starts[first:last], self.stops[first:last])


def samplewise(views: Sequence[View], rows: int) -> list[View]:
    """The samples of all trials as one long row, in pieces.

    For what computes every sample by itself: there, neither many lengths nor one endless trial need to matter.

    Parameters
    ----------
    views : sequence of View
        Trials of equal lengths in all of them.
    rows : int
        Longest piece in samples.
    """
    starts = np.arange(0, views[0].lengths.sum(), rows)
    stops = np.append(starts[1:], views[0].lengths.sum())
    ids, zeros = np.arange(len(starts)), np.zeros(len(starts))
    pieces = []
    for view in views:
        reader = replace(view.reader, ranges=(view.starts, view.stops))
        whole = replace(view, reader=reader, trial_ids=ids, starts=starts, stops=stops)
        pieces.append(replace(whole, offsets=zeros, trialinfo=zeros[:, None][:, :0]))
    return pieces


def cut_ranges(starts: Array, stops: Array, first: int, last: int) -> tuple[Array, Array]:
    """Ranges that hold rows `first:last` of many ranges taken one after the other."""
    edges = np.cumsum(stops - starts)
    lo, hi = int(np.searchsorted(edges, first, "right")), int(np.searchsorted(edges, last, "left"))
    starts, stops = starts[lo : hi + 1].copy(), stops[lo : hi + 1].copy()
    starts[0] = stops[0] - (edges[lo] - first)
    stops[-1] -= edges[hi] - last
    return starts, stops
