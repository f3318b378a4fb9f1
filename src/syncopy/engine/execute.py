"""Run a plan: prepare the result's file, feed the executor, merge states, finish or leave nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from syncopy.data.trials import TrialSpec, consecutive
from syncopy.data.view import View
from syncopy.engine.executors import Executor
from syncopy.engine.method import Pipeline, State
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
        One entry per trial of the input; `nan` says which ones held a NaN.
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
    for tile, of_tile in _by_tile(plan.blocks, findings):
        state: State | None = None
        narrowed, inputs = tiled(pipeline, plan.kinds[plan.kind_of_trial[0]], tile)
        for finding in of_tile:
            if finding.state is not None:
                assert narrowed.reduction is not None
                state = finding.state if state is None else narrowed.reduction.merge(state, finding.state)
            if not results:  # the other tiles see the same trials
                for name, entries in finding.notes.items():
                    notes.setdefault(name, []).extend(entries)
        if narrowed.reduction is not None and state is not None:
            closed = narrowed.reduction.close(state, len(views[0]), narrowed.infer(*inputs)[-1])
            results.append(closed if isinstance(closed, Mapping) else {"data": closed})
        elif not results:
            results.append({})
    return _finish(pipeline, views, plan, scratch, results, notes, first)


def _by_tile(blocks: list[Block], findings: Iterator[Finding]) -> Iterator[tuple[Tile | None, Iterator[Finding]]]:
    """Findings of one tile after the other."""
    start = 0
    while start < len(blocks):
        tile = blocks[start].tile
        stop = start
        while stop < len(blocks) and blocks[stop].tile is tile:
            stop += 1
        yield tile, (next(findings) for _ in range(stop - start))
        start = stop


def _finish(
    pipeline: Pipeline,
    views: Sequence[View],
    plan: Plan,
    scratch: ScratchFile,
    results: list[Mapping[str, Array]],
    notes: dict[str, list[Any]],
    first: TrialSpec,
) -> Outcome:
    spec = first if pipeline.reduction is None or pipeline.keep else pipeline.reduction.infer(first)
    tile = plan.blocks[0].tile
    joined = {
        name: results[0][name]
        if tile is None
        else np.concatenate([result[name] for result in results], axis=spec.dims.index(tile.axis))
        for name in results[0]
    }
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
