"""Objects of MNE-Python as objects of this package, and back.

Recordings that MNE reads from a file as they are needed are copied block by block; what goes to MNE is in memory, as
its array classes want it. Signals keep MNE's SI units. Types and units of the channels are in
`obj.info["channel_type"]` and `obj.info["channel_unit"]`, the meaning of event codes in `obj.info["event_id"]`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.continuous import AnalogData, ContinuousData
from syncopy.data.events import EventData
from syncopy.data.keywords import checked_call
from syncopy.data.timelock import TimeLockData
from syncopy.data.trials import consecutive
from syncopy.data.trialtable import NAMES, trial_columns
from syncopy.data.view import View
from syncopy.errors import SPYTypeError, SPYValueError
from syncopy.io.packages import need
from syncopy.io.signals import BLOCK, in_blocks, store_signals

if TYPE_CHECKING:
    import mne

Array = NDArray[Any]

# Names of units that are not their own symbols.
_SYMBOLS = {"CEL": "°C", "MOL": "M", "T_M": "T/m", "AM": "A m", "V_M2": "V/m²", "OHM": "Ω"}


# -- from MNE ----------------------------------------------------------------------------------------------------


@checked_call
def raw_mne_to_adata(ar: mne.io.BaseRaw) -> AnalogData:
    """Turn a continuous recording of MNE into AnalogData.

    Parameters
    ----------
    ar : mne.io.BaseRaw
        Of any reader, or a `RawArray`; one that is not preloaded is read block by block.

    Returns
    -------
    AnalogData
        One trial in double precision, which starts `first_samp` samples after t = 0. `raw_mne_to_events` makes
        EventData of the annotations and trigger channels.

    Raises
    ------
    SPYTypeError
        If `ar` is something else.

    Examples
    --------
    >>> import mne
    >>> data = spy.raw_mne_to_adata(mne.io.read_raw("subject01_raw.fif"))
    """
    mne = need("mne", "mne")
    if not isinstance(ar, mne.io.BaseRaw):
        raise SPYTypeError(ar, "ar", "mne.io.BaseRaw")
    n_samples, names = int(ar.n_times), list(ar.ch_names)

    def read(start: int, stop: int) -> Array:
        return np.asarray(ar.get_data(start=start, stop=stop, verbose="error")).T

    blocks = in_blocks(read, n_samples, 8 * len(names))
    data = store_signals(blocks, [[0, n_samples, ar.first_samp]], ar.info["sfreq"], names, n_samples)
    _describe_channels(data, ar)
    files = ", ".join(str(file) for file in ar.filenames if file is not None)
    data._record("raw_mne_to_adata", f"converted {type(ar).__name__} {files}")
    return data


@checked_call
def raw_mne_to_events(ar: mne.io.BaseRaw) -> EventData:
    """Collect the annotations of a recording of MNE, and what its trigger channels show.

    Parameters
    ----------
    ar : mne.io.BaseRaw
        Of any reader.

    Returns
    -------
    EventData
        Rows `(sample, eventid, duration)`. Samples are counted from the first one of the recording, as in the object
        that `raw_mne_to_adata` makes; durations are in samples, 0 for triggers. The code of an annotation is in
        `info["event_id"]`; a trigger channel gives an event wherever its value rises, with that value as code.

    Raises
    ------
    SPYTypeError
        If `ar` is something else.

    Examples
    --------
    >>> import mne
    >>> raw = mne.io.read_raw("subject01_raw.fif")
    >>> data, events = spy.raw_mne_to_adata(raw), spy.raw_mne_to_events(raw)
    >>> spy.definetrial(data, events, trigger=events.info["event_id"]["target"], pre=0.2, post=1)
    """
    mne = need("mne", "mne")
    if not isinstance(ar, mne.io.BaseRaw):
        raise SPYTypeError(ar, "ar", "mne.io.BaseRaw")
    triggers = _triggers(mne, ar)
    marks, codes = mne.events_from_annotations(ar, regexp=None, verbose="error")
    if set(codes.values()) & set(triggers[:, 1].tolist()):
        codes = {text: int(triggers[:, 1].max()) + number for number, text in enumerate(sorted(codes), start=1)}
        marks, codes = mne.events_from_annotations(ar, codes, regexp=None, verbose="error")
    durations = np.round(ar.annotations.duration * ar.info["sfreq"])
    annotated = np.column_stack([marks[:, 0] - ar.first_samp, marks[:, 2], durations])
    rows = np.vstack([annotated, triggers]).astype(np.int64)
    trl = [[0, ar.n_times, ar.first_samp]]
    dimord = ["sample", "eventid", "duration"]
    events = EventData(rows, trialdefinition=trl, samplerate=ar.info["sfreq"], dimord=dimord)
    events.info["event_id"] = {str(text): int(code) for text, code in codes.items()}
    return events


def _triggers(mne: Any, raw: Any) -> NDArray[np.int64]:
    """Rows `(sample, eventid, 0)` of all moments when a trigger channel rises."""
    picks = mne.pick_types(raw.info, meg=False, stim=True)
    found = [np.empty((0, 3), dtype=np.int64)]
    if not len(picks):
        return found[0]
    # a block takes one sample more than it is long, the last one of the block before it
    step = max(1, BLOCK // (8 * len(raw.ch_names)))
    for start in range(0, raw.n_times - 1, step):
        values = raw.get_data(picks, start=start, stop=min(start + step + 1, raw.n_times), verbose="error")
        sample, channel = np.nonzero((np.diff(values) > 0).T)
        codes = np.round(values[channel, sample + 1])
        rows = np.column_stack([sample + start + 1, codes, np.zeros(len(codes))])
        found.append(rows[codes != 0].astype(np.int64))
    return np.vstack(found)


@checked_call
def mne_epochs_to_tldata(ea: mne.BaseEpochs) -> AnalogData:
    """Turn epochs of MNE into AnalogData with time-locked trials.

    Parameters
    ----------
    ea : mne.BaseEpochs
        `Epochs`, `EpochsArray` or what `mne.read_epochs` returns; if they are not preloaded, a few are read at a time.
        Bad ones are left out.

    Returns
    -------
    AnalogData
        In double precision, on the epochs' time axis; the column `event` of `trialinfo` is the code of each epoch.

    Raises
    ------
    SPYTypeError
        If `ea` is something else.

    Examples
    --------
    >>> import mne
    >>> data = spy.mne_epochs_to_tldata(mne.read_epochs("subject01-epo.fif"))
    """
    mne = need("mne", "mne")
    if not isinstance(ea, mne.BaseEpochs):
        raise SPYTypeError(ea, "ea", "mne.BaseEpochs")
    if not ea.preload:  # which ones are bad shows when they are read
        ea = ea.copy().drop_bad(verbose="error")
    length, names, samplerate = len(ea.times), list(ea.ch_names), ea.info["sfreq"]

    def read(start: int, stop: int) -> Array:
        block = np.asarray(ea.get_data(item=slice(start, stop), copy=False, verbose="error"))
        return block.transpose(0, 2, 1).reshape(-1, len(names))

    blocks = in_blocks(read, len(ea), 8 * length * len(names))
    trl = consecutive([length] * len(ea), _snap(ea.times[0] * samplerate), ea.events[:, 2:])
    data = store_signals(blocks, trl, samplerate, names, length * len(ea))
    _describe_channels(data, ea)
    data.info[NAMES] = ["event"]
    data.info["event_id"] = {str(text): int(code) for text, code in ea.event_id.items()}
    data._record("mne_epochs_to_tldata", f"converted {type(ea).__name__} with {len(ea)} epochs")
    return data


def _snap(samples: float) -> float:
    """Round what is a whole number but for the last digits."""
    return float(round(samples)) if abs(samples - round(samples)) < 1e-6 else float(samples)


def _describe_channels(data: AnalogData, source: Any) -> None:
    """Keep types and units of the channels, and which of them are bad."""
    data.info["channel_type"] = dict(zip(source.ch_names, source.get_channel_types(), strict=True))
    units = (re.search(r"FIFF_UNIT_(\w+)", str(channel["unit"])) for channel in source.info["chs"])
    found = {label: unit[1] for label, unit in zip(source.ch_names, units, strict=True) if unit is not None}
    known = {label: _SYMBOLS.get(unit, unit) for label, unit in found.items() if unit != "NONE"}
    if known:
        data.info["channel_unit"] = known
    if source.info["bads"]:
        data.info["bad_channels"] = list(source.info["bads"])


# -- to MNE ------------------------------------------------------------------------------------------------------


@checked_call
def raw_adata_to_mne_raw(adata: AnalogData, events: EventData | None = None) -> mne.io.RawArray:
    """Turn a recording in one trial into a `RawArray` of MNE.

    Parameters
    ----------
    adata : AnalogData
        With a single trial; of an in-place selection, only what is selected is converted.
    events : EventData, optional
        What becomes annotations; it speaks of the samples of `adata.data`.

    Returns
    -------
    mne.io.RawArray
        Its `first_samp` is the offset of the trial. Channels have the types in `adata.info["channel_type"]`, else
        "misc"; MNE expects SI units of the others.

    Raises
    ------
    SPYTypeError, SPYValueError
        If `adata` is something else, or has several trials.

    Examples
    --------
    >>> data = spy.load("subject01_raw.fif")
    >>> events = spy.load("subject01_raw.fif", dataclass="event")
    >>> clean = spy.preprocessing(data, filter_class="but", filter_type="hp", freq=1)
    >>> raw = spy.raw_adata_to_mne_raw(clean, events)
    >>> raw.get_channel_types()
    ['eeg', 'eeg']
    >>> raw.annotations.description.tolist()
    ['target', 'target']
    """
    mne = need("mne", "mne")
    view = _view(adata, "adata", AnalogData)
    if len(view) != 1:
        raise SPYValueError("AnalogData with a single trial", "adata", f"{len(view)} trials")
    first = int(np.round(view.offsets[0]))
    raw = mne.io.RawArray(view.read(0, 1)[0].T, _info(mne, view), first_samp=first, verbose="error")
    if events is not None:
        if not isinstance(events, EventData):
            raise SPYTypeError(events, "events", "EventData")
        raw.set_annotations(_annotations(mne, view, events), verbose="error")
    return raw


@checked_call
def tldata_to_mne_epochs(tldata: TimeLockData | AnalogData) -> mne.EpochsArray:
    """Turn time-locked trials into an `EpochsArray` of MNE.

    Parameters
    ----------
    tldata : TimeLockData or AnalogData
        All trials have the same time axis; of an in-place selection, only what is selected is converted.

    Returns
    -------
    mne.EpochsArray
        On the same time axis. The codes of the events are the column `event` of `trialinfo`, else its first column;
        1 where there is none of whole numbers.

    Raises
    ------
    SPYTypeError, SPYValueError
        If `tldata` is something else, or its trials differ in length or offset.

    Examples
    --------
    >>> epochs = spy.tldata_to_mne_epochs(spy.timelockanalysis(data))
    >>> epochs.get_data().shape
    (4, 3, 500)
    """
    mne = need("mne", "mne")
    view = _view(tldata, "tldata", TimeLockData, AnalogData)
    if len(np.unique(view.lengths)) > 1 or len(np.unique(view.offsets)) > 1:
        raise SPYValueError("trials of the same length and offset", "tldata", "trials which differ")
    zeros = np.round(view.starts - view.offsets)
    if len(np.unique(zeros)) < len(zeros):  # MNE wants every event at a sample of its own
        zeros = np.arange(len(view), dtype=np.float64)
    codes = _event_codes(view)
    events = np.column_stack([zeros, np.zeros(len(view)), codes]).astype(np.int64)
    known = {text: code for text, code in view.data.info.get("event_id", {}).items() if code in codes}
    event_id = known if set(known.values()) == set(codes.tolist()) else None
    tmin = view.offsets[0] / view.samplerate
    signals = view.read(0, len(view)).transpose(0, 2, 1)
    return mne.EpochsArray(signals, _info(mne, view), events, tmin, event_id, verbose="error")


def _view(data: Any, name: str, *classes: type[ContinuousData]) -> View:
    if not isinstance(data, classes):
        raise SPYTypeError(data, name, " or ".join(cls.__name__ for cls in classes))
    return data.view()


def _event_codes(view: View) -> NDArray[np.int64]:
    names = [*trial_columns(view.data)][3:]
    if names:
        values = view.trialinfo[:, names.index("event") if "event" in names else 0]
        if np.isfinite(values).all() and not (values % 1).any():
            return values.astype(np.int64)
    return np.ones(len(view), dtype=np.int64)


def _info(mne: Any, view: View) -> Any:
    known, types = mne.io.get_channel_type_constants(), view.data.info.get("channel_type", {})
    labels = view.coords["channel"].tolist()
    kinds = [kind if (kind := types.get(label)) in known else "misc" for label in labels]
    info = mne.create_info(labels, view.samplerate, kinds, verbose="error")
    info["bads"] = [label for label in view.data.info.get("bad_channels", []) if label in labels]
    return info


def _annotations(mne: Any, view: View, events: EventData) -> Any:
    """Events inside the trial; MNE counts onsets from its first sample."""
    columns = dict(zip(events.dimord, events.data[()].T, strict=True))
    onsets = columns["sample"] / events.samplerate - view.starts[0] / view.samplerate
    inside = (onsets >= 0) & (onsets < view.lengths[0] / view.samplerate)
    texts = {code: text for text, code in events.info.get("event_id", {}).items()}
    descriptions = [texts.get(code, str(code)) for code in columns["eventid"][inside].tolist()]
    durations = columns.get("duration", np.zeros(len(inside)))[inside] / events.samplerate
    return mne.Annotations(onsets[inside], durations, descriptions)
