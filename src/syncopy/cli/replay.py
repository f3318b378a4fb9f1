"""The script that made an object, from the calls its `cfg` records."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from syncopy.api.conventions import CONTROLS
from syncopy.api.parameters import methods_of
from syncopy.cli.verbs import function_of, has_methods, verb_names
from syncopy.data.base import BaseData
from syncopy.data.eventtrials import RULES
from syncopy.data.history import package_version, steps
from syncopy.data.structdict import to_plain
from syncopy.errors import SPYError


def script(obj: BaseData, source: str) -> str:
    """Return a Python script that repeats all calls an object went through, and saves what comes out.

    Parameters
    ----------
    obj : Syncopy data object
    source : str
        What the script loads.

    Raises
    ------
    SPYError
        If nothing is recorded, or a call took more than one object.
    """
    recorded = steps(obj.cfg)
    if not recorded:
        raise SPYError("this object's cfg records no call: it is a recording, not a result")
    calls = [_call(name, settings) for step in recorded for name, settings in step.items()]
    head = f'"""Repeats what made a {type(obj).__name__} object, recorded by Syncopy {package_version()}."""'
    begin = [head, "", "import syncopy as spy", "", f"data = spy.load({source!r})"]
    end = f"data.save(filename={f'repeated{obj._suffix}'!r})"
    return "\n".join([*begin, *calls, end]) + "\n"


def _call(name: str, settings: Mapping[str, Any]) -> str:
    """One call; parameters that are left at their defaults, or belong to other methods, are left out."""
    if name == "arithmetic":
        return _arithmetic(settings)
    if name == "definetrial":
        return _definetrial(settings)
    if name not in verb_names():
        raise SPYError(f"the call of {name} took several objects, or an array, which its record does not hold")
    defaults = _defaults(name, settings.get("method"))
    told = {key: to_plain(value) for key, value in settings.items() if key in defaults and value != defaults[key]}
    changes_data = told.get("inplace") or told.get("clear")
    arguments = "".join(f", {key}={value!r}" for key, value in told.items())
    call = f"spy.{name}(data{arguments})"
    return call if changes_data else f"data = {call}"


def _arithmetic(settings: Mapping[str, Any]) -> str:
    """A calculation with numbers, or with none; the operand that stands for an object is the data."""
    sides = [settings[side] for side in ("left", "right") if side in settings]
    numbers = [isinstance(side, int | float | complex | list) for side in sides]
    if numbers.count(False) != 1:
        raise SPYError("arithmetic of two objects, or with a large array, which its record does not hold")
    told = [repr(to_plain(side)) if number else "data" for side, number in zip(sides, numbers, strict=True)]
    return f"data = spy.arithmetic({settings['operator']!r}, {', '.join(told)})"


def _definetrial(settings: Mapping[str, Any]) -> str:
    """Trials by a table, which the record holds, or by an object, whose file it names."""
    told = {key: to_plain(settings[key]) for key in (*RULES, "clip_edges") if settings.get(key)}
    if "filename" not in settings:
        source = repr(to_plain(settings["trialdefinition"]))
    elif not Path(settings["filename"]).exists():
        raise SPYError(f"the trials came from {settings['filename']}, which does not exist any more")
    else:
        kind = ", dataclass='event'" if settings["object"] == "EventData" else ""
        source = f"spy.load({settings['filename']!r}{kind})"
    arguments = "".join(f", {key}={value!r}" for key, value in told.items())
    return f"spy.definetrial(data, {source}{arguments})"


def _defaults(name: str, method: str | None) -> dict[str, Any]:
    """Parameters of a call that have an effect, with their defaults."""
    if not has_methods(name):
        parameters = [*inspect.signature(function_of(name)).parameters.values()][1:]
        return {parameter.name: parameter.default for parameter in parameters}
    own = methods_of(name)[method].model_fields
    return {"method": None} | {key: field.default for key, field in own.items()} | CONTROLS
