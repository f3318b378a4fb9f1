"""Run a plan: prepare the result's file, feed the executor, merge states, finish or leave nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from syncopy.data.trials import TrialSpec, consecutive
from syncopy.data.view import Source
from syncopy.engine.executors import Executor
from syncopy.engine.method import Bundle, Closed, Noted, Pipeline, Reduction, State
from syncopy.engine.plan import Block, Plan, Tile, choose_plan, tiled
from syncopy.engine.task import Finding, Job
from syncopy.errors import SPYError
from syncopy.settings import options
from syncopy.storage.arrays import ArraySink, create_array, create_arrays
from syncopy.storage.scratch import ScratchFile
from syncopy.storage.store import Store

Array = NDArray[Any]
Notes = dict[str, list[Any]]

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
    notes: Notes


def execute(
    pipeline: Pipeline, views: Sequence[Source], executor: Executor, title: str, limit: int | None = None
) -> Outcome:
    """Run a pipeline over its sources.

    Parameters
    ----------
    pipeline : Pipeline
    views : sequence of Source
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
    return execute_together([pipeline], views, executor, title, limit)[0]


def execute_together(
    pipelines: Sequence[Pipeline], views: Sequence[Source], executor: Executor, title: str, limit: int | None = None
) -> list[Outcome]:
    """Run pipelines that differ in nothing but their reductions in one go over the trials.

    Parameters
    ----------
    pipelines : sequence of Pipeline
        Several only if they do not keep trials.
    views, executor, title, limit
        As for `execute`.

    Returns
    -------
    list of Outcome
        One per pipeline.
    """
    reductions = tuple(pipeline.reduction for pipeline in pipelines if pipeline.reduction is not None)
    joint = replace(pipelines[0], reduction=Bundle(reductions) if reductions else None)
    joint, plan = choose_plan(joint, views, limit or options.memory, options.workers)
    results: list[_Result] = []
    try:
        results += [_Result(pipeline, plan) for pipeline in pipelines]
        notes = _run(joint, views, executor, title, plan, results)
        return [result.finish(views[0], notes) for result in results]
    except BaseException:
        for result in results:
            result.scratch.remove()
        raise


class _Result:
    """The file of a result: kept trials that workers write, and what a reduction makes, tile by tile."""

    def __init__(self, pipeline: Pipeline, plan: Plan) -> None:
        self.scratch = ScratchFile(f".{pipeline.writes.__name__.removesuffix('Data').lower()}")
        self.plan, self.keep = plan, pipeline.keep
        self.first = plan.outputs[plan.kind_of_trial[0]]
        self.reduced = self.first if pipeline.reduction is None else pipeline.reduction.infer(self.first)
        self.sinks: dict[str, ArraySink] = {}
        self.notes: Notes = {}

    def allocate_trials(self, pipeline: Pipeline) -> ArraySink:
        """Make room for kept trials."""
        dims, order = self.first.dims, None
        if pipeline.dimord not in (None, dims):
            order = tuple(pipeline.dimord.index(dim) for dim in dims)
        mapped = self.plan.tiles > 1 or order is not None
        return create_array(self.scratch.path, "data", self.plan.shape, self.first.dtype, reserve=mapped, order=order)

    def write(self, tile: Tile, part: Mapping[str, slice], closed: Closed) -> None:
        """Write what the reduction made of (part of) a tile, all of whose datasets have the axes of the result."""
        if isinstance(closed, Noted):
            self.notes, closed = _added(self.notes, closed.notes), closed.block
        arrays = closed if isinstance(closed, Mapping) else {"data": closed}
        ranges = {cut.axis: cut.where for cut in tile}
        for axis, inner in part.items():
            start = ranges[axis].start if axis in ranges else 0
            ranges[axis] = slice(start + inner.start, start + inner.stop)
        where = {self.reduced.dims.index(axis): positions for axis, positions in ranges.items()}
        if not self.sinks:
            shapes = {name: self._complete(values.shape, where) for name, values in arrays.items()}
            if not self.keep and shapes["data"] != self.reduced.shape:
                raise SPYError(f"the reduction made shape {shapes['data']} and announced {self.reduced.shape}")
            wanted = {name: (shape, arrays[name].dtype) for name, shape in shapes.items()}
            self.sinks = create_arrays(self.scratch.path, wanted)
        for name, values in arrays.items():
            if where:
                self.sinks[name].write_part(0, values, where)
            else:
                self.sinks[name].write_rows(0, values)

    def _complete(self, shape: tuple[int, ...], where: Mapping[int, slice]) -> tuple[int, ...]:
        """Shape of a dataset of which the tile is a part."""
        return tuple(self.reduced.shape[axis] if axis in where else size for axis, size in enumerate(shape))

    def finish(self, view: Source, notes: Notes) -> Outcome:
        """Open the file, once everything is written."""
        store = Store(self.scratch.path, "r+", self.scratch, extras=[name for name in self.sinks if name != "data"])
        if self.keep:
            offsets = np.array([output.offset for output in self.plan.outputs])[self.plan.kind_of_trial]
            return Outcome(store, self.first, consecutive(self.plan.rows, offsets, view.trialinfo), notes | self.notes)
        trialdefinition = consecutive([self.reduced.n_samples], self.reduced.offset)
        return Outcome(store, self.reduced, trialdefinition, notes | self.notes)


