"""`spy.selectdata`: part of an object, as a new object or as its in-place selection."""

from __future__ import annotations

from typing import Any

from syncopy.api.conventions import conventions
from syncopy.api.derive import derive
from syncopy.api.preparation import check_parallel
from syncopy.api.record import inherit, record_call
from syncopy.data.base import BaseData
from syncopy.data.continuous import ContinuousData
from syncopy.data.selection import SELECTORS
from syncopy.data.units import kept
from syncopy.errors import SPYTypeError, SPYValueError
from syncopy.methods.select import Copy

# What `info` tells of the datasets that hold errors and intervals of estimates.
_OF_ESTIMATES = ("jack_trials", "boot_resamples", "boot_confidence")


@conventions
def selectdata(
    data: BaseData,
    trials: Any = None,
    channel: Any = None,
    channel_i: Any = None,
    channel_j: Any = None,
    latency: Any = None,
    frequency: Any = None,
    taper: Any = None,
    unit: Any = None,
    eventid: Any = None,
    inplace: bool = False,
    clear: bool = False,
    parallel: bool | None = None,
) -> Any:
    """Select part of an object.

    Parameters
    ----------
    data : Syncopy data object
    trials : int, sequence of int, mask, slice, "all" or another str
        Trials in the order asked for; repetitions are kept. Another text is a condition on the columns of
        `data.trialtable`: `"condition == 2 and reaction < 0.5"`.
    channel, channel_i, channel_j, taper, unit : int, str, sequence of them, mask, slice or "all"
        Positions or labels in the order asked for. Texts may be patterns (`"O*"`); a leading minus takes away
        (`["all", "-EOG*"]`).
    latency : [t0, t1], number, "minperiod", "maxperiod", "prestim", "poststim" or "all"
        Time window in seconds, both ends included. Trials that do not cover it are dropped with a warning.
    frequency : number, [f0, f1] or "all"
        Nearest frequency (ties go up), or all in the closed interval, in Hz.
    eventid : int or sequence of int
        Event codes. Of spikes and events, the rows that are left keep their samples and their order, and trials
        get the borders of the time window.
    inplace : bool
        Make the selection the in-place selection of `data`, honoured by all analyses, instead of copying.
    clear : bool
        Remove the in-place selection.
    parallel : bool or None
        Who copies: True: a running dask client, or threads; None: a running client, or this thread; False: this thread.

    Returns
    -------
    Syncopy data object or None
        A copy of the selected part; None with `inplace` or `clear`. Selectors speak of the whole object, whatever its
        in-place selection, which stays as it was; without any selector the copy holds the in-place selection.

    Raises
    ------
    SPYValueError, SPYTypeError
        For a selector that `data` does not know, or that does not fit it.

    Examples
    --------
    >>> import numpy as np
    >>> import syncopy as spy
    >>> data = spy.AnalogData([np.zeros((500, 3)) for _ in range(4)], samplerate=1000)
    >>> part = spy.selectdata(data, trials=[3, 0], channel="channel2", latency=[-0.9, -0.8])
    >>> [trial.shape for trial in part.trials]
    [(101, 1), (101, 1)]
    """
    for name, value in (("inplace", inplace), ("clear", clear)):
        if not isinstance(value, bool):
            raise SPYTypeError(value, name, "True or False")
    check_parallel(parallel)
    values = (trials, channel, channel_i, channel_j, latency, frequency, taper, unit, eventid)
    selectors = dict(zip(SELECTORS, values, strict=True))
    request = {key: value for key, value in selectors.items() if value is not None}
    settings = selectors | {"inplace": inplace, "clear": clear, "parallel": parallel}
    if clear:
        if request or inplace:
            raise SPYValueError("no selectors together with `clear`", "clear", ", ".join(request) or "inplace")
        data.selection = None
        record_call(data, "selectdata", settings)
        return None
    if inplace:
        data.selection = request
        record_call(data, "selectdata", settings)
        return None
    selection = data.resolve(request) if request or data.selection is None else data.selection
    result = copy_part(data, selection, parallel)
    record_call(result, "selectdata", settings)
    return result


def copy_part(data: BaseData, selection: Any, parallel: bool | None) -> BaseData:
    """Return a new object that holds a selection of another one, with its history."""
    if isinstance(data, ContinuousData):
        view, datasets = data.view(selection), data.datasets_of(selection)
        copied = derive(Copy(), [view], "selectdata", parallel, datasets, data._aligned_datasets, rule=kept)
        copied.info.update({name: data.info[name] for name in _OF_ESTIMATES if name in data.info})
        return copied
    result: BaseData = data.extract(selection)
    inherit(result, data, rule=kept)
    return result
