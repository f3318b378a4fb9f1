"""The axes of a data class: label and frequency axes as attributes, and how a selector picks from them."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np
from numpy.typing import NDArray

from syncopy.errors import SPYTypeError, SPYValueError

if TYPE_CHECKING:
    from syncopy.data.base import BaseData

Array = NDArray[Any]
Index = slice | NDArray[np.intp]


class LabelAxis:
    """Axis whose positions have names. Unset, they are the axis name and a number: `channel01`, `channel02`, ...

    Parameters
    ----------
    prefix : str, optional
        What unset names begin with, by default the name of the axis.
    from_zero : bool
        Pad numbers to the width of the largest counted from zero; see `numbered`.
    """

    def __init__(self, prefix: str = "", from_zero: bool = False) -> None:
        self.prefix = prefix
        self.from_zero = from_zero

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.prefix = self.prefix or name
        unset = f"{self.prefix}1, {self.prefix}2, ..."
        self.__doc__ = f"Labels of the axis `{name}`, an array of texts; unset: {unset} Assign a list of as many."

    @overload
    def __get__(self, obj: None, owner: type) -> Self: ...
    @overload
    def __get__(self, obj: BaseData, owner: type) -> Array: ...
    def __get__(self, obj: BaseData | None, owner: type) -> Self | Array | None:
        if obj is None:
            return self
        numbers = obj._axis_numbers(self.name)
        if numbers is None:
            return None
        set_labels = obj._coords.get(self.name)
        return set_labels if set_labels is not None else numbered(self.prefix, numbers, self.from_zero)

    def __set__(self, obj: BaseData, value: Any) -> None:
        obj._set_coord(self.name, None if value is None else self.check(value, obj._axis_size(self.name)))

    def check(self, value: Any, size: int | None) -> Array:
        """Return the labels as a read-only array, or say what is wrong with them."""
        if not isinstance(value, list | tuple | np.ndarray) or (isinstance(value, np.ndarray) and not value.ndim):
            raise SPYTypeError(value, self.name, "a list or array of texts")
        if size is None:
            raise SPYValueError(f"an object with data; cannot assign `{self.name}` without data", self.name)
        if not all(isinstance(item, str) for item in value):
            raise SPYTypeError(next(i for i in value if not isinstance(i, str)), self.name, "a list of texts")
        if np.ndim(value) != 1 or len(value) != size:
            raise SPYValueError(f"exactly {size} labels", self.name, f"{len(value)} labels")
        return frozen(np.array(value, dtype=str))


class FrequencyAxis:
    """Axis of frequencies in Hz; unset, the positions 0, 1, 2, ..."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.__doc__ = f"Frequencies of the axis `{name}` in Hz; unset: 0, 1, 2, ... Assign a list of as many."

    @overload
    def __get__(self, obj: None, owner: type) -> Self: ...
    @overload
    def __get__(self, obj: BaseData, owner: type) -> Array: ...
    def __get__(self, obj: BaseData | None, owner: type) -> Self | Array | None:
        if obj is None:
            return self
        size = obj._axis_size(self.name)
        if size is None:
            return None
        set_values = obj._coords.get(self.name)
        return set_values if set_values is not None else self.default(size)

    def __set__(self, obj: BaseData, value: Any) -> None:
        obj._set_coord(self.name, None if value is None else self.check(value, obj._axis_size(self.name)))

    def default(self, size: int) -> Array:
        """Values of an axis that got none."""
        return frozen(np.arange(size))

    def check(self, value: Any, size: int | None) -> Array:
        """Return the frequencies as a read-only array, or say what is wrong with them."""
        if isinstance(value, str) or not isinstance(value, list | tuple | range | np.ndarray):
            raise SPYTypeError(value, self.name, "a list or array of frequencies in Hz")
        if size is None:
            raise SPYValueError(f"an object with data; cannot assign `{self.name}` without data", self.name)
        values = np.asarray(value)
        if values.dtype.kind not in "iuf":
            raise SPYTypeError(value, self.name, "real numbers")
        if values.ndim != 1 or len(values) != size:
            raise SPYValueError(f"exactly {size} frequencies", self.name, f"{values.size} values")
        if not np.isfinite(values).all():
            raise SPYValueError("finite frequencies", self.name, value)
        return frozen(values.copy())


