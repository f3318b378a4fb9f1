"""What a call would do, in numbers and words: `dry_run`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncopy.api.preparation import Prepared, prepare
from syncopy.api.work import Manner
from syncopy.data.base import BaseData
from syncopy.data.structdict import StructDict
from syncopy.data.text import size_text
from syncopy.engine.choice import choose_plan
from syncopy.engine.executors import Cores, Serial
from syncopy.engine.plan import describe_plan
from syncopy.errors import SPYError
from syncopy.settings import options
from syncopy.storage.scratch import scratch_root


def dry_run(name: str, method_name: str | None, data: BaseData, given: Mapping[str, Any]) -> str:
    """Return what a call in this thread would do as a line of text; nothing is computed.

    Raises
    ------
    SPYError
        As the call itself would.
    """
    title = f"{name}(method={method_name!r})" if method_name is not None else f"{name}()"
    try:
        return _plan_text(title, _plan(prepare(name, method_name, [data], given), Manner(Serial())))
    except SPYError as error:
        error.context = error.context or title
        raise


def show_plan(title: str, prepared: Prepared, manner: Manner) -> StructDict:
    """Print what a call would do, and return it."""
    plan = _plan(prepared, manner)
    print(_plan_text(title, plan))
    return plan


def _plan(prepared: Prepared, manner: Manner) -> StructDict:
    """What a call would do, in numbers."""
    pipeline, executor = prepared.pipeline, manner.executor
    limit = executor.limit(options.memory, options.workers)
    pipeline, _, plan = choose_plan(pipeline, prepared.views, limit, options.workers)
    numbers = describe_plan(plan, pipeline)
    at_once = min(executor.workers, plan.slots, numbers["blocks"]) if isinstance(executor, Cores) else 1
    # each block ends in a state; the sum of those before it is one more
    memory = at_once * (numbers["bytes_per_block"] + numbers["state_bytes"]) + numbers["state_bytes"]
    return StructDict(
        blocks=numbers["blocks"],
        passes=numbers["tiles"],
        memory=memory,
        result=numbers["result_bytes"],
        folder=str(scratch_root()),
        on_error="skip" if manner.skips else "raise",
    )


def _plan_text(title: str, plan: Mapping[str, Any]) -> str:
    skips = "; trials that fail are skipped" if plan["on_error"] == "skip" else ""
    return (
        f"{title}: {plan['blocks']} blocks in {plan['passes']} passes, {size_text(plan['memory'])} of memory, "
        f"result {size_text(plan['result'])} in a file below {plan['folder']}{skips}"
    )
