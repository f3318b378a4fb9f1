"""A cfg: the parameters of a call in a dict, or the record of the calls an object came from."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from syncopy.data.keywords import checked_call
from syncopy.errors import SPYError, SPYTypeError, SPYValueError

F = TypeVar("F", bound=Callable[..., Any])

# Parameters whose value is a dict; any other dict inside a cfg belongs to another function.
_MAPPINGS = frozenset({"select", "taper_opt", "fooof_opt"})


def unpack_cfg(name: str, args: Iterable[Any], kwargs: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Put the entries of a cfg in the place of keywords; nothing the caller passed is changed.

    Parameters
    ----------
    name : str
        The function; of a record of several calls, only that of this function counts.
    args : iterable
        Positional arguments, a cfg may be among them.
    kwargs : mapping
        Keywords, or `cfg`.

    Returns
    -------
    args : list
        What is left of the positional arguments.
    kwargs : dict
        Keywords, 'yes' and 'no' as bool.

    Raises
    ------
    SPYTypeError, SPYValueError
        For more than one cfg, one that is no dict, or a value that is set twice.
    """
    kwargs = dict(kwargs)
    cfgs = [arg for arg in args if isinstance(arg, Mapping)]
    rest = [arg for arg in args if not isinstance(arg, Mapping)]
    keyword_cfg = kwargs.pop("cfg", None)
    if keyword_cfg is not None and not isinstance(keyword_cfg, Mapping):
        raise SPYTypeError(keyword_cfg, "cfg", "dictionary-like")
    if len(cfgs) > 1:
        raise SPYValueError("one `cfg` at most", "cfg", f"{len(cfgs)} `cfg` objects in input arguments")
    if cfgs and keyword_cfg:
        raise SPYValueError("`cfg` either as positional or keyword argument, not both", "cfg")
    cfg = dict(cfgs[0] if cfgs else keyword_cfg or {})
    if isinstance(cfg.get(name), Mapping):
        cfg = dict(cfg[name])
    elif others := [key for key, value in cfg.items() if isinstance(value, Mapping) and key not in _MAPPINGS]:
        legal = f"the parameters of {name}, or the cfg of a result that {name} had a part in"
        raise SPYValueError(legal, "cfg", f"the record of {', '.join(others)}")
    for key in kwargs:
        if key in cfg:
            raise SPYValueError("a value set once; it is set in both `cfg` and via explicit keyword", f"cfg/{key}")
    return rest, {key: _answer(value) for key, value in {**cfg, **kwargs}.items()}


def takes_cfg(function: F) -> F:
    """Let a function take its keywords from a cfg: a dict among its arguments, or the keyword `cfg`."""
    checked = checked_call(function)

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        name = called.__name__  # which a further decorator may have changed
        try:
            rest, given = unpack_cfg(name, args, kwargs)
        except SPYError as error:
            error.context = error.context or f"{name}()"
            raise
        return checked(*rest, **given)

    return called  # type: ignore[return-value]


def _answer(value: Any) -> Any:
    return value == "yes" if isinstance(value, str) and value in ("yes", "no") else value
