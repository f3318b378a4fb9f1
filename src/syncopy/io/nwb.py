"""Recordings in Neurodata Without Borders files, read by pynwb: signals, spikes, TTL events and trials."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.axes import numbered
from syncopy.data.base import BaseData
from syncopy.data.continuous import AnalogData
from syncopy.data.events import EventData
from syncopy.data.keywords import checked_call
from syncopy.data.naming import as_path
from syncopy.data.spikes import SpikeData
from syncopy.data.trialtable import NAMES
from syncopy.errors import SPYTypeError, SPYValueError, SPYWarning
from syncopy.io.clock import Clock, rate_of_times
from syncopy.io.container import save
from syncopy.io.packages import need, working
from syncopy.io.signals import BLOCK, Scale, check_file, in_blocks, store_signals

Array = NDArray[Any]

# Columns of the electrode table that may hold the names of the channels, the first one first.
NAME_COLUMNS = ("channel_name", "location", "label", "electrode_name")
# What esi-oephys2nwb writes for TTL pulses: values, states, and the lines they came on.
_TTL = ("TTL_PulseValues", "TTL_ChannelStates", "TTL_Channels")
_NO_END = 2**62  # rows of what has no end of its own
_BORDERS = ("start_time", "stop_time", "offset")


@checked_call
def load_nwb(
    filename: str | Path,
    memuse: float = 3000,
    container: str | Path | None = None,
    validate: bool = False,
    default_spike_data_samplerate: float | None = None,
) -> dict[str, BaseData]:
    """Load signals, spikes and events from an NWB file.

    Parameters
    ----------
    filename : str or Path
        The file.
    memuse : float
        Megabytes of signals that may be in memory at a time; a block is never larger than 32 MB.
    container : str or Path, optional
        Container `<name>.spy` to which all objects are saved; by default they lie in scratch space.
    validate : bool
        Whether pynwb checks the file first.
    default_spike_data_samplerate : float, optional
        Samples per second in which spike times are counted. By default the rate of the signals; without signals, what
        the column `samplerate` of the units says, or their time resolution; else the rate on whose ticks all spike
        times lie, 1 MHz if there is none.

    Returns
    -------
    dict of str to object
        `<name>_<series>.analog` for each series of signals, in volts; `<name>.event`; `<name>_nwbspike.spike`, whose
        units have the numbers of the file. Trials come from the table `trials`, else `epochs`; their further columns
        of numbers are `trialinfo`. Without a table, or where there are gaps between time stamps, every stretch without
        a gap is a trial.

    Raises
    ------
    SPYImportError
        If pynwb is not installed.
    SPYIOError
        If there is no such file, or pynwb cannot read it.
    SPYValueError
        If the file is not valid.

    Warns
    -----
    SPYWarning
        For what is left out: other kinds of data, trials that reach beyond the recording or across a gap.

    Examples
    --------
    >>> file = data.save_nwb("session1.nwb")
    >>> objects = spy.load_nwb("session1.nwb", container="session1")
    >>> list(objects)
    ['session1_ElectricalSeries.analog']
    """
    path = check_file(filename)
    if isinstance(memuse, bool) or not isinstance(memuse, int | float):
        raise SPYTypeError(memuse, "memuse", "a number of megabytes")
    if memuse < 1:
        raise SPYValueError("1 MB or more", "memuse", memuse)
    pynwb = need("pynwb", "nwb")
    base = path.stem if container is None else as_path(container, "container").stem
    with working(path, "pynwb"), pynwb.NWBHDF5IO(str(path), "r", load_namespaces=True) as io:
        if validate and (faults := pynwb.validate(io=io)):
            raise SPYValueError("a valid NWB file", "filename", "; ".join(map(str, faults[:5])))
        found = dict(_objects(pynwb, io.read(), min(BLOCK, int(memuse * 1e6)), default_spike_data_samplerate))
    loaded = {}
    for tag, obj in found.items():
        obj.info["source"] = str(path)
        obj._record("load_nwb", f"loaded {tag or 'TTL events'} from {path}")
        if container is not None:
            save(obj, container, tag=tag)
        loaded[f"{base}_{tag}{obj._suffix}" if tag else f"{base}{obj._suffix}"] = obj
    return loaded


def _objects(pynwb: Any, file: Any, most: int, rate: float | None) -> Iterator[tuple[str, BaseData]]:
    """Everything in a file that is read, with the tag of its name."""
    series, others = _series(pynwb, file)
    clocks = {name: _clock(item) for name, item in series.items()}
    for name, item in series.items():
        yield name, _signals(file, name, item, clocks[name], most)
    # what has no time axis of its own counts from the start of the signals
    start = min((float(clock.starts[0]) for clock in clocks.values()), default=0.0)
    if {"TTL_PulseValues", "TTL_Channels"} <= others.keys():
        yield "", _ttl_events(file, others, start)
    if file.units is not None and len(file.units):
        rates = {clock.samplerate for clock in clocks.values()}
        yield "nwbspike", _spikes(file, start, rate or (rates.pop() if len(rates) == 1 else None))
    ignored = sorted(others.keys() - {*_TTL})
    if ignored:
        text = f"these acquired data are no electrical signals and were left out: {', '.join(ignored)}"
        warnings.warn(text, SPYWarning, stacklevel=2)


def _series(pynwb: Any, file: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return electrical series by name, processed ones first, and the other acquired data."""
    processed = [item for module in file.processing.values() for item in module.data_interfaces.values()]
    series: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for item in [*processed, *file.acquisition.values()]:
        if isinstance(item, pynwb.ecephys.LFP | pynwb.ecephys.FilteredEphys):
            found = list(item.electrical_series.values())
        else:
            found = [item] if isinstance(item, pynwb.ecephys.ElectricalSeries) else []
        for one in found:
            parent = "acquisition" if one is item else item.name
            series[one.name if one.name not in series else f"{parent}_{one.name}"] = one
        if not found and item.name in file.acquisition:
            others[item.name] = item
    return series, others


