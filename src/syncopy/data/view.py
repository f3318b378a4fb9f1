"""A part of a continuous object as an analysis sees it: trials of named axes, read block by block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from syncopy.data.axes import Index, compact, positions
from syncopy.data.trials import TrialSpec
from syncopy.storage.arrays import ArraySource, gather

if TYPE_CHECKING:
    from syncopy.data.continuous import ContinuousData

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Reader:
    """Reads blocks of trials in the class's own order of axes; small, and at home in any process.

    Attributes
    ----------
    source : ArraySource
        The array on disk.
    order : tuple of int
        Axis on disk of each axis of a trial; the first one is the stacking axis.
    picks : dict of int to slice or ndarray
        Positions taken along the trial's axes 1, 2, ...
    """

    source: ArraySource
    order: tuple[int, ...]
    picks: Mapping[int, Index]

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
        length = int(stops[0] - starts[0])
        if (starts[1:] == stops[:-1]).all():
            slab = self._rows(slice(int(starts[0]), int(stops[-1]), 1), picks)
        elif self.source.offset is not None:
            windows = sliding_window_view(self.source.mapped().transpose(self.order), length, 0)
            return gather(np.moveaxis(windows, -1, 1), {0: starts} | {axis + 1: pick for axis, pick in picks.items()})
        else:
            slab = np.concatenate([self._rows(slice(start, start + length, 1), picks) for start in starts.tolist()])
        return slab.reshape(len(starts), length, *slab.shape[1:])

    def _rows(self, rows: Index, picks: Mapping[int, Index]) -> Array:
        on_disk: dict[int, Index] = {self.order[axis]: pick for axis, pick in picks.items()}
        on_disk[self.order[0]] = rows
        return np.ascontiguousarray(self.source.read(on_disk).transpose(self.order))

    def _tail(self, picks: Mapping[int, Index]) -> tuple[int, ...]:
        sizes = [self.source.shape[axis] for axis in self.order]
        return tuple(len(positions(picks.get(axis, slice(None)), sizes[axis])) for axis in range(1, len(sizes)))


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
        return np.column_stack([self.offsets, self.offsets + self.lengths - 1]) / self.samplerate

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
    """The same samples in other pieces: trials that follow each other are joined, long ones cut.

    For what computes every sample by itself: there, neither many lengths nor one endless trial need to matter.

    Parameters
    ----------
    views : sequence of View
        Trials of equal lengths in all of them.
    rows : int
        Longest piece in samples.
    """
    follows = np.logical_and.reduce([view.starts[1:] == view.stops[:-1] for view in views])
    firsts = np.flatnonzero(np.concatenate([[True], ~follows]))
    totals = np.add.reduceat(views[0].lengths, firsts)
    counts = -(-totals // rows)
    run = np.repeat(np.arange(len(firsts)), counts)
    begins = rows * (np.arange(len(run)) - np.repeat(np.cumsum(counts) - counts, counts))
    lengths = np.minimum(rows, totals[run] - begins)
    pieces = []
    for view in views:
        starts = view.starts[firsts][run] + begins
        ids, zeros = np.arange(len(run)), np.zeros(len(run))
        changes = {"starts": starts, "stops": starts + lengths, "offsets": zeros, "trialinfo": zeros[:, None][:, :0]}
        pieces.append(replace(view, trial_ids=ids, **changes))
    return pieces
