"""Recordings of Tucker-Davis Technologies: a folder (block) with one `.tsq` index and one `.sev` file per channel."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.axes import numbered
from syncopy.data.continuous import AnalogData
from syncopy.data.keywords import checked_call
from syncopy.errors import SPYIOError, SPYTypeError, SPYValueError, SPYWarning
from syncopy.io.signals import check_file, in_blocks, store_signals

Array = NDArray[Any]

# One entry of the index: 40 bytes, little-endian.
_ENTRY = np.dtype(
    [
        ("size", "<i4"),
        ("type", "<u4"),
        ("code", "S4"),
        ("channel", "<u2"),
        ("sort", "<u2"),
        ("time", "<f8"),
        ("value", "<f8"),
        ("format", "<u4"),
        ("samplerate", "<f4"),
    ]
)
_START, _STOP = b"\x01", b"\x02"  # codes of the entries that mark the beginning and the end
_STROBE_OFF = 0x102

# Head of a channel's file, and the types its samples may have; version 0 knows single precision only.
_HEAD = 40
_SAMPLES = ("<f4", "<i4", "<i2", "<i1", "<f8", "<i8")


@dataclass(frozen=True, eq=False)
class _Index:
    """What the `.tsq` file of a block says; times in seconds from the start."""

    entries: Array
    start: float
    stop: float | None

    @classmethod
    def read(cls, path: Path) -> _Index:
        if path.stat().st_size < 2 * _ENTRY.itemsize:
            raise SPYIOError(path, reason="it is too short for an index of a TDT block")
        entries = np.memmap(path, _ENTRY, "r", shape=(path.stat().st_size // _ENTRY.itemsize,))
        if entries["code"][1] != _START:
            raise SPYIOError(path, reason="its second entry is not the mark of a block's start")
        start, last = float(entries["time"][1]), entries[-1]
        if last["code"] != _STOP:
            text = f"{path.name} does not end with the mark of the block's end: the recording may have been interrupted"
            warnings.warn(text, SPYWarning, stacklevel=4)
        return cls(entries, start, float(last["time"]) if last["code"] == _STOP else None)

    def store(self, *names: str) -> Array:
        """Entries of the first of these stores that there is."""
        for name in names:
            found = self.entries[self.entries["code"] == name.encode()]
            if len(found):
                return np.asarray(found)
        return np.asarray(self.entries[:0])

    def times(self, entries: Array) -> NDArray[np.float64]:
        """Seconds from the start of the block."""
        return np.asarray(entries["time"] - self.start)


@checked_call
def load_tdt(
    data_path: str | Path,
    start_code: int | None = None,
    end_code: int | None = None,
    subtract_median: bool = False,
) -> AnalogData:
    """Load the signals of a TDT block, a piece at a time.

    Parameters
    ----------
    data_path : str or Path
        Folder with one `.tsq` file, and one `.sev` file per channel; channels have the order of the numbers in their
        files' names.
    start_code, end_code : int, optional
        Codes of the triggers (store `Mark`) at which trials start and end; by default everything is one trial.
    subtract_median : bool
        Whether each channel's median over the whole recording is subtracted.

    Returns
    -------
    AnalogData
        Trials start at t = 0. `info` tells about the files, when the block was recorded, the triggers (`Trigger_code`,
        `Trigger_timestamp` in seconds, `Trigger_sample`) and the photo diode (`PDio_onset`, `PDio_offset`,
        `PDio_data`).

    Raises
    ------
    SPYIOError
        If the folder holds no block, or a file of it is damaged.
    SPYTypeError, SPYValueError
        For codes that are no whole numbers, come alone, or do not occur.

    Warns
    -----
    SPYWarning
        If the block was not ended in order, or starts and ends of trials do not come in pairs.

    Examples
    --------
    >>> data = spy.load_tdt("Block-1", start_code=23, end_code=30)  # doctest: +SKIP
    """
    path = check_file(data_path)
    folder = path if path.is_dir() else path.parent
    _check_codes(start_code, end_code)
    indices = sorted(folder.glob("*.tsq"))
    files = sorted(folder.glob("*.sev"), key=_natural)
    if len(indices) != 1 or not files:
        found = f"{len(indices)} .tsq and {len(files)} .sev files"
        raise SPYIOError(folder, reason=f"a TDT block has one .tsq and at least one .sev file; found {found}")
    index, channels = _Index.read(indices[0]), [_samples(file) for file in files]
    n_samples = min(map(len, channels))
    if n_samples < max(map(len, channels)):
        text = f"the channels of {folder.name} differ in length: all are cut to {n_samples} samples"
        warnings.warn(text, SPYWarning, stacklevel=2)
    samplerate = _samplerate(index, files[0])
    dtype = np.result_type(*{channel.dtype for channel in channels}, *([np.float32] if subtract_median else []))
    shift = [np.median(channel[:n_samples]) if subtract_median else 0 for channel in channels]

    def read(start: int, stop: int) -> Array:
        out = np.empty((stop - start, len(channels)), dtype)
        for number, channel in enumerate(channels):
            np.subtract(channel[start:stop], shift[number], out=out[:, number], casting="unsafe")
        return out

    info = _describe(index, folder, files, samplerate)
    trl = [[0, n_samples, 0]] if start_code is None else _trials(info, start_code, end_code)
    blocks = in_blocks(read, n_samples, dtype.itemsize * len(files))
    data = store_signals(blocks, trl, samplerate, numbered("channel", range(len(files))).tolist(), n_samples)
    data.info = info
    data._record("load_tdt", f"loaded {len(files)} channels from {folder}")
    return data


def _natural(path: Path) -> list[str | int]:
    """Sort key by which ch2 comes before ch10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", path.name)]


