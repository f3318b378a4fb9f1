"""Dictionaries of parameters: `StructDict` for users, and the plain form in which values are recorded."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np

from syncopy.errors import SPYError
from syncopy.markup import card


class StructDict(dict[str, Any]):
    """A dict whose keys are attributes too, also where dicts have a method (`clear`): `cfg.foi` is `cfg["foi"]`."""

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("__") and dict.__contains__(self, name):
            return self[name]
        return super().__getattribute__(name)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no field '{name}'; the fields are {', '.join(map(repr, self)) or 'none'}")

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self[name]
        except KeyError:
            raise AttributeError(f"no field '{name}'") from None

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *map(str, self)]

    def copy(self, deep: bool = True) -> Self:
        """Return an independent copy, by default of all nested values too."""
        return type(self)(copy.deepcopy(dict(self)) if deep else dict(self))

    def deepcopy(self) -> Self:
        """Return an independent copy of all nested values."""
        return self.copy(deep=True)

    def __copy__(self) -> Self:
        return self.copy(deep=False)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return type(self)({key: copy.deepcopy(value, memo) for key, value in dict.items(self)})

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)

    def __or__(self, other: Mapping[str, Any]) -> Self:  # type: ignore[override]
        return type(self)({**self, **other})

    def __repr__(self) -> str:
        return f"StructDict({dict(self)!r})"

    def __str__(self) -> str:
        if not self:
            return "{}"
        width = max(len(str(key)) for key in self)
        plain = {key: dict(value) if isinstance(value, StructDict) else value for key, value in dict.items(self)}
        lines = [f"{key!s:>{width}} : {value}" for key, value in plain.items()]
        return "\n".join(["Syncopy StructDict", "", *lines, "", "Use `dict(cfg)` for copy-paste-friendly format"])

    def _repr_html_(self) -> str:
        return card("StructDict", self)


class SerializableDict(dict[str, Any]):
    """A dict that holds nothing but what can be written as JSON; NumPy values are converted when they are set."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self.update(*args, **kwargs)

    def __setitem__(self, key: str, value: Any) -> None:
        super().update(to_plain({key: value}, "`info`"))

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Set several entries; every one is checked before the first is set."""
        super().update(to_plain(dict(*args, **kwargs), "`info`"))

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return the value of `key`, setting it to `default` if it is missing."""
        if key not in self:
            self[key] = default
        return self[key]

    def __ior__(self, other: Any) -> Self:  # type: ignore[override,misc]
        self.update(other)
        return self


def to_plain(value: Any, name: str = "value") -> Any:
    """Turn a value into the Python types JSON knows, element by element, without loss.

    Raises
    ------
    SPYError
        If `value` or something inside it has no such form.
    """
    if value is None or (isinstance(value, bool | int | float | str) and not isinstance(value, np.generic)):
        return value
    if isinstance(value, np.generic | np.ndarray):
        return to_plain(value.tolist(), name)
    if hasattr(value, "to_numpy"):  # a column of a table
        return to_plain(value.to_numpy(), name)
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise SPYError(f"wrong type of a key of {name}: expected texts only")
        return {key: to_plain(item, f"{name}[{key!r}]") for key, item in value.items()}
    if isinstance(value, list | tuple | range | set | frozenset):
        return [to_plain(item, name) for item in value]
    if isinstance(value, slice):
        return {"slice": [to_plain(item, name) for item in (value.start, value.stop, value.step)]}
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise SPYError(f"wrong type of value of {name}: expected serializable data type; got {type(value).__name__}")


def from_plain(value: Any) -> Any:
    """Bring back the slices and complex numbers that `to_plain` has written as dicts."""
    if isinstance(value, Mapping):
        if set(value) == {"slice"}:
            return slice(*value["slice"])
        if set(value) == {"complex"}:
            return complex(*value["complex"])
        return {key: from_plain(item) for key, item in value.items()}
    return [from_plain(item) for item in value] if isinstance(value, list) else value
