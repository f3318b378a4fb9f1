"""Units of an object's numbers: of all of them in `info["unit"]`, else by channel in `info["channel_unit"]`.

An analysis says what it does to units by a function (a rule) from the unit of its data, None where it is not known, to
that of its result. Numbers without a unit, such as coherences, have the unit "".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncopy.data.base import BaseData

UNIT, CHANNEL_UNIT = "unit", "channel_unit"

UnitRule = Callable[[str | None], str | None]

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
# a symbol and its power: V, µV², Hz⁴
_SYMBOL = re.compile(r"([^\W\d_]+?)([⁰¹²³⁴⁵⁶⁷⁸⁹]*)")
_SQUARED = re.compile(r"\((.+)\)²")


def kept(unit: str | None) -> str | None:
    """Of numbers in the unit of the data."""
    return unit


def unknown(unit: str | None) -> str | None:
    """Of numbers whose unit nobody knows."""
    return None


def pure_number(unit: str | None) -> str | None:
    """Of numbers without a unit, whatever that of the data."""
    return ""


def ratio(unit: str | None) -> str | None:
    """Of one by the other, if both have the same unit."""
    return None if unit is None else ""


def squared(unit: str | None) -> str | None:
    """Of powers, variances, and products of two numbers that have the same unit: "V" makes "V²", "m/s" "(m/s)²"."""
    if not unit:
        return unit
    symbol = _SYMBOL.fullmatch(unit)
    return f"{symbol[1]}{_exponent(2 * _power(symbol[2]))}" if symbol else f"({unit})²"


def rooted(unit: str | None) -> str | None:
    """Of square roots: "V²" makes "V"; what is no square is not known."""
    if not unit:
        return unit
    if compound := _SQUARED.fullmatch(unit):
        return compound[1]
    symbol = _SYMBOL.fullmatch(unit)
    if symbol is None or _power(symbol[2]) % 2:
        return None
    return f"{symbol[1]}{_exponent(_power(symbol[2]) // 2)}"


def _power(superscript: str) -> int:
    return int(superscript.translate(_DIGITS) or 1)


def _exponent(power: int) -> str:
    return "" if power == 1 else str(power).translate(_SUPERSCRIPTS)


# -- objects -----------------------------------------------------------------------------------------------------


def common_unit(data: BaseData, labels: Iterable[str] | None = None) -> str | None:
    """Unit that the numbers of some channels, by default of all, have in common, or None."""
    whole = data.info.get(UNIT)
    if isinstance(whole, str):
        return whole
    known = data.info.get(CHANNEL_UNIT)
    known = known if isinstance(known, Mapping) else {}
    return agreed(known.get(label) for label in (channel_labels(data) if labels is None else labels))


def agreed(units: Iterable[str | None]) -> str | None:
    """The one unit that all are; None if they differ."""
    found = set(units)
    return found.pop() if len(found) == 1 else None


def channel_labels(data: BaseData) -> list[str]:
    """Labels on the axes of channels, senders and receivers."""
    axes = [getattr(data, name) for name in data._axis_selectors if name.startswith("channel")]
    return [label for axis in axes if axis is not None for label in axis.tolist()]


def hand_on_units(result: BaseData, sources: Sequence[BaseData], rule: UnitRule) -> None:
    """Give an object the units that follow from those of its sources, as far as these agree.

    Parameters
    ----------
    result : BaseData
    sources : sequence of BaseData
        What it was made of. A channel that they do not have is one that was made of theirs, such as their mean.
    rule : callable
        Unit of the result for that of the sources.
    """
    whole = [data.info.get(UNIT) for data in sources]
    unit = rule(agreed(unit if isinstance(unit, str) else None for unit in whole))
    if unit is not None:
        result.info[UNIT] = unit
    if unit is not None or not any({UNIT, CHANNEL_UNIT} & data.info.keys() for data in sources):
        return
    own = [set(channel_labels(data)) for data in sources]
    units = {}
    for label in channel_labels(result):
        there = zip(sources, own, strict=True)
        units[label] = rule(agreed(common_unit(data, [label] if label in labels else None) for data, labels in there))
    known = {label: unit for label, unit in units.items() if unit is not None}
    if known:
        result.info[CHANNEL_UNIT] = known
