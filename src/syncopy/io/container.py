"""`spy.save` and `spy.load`: objects in `.spy` containers, or in files of their own."""

from __future__ import annotations

import fnmatch
import gc
import os
import warnings
from pathlib import Path
from typing import Any

from syncopy.data.base import BaseData
from syncopy.data.keywords import checked_call
from syncopy.data.naming import (
    SUFFIXES,
    as_path,
    container_of,
    info_path,
    path_in_container,
    path_of_file,
    tag_of,
)
from syncopy.errors import SPYError, SPYIOError, SPYTypeError, SPYValueError, SPYWarning
from syncopy.io.formats import known_suffixes, recognise
from syncopy.io.spyfile import read, write
from syncopy.storage.store import live_stores


@checked_call
def save(out: BaseData, container: Any = None, tag: Any = None, filename: Any = None, overwrite: bool = False) -> None:
    """Save an object, whole and whatever is selected of it, and bind it to its new file.

    Parameters
    ----------
    out : Syncopy data object
        What to save.
    container : str or Path, optional
        Folder `<name>.spy`, made if it is not there; the extension may be left out. The file in it is
        `<name>[_<tag>].<class>`.
    tag : str, optional
        Tells objects of one class in a container apart. Given alone, for an object in a container: saves it there under
        another tag.
    filename : str or Path, optional
        Instead of a container: the name of the file itself; the extension of the class may be left out.
    overwrite : bool
        Whether an existing file is replaced. An object that lies in a container is saved anew by `obj.save()`.

    Raises
    ------
    SPYError
        If it is unclear where to save, or the file is in use by another object.
    SPYIOError
        If the file exists, or cannot be written; it is then as it was before.

    Notes
    -----
    Two files are written: HDF5 with the numbers, and JSON with all metadata in `<file>.info`. Each takes the place of
    an older one when it is complete and on the disk, not before. Nothing is in memory whole.

    Examples
    --------
    >>> spy.save(data, container="session1", tag="raw")  # session1.spy/session1_raw.analog
    >>> data.save()                                      # the same place again
    """
    if not isinstance(out, BaseData):
        raise SPYTypeError(out, "out", "Syncopy data object")
    out._require_data()
    if not isinstance(overwrite, bool):
        raise SPYTypeError(overwrite, "overwrite", "True or False")
    anew = container is None and filename is None and tag is None
    path = _target(out, container, tag, filename)
    if (path.exists() or info_path(path).exists()) and not (overwrite or anew):
        raise SPYIOError(path, exists=True, reason="pass overwrite=True to replace it")
    if out._store is not None and _same_file(out._store.path, path) and out.mode == "r":
        raise SPYError(f"the object was opened for reading only; set `mode` to 'r+' to replace its own file {path}")
    if _in_use(path, out):
        raise SPYError(f"cannot replace {path}: another object still uses it; delete that object first")
    write(out, path)


def _target(out: BaseData, container: Any, tag: Any, filename: Any) -> Path:
    if container is not None and filename is not None:
        raise SPYError("give either `container` or `filename`, not both")
    if filename is not None:
        return path_of_file(filename, out._suffix)
    if container is not None:
        return path_in_container(container, tag, out._suffix)
    own = None if out.filename is None else Path(out.filename)
    if own is None or container_of(own) is None:
        raise SPYError("the object lies in no container yet; give a `container` or a `filename`")
    return own if tag is None else path_in_container(own.parent, tag, out._suffix)


