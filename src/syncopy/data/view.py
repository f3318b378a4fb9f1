"""A part of a continuous object as an analysis sees it: trials of named axes, read block by block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.axes import Index, positions
from syncopy.data.trials import TrialSpec
from syncopy.storage.arrays import ArraySource

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
            picks[axis] = positions(pick, self.source.shape[self.order[axis]])[where]
            picks[axis] = _as_slice(picks[axis])
        if (starts[1:] == stops[:-1]).all():
            return self._slab(int(starts[0]), int(stops[-1]), picks).reshape(
                len(starts), int(stops[0] - starts[0]), *self._tail(picks)
            )
        first = self._slab(int(starts[0]), int(stops[0]), picks)
        block = np.empty((len(starts), *first.shape), first.dtype)
        block[0] = first
        for number in range(1, len(starts)):
            block[number] = self._slab(int(starts[number]), int(stops[number]), picks)
        return block

    def _slab(self, start: int, stop: int, picks: Mapping[int, Index]) -> Array:
        on_disk: dict[int, Index] = {self.order[axis]: pick for axis, pick in picks.items()}
        on_disk[self.order[0]] = slice(start, stop, 1)
        return np.ascontiguousarray(self.source.read(on_disk).transpose(self.order))

    def _tail(self, picks: Mapping[int, Index]) -> tuple[int, ...]:
        sizes = [self.source.shape[axis] for axis in self.order]
        return tuple(len(positions(picks.get(axis, slice(None)), sizes[axis])) for axis in range(1, len(sizes)))


def _as_slice(chosen: Index) -> Index:
    if isinstance(chosen, np.ndarray) and len(chosen) and (np.diff(chosen) == 1).all():
        return slice(int(chosen[0]), int(chosen[-1]) + 1, 1)
    return chosen


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
