"""Text form of data objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from syncopy.markup import card, few
from syncopy.storage.hdf5 import Dataset

if TYPE_CHECKING:
    from syncopy.data.base import BaseData

_HIDDEN = {"log", "trialdefinition", "trialtable", "datasets"}
_ABSENT = object()


def describe(obj: BaseData) -> str:
    """Table of an object's public attributes."""
    if _is_closed(obj):
        return f"Syncopy {type(obj).__name__} object whose file has been closed: {obj.filename}"
    names = sorted(
        name
        for cls in type(obj).__mro__
        for name, member in vars(cls).items()
        if not name.startswith("_") and hasattr(member, "__get__") and hasattr(member, "__set__")
    )
    names = [name for name in dict.fromkeys(names) if name not in _HIDDEN | obj._hidden_in_text]
    width = max(map(len, names)) + 4
    texts = obj._texts()
    for name in names:
        if name not in texts and (value := getattr(obj, name, _ABSENT)) is not _ABSENT:
            texts[name] = _value_text(obj, name, value)
    lines = [f"{name:>{width}} : {texts[name]}" for name in names if name in texts]
    head = f"Syncopy {type(obj).__name__} object with fields"
    return "\n".join([head, "", *lines, "", "Use `.log` to see object history"])


def _is_closed(obj: BaseData) -> bool:
    """Whether somebody has closed the file of an object, which then cannot even tell its axes."""
    return obj._store is not None and not obj._store.is_open


def _value_text(obj: BaseData, name: str, value: Any) -> str:
    if name == "data" and value is not None:
        return _data_text(obj)
    if name == "dimord":
        return " by ".join(value)
    if isinstance(value, np.ndarray | Dataset):
        return f"[{' x '.join(map(str, value.shape))}] element {type(value)}"
    if isinstance(value, list):
        return f"{len(value)} element list"
    if isinstance(value, dict):
        keys = ", ".join(f"'{key}'" for key in value) or "''"
        return f"dictionary with keys {keys}" if len(value) < 7 else f"dictionary with {len(value)} keys"
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


def describe_html(obj: BaseData) -> str:
    """Axes, trials and file of an object at a glance, its history folded."""
    rows: dict[str, Any] = {}
    if _is_closed(obj):
        return card(f"Syncopy {type(obj).__name__}", {"file, closed": obj.filename}, {"history": obj._log})
    if obj.data is not None:
        rows["axes" if obj._stack == "time" else "columns"] = {dim: _axis_text(obj, dim) for dim in obj.dimord}
        rows["data"] = f"{obj.data.dtype}, {size_text(obj.data.nbytes)}"
        rows["further datasets"] = few(obj.datasets)
    rows["sample rate"] = "not set" if obj.samplerate is None else f"{obj.samplerate:g} Hz"
    if obj._trialdefinition is not None:
        rows["trials"] = _trials_text(obj)
        rows["trialinfo"] = few(f"{column:g}" for column in obj._trialdefinition[0, 3:])
    rows["selection"] = obj.selection or ""
    rows["info"] = dict(obj.info)
    rows["calls"] = few(obj.cfg)
    rows["file"] = obj.filename or ""
    told = {name: row for name, row in rows.items() if row}
    return card(f"Syncopy {type(obj).__name__}", told, {"history": obj._log})


def _axis_text(obj: BaseData, dim: str) -> str:
    """Length of an axis and what lies along it; a column of discrete data may have neither."""
    if dim == "time":
        return f"{obj._n_samples} samples"
    if dim == obj._stack:
        return f"{obj.data.shape[0]} events"
    values = getattr(obj, dim, None) if dim in {*obj._axis_selectors, *obj._selectors} else None
    if values is None:
        return ""
    if dim not in obj._axis_selectors:
        return f"{len(values)}: {few(values)}"
    return f"{len(values)}: {few(values) if values.dtype.kind == 'U' else f'{values[0]:g} to {values[-1]:g} Hz'}"


def _trials_text(obj: BaseData) -> str:
    trl = obj._trialdefinition
    assert trl is not None
    low, high = int(np.diff(trl[:, :2]).min()), int(np.diff(trl[:, :2]).max())
    text = f"{len(trl)} of {low if low == high else f'{low} to {high}'} samples"
    intervals = obj.trialintervals
    return text if intervals is None else f"{text}, from {intervals[:, 0].min():g} s to {intervals[:, 1].max():g} s"


def size_text(nbytes: float) -> str:
    """Bytes in the unit that reads best."""
    value: Any = nbytes / 2**20
    return f"{value:.2f} MB" if value < 1000 else f"{value / 2**10:.2f} GB"
