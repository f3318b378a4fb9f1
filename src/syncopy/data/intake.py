"""How data get into an object: arrays, lists and generators of them, datasets and files."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.naming import as_path, info_path
from syncopy.errors import SPYTypeError, SPYValueError, SPYWarning
from syncopy.storage.hdf5 import Dataset, open_file
from syncopy.storage.store import Store, store_rows

if TYPE_CHECKING:
    from syncopy.data.base import BaseData

Array = NDArray[Any]


def ingest(obj: BaseData, value: Any, trialdefinition: Any) -> None:
    """Fill an empty object; it stays empty, and no file behind, if anything is wrong.

    Parameters
    ----------
    obj : BaseData
    value : ndarray, list or generator of ndarray, h5py.Dataset, str or Path
        Lists and generators have one array per trial. A dataset, or the name of a file, is attached without copying.
    trialdefinition : array-like or None
        None: everything is one trial, or every array.

    Raises
    ------
    SPYTypeError, SPYValueError, SPYIOError
        For what is no data, or none of the class of `obj`.
    """
    if isinstance(value, list | tuple) and not value:
        warnings.warn("an empty list: the object has no data", SPYWarning, stacklevel=5)
        return
    if isinstance(value, str | Path) and info_path(as_path(value, "data")).exists():
        _load(obj, value, trialdefinition)
        return
    try:
        obj._store, lengths = _store(obj, value)
        obj._check_content()
        if trialdefinition is not None:
            obj._trialdefinition = obj._check_trials(trialdefinition)
        else:
            obj._trialdefinition = obj._default_trials(lengths)
    except BaseException:
        if obj._store is not None and obj._store.path == obj._filename:
            obj._store.path.unlink()
        obj._store = None
        raise


def _load(obj: BaseData, path: str | Path, trialdefinition: Any) -> None:
    """Take in a saved object with its metadata; what this object was given wins."""
    samplerate = obj._samplerate
    importlib.import_module("syncopy").load(path, mode="r", out=obj)
    obj._samplerate = samplerate or obj._samplerate
    if trialdefinition is not None:
        obj.trialdefinition = trialdefinition


def _store(obj: BaseData, value: Any) -> tuple[Store, list[int] | None]:
    """Store with the data, and the lengths of the trials they came in."""
    target = (obj._filename, obj._suffix)
    if isinstance(value, np.ndarray):
        block = obj._check_array(value)
        return store_rows([block], *target, len(block), obj._order)[0], None
    if isinstance(value, Dataset):
        return obj._attach(value), None
    if isinstance(value, str | Path):
        return _open_dataset(obj, as_path(value, "data")), None
    if isinstance(value, list | tuple):
        checked = [_trial(obj, item) for item in value]
        if len({item.dtype.kind == "c" for item in checked}) > 1:
            raise SPYValueError("list of numeric NumPy arrays of same numeric type (real/complex)", "data")
        common = np.result_type(*{item.dtype for item in checked})
        blocks = (item.astype(common, copy=False) for item in checked)
        return store_rows(blocks, *target, sum(map(len, checked)), obj._order)
    if isinstance(value, Iterator):
        return store_rows(map(obj._check_array, value), *target, None, obj._order)
    raise SPYTypeError(value, "data", "filename of HDF5 file, HDF5 dataset, list, generator or NumPy array")


def _trial(obj: BaseData, item: Any) -> Array:
    if not isinstance(item, np.ndarray):
        raise SPYTypeError(item, "data", "a list of NumPy arrays, one per trial")
    return obj._check_array(item)


def _open_dataset(obj: BaseData, path: Path) -> Store:
    file = open_file(path, "r")
    names = [name for name, item in file.items() if isinstance(item, Dataset)]
    name = "data" if "data" in names else names[0] if len(names) == 1 else None
    if name is None:
        raise SPYValueError("an HDF5 file with a dataset `data` or with one dataset only", "data", names)
    obj._attach(file[name])
    return Store(path, "r", main=name)
