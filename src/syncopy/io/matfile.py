"""MATLAB files: structures, cell arrays, texts and numbers, in the format of version 5 or of version 7.3.

Version 5 is what every MATLAB and Octave reads; it ends at 2 GB per variable, and SciPy writes it from memory. Version
7.3 is HDF5 behind a head of 512 bytes, with all axes in reverse order; it is written block by block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray
from scipy.io import savemat

from syncopy.errors import SPYIOError
from syncopy.storage.arrays import ArraySink
from syncopy.storage.hdf5 import allocate, claim_space, create_file

Array = NDArray[Any]

# Text (padded), version and byte order of a file of version 7.3; the rest of the block is not used.
_HEAD = b"MATLAB 7.3 MAT-file, Platform: Syncopy, HDF5 schema 1.00 .".ljust(116) + bytes(8) + b"\x00\x02IM" + bytes(384)
_REFERENCES = "#refs#"
_CLASSES = {"f8": "double", "f4": "single", "b1": "logical"}


@dataclass(frozen=True)
class Slabs:
    """A large array that is made piece by piece.

    Attributes
    ----------
    shape : tuple of int
        Sizes of the axes in reverse order of MATLAB's: the first one is MATLAB's last.
    dtype : dtype
    pieces : callable
        Returns an iterator over consecutive ranges of the first axis, all other axes complete.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    pieces: Callable[[], Iterator[Array]]

    @property
    def nbytes(self) -> int:
        """Bytes of the whole array."""
        return int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize

    def whole(self) -> Array:
        """Return the array with the axes as MATLAB shows them."""
        return np.concatenate(list(self.pieces())).T


def cell(items: list[Any], column: bool = False) -> NDArray[np.object_]:
    """Cell array with one row, or one column."""
    out = np.empty(len(items), dtype=object)
    out[:] = items
    return out.reshape((-1, 1) if column else (1, -1))


def write_mat(path: Path, name: str, structure: Mapping[str, Any], version: str) -> None:
    """Write a structure as the only variable of a new file.

    Parameters
    ----------
    path : Path
        The file, which must not exist.
    name : str
        Of the variable.
    structure : mapping
        Fields: dicts are structures, object arrays cell arrays, `Slabs` large arrays; otherwise texts, numbers and
        arrays of numbers. One axis is a row.
    version : {"5", "7.3"}

    Raises
    ------
    SPYIOError
        If the file cannot be written.
    """
    if version == "7.3":
        _write_73(path, name, structure)
        return
    try:
        savemat(path, {name: _realised(structure)}, oned_as="row", long_field_names=True)
    except OSError as error:
        raise SPYIOError(path, reason=error.strerror or str(error)) from error


def _realised(value: Any) -> Any:
    """What SciPy writes."""
    if isinstance(value, Slabs):
        return value.whole()
    if isinstance(value, Mapping):
        return {name: _realised(item) for name, item in value.items()}
    if isinstance(value, np.ndarray) and value.dtype == object:
        out = np.empty_like(value)
        for index, item in np.ndenumerate(value):
            out[index] = _realised(item)
        return out
    return value


# -- version 7.3 -------------------------------------------------------------------------------------------------


def _write_73(path: Path, name: str, structure: Mapping[str, Any]) -> None:
    large: list[tuple[int, Slabs]] = []

    def build(file: h5py.File) -> None:
        file.create_group(_REFERENCES)
        _put(file, name, structure, large)

    create_file(path, build, _HEAD)
    claim_space(path, path.stat().st_size)
    for offset, slabs in large:
        sink, start = ArraySink(str(path), offset, slabs.shape, slabs.dtype), 0
        for piece in slabs.pieces():
            sink.write_rows(start, piece)
            start += len(piece)


def _put(file: h5py.File, name: str, value: Any, large: list[tuple[int, Slabs]]) -> None:
    """Make a field; large ones get their place, and are written later."""
    if isinstance(value, Mapping):
        file.create_group(name).attrs["MATLAB_class"] = np.bytes_("struct")
        for field, item in value.items():
            _put(file, f"{name}/{field}", item, large)
    elif isinstance(value, Slabs):
        large.append((allocate(file, name, value.shape, _on_disk(value.dtype)), value))
        file[name].attrs["MATLAB_class"] = np.bytes_(_class_of(value.dtype))
    elif isinstance(value, np.ndarray) and value.dtype == object:
        references = np.empty(value.T.shape, dtype=h5py.ref_dtype)
        for index, item in np.ndenumerate(value.T):
            place = f"{_REFERENCES}/{len(file[_REFERENCES])}"
            _put(file, place, item, large)
            references[index] = file[place].ref
        file.create_dataset(name, data=references).attrs["MATLAB_class"] = np.bytes_("cell")
    elif isinstance(value, str):
        codes = np.frombuffer(value.encode("utf-16-le"), "<u2")
        _put_array(file, name, codes.reshape(-1, 1), "char")
    else:
        array = np.atleast_2d(np.asarray(value)).T
        _put_array(file, name, array, _class_of(array.dtype))


def _put_array(file: h5py.File, name: str, array: Array, kind: str) -> None:
    if array.size:
        stored = array.astype(np.uint8) if array.dtype == bool else array.view(_on_disk(array.dtype))
        dataset = file.create_dataset(name, data=stored)
    else:  # an empty array is stored as its shape
        dataset = file.create_dataset(name, data=np.array(array.T.shape, dtype=np.uint64))
        dataset.attrs["MATLAB_empty"] = np.uint8(1)
    dataset.attrs["MATLAB_class"] = np.bytes_(kind)
    if kind in ("char", "logical"):
        dataset.attrs["MATLAB_int_decode"] = np.int32(array.dtype.itemsize)


def _class_of(dtype: np.dtype[Any]) -> str:
    """Name of MATLAB's class for a type; complex numbers have that of their parts."""
    code = f"f{dtype.itemsize // 2}" if dtype.kind == "c" else dtype.str[1:]
    return _CLASSES.get(code, dtype.name)


def _on_disk(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Type in the file: complex numbers as MATLAB names their parts."""
    if dtype.kind != "c":
        return dtype
    part = f"<f{dtype.itemsize // 2}"
    return np.dtype([("real", part), ("imag", part)])
