"""Export to Neurodata Without Borders files, written by pynwb."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.base import BaseData
from syncopy.data.continuous import AnalogData
from syncopy.data.events import EventData
from syncopy.data.keywords import checked_call
from syncopy.data.naming import as_path
from syncopy.data.spikes import SpikeData
from syncopy.data.timelock import TimeLockData
from syncopy.data.trialtable import trial_columns
from syncopy.data.units import common_unit
from syncopy.errors import SPYIOError, SPYTypeError, SPYValueError
from syncopy.io.nwb import NAME_COLUMNS
from syncopy.io.packages import need, working
from syncopy.io.signals import BLOCK
from syncopy.storage.arrays import ArraySource
from syncopy.storage.durable import draft_of, sync

Array = NDArray[Any]

_VOLTS = {"V": 1.0, "mV": 1e-3, "uV": 1e-6, "µV": 1e-6, "μV": 1e-6, "nV": 1e-9}


@checked_call
def save_nwb(
    data: AnalogData | TimeLockData | SpikeData,
    outpath: str | Path,
    nwbfile: Any = None,
    with_trialdefinition: bool = True,
    is_raw: bool = True,
    overwrite: bool = False,
) -> Any:
    """Write an object, whole and whatever is selected of it, to an NWB file.

    Parameters
    ----------
    data : AnalogData, TimeLockData or SpikeData
        Signals are in volts, unless `info["unit"]`, or `info["channel_unit"]` for all channels, says another unit.
        Averages over trials and waveforms are not written.
    outpath : str or Path
        The file.
    nwbfile : pynwb.NWBFile, optional
        What to add the object to: an NWBFile that was not written yet, or one that this function wrote to the same
        path. By default a new one with placeholders for what is not known.
    with_trialdefinition : bool
        Whether trials are written, to both tables `trials` and `epochs`, unless the NWBFile has trials already.
    is_raw : bool
        Whether signals go to the acquired data, or else to `LFP` in the processing module `ecephys`.
    overwrite : bool
        Whether an existing file is replaced; the one of `nwbfile` always is.

    Returns
    -------
    pynwb.NWBFile
        What was written.

    Raises
    ------
    SPYImportError
        If pynwb is not installed.
    SPYIOError
        If the file exists or cannot be written; it is then as it was before.
    SPYTypeError, SPYValueError
        For objects of other classes, or an NWBFile that was read from a file or written elsewhere.

    Notes
    -----
    Channels become electrodes: their name is the `location`. Signals are written block by block. A unit of spikes that
    were seen on several channels has a row for each of them, with its name in the column `unit_name`.

    Examples
    --------
    >>> file = data.save_nwb("session1.nwb")
    >>> file.acquisition["ElectricalSeries"].rate
    1000.0
    """
    if isinstance(data, EventData):
        raise NotImplementedError("NWB has no table for EventData; keep them in a .spy container")
    if not isinstance(data, AnalogData | TimeLockData | SpikeData):
        raise SPYTypeError(data, "data", "AnalogData, TimeLockData or SpikeData")
    data._require_data()
    if data.samplerate is None:
        raise SPYValueError("an object with a samplerate", "data", "None")
    pynwb, path = need("pynwb", "nwb"), as_path(outpath, "outpath")
    with working(path, "pynwb"):
        target = _new_file(pynwb) if nwbfile is None else nwbfile
        written = target.container_source
        if getattr(target, "read_io", None) is not None or written not in (None, str(path)):
            raise SPYValueError(f"an NWBFile that was not written yet, or to {path}", "nwbfile", f"one of {written}")
        # an empty file is a reserved name
        if path.exists() and path.stat().st_size and not (overwrite or written):
            raise SPYIOError(path, exists=True, reason="pass overwrite=True to replace it")
        if isinstance(data, SpikeData):
            _add_units(target, data)
        else:
            _add_signals(pynwb, target, data, is_raw)
        if with_trialdefinition and target.trials is None:
            _add_trials(target, data)
        with _replacing(path), pynwb.NWBHDF5IO(str(path), "w") as io:
            io.write(target)
    return target


@contextmanager
def _replacing(path: Path) -> Iterator[None]:
    """Put back the file that was there before if its successor fails; pynwb wants to write to the final place."""
    old = draft_of(path, secrets.token_hex(8))
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.rename(old)
    try:
        yield
        sync(path)
    except BaseException:
        path.unlink(missing_ok=True)
        if old.exists():
            old.rename(path)
        raise
    old.unlink(missing_ok=True)


def _new_file(pynwb: Any) -> Any:
    return pynwb.NWBFile(
        session_description="unknown",
        identifier=secrets.token_hex(16),
        session_start_time=datetime.now(UTC),
        session_id="session_0001",
    )


def _electrodes(file: Any, labels: list[str]) -> Any:
    """Region of the electrode table for some channels: electrodes that have their names, else new ones."""
    table = file.electrodes
    for column in () if table is None else NAME_COLUMNS:
        places = {str(name): place for place, name in enumerate(table[column][:])} if column in table.colnames else {}
        if len(places) == len(table) and places.keys() >= set(labels):
            region = [places[label] for label in labels]
            return file.create_electrode_table_region(region=region, description="the channels")
    device = file.devices.get("array") or file.create_device(name="array")
    group = file.electrode_groups.get("shank0")
    if group is None:
        group = file.create_electrode_group(name="shank0", description="unknown", location="unknown", device=device)
    first = 0 if table is None else len(table)
    if table is None or "label" not in table.colnames:
        file.add_electrode_column(name="label", description="label of the electrode", data=[""] * first)
    for number, label in enumerate(labels, start=first):
        file.add_electrode(location=label, group=group, label=f"shank0elec{number}")
    region = list(range(first, first + len(labels)))
    return file.create_electrode_table_region(region=region, description="the channels")


def _add_signals(pynwb: Any, file: Any, data: AnalogData | TimeLockData, is_raw: bool) -> None:
    lfp = None if is_raw else _lfp(pynwb, file, data._log.strip() or "processed signals")
    place = file.acquisition if lfp is None else lfp.electrical_series
    taken = sum(name.startswith("ElectricalSeries") for name in place)
    series = pynwb.ecephys.ElectricalSeries(
        name="ElectricalSeries" if not taken else f"ElectricalSeries{taken}",
        data=_blocks(data),
        electrodes=_electrodes(file, data.channel.tolist()),
        starting_time=0.0,
        rate=data.samplerate,
        conversion=_VOLTS.get(common_unit(data) or "V", 1.0),
        comments="Exported by Syncopy",
    )
    if lfp is None:
        file.add_acquisition(series)
    else:
        lfp.add_electrical_series(series)


def _lfp(pynwb: Any, file: Any, description: str) -> Any:
    """Container of processed signals, made if it is not there."""
    module = file.processing.get("ecephys")
    if module is None:
        module = file.create_processing_module(name="ecephys", description=description)
    if "LFP" not in module.data_interfaces:
        module.add(pynwb.ecephys.LFP(name="LFP"))
    return module["LFP"]


def _blocks(data: AnalogData | TimeLockData) -> Any:
    """Wrap the signals so that pynwb asks for them piece by piece, as `(time, channel)`."""
    base = need("hdmf.data_utils", "nwb").GenericDataChunkIterator
    source, (time, channel) = ArraySource.of(data.data), (data.dimord.index("time"), data.dimord.index("channel"))

    class Signals(base):  # type: ignore[misc,valid-type]
        origin = data  # keeps its scratch file

        def _get_data(self, selection: tuple[slice, slice]) -> Array:
            rows, columns = (slice(part.start, part.stop, 1) for part in selection)
            return source.read({time: rows, channel: columns}).transpose(time, channel)

        def _get_maxshape(self) -> tuple[int, int]:
            return source.shape[time], source.shape[channel]

        def _get_dtype(self) -> np.dtype[Any]:
            return source.dtype

        def __next__(self) -> Any:
            try:
                return super().__next__()
            except StopIteration:  # the NWBFile may be written once more, with something added
                self.__init__(buffer_gb=BLOCK / 1e9)  # type: ignore[misc]
                raise

    return Signals(buffer_gb=BLOCK / 1e9)


def _add_trials(file: Any, data: BaseData) -> None:
    columns = trial_columns(data)
    start, stop, offset = (columns.pop(name) / data.samplerate for name in ("start", "stop", "offset"))
    file.add_trial_column(name="offset", description="time of the first sample, relative to t = 0 of the trial, in s")
    for name in columns:
        file.add_trial_column(name=name, description="column of trialinfo")
    file.add_epoch_column(name="offset", description="as in the table of trials")
    for number, (begin, end, first) in enumerate(zip(start, stop, offset, strict=True)):
        further = {name: float(values[number]) for name, values in columns.items()}
        file.add_trial(start_time=begin, stop_time=end, offset=first, **further)
        file.add_epoch(start_time=begin, stop_time=end, offset=first, tags=f"trial {number}")


def _add_units(file: Any, data: SpikeData) -> None:
    """A row for each unit on each channel where it was seen."""
    region = _electrodes(file, data.channel.tolist())
    for name in ("unit_name", "location", "group"):
        file.add_unit_column(name=name, description=f"{name} of the unit")
    file.add_unit_column(name="samplerate", description="samples per second")
    sample, channel, unit = (data.data[()][:, data.dimord.index(name)] for name in ("sample", "channel", "unit"))
    order = np.lexsort([sample, channel, unit])
    sample, channel, unit = sample[order], channel[order], unit[order]
    channels, units = np.unique(channel), np.unique(unit)
    borders = np.flatnonzero(np.diff(unit) | np.diff(channel)) + 1
    several = len(borders) + 1 > len(units)
    for row, part in enumerate(np.split(np.arange(len(sample)), borders)):
        place = int(np.searchsorted(channels, channel[part[0]]))
        file.add_unit(
            id=row if several else int(unit[part[0]]),
            spike_times=sample[part] / data.samplerate,
            electrodes=[region.data[place]],
            unit_name=str(data.unit[np.searchsorted(units, unit[part[0]])]),
            location=str(data.channel[place]),
            group="unknown",
            samplerate=float(data.samplerate),
        )
