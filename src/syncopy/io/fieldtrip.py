"""FieldTrip's MATLAB files: `raw` structures as AnalogData."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import h5py
import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat

from syncopy.data.continuous import AnalogData
from syncopy.data.keywords import checked_call
from syncopy.data.naming import as_path
from syncopy.data.structdict import to_plain
from syncopy.data.trials import consecutive
from syncopy.errors import SPYError, SPYIOError, SPYTypeError, SPYValueError, SPYWarning
from syncopy.io.packages import working
from syncopy.storage.hdf5 import open_file

Array = NDArray[Any]

_REQUIRED = ("time", "trial", "label")
_MOST_MEMORY = 1e9


class _Structure(Protocol):
    """A MATLAB structure, whatever the version of its file."""

    @property
    def fields(self) -> Sequence[str]:
        """Names of the fields."""
        ...

    def cells(self, field: str) -> Iterator[Array]:
        """Entries of a cell array, one by one, as MATLAB shows them."""
        ...

    def texts(self, field: str) -> list[str]:
        """Entries of a cell array of texts."""
        ...

    def value(self, field: str) -> Any:
        """A field as array, text, or list of texts; None for what is none of these."""
        ...


class _Structure5:
    """Structure of a file up to version 7, which MATLAB writes in one piece."""

    def __init__(self, values: Any) -> None:
        self._values = values[0, 0]
        self.fields = values.dtype.names or ()

    def cells(self, field: str) -> Iterator[Array]:
        yield from self._values[field].ravel(order="F")

    def texts(self, field: str) -> list[str]:
        return [_text5(item) for item in self._values[field].ravel(order="F")]

    def value(self, field: str) -> Any:
        found = self._values[field]
        if found.dtype.kind == "U":
            return _text5(found)
        if found.dtype == object and all(item.dtype.kind == "U" for item in found.ravel()):
            return self.texts(field)
        return found if found.dtype.kind in "iufcb" else None


def _text5(item: Array) -> str:
    return str(item.ravel()[0]) if item.size else ""


class _Structure73:
    """Structure of a file of version 7.3, which is HDF5: read piece by piece."""

    def __init__(self, group: h5py.Group) -> None:
        self._group = group
        self.fields = list(group)

    def cells(self, field: str) -> Iterator[Array]:
        for reference in np.asarray(self._group[field]).ravel():
            yield self._group.file[reference][()].T

    def texts(self, field: str) -> list[str]:
        return [_text73(item) for item in self.cells(field)]

    def value(self, field: str) -> Any:
        found = self._group[field]
        if not isinstance(found, h5py.Dataset):
            return None
        if found.dtype == object:
            entries = [self._group.file[reference] for reference in np.asarray(found).ravel()]
            all_texts = all(isinstance(item, h5py.Dataset) and _is_text(item) for item in entries)
            return self.texts(field) if all_texts else None
        return _text73(found[()].T) if _is_text(found) else found[()].T


def _is_text(dataset: h5py.Dataset) -> bool:
    return bool(dataset.attrs.get("MATLAB_class", b"") == b"char" or dataset.dtype == np.uint16)


def _text73(codes: Array) -> str:
    if codes.dtype.kind != "u" or codes.ndim != 2 or 0 in codes.shape:
        return ""
    return "".join(map(chr, codes.ravel()))


@checked_call
def load_ft_raw(
    filename: str | Path,
    list_only: bool = False,
    select_structures: Sequence[str] | None = None,
    include_fields: Sequence[str] | None = None,
    mem_use: float = 4000,
) -> dict[str, AnalogData] | list[str]:
    """Load FieldTrip `raw` structures from a MATLAB file.

    Parameters
    ----------
    filename : str or Path
        A .mat file; those of version 7.3 are read trial by trial, older ones in one piece.
    list_only : bool
        Return the names of the structures only.
    select_structures : sequence of str, optional
        Structures to load; all by default.
    include_fields : sequence of str, optional
        Further fields of the structures to keep in `info`.
    mem_use : float
        Megabytes that loading may take: at least 2000 for a file before version 7.3; of a newer one no trial may be
        larger than 0.4 of it.

    Returns
    -------
    dict of str to AnalogData
        Signals in single precision, time axes from the structures' `time`, `trialinfo` as further columns of the
        trial definition. With `list_only`: the list of names.

    Raises
    ------
    SPYIOError
        If there is no such file, or it cannot be read.
    SPYValueError
        If it is no MATLAB file, or holds no `raw` structure.

    Examples
    --------
    >>> data = spy.load_ft_raw("eeg_visual_fieldtrip.mat")["data"]  # doctest: +SKIP
    """
    path = as_path(filename, "filename")
    if not isinstance(list_only, bool):
        raise SPYTypeError(list_only, "list_only", "True or False")
    if isinstance(mem_use, bool) or not isinstance(mem_use, int | float | np.integer | np.floating):
        raise SPYTypeError(mem_use, "mem_use", "a number of megabytes")
    if not 0 < mem_use <= _MOST_MEMORY:
        raise SPYValueError(f"above 0 and at most {_MOST_MEMORY:g} MB", "mem_use", mem_use)
    for name, value in (("select_structures", select_structures), ("include_fields", include_fields)):
        if value is None:
            continue
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise SPYTypeError(value, name, "a sequence of texts")
    version = _matlab_version(path)
    if version >= 7.3:
        with working(path, "HDF5"), open_file(path, "r") as file:
            groups = {name: item for name, item in file.items() if "#" not in name and isinstance(item, h5py.Group)}
            structures: dict[str, _Structure] = {name: _Structure73(group) for name, group in groups.items()}
            return _load(structures, path, version, list_only, select_structures, include_fields, mem_use)
    if mem_use < 2000 and not list_only:
        raise SPYValueError("2000 or more MB for MAT files before version 7.3", "mem_use", mem_use)
    try:
        content = loadmat(path, struct_as_record=True, squeeze_me=False)
    except Exception as error:  # SciPy's own, and whatever damaged bytes lead to
        raise SPYIOError(path, reason=f"no readable MAT file ({error})") from error
    structures = {
        name: _Structure5(value)
        for name, value in content.items()
        if "__" not in name and isinstance(value, np.ndarray) and value.dtype.names and value.shape == (1, 1)
    }
    return _load(structures, path, version, list_only, select_structures, include_fields, mem_use)


def _matlab_version(path: Path) -> float:
    if not path.is_file():
        raise SPYIOError(path, exists=False)
    with open(path, "rb") as file:
        found = re.match(rb"MATLAB (\d+\.\d+) MAT-file", file.read(32))
    if found is None:
        raise SPYValueError("recognizable .mat file", "filename", path)
    # HDF5 files call themselves 7.3, all others 5.0
    return float(found[1])


def _load(
    structures: dict[str, _Structure],
    path: Path,
    version: float,
    list_only: bool,
    select_structures: Sequence[str] | None,
    include_fields: Sequence[str] | None,
    mem_use: float,
) -> dict[str, AnalogData] | list[str]:
    if list_only:
        return list(structures)
    if not structures:
        raise SPYValueError("a file with FieldTrip structures", "filename", path)
    wanted = list(structures)
    if select_structures is not None:
        for name in select_structures:
            if name not in structures:
                warnings.warn(f"{path.name} has no structure '{name}'; it has {wanted}", SPYWarning, stacklevel=3)
        wanted = [name for name in wanted if name in select_structures]
    loaded = {}
    for name in wanted:
        loaded[name] = _read(structures[name], name, path, include_fields or (), mem_use)
        version_text = f"v{version}" if version >= 7.3 else "v7 or older"
        loaded[name]._record("load_ft_raw", f"loaded structure {name} (MAT-file {version_text}) from {path}")
    return loaded


def _read(structure: _Structure, name: str, path: Path, include: Sequence[str], mem_use: float) -> AnalogData:
    for field in _REQUIRED:
        if field not in structure.fields:
            raise SPYValueError(f"{field} present in MAT structure", name, list(structure.fields))
    first_times, step, lengths = _time_axes(structure, name)
    samplerate = _samplerate(structure, name, step)
    offsets = np.round(np.array(first_times) * samplerate)
    data = AnalogData(_signals(structure, mem_use), samplerate=samplerate)
    stored = [int(stop - start) for start, stop in data.trialdefinition[:, :2]]  # type: ignore[index]
    if stored != lengths:
        raise SPYValueError("time axes as long as the trials", f"{name}.time", f"lengths {lengths} for {stored}")
    trialinfo = _trialinfo(structure, name, len(lengths))
    data.trialdefinition = consecutive(lengths, offsets, trialinfo)
    data.channel = structure.texts("label")
    for field in include:
        value = structure.value(field) if field in structure.fields else None
        if value is None:
            warnings.warn(f"{path.name}: field '{field}' of '{name}' cannot be kept", SPYWarning, stacklevel=5)
            continue
        try:
            data.info[field] = to_plain(np.squeeze(value) if isinstance(value, np.ndarray) else value, field)
        except SPYError as error:
            warnings.warn(f"{path.name}: field '{field}' of '{name}': {error}", SPYWarning, stacklevel=5)
    return data


def _samplerate(structure: _Structure, name: str, step: float) -> float:
    """Rate that the structure names, else that of its time axes."""
    if "fsample" not in structure.fields:
        return 1 / step if step else 1.0
    value = np.ravel(structure.value("fsample"))
    if value.size != 1 or value.dtype.kind not in "iuf":
        raise SPYTypeError(structure.value("fsample"), f"{name}.fsample", "a number of samples per second")
    rate = float(value[0])
    if step and not np.isclose(rate * step, 1, rtol=1e-3):
        text = f"{name}.fsample is {rate:g} Hz and taken for true; the time axes say {1 / step:g} Hz"
        warnings.warn(text, SPYWarning, stacklevel=6)
    return rate


def _time_axes(structure: _Structure, name: str) -> tuple[list[float], float, list[int]]:
    """First times, mean sampling interval (0 if no trial has two samples), and lengths of all trials."""
    first_times, lengths, steps = [], [], []
    for times in structure.cells("time"):
        axis = np.ravel(times)
        if axis.dtype.kind not in "iuf":
            raise SPYTypeError(times, f"{name}.time", "real numbers")
        if axis.size == 0:
            raise SPYValueError("trials with at least one sample", f"{name}.time", "an empty trial")
        first_times.append(float(axis[0]))
        lengths.append(axis.size)
        if not (np.isfinite(axis).all() and (np.diff(axis) > 0).all()):
            raise SPYValueError("finite times that ascend", f"{name}.time", f"others in trial {len(lengths) - 1}")
        if axis.size > 1:
            steps.append((axis[-1] - axis[0]) / (axis.size - 1))
    if not first_times:
        raise SPYValueError("at least one trial", f"{name}.time", "none")
    return first_times, float(np.mean(steps)) if steps else 0.0, lengths


def _signals(structure: _Structure, mem_use: float) -> Iterator[Array]:
    """Trials as (time, channel) in single precision."""
    for number, trial in enumerate(structure.cells("trial")):
        if trial.nbytes > 0.4 * mem_use * 1e6:
            legal = f"trials smaller than 0.4 of mem_use; raise it above {trial.nbytes / 0.4e6:.0f} MB"
            raise SPYValueError(legal, "mem_use", f"{mem_use} MB for trial {number}")
        if trial.dtype.kind not in "iuf":
            raise SPYTypeError(trial, f"trial {number}", "real numbers")
        yield np.ascontiguousarray(trial.T, dtype=np.float32)


def _trialinfo(structure: _Structure, name: str, n_trials: int) -> Array | None:
    value = structure.value("trialinfo") if "trialinfo" in structure.fields else None
    if value is None or not isinstance(value, np.ndarray) or value.size == 0:
        return None
    if value.dtype.kind not in "iufb" or (len(value) != n_trials and value.shape != (1, n_trials)):
        legal = f"numbers, one row for each of {n_trials} trials"
        raise SPYValueError(legal, f"{name}.trialinfo", f"shape {value.shape}, type {value.dtype}")
    return np.asarray(value, dtype=np.float64).reshape(n_trials, -1)
