"""Runs of what computes every sample by itself: trials are cut and joined as suits the disk and the memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from syncopy.data.trials import consecutive
from syncopy.data.view import View, samplewise
from syncopy.engine.execute import Outcome, execute
from syncopy.engine.executors import Executor
from syncopy.engine.method import Pipeline
from syncopy.engine.plan import BLOCK_BYTES
from syncopy.settings import options


def execute_samples(pipeline: Pipeline, views: Sequence[View], executor: Executor, title: str) -> Outcome:
    """Run a pipeline whose steps have "time" in their `split`; trials come out with the lengths they had.

    Parameters
    ----------
    pipeline, views, executor, title
        As for `execute`. The trials of all views have equal lengths.

    Returns
    -------
    Outcome
        Its notes speak of pieces, not of trials.
    """
    inputs = [view.spec(0) for view in views]
    inputs = [spec.change(shape=(1, *spec.shape[1:])) for spec in inputs]
    row = sum(spec.nbytes for spec in inputs) + pipeline.infer(*inputs)[-1].nbytes
    rows = min(options.memory // (options.workers + 1), BLOCK_BYTES) // max(row, 1)
    outcome = execute(pipeline, samplewise(views, max(rows, 1)), executor, title)
    trialdefinition = consecutive(views[0].lengths, views[0].offsets, views[0].trialinfo)
    return replace(outcome, spec=outcome.spec.change(offset=views[0].offsets[0]), trialdefinition=trialdefinition)
