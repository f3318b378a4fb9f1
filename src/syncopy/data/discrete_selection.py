"""Selections of discrete data: which trials, cut to which time window, and which numbers in the other columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.axes import pick_positions
from syncopy.data.rows import Integers, RowTable, spread
from syncopy.data.selection import check_selectors, cut_latency
from syncopy.data.structdict import to_plain
from syncopy.data.trials import TrialIndexer
from syncopy.data.trialtable import pick_trials
from syncopy.errors import SPYTypeError, SPYValueError
from syncopy.markup import card, few

if TYPE_CHECKING:
    from syncopy.data.discrete import DiscreteData

Array = NDArray[Any]

_MOST_ROWS = 2**17  # of a block, if its trials are not longer; each takes some 130 bytes with what is found out of it


@dataclass(frozen=True, eq=False)
class TrialRows:
    """Rows inside trials: one entry for every row in every trial it lies in.

    Attributes
    ----------
    trial : ndarray of int
        Place of the trial in the selection, ascending.
    row : ndarray of int
        Place of the row in the object's data.
    table : ndarray of int
        The row, `(row, column)`.
    columns : tuple of str
        Names of the columns.
    relative : ndarray of float
        Samples from the trial's t = 0 to the event.
    samplerate : float or None
        Samples per second.
    """

    trial: NDArray[np.int64]
    row: NDArray[np.int64]
    table: Integers
    columns: tuple[str, ...]
    relative: NDArray[np.float64]
    samplerate: float | None

    def column(self, name: str) -> Integers:
        """One column of the table."""
        return self.table[:, self.columns.index(name)]

    @property
    def time(self) -> NDArray[np.float64]:
        """Seconds from the trial's t = 0 to the event; only of data with a sample rate."""
        assert self.samplerate is not None
        return self.relative / self.samplerate


@dataclass(frozen=True, eq=False)
class RowReader:
    """Reads the rows of chosen trials; small, and at home in any process.

    Attributes
    ----------
    table : RowTable
        The rows on disk.
    firsts, lasts : ndarray of int
        First row of every trial, and the one behind its last.
    zeros : ndarray of float
        Sample of t = 0 in every trial.
    kept : dict of str to ndarray
        As in `DiscreteSelection`.
    samplerate : float or None
        Samples per second.
    """

    table: RowTable
    firsts: NDArray[np.int64]
    lasts: NDArray[np.int64]
    zeros: NDArray[np.float64]
    kept: Mapping[str, NDArray[np.int64]]
    samplerate: float | None

    def read(self, first: int, last: int) -> TrialRows:
        """Rows of the trials `first:last`."""
        firsts, lasts = self.firsts[first:last], self.lasts[first:last]
        trial, row = spread(firsts, lasts)
        trial += first
        table = self.table.read(firsts, lasts)
        if self.kept:
            chosen = self.are_kept(table)
            trial, row, table = trial[chosen], row[chosen], table[chosen]
        relative = table[:, self.table.columns.index("sample")] - self.zeros[trial]
        return TrialRows(trial, row, table, self.table.columns, relative, self.samplerate)

    def are_kept(self, table: Integers) -> NDArray[np.bool_]:
        """Tell which of some rows are of a chosen number."""
        chosen = np.ones(len(table), dtype=bool)
        for name, numbers in self.kept.items():
            chosen &= np.isin(table[:, self.table.columns.index(name)], numbers)
        return chosen


