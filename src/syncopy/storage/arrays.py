"""Arrays in HDF5 files: recipes to read and write them from any thread or process.

Contiguous datasets, which are all this package writes, are read and written as byte ranges at the dataset's offset:
no library lock, no chunk cache, disjoint ranges from many writers at once. Whatever other layout a foreign file has
(chunked, compressed, virtual) is read through HDF5.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np
from numpy.typing import DTypeLike, NDArray

from syncopy.errors import SPYIOError
from syncopy.storage.hdf5 import allocate, claim_space, create_file, file_identity, open_file, write_all

Array = NDArray[Any]

GONE = "the file is gone, or the folder it was in"
Index = slice | NDArray[np.intp]

_MOST_PER_CALL = 2**30  # Linux moves at most 2 GiB in one read or write
_GATHERED = 2**20  # bytes of an array from which positions are picked at a time, in each thread that reads
_WIDEST_ROW = 2**22  # bytes of a row that is read whole for some of its positions
_MAPPED = 2**23  # bytes of a file that are mapped for writing at a time
_NEAR = 2**16  # bytes that are read along rather than skipped


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
    identity : tuple of int or None
        Number of the file in its file system, by which a file that took its place is told from it.
    """

    path: str
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    offset: int | None
    identity: tuple[int, int] | None = None

    @classmethod
    def of(cls, dataset: h5py.Dataset) -> ArraySource:
        """Recipe for an open dataset; its pending writes are flushed, so that readers see them."""
        if dataset.file.mode != "r":
            dataset.file.flush()
        plain = dataset.chunks is None and not dataset.is_virtual and dataset.external is None and _is_native(dataset)
        # an empty or never written dataset has no place in the file yet
        offset = dataset.id.get_offset() if plain else None
        path, identity = os.path.realpath(dataset.file.filename), file_identity(dataset.file)
        return cls(path, dataset.name, dataset.shape, dataset.dtype, offset, identity)

    @property
    def row_bytes(self) -> int:
        """Bytes of one index along the first axis."""
        return math.prod(self.shape[1:]) * self.dtype.itemsize

    def read_rows(self, start: int, stop: int) -> Array:
        """Rows `start:stop` along the first axis, all other axes complete."""
        out = np.empty((stop - start, *self.shape[1:]), self.dtype)
        self.read_rows_into(start, out)
        return out

    def read_rows_into(self, start: int, out: Array) -> None:
        """Fill the C-contiguous array `out` with rows from `start` on."""
        with self._opened() as fill:
            fill(start, out)

    @contextmanager
    def _opened(self) -> Iterator[Callable[[int, Array], None]]:
        """What `read_rows_into` does, on a file that is opened once."""
        if self.offset is not None:
            with open_existing(self.path, "rb") as file:
                self._check(file.fileno())
                yield partial(self._fill, file)
        else:
            with self._library() as file:
                dataset = file[self.name]
                yield lambda start, out: dataset.read_direct(out, np.s_[start : start + len(out)]) if out.size else None

    @contextmanager
    def _library(self) -> Iterator[h5py.File]:
        """Open the file by HDF5."""
        with open_file(self.path, "r") as file:
            self._check(file.id.get_vfd_handle())
            yield file

    def _check(self, descriptor: int) -> None:
        """Whether an open file is the one of the recipe: another program may have put a new one in its place."""
        status = os.fstat(descriptor)
        # another machine may number its file systems, and some of them the files, in its own way
        if self.identity and status.st_dev == self.identity[0] and status.st_ino != self.identity[1]:
            raise SPYIOError(self.path, reason="the file was replaced since the object was loaded; load it again")

    def _fill(self, file: io.FileIO, start: int, out: Array) -> None:
        assert self.offset is not None
        # h5py keeps an own byte representation for bool and complex that is NumPy's
        view = memoryview(out.reshape(-1).view(np.uint8))  # type: ignore[arg-type]
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
        rows = narrow.get(0, slice(0, self.shape[0], 1))
        if isinstance(rows, slice) and rows.step == 1 and (set(narrow) <= {0} or self.row_bytes <= _WIDEST_ROW):
            start, stop, _ = rows.indices(self.shape[0])
            if set(narrow) <= {0}:
                return self.read_rows(start, stop)
            return self.read_ranges(np.array([start]), np.array([stop]), narrow)
        if self.offset is not None:
            with open_existing(self.path, "rb") as file:
                self._check(file.fileno())
                return gather(np.memmap(file, self.dtype, "r", self.offset, self.shape), narrow)
        hulls = {axis: _hull(pick) for axis, pick in narrow.items()}
        with self._library() as file:
            block = file[self.name][tuple(hulls.get(axis, slice(None)) for axis in range(len(self.shape)))]
        return gather(block, {a: pick - hulls[a].start for a, pick in narrow.items() if isinstance(pick, np.ndarray)})

    def read_ranges(self, starts: NDArray[np.int64], stops: NDArray[np.int64], picks: Mapping[int, Index]) -> Array:
        """Ranges of rows, one after the other as asked for; near ones are read together with what is between them.

        Parameters
        ----------
        starts, stops : ndarray of int
            Rows of each range.
        picks : dict of int to slice or ndarray
            As for `read`, on the other axes.
        """
        tail = {axis: pick for axis, pick in picks.items() if axis > 0}
        new = np.concatenate([[True], starts[1:] != stops[:-1]])
        starts, stops = starts[new], stops[np.concatenate([new[1:], [True]])]
        edges = np.concatenate([[0], np.cumsum(stops - starts)])
        out = np.empty((int(edges[-1]), *picked_shape(self.shape, tail)[1:]), self.dtype)
        step = max(1, _GATHERED // max(self.row_bytes, 1))
        with self._opened() as fill:
            for lo, hi in _together(starts, stops, step, _NEAR // max(self.row_bytes, 1)):
                first, last = int(starts[lo]), int(stops[hi - 1])
                place = out[edges[lo] : edges[hi]]
                if hi - lo > 1:
                    rows = np.empty((last - first, *self.shape[1:]), self.dtype)
                    fill(first, rows)
                    shift = np.repeat(starts[lo:hi] - first - edges[lo:hi], stops[lo:hi] - starts[lo:hi])
                    place[...] = gather(rows, {0: np.arange(edges[lo], edges[hi]) + shift, **tail})
                elif not tail:
                    fill(first, place)
                else:
                    for start in range(first, last, step):
                        rows = np.empty((min(step, last - start), *self.shape[1:]), self.dtype)
                        fill(start, rows)
                        place[start - first : start - first + len(rows)] = gather(rows, tail)
        return out


def _together(starts: NDArray[np.int64], stops: NDArray[np.int64], most: int, near: int) -> Iterator[tuple[int, int]]:
    """Groups of ranges that are read in one go: short, ascending and near each other."""
    if len(starts) == 1:
        return iter([(0, 1)])
    short = stops - starts <= most
    gaps = starts[1:] - stops[:-1]
    joins = short[1:] & short[:-1] & (gaps > 0) & (gaps <= near)
    group = np.concatenate([[0], np.cumsum(~joins)])
    begin = starts[np.flatnonzero(np.concatenate([[True], ~joins]))][group]
    part = (starts - begin) // most
    borders = (np.flatnonzero((group[1:] != group[:-1]) | (part[1:] != part[:-1])) + 1).tolist()
    return zip([0, *borders], [*borders, len(starts)], strict=True)


def _is_native(dataset: h5py.Dataset) -> bool:
    """Whether the bytes on disk are those of NumPy's type; other software may, for one, store 24 bits in 32."""
    return bool(dataset.id.get_type().equal(h5py.h5t.py_create(dataset.dtype, logical=True)))


def gather(block: Array, picks: Mapping[int, Index]) -> Array:
    """Copy part of an array, a few rows at a time.

    NumPy on its own would first copy all of an array that is not contiguous, and keep an array of indices per element.
    """
    index = tuple(pick if isinstance(pick := picks.get(a), slice) else slice(None) for a in range(block.ndim))
    view = block[index]
    chosen = {axis: pick for axis, pick in picks.items() if isinstance(pick, np.ndarray)}
    if not chosen:
        return np.array(view, order="C", subok=False)
    out = np.empty(picked_shape(view.shape, chosen), view.dtype)
    rows = chosen.pop(0, None)
    step = max(1, _GATHERED // max(view[:1].nbytes, 1))
    for start in range(0, len(out), step):
        part = view[start : start + step] if rows is None else view[rows[start : start + step]]
        for axis, pick in chosen.items():
            part = np.take(part, pick, axis)
        out[start : start + step] = part
    return out


def picked_shape(shape: tuple[int, ...], picks: Mapping[int, Index]) -> tuple[int, ...]:
    """Shape of what `picks` take of an array."""
    sizes = list(shape)
    for axis, pick in picks.items():
        sizes[axis] = len(range(*pick.indices(shape[axis]))) if isinstance(pick, slice) else len(pick)
    return tuple(sizes)


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

    @property
    def nbytes(self) -> int:
        """Bytes of the whole array."""
        return math.prod(self.shape) * self.dtype.itemsize

    def write_rows(self, start: int, block: Array) -> None:
        """Write complete rows from row `start` on."""
        if self.order is not None:
            self.write_part(start, block, {})
            return
        row = math.prod(self.shape[1:]) * self.dtype.itemsize
        with open_existing(self.path, "r+b") as file:
            file.seek(self.offset + start * row)
            write_all(file, np.ascontiguousarray(block, self.dtype))

    def write_part(self, start: int, block: Array, where: Mapping[int, slice]) -> None:
        """Write rows from `start` on, of which `block` holds only the ranges `where` along some other axes."""
        if block.size == 0:
            return
        cut = min(where, default=0)
        if self.order is None and len(where) == 1 and self.shape[:cut] == (1,) * cut:  # one piece of the file
            within = replace(self, shape=self.shape[cut:])
            within.write_rows(where[cut].start, block.reshape(block.shape[cut:]))
            return
        index = tuple(where.get(axis, slice(None)) for axis in range(1, len(self.shape)))
        if self.order is not None:
            with open_existing(self.path, "r+b") as file:
                mapped = np.memmap(file, self.dtype, "r+", self.offset, in_file(self.shape, self.order))
            mapped.transpose(self.order)[(slice(start, start + len(block)), *index)] = block
            return
        row = math.prod(self.shape[1:]) * self.dtype.itemsize
        step = max(1, _MAPPED // row)  # what is mapped counts as memory of the process
        with open_existing(self.path, "r+b") as file:
            for first in range(0, len(block), step):
                part = block[first : first + step]
                shape = (len(part), *self.shape[1:])
                mapped = np.memmap(file, self.dtype, "r+", self.offset + (start + first) * row, shape)
                mapped[(slice(None), *index)] = part


def open_existing(path: str | Path, mode: Literal["rb", "r+b"]) -> io.FileIO:
    """Open a file that was there when the work was planned."""
    try:
        return open(path, mode, buffering=0)
    except FileNotFoundError:
        raise SPYIOError(path, reason=GONE) from None


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
    offset = create_file(path, lambda file: allocate(file, name, in_file(shape, order), dtype))
    if reserve:
        claim_space(path, offset + math.prod(shape) * dtype.itemsize)
    return ArraySink(str(path), offset, tuple(shape), dtype, order)


def create_arrays(path: str | Path, arrays: Mapping[str, tuple[tuple[int, ...], DTypeLike]]) -> dict[str, ArraySink]:
    """Create a new HDF5 file with several contiguous datasets, or add them to a file that is there.

    Parameters
    ----------
    arrays : mapping
        Name to shape and type of each, in place of what may have the name already. Their space is claimed on the disk.
    """

    def build(file: h5py.File) -> dict[str, ArraySink]:
        for name in arrays.keys() & file.keys():
            del file[name]
        return {
            name: ArraySink(str(path), allocate(file, name, shape, np.dtype(dtype)), shape, np.dtype(dtype))
            for name, (shape, dtype) in arrays.items()
        }

    if Path(path).exists():
        with open_file(path, "r+") as file:
            sinks = build(file)
    else:
        sinks = create_file(path, build)
    claim_space(path, os.path.getsize(path))
    return sinks
