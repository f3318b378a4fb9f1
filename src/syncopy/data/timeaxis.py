"""Time axes: evenly spaced ones follow from the sample rate, all others are listed in the object's `info`.

`obj.info["toi"]` holds the seconds of every sample: one list that serves all trials, or one list per trial.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from syncopy.data.base import BaseData
    from syncopy.data.view import View

Array = NDArray[Any]

TIMES = "toi"


def has_listed_times(data: BaseData) -> bool:
    """Whether an object lists its times, because no sample rate describes them."""
    listed, definition = data.info.get(TIMES), data._trialdefinition
    if not isinstance(listed, list) or not listed or definition is None:
        return False
    per_trial = isinstance(listed[0], list)
    first = listed[0] if per_trial else listed
    return len(first) == definition[0, 1] - definition[0, 0] and (not per_trial or len(listed) == len(definition))


def times_of_trial(data: BaseData, number: int) -> Array:
    """Seconds of every sample of a trial."""
    assert data._trialdefinition is not None
    start, stop, offset = data._trialdefinition[number, :3]
    if not has_listed_times(data):
        return np.asarray((np.arange(int(stop - start)) + offset) / data.samplerate)
    listed = data.info[TIMES]
    return np.array(listed[number] if isinstance(listed[0], list) else listed)


def list_times(target: BaseData, trials: Sequence[Array]) -> None:
    """Enter the times of all trials into an object: one list if they are the same."""
    lists = [trial.tolist() for trial in trials]
    target.info[TIMES] = lists[0] if all(one == lists[0] for one in lists) else lists


def hand_on_times(result: BaseData, view: View) -> None:
    """Give listed times on to an object made of a view, if it still has that time axis."""
    if not has_listed_times(view.data) or result._trialdefinition is None or result.samplerate != view.samplerate:
        return
    definition = result._trialdefinition
    old = np.column_stack([view.lengths, view.offsets])
    new = np.column_stack([definition[:, 1] - definition[:, 0], definition[:, 2]])
    if np.array_equal(old, new):
        list_times(result, [view.times(number) for number in range(len(view))])
    elif len(new) == 1 and (old == new).all():  # an average over trials, which differ by less than a sample
        list_times(result, [view.times(0)])
