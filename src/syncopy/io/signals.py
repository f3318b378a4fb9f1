"""Recordings of other formats, copied into an AnalogData block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.continuous import AnalogData
from syncopy.data.naming import as_path
from syncopy.data.trials import check_trialdefinition
from syncopy.errors import SPYIOError, SPYValueError
from syncopy.storage.store import store_rows

Array = NDArray[Any]

BLOCK = 2**25  # bytes of signals that are in memory at a time

# Up to here, single precision tells whole numbers apart also when they were scaled.
_EXACT_IN_SINGLE = 2**23


def store_signals(
    blocks: Iterable[Array],
    trialdefinition: Any,
    samplerate: float,
    channel: Sequence[str],
    n_samples: int,
) -> AnalogData:
    """Write blocks `(time, channel)` of a recording one after the other and make an object of them.

    Parameters
    ----------
    blocks : iterable of ndarray
        Of one type, `n_samples` rows in all.
    trialdefinition : array-like
        Rows `[start, stop, offset, info ...]`; an offset may lie between two samples.
    samplerate : float
        Samples per second.
    channel : sequence of str
        Labels.
    n_samples : int
        Length of the recording.
    """
    if not n_samples:
        raise SPYValueError("a recording with samples", "filename", "an empty one")
    store, _ = store_rows(blocks, None, ".analog", n_samples)
    trl = check_trialdefinition(trialdefinition, n_samples, whole_offsets=False)
    return AnalogData.adopt(store, trl, samplerate, {"channel": np.array(list(channel), dtype=str)})


def in_blocks(read: Callable[[int, int], Array], n_samples: int, row_bytes: int, most: int = BLOCK) -> Iterator[Array]:
    """Call `read(start, stop)` for consecutive ranges of rows, each of at most `most` bytes (or one row)."""
    step = max(1, most // max(row_bytes, 1))
    return (read(start, min(start + step, n_samples)) for start in range(0, n_samples, step))


class Scale:
    """Physical values of stored numbers, `number * gain + offset` for each channel, in a type that loses none of them.

    Parameters
    ----------
    dtype : dtype
        Of the stored numbers.
    gain, offset : float or ndarray
        Of all channels, or of each.

    Attributes
    ----------
    dtype : dtype
        Of the physical values: single precision where the stored number can be told from them, else double.
    """

    def __init__(self, dtype: Any, gain: Any = 1.0, offset: Any = 0.0) -> None:
        stored = np.dtype(dtype)
        self._gain = np.asarray(gain, dtype=np.float64)
        self._offset = np.asarray(offset, dtype=np.float64)
        self._trivial = bool(np.all(self._gain == 1) and np.all(self._offset == 0))
        self.dtype = stored if self._trivial else np.dtype(np.float32 if self._fits_single(stored) else np.float64)

    def _fits_single(self, stored: np.dtype[Any]) -> bool:
        if stored.kind == "f":
            return stored.itemsize <= 4
        largest = max(abs(float(limit)) for limit in (np.iinfo(stored).min, np.iinfo(stored).max))
        shift = np.abs(self._offset) / np.where(self._gain == 0, np.inf, np.abs(self._gain))
        return bool(largest + np.max(shift) < _EXACT_IN_SINGLE)

    def __call__(self, numbers: Array) -> Array:
        """Return the physical values of a block `(time, channel)`."""
        if self._trivial:
            return np.ascontiguousarray(numbers, self.dtype)
        out = np.empty(numbers.shape, self.dtype)
        if self._offset.any():
            np.add(numbers * self._gain, self._offset, out=out, casting="same_kind")
        else:
            np.multiply(numbers, self._gain, out=out, casting="same_kind")
        return out


def check_file(filename: Any) -> Path:
    """Absolute path of a file or folder that must exist."""
    path = as_path(filename, "filename")
    if not path.exists():
        raise SPYIOError(path, exists=False)
    return path
