"""One object from the trials of several."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.channels import hand_on_channels
from syncopy.data.history import remember
from syncopy.data.structdict import StructDict
from syncopy.data.timeaxis import has_listed_times, list_times, times_of_trial
from syncopy.data.trials import consecutive
from syncopy.data.trialtable import hand_on_names
from syncopy.data.units import kept
from syncopy.errors import SPYTypeError, SPYValueError, SPYWarning
from syncopy.storage.store import store_rows
from syncopy.storage.transfer import STEP

if TYPE_CHECKING:
    from syncopy.data.base import BaseData
    from syncopy.data.continuous import ContinuousData

Array = NDArray[Any]


def join(target: ContinuousData, objects: Sequence[Any], own: Collection[str]) -> None:
    """Fill an empty object with the trials of others, one object after the other.

    Offsets and trial information are kept, missing columns filled with NaN; data outside trials are left behind.
    Labels, sample rate, cfg and log are those of the first object.

    Parameters
    ----------
    target : ContinuousData
        Object without data; what it has of sample rate stays.
    objects : sequence of ContinuousData
        What to join. Objects without data are skipped, in-place selections ignored, both with a warning.
    own : collection of str
        Axes that get other labels than those of the first object.

    Raises
    ------
    SPYTypeError, SPYValueError
        If the objects differ in more than their trials.
    """
    parts: list[ContinuousData] = usable(target, objects)
    first = parts[0]
    for other in parts[1:]:
        _check_fit(first, other, {*own, *(["samplerate"] if target.samplerate is not None else [])})
    dtype = np.result_type(*(part.data.dtype for part in parts))
    trl = joined_trials(parts)
    step = max(STEP // (dtype.itemsize * first.data.size // max(first._n_samples, 1)), 1)
    # nothing here keeps a piece while the next one is read
    blocks = map(partial(np.asarray, dtype=dtype), chain.from_iterable(part._pieces(step) for part in parts))
    target._store, _ = store_rows(blocks, target._filename, target._suffix, int(trl[-1, 1]), target._order)
    target._coords |= {name: values for name, values in first._coords.items() if name not in own}
    adopt_trials(target, parts, trl)


def joined_trials(parts: Sequence[BaseData]) -> Array:
    """Trial definition of the trials of several objects one after the other."""
    trl = [part._trialdefinition for part in parts if part._trialdefinition is not None]
    columns = max(rows.shape[1] for rows in trl)
    info = [np.pad(rows[:, 3:], ((0, 0), (0, columns - rows.shape[1])), constant_values=np.nan) for rows in trl]
    borders = np.concatenate([rows[:, :3] for rows in trl])
    return consecutive(borders[:, 1] - borders[:, 0], borders[:, 2], np.concatenate(info))


def adopt_trials(target: BaseData, parts: Sequence[BaseData], trl: Array) -> None:
    """Give an object that has got the data of others their trials, and the sample rate and history of the first."""
    first = parts[0]
    target._trialdefinition = target._check_trials(trl, whole_offsets=False)
    target._samplerate = target._samplerate or first.samplerate
    target._cfg, target._log = first.cfg.copy(), first._log
    hand_on_names(target, first)
    hand_on_channels(target, parts, kept)
    if any(map(has_listed_times, parts)):
        list_times(target, [times_of_trial(part, number) for part in parts for number in range(len(part.trials or ()))])
    names = [part.filename for part in parts]
    remember(target._cfg, "concat", StructDict(dim="trials", objects=names))
    target._record("concat", f"joined the trials of {len(parts)} objects\n\tobjects = {', '.join(map(str, names))}")


def usable(target: BaseData, objects: Sequence[Any]) -> list[Any]:
    """Objects that have data; warns of what is skipped or ignored."""
    parts: list[BaseData] = []
    for number, item in enumerate(objects):
        if getattr(item, "_default_dimord", None) != target._default_dimord:
            raise SPYTypeError(item, "data", f"a list of {type(target).__name__} objects only")
        if item.data is None:
            warnings.warn(f"object {number} of the list has no data and is skipped", SPYWarning, stacklevel=6)
            continue
        if item.selection is not None:
            text = f"the in-place selection of object {number} of the list is ignored"
            warnings.warn(text, SPYWarning, stacklevel=6)
        parts.append(item)
    if not parts:
        raise SPYValueError("a list with one object that has data, at least", "data", "empty objects")
    return parts


def _check_fit(first: ContinuousData, other: ContinuousData, own: Collection[str]) -> None:
    sizes = [[part._axis_size(dim) for dim in part._trial_dims[1:]] for part in (first, other)]
    if sizes[0] != sizes[1]:
        raise SPYValueError("objects of equal sizes; mismatching shapes", "data", f"{sizes[0]} and {sizes[1]}")
    for name in ("samplerate", *first._axis_selectors):
        if name not in own and not np.array_equal(getattr(first, name), getattr(other, name)):
            raise SPYValueError(f"objects of the same {name}", "data", f"different attribute values for {name}")
