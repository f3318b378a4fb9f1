"""Export to FieldTrip's data structures: `raw`, `timelock` and `freq`, in MATLAB files."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.channels import types_of
from syncopy.data.continuous import AnalogData, ContinuousData, CrossSpectralData, SpectralData
from syncopy.data.keywords import checked_call
from syncopy.data.naming import as_path
from syncopy.data.timelock import TimeLockData
from syncopy.data.units import common_unit
from syncopy.data.view import View
from syncopy.errors import SPYIOError, SPYTypeError, SPYValueError
from syncopy.io.matfile import Slabs, cell, write_mat
from syncopy.io.signals import BLOCK
from syncopy.settings import options
from syncopy.storage.durable import draft_of, sync

Array = NDArray[Any]
Structure = dict[str, Any]

_MOST_IN_MEMORY = 10**9  # bytes of an object that is written as version 5; that format ends at twice as much
_COPIES = 4  # of an object in memory while it is written as version 5, time axes in double precision among them

# FieldTrip's names of quantities, where they are not that of the output or the method with "spctrm".
_QUANTITIES = {"pow": "powspctrm", "fourier": "fourierspctrm", "csd": "crsspctrm", "corr": "corr"}


@checked_call
def save_ft(
    data: ContinuousData,
    filename: str | Path,
    name: str = "data",
    parameter: str | None = None,
    version: str | None = None,
    overwrite: bool = False,
) -> None:
    """Write an object, whole and whatever is selected of it, as a FieldTrip structure to a MATLAB file.

    AnalogData become a `raw` structure, TimeLockData a `timelock` structure, SpectralData and CrossSpectralData a
    `freq` structure, so that `load("file.mat")` in MATLAB gives what FieldTrip's functions take.

    Parameters
    ----------
    data : AnalogData, TimeLockData, SpectralData or CrossSpectralData
        Trials of all but AnalogData must have the same time axis.
    filename : str or Path
        The file; the extension `.mat` is appended if there is none.
    name : str
        Of the variable in the file.
    parameter : str, optional
        Field of a spectral quantity. By default what the quantity was computed with: `powspctrm`, `fourierspctrm`,
        `cohspctrm`, `crsspctrm`, `grangerspctrm`, ...
    version : {"5", "7.3"}, optional
        Version of the format. By default 5, which Octave reads too, and 7.3 for objects of more than 1 GB or a quarter
        of `spy.options.memory`; of these a block at a time is in memory.
    overwrite : bool
        Whether an existing file is replaced.

    Raises
    ------
    SPYIOError
        If the file exists or cannot be written; it is then as it was before.
    SPYTypeError, SPYValueError
        For objects of other classes, trials that differ, or a name that is none in MATLAB.

    Notes
    -----
    Complex spectra, and spectra of single tapers, have the axis `rpttap`, with the number of tapers of each trial in
    `cumtapcnt`. Quantities of pairs are `chan_chan_freq`, row to column, or have `labelcmb` if the two axes of channels
    differ. An axis of one trial or one time is left out.

    Examples
    --------
    >>> spy.save_ft(spectra, "spectra.mat", name="freq")  # doctest: +SKIP
    """
    if not isinstance(data, ContinuousData):
        raise SPYTypeError(data, "data", "AnalogData, TimeLockData, SpectralData or CrossSpectralData")
    for argument, text in (("name", name), ("parameter", parameter)):
        if text is not None and (not isinstance(text, str) or not re.fullmatch(r"[A-Za-z]\w{0,62}", text, re.ASCII)):
            raise SPYValueError("a name that MATLAB allows", argument, repr(text))
    if not isinstance(version, str | None):
        raise SPYTypeError(version, "version", "'5' or '7.3'")
    if version not in (None, "5", "7.3"):
        raise SPYValueError("'5' or '7.3'", "version", repr(version))
    path = as_path(filename, "filename")
    path = path if path.suffix else path.with_suffix(".mat")
    if path.exists() and not overwrite:
        raise SPYIOError(path, exists=True, reason="pass overwrite=True to replace it")
    structure = _structure(data, parameter)
    draft = draft_of(path, secrets.token_hex(8))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        small = data.data.nbytes <= min(_MOST_IN_MEMORY, options.memory // _COPIES)
        write_mat(draft, name, structure, version or ("5" if small else "7.3"))
        sync(draft)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _structure(data: ContinuousData, parameter: str | None) -> Structure:
    view = data.view(data.resolve(None))
    common = {"trialinfo": view.trialinfo} if view.trialinfo.shape[1] else {}
    if isinstance(data, AnalogData):
        return _raw(view) | common
    if len(np.unique(view.lengths)) > 1 or (view.lengths[0] > 1 and len(np.unique(view.offsets)) > 1):
        raise SPYValueError("trials of the same length and offset", "data", "trials which differ")
    if isinstance(data, TimeLockData):
        return _timelock(data, view) | common
    if isinstance(data, SpectralData):
        return _freq(data, view, parameter) | common
    assert isinstance(data, CrossSpectralData)
    return _pairs(data, view, parameter) | common


def _labels(values: Array) -> Array:
    return cell([str(label) for label in values.tolist()], column=True)


def _time(view: View, trial: int = 0) -> Array:
    return view.times(trial)


def _raw(view: View) -> Structure:
    structure = {
        "label": _labels(view.coords["channel"]),
        "trial": cell([_trial(view, number) for number in range(len(view))]),
        "time": cell([_time_axis(view, number) for number in range(len(view))]),
        "fsample": view.samplerate,
        # MATLAB counts from 1, and the last sample is part of the trial
        "sampleinfo": np.column_stack([view.starts + 1, view.stops]).astype(np.float64),
    }
    labels, types = view.coords["channel"].tolist(), types_of(view.data)
    known = {
        "chantype": [types.get(label) for label in labels],
        "chanunit": [common_unit(view.data, [label]) for label in labels],
    }
    for name, texts in known.items():
        if any(text is not None for text in texts):
            structure[name] = cell(["unknown" if text is None else text for text in texts], column=True)
    return structure


def _trial(view: View, number: int) -> Slabs:
    """Signals of one trial as `chan_time`."""
    start, stop, spec = int(view.starts[number]), int(view.stops[number]), view.spec(number)

    def pieces() -> Iterator[Array]:
        step = max(1, BLOCK // (spec.nbytes // spec.n_samples))
        for first in range(start, stop, step):
            yield _as_float(view.reader.read(np.array([first]), np.array([min(first + step, stop)]))[0])

    return Slabs(spec.shape, _as_float(np.empty(0, spec.dtype)).dtype, pieces)


def _time_axis(view: View, number: int) -> Slabs:
    """Time axis of one trial, a row, which is not made before it is written."""
    return Slabs((int(view.lengths[number]), 1), np.dtype(np.float64), lambda: iter([_time(view, number)[:, None]]))


def _as_float(values: Array) -> Array:
    """FieldTrip's filters want no integers."""
    return values if values.dtype.kind in "fc" else values.astype(np.float64)


