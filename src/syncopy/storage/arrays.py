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
from syncopy.storage.hdf5 import allocate, claim_space, write_all

Array = NDArray[Any]
Index = slice | NDArray[np.intp]

_MOST_PER_CALL = 2**30  # Linux moves at most 2 GiB in one read or write
_GATHERED = 2**22  # bytes of an array from which positions are picked at a time


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
        narrow = {axis: pick for axis, pick in picks.items() if not takes_all(pick, self.shape[axis])}
        rows = narrow.get(0, slice(0, self.shape[0]))
        if set(narrow) <= {0} and isinstance(rows, slice):
            return self.read_rows(*rows.indices(self.shape[0])[:2])[:: rows.step]
        if self.offset is not None:
            return gather(self.mapped(), narrow)
        hulls = {axis: _hull(pick) for axis, pick in narrow.items()}
        with h5py.File(self.path, "r", locking=False) as file:
            block = file[self.name][tuple(hulls.get(axis, slice(None)) for axis in range(len(self.shape)))]
        return gather(block, {a: pick - hulls[a].start for a, pick in narrow.items() if isinstance(pick, np.ndarray)})

    def mapped(self) -> Array:
        """The whole array, its bytes read where and when they are touched; only of an array that has an `offset`."""
        return np.memmap(self.path, self.dtype, "r", self.offset or 0, self.shape)


def gather(block: Array, picks: Mapping[int, Index]) -> Array:
    """Copy part of an array, a few rows at a time.

    NumPy on its own would first copy all of an array that is not contiguous, and keep an array of indices per element.
    """
    view = block[tuple(pick if isinstance(pick := picks.get(a), slice) else slice(None) for a in range(block.ndim))]
    chosen = {axis: pick for axis, pick in picks.items() if isinstance(pick, np.ndarray)}
    if not chosen:
        return np.array(view, order="C", subok=False)
    out = np.empty([len(chosen[a]) if a in chosen else size for a, size in enumerate(view.shape)], view.dtype)
    rows = chosen.pop(0, None)
    step = max(1, _GATHERED // max(view[:1].nbytes, 1))
    for start in range(0, len(out), step):
        part = view[start : start + step] if rows is None else view[rows[start : start + step]]
        for axis, pick in chosen.items():
            part = np.take(part, pick, axis)
        out[start : start + step] = part
    return out


def takes_all(pick: Index, size: int) -> bool:
    """Whether a pick takes every position in its order."""
    return isinstance(pick, slice) and pick.indices(size) == (0, size, 1)


def _hull(pick: Index) -> slice:
    """Smallest slice that holds a pick."""
    if isinstance(pick, slice):
        return pick
    return slice(int(pick.min()), int(pick.max()) + 1) if pick.size else slice(0, 0)


@dataclass(frozen=True)
class ArraySink:
    """A preallocated contiguous dataset that many writers fill with disjoint parts.

    Attributes
    ----------
    path, offset
        File, and byte position of the first element.
    shape, dtype
        Of the whole array, its axes in the order of the blocks.
    order : tuple of int or None
        Axis in the file of each axis of a block; None: the same order.
    """

    path: str
    offset: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    order: tuple[int, ...] | None = None

    def write_rows(self, start: int, block: Array) -> None:
        """Write complete rows from row `start` on."""
        if self.order is not None:
            self.write_part(start, block, 0, slice(start, start + len(block)))
            return
        row = int(np.prod(self.shape[1:], dtype=np.int64)) * self.dtype.itemsize
        with open(self.path, "r+b", buffering=0) as file:
            file.seek(self.offset + start * row)
            write_all(file, np.ascontiguousarray(block, self.dtype))

    def write_part(self, start: int, block: Array, axis: int, where: slice) -> None:
        """Write rows from `start` on, of which `block` holds only the range `where` along `axis`."""
        if block.size == 0:
            return
        mapped = np.memmap(self.path, self.dtype, "r+", self.offset, in_file(self.shape, self.order))
        index = [slice(None)] * len(self.shape)
        index[0], index[axis] = slice(start, start + len(block)), where
        turned = mapped if self.order is None else mapped.transpose(self.order)
        turned[tuple(index)] = block
        mapped.flush()


def in_file(shape: tuple[int, ...], order: tuple[int, ...] | None) -> tuple[int, ...]:
    """Shape in the file of an array whose axis `i` is axis `order[i]` there."""
    return shape if order is None else tuple(shape[order.index(axis)] for axis in range(len(shape)))


def create_array(
    path: str | Path,
    name: str,
    shape: tuple[int, ...],
    dtype: DTypeLike,
    reserve: bool = False,
    order: tuple[int, ...] | None = None,
) -> ArraySink:
    """Create a new HDF5 file with one contiguous dataset, its space allocated and not yet written.

    Parameters
    ----------
    reserve : bool
        Claim the disk space now: needed before a memory-mapped write, which cannot report a full disk.
    order : tuple of int, optional
        See `ArraySink`.
    """
    dtype = np.dtype(dtype)
    try:
        with h5py.File(path, "x") as file:
            offset = allocate(file, name, in_file(shape, order), dtype)
    except FileExistsError as error:
        raise SPYIOError(path, exists=True) from error
    except (OSError, RuntimeError) as error:  # HDF5 reports a full disk as a RuntimeError when it closes the file
        raise SPYIOError(path, reason=str(error)) from error
    if reserve:
        claim_space(path, offset + int(np.prod(shape, dtype=np.int64)) * dtype.itemsize)
    return ArraySink(str(path), offset, tuple(shape), dtype, order)
