"""What was done to an object, in words: its log."""

from __future__ import annotations

import getpass
import inspect
import platform
import socket
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from syncopy.data.structdict import SerializableDict, StructDict
from syncopy.errors import SPYTypeError


def package_version() -> str:
    """Version of this package."""
    try:
        return version("syncopy")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "unknown"


def entry(caller: str, text: str) -> str:
    """One paragraph of a log."""
    return f"\n\n|=== {_user()}@{socket.gethostname()}: {time.ctime()} ===|\n\n\t{caller}: {text}"


def remember(cfg: dict[str, Any], name: str, settings: dict[str, Any]) -> None:
    """Enter a call into a cfg.

    The key of its name holds the last call of a function. From the first repetition on, the key `steps` lists all
    calls in their order, each as a dict of one name and its settings.
    """
    if name in cfg:
        cfg.setdefault("steps", steps(cfg))
    cfg[name] = settings
    if "steps" in cfg:
        cfg["steps"].append({name: settings})


def steps(cfg: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All calls that a cfg records, in their order, each as a dict of one name and its settings."""
    recorded: list[dict[str, Any]] | None = cfg.get("steps")
    return [{name: settings} for name, settings in cfg.items()] if recorded is None else recorded


def settings_text(settings: Mapping[str, Any]) -> str:
    """Lines `key = value`; the middle of long values is left out."""
    lines = []
    for key, value in settings.items():
        text = str(value)
        lines.append(f"\t{key} = {text if len(text) < 80 else f'{text[:30]}, ..., {text[-30:]}'}")
    return "\n".join(lines)


def header() -> str:
    """What a log starts with when it is shown."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "h5py"))
    return (
        f"\n\t\t>>> Syncopy v. {package_version()} <<<\n\n"
        f"Python {platform.python_version()}, {packages}\n\n\t\t--- LOG ---"
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without an entry for this user
        return "unknown"


class HistoryOwner:
    """The part of a data object that tells what it is and how it came about; saved, loaded and copied with it."""

    def _begin_history(self) -> None:
        self._cfg = StructDict()
        self._info = SerializableDict()
        self._log = ""
        self._version = package_version()

    @property
    def cfg(self) -> StructDict:
        """Parameters of the calls that made this object: `spy.freqanalysis(data, obj.cfg)` repeats one.

        The key of a function holds its last call; if functions were called repeatedly, `steps` lists all calls.
        """
        return self._cfg

    @cfg.setter
    def cfg(self, value: Any) -> None:
        if not isinstance(value, dict):
            raise SPYTypeError(value, "cfg", "dictionary-like")
        self._cfg = StructDict(value)

    @property
    def info(self) -> SerializableDict:
        """Further facts about the object, whatever JSON can hold."""
        return self._info

    @info.setter
    def info(self, value: Any) -> None:
        if not isinstance(value, dict):
            raise SPYTypeError(value, "info", "dictionary-like")
        self._info = SerializableDict(value)

    @property
    def log(self) -> None:
        """What was done to this object: printed when it is looked at."""
        print(header() + self._log)

    @log.setter
    def log(self, message: str) -> None:
        if not isinstance(message, str):
            raise SPYTypeError(message, "log", "a text")
        frame = inspect.currentframe()
        caller = frame.f_back.f_code.co_name.removeprefix("_") if frame and frame.f_back else ""
        self._record("" if caller == "<module>" else caller, message)

    def _record(self, caller: str, message: str) -> None:
        self._log += entry(caller, message)
