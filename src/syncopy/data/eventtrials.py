"""Trials found in a sequence of events."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.errors import SPYTypeError, SPYValueError

Array = NDArray[Any]

RULES = ("pre", "post", "start", "trigger", "stop")
Rule = dict[str, float | None]


def find_trials(times: Array, codes: Array, **rules: Any) -> NDArray[np.float64]:
    """Find trials around events.

    A trial starts with the first event that is a `start`, and ends with the first `stop` after it; its t = 0 is the
    first `trigger`. All three are looked for behind the events of the trial before. Without `start`, the trial starts
    with the trigger and the stop comes after that. One event may be start and trigger, but not trigger and stop.

    Parameters
    ----------
    times : ndarray
        Seconds of every event, ascending.
    codes : ndarray of int
        What happened.
    **rules
        `start`, `trigger`, `stop`: codes. `pre`: seconds before the start, or before the trigger without one; `post`:
        seconds behind the stop, or behind the trigger without one. Numbers hold for all trials, of which there are
        as many as can be found; a sequence has an entry for each trial, with None or NaN for what does not matter.

    Returns
    -------
    ndarray, shape (n_trials, 3)
        Seconds of begin, end and t = 0 of every trial; the last one is NaN without a trigger.

    Raises
    ------
    SPYTypeError, SPYValueError
        If the rules do not say where trials begin and end, or an event is missing.
    """
    wanted, repeat = _as_rules(rules)
    places = {code: np.flatnonzero(codes == code) for code in _codes_of(wanted)}
    found, count = array("d"), 0
    first = 0
    while repeat or count < len(wanted):
        rule = wanted[0 if repeat else count]
        events = _find_events(places, rule, first)
        missing = next((name for name, event in events.items() if event is None), None)
        if missing is not None and repeat and count:
            break
        if missing is not None:
            trial = "" if repeat else f" for trial {count}"
            raise SPYValueError(f"existing event-id{trial}, behind the trials before", missing, f"{rule[missing]:g}")
        first = max(event for event in events.values() if event is not None) + 1
        found.extend(_place(times, rule, events))
        count += 1
    return np.frombuffer(found).reshape(count, 3)


def codes_in(rules: Mapping[str, Any]) -> NDArray[np.float64]:
    """Codes of the events that rules speak of: no others matter to `find_trials`.

    Raises
    ------
    SPYTypeError, SPYValueError
        As `find_trials`, for rules.
    """
    wanted, _ = _as_rules(rules)
    return np.array(sorted(_codes_of(wanted)))


def _codes_of(wanted: Sequence[Rule]) -> set[float]:
    codes = {rule[name] for rule in wanted for name in ("start", "trigger", "stop")}
    return {code for code in codes if code is not None}


def _as_rules(rules: Mapping[str, Any]) -> tuple[list[Rule], bool]:
    """One rule per trial; or one only, and that it is for as many trials as there are."""
    columns = {}
    for name in RULES:
        try:
            columns[name] = np.array(rules.get(name), dtype=np.float64)
        except (TypeError, ValueError):
            raise SPYTypeError(rules[name], name, "a number, or one for each trial") from None
        if columns[name].ndim > 1 or np.isinf(columns[name]).any():
            raise SPYValueError("a finite number, or one for each trial", name, rules[name])
    lengths = {len(values) for values in columns.values() if values.ndim}
    if len(lengths) > 1 or 0 in lengths:
        legal = "all trial-related arrays to have the same length, 1 at least"
        raise SPYValueError(legal, "pre/post/start/trigger/stop", sorted(lengths))
    rows = np.column_stack([np.broadcast_to(values, (max(lengths, default=1),)) for values in columns.values()])
    wanted = [dict(zip(RULES, [None if x != x else x for x in row], strict=True)) for row in rows.tolist()]
    for rule in wanted:
        _check_rule(rule)
    return wanted, not lengths


def _check_rule(rule: Rule) -> None:
    unused = {name for name, value in rule.items() if value is None}
    if {"pre", "start"} <= unused or {"post", "stop"} <= unused:
        legal = "`pre` or `start`, and `post` or `stop`, to be not `None`"
        raise SPYValueError(legal, "pre/post/start/stop", f"None for {', '.join(sorted(unused))}")
    if "trigger" in unused and not {"pre", "post"} <= unused:
        raise SPYValueError("non-None `trigger` with `pre`/`post` timing information", "trigger", "None")


def _find_events(places: Mapping[float, NDArray[np.intp]], rule: Rule, first: int) -> dict[str, int | None]:
    """Number of the event for each code of a rule, from event `first` on; None where there is none."""

    def find(name: str, begin: int) -> int | None:
        candidates = places[rule[name] or 0.0]
        where = bisect_left(candidates, begin)
        return int(candidates[where]) if where < len(candidates) else None

    events = {name: find(name, first) for name in ("start", "trigger") if rule[name] is not None}
    if rule["stop"] is not None and None not in events.values():
        trigger = events.get("trigger")
        behind = events.get("start", trigger)
        stop = find("stop", 0 if behind is None else behind + 1)
        events["stop"] = find("stop", stop + 1) if stop is not None and stop == trigger else stop
    return events


def _place(times: Array, rule: Rule, events: Mapping[str, int | None]) -> list[float]:
    """Seconds of begin, end and t = 0."""
    seconds = {name: float(times[event]) for name, event in events.items() if event is not None}
    zero = seconds.get("trigger", np.nan)
    begin = seconds.get("start", zero) - (rule["pre"] or 0)
    end = seconds.get("stop", zero) + (rule["post"] or 0)
    if not begin < end:
        legal = "non-overlapping trial begin-/end-samples"
        raise SPYValueError(legal, "pre/post/start/stop", f"trial-begin at {begin:g} s, trial-end at {end:g} s")
    return [begin, end, zero]
