"""Parameters of the verbs, read from their methods' models: names, defaults, words for people."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, cast

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from syncopy import methods
from syncopy.engine.method import Method
from syncopy.engine.parameters import kind_text

# Parameters that come first in the signature of a verb; the others follow as its methods declare them.
ORDER: dict[str, list[str]] = {}

# Characters of a line of a docstring, and of a default that stands in one whole.
_WIDTH = 100
_MOST_SHOWN = 40

# What all verbs take beside the parameters of their methods.
_CONTROLS = """\
parallel : bool, optional
    None: on a running dask client, else one block after the other; True: also on this machine's cores;
    False: one block after the other.
select : dict or 'all', optional
    Part of the data to use, for this call only; keys as for `spy.selectdata`.
chan_per_worker : int, optional
    Accepted for old scripts; blocks are cut by memory.
on_error : {'raise', 'skip'}, optional
    What a trial whose computation fails does: end the call, or be left out, as if it had not been selected; the
    result's `info["skipped_trials"]` says which were, and why. Full disks and the like always end the call.
resume : bool, optional
    Go on with what the same call left when it was interrupted, and leave what is finished if this one is.
dry_run : bool, optional
    Compute nothing; print and return the plan: `blocks`, how many of them are `finished` (with `resume`),
    `passes` over the data, peak `memory` and size of the `result` in bytes, number of `files`, and the `folder` they
    would go to.
