"""Files that commands read and write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import syncopy as spy
from syncopy.data.base import BaseData
from syncopy.data.naming import SUFFIXES, info_path, path_in_container, path_of_file
from syncopy.errors import SPYIOError, SPYValueError


def load_all(path: Path) -> dict[str, BaseData]:
    """All objects of a file, folder or recording, by the names of their files; opened for reading."""
    if not path.exists() and not path.with_name(f"{path.name}.spy").exists():
        raise SPYIOError(path, exists=False)
    found = spy.load(path, mode="r")
    return found if isinstance(found, dict) else {Path(found.filename or path).name: found}


def load_one(path: Path) -> Any:
    """The one object of a file.

    Raises
    ------
    SPYValueError
        If there are several.
    """
    found = load_all(path)
    if len(found) > 1:
        raise SPYValueError("a file with one object; name one of those in the folder", str(path), ", ".join(found))
    (obj,) = found.values()
    return obj


def target(obj: BaseData, out: Path) -> Path:
    """Data file that an object will be saved as: in the container `out`, or `out` itself."""
    if out.suffix in ("", ".spy"):
        return path_in_container(out, None, obj._suffix)
    return path_of_file(out, obj._suffix)


def check_target(out: Path, overwrite: bool) -> None:
    """Raise before any work if a result could not be saved as `out`."""
    if out.suffix not in ("", ".spy", *SUFFIXES):
        legal = f"a folder .spy, or a file with one of the extensions {', '.join(SUFFIXES)}"
        raise SPYValueError(legal, "out", out.name)
    if out.suffix in SUFFIXES and (out.exists() or info_path(out).exists()) and not overwrite:
        raise SPYIOError(out, exists=True, reason="pass --overwrite to replace it")


def save_as(obj: BaseData, out: Path, overwrite: bool) -> Path:
    """Save an object, and return its data file."""
    path = target(obj, out)
    if path.exists() and not overwrite:
        raise SPYIOError(path, exists=True, reason="pass --overwrite to replace it")
    path.parent.mkdir(parents=True, exist_ok=True)
    spy.save(obj, filename=path, overwrite=overwrite)
    return path