def _stacked(view: View, along: str, arrange: Callable[[Array], Array]) -> Slabs:
    """All trials in one array.

    Parameters
    ----------
    view : View
        Trials of the same shape.
    along : {"time", "freq"}
        Axis of which a range is read at a time; it comes first in what `arrange` makes of a block `(trial, time, ...)`.
    """
    spec = view.spec(0)
    count, axis = spec.size(along), view.dims.index(along)

    def read(start: int, stop: int) -> Array:
        if along == "time":
            return view.reader.read(view.starts + start, view.starts + stop)
        return view.reader.read(view.starts, view.stops, (axis, slice(start, stop)))

    def pieces() -> Iterator[Array]:
        step = max(1, BLOCK // (len(view) * spec.nbytes // count))
        for start in range(0, count, step):
            yield np.ascontiguousarray(arrange(_as_float(read(start, min(start + step, count)))))

    slab = arrange(_as_float(read(0, 1)))
    return Slabs((count, *slab.shape[1:]), slab.dtype, pieces)


def _timelock(data: TimeLockData, view: View) -> Structure:
    structure: Structure = {
        "label": _labels(view.coords["channel"]),
        "time": _time(view),
        "dimord": "rpt_chan_time",
        "trial": _stacked(view, "time", lambda block: block.transpose(1, 2, 0)),
    }
    for name in ("avg", "var"):
        if name in data.datasets:
            structure[name] = data.datasets[name][()].T
    if "avg" in structure:
        structure["dof"] = np.full(structure["avg"].shape, float(len(view)))
    if "cov" in data.datasets:
        structure["cov"] = data.datasets["cov"][()]
    return structure


def _quantity(data: ContinuousData, parameter: str | None) -> str:
    """Field of a spectral quantity."""
    if parameter is not None:
        return parameter
    complex_valued = data.data.dtype.kind == "c"
    if isinstance(data, CrossSpectralData):
        kind = data.cfg.get("connectivityanalysis", {}).get("method", "csd" if complex_valued else "coh")
    else:
        kind = "fourier" if complex_valued else data.cfg.get("freqanalysis", {}).get("output", "pow")
    return _QUANTITIES.get(kind, f"{kind}spctrm")


def _freq(data: SpectralData, view: View, parameter: str | None) -> Structure:
    field, spec = _quantity(data, parameter), view.spec(0)
    tapers, timed = spec.size("taper"), spec.n_samples > 1
    repeats = "rpttap" if tapers > 1 or spec.dtype.kind == "c" else "rpt" if len(view) > 1 else ""

    def arrange(block: Array) -> Array:
        trial, time, taper, freq, channel = block.shape
        turned = block.transpose(1, 3, 4, 0, 2).reshape(time, freq, channel, trial * taper)
        turned = turned if repeats else turned[..., 0]
        return turned if timed else turned[0]

    structure: Structure = {
        "label": _labels(view.coords["channel"]),
        "freq": view.coords["freq"].astype(np.float64),
        "dimord": "_".join([repeats, "chan", "freq", "time" if timed else ""]).strip("_"),
        field: _stacked(view, "time" if timed else "freq", arrange),
    }
    if timed:
        structure["time"] = _time(view)
    if repeats == "rpttap":
        structure["cumtapcnt"] = np.full((len(view), 1), float(tapers))
    return structure


def _pairs(data: CrossSpectralData, view: View, parameter: str | None) -> Structure:
    field, spec = _quantity(data, parameter), view.spec(0)
    one, other = view.coords["channel_i"], view.coords["channel_j"]
    square, lags = np.array_equal(one, other), field == "corr"
    timed = spec.n_samples > 1 or lags

    def arrange(block: Array) -> Array:
        turned = block.transpose(1, 2, 4, 3, 0)
        if not square:
            turned = block.transpose(1, 2, 3, 4, 0).reshape(*block.shape[1:3], len(one) * len(other), len(block))
        turned = turned[..., 0] if len(view) == 1 else turned
        return turned[:, 0] if lags else turned if timed else turned[0]

    names = ["rpt"] if len(view) > 1 else []
    names += ["chan", "chan"] if square else ["chancmb"]
    names += [] if lags else ["freq"]
    structure: Structure = {
        "dimord": "_".join([*names, "time"] if timed else names),
        field: _stacked(view, "time" if timed else "freq", arrange),
    }
    if square:
        structure["label"] = _labels(one)
    else:
        pairs = [str(label) for i in one.tolist() for j in other.tolist() for label in (i, j)]
        structure["labelcmb"] = cell(pairs).reshape(-1, 2)
    if not lags:
        structure["freq"] = view.coords["freq"].astype(np.float64)
    if timed:
        structure["time"] = _time(view)
    return structure
