"""`spy.definetrial`: where the trials of an object lie."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.api.record import record_call
from syncopy.data.base import BaseData
from syncopy.data.continuous import ContinuousData
from syncopy.data.events import EventData
from syncopy.data.eventtrials import codes_in, find_trials
from syncopy.data.keywords import checked_call
from syncopy.data.trialtable import hand_on_names
from syncopy.errors import SPYError, SPYTypeError, SPYValueError

Array = NDArray[Any]


@checked_call
def definetrial(
    obj: BaseData,
    trialdefinition: Any = None,
    pre: Any = None,
    post: Any = None,
    start: Any = None,
    trigger: Any = None,
    stop: Any = None,
    clip_edges: bool = False,
) -> None:
    """Say where the trials of an object lie; the object is changed.

    Parameters
    ----------
    obj : Syncopy data object
        Object whose trials are defined. Its in-place selection is cleared.
    trialdefinition : array-like, shape (n_trials, 3 + k), or Syncopy data object, optional
        Rows `[start, stop, offset, info ...]` in samples: from sample `start` to before `stop`; the first sample lies
        `offset` samples after t = 0, so a trial that starts 0.5 s before it at 1 kHz has the offset -500.
        An object: its trials are taken over, in seconds. An EventData object together with the parameters
        below: trials around its events. None: trials around the events of `obj`, if there are such parameters, else one
        trial over everything.
    pre, post : float or sequence of float, optional
        Seconds before the event `start` (or `trigger`, if there is no `start`), and behind `stop` (or `trigger`). Both
        need a `trigger`.
    start, trigger, stop : int or sequence of int, optional
        Codes of events: start of the trial, its t = 0, its end. Trials are looked for one behind the other, until
        one is incomplete; sequences have an entry per trial (None and NaN: none), and all of them must be there.
        Without `trigger`, t = 0 is the first sample.
    clip_edges : bool
        Whether a trial that sticks out of the data is cut; else that is an error.

    Raises
    ------
    SPYTypeError, SPYValueError
        For trials that cannot be; the object then is as it was.

    Examples
    --------
    >>> spy.definetrial(data, [[0, 500, -100], [500, 1000, -100]])
    >>> events = spy.EventData(np.array([[600, 7], [1200, 7]]), samplerate=1000)
    >>> spy.definetrial(data, events, pre=0.2, post=0.3, trigger=7)
    >>> data.trialdefinition.tolist()
    [[400.0, 900.0, -200.0], [1000.0, 1500.0, -200.0]]
    """
    rules = {"pre": pre, "post": post, "start": start, "trigger": trigger, "stop": stop}
    try:
        _define(obj, trialdefinition, rules, clip_edges)
    except SPYError as error:
        error.context = error.context or "definetrial()"
        raise


def _define(obj: Any, given: Any, rules: dict[str, Any], clip_edges: Any) -> None:
    if not isinstance(obj, BaseData):
        raise SPYTypeError(obj, "obj", "Syncopy data object")
    if obj.data is None:
        raise SPYValueError("non-empty Syncopy data object", "obj", type(obj).__name__)
    if not isinstance(clip_edges, bool):
        raise SPYTypeError(clip_edges, "clip_edges", "True or False")
    rules = {name: value for name, value in rules.items() if value is not None}
    source = obj if given is None and rules else given
    whole = True
    if rules:
        if not isinstance(source, EventData):
            legal = f"{type(obj).__name__} with associated EventData object"
            raise SPYValueError(legal, "trialdefinition", f"{type(source).__name__} and {', '.join(rules)}")
        trl = _around_events(obj, source, rules)
    elif isinstance(source, BaseData):
        trl, whole = _rescaled(obj, source), False
    else:
        trl = obj._default_trials(None) if source is None else source
    if clip_edges:
        trl = _clip(obj, trl)
    obj._trialdefinition, obj._selection = obj._check_trials(trl, whole_offsets=whole), None
    _record(obj, source, rules, clip_edges)


def _around_events(obj: BaseData, events: EventData, rules: dict[str, Any]) -> Array:
    """Trials around events, in samples of the object."""
    event_rate, rate = _rates(events, obj)
    columns = dict(zip(events._table.columns, events._table.having("eventid", codes_in(rules)).T, strict=True))
    begin, end, zero = find_trials(columns["sample"] / event_rate, columns["eventid"], **rules).T
    starts = np.round(begin * rate)
    offsets = np.where(np.isnan(zero), 0, np.round(starts - zero * rate)) + 0.0  # no negative zeros
    return np.column_stack([starts, np.round(end * rate), offsets])


def _rescaled(obj: BaseData, source: BaseData) -> Array:
    """Trials of another object, in samples of this one; the further columns are no samples."""
    trl = source.trialdefinition
    if trl is None:
        raise SPYValueError("an object with trials", "trialdefinition", "an empty object")
    if source is not obj and source.samplerate != obj.samplerate:
        old, new = _rates(source, obj)
        trl[:, :3] = np.round(trl[:, :3] / old * new)
    return trl


def _rates(source: BaseData, obj: BaseData) -> tuple[float, float]:
    for data in (source, obj):
        if data.samplerate is None:
            legal = f"{type(data).__name__} with a samplerate; make sure `samplerate` is set before defining trials"
            raise SPYValueError(legal, "samplerate", "None")
    return float(source.samplerate), float(obj.samplerate)


def _clip(obj: BaseData, trl: Any) -> Array:
    """Cut what sticks out of the data; the times of the samples that are left stay what they were."""
    clipped = np.array(trl, dtype=np.float64)
    ahead = np.maximum(-clipped[:, 0], 0)
    clipped[:, 0] += ahead
    clipped[:, 2] += ahead
    if isinstance(obj, ContinuousData):
        clipped[:, 1] = np.minimum(clipped[:, 1], obj._n_samples)
    return clipped


def _record(obj: BaseData, source: Any, rules: dict[str, Any], clip_edges: bool) -> None:
    assert obj._trialdefinition is not None
    rows, columns = obj._trialdefinition.shape
    text = f"updated trial-definition with [{rows} x {columns}] element array"
    if isinstance(source, BaseData):
        if source is not obj:
            hand_on_names(obj, source)
            source._record("definetrial", f"defined the trials of {obj.filename}")
            obj._log += source._log
        settings = {"object": type(source).__name__, "filename": source.filename, **rules, "clip_edges": clip_edges}
        record_call(obj, "definetrial", settings)
    obj._record("definetrial", text)
