"""One discrete object from the trials of several."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from syncopy.data.axes import frozen
from syncopy.data.discrete_selection import DiscreteSelection
from syncopy.data.joining import adopt_trials, joined_trials, usable
from syncopy.data.rows import Integers
from syncopy.errors import SPYValueError, SPYWarning
from syncopy.storage.arrays import ArraySource
from syncopy.storage.store import store_rows
from syncopy.storage.transfer import STEP

if TYPE_CHECKING:
    from syncopy.data.discrete import DiscreteData


def join_rows(target: DiscreteData, objects: Sequence[Any], own: Collection[str]) -> None:
    """Fill an empty object with the rows inside trials of others; the trials follow each other without gaps.

    Parameters
    ----------
    target : DiscreteData
        Object without data; what it has of sample rate stays.
    objects : sequence of DiscreteData
        What to join. Objects without data are skipped, in-place selections ignored, both with a warning.
    own : collection of str
        Columns that get other labels than those of the objects.

    Raises
    ------
    SPYTypeError, SPYValueError
        If the objects differ in their columns, the sample rate, or the label of a number.
    """
    parts: list[DiscreteData] = usable(target, objects)
    first = parts[0]
    for other in parts[1:]:
        if other.dimord != first.dimord:
            raise SPYValueError(f"objects with the columns {', '.join(first.dimord)}", "data", other.dimord)
        if target.samplerate is None and other.samplerate != first.samplerate:
            raise SPYValueError("objects of the same samplerate", "data", "different attribute values for samplerate")
    target._dimord = first._dimord
    labels = {name: _joined_labels(name, parts) for name in first._axis_selectors if name not in own}
    trl = joined_trials(parts)
    views = [part.view(part.resolve(None)) for part in parts]
    places = np.split(trl[:, 0].astype(np.int64), np.cumsum([len(view) for view in views])[:-1])
    moves = [place - view.starts for place, view in zip(places, views, strict=True)]
    total = sum(int(view.counts.sum()) for view in views)
    target._store, _ = store_rows(_moved(views, moves), target._filename, target._suffix, total)
    for name, known in labels.items():
        if known:
            target._coords[name] = frozen(np.array([known[number] for number in target._numbers(name).tolist()]))
    for name in target._by_row:
        _join_dataset(target, name, views)
    adopt_trials(target, parts, trl)


def _moved(views: Sequence[DiscreteSelection], moves: Sequence[Integers]) -> Iterator[Integers]:
    """Rows of all trials, the samples of each trial moved by a number of its own."""
    yield np.empty((0, len(views[0].data.dimord)), np.int64)
    for view, move in zip(views, moves, strict=True):
        for block in view.blocks():
            table = block.table.astype(np.int64)
            table[:, block.columns.index("sample")] += move[block.trial]
            yield table


def _joined_labels(name: str, parts: Sequence[DiscreteData]) -> dict[int, str]:
    """Label of every number in a column of some objects; none if nobody has set any."""
    labels: dict[int, str] = {}
    for part in parts if any(name in part._coords for part in parts) else ():
        for number, label in zip(part._numbers(name).tolist(), getattr(part, name).tolist(), strict=True):
            if labels.setdefault(number, label) != label:
                found = f"{labels[number]!r} and {label!r} for number {number}"
                raise SPYValueError(f"objects of the same {name} labels", "data", found)
    return labels


def _join_dataset(target: DiscreteData, name: str, views: Sequence[DiscreteSelection]) -> None:
    """Put a dataset with an entry for every row together, if all objects have one of the same kind."""
    datasets = [view.data.datasets.get(name) for view in views]
    kinds = {None if dataset is None else (dataset.shape[1:], dataset.dtype) for dataset in datasets}
    if len(kinds) > 1:
        text = f"the {name} of the objects differ in kind, or some have none: they are left out"
        warnings.warn(text, SPYWarning, stacklevel=6)
    first, store = datasets[0], target._store
    if first is None or store is None or len(kinds) > 1:
        return
    joined = store.file.create_dataset(name, (len(target.data), *first.shape[1:]), first.dtype)
    start = 0
    for view, dataset in zip(views, datasets, strict=True):
        source = ArraySource.of(dataset)
        for firsts, lasts in view.ranges(max(STEP // source.row_bytes, 1)):
            block = source.read_ranges(firsts, lasts, {})
            joined[start : start + len(block)] = block
            start += len(block)
    store.extras += (name,)
