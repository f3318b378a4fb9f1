"""Names of saved files: `<base>.spy/<base>[_<tag>].<class>`, and the metadata beside it in `<file>.info`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from syncopy.errors import SPYError, SPYTypeError, SPYValueError

# File extension -> class of the object in the file.
SUFFIXES = {
    ".analog": "AnalogData",
    ".spectral": "SpectralData",
    ".crossspectral": "CrossSpectralData",
    ".timelock": "TimeLockData",
    ".spike": "SpikeData",
    ".event": "EventData",
}


def as_path(value: Any, name: str) -> Path:
    """Absolute path of a text or path given by a user.

    Raises
    ------
    SPYTypeError
        For what is neither.
    SPYValueError
        For what can name no file: a NUL character in it, too many characters, the home folder of nobody.
    """
    if not isinstance(value, str | Path):
        raise SPYTypeError(value, name, "a text or path")
    try:
        path = Path(value).expanduser().absolute()
        if not path.name:
            raise ValueError("it is a folder")
        path.lstat()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return path
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SPYValueError(f"the name of a file ({reason})", name, repr(str(value))) from None
    return path


def info_path(path: Path) -> Path:
    """File with the metadata of a data file."""
    return path.with_name(f"{path.name}.info")


def container_of(path: Path) -> str | None:
    """Name of the container a file lies in, or None."""
    return path.parent.name if path.parent.suffix == ".spy" else None


def tag_of(path: Path) -> str | None:
    """What a file name adds to the name of its container; None without a container or an addition."""
    return path.stem.removeprefix(path.parent.stem).removeprefix("_") or None if container_of(path) else None


def path_in_container(container: Any, tag: Any, suffix: str) -> Path:
    """Data file of a container for a tag and a class.

    Raises
    ------
    SPYTypeError, SPYValueError
        For a container with another extension than `.spy` or a tag that makes no file name.
    """
    folder = as_path(container, "container")
    if folder.suffix not in ("", ".spy") or "." in folder.stem:
        raise SPYValueError("a name without dots, or with the extension .spy", "container", folder.name)
    if tag is not None and not isinstance(tag, str):
        raise SPYTypeError(tag, "tag", "a text")
    stem = f"{folder.stem}_{tag}" if tag else folder.stem
    if Path(stem).name != stem or stem.count(".") > 1:
        raise SPYValueError("a text without slashes and with one dot at most", "tag", tag)
    path = folder.with_name(f"{folder.stem}.spy") / f"{stem}{suffix}"
    return as_path(path, "tag" if tag else "container")


def path_of_file(filename: Any, suffix: str) -> Path:
    """Data file of that name, the extension of its class appended if it has none.

    Raises
    ------
    SPYError
        For the extension of another class.
    SPYTypeError, SPYValueError
        For an unknown extension, too many dots, or a file in a container whose name it does not start with.
    """
    path = as_path(filename, "filename")
    if not path.suffix:
        path = path.with_name(f"{path.name}{suffix}")
    if path.suffix not in SUFFIXES:
        raise SPYValueError(f"one of the extensions {', '.join(SUFFIXES)}", "filename", path.name)
    if path.suffix != suffix:
        raise SPYError(f"the extension of {path.name} belongs to {SUFFIXES[path.suffix]}; expected {suffix}")
    if path.name.count(".") > 2:
        raise SPYValueError("a name with one dot before the extension at most", "filename", path.name)
    if container_of(path) and not path.stem.startswith(path.parent.stem):
        raise SPYValueError(f"a name that starts with that of its container, {path.parent.stem}", "filename", path.name)
    return path
