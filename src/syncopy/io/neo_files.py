"""Raw files of acquisition systems, through neo: SpikeGLX, Open Ephys, Blackrock, Plexon, Neuralynx, Intan and others.

Only neo's low-level readers are used: they leave the samples on the disk, as the integers that the system wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.axes import numbered
from syncopy.data.base import BaseData
from syncopy.data.continuous import AnalogData
from syncopy.data.events import EventData
from syncopy.data.keywords import checked_call
from syncopy.data.spikes import SpikeData
from syncopy.data.trials import consecutive
from syncopy.errors import SPYTypeError, SPYValueError
from syncopy.io.clock import rate_of_times
from syncopy.io.packages import need, working
from syncopy.io.signals import Scale, check_file, in_blocks, store_signals

Array = NDArray[Any]

# Extensions that several of neo's readers claim -> the one that is meant.
_READERS = {
    ".meta": "SpikeGLXRawIO",
    ".oebin": "OpenEphysBinaryRawIO",
    ".continuous": "OpenEphysRawIO",
    ".ncs": "NeuralynxRawIO",
    ".rhd": "IntanRawIO",
    ".rhs": "IntanRawIO",
    ".smr": "Spike2RawIO",
    ".nev": "BlackrockRawIO",
}


@dataclass(frozen=True)
class _Segment:
    """A piece of a recording without pauses: a trial. Times are in seconds of the recording."""

    block: int
    number: int
    start: float
    stop: float


@checked_call
def load_neo(
    filename: str | Path, stream: str | int | None = None, reader: str | None = None, **settings: Any
) -> dict[str, BaseData]:
    """Load signals, spikes and events from the raw files of an acquisition system, a piece at a time.

    Parameters
    ----------
    filename : str or Path
        A file of the recording, or its folder. Of a recording in a folder, a file whose name holds that of a stream
        (SpikeGLX: `..._t0.imec0.ap.bin`) stands for this stream alone.
    stream : str or int, optional
        Name or number of the one stream of signals to load; by default all of them.
    reader : str, optional
        Class in `neo.rawio`, for files that several readers claim.
    **settings
        For the constructor of that class.

    Returns
    -------
    dict of str to object
        AnalogData by the names of the streams; `spikes` and `events` where there are any. Each segment of the recording
        is a trial on the recording's clock. Signals are in the unit in `info["channel_unit"]`: the stored integers,
        scaled in the smallest type that loses none of them. The meaning of event codes is in `info["event_id"]`.

    Raises
    ------
    SPYImportError
        If neo is not installed.
    SPYIOError
        If there is no such file, or neo cannot read it.
    SPYValueError
        If it is unclear which reader is meant, or there is no such stream.

    Examples
    --------
    >>> streams = spy.load_neo("run1_g0_imec0")  # doctest: +SKIP
    >>> lfp = streams["imec0.lf"]  # doctest: +SKIP
    """
    path = check_file(filename)
    rawio = need("neo.rawio", "neo")
    kind = _reader_class(rawio, path, reader)
    if kind.rawmode == "one-dir":
        place = {"dirname": str(path if path.is_dir() else path.parent)}
    else:
        place = {"filename": str(path)}
    with working(path, "neo"):
        source = kind(**place, **settings)
        source.parse_header()
        loaded: dict[str, BaseData] = {}
        for number, name in _wanted(source, path, stream):
            loaded[name] = _signals(source, number)
        if stream is None and len(source.header["spike_channels"]):
            loaded["spikes"] = _spikes(source)
        if stream is None and len(source.header["event_channels"]):
            loaded["events"] = _events(source)
    for name, obj in loaded.items():
        obj._record("load_neo", f"loaded {name} from {path} with {kind.__name__}")
    return loaded


def _reader_class(rawio: Any, path: Path, reader: str | None) -> Any:
    known = {kind.__name__: kind for kind in rawio.rawiolist}
    name = reader or _READERS.get(path.suffix.lower())
    if name is not None:
        if name not in known:
            raise SPYValueError(f"one of {', '.join(sorted(known))}", "reader", name)
        return known[name]
    found = rawio.get_rawio(path, exclusive_rawio=False)
    if path.is_dir() and any(path.rglob("structure.oebin")):
        found = [known["OpenEphysBinaryRawIO"]]
    elif path.is_dir() and any(path.glob("*.meta")):
        found = [known["SpikeGLXRawIO"]]
    if len(found) != 1:
        names = ", ".join(kind.__name__ for kind in found) or "none of them"
        raise SPYValueError(
            "a file for one of neo's readers, or which `reader` to use", "filename", f"{path.name}: {names}"
        )
    return found[0]


def _wanted(source: Any, path: Path, stream: Any) -> list[tuple[int, str]]:
    """Number and name of the streams to load."""
    names = [str(name) for name in source.header["signal_streams"]["name"]]
    numbered_names = list(enumerate(names))
    if stream is None:
        return [item for item in numbered_names if path.is_file() and item[1] in path.name] or numbered_names
    if isinstance(stream, bool) or not isinstance(stream, str | int):
        raise SPYTypeError(stream, "stream", "the name or number of a stream")
    found = [item for item in numbered_names if stream in item]
    if not found:
        raise SPYValueError(f"one of the streams {', '.join(names)}", "stream", repr(stream))
    return found


def _segments(source: Any) -> list[_Segment]:
    return [
        _Segment(block, number, source.segment_t_start(block, number), source.segment_t_stop(block, number))
        for block in range(source.block_count())
        for number in range(source.segment_count(block))
    ]


def _signals(source: Any, stream: int) -> AnalogData:
    identity = source.header["signal_streams"]["id"][stream]
    channels = source.header["signal_channels"]
    channels = channels[channels["stream_id"] == identity]
    samplerate = float(source.get_signal_sampling_rate(stream))
    scale = Scale(np.result_type(*set(channels["dtype"].tolist())), channels["gain"], channels["offset"])
    segments = _segments(source)
    lengths = [int(source.get_signal_size(piece.block, piece.number, stream)) for piece in segments]
    starts = [float(source.get_signal_t_start(piece.block, piece.number, stream)) for piece in segments]

    def blocks() -> Iterator[Array]:
        for piece, length in zip(segments, lengths, strict=True):

            def read(start: int, stop: int, piece: _Segment = piece) -> Array:
                chunk = source.get_analogsignal_chunk(piece.block, piece.number, start, stop, stream_index=stream)
                return scale(np.asarray(chunk))

            yield from in_blocks(read, length, 8 * len(channels))

    names = channels["name"].tolist()
    names = names if len(set(names)) == len(names) else numbered("channel", range(len(names))).tolist()
    trl = consecutive(lengths, np.round(np.array(starts) * samplerate))
    data = store_signals(blocks(), trl, samplerate, names, sum(lengths))
    data.info["channel_unit"] = dict(zip(names, channels["units"].tolist(), strict=True))
    return data


def _place(segments: list[_Segment], samplerate: float) -> Array:
    """Trial definition of the segments, one after the other, for what has no samples in between."""
    borders = np.round(np.cumsum([0.0, *(piece.stop - piece.start for piece in segments)]) * samplerate)
    borders[-1] += 1  # an event may come at the very end
    return np.column_stack([borders[:-1], borders[1:], np.round([piece.start * samplerate for piece in segments])])


def _samples(seconds: Array, trial: Array, samplerate: float) -> NDArray[np.int64]:
    """Samples at which events of a segment lie in the whole."""
    return np.round(seconds * samplerate - trial[2] + trial[0]).astype(np.int64)  # type: ignore[no-any-return]


def _spikes(source: Any) -> SpikeData:
    """Spikes of all units; neo does not say which channel they were seen on."""
    units, segments = source.header["spike_channels"], _segments(source)
    times = [
        [
            source.rescale_spike_timestamp(source.get_spike_timestamps(piece.block, piece.number, unit), "float64")
            for unit in range(len(units))
        ]
        for piece in segments
    ]
    rates = set(units["wf_sampling_rate"].tolist())
    samplerate = rates.pop() if len(rates) == 1 else 0.0
    if not samplerate > 0:
        samplerate = rate_of_times(np.concatenate([one for of_segment in times for one in of_segment]))
    trl = _place(segments, samplerate)
    rows = [
        np.column_stack([_samples(one, trial, samplerate), np.zeros(len(one)), np.full(len(one), unit)])
        for trial, of_segment in zip(trl, times, strict=True)
        for unit, one in enumerate(of_segment)
    ]
    table = np.vstack(rows).astype(np.int64)
    spikes = SpikeData(table, trialdefinition=trl, samplerate=samplerate)
    if len(table):
        spikes.channel = ["channel0"]
        spikes.unit = units["name"][np.unique(table[:, 2])].tolist()
    return spikes


def _events(source: Any) -> EventData:
    """Events and epochs of all kinds; the column `kind` counts the kinds."""
    kinds, segments = source.header["event_channels"], _segments(source)
    found = []
    for number, piece in enumerate(segments):
        for kind in range(len(kinds)):
            ticks, spans, labels = source.get_event_timestamps(piece.block, piece.number, kind)
            seconds = source.rescale_event_timestamp(ticks, "float64", kind)
            lasting = np.zeros(len(ticks)) if spans is None else source.rescale_epoch_duration(spans, "float64", kind)
            found.append((number, kind, np.asarray(seconds), np.asarray(lasting), np.asarray(labels, dtype=str)))
    codes = _codes(np.concatenate([labels for *_, labels in found]))
    samplerate = rate_of_times(np.concatenate([seconds for _, _, seconds, _, _ in found]))
    trl = _place(segments, samplerate)
    rows = [
        np.column_stack(
            [
                _samples(seconds, trl[number], samplerate),
                [codes[label] for label in labels.tolist()],
                np.round(lasting * samplerate),
                np.full(len(seconds), kind),
            ]
        )
        for number, kind, seconds, lasting, labels in found
    ]
    dimord = ["sample", "eventid", "duration", "kind"]
    events = EventData(np.vstack(rows).astype(np.int64), trialdefinition=trl, samplerate=samplerate, dimord=dimord)
    events.info["event_id"] = codes
    events.info["kinds"] = kinds["name"].tolist()
    return events


def _codes(labels: Array) -> dict[str, int]:
    """Codes of events: their labels, if these are whole numbers, else 1, 2, ... in the order of the texts."""
    texts = np.unique(labels).tolist()
    if all(text.isdecimal() for text in texts):
        return {text: int(text) for text in texts}
    return {text: code for code, text in enumerate(texts, start=1)}
