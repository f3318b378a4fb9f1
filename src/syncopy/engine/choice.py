"""Which of several ways to run a pipeline takes the fewest passes over the data."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from syncopy.data.view import Source
from syncopy.engine.method import Pipeline
from syncopy.engine.pieces import in_pieces
from syncopy.engine.plan import BLOCK_BYTES, Plan, block_bytes, make_plan, most_that_fit, shares_of
from syncopy.errors import SPYError

# Own samples of a piece to those that are read around it, from which on larger pieces are of no use.
_OWN_SHARE = 8
# Share of the reading (and computing) that must be saved for fewer blocks to be at work at a time.
_WORTHWHILE = 0.8


class Choice(NamedTuple):
    """How to run a pipeline.

    Attributes
    ----------
    pipeline : Pipeline
        With the reduction, and the steps, to use.
    views : sequence of Source
        The sources, or `Pieces` of their trials.
    plan : Plan
    """

    pipeline: Pipeline
    views: Sequence[Source]
    plan: Plan

    @property
    def rows_read(self) -> int:
        """Samples that all passes read together."""
        return int(self.views[0].lengths.sum()) * self.plan.tiles


def choose_plan(pipeline: Pipeline, views: Sequence[Source], limit: int, slots: int) -> Choice:
    """Plan a run: as the pipeline is, with all trials gathered, or with trials in pieces, whichever reads least.

    Parameters
    ----------
    pipeline, views, limit, slots
        As for `make_plan`.

    Raises
    ------
    SPYValueError, SPYError
        As `make_plan`, if no way fits.
    """
    try:
        choice = Choice(pipeline, views, make_plan(pipeline, views, limit, slots))
    except SPYError:
        other = _other_choice(pipeline, views, limit, slots)
        if other is None:
            raise
        return other
    if choice.plan.tiles > 1:
        other = _other_choice(pipeline, views, limit, slots)
        if other is not None and other.rows_read < choice.rows_read:
            return other
    return choice


def _other_choice(pipeline: Pipeline, views: Sequence[Source], limit: int, slots: int) -> Choice | None:
    """All trials gathered (of pipelines that reduce them), or trials in pieces (where they are kept), if that fits."""
    gathered = pipeline.reduction.gathered(len(views[0])) if pipeline.reduction else None
    if gathered is not None:
        with suppress(SPYError):  # not even one tile fits
            pipeline = replace(pipeline, reduction=gathered)
            return Choice(pipeline, views, make_plan(pipeline, views, limit, slots))
    if pipeline.reach is None or not len(views[0]):
        return None
    best: Choice | None = None
    for shares in shares_of(slots):
        rows = _rows(pipeline, views, pipeline.reach, limit // shares)
        way, pieces = in_pieces(pipeline, views, rows)
        with suppress(SPYError):  # not even one channel of a piece fits
            choice = Choice(way, pieces, make_plan(way, pieces, limit, max(shares - 1, 1)))
            if best is None or choice.rows_read < _WORTHWHILE * best.rows_read:
                best = choice
    return best


def _rows(pipeline: Pipeline, views: Sequence[Source], reach: tuple[int, int], room: int) -> int:
    """Own samples of a piece: few enough for the memory, and not less than those that are read around them."""
    around, longest = sum(reach), int(views[0].lengths.argmax())
    specs = [view.spec(longest) for view in views]
    length = specs[0].n_samples

    def need(rows: int) -> int:
        read = min(rows + around, length)
        return block_bytes(pipeline, tuple(spec.change(shape=(read, *spec.shape[1:])) for spec in specs), ())(1)

    room = min(room, max(BLOCK_BYTES, need(_OWN_SHARE * around)))
    rows = max(most_that_fit(need, room, length), min(around, length))
    return -(-length // -(-length // rows))  # the longest trial in pieces of about the same size
