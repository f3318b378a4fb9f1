"""`spy.concat`: several objects as one."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.api.derive import derive
from syncopy.api.record import record_call
from syncopy.data.base import BaseData
from syncopy.data.channels import join_channels
from syncopy.data.continuous import ContinuousData
from syncopy.data.keywords import checked_call
from syncopy.data.view import View
from syncopy.errors import SPYError, SPYTypeError, SPYValueError, SPYWarning
from syncopy.methods.concat import Join

Array = NDArray[Any]


@checked_call
def concat(spy_obj1: BaseData | Sequence[BaseData], spy_obj2: BaseData | None = None, dim: str = "channel") -> BaseData:
    """Join objects along channels or trials.

    Parameters
    ----------
    spy_obj1, spy_obj2 : Syncopy data object
        What to join, in this order; `spy_obj1` may also be a list of all objects.
    dim : {"channel", "trials"}
        "channel": the same trials with more channels; in-place selections count. "trials": more trials, as
        `type(spy_obj1)([spy_obj1, spy_obj2])`.

    Returns
    -------
    Syncopy data object
        Object with the trial definition and the history of the first one. Channels keep their labels; where a label
        comes again, it gets a number (`"Oz"`, `"Oz_2"`).

    Raises
    ------
    SPYTypeError, SPYValueError
        If the objects do not fit each other.

    Warns
    -----
    SPYWarning
        If channels are joined whose trials lie differently in time.

    Examples
    --------
    >>> import numpy as np
    >>> import syncopy as spy
    >>> left = spy.AnalogData(np.zeros((10, 2)), samplerate=1, channel=["Fz", "Oz"])
    >>> right = spy.AnalogData(np.ones((10, 1)), samplerate=1, channel=["Oz"])
    >>> spy.concat(left, right).channel.tolist()
    ['Fz', 'Oz', 'Oz_2']
    """
    try:
        if not isinstance(dim, str):
            raise SPYTypeError(dim, "dim", "'channel' or 'trials'")
        objects = _objects(spy_obj1, spy_obj2)
        if dim == "trials":
            return type(objects[0])(list(objects))
        result = _side_by_side([_continuous(data) for data in objects], dim)
    except SPYError as error:
        error.context = error.context or (f"concat(dim={dim!r})" if isinstance(dim, str) else "concat()")
        raise
    record_call(result, "concat", {"dim": dim, "objects": [data.filename for data in objects]})
    return result


def _objects(first: Any, second: Any) -> list[BaseData]:
    listed = list(first) if isinstance(first, list | tuple) else [first]
    listed += [] if second is None else [second]
    for data in listed:
        if not isinstance(data, BaseData):
            raise SPYTypeError(data, "spy_obj", "a Syncopy data object")
    if not listed:
        raise SPYValueError("at least one object", "spy_obj", "none")
    return listed


def _continuous(data: BaseData) -> ContinuousData:
    if not isinstance(data, ContinuousData):
        raise SPYTypeError(data, "spy_obj", "an object of continuous data type")
    data._require_data()
    return data


def _side_by_side(objects: Sequence[ContinuousData], dim: str) -> ContinuousData:
    first, *others = (data.view() for data in objects)
    if dim not in first.dims:
        raise SPYValueError(f"objects which have a `{dim}` dimension ({', '.join(first.dims)})", "dim", repr(dim))
    if dim != "channel":
        raise NotImplementedError(f"objects can be joined along 'channel' and 'trials', not along {dim!r}")
    for other in others:
        _check_fit(first, other)
    views = [first, *others]
    parts = [(view.data, view.coords["channel"].tolist()) for view in views]
    labels = _distinct([label for _, own in parts for label in own])
    result = derive(Join(dim, labels), views, "concat")
    if all("channel" not in data._coords for data in objects):
        result._set_coord("channel", None)
    join_channels(result, parts, result.view().coords["channel"].tolist())
    return result


def _check_fit(first: View, other: View) -> None:
    """Whether the trials of two objects differ in their channels only."""
    if first.data.dimord != other.data.dimord:
        raise SPYValueError(
            f"objects with equal dimensional layout ({' by '.join(first.data.dimord)})", "dimord", other.data.dimord
        )
    if first.samplerate != other.samplerate:
        legal = f"objects with the same samplerate ({first.samplerate:g} Hz)"
        raise SPYValueError(legal, "samplerate", f"{other.samplerate:g} Hz")
    if len(first) != len(other) or (first.lengths != other.lengths).any():
        legal = "objects with matching shapes: trials of the same number and lengths"
        raise SPYValueError(legal, "trials", f"{len(first)} and {len(other)} trials")
    for name in first.coords.keys() - {"channel"}:
        if not np.array_equal(first.coords[name], other.coords[name]):
            raise SPYValueError(f"objects with matching shapes and the same `{name}`", name, "different values")
    if (first.offsets != other.offsets).any():
        warnings.warn(
            "concat: the trials of the objects lie differently in time; the first object's time axes are kept",
            SPYWarning,
            stacklevel=5,
        )


def _distinct(labels: list[str]) -> Array:
    """Labels, with a number where one comes again."""
    found: dict[str, None] = {}
    for label in labels:
        name, number = label, 1
        while name in found:
            number += 1
            name = f"{label}_{number}"
        found[name] = None
    return np.array([*found])
