"""Spike counts as a source of blocks: trials of bins by units, counted when they are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.discrete import DiscreteData
from syncopy.data.discrete_selection import DiscreteSelection, RowReader
from syncopy.data.trials import TrialSpec
from syncopy.data.view import BlockReader
from syncopy.kernels.spikes import count_spikes, covered_bins, distinct_pairs, pair_numbers, sample_borders

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Bins:
    """Bins of time relative to the trigger.

    Attributes
    ----------
    edges : ndarray of float
        Ascending and equidistant, in seconds.
    last : float
        Time of the last sample of the window, in seconds.
    """

    edges: Array
    last: float

    @property
    def width(self) -> float:
        """Width of a bin in seconds."""
        return float(self.edges[-1] - self.edges[0]) / len(self)

    @property
    def offset(self) -> float:
        """Centre of the first bin, in bins."""
        return float(self.edges[0]) / self.width + 0.5

    def __len__(self) -> int:
        return len(self.edges) - 1

    def borders(self, samplerate: float) -> Array:
        """Borders of the bins in samples."""
        return sample_borders(self.edges, samplerate, self.last)

    def needed(self, samplerate: float) -> Array:
        """Borders of what a trial has to cover: the sample on the last edge counts where it is, and may be missing."""
        return sample_borders(self.edges, samplerate, np.inf)


@dataclass(frozen=True, eq=False)
class CountReader:
    """Counts the spikes of some trials; rows are bins, those of all trials one after the other.

    Attributes
    ----------
    spikes : RowReader
    borders : ndarray of int
        Of the bins, in samples.
    pairs : ndarray of int, shape (n_pairs, 2)
        Numbers of channel and unit.
    """

    spikes: RowReader
    borders: Array
    pairs: Array

    @property
    def paths(self) -> tuple[str, ...]:
        """The file of the spikes."""
        return (self.spikes.table.source.path,)

    def read(self, starts: Array, stops: Array, part: tuple[int, slice] | None = None) -> Array:
        """Counts `(trial, bin, pair)`, float32."""
        first, last = which_trials(starts, stops)
        rows = self.spikes.read(first, last)
        pair = pair_numbers(rows.column("channel"), rows.column("unit"), self.pairs)
        return count_spikes(rows.trial - first, rows.relative, pair, self.borders, (last - first, len(self.pairs)))


@dataclass(frozen=True, eq=False)
class CoverageReader:
    """Tells which bins some trials cover completely; rows as for `CountReader`.

    Attributes
    ----------
    borders : ndarray of int
        Of the bins, in samples.
    offsets, lengths : ndarray
        Of all trials, in samples.
    """

    borders: Array
    offsets: Array
    lengths: Array

    @property
    def paths(self) -> tuple[str, ...]:
        """No file: it is known."""
        return ()

    def read(self, starts: Array, stops: Array, part: tuple[int, slice] | None = None) -> Array:
        """Booleans `(trial, bin)`."""
        trials = slice(*which_trials(starts, stops))
        return covered_bins(self.borders, self.offsets[trials], self.lengths[trials])


def which_trials(starts: Array, stops: Array) -> tuple[int, int]:
    """First trial, and the one behind the last, of neighbours of equal length in a long row."""
    length = int(stops[0] - starts[0])
    return int(starts[0]) // length, int(stops[-1]) // length


@dataclass(frozen=True, eq=False)
class BinnedTrials:
    """Trials of bins, as the engine reads them: a `data.view.Source`.

    Attributes
    ----------
    selection : DiscreteSelection
        The trials; keeps the object alive.
    bins : Bins
    reader : BlockReader
    pattern : TrialSpec
        What each trial looks like.
    """

    selection: DiscreteSelection
    bins: Bins
    reader: BlockReader
    pattern: TrialSpec

    def __len__(self) -> int:
        return len(self.selection)

    @property
    def trial_ids(self) -> NDArray[np.intp]:
        """Number of every trial in the object."""
        return self.selection.ids

    @property
    def trialinfo(self) -> Array:
        """Further columns of the trial definition."""
        return self.selection.trialinfo

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Number of bins, the same in every trial."""
        return np.full(len(self), len(self.bins))

    @property
    def starts(self) -> NDArray[np.int64]:
        """First bin of every trial."""
        return np.arange(len(self)) * len(self.bins)

    @property
    def stops(self) -> NDArray[np.int64]:
        """Bin behind the last one of every trial."""
        return self.starts + len(self.bins)

    @property
    def offsets(self) -> NDArray[np.float64]:
        """Centre of the first bin relative to the trigger, in bins."""
        return np.full(len(self), self.bins.offset)

    def spec(self, number: int) -> TrialSpec:
        """What trial `number` looks like."""
        return self.pattern


def bin_trials(selection: DiscreteSelection, bins: Bins, pairs: Array) -> tuple[BinnedTrials, BinnedTrials]:
    """Return the spike counts of trials, and which bins each trial covers, as two aligned sources."""
    assert selection.samplerate is not None
    borders, rate = bins.borders(selection.samplerate), 1 / bins.width
    labels = {"channel": np.array(pair_labels(selection.data, pairs))}
    counts = TrialSpec(("time", "channel"), (len(bins), len(pairs)), np.dtype(np.float32), rate, bins.offset, labels)
    covered = TrialSpec(("time",), (len(bins),), np.dtype(bool), rate, bins.offset)
    coverage = CoverageReader(bins.needed(selection.samplerate), selection.offsets, selection.lengths)
    return (
        BinnedTrials(selection, bins, CountReader(selection.reader, borders, pairs), counts),
        BinnedTrials(selection, bins, coverage, covered),
    )


def pairs_of(selection: DiscreteSelection) -> Array:
    """All pairs (channel, unit) with a spike in a chosen trial, ascending."""
    found = [np.empty((0, 2), np.int64)]
    found += [distinct_pairs(rows.column("channel"), rows.column("unit")) for rows in selection.blocks()]
    return np.unique(np.concatenate(found), axis=0)


def pair_labels(data: DiscreteData, pairs: Array) -> list[str]:
    """Labels of pairs of numbers: `channel0_unit3`; `channel0_A` or `Fz_A` of units that were given names."""
    channels, units = _given_names(data, "channel"), _given_names(data, "unit")
    return [
        f"{channels.get(channel, f'channel{channel}')}_{units[unit]}"
        if unit in units
        else f"channel{channel}_unit{unit}"
        for channel, unit in pairs.tolist()
    ]


def _given_names(data: DiscreteData, kind: str) -> dict[int, str]:
    """Labels by number, but for those that numbers have by default."""
    labelled = zip(data._numbers(kind).tolist(), getattr(data, kind).tolist(), strict=True)
    return {number: label for number, label in labelled if not re.fullmatch(rf"{kind}0*{number + 1}", label)}


def spikes_between(
    selection: DiscreteSelection, pairs: Array, start: float, end: float
) -> Iterator[tuple[Array, Array]]:
    """Time and number of the pair of every spike of a window, a group of trials at a time."""
    for rows in selection.blocks():
        inside = (rows.time >= start) & (rows.time <= end)
        pair = pair_numbers(rows.column("channel"), rows.column("unit"), pairs)
        yield rows.time[inside], pair[inside]
