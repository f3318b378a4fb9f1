"""Run a plan: prepare the result's file, feed the executor, merge states, finish or leave nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from syncopy.data.trials import TrialSpec, consecutive
from syncopy.data.view import View
from syncopy.engine.executors import Executor
from syncopy.engine.method import Noted, Pipeline, State
from syncopy.engine.plan import Block, Plan, Tile, make_plan, tiled
from syncopy.engine.task import Finding, Job
from syncopy.errors import SPYError
from syncopy.settings import options
from syncopy.storage.arrays import create_array
from syncopy.storage.scratch import ScratchFile
from syncopy.storage.store import Store

Array = NDArray[Any]

# Seconds before a progress bar appears: short work should not flicker.
_PROGRESS_DELAY = 1.5


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a run made.

    Attributes
    ----------
    store : Store
        File with the dataset `data` and further ones.
    spec : TrialSpec
        What one trial of the result looks like (the first one, if they differ in length).
    trialdefinition : ndarray
    notes : dict of str to list
        One entry per trial of the input; `nan` says which ones held a NaN. Entries from different parts of a trial
        are added up: lists are per position of the axis that was cut.
    """

    store: Store
    spec: TrialSpec
    trialdefinition: Array
    notes: dict[str, list[Any]]


def execute(
    pipeline: Pipeline, views: Sequence[View], executor: Executor, title: str, limit: int | None = None
) -> Outcome:
    """Run a pipeline over its sources.

    Parameters
    ----------
    pipeline : Pipeline
    views : sequence of View
        One per source of the first stage.
    executor : Executor
    title : str
        The call, for messages and the progress bar.
    limit : int, optional
        Bytes the run may use; `spy.options.memory` by default.

    Returns
    -------
    Outcome
        If anything fails, or the user interrupts, the result's file is removed and the error goes on.
    """
    plan = make_plan(pipeline, views, limit or options.memory, options.workers)
    scratch = ScratchFile(f".{pipeline.writes.__name__.removesuffix('Data').lower()}")
    try:
        return _execute(pipeline, views, executor, title, plan, scratch)
    except BaseException:
        scratch.remove()
        raise


def _execute(
    pipeline: Pipeline, views: Sequence[View], executor: Executor, title: str, plan: Plan, scratch: ScratchFile
) -> Outcome:
    first = plan.outputs[plan.kind_of_trial[0]]
    sink = None
    if pipeline.keep:
        order = None
        if pipeline.dimord not in (None, first.dims):
            order = tuple(pipeline.dimord.index(dim) for dim in first.dims)
        mapped = plan.tiles > 1 or order is not None
        sink = create_array(scratch.path, "data", plan.shape, first.dtype, reserve=mapped, order=order)
    job = Job(
        title,
        pipeline,
        tuple(view.reader for view in views),
        tuple((view.starts, view.stops) for view in views),
        plan.kinds,
        sink,
    )
    findings = _with_progress(executor.run(job, plan.blocks), len(plan.blocks), title)
    notes: dict[str, list[Any]] = {}
    results: list[Mapping[str, Array]] = []
    tiles: list[Tile] = []
    for tile, of_tile in _by_tile(plan.blocks, findings):
        state: State | None = None
        narrowed, inputs = tiled(pipeline, plan.kinds[plan.kind_of_trial[0]], tile)
        found: dict[str, list[Any]] = {}
        for finding in of_tile:
            if finding.state is not None:
                assert narrowed.reduction is not None
                state = finding.state if state is None else narrowed.reduction.merge(state, finding.state)
            for name, entries in finding.notes.items():
                found.setdefault(name, []).extend(entries)
        if narrowed.reduction is not None and state is not None:
            closed = narrowed.reduction.close(state, len(views[0]), narrowed.infer(*inputs)[-1])
            if isinstance(closed, Noted):
                found, closed = found | closed.notes, closed.block
            results.append(closed if isinstance(closed, Mapping) else {"data": closed})
        tiles.append(tile)
        notes = {name: [a + b for a, b in zip(notes[name], found[name], strict=True)] for name in notes} or found
    return _finish(pipeline, views, plan, scratch, _join(results, tiles, pipeline, first), notes, first)


def _by_tile(blocks: list[Block], findings: Iterator[Finding]) -> Iterator[tuple[Tile, Iterator[Finding]]]:
    """Findings of one tile after the other."""
    start = 0
    while start < len(blocks):
        tile = blocks[start].tile
        stop = start
        while stop < len(blocks) and blocks[stop].tile is tile:
            stop += 1
        yield tile, (next(findings) for _ in range(stop - start))
        start = stop


def _join(
    results: list[Mapping[str, Array]], tiles: list[Tile], pipeline: Pipeline, trial: TrialSpec
) -> dict[str, Array]:
    """Put what a reduction made of the tiles together, along the axis that was cut last first."""
    if pipeline.reduction is None:
        return {}
    dims = pipeline.reduction.infer(trial).dims
    parts: list[tuple[Tile, Mapping[str, Array]]] = list(zip(tiles, results, strict=True))
    for depth in reversed(range(len(tiles[0]))):
        axis = dims.index(tiles[0][depth].axis)
        groups = [(tile, list(group)) for tile, group in groupby(parts, key=lambda part: part[0][:depth])]
        parts = [
            (tile, {name: np.concatenate([result[name] for _, result in group], axis) for name in results[0]})
            for tile, group in groups
        ]
    return dict(parts[0][1])


def _finish(
    pipeline: Pipeline,
    views: Sequence[View],
    plan: Plan,
    scratch: ScratchFile,
    joined: dict[str, Array],
    notes: dict[str, list[Any]],
    first: TrialSpec,
) -> Outcome:
    spec = first if pipeline.reduction is None or pipeline.keep else pipeline.reduction.infer(first)
    if pipeline.keep:
        offsets = np.array([output.offset for output in plan.outputs])[plan.kind_of_trial]
        trialdefinition = consecutive(plan.rows, offsets, views[0].trialinfo)
    else:
        data = joined.pop("data")
        if data.shape != spec.shape:
            raise SPYError(f"{type(pipeline.reduction).__name__} made shape {data.shape} and announced {spec.shape}")
        create_array(scratch.path, "data", spec.shape, spec.dtype).write_rows(0, data)
        trialdefinition = consecutive([spec.n_samples], spec.offset)
    store = Store(scratch.path, "r+", scratch)
    for name, values in joined.items():
        store.replace(name, values)
    return Outcome(store, spec, trialdefinition, notes)


def _with_progress(findings: Iterator[Finding], count: int, title: str) -> Iterator[Finding]:
    shown = options.progress if options.progress is not None else sys.stderr.isatty()
    if not shown:
        return findings
    return iter(tqdm(findings, total=count, desc=title, unit="block", delay=_PROGRESS_DELAY, leave=False))