cfg : dict, optional
    Any of these parameters, also as first or second argument; the `cfg` of a result repeats its call."""


def load_methods() -> None:
    """Import all modules of `syncopy.methods`, so that every method is registered."""
    for module in pkgutil.walk_packages(methods.__path__, f"{methods.__name__}."):
        importlib.import_module(module.name)


def methods_of(verb: str) -> dict[str | None, type[Method]]:
    """Return the methods registered for a verb, by name."""
    if verb not in Method.registry:
        load_methods()
    return Method.registry[verb]


def defaults_of(verb: str) -> dict[str, Any]:
    """Parameters of a verb, those of all its methods together, with their defaults."""
    found: dict[str, Any] = {}
    several = methods_of(verb)
    if None not in several:
        found["method"] = inspect.Parameter.empty
    for method in several.values():
        for name, field in method.model_fields.items():
            default = inspect.Parameter.empty if field.default is PydanticUndefined else field.default
            if found.get(name, inspect.Parameter.empty) is inspect.Parameter.empty:
                found[name] = default
    return {name: found[name] for name in dict.fromkeys([*ORDER.get(verb, []), *found])}


@dataclass(frozen=True)
class Described:
    """A parameter of a verb in words.

    Attributes
    ----------
    name, kind, unit, text : str
        `text` also says which methods have it, if not all do.
    required : bool
    default : object
    """

    name: str
    kind: str
    unit: str
    text: str
    required: bool
    default: Any


def describe_parameters(verb: str) -> list[Described]:
    """Parameters of all methods of a verb; where methods differ in what one means, each meaning is told."""
    several = methods_of(verb)
    names = dict.fromkeys(name for method in several.values() for name in method.model_fields)
    return [_describe(name, several) for name in names]


def _describe(name: str, several: Mapping[str | None, type[Method]]) -> Described:
    fields = {method: cls.model_fields[name] for method, cls in several.items() if name in cls.model_fields}
    first, *others = fields.values()
    meanings: dict[tuple[str, str], list[str]] = {}
    for method, field in fields.items():
        meanings.setdefault((field.description or "", _extra(field, "unit")), []).append(str(method))
    units = {unit for _, unit in meanings}
    texts = []
    for (text, unit), users in meanings.items():
        told = f"{text}, in {unit}" if unit and len(units) > 1 else text
        texts.append(f"{told}{_where_known(users, several)}")
    kind = _extra(first, "kind") or kind_text(reduce(or_, [field.annotation for field in others], first.annotation))
    unit = units.pop() if len(units) == 1 else ""
    return Described(name, kind, unit, "; ".join(texts), first.is_required(), first.default)


def _extra(field: FieldInfo, name: str) -> str:
    """What a field says of itself beside its type."""
    return str(cast(Mapping[str, Any], field.json_schema_extra or {}).get(name, ""))


def _where_known(users: list[str], several: Mapping[str | None, Any]) -> str:
    """Methods that have a parameter, or those that lack it, whichever is shorter; nothing if all have it."""
    others = [str(method) for method in several if str(method) not in users]
    if not others:
        return ""
    return f" (not for {', '.join(others)})" if len(others) < len(users) else f" (for {', '.join(users)})"


def document(verb: str, text: str, default_method: str | None = None) -> str:
    """Return the docstring of a verb: its own text, with parameters, errors and background from its methods.

    Parameters
    ----------
    verb : str
    text : str
        What the verb is for, then the sections Returns and Examples.
    default_method : str, optional
        Method used when none is named.
    """
    summary, returns, rest = text.partition("\nReturns\n")
    returned, examples, shown = rest.partition("\nExamples\n")
    parts = [
        summary,
        f"Parameters\n----------\n{_parameters(verb, default_method)}",
        f"{returns}{returned}",
        f"Raises\n------\n{_errors(verb)}",
        f"Notes\n-----\n{_background(verb)}",
        f"{examples}{shown}",
    ]
    return "\n\n".join(part.strip("\n") for part in parts)


def _parameters(verb: str, default_method: str | None) -> str:
    several = methods_of(verb)
    lines = [f"data : {_classes(verb)}"]
    if None not in several:
        lines.append(f"method : str or list of str, default {default_method!r}")
        for name, cls in several.items():
            lines.append(_filled(f"{name}: {(inspect.getdoc(cls) or '').partition(chr(10))[0]}"))
    described = {item.name: item for item in describe_parameters(verb)}
    for name in dict.fromkeys([*ORDER.get(verb, []), *described]):
        if name in described:
            lines += _entry(described[name])
    return "\n".join([*lines, _CONTROLS])


def _entry(item: Described) -> list[str]:
    """Lines about a parameter; a type that is too long for its line goes to the text below."""
    kind, text = item.kind, f"{item.text[:1].upper()}{item.text[1:]}."
    if len(kind) > _WIDTH - 20:
        kind, text = "str", f"{text} One of {kind}."
    unit = f", in {item.unit}" if item.unit else ""
    return [f"{item.name} : {kind}{unit}{_default_text(item)}", _filled(text)]


def _classes(verb: str) -> str:
    """Names of the classes that any method of a verb reads."""
    names = dict.fromkeys(cls.__name__ for method in methods_of(verb).values() for cls in method.reads)
    return " or ".join(names)


def _default_text(item: Described) -> str:
    if item.required:
        return ""
    text = repr(item.default)
    if len(text) > _MOST_SHOWN and isinstance(item.default, list):
        text = f"[{item.default[0]!r}, {item.default[1]!r}, ..., {item.default[-1]!r}]"
    return f", default {text}"


def _filled(text: str) -> str:
    """Text of a parameter, in lines that a terminal shows whole."""
    indent = 4 * " "
    return textwrap.fill(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _errors(verb: str) -> str:
    return (
        "SPYTypeError\n"
        f"    If `data` is no {_classes(verb)}, or a parameter is of another type than stated.\n"
        "SPYValueError\n"
        "    If a parameter or method is unknown, or a value is against its rule or does not fit the data.\n"
        "SPYError\n"
        "    If not even a small part of the data fits into `spy.options.memory`."
    )


def _background(verb: str) -> str:
    """What the methods do, by name: formulas, units, sources."""
    several = methods_of(verb)
    if None in several:
        return inspect.getdoc(several[None]) or ""
    texts = [inspect.getdoc(cls) or "" for cls in several.values()]
    headed = [f"**{name}**: {text}".partition("\n") for name, text in zip(several, texts, strict=True)]
    return "\n\n".join(f"{textwrap.fill(first, _WIDTH)}\n{rest}".strip() for first, _, rest in headed)
