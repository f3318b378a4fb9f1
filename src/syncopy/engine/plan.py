"""Plan of a run: which trials, and which part of an axis, go into each block. Pure: numbers in, a plan out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.text import size_text
from syncopy.data.trials import TrialSpec
from syncopy.data.view import Source
from syncopy.engine.method import Pipeline, Stage
from syncopy.errors import SPYError, SPYValueError

# Work per block from which on larger blocks are not faster (they leave the processor's caches).
BLOCK_BYTES = 64 * 10**6
# Work per block below which what a block costs by itself begins to count.
SMALL_BLOCK = BLOCK_BYTES // 8
# Blocks for each that can be at work, if they are not too small: at the end few wait long for the last one.
_ROUNDS = 4


@dataclass(frozen=True)
class Cut:
    """Part of an axis that is computed at a time.

    Attributes
    ----------
    axis : str
        Name of the axis.
    where : slice
        Positions.
    source_axis : int or None
        Number of that axis in a trial of the sources, if they have it and only part of it is read.
    """

    axis: str
    where: slice
    source_axis: int | None


# What is computed at a time: parts of no axis (everything), of one, or of two.
Tile = tuple[Cut, ...]


@dataclass(frozen=True)
class Block:
    """Neighbouring trials of the same kind, computed in one go.

    Attributes
    ----------
    number : int
        Place in the plan.
    kind : int
        Which of the plan's kinds of trials.
    first, last : int
        Trials `first:last`.
    row : int
        First row of the result that the block fills.
    tile : Tile
        Parts of axes; empty: everything.
    """

    number: int
    kind: int
    first: int
    last: int
    row: int
    tile: Tile


@dataclass(frozen=True, eq=False)
class Plan:
    """All blocks of a run and what comes out.

    Attributes
    ----------
    blocks : list of Block
    kinds : list of tuple of TrialSpec
        Inputs of each kind of trial.
    outputs : list of TrialSpec
        Result of the last stage for each kind.
    kind_of_trial : ndarray of int
        Kind of every trial.
    tiles : int
        Number of parts that are computed one after the other (each reads the input again).
    bytes_per_block : int
        Memory of the largest block, beside the states of a reduction.
    state_bytes : int
        Memory of one state of the reduction.
    shares : int
        Blocks of that size that the memory has room for.
    """

    blocks: list[Block]
    kinds: list[tuple[TrialSpec, ...]]
    outputs: list[TrialSpec]
    kind_of_trial: NDArray[np.intp]
    tiles: int
    bytes_per_block: int
    state_bytes: int
    shares: int

    @property
    def slots(self) -> int:
        """Blocks that may be at work at the same time: findings of others wait meanwhile, or are being merged."""
        return max(self.shares - 1, 1)

    @property
    def rows(self) -> NDArray[np.int64]:
        """Rows of the result that each trial fills."""
        lengths = np.array([spec.n_samples for spec in self.outputs], dtype=np.int64)
        return lengths[self.kind_of_trial]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the kept result."""
        return (int(self.rows.sum()), *self.outputs[0].shape[1:])


