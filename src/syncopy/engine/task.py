"""All a worker ever runs: read a block, take it through the stages, write or reduce it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.trials import TrialSpec
from syncopy.data.view import BlockReader
from syncopy.engine.method import Noted, Pipeline, State
from syncopy.engine.plan import Block, tiled
from syncopy.errors import SPYError
from syncopy.storage.arrays import ArraySink

Array = NDArray[Any]


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
    """

    title: str
    pipeline: Pipeline
    readers: tuple[BlockReader, ...]
    borders: tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]
    kinds: list[tuple[TrialSpec, ...]]
    sink: ArraySink | None


@dataclass(frozen=True, eq=False)
class Finding:
    """What comes back from a block: the state of the reduction, if there is one, and notes, one entry per trial."""

    state: State | None
    notes: dict[str, list[Any]]


def run_task(job: Job, block: Block) -> Finding:
    """Compute one block."""
    try:
        return _run(job, block)
    except Exception as error:
        which = f"trial {block.first}" if block.last - block.first == 1 else f"trials {block.first} to {block.last - 1}"
        error.add_note(f"while computing {which} of {job.title}")
        raise


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
