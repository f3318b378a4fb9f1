"""Run a plan: prepare the result's file, feed the executor, merge states, finish or leave nothing."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from syncopy.data.text import size_text
from syncopy.data.trials import TrialSpec, consecutive
from syncopy.data.view import Source
from syncopy.engine.choice import Choice, choose_plan
from syncopy.engine.executors import Executor
from syncopy.engine.journal import Journal, Notes, Pass, Progress, Written, added, plan_digest
from syncopy.engine.method import Bundle, Closed, Noted, Pipeline, Reduction, State
from syncopy.engine.pieces import Pieces
from syncopy.engine.plan import Block, Plan, Tile, tiled
from syncopy.engine.task import Finding, Job
from syncopy.errors import SPYError
from syncopy.settings import options
from syncopy.storage.arrays import ArraySink, create_array, create_arrays
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
    notes: Notes


class TrialsFailedError(SPYError):
    """The computation of some trials raised, in a run that was to find out which.

    Attributes
    ----------
    failed : dict of int to str
        Their places in the sources, and the errors' texts.
    """

    def __init__(self, failed: dict[int, str]) -> None:
        super().__init__(f"the computation of {len(failed)} trials raised")
        self.failed = failed


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
    pipelines: Sequence[Pipeline],
    views: Sequence[Source],
    executor: Executor,
    title: str,
    limit: int | None = None,
    journal: Journal | None = None,
    skips: bool = False,
) -> list[Outcome]:
    """Run pipelines that differ in nothing but their reductions in one go over the trials.

    Parameters
    ----------
    pipelines : sequence of Pipeline
        Several only if they do not keep trials.
    views, executor, title, limit
        As for `execute`.
    journal : Journal, optional
        Remembers how far the run came; it goes on where an earlier one ended that the journal recalls.
    skips : bool
        Whether to find all trials whose computation raises, rather than end with the first.

    Returns
    -------
    list of Outcome
        One per pipeline.

    Raises
    ------
    TrialsFailedError
        With `skips`, after a run over all trials of which some failed; the journal is left open then.
    """
    reductions = tuple(pipeline.reduction for pipeline in pipelines if pipeline.reduction is not None)
    joint = replace(pipelines[0], reduction=Bundle(reductions) if reductions else None)
    results: list[_Result] = []
    progress: Progress | None = None
    try:
        limit = executor.limit(limit or options.memory, options.workers)
        choice, progress = _begin(joint, len(pipelines), views, limit, journal)
        results += [
            _Result(pipeline, choice.plan, files) for pipeline, files in zip(pipelines, progress.results, strict=True)
        ]
        if journal is not None:
            journal.restore(progress, [result.scratch.path for result in results])
        notes = _Run(choice, executor, title, results, progress, journal, skips).run()
        outcomes = [result.finish(choice, notes) for result in results]
    except BaseException as error:
        paths = [result.scratch.path for result in results]
        if journal is not None and progress is not None and isinstance(error, TrialsFailedError):
            journal.pause(progress, paths)
        elif journal is not None:
            journal.fail(error, progress, paths)
        for result in results:
            result.scratch.remove()
        raise
    if journal is not None:
        journal.end()
    return outcomes


def _begin(
    pipeline: Pipeline, count: int, views: Sequence[Source], limit: int, journal: Journal | None
) -> tuple[Choice, Progress]:
    """Plan of an interrupted run, if it can be gone on with, else a new one; and how far it came."""
    slots = options.workers
    before = journal.recall() if journal is not None else None
    if journal is not None and before is not None:
        choice = choose_plan(pipeline, views, before.limit, before.slots)
        if plan_digest(choice.plan) != before.plan:
            journal.refuse("the work is cut into blocks in another way")
        elif _memory_of(choice) > limit:
            journal.refuse(f"its blocks do not fit into {size_text(limit)} of memory")
        else:
            return choice, before
    choice = choose_plan(pipeline, views, limit, slots)
    return choice, Progress.start(limit, slots, choice.plan, count)


class _Result:
    """The file of a result: kept trials that workers write, and what a reduction makes, tile by tile."""

    def __init__(self, pipeline: Pipeline, plan: Plan, written: Written) -> None:
        self.written = written
        self.scratch = ScratchFile(f".{pipeline.writes.__name__.removesuffix('Data').lower()}")
        self.plan, self.keep = plan, pipeline.keep
        self.first = plan.outputs[plan.kind_of_trial[0]]
        self.reduced = self.first if pipeline.reduction is None else pipeline.reduction.infer(self.first)

    def allocate_trials(self, pipeline: Pipeline) -> ArraySink:
        """Make room for kept trials, unless they have it already."""
        sinks = self.written.sinks
        if "data" not in sinks:
            dims, order = self.first.dims, None
            if pipeline.dimord not in (None, dims):
                order = tuple(pipeline.dimord.index(dim) for dim in dims)
            mapped = self.plan.tiles > 1 or order is not None
            shape, dtype = self.plan.shape, self.first.dtype
            sinks["data"] = create_array(self.scratch.path, "data", shape, dtype, reserve=mapped, order=order)
        return sinks["data"]

    def write(self, tile: Tile, part: Mapping[str, slice], closed: Closed) -> None:
        """Write what the reduction made of (part of) a tile, all of whose datasets have the axes of the result."""
        if isinstance(closed, Noted):
            self.written.notes, closed = added(self.written.notes, closed.notes), closed.block
        arrays = closed if isinstance(closed, Mapping) else {"data": closed}
        ranges = {cut.axis: cut.where for cut in tile}
        for axis, inner in part.items():
            start = ranges[axis].start if axis in ranges else 0
            ranges[axis] = slice(start + inner.start, start + inner.stop)
        where = {self.reduced.dims.index(axis): positions for axis, positions in ranges.items()}
        sinks = self.written.sinks
        if not arrays.keys() <= sinks.keys():
            shapes = {name: self._complete(values.shape, where) for name, values in arrays.items()}
            if not self.keep and shapes["data"] != self.reduced.shape:
                raise SPYError(f"the reduction made shape {shapes['data']} and announced {self.reduced.shape}")
            wanted = {name: (shape, arrays[name].dtype) for name, shape in shapes.items()}
            sinks.update(create_arrays(self.scratch.path, wanted))
        for name, values in arrays.items():
            if where:
                sinks[name].write_part(0, values, where)
            else:
                sinks[name].write_rows(0, values)

    def _complete(self, shape: tuple[int, ...], where: Mapping[int, slice]) -> tuple[int, ...]:
        """Shape of a dataset of which the tile is a part."""
        return tuple(self.reduced.shape[axis] if axis in where else size for axis, size in enumerate(shape))

    def finish(self, choice: Choice, notes: Notes) -> Outcome:
        """Open the file, once everything is written."""
        view = choice.views[0]
        if isinstance(view, Pieces):
            for first, last, channel in view.spoilt(notes, choice.pipeline.endless):
                nothing = np.broadcast_to(np.float32(np.nan), (last - first, 1))
                self.written.sinks["data"].write_part(first, nothing, {1: slice(channel, channel + 1)})
            notes = view.joined(notes)
        extras = [name for name in self.written.sinks if name != "data"]
        store, notes = Store(self.scratch.path, "r+", self.scratch, extras=extras), notes | self.written.notes
        if isinstance(view, Pieces):
            return Outcome(store, view.whole(self.first), view.trialdefinition, notes)
        if self.keep:
            offsets = np.array([output.offset for output in self.plan.outputs])[self.plan.kind_of_trial]
            return Outcome(store, self.first, consecutive(self.plan.rows, offsets, view.trialinfo), notes)
        trialdefinition = consecutive([self.reduced.n_samples], self.reduced.offset)
        return Outcome(store, self.reduced, trialdefinition, notes)


class _Run:
    """All blocks of a plan, through the pipeline and its reduction, into the files of the results."""

    def __init__(
        self,
        choice: Choice,
        executor: Executor,
        title: str,
        results: list[_Result],
        progress: Progress,
        journal: Journal | None,
        skips: bool,
    ) -> None:
        pipeline, views, plan = choice
        self.pipeline, self.source, self.plan, self.results = pipeline, views[0], plan, results
        self.executor, self.progress, self.journal = executor, progress, journal
        self.n_trials = len(views[0])
        self.job = Job(
            title,
            pipeline,
            tuple(view.reader for view in views),
            tuple((view.starts, view.stops) for view in views),
            plan.kinds,
            results[0].allocate_trials(pipeline) if pipeline.keep else None,
            plan.slots,
            views[0].trial_ids,
            skips,
        )

    def run(self) -> Notes:
        """Do what is not done yet; returns the notes of the stages."""
        progress = self.progress
        tiles = [list(blocks) for _, blocks in groupby(self.plan.blocks, key=lambda block: block.tile)]
        with self._findings(self.job, self.plan.blocks[progress.done :]) as findings:
            for blocks in tiles[progress.tile :]:
                narrowed, inputs = tiled(self.pipeline, self.plan.kinds[self.plan.kind_of_trial[0]], blocks[0].tile)
                self._collect(narrowed.reduction, islice(findings, len(blocks) - progress.passes[0].done), 0)
                if not progress.failed:
                    self._write(narrowed, narrowed.infer(*inputs)[-1], blocks)
                progress.next_tile()
        if progress.failed:
            raise self._failure()
        return progress.notes

    def _failure(self) -> TrialsFailedError:
        failed = self.progress.failed
        return TrialsFailedError(self.source.of_trials(failed) if isinstance(self.source, Pieces) else failed)

    @contextmanager
    def _findings(self, job: Job, blocks: Sequence[Block]) -> Iterator[Iterator[Finding]]:
        """Findings of blocks; threads, processes and workers are free again at the end, however it comes."""
        with (
            closing(self.executor.run(job, blocks)) as findings,
            closing(_with_progress(findings, len(blocks), job.title)) as shown,
        ):
            yield shown

    def _collect(self, reduction: Reduction | None, findings: Iterable[Finding], level: int) -> State:
        """Take in the findings of (what is left of) a pass over the trials of a tile; returns the state of all."""
        for finding in findings:
            self.progress.take(finding, reduction, level)
            if self.journal is not None and self.journal.due:
                self.journal.save(self.progress, [result.scratch.path for result in self.results])
        return self.progress.passes[level].state or ()

    def _write(self, narrowed: Pipeline, trial: TrialSpec, blocks: Sequence[Block]) -> None:
        """Close the reductions of a tile, some of them after further passes over its trials, and write the results."""
        tile, reduction = blocks[0].tile, narrowed.reduction
        if isinstance(reduction, Bundle):
            closed = self._close(reduction.parts, self.progress.passes[0].state or (), trial, blocks, 1)
            self.progress.steady = False
            for result, parts in zip(self.results, closed, strict=True):
                for where, values in parts:
                    result.write(tile, where, values)

    def _close(
        self, parts: Sequence[Reduction], states: State, trial: TrialSpec, blocks: Sequence[Block], level: int
    ) -> list[Iterator[tuple[Mapping[str, slice], Closed]]]:
        """Close reductions, some of them after the pass over the trials of that level."""
        following = [part.again(state, self.n_trials, trial) for part, state in zip(parts, states, strict=True)]
        further = Bundle(tuple(part for part in following if part is not None))
        later: Iterator[Iterator[tuple[Mapping[str, slice], Closed]]] = iter(())
        if further.parts:
            state = self._pass_again(further, blocks, level)
            later = iter(self._close(further.parts, state, trial, blocks, level + 1))
        return [
            part.close_parts(state, self.n_trials, trial) if following[number] is None else next(later)
            for number, (part, state) in enumerate(zip(parts, states, strict=True))
        ]

    def _pass_again(self, reduction: Bundle, blocks: Sequence[Block], level: int) -> State:
        """State of a further pass over the trials of a tile."""
        passes = self.progress.passes
        if level == len(passes):
            passes.append(Pass())
        again = replace(self.job, pipeline=replace(self.pipeline, reduction=reduction), sink=None)
        with self._findings(again, blocks[passes[level].done :]) as findings:
            state = self._collect(reduction, findings, level)
        if self.progress.failed:
            raise self._failure()
        return state


def _memory_of(choice: Choice) -> int:
    """Bytes that a plan needs for all the blocks it has room for."""
    pipeline, _, plan = choice
    narrowed, inputs = tiled(pipeline, plan.kinds[0], plan.blocks[0].tile)
    held = narrowed.reduction.held_bytes(narrowed.infer(*inputs)[-1]) if narrowed.reduction else 0
    return held + plan.shares * (plan.bytes_per_block + plan.state_bytes)


def _with_progress(findings: Iterator[Finding], count: int, title: str) -> Generator[Finding]:
    shown = options.progress if options.progress is not None else sys.stderr.isatty()
    if shown:
        findings = iter(tqdm(findings, total=count, desc=title, unit="block", delay=_PROGRESS_DELAY, leave=False))
    yield from findings
