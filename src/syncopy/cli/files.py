"""Files that commands read and write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import syncopy as spy
from syncopy.data.base import BaseData
from syncopy.data.naming import SUFFIXES, info_path, path_in_container, path_of_file
from syncopy.errors import SPYIOError, SPYValueError

# Extensions of other formats, and the functions that write them.
_EXPORTS = {".nwb": "save_nwb", ".mat": "save_ft"}


def find(path: Path) -> Path:
    """File or folder of that name; the extension .spy of a folder may be left out."""
    folder = path.with_name(f"{path.name}.spy") if path.name else path  # "." has none
    if not path.exists() and not folder.exists():
        raise SPYIOError(path, exists=False)
    return folder if folder.exists() and not path.is_file() else path


def load_all(path: Path) -> dict[str, BaseData]:
    """All objects of a file, folder or recording, by the names of their files; opened for reading."""
    found = spy.load(find(path), mode="r")
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


def target(obj: BaseData, out: Path, tag: str | None = None) -> Path:
    """File that an object will be saved as: in the container `out`, with a tag or without, or `out` itself."""
    if out.suffix in _EXPORTS:
        return out
    if out.suffix in ("", ".spy"):
        return path_in_container(out, tag, obj._suffix)
    return path_of_file(out, obj._suffix)


def check_target(out: Path, overwrite: bool, several: bool = False) -> None:
    """Raise before any work if a result, or several, could not be saved as `out`."""
    if several and out.suffix not in ("", ".spy"):
        raise SPYValueError("a folder .spy, for the results of several methods", "out", out.name)
    files = (*SUFFIXES, *_EXPORTS)
    if out.suffix not in ("", ".spy", *files):
        raise SPYValueError(f"a folder .spy, or a file with one of the extensions {', '.join(files)}", "out", out.name)
    if out.suffix in files and (out.exists() or info_path(out).exists()) and not overwrite:
        raise SPYIOError(out, exists=True, reason="pass --overwrite to replace it")


def save_as(obj: BaseData, out: Path, overwrite: bool, tag: str | None = None) -> Path:
    """Save an object, and return its file."""
    path = target(obj, out, tag)
    if path.exists() and not overwrite:
        raise SPYIOError(path, exists=True, reason="pass --overwrite to replace it")
    if out.suffix in _EXPORTS:
        getattr(spy, _EXPORTS[out.suffix])(obj, path, overwrite=overwrite)
    else:
        spy.save(obj, filename=path, overwrite=overwrite)
    return path
