"""Trials found in a sequence of events."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.errors import SPYTypeError, SPYValueError

Array = NDArray[Any]

RULES = ("pre", "post", "start", "trigger", "stop")


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
    columns, repeat = _as_columns(rules)
    places = {code: np.flatnonzero(codes == code).tolist() for code in np.unique(codes).tolist()}
    found: list[list[float]] = []
    first = 0
    while True:
        rule = {name: values[0 if repeat else len(found)] for name, values in columns.items()}
        _check_rule(rule)
        events = _find_events(places, rule, first)
        missing = next((name for name, event in events.items() if event == -1), None)
        if missing is not None and repeat and found:
            break
        if missing is not None:
            trial = "" if repeat else f" for trial {len(found)}"
            raise SPYValueError(f"existing event-id{trial}, behind the trials before", missing, f"{rule[missing]:g}")
        first = max(events.values()) + 1
        found.append(_place(times, rule, events))
        if not repeat and len(found) == len(columns["pre"]):
            break
    return np.array(found)


def _as_columns(rules: Mapping[str, Any]) -> tuple[dict[str, NDArray[np.float64]], bool]:
    """One value per trial for each rule, NaN where it does not matter; whether it is one trial to be found often."""
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
    count = max(lengths, default=1)
    return {name: np.broadcast_to(values, (count,)) for name, values in columns.items()}, not lengths


def _check_rule(rule: Mapping[str, float]) -> None:
    unused = {name for name, value in rule.items() if np.isnan(value)}
    if {"pre", "start"} <= unused or {"post", "stop"} <= unused:
        legal = "`pre` or `start`, and `post` or `stop`, to be not `None`"
        raise SPYValueError(legal, "pre/post/start/stop", f"None for {', '.join(sorted(unused))}")
    if "trigger" in unused and not {"pre", "post"} <= unused:
        raise SPYValueError("non-None `trigger` with `pre`/`post` timing information", "trigger", "None")


def _find_events(places: Mapping[int, list[int]], rule: Mapping[str, float], first: int) -> dict[str, int]:
    """Number of the event for each code of a rule, from event `first` on; -1 where there is none."""

    def find(name: str, begin: int) -> int:
        candidates = places.get(rule[name], [])  # type: ignore[call-overload]
        where = bisect_left(candidates, begin)
        return candidates[where] if where < len(candidates) else -1

    events = {name: find(name, first) for name in ("start", "trigger") if not np.isnan(rule[name])}
    if not np.isnan(rule["stop"]):
        stop = find("stop", events.get("start", events.get("trigger", -1)) + 1)
        events["stop"] = find("stop", stop + 1) if stop == events.get("trigger") != -1 else stop
    return events


def _place(times: Array, rule: Mapping[str, float], events: Mapping[str, int]) -> list[float]:
    """Seconds of begin, end and t = 0."""
    zero = times[events["trigger"]] if "trigger" in events else np.nan
    begin = (times[events["start"]] if "start" in events else zero) - np.nan_to_num(rule["pre"])
    end = (times[events["stop"]] if "stop" in events else zero) + np.nan_to_num(rule["post"])
    if not begin < end:
        legal = "non-overlapping trial begin-/end-samples"
        raise SPYValueError(legal, "pre/post/start/stop", f"trial-begin at {begin:g} s, trial-end at {end:g} s")
    return [begin, end, zero]
