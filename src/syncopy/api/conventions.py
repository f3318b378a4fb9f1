"""Call conventions of all functions: cfg, `data=`, 'yes' and 'no', names that are checked."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np

from syncopy.data.base import BaseData
from syncopy.data.cfg import unpack_cfg
from syncopy.data.keywords import check_keywords
from syncopy.data.structdict import to_plain
from syncopy.errors import SPYError, SPYTypeError, SPYValueError

F = TypeVar("F", bound=Callable[..., Any])

# How what users have becomes what verbs take.
_HOW_TO_MAKE = {
    str: " (`spy.load` reads files)",
    np.ndarray: " (`spy.AnalogData` takes an array and its samplerate)",
}

# Names of the data object as a keyword; those of the package's first implementation are among them.
_DATA = ("data", "dataset", "spy_data", "spec_data")

# Keywords every verb understands, beside the parameters of its methods.
CONTROLS: dict[str, Any] = {
    "parallel": None,
    "select": None,
    "chan_per_worker": None,
    "on_error": "raise",
    "resume": False,
    "dry_run": False,
}
# Those that say nothing about a result, and are not recorded with it.
UNRECORDED = ("resume", "dry_run")


def conventions(function: F) -> F:
    """Give an ordinary function of one data object the call conventions: cfg, `data=`, 'yes'/'no', checked names."""
    name = function.__name__
    first, *parameters = inspect.signature(function).parameters

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        if first in kwargs:
            kwargs["data"] = kwargs.pop(first)
        try:
            sources, given = collect(name, args, kwargs, parameters)
            if len(sources) > 1:
                raise SPYValueError("one Syncopy data object", "data", f"{len(sources)} objects")
            check_keywords(given, parameters)
            return function(sources[0], **given)
        except SPYError as error:
            error.context = error.context or f"{name}()"
            raise

    return called  # type: ignore[return-value]


def collect(
    name: str, args: Iterable[Any], kwargs: Mapping[str, Any], positional: list[str]
) -> tuple[list[BaseData], dict[str, Any]]:
    """Sort out cfg, data objects and parameters of a call; nothing the caller passed is changed.

    Returns
    -------
    sources : list of BaseData
    given : dict
        Parameters in plain Python types, 'yes' and 'no' as bool.
    """
    rest, given = unpack_cfg(name, args, kwargs)
    sources = [arg for arg in rest if isinstance(arg, BaseData)]
    for key in _DATA:
        if key in given:
            value = given.pop(key)
            if not isinstance(value, BaseData):
                raise SPYTypeError(value, key, "a Syncopy data object")
            if sources:
                raise SPYValueError("data either via `cfg`/keyword or positional arguments, and once only", key)
            sources.append(value)
    values = [arg for arg in rest if not isinstance(arg, BaseData)]
    if not sources and values:
        raise SPYTypeError(values[0], "data", f"a Syncopy data object{_HOW_TO_MAKE.get(type(values[0]), '')}")
    if not sources:
        raise SPYTypeError(None, "data", "a Syncopy data object (missing argument)")
    if len(values) > len(positional):
        raise SPYValueError(f"at most {len(positional)} positional parameters", "arguments", len(values))
    for key, value in zip(positional, values, strict=False):
        if key in given:
            raise SPYValueError("a value set once; it is given by position and by name", key)
        given[key] = value
    return sources, {key: value if key == "select" else to_plain(value, f"`{key}`") for key, value in given.items()}


def check_controls(given: Mapping[str, Any]) -> None:
    """Raise for a control that has none of its values; `parallel` and `select` are looked at where they are used."""
    for key in UNRECORDED:
        if not isinstance(given.get(key, False), bool):
            raise SPYTypeError(given[key], key, "True or False")
    on_error = given.get("on_error", "raise")
    if on_error not in ("raise", "skip"):
        raise SPYValueError("'raise' or 'skip'", "on_error", repr(on_error))
