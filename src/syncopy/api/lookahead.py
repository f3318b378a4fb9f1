"""What a call would do, in numbers and words: `dry_run`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncopy.api.preparation import Prepared, prepare
from syncopy.api.work import Manner
from syncopy.data.base import BaseData
from syncopy.data.structdict import StructDict
from syncopy.data.text import size_text
from syncopy.engine.choice import Choice, choose_plan
from syncopy.engine.executors import Cores
from syncopy.engine.journal import Journal, Progress
from syncopy.engine.pieces import Pieces
from syncopy.engine.plan import describe_plan
from syncopy.errors import SPYError
from syncopy.settings import options
from syncopy.storage.scratch import scratch_root


def dry_run(name: str, method_name: str | None, data: BaseData, given: Mapping[str, Any]) -> str:
    """Return what a step of a pipeline would do in this thread as a line of text; nothing is computed.

    Like the step itself, it goes on with what an interrupted run left.

    Raises
    ------
    SPYError
        As the call itself would.
    """
    title = f"{name}(method={method_name!r})" if method_name is not None else f"{name}()"
    try:
        manner = Manner.of({"resume": True, **given, "parallel": False})
        return _plan_text(title, _plan(title, prepare(name, method_name, [data], given), manner))
    except SPYError as error:
        error.context = error.context or title
        raise


def show_plan(title: str, prepared: Prepared, manner: Manner) -> StructDict:
    """Print what a call would do, and return it."""
    plan = _plan(title, prepared, manner)
    print(_plan_text(title, plan))
    return plan


def _start(title: str, prepared: Prepared, manner: Manner) -> tuple[Choice, int]:
    """How a call would run, and how many of its blocks an interrupted one has finished."""
    before = _unfinished(title, prepared) if manner.resume else None
    if before is None:
        limit = manner.executor.limit(options.memory, options.workers)
        return choose_plan(prepared.pipeline, prepared.views, limit, options.workers), 0
    choice = choose_plan(prepared.pipeline, prepared.views, before.limit, before.slots)
    if not before.failed:
        return choice, before.done
    if before.tile < before.tiles:
        return choice, 0  # all blocks are computed again, when it is known which trials fail
    source = choice.views[0]
    places = source.of_trials(before.failed) if isinstance(source, Pieces) else before.failed
    return _start(title, prepared.without(prepared.views[0].trial_ids[[*places]].tolist()), manner)


def _unfinished(title: str, prepared: Prepared) -> Progress | None:
    """How far an interrupted call came; what it left stays there."""
    journal = Journal(title, [prepared.pipeline], prepared.views, resume=True)
    try:
        return journal.recall()
    finally:
        journal.end(keep=True)


def _plan(title: str, prepared: Prepared, manner: Manner) -> StructDict:
    """What a call would do, in numbers."""
    executor = manner.executor
    (pipeline, _, plan), finished = _start(title, prepared, manner)
    numbers = describe_plan(plan, pipeline)
    at_once = min(executor.workers, plan.slots, numbers["blocks"]) if isinstance(executor, Cores) else 1
    # each block ends in a state; the sum of those before it is one more
    memory = at_once * (numbers["bytes_per_block"] + numbers["state_bytes"]) + numbers["state_bytes"]
    return StructDict(
        blocks=numbers["blocks"],
        finished=finished,
        passes=numbers["tiles"],
        memory=memory,
        result=numbers["result_bytes"],
        # processes find their work in one
        files=2 if at_once > 1 and not pipeline.releases_gil else 1,
        folder=str(scratch_root()),
        on_error="skip" if manner.skips else "raise",
    )


def _plan_text(title: str, plan: Mapping[str, Any]) -> str:
    blocks = f"{plan['blocks']} blocks" + (f" ({plan['finished']} of them are finished)" if plan["finished"] else "")
    files = "1 file" if plan["files"] == 1 else f"{plan['files']} files, one of them until it is done,"
    skips = "; trials that fail are skipped" if plan["on_error"] == "skip" else ""
    return (
        f"{title}: {blocks} in {plan['passes']} passes, {size_text(plan['memory'])} of memory, "
        f"result {size_text(plan['result'])} in {files} below {plan['folder']}{skips}"
    )