def _run(
    pipeline: Pipeline, views: Sequence[Source], executor: Executor, title: str, plan: Plan, results: list[_Result]
) -> Notes:
    """Take all blocks through the pipeline, reduce them, and write the results; returns the notes of the stages."""
    job = Job(
        title,
        pipeline,
        tuple(view.reader for view in views),
        tuple((view.starts, view.stops) for view in views),
        plan.kinds,
        results[0].allocate_trials(pipeline) if pipeline.keep else None,
    )

    def run(job: Job, blocks: Sequence[Block]) -> Iterator[Finding]:
        return _with_progress(executor.run(job, blocks), len(blocks), title)

    notes: Notes = {}
    findings = run(job, plan.blocks)
    for tile, group in groupby(plan.blocks, key=lambda block: block.tile):
        blocks = list(group)
        narrowed, inputs = tiled(pipeline, plan.kinds[plan.kind_of_trial[0]], tile)
        state, found = _merge(narrowed.reduction, islice(findings, len(blocks)))
        notes = _added(notes, found)
        if isinstance(narrowed.reduction, Bundle):

            def run_again(reduction: Bundle, blocks: Sequence[Block] = blocks) -> State:
                again = replace(job, pipeline=replace(pipeline, reduction=reduction), sink=None)
                return _merge(reduction, run(again, blocks))[0]

            trial = narrowed.infer(*inputs)[-1]
            closed = _close(narrowed.reduction.parts, state, len(views[0]), trial, run_again)
            for result, parts in zip(results, closed, strict=True):
                for where, values in parts:
                    result.write(tile, where, values)
    return notes


def _merge(reduction: Reduction | None, findings: Iterable[Finding]) -> tuple[State, Notes]:
    """State and notes of all blocks of a tile."""
    state: State | None = None
    notes: Notes = {}
    for finding in findings:
        if reduction is not None and finding.state is not None:
            state = finding.state if state is None else reduction.merge(state, finding.state)
        for name, entries in finding.notes.items():
            notes.setdefault(name, []).extend(entries)
    return state or (), notes


def _added(notes: Notes, more: Notes) -> Notes:
    """Notes of two parts of the same trials."""
    return {name: [a + b for a, b in zip(notes[name], more[name], strict=True)] for name in notes} or more


def _close(
    parts: Sequence[Reduction], states: State, n_trials: int, trial: TrialSpec, run_again: Callable[[Bundle], State]
) -> list[Iterator[tuple[Mapping[str, slice], Closed]]]:
    """Close reductions, some of them after further passes over the trials."""
    following = [part.again(state, n_trials, trial) for part, state in zip(parts, states, strict=True)]
    further = tuple(part for part in following if part is not None)
    later = iter(_close(further, run_again(Bundle(further)), n_trials, trial, run_again) if further else ())
    return [
        part.close_parts(state, n_trials, trial) if following[number] is None else next(later)
        for number, (part, state) in enumerate(zip(parts, states, strict=True))
    ]


def _with_progress(findings: Iterator[Finding], count: int, title: str) -> Iterator[Finding]:
    shown = options.progress if options.progress is not None else sys.stderr.isatty()
    if not shown:
        return findings
    return iter(tqdm(findings, total=count, desc=title, unit="block", delay=_PROGRESS_DELAY, leave=False))
