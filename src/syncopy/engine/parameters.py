"""Building blocks of parameter models: a field with its unit, and types that accept what users write."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BeforeValidator, Field


def parameter(
    default: Any = ..., description: str = "", unit: str | None = None, kind: str | None = None, **limits: Any
) -> Any:
    """Declare a parameter: default (none: required), text, unit, and limits (`gt`, `ge`, `lt`, `le`, ...).

    `kind` names its type in words, where the annotation does not.
    """
    extra = {name: text for name, text in (("unit", unit), ("kind", kind)) if text}
    return Field(default, description=description, json_schema_extra=dict(extra), **limits)


def _integral(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_integral)]
"""A whole number, also written as 4.0."""


def kind_text(annotation: Any) -> str:
    """Type of a parameter as documentation writes it: `float or list of float`, `'lp' or 'hp'`.

    Examples
    --------
    >>> kind_text(float | list[float] | None)
    'float, list of float or None'
    """
    kinds = list(dict.fromkeys(_kinds(annotation)))
    kinds = [kind for kind in kinds if "bool" not in kinds or kind not in ("True", "False")]
    return " or ".join([", ".join(kinds[:-1]), kinds[-1]] if len(kinds) > 1 else kinds)


def _kinds(annotation: Any) -> list[str]:
    """Alternatives that a type allows, None last."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        kinds = [kind for part in parts for kind in _kinds(part)]
        return sorted(kinds, key=lambda kind: kind == "None")
    if origin is Annotated:
        return _kinds(parts[0])
    if origin is Literal:
        return [repr(value) for value in parts]
    if annotation is NoneType:
        return ["None"]
    if origin in (list, dict):
        of = " or ".join(_kinds(parts[0])) if origin is list else ""
        return [f"list of {of}" if of not in ("", "object") else origin.__name__]
    return ["object" if annotation is Any else getattr(annotation, "__name__", str(annotation))]
