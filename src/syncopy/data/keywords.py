"""Names of parameters, as callers write them: a wrong one is answered with the nearest that is right."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from syncopy.data.selection import SELECTORS
from syncopy.errors import SPYTypeError, SPYValueError

F = TypeVar("F", bound=Callable[..., Any])


def check_keywords(given: Iterable[str], known: Sequence[str]) -> None:
    """Raise for the first keyword that is not known, with the nearest one that is."""
    for key in given:
        if key not in known:
            close = difflib.get_close_matches(str(key), known, 1)
            hint = f"did you mean `{close[0]}`?" if close else f"one of {', '.join(known)}"
            if key in SELECTORS and "select" in known:
                hint = f"parts of the data are chosen by select={{{key!r}: ...}}"
            raise SPYValueError(f"a known parameter ({hint})", "keyword", key)


def checked_call(function: F) -> F:
    """Let a function, or a constructor, answer wrong, missing and superfluous arguments in this package's words.

    Raises
    ------
    SPYValueError
        For a keyword that is none, an argument that is given twice, and too many arguments.
    SPYTypeError
        For an argument that is missing.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        try:
            signature.bind(*args, **kwargs)
        except TypeError:
            own = function.__name__ == "__init__"
            error = _explain(list(signature.parameters.values())[own:], args[own:], kwargs)
            error.context = f"{type(args[0]).__name__ if own else function.__name__}()"
            raise error from None
        return function(*args, **kwargs)

    return called  # type: ignore[return-value]


def _explain(
    parameters: Sequence[inspect.Parameter], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> SPYTypeError | SPYValueError:
    """Return the error for arguments that a function cannot take."""
    by_position = [item.name for item in parameters if item.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    if not any(item.kind is inspect.Parameter.VAR_KEYWORD for item in parameters):
        try:
            check_keywords(kwargs, [item.name for item in parameters])
        except SPYValueError as error:
            return error
    if len(args) > len(by_position):
        return SPYValueError(f"at most {len(by_position)} positional arguments", "arguments", str(len(args)))
    filled = by_position[: len(args)]
    twice = next((name for name in filled if name in kwargs), None)
    if twice is not None:
        return SPYValueError("a value set once; it is given by position and by name", twice)
    missing = next(
        item.name
        for item in parameters
        if item.default is inspect.Parameter.empty and item.name not in kwargs and item.name not in filled
    )
    return SPYTypeError(None, missing, "a value (missing argument)")