def numbered(name: str, numbers: Sequence[int] | Array, from_zero: bool = False) -> Array:
    """Labels made of a name and one-based numbers, padded with zeros to the width of the largest.

    With `from_zero`, that width is the one of zero-based numbers: 0 to 9 are `unit1` to `unit10`.
    """
    width = len(str(max(numbers, default=0) + (not from_zero)))
    return frozen(np.array([f"{name}{number + 1:0{width}d}" for number in numbers], dtype=str))


def frozen(values: Array) -> Array:
    """Make an array read-only."""
    values.flags.writeable = False
    return values


# -- selectors ---------------------------------------------------------------------------------------------------


def pick_positions(name: str, size: int, wanted: Any, labels: Array | None = None) -> Index:
    """Positions on an axis.

    Parameters
    ----------
    name : str
        Selector, for the text of an error.
    size : int
        Length of the axis.
    wanted : None, "all", int, str, slice, range, sequence of int or of str, boolean mask
        Order and repetitions are kept. A text may be a pattern (`"O*"`); a leading minus takes away
        (`["all", "-EOG*"]`).
    labels : ndarray of str, optional
        Names of all positions; without them texts are refused.
    """
    if wanted is None or (isinstance(wanted, str) and wanted == "all"):
        return slice(0, size, 1)
    if isinstance(wanted, slice):
        return _pick_slice(name, size, wanted)
    if isinstance(wanted, str | bool | np.bool_ | int | float | np.number) or (
        isinstance(wanted, np.ndarray) and wanted.ndim == 0
    ):
        wanted = np.ravel(wanted).tolist()
    if not isinstance(wanted, list | tuple | range | np.ndarray):
        raise SPYTypeError(wanted, name, "an index, a name, a sequence of them, a slice or 'all'")
    items = wanted.tolist() if isinstance(wanted, np.ndarray) else list(wanted)
    if not items:
        raise SPYValueError("at least one entry", name, "an empty selection")
    if all(isinstance(item, bool) for item in items):
        if len(items) != size or not any(items):
            raise SPYValueError(f"a mask of {size} values, one of them True at least", name, f"{len(items)} values")
        return compact(np.flatnonzero(items))
    if labels is not None and all(isinstance(item, str) for item in items):
        return compact(_match_names(name, labels, items))
    if all(_is_whole(item) for item in items):
        if min(items) < -size or max(items) >= size:
            raise SPYValueError(
                f"existing {'names or ' if labels is not None else ''}indices (0 to {size - 1})", name, wanted
            )
        return compact(np.array(items, dtype=np.intp) % size)
    raise SPYTypeError(
        items[0] if len(items) == 1 else wanted,
        name,
        "whole numbers" if labels is None else "indices or names, not mixed with each other",
    )


def _is_whole(item: Any) -> bool:
    """Whether something is a whole number, also written as 4.0."""
    return isinstance(item, int | np.integer) or (isinstance(item, float | np.floating) and float(item).is_integer())


def _pick_slice(name: str, size: int, wanted: slice) -> slice:
    start, stop, step = wanted.indices(size)
    if not len(range(start, stop, step)):
        raise SPYValueError(f"a slice that holds some of the {size} entries", name, wanted)
    if step < 0:
        raise SPYValueError("a slice with a positive step", name, wanted)
    return slice(start, stop, step)


