"""The HDF5 file behind one data object."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from syncopy.errors import SPYError, SPYIOError, SPYValueError
from syncopy.storage.arrays import ArraySink, create_array
from syncopy.storage.hdf5 import open_file, room_for, write_all
from syncopy.storage.scratch import ScratchFile
from syncopy.storage.transfer import copy_bytes, pieces

Array = NDArray[Any]

MODES = ("r", "r+", "w", "c")


class Store:
    """An open HDF5 file with named datasets, and the ownership of it.

    The file is never closed by hand: HDF5 keeps it open as long as a dataset handle lives, so that a dataset taken from
    a temporary object stays readable. A scratch file is removed with its last user.

    Parameters
    ----------
    path : Path
        The file.
    mode : {"r", "r+"}
        How to open it.
    scratch : ScratchFile, optional
        Owner of the file, if it lies in scratch space.
    main : str
        Dataset that is the object's `data`.
    extras : iterable of str
        Names of the further datasets that belong to the object; whatever else is in the file is left alone.
    file : h5py.File, optional
        The file, if somebody else opened it.
    """

    def __init__(
        self,
        path: Path,
        mode: str,
        scratch: ScratchFile | None = None,
        main: str = "data",
        extras: Iterable[str] = (),
        file: h5py.File | None = None,
    ) -> None:
        self.path = path
        self.scratch = scratch
        self.main = main
        self.extras = tuple(extras)
        self.file = open_file(path, mode) if file is None else file
        # HDF5 opens a file that is open for writing in this process for writing, whatever it is asked for
        self.mode = "r" if mode == "r" else "r+"
        _live.add(self)

    @classmethod
    def wrap(cls, dataset: h5py.Dataset) -> Store:
        """Attach to a dataset that somebody else opened, without copying."""
        path = Path(dataset.file.filename).absolute()
        return cls(path, dataset.file.mode, main=dataset.name.lstrip("/"), file=dataset.file)

    def reopen(self, mode: str) -> Store:
        """Close the file, with all handles to it, and open it in another mode."""
        self.file.close()
        return Store(self.path, mode, self.scratch, self.main, self.extras)

    def __reduce__(self) -> tuple[Any, ...]:
        if self.scratch is not None:
            raise SPYError(
                f"the data lie in scratch space ({self.path}), which ends with this session; save them first"
            )
        return Store, (self.path, self.mode, None, self.main, self.extras)

    @property
    def is_open(self) -> bool:
        """Whether the file can still be read through this store."""
        return bool(self.file)

    def dataset(self, name: str) -> h5py.Dataset | None:
        """The dataset of that name; "data" is the main one, whatever its name in the file."""
        if not self.is_open:
            raise SPYValueError(f"an open file; the backing HDF5 file {self.path} has been closed", name)
        if name == "data":
            return self.file.get(self.main)
        return self.file.get(name) if name in self.extras else None

    def replace(self, name: str, values: Array | h5py.Dataset | None) -> None:
        """Store a further dataset under a name, in place of the one that was there; None removes it."""
        if self.mode == "r":
            raise SPYValueError("an object whose file may be written; set `mode` to 'r+'", name, "mode 'r'")
        draft = f"{name}.draft"
        with room_for(self.file, 0 if values is None else values.nbytes):
            if draft in self.file:  # a write that failed
                del self.file[draft]
            if values is not None:
                dataset = self.file.create_dataset(draft, values.shape, values.dtype)
                for index in pieces(values.shape, values.dtype.itemsize):
                    dataset[index] = values[index]
            if name in self.file:
                del self.file[name]
            if values is not None:
                self.file.move(draft, name)
        others = tuple(other for other in self.extras if other != name)
        self.extras = others if values is None else (*others, name)


_live: weakref.WeakSet[Store] = weakref.WeakSet()


def live_stores() -> list[Store]:
    """All open stores of this process."""
    return [store for store in _live if store.is_open]


def store_rows(
    blocks: Iterable[Array],
    filename: Path | None,
    suffix: str,
    rows: int | None = None,
    order: tuple[int, ...] | None = None,
) -> tuple[Store, list[int]]:
    """Stream arrays, stacked along their first axis, into the dataset `data` of a new file.

    Parameters
    ----------
    blocks : iterable of ndarray
        One array per trial; all axes but the first agree. At most one is in memory at a time.
    filename : Path or None
        Where; None for scratch space.
    suffix : str
        Extension of a scratch file.
    rows : int, optional
        Sum of all lengths, if it is known: the data are then written once, else through a spool file.
    order : tuple of int, optional
        Axis in the file of each axis of a block; by default the same.

    Returns
    -------
    store : Store
    lengths : list of int
        Rows of each array.
    """
    others = iter(blocks)
    first = next(others, None)
    if first is None:
        raise SPYValueError("a non-exhausted generator or non-empty list", "data", "nothing")
    scratch = ScratchFile(suffix) if filename is None else None
    path = scratch.path if scratch is not None else filename
    assert path is not None
    if path.exists():
        raise SPYIOError(path, exists=True)
    shape, dtype = first.shape, first.dtype
    checked = _checked(chain(iter((first,)), others), shape, dtype)
    del first  # an array that is written makes room for the next one, and an iterator forgets what it has handed out
    try:
        if rows is not None:
            sink = create_array(path, "data", (rows, *shape[1:]), dtype, order is not None, order)
            lengths = _write_known(checked, sink)
        else:
            lengths = _write_spooled(checked, path, shape[1:], dtype, order)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Store(path, "r+", scratch), lengths


def _checked(blocks: Iterable[Array], shape: tuple[int, ...], dtype: np.dtype[Any]) -> Iterator[Array]:
    """Hand on arrays of one shape, but for the first axis, and one type; none is kept while the next one is made."""
    for block in blocks:
        if block.shape[1:] != shape[1:]:
            legal = f"arrays that agree in all axes but the first; mismatching shapes {shape} and {block.shape}"
            raise SPYValueError(legal, "data")
        if not np.can_cast(block.dtype, dtype, "safe"):
            legal = f"arrays that fit the type of the first one ({dtype}); convert them beforehand"
            raise SPYValueError(legal, "data", block.dtype)
        yield block
        del block


def _write_known(blocks: Iterable[Array], sink: ArraySink) -> list[int]:
    lengths: list[int] = []
    start = 0
    for block in blocks:
        sink.write_rows(start, block)
        lengths.append(len(block))
        start += len(block)
        del block
    return lengths


def _write_spooled(
    blocks: Iterable[Array], path: Path, tail: tuple[int, ...], dtype: np.dtype[Any], order: tuple[int, ...] | None
) -> list[int]:
    """Write arrays of unknown number: a contiguous dataset needs its size first, so they pass through a raw file."""
    spool = path.with_name(f"{path.name}.spool")
    lengths: list[int] = []
    try:
        with open(spool, "wb", buffering=0) as raw:
            for block in blocks:
                write_all(raw, np.ascontiguousarray(block, dtype))
                lengths.append(len(block))
                del block
        sink = create_array(path, "data", (sum(lengths), *tail), dtype, order is not None, order)
        if order is None:
            copy_bytes(spool, 0, path, sink.offset, spool.stat().st_size)
        elif spool.stat().st_size:
            sink.write_rows(0, np.memmap(spool, dtype, "r", shape=sink.shape))
    finally:
        spool.unlink(missing_ok=True)
    return lengths
