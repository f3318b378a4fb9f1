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
