"""Moving arrays between files a piece at a time, and comparing them: nothing is ever in memory whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from syncopy.errors import SPYIOError
from syncopy.storage.arrays import ArraySource, open_existing
from syncopy.storage.hdf5 import allocate, claim_space, create_file, write_all

STEP = 2**24  # bytes of a piece
COMPARED_STEP = 2**22  # bytes of a piece that is compared: `allclose` holds several arrays of its size
_LARGEST_STEP = 2**27  # bytes of a piece that must not cut a chunk
_KERNEL_STEP = 2**28  # bytes the system copies without answering to Ctrl-C


def pieces(shape: tuple[int, ...], itemsize: int, step: int = STEP) -> Iterator[tuple[int | slice, ...]]:
    """Cut an array, in C order, into consecutive pieces of at most `step` bytes (or one element).

    Yields
    ------
    tuple of int and slice
        An index for the leading axes, a range of the next one; the others are complete.
    """
    axis, row = 0, itemsize * int(np.prod(shape[1:], dtype=np.int64))
    while row > step and axis < len(shape) - 1:
        axis += 1
        row //= shape[axis]
    if not shape:
        yield ()
        return
    count = max(1, step // row) if row else shape[axis]
    for leading in np.ndindex(*shape[:axis]):
        for start in range(0, shape[axis], count):
            yield (*leading, slice(start, min(start + count, shape[axis])))


def copy_datasets(
    datasets: Mapping[str, h5py.Dataset], path: Path, complete: Callable[[h5py.File], None] | None = None
) -> dict[str, int]:
    """Write contiguous copies of datasets into a new file.

    Parameters
    ----------
    datasets : mapping
        Name in the new file -> what to copy.
    path : Path
        The new file.
    complete : callable, optional
        Adds small things to the open file.

    Returns
    -------
    dict of str to int
        Position of every copy in bytes.
    """

    def build(file: h5py.File) -> dict[str, int]:
        positions = {name: allocate(file, name, item.shape, item.dtype) for name, item in datasets.items()}
        if complete is not None:
            complete(file)
        return positions

    positions = create_file(path, build)
    claim_space(path, path.stat().st_size)
    for name, dataset in datasets.items():
        copy_array(dataset, path, positions[name])
    return positions


def copy_rows(
    datasets: Mapping[str, h5py.Dataset], rows: Callable[[], Iterable[NDArray[np.int64]]], path: Path
) -> None:
    """Write some rows of datasets, in the order given, into a new file.

    Parameters
    ----------
    datasets : mapping
        Name in the new file -> where the rows are.
    rows : callable
        Returns their indices along the first axis, some at a time; called several times.
    path : Path
        The new file.
    """
    count = sum(map(len, rows()))

    def build(file: h5py.File) -> dict[str, int]:
        shapes = {name: (count, *item.shape[1:]) for name, item in datasets.items()}
        return {name: allocate(file, name, shape, datasets[name].dtype) for name, shape in shapes.items()}

    positions = create_file(path, build)
    claim_space(path, path.stat().st_size)
    for name, dataset in datasets.items():
        source = ArraySource.of(dataset)
        step = max(STEP // max(source.row_bytes, 1), 1)
        with open(path, "r+b", buffering=0) as file:
            file.seek(positions[name])
            for piece in rows():
                for start in range(0, len(piece), step):
                    write_all(file, _pick_rows(source, piece[start : start + step]))


def _pick_rows(source: ArraySource, rows: NDArray[np.int64]) -> NDArray[Any]:
    """Some rows; where they lie near each other, with what is between: mapped files count as memory of the process."""
    first, last = int(rows.min()), int(rows.max()) + 1
    if (last - first) * source.row_bytes <= STEP:
        return source.read_rows(first, last)[rows - first]
    return source.read({0: rows})


def copy_array(dataset: h5py.Dataset, target: Path, position: int) -> None:
    """Copy the numbers of a dataset of any layout to a byte position of another, existing file."""
    source = ArraySource.of(dataset)
    if source.offset is not None:
        copy_bytes(Path(source.path), source.offset, target, position, dataset.nbytes)
        return
    step = STEP
    if dataset.chunks is not None:  # a chunk that is cut would be decompressed for each of its pieces
        slab = dataset.chunks[0] * source.row_bytes
        step = -(-STEP // slab) * slab if 0 < slab <= _LARGEST_STEP else STEP
    with open(target, "r+b", buffering=0) as writer:
        writer.seek(position)
        for index in pieces(dataset.shape, dataset.dtype.itemsize, step):
            write_all(writer, np.ascontiguousarray(dataset[index]))


def copy_bytes(source: Path, start: int, target: Path, position: int, count: int) -> None:
    """Copy `count` bytes from one file into another, existing one.

    Raises
    ------
    SPYIOError
        If the source ends early or the target cannot be written.
    """
    with open_existing(source, "rb") as reader, open(target, "r+b", buffering=0) as writer:
        done = _copy_in_kernel(reader.fileno(), start, writer.fileno(), position, count)
        reader.seek(start + done)
        writer.seek(position + done)
        while done < count:
            piece = reader.read(min(STEP, count - done))
            if not piece:
                raise SPYIOError(source, reason=f"the file ends {count - done} bytes early")
            write_all(writer, np.frombuffer(piece, np.uint8))
            done += len(piece)


def _copy_in_kernel(source: int, start: int, target: int, position: int, count: int) -> int:
    """Let the system copy, without a way through this process; returns how far it came."""
    done = 0
    if hasattr(os, "copy_file_range"):
        with suppress(OSError):  # not between these file systems; or an error that the plain way meets again
            while done < count:
                step = min(_KERNEL_STEP, count - done)
                moved = os.copy_file_range(source, target, step, start + done, position + done)
                if not moved:
                    break
                done += moved
    return done


def same_values(one: h5py.Dataset, other: h5py.Dataset) -> bool:
    """Whether two datasets agree in shape and, as `same_numbers` tells, in all numbers."""
    if one.shape != other.shape:
        return False
    indices = pieces(one.shape, one.dtype.itemsize, COMPARED_STEP)
    return all(same_numbers(one[index], other[index]) for index in indices)


def same_numbers(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether two arrays of one shape agree to `numpy.allclose`'s tolerance; NaN equals nothing.

    Its absolute part is 1e-8, of the largest number where that is below 1: data in tesla are not all the same.
    """
    largest = float(np.max(np.abs(other), initial=0))
    return bool(np.allclose(one, other, atol=1e-8 * min(1.0, largest)))  # NaN is not less than 1


def checksum(path: Path) -> str:
    """SHA-1 of a file, in hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, partial(hashlib.sha1, usedforsecurity=False)).hexdigest()
