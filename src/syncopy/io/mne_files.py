"""Recordings in files that MNE-Python reads: EDF, BDF, GDF, BrainVision, FIF, EEGLAB, CTF, KIT, EGI and others."""

from __future__ import annotations

from pathlib import Path

from syncopy.data.continuous import AnalogData
from syncopy.data.events import EventData
from syncopy.io.mne_conv import mne_epochs_to_tldata, raw_mne_to_adata, raw_mne_to_events
from syncopy.io.packages import need, working
from syncopy.io.signals import check_file

# How MNE wants the names of files with epochs to end.
_EPOCHS = ("-epo.fif", "_epo.fif", "-epo.fif.gz", "_epo.fif.gz")


def load_mne(filename: str | Path) -> AnalogData:
    """Load signals from a file that MNE-Python reads, a block at a time.

    Parameters
    ----------
    filename : str or Path
        A recording (`.edf`, `.bdf`, `.vhdr`, `.fif`, `.set`, ...) or epochs (`...-epo.fif`).

    Returns
    -------
    AnalogData
        Signals in double precision and SI units. `info` tells the types and units of the channels; the annotations of
        the recording, and what its trigger channels show, are what `load_mne_events` returns. Epochs are trials.

    Raises
    ------
    SPYImportError
        If MNE is not installed.
    SPYIOError
        If there is no such file, or MNE cannot read it.

    Examples
    --------
    >>> data = spy.load("subject01_raw.fif")
    """
    path = check_file(filename)
    mne = need("mne", "mne")
    with working(path, "MNE"):
        if path.name.endswith(_EPOCHS):
            data = mne_epochs_to_tldata(mne.read_epochs(path, preload=False, verbose="error"))
        else:
            data = raw_mne_to_adata(mne.io.read_raw(path, preload=False, verbose="error"))
    data._record("load_mne", f"loaded {path}")
    return data


def load_mne_events(filename: str | Path) -> EventData:
    """Load the annotations and triggers of a recording that MNE-Python reads.

    Parameters
    ----------
    filename : str or Path
        A recording, as for `load_mne`.

    Returns
    -------
    EventData
        As from `raw_mne_to_events`: it speaks of the samples of the object that `load_mne` returns.

    Raises
    ------
    SPYImportError, SPYIOError
        As for `load_mne`.

    Examples
    --------
    >>> data = spy.load("subject01_raw.fif")
    >>> events = spy.load("subject01_raw.fif", dataclass="event")
    >>> spy.definetrial(data, events, trigger=events.info["event_id"]["target"], pre=0.2, post=1)
    >>> len(data.trials)
    2
    """
    path = check_file(filename)
    mne = need("mne", "mne")
    with working(path, "MNE"):
        events = raw_mne_to_events(mne.io.read_raw(path, preload=False, verbose="error"))
    events._record("load_mne_events", f"loaded {path}")
    return events
