"""What was done to an object, in words: its log."""

from __future__ import annotations

import getpass
import platform
import socket
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any


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