def _same_file(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and os.path.samefile(one, other)


def _in_use(path: Path, out: BaseData) -> bool:
    """Whether an object other than `out` reads from a file."""

    def used() -> bool:
        return any(_same_file(store.path, path) for store in live_stores() if store is not out._store)

    if used():
        gc.collect()  # an object with a selection refers to itself and may be gone for its user
    return used()


@checked_call
def load(
    filename: Any,
    tag: Any = None,
    dataclass: Any = None,
    checksum: bool = False,
    mode: str = "r+",
    out: BaseData | None = None,
    allow_external: bool = False,
) -> Any:
    """Load objects that `save`, or an earlier version of it, wrote; their numbers stay on disk.

    Parameters
    ----------
    filename : str or Path
        A container (the extension `.spy` may be left out), a data file, or its `.info` file. A recording in another
        format (FieldTrip, NWB, EDF, ...) is recognised and goes to the function that reads it.
    tag : str or list of str, optional
        Only the objects of a container with these tags; `""` is the object without one. A tag with `*`, `?` or `[`
        is a pattern.
    dataclass : str or list of str, optional
        Only objects of these classes, by file extension: `"analog"`, `".spike"`. `"event"` reads the annotations and
        triggers of an EDF, BrainVision or FIF recording, which by default gives its signals only.
    checksum : bool
        Whether to compare each file with the checksum in its metadata; this reads all of it.
    mode : {"r+", "r", "w"}
        How the file is opened; "w" keeps what is there, as "r+". A file that must not be written is opened for
        reading: `obj.mode` tells.
    out : Syncopy data object, optional
        Object of the right class to be filled in place.
    allow_external : bool
        Whether numbers may lie in other files that this one refers to (links, virtual datasets). Only for files whose
        origin is known: they may point at anything that you may read.

    Returns
    -------
    object, dict or None
        One object, several as `{file name: object}`; None with `out`.

    Raises
    ------
    SPYIOError
        If nothing fits, or a file is missing, cut off, or damaged.
    SPYValueError
        If a checksum differs.

    Examples
    --------
    >>> spy.save(data, "session2", tag="raw")
    >>> spy.save(spy.freqanalysis(data), "session2")
    >>> raw = spy.load("session2", tag="raw")
    >>> spectra = spy.load("session2", dataclass="spectral")
    """
    path = as_path(filename, "filename")
    if not isinstance(checksum, bool):
        raise SPYTypeError(checksum, "checksum", "True or False")
    if not isinstance(mode, str):
        raise SPYTypeError(mode, "mode", "'r', 'r+' or 'w'")
    if mode not in ("r", "r+", "w"):
        raise SPYValueError("'r', 'r+' or 'w'", "mode", repr(mode))
    suffixes = None if dataclass is None else _suffixes(_texts(dataclass, "dataclass"))
    recording = None if path.suffix in (".spy", ".info", *SUFFIXES) else recognise(path)
    if recording is None:
        found = _find(path, tag, suffixes or list(SUFFIXES))
        loaded = {file.name: read(file, mode, checksum, allow_external) for file in found}
    elif tag is None:
        loaded = recording.load(suffixes)
    else:
        raise SPYError("only containers can be loaded with the `tag` keyword")
    if len(loaded) > 1:
        if out is not None:
            text = f"`out` is ignored: {len(loaded)} objects were found, they are returned"
            warnings.warn(text, SPYWarning, stacklevel=2)
        return loaded
    (obj,) = loaded.values()
    if out is None:
        return obj
    if type(out) is not type(obj):
        raise SPYTypeError(out, "out", f"an object of class {type(obj).__name__}")
    vars(out).clear()
    vars(out).update(vars(obj))
    return None


def _find(path: Path, tag: Any, suffixes: list[str]) -> list[Path]:
    """Data files meant by the arguments of `load`."""
    tags = None if tag is None else _texts(tag, "tag")
    if path.suffix == ".info":
        path = path.with_suffix("")
    if not path.suffix:
        path = path.with_name(f"{path.name}.spy")
    if path.suffix == ".spy":
        return _find_in_container(path, tags, suffixes)
    if path.suffix not in SUFFIXES:
        known = ", ".join([".spy", *SUFFIXES])
        legal = f"a file with one of the extensions {known}, or in a known format ({known_suffixes()})"
        raise SPYValueError(legal, "filename", path.name)
    if tags is not None:
        raise SPYError("only containers can be loaded with the `tag` keyword")
    if path.suffix not in suffixes:
        raise SPYValueError(f"a file with extension {' or '.join(suffixes)}", "filename", path.name)
    return [path]


def _find_in_container(folder: Path, tags: list[str] | None, suffixes: list[str]) -> list[Path]:
    if not folder.is_dir():
        plain = folder.with_suffix("")
        if plain.is_dir():
            raise SPYIOError(plain, reason="it is no folder of objects (.spy), and no recording in a known format")
        raise SPYIOError(folder, exists=False)
    stored = sorted(info.with_suffix("") for info in folder.glob("*.info") if info.with_suffix("").suffix in SUFFIXES)
    found = [path for path in stored if path.suffix in suffixes and _has_tag(path, tags)]
    if not found:
        wanted = " or ".join(suffixes) + (f" and tag {' or '.join(map(repr, tags))}" if tags is not None else "")
        present = ", ".join(path.name for path in stored) or "no objects"
        raise SPYIOError(folder, exists=False, reason=f"looked for {wanted}; it holds {present}")
    return found


def _has_tag(path: Path, tags: list[str] | None) -> bool:
    own = tag_of(path) or ""
    return tags is None or any(own == tag or fnmatch.fnmatchcase(own, tag) for tag in tags)


def _texts(value: Any, name: str) -> list[str]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list | tuple) or not all(isinstance(item, str) for item in values):
        raise SPYTypeError(value, name, "a text or a list of texts")
    return list(values)


def _suffixes(names: list[str]) -> list[str]:
    """File extensions of classes; unknown names are dropped as long as one is known."""
    suffixes = [f".{name.removeprefix('.')}" for name in names]
    known = [suffix for suffix in suffixes if suffix in SUFFIXES]
    if not known:
        raise SPYValueError(f"extension(s) {' or '.join(SUFFIXES)}", "dataclass", names)
    return known
