"""Trials cut from a recording by files: around events, by a table, as in another object; or into equal pieces."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import syncopy as spy
from syncopy.api.record import record_call
from syncopy.cli.files import find, load_one
from syncopy.cli.values import is_number
from syncopy.data.base import BaseData
from syncopy.data.eventtrials import RULES
from syncopy.data.trialtable import NAMES
from syncopy.errors import SPYIOError, SPYTypeError, SPYValueError

Array = NDArray[Any]

# Extensions of tables: a row for each trial.
TABLES = (".csv", ".tsv", ".txt", ".npy")
_CODES = ("start", "trigger", "stop")


def definetrial(
    data: BaseData,
    trialdefinition: Any = None,
    length: float | None = None,
    pre: Any = None,
    post: Any = None,
    start: Any = None,
    trigger: Any = None,
    stop: Any = None,
    clip_edges: bool = False,
) -> BaseData:
    """Say where the trials of an object lie.

    Parameters
    ----------
    data : Syncopy data object
        It stays as it is.
    trialdefinition : str, Path or list of rows
        A file of events, for the parameters below; a table (.csv, .tsv, .txt, .npy) with the columns start, stop,
        offset and further ones, in samples, with or without a line of names; an object whose trials are taken over;
        or the rows of a table. By default everything is one trial.
    length : float
        Seconds: every trial is cut into pieces that long, each with t = 0 at its start; what remains is left out.
    pre : float or list of float
        Seconds that a trial begins before the event `start`, or before `trigger` if there is no `start`.
    post : float or list of float
        Seconds that it ends behind the event `stop`, or behind `trigger` if there is no `stop`.
    start : int, str or list of them
        Event that begins a trial, by its code or its name.
    trigger : int, str or list of them
        Event that is t = 0; without one, that is the first sample.
    stop : int, str or list of them
        Event that ends a trial.
    clip_edges : bool
        Whether a trial that sticks out of the data is cut; else that is an error.

    Returns
    -------
    Syncopy data object
        With the same numbers, in the same file.

    Raises
    ------
    SPYIOError, SPYTypeError, SPYValueError
        For a file that cannot be read, and trials that cannot be.
    """
    rules = dict(zip(RULES, (pre, post, start, trigger, stop), strict=True))
    rules = {name: value for name, value in rules.items() if value is not None}
    source, names = read_trials(trialdefinition, length, rules)
    assert data._store is not None
    result = data._twin(data._store)
    if isinstance(source, BaseData):
        spy.definetrial(result, source, **{**rules, **_codes(source, rules)}, clip_edges=clip_edges)
        # what the command line was given can be loaded once more; the events of an EDF were copied to scratch space
        result.cfg["definetrial"]["filename"] = str(find(Path(trialdefinition)).absolute())
    else:
        rows = source if length is None else _pieces(data, length)
        spy.definetrial(result, rows, clip_edges=clip_edges)
        told = None if rows is None else np.asarray(rows).tolist()
        record_call(result, "definetrial", {"trialdefinition": told, "clip_edges": clip_edges})
        if names:
            result.info[NAMES] = names
    return result


def read_trials(trialdefinition: Any, length: Any, rules: Mapping[str, Any]) -> tuple[Any, list[str]]:
    """What says where trials lie, read from its file: an object, or the rows of a table; and names of its columns.

    Parameters
    ----------
    trialdefinition, length
        As for `definetrial`.
    rules : dict
        Those of `pre`, `post`, `start`, `trigger` and `stop` that are given.

    Returns
    -------
    source : Syncopy data object, list, ndarray or None
    names : list of str
        Of further columns; empty if they have none.

    Raises
    ------
    SPYIOError, SPYTypeError, SPYValueError
        For a file that cannot be read, parameters that exclude each other, and events that do not exist.
    """
    if length is not None:
        _check_length(length, {**rules, **({} if trialdefinition is None else {"trialdefinition": trialdefinition})})
    if not isinstance(trialdefinition, str | Path):
        if rules:
            raise SPYTypeError(trialdefinition, "trialdefinition", f"a file of events, for {', '.join(rules)}")
        return trialdefinition, []
    path = Path(trialdefinition)
    if not rules:
        return _read_table(path) if path.suffix in TABLES else (load_one(path), [])
    events = spy.load(find(path), dataclass="event", mode="r")
    if not isinstance(events, spy.EventData):
        raise SPYValueError("a file with one object of events", "trialdefinition", ", ".join(events))
    _codes(events, rules)
    return events, []


def _check_length(length: Any, others: Mapping[str, Any]) -> None:
    if isinstance(length, bool) or not isinstance(length, int | float):
        raise SPYTypeError(length, "length", "a number of seconds")
    if not 0 < length < np.inf:
        raise SPYValueError("a number of seconds > 0", "length", length)
    if others:
        raise SPYValueError("no other parameters that say where trials lie", "length", ", ".join(others))


def _codes(events: BaseData, rules: Mapping[str, Any]) -> dict[str, Any]:
    """Codes of events that are called by their names."""
    known: dict[str, int] = events.info.get("event_id", {})

    def code(name: str, value: Any) -> Any:
        if isinstance(value, list):
            return [code(name, item) for item in value]
        if isinstance(value, str) and value not in known:
            raise SPYValueError(f"one of the events {', '.join(known) or '(none has a name)'}", name, value)
        return known[value] if isinstance(value, str) else value

    return {name: code(name, rules[name]) for name in _CODES if name in rules}


def _read_table(path: Path) -> tuple[Array, list[str]]:
    """Rows of a table, and the names of the columns behind the first three."""
    if not path.is_file():
        raise SPYIOError(path, exists=False)
    try:
        if path.suffix == ".npy":
            return np.load(path, allow_pickle=False), []
        with path.open() as file:
            first = file.readline()
        mark = "," if "," in first else None
        names = [name.strip() for name in first.split(mark)]
        headed = not all(map(is_number, names))
        rows = np.loadtxt(path, delimiter=mark, skiprows=int(headed), ndmin=2)
    except ValueError as error:
        raise SPYIOError(path, reason=f"no table of numbers: {error}") from None
    return rows, names[3:] if headed else []


def _pieces(data: BaseData, length: float) -> Array:
    """Trials of the same length, one behind the other in each trial; further columns are those of the trial."""
    if data.samplerate is None:
        raise SPYValueError("an object with a samplerate", "samplerate", "None")
    trials = data.trialdefinition
    assert trials is not None
    samples, lengths = round(length * data.samplerate), trials[:, 1] - trials[:, 0]
    counts = (lengths // max(samples, 1)).astype(int)
    if not samples or not counts.any():
        longest = lengths.max() / data.samplerate
        raise SPYValueError(f"from one sample to the length of a trial, {longest:g} s", "length", f"{length:g} s")
    rows = np.repeat(trials, counts, axis=0)
    places = np.concatenate([np.arange(count) for count in counts])
    rows[:, 0] += places * samples
    rows[:, 1], rows[:, 2] = rows[:, 0] + samples, 0
    return rows
