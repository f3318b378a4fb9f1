"""All a worker ever runs: read a block, take it through the stages, write or reduce it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.trials import TrialSpec
from syncopy.data.view import BlockReader
from syncopy.engine.method import Noted, Pipeline, State
from syncopy.engine.plan import Block, tiled
from syncopy.errors import SPYError, SPYParallelError
from syncopy.storage.arrays import ArraySink

Array = NDArray[Any]

# What says something about the machine, not about the trial that was computed.
OF_THE_SYSTEM = (MemoryError, OSError, ImportError, SPYParallelError)


@dataclass(frozen=True, eq=False)
class Job:
    """What every block of a run has in common; sent to a worker once.

    Attributes
    ----------
    title : str
        The call, for messages.
    pipeline : Pipeline
    readers : tuple of BlockReader
        One per source.
    borders : tuple of (starts, stops)
        Rows of every trial of each source.
    kinds : list of tuple of TrialSpec
        See `Plan`.
    sink : ArraySink or None
        Where kept trials go.
    slots : int
        Blocks that may be at work at the same time in one process.
    trial_ids : ndarray of int
        Number of each trial in its object.
    skips : bool
        Whether a trial whose computation raises is told of in the finding, instead of raising.
    """

    title: str
    pipeline: Pipeline
    readers: tuple[BlockReader, ...]
    borders: tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]
    kinds: list[tuple[TrialSpec, ...]]
    sink: ArraySink | None
    slots: int
    trial_ids: NDArray[np.intp]
    skips: bool


@dataclass(frozen=True, eq=False)
class Finding:
    """What comes back from a block.

    Attributes
    ----------
    state : State or None
        Of the reduction, if there is one.
    notes : dict of str to list
        One entry per trial.
    failed : dict of int to str
        Trials whose computation raised, and the errors' texts; there is neither state nor notes then.
    """

    state: State | None
    notes: dict[str, list[Any]]
    failed: dict[int, str] = field(default_factory=dict)


def run_task(job: Job, block: Block) -> Finding:
    """Compute one block."""
    try:
        return _run(job, block)
    except Exception as error:
        failed = {} if isinstance(error, OF_THE_SYSTEM) else _failing_trials(job, block)
        if job.skips and failed:
            return Finding(None, {}, failed)
        trials = job.trial_ids[[*failed] or slice(block.first, block.last)]
        which = f"trial {trials[0]}" if failed or len(trials) == 1 else f"trials {trials[0]} to {trials[-1]}"
        error.add_note(f"while computing {which} of {job.title}")
        raise


def _failing_trials(job: Job, block: Block) -> dict[int, str]:
    """Trials of a block whose computation raises, each on its own, and the errors' texts; one will do to raise."""
    failed = {}
    alone = replace(job, sink=None)
    for number in range(block.first, block.last):
        try:
            _run(alone, replace(block, first=number, last=number + 1))
        except OF_THE_SYSTEM:
            raise
        except Exception as error:
            failed[number] = f"{type(error).__name__}: {error}"
            if not job.skips:
                break
    return failed


def _run(job: Job, block: Block) -> Finding:
    pipeline, trials = tiled(job.pipeline, job.kinds[block.kind], block.tile)
    specs = pipeline.infer(*trials)
    part = next(((cut.source_axis, cut.where) for cut in block.tile if cut.source_axis is not None), None)
    blocks = [
        reader.read(starts[block.first : block.last], stops[block.first : block.last], part)
        for reader, (starts, stops) in zip(job.readers, job.borders, strict=True)
    ]
    notes: dict[str, list[Any]] = {"nan": _has_nan(blocks)}
    if not pipeline.stages:
        current = blocks.pop()
    trial = trials[0]
    for stage, spec in zip(pipeline.stages, specs, strict=False):
        result = stage.apply(trial, *blocks)
        blocks.clear()
        if isinstance(result, Noted):
            notes.update(result.notes)
            result = result.block
        current, trial = result, spec
        if result.shape[1:] != spec.shape:
            raise SPYError(f"{type(stage).__name__} made trials of shape {result.shape[1:]} and announced {spec.shape}")
        blocks = [current]
    blocks.clear()
    state = None if pipeline.reduction is None else pipeline.reduction.lift(current, trial)
    if job.sink is not None:
        rows = current.reshape(-1, *current.shape[2:])
        if block.tile:
            job.sink.write_part(block.row, rows, {trial.dims.index(cut.axis): cut.where for cut in block.tile})
        else:
            job.sink.write_rows(block.row, rows)
    return Finding(state, notes)


def _has_nan(blocks: list[Array]) -> list[bool]:
    """Whether each trial holds a NaN: the smallest number of a trial is one exactly then."""
    found = np.zeros(len(blocks[0]), dtype=bool)
    for block in blocks:
        if block.dtype.kind in "fc" and block.size:
            parts = block.reshape(len(block), -1)
            found |= np.isnan(parts.view(parts.real.dtype).min(axis=1))
    return found.tolist()