def _clock(series: Any) -> Clock:
    if series.rate is not None:
        return Clock.regular(series.rate, series.starting_time or 0.0, len(series.data))
    return Clock.of_timestamps(series.timestamps)


def _signals(file: Any, name: str, series: Any, clock: Clock, most: int) -> AnalogData:
    stored = series.data
    n_samples, n_channels = stored.shape[0], int(np.prod(stored.shape[1:]))
    gain = series.conversion * (1.0 if series.channel_conversion is None else np.asarray(series.channel_conversion))
    scale = Scale(stored.dtype, gain, series.offset)

    def read(start: int, stop: int) -> Array:
        return scale(np.asarray(stored[start:stop]).reshape(-1, n_channels))

    blocks = in_blocks(read, n_samples, 8 * n_channels, most)
    trl, columns = _trials(file, clock)
    if trl is None:
        trl = clock.stretches
    data = store_signals(blocks, trl, clock.samplerate, _labels(series, n_channels), n_samples)
    data.info["starting_time"] = float(clock.starts[0])
    data.info["channel_unit"] = dict.fromkeys(data.channel.tolist(), "V")
    if columns:
        data.info[NAMES] = columns
    return data


def _labels(series: Any, n_channels: int) -> list[str]:
    """Names of the channels: the first column of the electrode table that tells them apart."""
    region, table = series.electrodes, series.electrodes.table
    for column in NAME_COLUMNS:
        if column in table.colnames:
            names = table[column][:]
            texts = [str(names[place]) for place in region.data[:]]
            if len(texts) == n_channels and len(set(texts)) == n_channels and all(texts):
                return texts
    text = f"the electrodes of {series.name} have no names that tell all {n_channels} channels apart: they are numbered"
    warnings.warn(text, SPYWarning, stacklevel=2)
    return [str(name) for name in numbered("channel", range(n_channels))]


def _trials(file: Any, clock: Clock) -> tuple[Array | None, list[str]]:
    """Trial definition in the rows of a recording and the names of its further columns; None without a table."""
    table = file.trials if file.trials is not None else file.epochs
    if table is None or not len(table):
        return None, []
    begin, end = (np.asarray(table[name][:], dtype=np.float64) for name in _BORDERS[:2])
    whole = np.isfinite(begin) & np.isfinite(end)
    start, stop = clock.row(np.where(whole, begin, 0)), clock.row(np.where(whole, end, 0))
    first = np.maximum(start, 0)
    # a trial across a gap has no time axis
    whole &= (first < stop) & (clock.stretch(begin) == clock.stretch(end - 0.5 / clock.samplerate))
    cut = whole & (stop - first < np.floor((end - begin) * clock.samplerate - 0.5))
    if cut.any() or not whole.all():
        text = f"of {len(table)} trials {np.sum(~whole)} were left out and {np.sum(cut)} cut"
        warnings.warn(f"{text}: they reach beyond the recording or across a gap in it", SPYWarning, stacklevel=2)
    if not whole.any():
        return None, []
    offset = np.asarray(table["offset"][:]) * clock.samplerate if "offset" in table.colnames else np.zeros(len(table))
    extra = {name: values for name in table.colnames if (values := _numbers(table, name)) is not None}
    rows = np.column_stack([first, stop, np.round(offset) + first - start, *extra.values()])
    return rows[whole], list(extra)


