"""Trials too long for the memory, computed in pieces, by steps whose results depend on no more than nearby samples.

A piece is read together with the samples before and after it that its results depend on, like a trial whose t = 0 is
the first sample of the piece itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.trials import TrialSpec, consecutive
from syncopy.data.view import BlockReader, Source
from syncopy.engine.method import AXES, Noted, Pipeline, Stage

Array = NDArray[Any]
Notes = Mapping[str, list[Any]]


@dataclass(frozen=True)
class OwnSamples(Stage):
    """Cut a piece to its own samples, those from t = 0 on; tells at which channels NaN were found.

    Attributes
    ----------
    rows : int
        How many those are, at most, at the rate of the result.
    """

    rows: int

    split = AXES - {"time"}
    uses_offset = True

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """The samples that are left."""
        (trial,) = trials
        count = min(self.rows, trial.n_samples + int(trial.offset))
        return trial.change(shape=(count, *trial.shape[1:]), offset=0.0)

    def apply(self, trial: TrialSpec, *blocks: Array) -> Noted:
        """Cut a block."""
        first = -int(trial.offset)
        own = np.ascontiguousarray(blocks[0][:, first : first + self.rows])
        return Noted(own, {"gaps": np.isnan(own).any(axis=1).tolist()})

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """One mark per number."""
        return count * int(np.prod(trials[0].shape, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class Pieces:
    """Pieces of the trials of a source, as a source of their own.

    Attributes
    ----------
    view : Source
    rows : int
        Samples of a piece; the last one of a trial may have less.
    reach : (int, int)
        Samples before and after its own that a piece is read with, as far as the trial has them.
    rate : Fraction
        Samples of the result per sample; its denominator divides `rows` and what is read before a piece.
    """

    view: Source
    rows: int
    reach: tuple[int, int]
    rate: Fraction

    @cached_property
    def trial(self) -> NDArray[np.intp]:
        """Place of each piece's trial in the source."""
        return np.repeat(np.arange(len(self.view)), -(-self.view.lengths // self.rows))

    @cached_property
    def _first(self) -> NDArray[np.int64]:
        """First own sample of each piece, counted from the start of its trial."""
        counts = -(-self.view.lengths // self.rows)
        return self.rows * (np.arange(len(self.trial)) - np.repeat(np.cumsum(counts) - counts, counts))

    @cached_property
    def _begin(self) -> NDArray[np.int64]:
        return np.maximum(self._first - self.reach[0], 0)

    @cached_property
    def _end(self) -> NDArray[np.int64]:
        return np.minimum(self._first + self.rows + self.reach[1], self.view.lengths[self.trial])

    @property
    def reader(self) -> BlockReader:
        """Reads the numbers."""
        return self.view.reader

    @property
    def trial_ids(self) -> NDArray[np.intp]:
        """Number of each piece's trial in its object."""
        return self.view.trial_ids[self.trial]

    @property
    def starts(self) -> NDArray[np.int64]:
        """First row that is read for each piece."""
        return self.view.starts[self.trial] + self._begin

    @property
    def stops(self) -> NDArray[np.int64]:
        """Row behind the last one that is read."""
        return self.view.starts[self.trial] + self._end

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Samples that are read."""
        return self._end - self._begin

    @property
    def offsets(self) -> NDArray[np.float64]:
        """Samples from the first own one to the first that is read; not positive."""
        return (self._begin - self._first).astype(np.float64)

    @property
    def trialinfo(self) -> Array:
        """Further columns of the trial definition."""
        return self.view.trialinfo[self.trial]

    def __len__(self) -> int:
        return len(self.trial)

    def spec(self, number: int) -> TrialSpec:
        """What is read for a piece looks like."""
        whole = self.view.spec(int(self.trial[number]))
        shape = (int(self.lengths[number]), *whole.shape[1:])
        return whole.change(shape=shape, offset=float(self.offsets[number]))

    def _made(self, samples: NDArray[np.int64]) -> NDArray[np.int64]:
        """Samples of the result that so many are made into."""
        return -(-samples * self.rate.numerator // self.rate.denominator)

    def whole(self, piece: TrialSpec) -> TrialSpec:
        """What the first trial of the result looks like, of which there is the first piece."""
        trl = self.trialdefinition[0]
        return piece.change(shape=(int(trl[1] - trl[0]), *piece.shape[1:]), offset=float(trl[2]))

    @property
    def trialdefinition(self) -> Array:
        """That of the result."""
        offsets = self.view.offsets * self.rate.numerator / self.rate.denominator
        return consecutive(self._made(self.view.lengths), offsets, self.view.trialinfo)

    def of_trials(self, failed: Mapping[int, str]) -> dict[int, str]:
        """What is known of some pieces, by the places of their trials."""
        return {int(self.trial[place]): text for place, text in sorted(failed.items(), reverse=True)}

    def joined(self, notes: Notes) -> dict[str, list[Any]]:
        """Notes on pieces as notes on trials: true for a trial if for any piece of it."""
        firsts = np.flatnonzero(np.diff(self.trial, prepend=-1))
        return {"nan": np.logical_or.reduceat(notes["nan"], firsts).tolist()}

    def spoilt(self, notes: Notes, endless: tuple[bool, bool]) -> Iterator[tuple[int, int, int]]:
        """Where NaN elsewhere in a trial leave no number, though a piece itself saw none of them.

        Parameters
        ----------
        notes : mapping
            Of the run over the pieces.
        endless : (bool, bool)
            Whether a sample depends, however little, on all that came before it, and on all that follows.

        Yields
        ------
        first, last, channel : int
            Rows `first:last` of the result, and the position of the channel.
        """
        past, future = endless
        gaps = np.asarray(notes["gaps"], dtype=bool)
        own = self._made(np.minimum(self.rows, self.view.lengths[self.trial] - self._first))
        rows = np.concatenate([[0], np.cumsum(own)])
        for trial in np.unique(self.trial[gaps.any(axis=1)]):
            pieces = np.flatnonzero(self.trial == trial)
            for channel in np.flatnonzero(gaps[pieces].any(axis=0)).tolist():
                found = pieces[gaps[pieces, channel]]
                if past:
                    yield int(rows[found[0] + 1]), int(rows[pieces[-1] + 1]), channel
                if future:
                    yield int(rows[pieces[0]]), int(rows[found[-1]]), channel


def in_pieces(pipeline: Pipeline, views: Sequence[Source], rows: int) -> tuple[Pipeline, list[Source]]:
    """Return the pipeline and its sources that compute trials in pieces of so many samples, or some more."""
    assert pipeline.reach is not None
    step = pipeline.rate.denominator  # all pieces start where a sample of the result is
    rows, before = (step * -(-samples // step) for samples in (rows, pipeline.reach[0]))
    cut = replace(pipeline, stages=(*pipeline.stages, OwnSamples(int(rows * pipeline.rate))))
    return cut, [Pieces(view, rows, (before, pipeline.reach[1]), pipeline.rate) for view in views]