@dataclass(frozen=True, eq=False)
class DiscreteSelection:
    """A part of a discrete object: trials with their borders, and what is left of their rows.

    Rows belong to trials by their sample, so they keep it: the borders speak of the samples of the whole object.

    Attributes
    ----------
    select : dict
        What was asked for.
    ids : ndarray of int
        Chosen trials in the order asked for, repetitions kept.
    starts, stops : ndarray of int
        Borders of each chosen trial in samples (after `latency`).
    offsets : ndarray of float
        Samples from t = 0 to the start of each trial.
    trialinfo : ndarray
        Further columns of the trial definition.
    kept : dict of str to ndarray
        Numbers of which a chosen row has one in that column; columns that do not matter are missing.
    """

    data: DiscreteData
    select: dict[str, Any]
    ids: NDArray[np.intp]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    offsets: NDArray[np.float64]
    trialinfo: Array
    kept: Mapping[str, NDArray[np.int64]]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def trial_ids(self) -> list[int]:
        """Numbers of the chosen trials."""
        ids: list[int] = self.ids.tolist()
        return ids

    @property
    def trialdefinition(self) -> Array:
        """Trial definition of the chosen part, as a copy made of it would have it."""
        return np.column_stack([self.starts, self.stops, self.offsets, self.trialinfo])

    @property
    def sampleinfo(self) -> Array:
        """Start and stop of every chosen trial."""
        return self.trialdefinition[:, :2]

    @property
    def samplerate(self) -> float | None:
        """Samples per second."""
        return self.data._samplerate

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Samples of each trial."""
        return self.stops - self.starts

    @property
    def intervals(self) -> Array:
        """Seconds of the first and last sample of every trial; only of data with a sample rate."""
        assert self.samplerate is not None
        return np.column_stack([self.offsets, self.offsets + self.lengths - 1]) / self.samplerate

    trialintervals = intervals

    # -- rows ----------------------------------------------------------------------------------------------------

    @cached_property
    def _table(self) -> RowTable:
        return self.data._table

    @cached_property
    def _ranges(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First row of every trial, and the one behind its last; those of other numbers are still among them."""
        before = self._table.rows_before(np.concatenate([self.starts, self.stops]))
        return before[: len(self)], before[len(self) :]

    @cached_property
    def reader(self) -> RowReader:
        """What reads the rows, without the object."""
        return RowReader(self._table, *self._ranges, self.starts - self.offsets, self.kept, self.samplerate)

    def read(self, first: int, last: int) -> TrialRows:
        """Rows of the chosen trials `first:last`."""
        return self.reader.read(first, last)

    @property
    def counts(self) -> NDArray[np.int64]:
        """Rows of each chosen trial, those of other numbers among them."""
        return self._ranges[1] - self._ranges[0]

    def _groups(self, most: int) -> Iterator[tuple[int, int]]:
        """Neighbouring trials, the next ones once there are so many rows."""
        group = (np.cumsum(self.counts) - self.counts) // most
        borders = (np.flatnonzero(np.diff(group)) + 1).tolist()
        return zip([0, *borders], [*borders, len(self)], strict=True)

    def ranges(self, most: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """First rows of some trials, and those behind their last ones, a group of trials at a time."""
        return ((self._ranges[0][first:last], self._ranges[1][first:last]) for first, last in self._groups(most))

    def blocks(self, most: int = _MOST_ROWS) -> Iterator[TrialRows]:
        """Rows of all chosen trials, a group of neighbouring trials at a time.

        Parameters
        ----------
        most : int
            Rows from which on a group takes no further trial.
        """
        return (self.read(first, last) for first, last in self._groups(most))

    def rows(self) -> Iterator[NDArray[np.int64]]:
        """Rows that lie in a chosen trial and are of a chosen number, ascending and each once, some at a time."""
        firsts, lasts = (np.sort(edges) for edges in self._ranges)
        start, inside = 0, 0
        for block in self._table.blocks():
            here = [edges[slice(*np.searchsorted(edges, [start, start + len(block)]))] for edges in (firsts, lasts)]
            begun, ended = (np.bincount(edges - start, minlength=len(block)) for edges in here)
            trials = inside + np.cumsum(begun - ended)
            inside = int(trials[-1])
            yield start + np.flatnonzero((trials > 0) & self.reader.are_kept(block))
            start += len(block)

    @property
    def trials(self) -> TrialIndexer[Integers]:
        """The chosen rows of each chosen trial, by the number the trial has in the object."""
        return TrialIndexer(len(self), lambda place: self.read(place, place + 1).table, self.ids)

    def load(self) -> list[Integers]:
        """The chosen rows of all chosen trials, read a group of trials at a time."""
        found: list[Integers] = []
        for first, last in self._groups(_MOST_ROWS):
            block = self.read(first, last)
            counts = np.bincount(block.trial - first, minlength=last - first)
            found += np.split(block.table, np.cumsum(counts)[:-1])
        return found

    @property
    def time(self) -> list[list[int]]:
        """Places in the object's data of the chosen rows of each chosen trial."""
        blocks = list(self.blocks())
        trial, row = (np.concatenate([getattr(block, name) for block in blocks]) for name in ("trial", "row"))
        counts = np.bincount(trial, minlength=len(self))
        return [rows.tolist() for rows in np.split(row, np.cumsum(counts)[:-1])]

    def __getattr__(self, name: str) -> Any:
        data = vars(self).get("data")  # a selection that is just being unpickled has none
        if data is None or name not in data._column_selectors:
            raise AttributeError(f"no `{name}` in this selection")
        if name == "channel":
            return np.unique(np.concatenate([block.column(name) for block in self.blocks()])).tolist()
        return self.time

    def __repr__(self) -> str:
        parts = [
            f"{len(self.kept[name]) if name in self.kept else 'all'} {name}s" for name in self.data._column_selectors
        ]
        parts.append(f"{self.lengths[0] if 'latency' in self.select else 'all'} times")
        parts.append(f"{len(self)} trials")
        return f"Syncopy {type(self.data).__name__} selector with {', '.join(parts)}"

    def _repr_html_(self) -> str:
        rows: dict[str, Any] = {"trials": f"{len(self)} of {len(self.data.trials or ())}: {few(self.ids)}"}
        for name in self.data._column_selectors:
            rows[name] = f"{len(self.kept[name])}: {few(self.kept[name])}" if name in self.kept else "all"
        rows["samples"] = f"{self.starts.min()} to {self.stops.max()}"
        return card(f"Selection of {type(self.data).__name__}", rows)


def resolve_rows(data: DiscreteData, request: Any) -> DiscreteSelection:
    """Resolve selectors against a discrete object.

    Raises
    ------
    SPYTypeError, SPYValueError
        For a selector that does not fit `data`.

    Warns
    -----
    SPYWarning
        If trials are dropped because they do not cover the latency window.
    """
    wanted = check_selectors(data, request)
    trl = data._trialdefinition
    assert trl is not None
    ids = pick_trials(data, wanted.get("trials"))
    kept = {
        name: data._pick_numbers(name, wanted[name])
        for name in data._column_selectors
        if name in wanted and not (isinstance(wanted[name], str) and wanted[name] == "all")
    }
    chosen = trl[ids]
    starts, stops, offsets = chosen[:, 0].astype(np.int64), chosen[:, 1].astype(np.int64), chosen[:, 2].copy()
    latency = wanted.get("latency")
    if latency is not None and not (isinstance(latency, str) and latency == "all"):
        if data._samplerate is None:
            raise SPYValueError("an object with a samplerate for a time window in seconds", "latency", latency)
        inside, first, last = cut_latency(offsets, stops - starts, data._samplerate, latency, ids)
        ids, starts, offsets, chosen = ids[inside], starts[inside], offsets[inside], chosen[inside]
        starts, stops, offsets = starts + first, starts + last + 1, offsets + first
    return DiscreteSelection(data, to_plain(wanted), ids, starts, stops, offsets, chosen[:, 3:], kept)


def pick_codes(name: str, codes: NDArray[np.int64], wanted: Any) -> NDArray[np.int64]:
    """Return the codes that are wanted.

    Parameters
    ----------
    name : str
        Selector, for the text of an error.
    codes : ndarray of int
        All codes that occur.
    wanted : int, sequence of int, slice, boolean mask
        Codes themselves; slices and masks count them in ascending order.
    """
    if isinstance(wanted, slice):
        return codes[pick_positions(name, len(codes), wanted)]
    if isinstance(wanted, str) or not isinstance(wanted, int | np.integer | list | tuple | range | np.ndarray):
        raise SPYTypeError(wanted, name, "a code, a sequence of codes, a slice or 'all'")
    values = np.atleast_1d(np.asarray(wanted))
    if values.dtype == bool:
        return codes[pick_positions(name, len(codes), values)]
    if values.dtype.kind not in "iu" or values.ndim != 1:
        raise SPYTypeError(wanted, name, "whole numbers")
    if not values.size or not np.isin(values, codes).all():
        raise SPYValueError(f"codes that occur in the data ({few(codes)})", name, wanted)
    return np.unique(values).astype(np.int64)
