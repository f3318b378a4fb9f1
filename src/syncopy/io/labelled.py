"""Objects as xarray's arrays: every axis with its name, its labels and its unit."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.base import BaseData
from syncopy.data.continuous import ContinuousData
from syncopy.data.discrete import DiscreteData
from syncopy.data.discrete_selection import DiscreteSelection
from syncopy.data.keywords import checked_call
from syncopy.data.spikes import SpikeData
from syncopy.data.trialtable import trial_columns
from syncopy.data.units import CHANNEL_UNIT, common_unit
from syncopy.data.view import View
from syncopy.errors import SPYTypeError, SPYValueError
from syncopy.io.packages import need

Array = NDArray[Any]
Coords = dict[str, Any]

_UNITS = {"time": "s", "freq": "Hz"}


@checked_call
def to_xarray(data: BaseData) -> Any:
    """Return what is selected of an object in-place, by default all of it, as an array of xarray, in memory.

    Parameters
    ----------
    data : Syncopy data object
        Of any class.

    Returns
    -------
    xarray.DataArray or xarray.Dataset
        Signals, spectra and cross-spectra: a DataArray `(trial, time, ...)` if all trials have the same time axis;
        else `(sample, ...)`, the trials one after the other, where `trial` and `time` are coordinates of `sample`.
        Objects with further datasets (averages of TimeLockData, jackknife): a Dataset of `data` and these. Spikes and
        events: a Dataset with one entry for each, its time, its trial and what its columns say. Columns of `trialinfo`
        are coordinates of the trials. Times are in s, frequencies in Hz; attributes tell units and the sample rate.

    Raises
    ------
    SPYImportError
        If xarray is not installed.
    SPYTypeError, SPYValueError
        If `data` is no data object, or an empty one.

    Examples
    --------
    >>> spectra.to_xarray().mean("trial").sel(freq=slice(8, 12))  # doctest: +SKIP
    """
    xarray = need("xarray", "tables")
    if not isinstance(data, ContinuousData | DiscreteData):
        raise SPYTypeError(data, "data", "Syncopy data object")
    data._require_data()
    if data.samplerate is None:
        raise SPYValueError("an object with a samplerate, which times need", "data", "None")
    if isinstance(data, DiscreteData):
        return _rows(xarray, data.view())
    view = data.view()
    main = _array(xarray, view)
    further = _further(data, view)
    if not further:
        return main
    variables = {name: _named(xarray, main, name, values) for name, values in further.items()}
    for name, variable in variables.items():
        variable.attrs |= _unit_attribute(data._unit_rule(name)(_unit(view)))
    return xarray.Dataset({"data": main, **variables}, attrs=main.attrs)


def _attributes(data: BaseData) -> dict[str, Any]:
    return {"dataclass": type(data).__name__, "samplerate": data.samplerate, "samplerate_units": "Hz"}


def _unit(view: View) -> str | None:
    """What all chosen channels are in."""
    axes = [labels.tolist() for dim, labels in view.coords.items() if dim.startswith("channel")]
    return common_unit(view.data, chain.from_iterable(axes))


def _unit_attribute(unit: str | None) -> dict[str, str]:
    return {} if unit is None else {"units": unit}


def _coordinate(dim: str, values: Array, along: str | None = None) -> Any:
    return (along or dim, values, {"units": _UNITS[dim]} if dim in _UNITS else {})


def _array(xarray: Any, view: View) -> Any:
    coords: Coords = {dim: _coordinate(dim, values) for dim, values in view.coords.items()}
    attributes = _attributes(view.data)
    attributes |= _unit_attribute(_unit(view))
    if "channel" in coords and view.data.info.get(CHANNEL_UNIT):
        symbols = [common_unit(view.data, [label]) or "" for label in view.coords["channel"].tolist()]
        coords["channel_unit"] = ("channel", symbols)
    if _has_common_times(view):
        dims = ("trial", *view.dims)
        coords["trial"] = view.trial_ids
        coords["time"] = _coordinate("time", view.times(0))
        along, repeats = "trial", np.ones(len(view), dtype=np.int64)
    else:
        dims = ("sample", *view.dims[1:])
        along, repeats = "sample", view.lengths
        coords["trial"] = (along, np.repeat(view.trial_ids, repeats))
        times = np.concatenate([view.times(place) for place in range(len(view))])
        coords["time"] = _coordinate("time", times, along)
    for name, column in _trialinfo(view).items():
        coords[name if name not in coords else f"{name}_info"] = (along, np.repeat(column, repeats))
    return xarray.DataArray(_values(view), coords, dims, attrs=attributes)


def _has_common_times(view: View) -> bool:
    """Whether all trials have the same time axis."""
    return bool((view.lengths == view.lengths[0]).all() and (view.offsets == view.offsets[0]).all())


def _values(view: View) -> Array:
    """Trials `(trial, time, ...)`, or one after the other `(sample, ...)`."""
    if _has_common_times(view):
        return view.read(0, len(view))
    return np.concatenate([view.read(place, place + 1)[0] for place in range(len(view))])


def _trialinfo(view: View | DiscreteSelection) -> dict[str, Array]:
    names = [*trial_columns(view.data)][3:]
    return dict(zip(names, view.trialinfo.T, strict=True))


def _further(data: ContinuousData, view: View) -> dict[str, Array]:
    """Further datasets as far as they hold for what is selected."""
    chosen = data.selection
    found = data.datasets_of(data.resolve(None) if chosen is None else chosen)
    return found | {name: _values(view.of_dataset(name)) for name in data._aligned_datasets}


def _named(xarray: Any, main: Any, name: str, values: Array) -> Any:
    """A further dataset with the axes it has in common with the signals."""
    if name == "cov":
        labels = main.coords["channel"].values
        dims = ("trial", "channel_i", "channel_j")[3 - values.ndim :]
        axes = {"trial": main.coords["trial"].values, "channel_i": labels, "channel_j": labels}
        return xarray.DataArray(values, {dim: axes[dim] for dim in dims}, dims)
    dims = main.dims[main.ndim - values.ndim :]
    return xarray.DataArray(values, {dim: main.coords[dim] for dim in dims}, dims)


def _rows(xarray: Any, view: DiscreteSelection) -> Any:
    data, rows = view.data, view.read(0, len(view))
    dim = "spike" if isinstance(data, SpikeData) else "event"
    variables: dict[str, Any] = {}
    for name in data.dimord:
        column = rows.column(name)
        if name in data._axis_selectors:
            column = getattr(data, name)[np.searchsorted(data._numbers(name), column)]
        variables[name] = (dim, column)
    for name, values in data.datasets.items():
        axes = tuple(f"{name}_{number}" for number in range(1, values.ndim))
        variables[name] = ((dim, *axes), values[()][rows.row])
    coords: Coords = {
        "trial": (dim, view.ids[rows.trial]),
        "time": _coordinate("time", rows.time, dim),
        **{name: (dim, column[rows.trial]) for name, column in _trialinfo(view).items() if name not in variables},
    }
    return xarray.Dataset(variables, coords, _attributes(data))
