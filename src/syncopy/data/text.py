"""Text form of data objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

if TYPE_CHECKING:
    from syncopy.data.base import BaseData

_HIDDEN = {"log", "trialdefinition"}


def describe(obj: BaseData) -> str:
    """Table of an object's public attributes."""
    names = sorted(
        name
        for cls in type(obj).__mro__
        for name, member in vars(cls).items()
        if not name.startswith("_") and hasattr(member, "__get__") and hasattr(member, "__set__")
    )
    names = [name for name in dict.fromkeys(names) if name not in _HIDDEN | obj._hidden_in_text]
    width = max(map(len, names)) + 4
    lines = [f"{name:>{width}} : {_value_text(obj, name)}" for name in names]
    head = f"Syncopy {type(obj).__name__} object with fields"
    return "\n".join([head, "", *lines, "", "Use `.log` to see object history"])


def _value_text(obj: BaseData, name: str) -> str:
    value = getattr(obj, name)
    if name == "data" and value is not None:
        return _data_text(obj)
    if name == "dimord":
        return " by ".join(value)
    if isinstance(value, np.ndarray | h5py.Dataset):
        return f"[{' x '.join(map(str, value.shape))}] element {type(value)}"
    if isinstance(value, list):
        return f"{len(value)} element list"
    if isinstance(value, dict):
        keys = ", ".join(f"'{key}'" for key in value)
        return f"dictionary with keys {keys}" if 0 < len(value) < 7 else f"dictionary with {len(value)} keys"
    return str(value)


def _data_text(obj: BaseData) -> str:
    data = obj.data
    trl = obj._trialdefinition
    trials = 0 if trl is None else len(trl)
    length = ""
    if trl is not None and len(set((trl[:, 1] - trl[:, 0]).tolist())) == 1:
        length = f"of length {int(trl[0, 1] - trl[0, 0])} "
    shape = " x ".join(map(str, data.shape))
    return f"{trials} trials {length}defined on [{shape}] {data.dtype} Dataset of size {size_text(data.nbytes)}"


def size_text(nbytes: float) -> str:
    """Bytes in the unit that reads best."""
    value: Any = nbytes / 2**20
    return f"{value:.2f} MB" if value < 1000 else f"{value / 2**10:.2f} GB"
