"""The HDF5 file behind one data object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from syncopy.errors import SPYIOError, SPYValueError
from syncopy.storage.arrays import create_array
from syncopy.storage.scratch import ScratchFile

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
    """

    def __init__(self, path: Path, mode: str, scratch: ScratchFile | None = None, main: str = "data") -> None:
        self.path = path
        self.scratch = scratch
        self.main = main
        self.file = open_file(path, mode)

    @classmethod
    def wrap(cls, dataset: h5py.Dataset) -> Store:
        """Attach to a dataset that somebody else opened, without copying."""
        store = cls.__new__(cls)
        store.path = Path(dataset.file.filename).absolute()
        store.scratch = None
        store.main = dataset.name.lstrip("/")
        store.file = dataset.file
        return store

    @property
    def is_open(self) -> bool:
        """Whether the file can still be read through this store."""
        return bool(self.file)

    @property
    def mode(self) -> str:
        """How the file is open: "r" or "r+"."""
        return str(self.file.mode)

    def dataset(self, name: str) -> h5py.Dataset | None:
        """The dataset of that name; "data" is the main one, whatever its name in the file."""
        if not self.is_open:
            raise SPYValueError(f"an open file; the backing HDF5 file {self.path} has been closed", name)
        return self.file.get(self.main if name == "data" else name)

    def replace(self, name: str, values: Array | None) -> None:
        """Store a further dataset under a name, in place of the one that was there; None removes it."""
        if self.mode == "r":
            raise SPYValueError("an object whose file may be written; set `mode` to 'r+'", name, "mode 'r'")
        if name in self.file:
            del self.file[name]
        if values is not None:
            self.file.create_dataset(name, data=values)
        self.file.flush()


def open_file(path: str | Path, mode: str) -> h5py.File:
    """Open an HDF5 file without locking it: two programs may analyse the same file, on any file system."""
    if not Path(path).exists():
        raise SPYIOError(path, exists=False)
    try:
        return h5py.File(path, mode, locking=False)
    except OSError as error:
        raise SPYIOError(path, reason=f"no readable HDF5 file ({error})") from error


def store_rows(
    blocks: Iterable[Array], filename: Path | None, suffix: str, rows: int | None = None
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

    Returns
    -------
    store : Store
    lengths : list of int
        Rows of each array.
    """
    iterator = iter(blocks)
    first = next(iterator, None)
    if first is None:
        raise SPYValueError("a non-exhausted generator or non-empty list", "data", "nothing")
    scratch = ScratchFile(suffix) if filename is None else None
    path = scratch.path if scratch is not None else filename
    assert path is not None
    try:
        if rows is not None:
            lengths = _write_known(_checked(first, iterator), path, (rows, *first.shape[1:]), first.dtype)
        else:
            lengths = _write_spooled(_checked(first, iterator), path, first.shape[1:], first.dtype)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Store(path, "r+", scratch), lengths


def _checked(first: Array, others: Iterable[Array]) -> Iterator[Array]:
    yield first
    for block in others:
        if block.shape[1:] != first.shape[1:]:
            legal = f"arrays that agree in all axes but the first; mismatching shapes {first.shape} and {block.shape}"
            raise SPYValueError(legal, "data")
        if not np.can_cast(block.dtype, first.dtype, "safe"):
            legal = f"arrays that fit the type of the first one ({first.dtype}); convert them beforehand"
            raise SPYValueError(legal, "data", block.dtype)
        yield block


def _write_known(blocks: Iterable[Array], path: Path, shape: tuple[int, ...], dtype: np.dtype[Any]) -> list[int]:
    sink = create_array(path, "data", shape, dtype)
    lengths: list[int] = []
    start = 0
    for block in blocks:
        sink.write_rows(start, block)
        lengths.append(len(block))
        start += len(block)
    return lengths


def _write_spooled(blocks: Iterable[Array], path: Path, tail: tuple[int, ...], dtype: np.dtype[Any]) -> list[int]:
    """Write arrays of unknown number: a contiguous dataset needs its size first, so they pass through a raw file."""
    spool = path.with_name(f"{path.name}.spool")
    lengths: list[int] = []
    try:
        with open(spool, "wb") as raw:
            for block in blocks:
                raw.write(np.ascontiguousarray(block, dtype).reshape(-1).view(np.uint8).data)
                lengths.append(len(block))
        sink = create_array(path, "data", (sum(lengths), *tail), dtype)
        copy_bytes(spool, 0, path, sink.offset, spool.stat().st_size)
    finally:
        spool.unlink(missing_ok=True)
    return lengths


def copy_bytes(source: Path, start: int, target: Path, position: int, count: int, step: int = 2**24) -> None:
    """Copy `count` bytes from one file into another, existing one, a piece at a time."""
    with open(source, "rb", buffering=0) as reader, open(target, "r+b", buffering=0) as writer:
        reader.seek(start)
        writer.seek(position)
        while count > 0:
            piece = reader.read(min(step, count))
            if not piece:
                raise SPYIOError(source, reason=f"the file ends {count} bytes early")
            done = 0
            while done < len(piece):
                done += writer.write(piece[done:])
            count -= len(piece)
