"""`spy.redefinetrial`: a new object with other trials, or other time axes, of the same data."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.api.conventions import conventions
from syncopy.api.record import inherit, record_call
from syncopy.api.select import copy_part
from syncopy.data.base import BaseData
from syncopy.data.continuous import ContinuousData
from syncopy.data.trials import check_trialdefinition
from syncopy.data.trialtable import pick_trials
from syncopy.data.units import kept
from syncopy.errors import SPYError, SPYTypeError, SPYValueError, SPYWarning

Array = NDArray[Any]

_SLACK = 1e-6  # of a sample


@conventions
def redefinetrial(
    data_obj: BaseData,
    trials: Any = None,
    minlength: Any = None,
    offset: Any = None,
    toilim: Any = None,
    begsample: Any = None,
    endsample: Any = None,
    trl: Any = None,
    shift: Any = None,
    parallel: bool | None = None,
) -> BaseData:
    """Cut trials anew, or move their time axes.

    Parameters
    ----------
    data_obj : Syncopy data object
        Its in-place selection counts.
    trials : int, sequence of int, mask, slice, str, optional
        Trials to keep, as for `spy.selectdata`.
    minlength : float or "maxperlen", optional
        Keep trials of at least so many seconds; "maxperlen": those as long as the longest.
    offset : int or sequence of int, optional
        New offsets: the first sample of a trial will lie so many samples after t = 0.
    toilim : [t0, t1], optional
        Time window in seconds, both ends included, as `latency` of `spy.selectdata`.
    begsample, endsample : int or sequence of int, optional
        Keep the samples from `begsample` to before `endsample`, counted from the start of the trial. They keep their
        times.
    trl : array-like, shape (n_trials, 3 + k), optional
        New trial definition; of `data_obj`, or of what `trials` keep of it.
    shift : int or sequence of int, optional
        Samples by which time axes move; positive: to later times. This is what FieldTrip calls `offset`.
    parallel : bool or None
        Who copies chosen trials, as for `spy.selectdata`.

    Returns
    -------
    Syncopy data object
        Without any trial if none is as long as `minlength`.

    Raises
    ------
    SPYError
        For parameters that exclude each other: one of `minlength`, `toilim`, `begsample` and `trl` at most; none but
        `trials` together with `trl`; `offset` or `shift`.
    SPYTypeError, SPYValueError
        For trials that cannot be.

    Warns
    -----
    SPYWarning
        If no trial is left, or averages over trials are left out because these changed.

    Examples
    --------
    >>> early = spy.redefinetrial(data, begsample=0, endsample=200)
    >>> response_samples = np.array([120, 80, 95, 101])
    >>> to_response = spy.redefinetrial(data, shift=-response_samples)
    """
    settings = {
        "trials": trials,
        "minlength": minlength,
        "offset": offset,
        "toilim": toilim,
        "begsample": begsample,
        "endsample": endsample,
        "trl": trl,
        "shift": shift,
        "parallel": parallel,
    }
    _check_combination({name for name, value in settings.items() if value is not None})
    data_obj._require_data()
    request = {name: value for name, value in (("trials", trials), ("latency", toilim)) if value is not None}
    if minlength is not None:
        request["trials"] = _long_enough(data_obj, trials, minlength)
    if request and data_obj.selection is not None:
        raise SPYError("the object has an in-place selection already; clear it before choosing other trials")
    if minlength is not None and not request["trials"]:
        warnings.warn("redefinetrial: no trial is as long as `minlength`", SPYWarning, stacklevel=3)
        result = type(data_obj)(samplerate=data_obj.samplerate)
        inherit(result, data_obj, rule=kept)
    else:
        result = _redefine(data_obj, request, settings)
    record_call(result, "redefinetrial", settings)
    return result


def _check_combination(given: set[str]) -> None:
    cuts = given & {"minlength", "toilim", "begsample", "trl"}
    if len(cuts) > 1 or len(given & {"offset", "shift"}) > 1:
        together = ", ".join(f"`{name}`" for name in sorted(cuts if len(cuts) > 1 else {"offset", "shift"}))
        raise SPYError(f"Incompatible input arguments, one of {together} at most")
    if "trl" in given and given & {"endsample", "offset", "shift"}:
        raise SPYError("Incompatible input arguments, `trl` says all that `endsample`, `offset` and `shift` could say")
    if len(given & {"begsample", "endsample"}) == 1:
        raise SPYValueError("both `begsample` and `endsample`", "begsample/endsample", "one of them")


def _long_enough(data: BaseData, trials: Any, minlength: Any) -> list[int]:
    """Numbers of those of the chosen trials that are long enough."""
    ids = pick_trials(data, trials)
    assert data._trialdefinition is not None
    lengths = np.diff(data._trialdefinition[ids, :2])[:, 0]
    if isinstance(minlength, str) and minlength == "maxperlen":
        return ids[lengths == lengths.max()].tolist()  # type: ignore[no-any-return]
    if isinstance(minlength, bool) or not isinstance(minlength, int | float):
        raise SPYTypeError(minlength, "minlength", "seconds, or 'maxperlen'")
    if not 0 <= minlength < np.inf:
        raise SPYValueError("a number of seconds >= 0", "minlength", minlength)
    if data.samplerate is None:
        raise SPYValueError("an object with a samplerate", "samplerate", "None")
    return ids[lengths >= minlength * data.samplerate - _SLACK].tolist()  # type: ignore[no-any-return]


def _redefine(data: BaseData, request: Mapping[str, Any], settings: Mapping[str, Any]) -> BaseData:
    """Return a copy of the chosen trials with their new definition."""
    selection = data.resolve(request) if request else data.selection
    old = data.trialdefinition if selection is None else selection.trialdefinition
    assert old is not None
    new = _new_trials(old, settings)
    by_user = settings["trl"] is not None
    length = None
    if isinstance(data, ContinuousData):
        length = data._n_samples if selection is None else int(old[-1, 1])
    check_trialdefinition(new, length, whole_offsets=by_user)  # before anything is copied
    if selection is None:
        result: BaseData = data.copy()
        result.mode, result.selection = "r+", None
    else:
        result = copy_part(data, selection, settings["parallel"])
    result._trialdefinition = result._check_trials(new, whole_offsets=by_user)
    if isinstance(data, ContinuousData) and result.datasets and not np.array_equal(new[:, :2], old[:, :2]):
        names = sorted(result.datasets)
        for name in names:
            result._unregister_dataset(name)
        text = f"redefinetrial: the datasets {', '.join(names)} belong to the original trials and were left out"
        warnings.warn(text, SPYWarning, stacklevel=4)
    return result


def _new_trials(old: Array, settings: Mapping[str, Any]) -> Array:
    """Trial definition after cutting and moving."""
    if settings["trl"] is not None:
        try:
            return np.atleast_2d(np.asarray(settings["trl"], dtype=np.float64))
        except (TypeError, ValueError):
            raise SPYTypeError(settings["trl"], "trl", "a numeric array of shape (no. of trials, 3+)") from None
    new, lengths = old.copy(), old[:, 1] - old[:, 0]
    if settings["begsample"] is not None:
        begin, end = (_per_trial(name, settings[name], len(old)) for name in ("begsample", "endsample"))
        if (begin < 0).any():
            raise SPYValueError("integers >= 0", "begsample", settings["begsample"])
        if (end <= begin).any():
            raise SPYValueError("endsample > begsample", "endsample", settings["endsample"])
        if (end > lengths).any():
            where = int(np.argmax(end > lengths))
            legal = f"integers not above the length of the trial, {lengths[where]:g} for trial {where}"
            raise SPYValueError(legal, "endsample", f"{end[where]:g}")
        new[:, 1] = new[:, 0] + end
        new[:, [0, 2]] += begin[:, None]
    if settings["offset"] is not None:
        new[:, 2] = _per_trial("offset", settings["offset"], len(old))
    if settings["shift"] is not None:
        new[:, 2] += _per_trial("shift", settings["shift"], len(old))
    return new


def _per_trial(name: str, value: Any, count: int) -> NDArray[np.float64]:
    """Whole numbers of samples, one for each trial."""
    try:
        samples = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise SPYTypeError(value, name, "a whole number, or one for each trial") from None
    if samples.ndim > 1 or samples.size not in (1, count):
        raise SPYValueError(f"one value, or one for each of {count} trials; same sizes", name, f"{samples.size} values")
    if not np.isfinite(samples).all() or (samples != np.round(samples)).any():
        raise SPYValueError("whole numbers of samples", name, value)
    return np.broadcast_to(samples, (count,))
