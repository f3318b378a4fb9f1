"""Files: the .spy container and foreign formats.

The public functions are attributes here too: `from syncopy.io import load`.
"""

from __future__ import annotations

import importlib
from typing import Any

_PUBLIC = ("save", "load", "load_ft_raw", "load_nwb", "load_tdt", "load_mne", "load_neo", "save_nwb", "save_ft")


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'syncopy.io' has no attribute {name!r}")
    return getattr(importlib.import_module("syncopy"), name)
