"""What a result was computed from, in a form that tells the same input from any other, also in a later process."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np

from syncopy.errors import SPYIOError
from syncopy.storage.arrays import GONE, ArraySource
from syncopy.storage.hdf5 import open_file
from syncopy.storage.scratch import in_scratch
from syncopy.storage.store import live_stores
from syncopy.storage.transfer import STEP

# Name of the file, bytes, time of the last change in ns: of a file that outlives the process.
FileState = tuple[str, int, int]


def file_state(source: ArraySource) -> FileState | None:
    """State of the file an array lies in; None if that does not tell its content to a later process.

    Scratch files end with their process, and what a virtual or an external dataset holds lies in other files.
    """
    if in_scratch(Path(source.path)):
        return None
    if source.offset is None and _is_elsewhere(source):
        return None
    try:
        status = os.stat(source.path)
    except FileNotFoundError:
        raise SPYIOError(source.path, reason=GONE) from None
    return source.path, status.st_size, status.st_mtime_ns


def is_open_for_writing(source: ArraySource) -> bool:
    """Whether this process may write to the file of an array; to close it then changes its time."""
    return any(store.mode != "r" and os.path.realpath(store.path) == source.path for store in live_stores())


def _is_elsewhere(source: ArraySource) -> bool:
    with open_file(source.path, "r") as file:
        dataset = file[source.name]
        return bool(dataset.is_virtual or dataset.external)


def content_digest(source: ArraySource) -> str:
    """Digest of all numbers of an array, which is read once, a piece at a time."""
    digest = hashlib.sha256()
    step = max(STEP // max(source.row_bytes, 1), 1)
    for start in range(0, source.shape[0], step):
        rows = source.read_rows(start, min(start + step, source.shape[0]))
        digest.update(memoryview(rows.reshape(-1).view(np.uint8)))  # type: ignore[arg-type]
    return digest.hexdigest()
