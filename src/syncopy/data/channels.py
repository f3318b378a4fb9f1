"""What importers know of channels, by label: types in `info["channel_type"]`, units in `info["channel_unit"]`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncopy.data.base import BaseData

CHANNEL_TYPE, CHANNEL_UNIT = "channel_type", "channel_unit"


def known_of(data: BaseData, name: str) -> Mapping[str, str]:
    """What an object knows of its channels under a name: text by label."""
    known = data.info.get(name)
    return known if isinstance(known, Mapping) else {}


def hand_on_channels(result: BaseData, sources: Sequence[BaseData], keeps_unit: bool) -> None:
    """Give what is known of channels on to an object that has them, as far as all its sources agree.

    Parameters
    ----------
    result : BaseData
    sources : sequence of BaseData
        What it was made of.
    keeps_unit : bool
        Whether its numbers are in the unit of the sources' numbers.
    """
    axes = [name for name in result._axis_selectors if name.startswith("channel")]
    labels = [label for name in axes if (axis := getattr(result, name)) is not None for label in axis.tolist()]
    for name in (CHANNEL_TYPE, CHANNEL_UNIT) if keeps_unit else (CHANNEL_TYPE,):
        first, *others = (known_of(data, name) for data in sources)
        agreed = {label: first[label] for label in labels if label in first}
        agreed = {label: text for label, text in agreed.items() if all(other.get(label) == text for other in others)}
        if agreed:
            result.info[name] = agreed


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
    for name in (CHANNEL_TYPE, CHANNEL_UNIT):
        texts = [known_of(data, name).get(label) for data, own in parts for label in own]
        known = {label: text for label, text in zip(labels, texts, strict=True) if text is not None}
        if known:
            result.info[name] = known
