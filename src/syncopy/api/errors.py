"""Errors of parameter models in the package's own words: what, the rule, the value."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from syncopy.engine.method import Method
from syncopy.errors import SPYError, SPYTypeError, SPYValueError

_RULES = {
    "greater_than": "> {gt}",
    "greater_than_equal": ">= {ge}",
    "less_than": "< {lt}",
    "less_than_equal": "<= {le}",
    "literal_error": "{expected}",
    "finite_number": "a finite number",
    "too_short": "at least {min_length} entries",
    "too_long": "at most {max_length} entries",
    "string_too_short": "a text of {min_length} characters at least",
    "multiple_of": "a multiple of {multiple_of}",
}
_LIMITS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
_TYPES = {
    "float_type": "a number",
    "int_type": "a whole number",
    "bool_type": "True or False",
    "string_type": "a text",
    "list_type": "a list",
    "dict_type": "a dict",
    "tuple_type": "a list",
    "none_required": "None",
}


def translate(error: ValidationError, cls: type[Method]) -> SPYError:
    """Return the exception for the first parameter that is wrong."""
    details = error.errors(include_url=False)
    raised = next((item for item in details if isinstance(item.get("ctx", {}).get("error"), SPYError)), None)
    if raised is not None:
        own = raised["ctx"]["error"]
        assert isinstance(own, SPYError)
        return own
    name = str(details[0]["loc"][0]) if details[0]["loc"] else "parameters"
    mine = [item for item in details if item["loc"][:1] == (name,)] or details
    if mine[0]["type"] == "missing":
        return SPYTypeError(None, name, "a value (missing argument)")
    field = cls.model_fields.get(name)
    unit = (field.json_schema_extra or {}).get("unit") if field else None  # type: ignore[union-attr]
    rules: list[str] = []
    for item in mine:
        rule = _RULES.get(item["type"], "").format(**_plain(item.get("ctx", {})))
        text = rule or _TYPES.get(item["type"], item["msg"])
        rules += [] if text in rules else [text]
    limit = all(item["type"] in _LIMITS for item in mine)
    rule = " or ".join(rules) + (f" {unit}" if unit and limit else f", in {unit}" if unit else "")
    value = _offending(mine[0], details)
    fraction = isinstance(value, float) and any(item["type"] == "int_type" for item in mine)
    if all(item["type"] in _TYPES for item in mine) and not fraction:
        return SPYTypeError(value, name, rule)
    return SPYValueError(rule, name, repr(value))


def _plain(limits: dict[str, Any]) -> dict[str, Any]:
    """Limits as a person writes them: 0, not 0.0."""
    return {name: f"{value:g}" if isinstance(value, float) else value for name, value in limits.items()}


def _offending(item: Any, details: list[Any]) -> Any:
    """Value of the parameter; of a list, the entry that was wrong."""
    return item["input"]
