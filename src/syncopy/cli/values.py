"""Values that users write on the command line, as the Python values that parameters take."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from syncopy.errors import SPYValueError

_WORDS = {"none": None, "null": None, "yes": True, "true": True, "no": False, "false": False}
_NUMBER = re.compile(r"[+-]?(inf|(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)", re.IGNORECASE)


def is_number(text: str) -> bool:
    """Whether a text is a number, or numbers with commas between them."""
    return all(_NUMBER.fullmatch(part.strip()) for part in text.split(","))


def read_value(text: str, annotation: Any = Any) -> Any:
    """Return the value meant by a text.

    Parameters
    ----------
    text : str
        A number, a word, JSON (`{"beta": 8}`, `[["V1", "V4"]]`), `yes`, `no`, `none`, or some of them with commas
        between them: a list.
    annotation : type
        What the parameter takes: it decides where a text can be read in several ways (`50` as a list of one number).

    Returns
    -------
    object
        The first way to read the text that the type allows; if it allows none, the most natural one, so that the
        parameter's own check can say what is wrong with it.
    """
    natural = _natural(text)
    if annotation is Any:
        return natural
    adapter: TypeAdapter[Any] = TypeAdapter(annotation, config=ConfigDict(strict=True))
    ways = [natural, text, natural if isinstance(natural, list) else [natural]]
    return next((way for way in ways if _allowed(adapter, way)), natural)


def _allowed(adapter: TypeAdapter[Any], value: Any) -> bool:
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True


def _natural(text: str) -> Any:
    """Read a text by itself."""
    text = text.strip()
    if text.startswith(("[", "{", '"')):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text
    if "," in text:
        return [_natural(part) for part in text.split(",") if part.strip()]
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if not _NUMBER.fullmatch(text):
        return text
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def join_numbers(arguments: Sequence[str], options: Sequence[str], switches: Sequence[str]) -> list[str]:
    """Write options in the one way that the parser knows: one value each.

    Parameters
    ----------
    arguments : sequence of str
        As typed: `--foilim 1 45 --ft_compat`.
    options : sequence of str
        Options that may have several numbers: these become one value, `--foilim 1,45`.
    switches : sequence of str
        Options that may have no value: they get one, `--ft_compat yes`.
    """
    joined: list[str] = []
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        joined.append(word)
        if word in switches:
            given = bool(rest) and rest[0].lower() in _WORDS
            joined.append(rest.pop(0) if given else "yes")
        elif word in options:
            numbers = []
            while rest and is_number(rest[0]):
                numbers.append(rest.pop(0))
            joined += [",".join(numbers)] if numbers else []
    return joined


def read_pairs(arguments: Sequence[str]) -> dict[str, Any]:
    """Options of any name, `--trials 0 --latency 0 0.5`, as keywords."""
    found: dict[str, Any] = {}
    rest = list(arguments)
    while rest:
        option, equals, text = rest.pop(0).partition("=")
        if not option.startswith("--"):
            raise SPYValueError("options of the form --name value", "arguments", option)
        words = [text] if equals else []
        while rest and (is_number(rest[0]) or (not words and not rest[0].startswith("--"))):
            words.append(rest.pop(0))
        found[option.removeprefix("--")] = read_value(",".join(words) or "yes")
    return found
