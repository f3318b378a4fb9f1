"""What is known of channels, by label: types in `info["channel_type"]`, units as in `data/units.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from syncopy.data.units import CHANNEL_UNIT, UnitRule, channel_labels, common_unit, hand_on_units

if TYPE_CHECKING:
    from syncopy.data.base import BaseData

CHANNEL_TYPE = "channel_type"


def types_of(data: BaseData) -> Mapping[str, str]:
    """Types of channels by label."""
    known = data.info.get(CHANNEL_TYPE)
    return known if isinstance(known, Mapping) else {}


def hand_on_channels(result: BaseData, sources: Sequence[BaseData], rule: UnitRule) -> None:
    """Give what is known of channels on to an object that has them, as far as all its sources agree.

    Parameters
    ----------
    result : BaseData
    sources : sequence of BaseData
        What it was made of.
    rule : callable
        Unit of its numbers for that of the sources' numbers, see `data/units.py`.
    """
    first, *others = map(types_of, sources)
    agreed = {label: text for label, text in first.items() if all(other.get(label) == text for other in others)}
    types = {label: agreed[label] for label in channel_labels(result) if label in agreed} if agreed else {}
    if types:
        result.info[CHANNEL_TYPE] = types
    hand_on_units(result, sources, rule)


def join_channels(result: BaseData, parts: Sequence[tuple[BaseData, Sequence[str]]], labels: Sequence[str]) -> None:
    """Put what is known of the channels of several objects together.

    Parameters
    ----------
    result : BaseData
    parts : sequence of (BaseData, sequence of str)
        The objects, and the labels of their channels in the result.
    labels : sequence of str
        The labels that these have in the result, one object after the other.
    """
    types = [types_of(data).get(label) for data, own in parts for label in own]
    units = [common_unit(data, [label]) for data, own in parts for label in own]
    for name, texts in ((CHANNEL_TYPE, types), (CHANNEL_UNIT, units)):
        known = {label: text for label, text in zip(labels, texts, strict=True) if text is not None}
        if known:
            result.info[name] = known