def make_plan(pipeline: Pipeline, views: Sequence[Source], limit: int, slots: int) -> Plan:
    """Cut a run into blocks.

    Parameters
    ----------
    pipeline : Pipeline
    views : sequence of Source
        The sources, trial by trial aligned.
    limit : int
        Bytes the run may use.
    slots : int
        Blocks that should be able to be at work at the same time; fewer are if a trial is too large for that. The plan,
        and with it every bit of the result, does not depend on who executes it.

    Raises
    ------
    SPYValueError
        If sources do not fit each other, or trials of different shape are to be averaged.
    SPYError
        If not even the smallest block fits.
    """
    if len({len(view) for view in views}) != 1:
        raise SPYValueError("objects with the same number of trials", "data", [len(view) for view in views])
    kinds, kind_of_trial = _sort_trials(pipeline, views)
    specs = [pipeline.infer(*kind) for kind in kinds]
    outputs = [spec[-1] for spec in specs]
    if pipeline.reduction is not None and len({spec.shape for spec in outputs}) > 1:
        legal = "trials of equal length, to be averaged; select a common latency or keep the trials"
        raise SPYValueError(legal, "keeptrials", f"lengths {sorted({spec.n_samples for spec in outputs})}")
    tiles, shares = _choose_tiles(pipeline, kinds, outputs, limit, slots)
    state, held = _state_bytes(pipeline, kinds[0], tiles[0])
    needs = [block_bytes(pipeline, kind, tiles[0]) for kind in kinds]
    room = (limit - held) // shares - state
    # every block costs the merging of a state, too; what a kernel needs however small the block is does not count
    work = max(min(BLOCK_BYTES, max(_even_share(kind_of_trial, needs, slots), SMALL_BLOCK)) // pipeline.effort, state)
    most = [most_that_fit(need, min(room, work + need(0)), len(views[0])) for need in needs]
    groups = kind_of_trial if pipeline.uses_offset else _same_lengths(kinds)[kind_of_trial]
    runs = _runs(groups, kind_of_trial, most)
    lengths = np.array([spec.n_samples for spec in outputs], dtype=np.int64)[kind_of_trial]
    rows = np.concatenate([[0], np.cumsum(lengths)])
    blocks = [
        Block(number, int(kind_of_trial[first]), first, last, int(rows[first]), tile)
        for number, (tile, (first, last)) in enumerate((tile, run) for tile in tiles for run in runs)
    ]
    counts: dict[int, int] = {}
    for block in blocks:
        counts[block.kind] = max(counts.get(block.kind, 0), block.last - block.first)
    largest = max(needs[kind](count) for kind, count in counts.items())
    return Plan(blocks, kinds, outputs, kind_of_trial, len(tiles), largest, state, shares)


def _sort_trials(pipeline: Pipeline, views: Sequence[Source]) -> tuple[list[tuple[TrialSpec, ...]], NDArray[np.intp]]:
    """Kinds of trials: same lengths in all sources, and same offset (the result inherits it)."""
    columns = [column for view in views for column in (view.lengths, view.offsets)]
    if len(views[0]) == 0:
        raise SPYValueError("at least one trial", "trials", "none")
    _, examples, kind = np.unique(np.column_stack(columns), axis=0, return_index=True, return_inverse=True)
    return [tuple(view.spec(int(number)) for view in views) for number in examples], kind.reshape(-1)


def _even_share(kind_of_trial: NDArray[np.intp], needs: Sequence[Callable[[int], int]], slots: int) -> int:
    """Work per block at which all who can be at work at a time get some blocks each."""
    counts: list[int] = np.bincount(kind_of_trial).tolist()
    return sum(count * (need(2) - need(1)) for count, need in zip(counts, needs, strict=True)) // (_ROUNDS * slots)


def _same_lengths(kinds: list[tuple[TrialSpec, ...]]) -> NDArray[np.intp]:
    """Group of each kind: kinds that differ in offset only share one."""
    lengths = [[spec.n_samples for spec in kind] for kind in kinds]
    return np.unique(np.array(lengths), axis=0, return_inverse=True)[1].reshape(-1)


def _runs(groups: NDArray[np.intp], kind_of_trial: NDArray[np.intp], most: list[int]) -> list[tuple[int, int]]:
    """Runs of neighbours of one group, none longer than is allowed for its kind."""
    borders = np.flatnonzero(np.diff(groups)) + 1
    runs = []
    for first, last in zip([0, *borders.tolist()], [*borders.tolist(), len(groups)], strict=True):
        step = most[int(kind_of_trial[first])]
        parts = -(-(last - first) // step)  # of even size, so that no block is a small remainder
        edges = np.linspace(first, last, parts + 1).round().astype(int)
        runs += list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
    return runs


def tiled(pipeline: Pipeline, trials: tuple[TrialSpec, ...], tile: Tile) -> tuple[Pipeline, tuple[TrialSpec, ...]]:
    """Pipeline and inputs of one tile."""
    for cut in tile:
        if cut.source_axis is None:
            pipeline = pipeline.narrow(cut.axis, cut.where)
        else:
            trials = tuple(trial.narrow(cut.axis, cut.where) for trial in trials)
    return pipeline, trials


def block_bytes(pipeline: Pipeline, kind: tuple[TrialSpec, ...], tile: Tile) -> Callable[[int], int]:
    """Most memory that a block of so many trials needs at a time: a step's input, scratch and output."""
    narrowed, inputs = tiled(pipeline, kind, tile)
    steps: list[tuple[Stage | None, tuple[TrialSpec, ...], int]] = [(None, (), sum(spec.nbytes for spec in inputs))]
    for stage, output in zip(narrowed.stages, narrowed.infer(*inputs), strict=False):
        steps.append((stage, inputs, sum(spec.nbytes for spec in inputs) + output.nbytes))
        inputs = (output,)

    def need(count: int) -> int:
        most = max(count * size + (stage.scratch(count, *trials) if stage else 0) for stage, trials, size in steps)
        if narrowed.reduction is None:
            return most
        return max(most, count * inputs[0].nbytes + narrowed.reduction.scratch(count, inputs[0]))

    return need


def largest_block(pipeline: Pipeline, kinds: list[tuple[TrialSpec, ...]], blocks: Sequence[Block]) -> int:
    """Bytes that the largest of some blocks needs, the state of its reduction included."""
    different = {(block.kind, block.last - block.first, str(block.tile)): block for block in blocks}
    needs = [
        block_bytes(pipeline, kinds[block.kind], block.tile)(block.last - block.first)
        + _state_bytes(pipeline, kinds[block.kind], block.tile)[0]
        for block in different.values()
    ]
    return max(needs, default=0)


def most_that_fit(need: Callable[[int], int], budget: int, most: int) -> int:
    """Largest number, of trials or of positions on an axis, whose need is within the budget; one at least."""
    low, high = 1, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if need(middle) <= budget else (low, middle - 1)
    return low


def _state_bytes(pipeline: Pipeline, kind: tuple[TrialSpec, ...], tile: Tile) -> tuple[int, int]:
    """Memory of the state of a block, and of that of all trials."""
    narrowed, inputs = tiled(pipeline, kind, tile)
    if narrowed.reduction is None:
        return 0, 0
    trial = narrowed.infer(*inputs)[-1]
    return narrowed.reduction.state_bytes(trial), narrowed.reduction.held_bytes(trial)


def _choose_tiles(
    pipeline: Pipeline, kinds: list[tuple[TrialSpec, ...]], outputs: list[TrialSpec], limit: int, slots: int
) -> tuple[list[Tile], int]:
    """One tile if a trial fits, else as few as make it fit along the first axis, or pair of axes, that can be cut.

    Returned, too, is for how many blocks there is room.
    """

    def need(tile: Tile, shares: int) -> int:
        single = max(block_bytes(pipeline, kind, tile)(1) for kind in kinds)
        state, held = _state_bytes(pipeline, kinds[0], tile)
        return held + shares * (single + state)

    reduced = pipeline.reduction is not None and not pipeline.keep
    result = pipeline.reduction.infer(outputs[0]) if pipeline.reduction and reduced else outputs[0]
    dims = kinds[0][0].dims
    # blocks of single trials would spend their time on merging large states: a quarter is left for several, if possible
    rooms = (3 * limit // 4, limit) if reduced else (limit,)
    smallest = need((), 1)
    for shares, room in product(shares_of(slots), rooms):
        if need((), shares) <= room:
            return [()], shares
        for axes in _ways_to_cut(pipeline, result.dims, dims):
            tile: Tile = ()
            for axis in axes:
                tile = (*tile, _widest_cut(partial(need, shares=shares), room, tile, axis, result.size(axis), dims))
            smallest = min(smallest, need(tile, 1))
            if need(tile, shares) <= room:
                return list(product(*(_repeated(cut, result.size(cut.axis)) for cut in tile))), shares
    together = reduced and _state_bytes(pipeline, kinds[0], ())[0] == 0
    raise SPYError(
        f"{'all trials at once need' if together else 'one trial needs'} {size_text(smallest)} of memory at least, and "
        f"{size_text(limit)} are there; raise `spy.options.memory`, or select shorter trials, fewer channels or "
        "frequencies"
    )


def shares_of(slots: int) -> Iterator[int]:
    """Numbers of blocks to make room for: as many as should be at work and one more, or fewer, or a single one."""
    while slots > 1:
        yield slots + 1
        slots //= 2
    yield from (2, 1)


def _widest_cut(
    need: Callable[[Tile], int], room: int, tile: Tile, axis: str, size: int, source_dims: tuple[str, ...]
) -> Cut:
    """First one of as few cuts of about the same width as fit together with others, or the narrowest."""
    source_axis = source_dims.index(axis) if axis in source_dims else None

    def cut(width: int) -> Cut:
        return Cut(axis, slice(0, width), source_axis)

    width = most_that_fit(lambda width: need((*tile, cut(width))), room, size)
    parts = -(-size // width)
    return cut(-(-size // parts))


def _ways_to_cut(pipeline: Pipeline, dims: tuple[str, ...], source_dims: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Axes to try, single ones first; the second one of a pair is made by a stage: sources are cut along one axis."""
    able = [axis for axis in ("channel", "freq", "channel_i", "taper") if axis in pipeline.split and axis in dims]
    pairs = [(one, other) for one, other in combinations(able, 2) if other not in source_dims]
    return [*((axis,) for axis in able), *pairs]


def _repeated(cut: Cut, size: int) -> list[Cut]:
    """Cuts like a first one until the end of the axis."""
    width = cut.where.stop
    return [Cut(cut.axis, slice(start, min(start + width, size)), cut.source_axis) for start in range(0, size, width)]


def describe_plan(plan: Plan, pipeline: Pipeline) -> dict[str, Any]:
    """Numbers of a plan for a user: blocks, peak memory, size of the result."""
    spec = plan.outputs[0]
    kept = int(np.prod(plan.shape, dtype=np.int64)) * spec.dtype.itemsize if pipeline.keep else 0
    reduced = pipeline.reduction.infer(spec).nbytes if pipeline.reduction else 0
    return {
        "blocks": len(plan.blocks),
        "tiles": plan.tiles,
        "bytes_per_block": plan.bytes_per_block,
        "state_bytes": plan.state_bytes,
        "result_bytes": kept + reduced,
    }
