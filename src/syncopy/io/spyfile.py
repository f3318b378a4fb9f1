"""One object in the `.spy` format: the numbers in an HDF5 file, the metadata beside it as JSON.

Both files are written under drafts' names, synced and renamed, the data first. A random number of the save stands in
both: whoever finds new data beside old metadata, because a crash came between the two renames, takes the new metadata
from their draft.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
from numpy.typing import NDArray

from syncopy.data import history
from syncopy.data.base import BaseData
from syncopy.data.continuous import AnalogData, CrossSpectralData, SpectralData
from syncopy.data.events import EventData
from syncopy.data.naming import SUFFIXES, info_path
from syncopy.data.spikes import SpikeData
from syncopy.data.structdict import SerializableDict, StructDict, to_plain
from syncopy.data.timelock import TimeLockData
from syncopy.errors import SPYError, SPYIOError, SPYValueError, SPYWarning
from syncopy.storage.arrays import ArraySource
from syncopy.storage.durable import discard_stale_drafts, draft_of, sync
from syncopy.storage.store import Store, live_stores
from syncopy.storage.transfer import checksum, copy_datasets

Array = NDArray[Any]

_CLASSES: dict[str, type[BaseData]] = {
    cls.__name__: cls for cls in (AnalogData, SpectralData, CrossSpectralData, TimeLockData, SpikeData, EventData)
}
_SAVE_ID = "_save_id"
_MOST_IN_ATTRIBUTE = 1000  # entries of an axis; HDF5 attributes end at 64 kB
_HASHED_TOO_EARLY = [2023, 9]  # up to this version checksums were taken from files that were still open


# -- writing -----------------------------------------------------------------------------------------------------


def write(obj: BaseData, path: Path) -> None:
    """Write an object to `path` and `path.info`, and bind it to them.

    Raises
    ------
    SPYIOError
        If a file cannot be written; what was there before is untouched, and the object is as it was.
    """
    log = obj._log + history.entry("save", f"Wrote files {path}\n\t\t\t  {info_path(path)}")
    metadata = _describe(obj, path.name, log)
    try:
        _write_files(obj, path, metadata)
    except SPYError:
        raise
    except OSError as error:
        raise SPYIOError(path, reason=error.strerror or str(error)) from error
    assert obj._store is not None
    obj._bind(Store(path, obj.mode, extras=obj._store.extras))
    obj._log, obj._version = log, metadata["_version"]


def _write_files(obj: BaseData, path: Path, metadata: dict[str, Any]) -> None:
    info = info_path(path)
    save_id = metadata[_SAVE_ID] = secrets.token_hex(8)
    data_draft, info_draft = draft_of(path, save_id), draft_of(info, save_id)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sources = {"data": obj.data, **obj.datasets}
        positions = copy_datasets(sources, data_draft, lambda file: _annotate(file, obj, metadata))
        sync(data_draft)
        metadata |= {"data_offset": positions["data"], "file_checksum": checksum(data_draft)}
        info_draft.write_text(json.dumps(metadata, indent=4), encoding="utf-8")
        sync(info_draft)
        os.replace(data_draft, path)
    except BaseException:
        data_draft.unlink(missing_ok=True)
        info_draft.unlink(missing_ok=True)
        raise
    os.replace(info_draft, info)
    sync(path.parent)
    for file in (path, info):
        discard_stale_drafts(file)


def _describe(obj: BaseData, filename: str, log: str) -> dict[str, Any]:
    """Metadata of an object as they stand in its `.info` file; offset and checksum follow when the data are written."""
    trl = obj._trialdefinition
    assert trl is not None
    return {
        "filename": filename,
        "dataclass": type(obj).__name__,
        "data_dtype": str(obj.data.dtype),
        "data_shape": list(obj.data.shape),
        "data_offset": None,
        "trl_dtype": str(trl.dtype),
        "trl_shape": list(trl.shape),
        "trl_offset": None,
        "file_checksum": None,
        "order": "C",
        "checksum_algorithm": "openssl_sha1",
        "dimord": obj.dimord,
        "_version": history.package_version(),
        "_log": log,
        "cfg": to_plain(obj.cfg, "cfg"),
        "info": to_plain(obj.info, "info"),
        "samplerate": obj.samplerate,
        **{name: getattr(obj, name).tolist() for name in obj._axis_selectors},
        "_hdfFileDatasetProperties": list(obj._hdfFileDatasetProperties),
    }


def _annotate(file: h5py.File, obj: BaseData, metadata: dict[str, Any]) -> None:
    """Put into the HDF5 file what makes sense of it without its `.info` file."""
    trl = obj._trialdefinition
    assert trl is not None
    file.create_dataset("trialdefinition", data=trl, maxshape=(None, trl.shape[1]))
    for name in ("_log", "_version", "dimord", "samplerate", _SAVE_ID, *obj._axis_selectors):
        value = metadata[name]
        if not isinstance(value, list) or 0 < len(value) <= _MOST_IN_ATTRIBUTE:
            file.attrs[name] = "None" if value is None else value


# -- reading -----------------------------------------------------------------------------------------------------


def read(path: Path, mode: str = "r", verify: bool = False, allow_external: bool = False) -> BaseData:
    """Make the object that a data file and its metadata describe.

    Parameters
    ----------
    path : Path
        Data file.
    mode : {"r", "r+"}
        How to open it; a file that cannot be written is opened for reading.
    verify : bool
        Compare the file with its checksum.
    allow_external : bool
        Follow links, external storage and virtual datasets to other files.

    Raises
    ------
    SPYIOError
        If a file is missing, damaged, or does not hold what its metadata say.
    SPYValueError
        If the checksum differs.

    Warns
    -----
    SPYWarning
        If the checksum differs in a file of a version that took it too early.
    """
    if not path.is_file():
        raise SPYIOError(path, exists=False)
    with _understood(path):
        store = Store(path, "r" if mode == "r" or not _is_writable(path) else "r+")
        save_id = store.file.attrs.get(_SAVE_ID)
        metadata = _read_metadata(path, save_id)
        cls = _class_of(metadata.get("dataclass"), path)
    if verify:
        _verify(path, metadata, save_id)
    with _understood(path):
        return _build(cls, metadata, store, allow_external)


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    """Turn whatever a damaged or forged file makes fail into an error that names the file."""
    try:
        yield
    except (SPYIOError, Warning):
        raise
    except Exception as error:
        raise SPYIOError(path, reason=f"damaged file or metadata: {error}") from error


def _is_writable(path: Path) -> bool:
    """Whether the file may be opened for writing; HDF5 refuses one that it has open for reading."""
    reading = any(store.mode == "r" and store.path == path for store in live_stores())
    return os.access(path, os.W_OK) and not reading


def _read_metadata(path: Path, save_id: Any) -> dict[str, Any]:
    """Metadata that belong to the data: those of the same save, or of another program."""
    info = info_path(path)
    if isinstance(save_id, str) and re.fullmatch("[0-9a-f]{16}", save_id):
        draft = draft_of(info, save_id)
        if draft.exists():
            return _read_json(draft)
    metadata = _read_json(info)
    if metadata.get(_SAVE_ID, save_id) != save_id:
        raise SPYIOError(path, reason=f"data and metadata come from different saves; {info.name} belongs to other data")
    return metadata


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise SPYIOError(path, exists=False)
    try:
        metadata = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise SPYIOError(path, reason=f"no readable JSON ({error})") from error
    if not isinstance(metadata, dict):
        raise SPYIOError(path, reason="no JSON object")
    return metadata


def _class_of(name: Any, path: Path) -> type[BaseData]:
    if SUFFIXES.get(path.suffix) != name:
        raise SPYIOError(path, reason=f"its metadata describe an object of class {name!r}")
    return _CLASSES[name]


def _verify(path: Path, metadata: dict[str, Any], save_id: Any) -> None:
    """Compare the checksum; one from a version that took it too early, of a file still open, may differ."""
    stored, version = metadata.get("file_checksum"), str(metadata.get("_version"))
    found = checksum(path)
    if stored == found:
        return
    saved_anew = save_id is not None and _SAVE_ID not in metadata  # by an older version, which keeps the version
    if not saved_anew and [int(part) for part in re.findall(r"\d+", version)[:2]] > _HASHED_TOO_EARLY:
        raise SPYValueError(f"a file with the checksum {stored}", path.name, found)
    text = f"{path.name}: the checksum differs, which happens to intact files of older versions too"
    warnings.warn(text, SPYWarning, stacklevel=2)


def _build(cls: type[BaseData], metadata: dict[str, Any], store: Store, allow_external: bool) -> BaseData:
    missing = {"dimord", "samplerate", "cfg", "_version", "_log", *cls._axis_selectors} - metadata.keys()
    if missing:
        raise SPYIOError(store.path, reason=f"its metadata lack {', '.join(sorted(missing))}")
    if not isinstance(metadata["cfg"], dict):
        raise SPYIOError(store.path, reason="the `cfg` of its metadata is no JSON object")
    file = store.file
    declared = metadata.get("_hdfFileDatasetProperties", [])
    store.extras = tuple(name for name in declared if name != "data" and _is_there(file, name))
    for name in ("data", "trialdefinition", *store.extras):
        _check_dataset(file, name, allow_external)
    obj = cls.__new__(cls)
    obj._reset()
    obj._dimord = obj._check_dimord(metadata["dimord"])
    obj._attach(file["data"])
    obj._store = store
    if _SAVE_ID not in metadata:  # what this package saved has been checked when it came in
        obj._check_content()
    obj.samplerate = metadata["samplerate"]
    obj._trialdefinition = obj._check_trials(file["trialdefinition"][()], whole_offsets=False)
    for name in cls._axis_selectors:
        if metadata[name] is not None:
            setattr(obj, name, metadata[name])
    obj._cfg = _struct(metadata["cfg"])
    obj._info = SerializableDict(metadata.get("info", {}))
    obj._version = str(metadata["_version"])
    text = f"Read files v. {obj._version} {store.path}\n\t\t\t  {info_path(store.path)}"
    obj._log = str(metadata["_log"]) + history.entry("load", text)
    return obj


def _is_there(file: h5py.File, name: str) -> bool:
    """Whether the file itself, not a group or link in it, has something of that name."""
    return "/" not in name and file.id.links.exists(name.encode())


def _check_dataset(file: h5py.File, name: str, allow_external: bool) -> None:
    """Whether a dataset is there, holds numbers, lies in this file, and is not cut off."""
    if not _is_there(file, name):
        raise SPYIOError(file.filename, reason=f"it has no dataset {name!r}")
    elsewhere = file.id.links.get_info(name.encode()).type != h5py.h5l.TYPE_HARD
    dataset = file[name] if allow_external or not elsewhere else None
    if isinstance(dataset, h5py.Dataset):
        elsewhere |= dataset.is_virtual or bool(dataset.external)
    if elsewhere and not allow_external:
        reason = f"the numbers of {name!r} may lie in another file; if you trust it, load with allow_external=True"
        raise SPYIOError(file.filename, reason=reason)
    if not isinstance(dataset, h5py.Dataset) or dataset.dtype.kind not in "iufcb":
        raise SPYIOError(file.filename, reason=f"{name!r} is no dataset of numbers")
    source = ArraySource.of(dataset)
    if source.offset is not None and source.offset + dataset.nbytes > os.path.getsize(source.path):
        raise SPYIOError(file.filename, reason=f"the file ends before the end of dataset {name!r}")


def _struct(value: Any) -> Any:
    """Turn nested dicts into dicts whose keys are attributes."""
    if isinstance(value, dict):
        return StructDict({key: _struct(item) for key, item in value.items()})
    return [_struct(item) for item in value] if isinstance(value, list) else value