def _match_names(name: str, labels: Array, items: list[str]) -> NDArray[np.intp]:
    """Positions of names and patterns in the order asked for; exact names win over patterns."""
    known: dict[str, list[int]] = {}
    for position, label in enumerate(labels.tolist()):
        known.setdefault(label, []).append(position)
    found: list[int] = []
    for item in items:
        if item in known:
            found.extend(known[item])
        elif item == "all":
            found.extend(range(len(labels)))
        elif item.startswith("-") and (gone := _matches(known, item[1:])):
            found = [position for position in found if position not in gone]
        elif hits := _matches(known, item):
            found.extend(sorted(hits - set(found)))
        else:
            shown = ", ".join(list(known)[:8]) + (", ..." if len(known) > 8 else "")
            raise SPYValueError(f"existing names or indices ({shown}){_near(item, known)}", name, repr(item))
    if not found:
        raise SPYValueError("at least one entry", name, f"{items} leaves none")
    return np.array(found, dtype=np.intp)


def _near(item: str, known: Iterable[str]) -> str:
    """Hint at the name that is most like another one, capitals or not."""
    folded = {label.casefold(): label for label in known}
    close = difflib.get_close_matches(item.removeprefix("-").casefold(), folded, 1, cutoff=0.5)
    return f"; did you mean {folded[close[0]]!r}?" if close else ""


def _matches(known: dict[str, list[int]], pattern: str) -> set[int]:
    if pattern in known:
        return set(known[pattern])
    return {position for label in known if fnmatch.fnmatchcase(label, pattern) for position in known[label]}


def pick_frequencies(name: str, freqs: Array, wanted: Any) -> Index:
    """Positions on a frequency axis: the nearest to a number (ties go up), or all in a closed interval.

    Parameters
    ----------
    name : str
        Axis, for the text of an error.
    freqs : ndarray
        All frequencies in Hz.
    wanted : None, "all", number, [low, high]
        Infinite limits mean "as far as there are data".
    """
    if wanted is None or (isinstance(wanted, str) and wanted == "all"):
        return slice(0, len(freqs), 1)
    if isinstance(wanted, str | bool) or not isinstance(wanted, int | float | np.number | list | tuple | np.ndarray):
        raise SPYTypeError(wanted, name, "a frequency, an interval [low, high] or 'all'")
    limits = np.atleast_1d(np.asarray(wanted))
    if limits.dtype.kind not in "iuf" or limits.ndim != 1 or limits.size not in (1, 2) or np.isnan(limits).any():
        raise SPYValueError("a frequency or an interval [low, high] in Hz", name, wanted)
    low, high = float(freqs.min()), float(freqs.max())
    slack = 1e-9 * max(abs(low), abs(high), 1.0)
    inside = np.isinf(limits) if limits.size == 2 else np.zeros(1, dtype=bool)
    if not (inside | ((limits >= low - slack) & (limits <= high + slack))).all():
        raise SPYValueError(f"frequencies between {low:g} and {high:g} Hz", name, wanted)
    if limits.size == 1:
        distance = np.abs(freqs - limits[0])
        ties = np.flatnonzero(distance <= distance.min() + slack)
        return compact(ties[[np.argmax(freqs[ties])]])
    if not limits[0] <= limits[1]:
        raise SPYValueError("low <= high", name, wanted)
    hits = np.flatnonzero((freqs >= limits[0] - slack) & (freqs <= limits[1] + slack))
    if not hits.size:
        raise SPYValueError(f"an interval that holds one of the {len(freqs)} frequencies", name, wanted)
    return compact(hits)


def compact(positions: NDArray[np.intp]) -> Index:
    """Turn consecutive ascending positions into a slice, which is read without picking."""
    if len(positions) and (np.diff(positions) == 1).all():
        return slice(int(positions[0]), int(positions[-1]) + 1, 1)
    return positions


def positions(index: Index, size: int) -> NDArray[np.intp]:
    """Positions meant by an index."""
    return np.arange(size, dtype=np.intp)[index]
