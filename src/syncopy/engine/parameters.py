"""Building blocks of parameter models: a field with its unit, and types that accept what users write."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field


def parameter(default: Any = ..., description: str = "", unit: str | None = None, **limits: Any) -> Any:
    """Declare a parameter: default (none: required), text, unit, and limits (`gt`, `ge`, `lt`, `le`, ...)."""
    return Field(default, description=description, json_schema_extra={"unit": unit} if unit else {}, **limits)


def _integral(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_integral)]
"""A whole number, also written as 4.0."""
