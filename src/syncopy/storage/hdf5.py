"""HDF5 files, opened without locks and created without risk.

The library builds the structure of a new file in memory, this package writes it to the disk. When a disk fills up while
HDF5 writes, it can neither finish nor close the file, and crashes the process when that ends. Here it never meets the
disk: what it writes (some kilobytes; no numbers) is kept as pages, and then written by ordinary calls, which fail in an
orderly way.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import h5py
import numpy as np
from h5py import Dataset as Dataset
from numpy.typing import NDArray

from syncopy.errors import SPYIOError

if sys.platform != "win32":
    import fcntl

Array = NDArray[Any]
T = TypeVar("T")

_PAGE = 4096
_STRUCTURE = 2**16  # bytes that suffice for what HDF5 writes about a dataset
_VERSION_0 = b"\x89HDF\r\n\x1a\n\0"  # start of a file whose superblock is of the first version
_CONSISTENCY_FLAGS = 20  # their position in such a file
_MOST_PER_CALL = 2**30  # Linux moves at most 2 GiB in one write


class SparseBuffer(io.RawIOBase):
    """A file in memory that takes room only where something was written."""

    def __init__(self) -> None:
        self.size = 0
        self.pages: dict[int, bytearray] = {}
        self._position = 0

    def seekable(self) -> bool:
        """Whether the position can be set: yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Set the position."""
        self._position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        return self._position

    def truncate(self, size: int | None = None) -> int:
        """Set the size; HDF5 only lets a file grow."""
        self.size = self._position if size is None else size
        return self.size

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer from the present position on, zeros where nothing was written."""
        for where, page, inside in self._parts(len(buffer)):
            buffer[where] = self.pages.get(page, bytes(_PAGE))[inside]
        self._position += len(buffer)
        return len(buffer)

    def write(self, data: memoryview) -> int:  # type: ignore[override]
        """Write at the present position."""
        for where, page, inside in self._parts(len(data)):
            self.pages.setdefault(page, bytearray(_PAGE))[inside] = data[where]
        self._position += len(data)
        self.size = max(self.size, self._position)
        return len(data)

    def _parts(self, count: int) -> list[tuple[slice, int, slice]]:
        """Cut the next `count` bytes at the borders of pages: range of the bytes, page, range inside it."""
        parts, done = [], 0
        while done < count:
            page, start = divmod(self._position + done, _PAGE)
            step = min(_PAGE - start, count - done)
            parts.append((slice(done, done + step), page, slice(start, start + step)))
            done += step
        return parts


def open_file(path: str | Path, mode: str) -> h5py.File:
    """Open an HDF5 file and leave no trace of that in it: several programs may analyse the same file.

    Within a process HDF5 wants the same rule of locking from all who open a file. So it is first opened as `h5py.File`
    does it, for users who look into the file of an object themselves; the lock is then given back.
    """
    if not Path(path).exists():
        raise SPYIOError(path, exists=False)
    if Path(path).is_dir():
        raise SPYIOError(path, reason="it is a folder, not an HDF5 file")
    if not os.path.getsize(path):
        raise SPYIOError(path, reason="no readable HDF5 file (it is empty)")  # HDF5 would make it one
    before = os.stat(path)
    errors = []
    for locking in (None, False, True):
        try:
            file = h5py.File(path, mode, locking=locking)
        except OSError as error:
            errors.append(error)
            continue
        if sys.platform != "win32" and h5py.h5f.get_obj_count(file.id, h5py.h5f.OBJ_FILE) == 1:
            _remove_traces(file, before)
        return file
    raise SPYIOError(path, reason=f"no readable HDF5 file ({errors[0]})") from errors[0]


def _remove_traces(file: h5py.File, before: os.stat_result) -> None:
    """Give back the lock of a file, the mark "open for writing" with which its checksum would differ, and its times."""
    descriptor = file.id.get_vfd_handle()
    with suppress(OSError):  # a file system without locks
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    if file.mode == "r+" and os.pread(descriptor, len(_VERSION_0), 0) == _VERSION_0:
        with suppress(OSError):
            os.pwrite(descriptor, bytes(4), _CONSISTENCY_FLAGS)
            os.utime(descriptor, ns=(before.st_atime_ns, before.st_mtime_ns))


def file_identity(file: h5py.File) -> tuple[int, int] | None:
    """Numbers of the file system and of the file in it, while it is open; None for a file that is in memory only."""
    try:
        status = os.fstat(file.id.get_vfd_handle())
    except (NotImplementedError, OSError):
        return None
    return status.st_dev, status.st_ino


def create_file(path: str | Path, build: Callable[[h5py.File], T], preamble: bytes = b"") -> T:
    """Create an HDF5 file.

    Parameters
    ----------
    path : str or Path
        The new file.
    build : callable
        Makes datasets and attributes in the open file; large datasets by `allocate`, to be written afterwards.
    preamble : bytes
        What stands before the HDF5 part: nothing, or 512 bytes times a power of two.

    Returns
    -------
    object
        What `build` returned.

    Raises
    ------
    SPYIOError
        If the file exists or cannot be written.
    """
    buffer = SparseBuffer()
    with h5py.File(buffer, "w", userblock_size=len(preamble)) as file:
        result = build(file)
    buffer.seek(0)
    buffer.write(memoryview(preamble))
    try:
        with open(path, "xb", buffering=0) as out:
            out.truncate(buffer.size)
            for page, content in sorted(buffer.pages.items()):
                out.seek(page * _PAGE)
                write_all(out, np.frombuffer(content, np.uint8)[: buffer.size - page * _PAGE])
    except SPYIOError:
        raise
    except FileExistsError as error:
        raise SPYIOError(path, exists=True) from error
    except OSError as error:
        raise SPYIOError(path, reason=error.strerror or str(error)) from error
    return result


def allocate(file: h5py.File, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> int:
    """Make a contiguous dataset in an open file without writing it; returns its position in bytes."""
    create = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    create.set_layout(h5py.h5d.CONTIGUOUS)
    create.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    create.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    kind = h5py.h5t.py_create(dtype, logical=True)
    dataset = h5py.h5d.create(file.id, name.encode(), kind, h5py.h5s.create_simple(shape), create)
    return dataset.get_offset() or 0


def claim_space(path: str | Path, size: int) -> None:
    """Take the first `size` bytes of a file from the disk now, or say that it is full."""
    if size and hasattr(os, "posix_fallocate"):
        with open(path, "r+b") as file:
            try:
                os.posix_fallocate(file.fileno(), 0, size)
            except OSError as error:
                raise SPYIOError(path, reason=f"cannot reserve {size / 1e6:.1f} MB: {error.strerror}") from error


@contextmanager
def room_for(file: h5py.File, size: int) -> Iterator[None]:
    """Hold room on the disk for HDF5 to write `size` bytes into an open file; what it did not need is given back."""
    claim_space(file.filename, os.path.getsize(file.filename) + size + _STRUCTURE)
    try:
        yield
    finally:
        file.flush()
        if hasattr(os, "posix_fallocate"):
            os.truncate(file.filename, file.id.get_filesize())


def write_all(file: io.FileIO, values: Array) -> None:
    """Write the bytes of a C-contiguous array at the file's present position."""
    view = memoryview(values.reshape(-1).view(np.uint8))  # type: ignore[arg-type]
    done = 0
    try:
        while done < len(view):
            done += file.write(view[done : done + _MOST_PER_CALL])
    except OSError as error:
        raise SPYIOError(file.name, reason=error.strerror or str(error)) from error