def _numbers(table: Any, name: str) -> Array | None:
    """Values of a further column if it has one number for each row."""
    values = table[name].data[:] if name not in _BORDERS and table[name].name == name else None
    found = np.asarray(values) if values is not None else np.empty(0, dtype=object)
    return found if found.dtype.kind in "iufb" and found.shape == (len(table),) else None


def _ttl_events(file: Any, acquired: dict[str, Any], start: float) -> EventData:
    pulses, lines = acquired["TTL_PulseValues"], acquired["TTL_Channels"]
    times = np.asarray(pulses.timestamps[:], dtype=np.float64)
    rate = 1 / pulses.resolution if pulses.resolution and pulses.resolution > 0 else rate_of_times(times)
    start = float(times.min(initial=start))
    rows = np.column_stack([np.round((times - start) * rate), pulses.data[:], lines.data[:]]).astype(np.int64)
    trl, columns = _trials(file, Clock.regular(rate, start, _NO_END))
    events = EventData(rows, trialdefinition=trl, samplerate=rate, dimord=["sample", "eventid", "chans"])
    events.info["starting_time"] = start
    if columns:
        events.info[NAMES] = columns
    return events


def _spikes(file: Any, start: float, rate: float | None) -> SpikeData:
    units = file.units
    times = [np.asarray(units.get_unit_spike_times(place), dtype=np.float64) for place in range(len(units))]
    seconds = np.concatenate(times)
    start = float(seconds.min(initial=start))
    rate = rate or _own_rate(units, seconds)
    numbers, unit_names = _unit_numbers(units)
    channels, channel_names = _unit_channels(units)
    counts = [len(one) for one in times]
    sample = np.round((seconds - start) * rate).astype(np.int64)
    rows = np.column_stack([sample, np.repeat(channels, counts), np.repeat(numbers, counts)])
    trl, columns = _trials(file, Clock.regular(rate, start, _NO_END))
    spikes = SpikeData(rows, trialdefinition=trl, samplerate=rate)
    spikes.channel = [channel_names[number] for number in np.unique(rows[:, 1]).tolist()]
    spikes.unit = [unit_names[number] for number in np.unique(rows[:, 2]).tolist()]
    spikes.info["starting_time"] = start
    if columns:
        spikes.info[NAMES] = columns
    return spikes


def _own_rate(units: Any, seconds: Array) -> float:
    """Sample rate of spikes for which no signals say one."""
    if "samplerate" in units.colnames and len(set(rates := np.asarray(units["samplerate"][:]).tolist())) == 1:
        return float(rates[0])
    if units.resolution is not None and units.resolution > 0:
        return float(1 / units.resolution)
    return rate_of_times(seconds)


def _unit_numbers(units: Any) -> tuple[Array, dict[int, str]]:
    """Return the number of the unit in each row of the table, and names by number; rows of one name are one unit."""
    ids = np.asarray(units.id[:], dtype=np.int64)
    ids = ids if (ids >= 0).all() else np.arange(len(ids))
    if "unit_name" not in units.colnames:
        return ids, {number: f"unit{number}" for number in ids.tolist()}
    names = [str(name) for name in units["unit_name"][:]]
    number_of: dict[str, int] = {}
    numbers = [number_of.setdefault(name, int(number)) for name, number in zip(names, ids, strict=True)]
    return np.array(numbers), {number: name for name, number in number_of.items()}


def _unit_channels(units: Any) -> tuple[Array, dict[int, str]]:
    """Return the first electrode of each unit, and the names of the electrodes; channel 0 where that is not known."""
    unknown = np.zeros(len(units), dtype=np.int64), {0: "channel0"}
    if "electrodes" not in units.colnames:
        return unknown
    index, table = units["electrodes"], units["electrodes"].target.table
    first = np.concatenate([[0], index.data[:-1]])
    if (np.diff(first, append=index.data[-1]) < 1).any():
        return unknown
    channels = np.asarray(index.target.data[:])[first]
    for column in NAME_COLUMNS:
        if column in table.colnames:
            names = [str(name) for name in table[column][:]]
            chosen = {int(channel): names[channel] for channel in channels}
            if len(set(chosen.values())) == len(chosen) and not {"", "unknown"} & set(chosen.values()):
                return channels.astype(np.int64), chosen
    return (channels.astype(np.int64), {n: f"channel{n}" for n in channels.tolist()}) if channels.any() else unknown