def _check_codes(start_code: Any, end_code: Any) -> None:
    for name, code in (("start_code", start_code), ("end_code", end_code)):
        if code is not None and (isinstance(code, bool) or not isinstance(code, (int, float, np.integer, np.floating))):
            raise SPYTypeError(code, name, "a whole number")
        if code is not None and not (-(2**53) < code < 2**53 and code % 1 == 0):
            raise SPYValueError("a whole number of at most 53 bits", name, code)
    if (start_code is None) != (end_code is None):
        missing = "start_code" if start_code is None else "end_code"
        raise SPYValueError("trigger codes for both trial start and end", missing, "None")


def _head(path: Path) -> bytes:
    with open(path, "rb") as file:
        head = file.read(_HEAD)
    if len(head) < _HEAD:
        raise SPYIOError(path, reason="it is too short for a channel of a TDT block")
    return head


def _samples(path: Path) -> Array:
    """Samples of a channel, left on the disk."""
    head = _head(path)
    code = head[24] & 7 if head[11] else 0
    if code >= len(_SAMPLES):
        raise SPYIOError(path, reason=f"samples of an unknown type ({code})")
    dtype = np.dtype(_SAMPLES[code])
    count = (path.stat().st_size - _HEAD) // dtype.itemsize
    return np.memmap(path, dtype, "r", _HEAD, (count,)) if count else np.empty(0, dtype)


def _samplerate(index: _Index, path: Path) -> float:
    """Sample rate that the index knows, else the one in the head of a channel's file."""
    stream = index.store("LFPs", "LFP1")
    if len(stream):
        return float(stream["samplerate"][0])
    head = _head(path)
    decimate, exponent = head[25], int.from_bytes(head[26:28], "little")
    if not head[11] or not decimate:
        raise SPYValueError("a stream LFPs or LFP1, which says the samplerate", "data_path", path.parent)
    return 2.0 ** (exponent - 12) * 25e6 / decimate


def _describe(index: _Index, folder: Path, files: list[Path], samplerate: float) -> dict[str, Any]:
    diode, marks = index.store("PDio"), index.store("Mark")
    onsets, offsets = (diode[chosen] for chosen in (diode["type"] != _STROBE_OFF, diode["type"] == _STROBE_OFF))
    times = index.times(marks)
    started = datetime.fromtimestamp(index.start, UTC)
    stopped = None if index.stop is None else datetime.fromtimestamp(index.stop, UTC)
    return {
        "originalFiles": [file.name for file in files],
        "blockname": folder.name,
        "start_date": str(started.date()),
        "utc_start_time": f"{started:%H:%M:%S}",
        "stop_date": None if stopped is None else str(stopped.date()),
        "utc_stop_time": None if stopped is None else f"{stopped:%H:%M:%S}",
        "duration": None if index.stop is None else str(timedelta(seconds=index.stop - index.start)),
        "PDio_onset": index.times(onsets).tolist(),
        # a store without strobes that go off is on until the next one
        "PDio_offset": index.times(offsets if len(offsets) else onsets[1:]).tolist(),
        "PDio_data": onsets["value"].tolist(),
        "Trigger_timestamp": times.tolist(),
        "Trigger_sample": np.round(times * samplerate).astype(np.int64).tolist(),
        "Trigger_code": np.round(marks["value"]).astype(np.int64).tolist(),
    }


def _trials(info: dict[str, Any], start_code: int, end_code: int | None) -> Array:
    """Pair the first start with the first end, the second with the second, and so on."""
    codes, samples = np.array(info["Trigger_code"], dtype=np.int64), np.array(info["Trigger_sample"], dtype=np.int64)
    borders = []
    for name, code in (("start_code", start_code), ("end_code", end_code)):
        borders.append(samples[codes == code])
        if not len(borders[-1]):
            present = ", ".join(map(str, np.unique(codes).tolist())) or "none"
            raise SPYValueError(f"a code of the triggers ({present})", name, code)
    starts, stops = borders
    count = min(len(starts), len(stops))
    if len(starts) != len(stops):
        text = f"{len(starts)} starts and {len(stops)} ends of trials: the first {count} of each are used"
        warnings.warn(text, SPYWarning, stacklevel=3)
    return np.column_stack([starts[:count], stops[:count], np.zeros(count)])
