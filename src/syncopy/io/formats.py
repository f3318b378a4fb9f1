"""The formats of other software: how a recording is recognised, and which function reads it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

from syncopy.data.base import BaseData
from syncopy.errors import SPYIOError, SPYValueError


@dataclass(frozen=True)
class Format:
    """One format, or all formats that one function reads.

    Attributes
    ----------
    name : str
        As users call it.
    reader : str
        Module of this folder, and function there, that takes the path and returns an object, or several by their names.
    extensions : str
        File extensions, of folders too, with blanks between them.
    events : str or None
        The same for the events of a recording, where `reader` reads the signals only.
    inside : tuple of str
        Patterns of files that tell a folder in this format.
    """

    name: str
    reader: str
    extensions: str
    events: str | None = None
    inside: tuple[str, ...] = ()

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The extensions one by one."""
        return tuple(self.extensions.split())


NWB = Format("NWB", "nwb.load_nwb", ".nwb")
FIELDTRIP = Format("FieldTrip (MATLAB)", "fieldtrip.load_ft_raw", ".mat")

FORMATS = (
    FIELDTRIP,
    NWB,
    Format("TDT", "tdt.load_tdt", ".tsq", inside=("*.tsq",)),
    Format(
        "EDF, BDF, GDF, BrainVision, FIF, EEGLAB, CTF, KIT, EGI and others, by MNE-Python",
        "mne_files.load_mne",
        ".edf .bdf .gdf .vhdr .ahdr .fif .fif.gz .set .cnt .ds .sqd .con .mff .nxe .cdt .lay .mefd .snirf .nedf",
        events="mne_files.load_mne_events",
    ),
    Format(
        "SpikeGLX, Open Ephys, Blackrock, Plexon, Neuralynx, Intan, Axon, Spike2 and others, by neo",
        "neo_files.load_neo",
        ".meta .oebin .continuous .ns1 .ns2 .ns3 .ns4 .ns5 .ns6 .nev .plx .pl2 .ncs .nse .ntt .rhd .rhs .abf .smr "
        ".smrx .nex .rec .xdat .axgd .wcp",
        # Open Ephys: node/experiment/recording/structure.oebin
        inside=("*.meta", *("*/" * depth + "structure.oebin" for depth in range(4)), "*.continuous", "*.ncs"),
    ),
)

# Second files of a recording, and the extension of the one that describes it.
_DESCRIBED_BY = {".eeg": ".vhdr", ".vmrk": ".vhdr", ".fdt": ".set", ".bin": ".meta"}

# First bytes of files whose extension must tell what they are, and this extension.
_HEADERS = {
    b"0       ": ".edf",
    b"\xffBIOSEMI": ".bdf",
    b"GDF": ".gdf",
    b"Brain Vision": ".vhdr",
    b"\x00\x00\x00\x64\x00\x00\x00\x1f": ".fif",
    b"NEURALCD": ".ns5",
    b"NEURALSG": ".ns2",
    b"NEURALEV": ".nev",
    b"PLEX": ".plx",
    b"XELP": ".plx",
    b"\x02\x27\x91\xc6": ".rhd",
    b"\xac\x27\x91\xd6": ".rhs",
    b"ABF": ".abf",
}


@dataclass(frozen=True)
class Recording:
    """A file or folder in a foreign format."""

    format: Format
    path: Path

    def load(self, suffixes: Collection[str] | None) -> dict[str, BaseData]:
        """Read the recording.

        Parameters
        ----------
        suffixes : collection of str or None
            File extensions of the classes that are wanted; None: everything but events that are read by themselves.
        """
        loaded: dict[str, BaseData] = {}
        if suffixes is None or set(suffixes) != {".event"} or self.format.events is None:
            found = _function(self.format.reader)(self.path)
            loaded.update(found if isinstance(found, dict) else {self.path.name: found})
        if suffixes is not None:
            loaded = {name: obj for name, obj in loaded.items() if obj._suffix in suffixes}
            if ".event" in suffixes and self.format.events is not None:
                loaded[f"{self.path.stem}_events"] = _function(self.format.events)(self.path)
        if not loaded:
            raise SPYIOError(self.path, reason="it holds nothing of what was asked for")
        return loaded


def _function(place: str) -> Callable[[Path], Any]:
    module, _, name = place.partition(".")
    function: Callable[[Path], Any] = getattr(importlib.import_module(f"syncopy.io.{module}"), name)
    return function


def recognise(path: Path) -> Recording | None:
    """Tell the format of a file or folder by its extension, by what is beside or in it, or by its first bytes.

    Returns
    -------
    Recording or None
        None for what is in none of the known formats.

    Raises
    ------
    SPYValueError
        For a file that has the first bytes of a known format, but an extension by which its reader cannot know it.
    """
    described_by = path.with_suffix(_DESCRIBED_BY.get(path.suffix, path.suffix))
    if described_by.exists():
        path = described_by
    name = path.name.lower()
    for known in FORMATS:
        if name.endswith(known.suffixes) or (path.is_dir() and any(any(path.glob(item)) for item in known.inside)):
            return Recording(known, path)
    return _by_header(path) if path.is_file() else None


def _by_header(path: Path) -> Recording | None:
    try:
        with open(path, "rb") as file:
            head = file.read(16)
    except OSError as error:
        raise SPYIOError(path, reason=error.strerror or str(error)) from error
    if head.startswith(b"MATLAB "):
        return Recording(FIELDTRIP, path)
    if head.startswith(b"\x89HDF"):
        with h5py.File(path, "r") as file:
            return Recording(NWB, path) if "nwb_version" in file.attrs else None
    for start, suffix in _HEADERS.items():
        if head.startswith(start):
            legal = f"a file with the extension of its format; by its first bytes this one is {suffix}, rename it"
            raise SPYValueError(legal, "filename", path.name)
    return None


def known_suffixes() -> str:
    """All extensions, for messages."""
    return " ".join(known.extensions for known in FORMATS)
