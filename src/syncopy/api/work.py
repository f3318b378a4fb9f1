"""The work of a call that is prepared: from its blocks to its result object."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from syncopy.api.preparation import Prepared, choose_executor
from syncopy.api.record import enter_call, inherit, tell_of_nan, tell_of_skipped
from syncopy.data.history import settings_text
from syncopy.data.timeaxis import hand_on_times
from syncopy.data.view import View
from syncopy.engine.execute import Outcome, TrialsFailedError, execute_together
from syncopy.engine.executors import Executor, Serial
from syncopy.engine.journal import Journal
from syncopy.engine.method import Method
from syncopy.errors import SPYError


@dataclass(frozen=True)
class Manner:
    """How a call is run.

    Attributes
    ----------
    executor : Executor
    skips : bool
        Whether trials whose computation raises are left out.
    resume : bool
        Whether to go on with what an interrupted call left, and to leave what is finished if this one fails.
    """

    executor: Executor
    skips: bool = False
    resume: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """The manner that the controls of a call ask for."""
        executor = choose_executor(given.get("parallel"))
        return cls(executor, given.get("on_error") == "skip", given.get("resume", False))


@dataclass(frozen=True, eq=False)
class Made:
    """What a call made.

    Attributes
    ----------
    prepared : Prepared
        The call, without the trials that were skipped.
    outcome : Outcome
    skipped : dict of int to str
        Their numbers in the object, and the errors' texts.
    """

    prepared: Prepared
    outcome: Outcome
    skipped: dict[int, str] = field(default_factory=dict)


def compute(group: list[Prepared], title: str, manner: Manner) -> list[Made]:
    """Run calls that one pass over the data serves.

    Trials that fail are found by a run over all of them, and left out of another one, so that the result is that of a
    call in which they were not selected: what the other trials have in common (padding, blocks, sums) depends on them.

    Raises
    ------
    SPYError
        If all trials fail; or any that is not to be skipped, but was so in the interrupted call that is resumed.
    """
    skipped: dict[int, str] = {}
    searches: list[Journal] = []
    keeps = manner.resume
    try:
        while True:
            views, pipelines = group[0].views, [prepared.pipeline for prepared in group]
            journal = Journal(title, pipelines, views, manner.resume)
            try:
                outcomes = execute_together(pipelines, views, manner.executor, title, None, journal, manner.skips)
                keeps = False
                break
            except TrialsFailedError as error:
                searches.append(journal)
                numbers = [int(number) for number in views[0].trial_ids]
                skipped |= {numbers[place]: text for place, text in sorted(error.failed.items())}
                if not manner.skips:
                    raise _not_to_be_skipped(skipped) from None
            except Exception as error:
                error.add_note(f"with the parameters {_parameters(group[0].method)}")
                raise
            if skipped.keys() >= set(numbers):
                raise SPYError(f"all {len(numbers)} trials failed; trial {numbers[0]}: {skipped[numbers[0]]}")
            group = [prepared.without(skipped) for prepared in group]
    finally:
        for search in searches:
            search.end(keeps)
    skipped = dict(sorted(skipped.items()))
    tell_of_skipped(title, skipped)
    return [Made(prepared, outcome, skipped) for prepared, outcome in zip(group, outcomes, strict=True)]


def _not_to_be_skipped(skipped: dict[int, str]) -> SPYError:
    """Error of a call that goes on with one that left out trials."""
    number, text = next(iter(skipped.items()))
    return SPYError(
        f"the interrupted call was to skip trials that fail, and {len(skipped)} did; trial {number}: {text}; "
        "on_error='skip' goes on with it, resume=False starts anew"
    )


def _parameters(method: Method) -> str:
    """Parameters of a method that have another value than usually, in a line."""
    given = method.model_dump(mode="json", exclude_defaults=True)
    return ", ".join(f"{name}={reprlib.repr(value)}" for name, value in given.items()) or "it has by default"


def complete(name: str, title: str, method_name: Any, made: Made, settings: dict[str, Any], manner: Manner) -> Any:
    """Make the result object of what a run made: history, notes, warnings."""
    prepared, outcome = made.prepared, made.outcome
    method, data, view, pipeline = prepared.method, prepared.data, prepared.views[0], prepared.pipeline
    spec = outcome.spec
    result = pipeline.writes.adopt(outcome.store, outcome.trialdefinition, spec.samplerate, spec.coords)
    result.info.update(pipeline.info)
    tell_of_nan(title, outcome.notes["nan"], view.trial_ids, result)
    if manner.skips:
        result.info["skipped_trials"] = [{"trial": trial, "error": text} for trial, text in made.skipped.items()]
    inherit(result, data, rule=method.result_unit)
    if isinstance(view, View):
        hand_on_times(result, view)
    enter_call(result, name, {"on_error": "raise"} | settings | prepared.selected)
    used = {"method": method_name} if method_name is not None else {}
    used |= method.model_dump(mode="json") | {"used_parallel": not isinstance(manner.executor, Serial)}
    result._record(name, f"computed {method_name or name} with settings\n{settings_text(used)}")
    method.finish(result, outcome)
    return result
