"""Arrays in HDF5 files: recipes to read and write them from any thread or process.

Contiguous datasets, which are all this package writes, are read and written as byte ranges at the dataset's offset:
no library lock, no chunk cache, disjoint ranges from many writers at once. Whatever other layout a foreign file has
(chunked, compressed, virtual) is read through HDF5.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import DTypeLike, NDArray

from syncopy.errors import SPYIOError

Array = NDArray[Any]
Index = slice | NDArray[np.intp]

_MOST_PER_CALL = 2**30  # Linux moves at most 2 GiB in one read or write


@dataclass(frozen=True)
class ArraySource:
    """Where an array lies: enough to read any part of it from any process.

    Attributes
    ----------
    path, name
        HDF5 file and dataset.
    shape, dtype
        Of the whole array.
    offset : int or None
        Byte position of the first element if the array is contiguous in the file.
    """

    path: str
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    offset: int | None

    @classmethod
    def of(cls, dataset: h5py.Dataset) -> ArraySource:
        """Recipe for an open dataset; its pending writes are flushed, so that readers see them."""
        if dataset.file.mode != "r":
            dataset.file.flush()
        plain = dataset.chunks is None and not dataset.is_virtual and dataset.external is None
        # an empty or never written dataset has no place in the file yet
        offset = dataset.id.get_offset() if plain else None
        return cls(os.path.realpath(dataset.file.filename), dataset.name, dataset.shape, dataset.dtype, offset)

    @property
    def row_bytes(self) -> int:
        """Bytes of one index along the first axis."""
        return int(np.prod(self.shape[1:], dtype=np.int64)) * self.dtype.itemsize

    def read_rows(self, start: int, stop: int) -> Array:
        """Rows `start:stop` along the first axis, all other axes complete."""
        out = np.empty((stop - start, *self.shape[1:]), self.dtype)
        self.read_rows_into(start, out)
        return out

    def read_rows_into(self, start: int, out: Array) -> None:
        """Fill the C-contiguous array `out` with rows from `start` on."""
        if out.size == 0:
            return
        if self.offset is None:
            with h5py.File(self.path, "r", locking=False) as file:
                file[self.name].read_direct(out, np.s_[start : start + len(out)])
            return
        # h5py keeps an own byte representation for bool and complex that is NumPy's
        view = memoryview(out.reshape(-1).view(np.uint8))  # type: ignore[arg-type]
        with open(self.path, "rb", buffering=0) as file:
            file.seek(self.offset + start * self.row_bytes)
            done = 0
            while done < len(view):
                count = file.readinto(view[done : done + _MOST_PER_CALL])
                if not count:
                    raise SPYIOError(self.path, reason=f"the file ends before the end of dataset '{self.name}'")
                done += count

    def read(self, picks: Mapping[int, Index]) -> Array:
        """Part of the array: `picks` maps an axis to a slice or to positions; axes without a pick are complete.

        Only what lies between the first and the last position of every axis is touched on disk.
        """
        narrow = {axis: pick for axis, pick in picks.items() if not _takes_all(pick, self.shape[axis])}
        rows = narrow.get(0, slice(0, self.shape[0]))
        if set(narrow) <= {0} and isinstance(rows, slice):
            return self.read_rows(*rows.indices(self.shape[0])[:2])[:: rows.step]
        hulls = tuple(_hull(narrow.get(axis, slice(None))) for axis in range(len(self.shape)))
        if self.offset is None:
            with h5py.File(self.path, "r", locking=False) as file:
                block = file[self.name][hulls]
        else:
            block = np.memmap(self.path, self.dtype, "r", self.offset, self.shape)[hulls]
        for axis, pick in narrow.items():
            if isinstance(pick, np.ndarray):
                block = np.take(block, pick - hulls[axis].start, axis=axis)
        return np.array(block, order="C", subok=False)


def _takes_all(pick: Index, size: int) -> bool:
    return isinstance(pick, slice) and pick.indices(size) == (0, size, 1)


def _hull(pick: Index) -> slice:
    """Smallest slice that holds a pick."""
    if isinstance(pick, slice):
        return pick
    return slice(int(pick.min()), int(pick.max()) + 1) if pick.size else slice(0, 0)


@dataclass(frozen=True)
class ArraySink:
    """A preallocated contiguous dataset that many writers fill with disjoint parts."""

    path: str
    offset: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def write_rows(self, start: int, block: Array) -> None:
        """Write complete rows from row `start` on."""
        block = np.ascontiguousarray(block, self.dtype)
        view = memoryview(block.reshape(-1).view(np.uint8))  # type: ignore[arg-type]
        row = int(np.prod(self.shape[1:], dtype=np.int64)) * self.dtype.itemsize
        try:
            with open(self.path, "r+b", buffering=0) as file:
                file.seek(self.offset + start * row)
                done = 0
                while done < len(view):
                    done += file.write(view[done : done + _MOST_PER_CALL])
        except OSError as error:
            raise SPYIOError(self.path, reason=error.strerror or str(error)) from error

    def write_part(self, start: int, block: Array, axis: int, where: slice) -> None:
        """Write rows from `start` on, of which `block` holds only the range `where` along `axis`."""
        if block.size == 0:
            return
        mapped = np.memmap(self.path, self.dtype, "r+", self.offset, self.shape)
        index = [slice(None)] * len(self.shape)
        index[0], index[axis] = slice(start, start + len(block)), where
        mapped[tuple(index)] = block
        mapped.flush()


def create_array(
    path: str | Path, name: str, shape: tuple[int, ...], dtype: DTypeLike, reserve: bool = False
) -> ArraySink:
    """Create a new HDF5 file with one contiguous dataset, its space allocated and not yet written.

    Parameters
    ----------
    reserve : bool
        Claim the disk space now: needed before a memory-mapped write, which cannot report a full disk.
    """
    dtype = np.dtype(dtype)
    create = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    create.set_layout(h5py.h5d.CONTIGUOUS)
    create.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    create.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    try:
        with h5py.File(path, "x") as file:
            space = h5py.h5s.create_simple(shape)
            kind = h5py.h5t.py_create(dtype, logical=True)
            dataset = h5py.h5d.create(file.id, name.encode(), kind, space, create)
            offset = dataset.get_offset() or 0
    except FileExistsError as error:
        raise SPYIOError(path, exists=True) from error
    except OSError as error:
        raise SPYIOError(path, reason=str(error)) from error
    size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    if reserve and size and hasattr(os, "posix_fallocate"):
        with open(path, "r+b") as raw:
            try:
                os.posix_fallocate(raw.fileno(), offset, size)
            except OSError as error:
                raise SPYIOError(path, reason=f"cannot reserve {size / 1e6:.1f} MB: {error.strerror}") from error
    return ArraySink(str(path), offset, tuple(shape), dtype)
