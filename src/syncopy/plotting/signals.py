"""Panels of signals over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.continuous import ContinuousData
from syncopy.data.timelock import TimeLockData
from syncopy.errors import SPYTypeError
from syncopy.plotting.layout import check_count
from syncopy.plotting.lines import Curve, Curves, Traces
from syncopy.plotting.quantities import Quantity, quantity_of, require_real
from syncopy.plotting.thinning import LongAxis
from syncopy.plotting.trial import choose, view_one_trial

Array = NDArray[Any]

X_LABEL = "time (s)"


def panels_of_signals(
    data: ContinuousData, selectors: Mapping[str, Any], together: bool, *, shifted: bool = True
) -> Sequence[Curves | Traces]:
    """Traces of one trial: all channels on one panel, one above the other if `shifted`, or a panel for each."""
    check_flag("shifted", shifted)
    view = view_one_trial(data, selectors)
    require_real(view.reader.source.dtype, "take the absolute value or the angle first, as with `hilbert='abs'`")
    labels = view.coords["channel"].tolist()
    if not together:
        check_count(len(labels))
    x, y = LongAxis(view, "time").extremes()
    curves = [Curve(label, x, y[:, number]) for number, label in enumerate(labels)]
    return arrange(curves, quantity_of(data, "signal"), together, shifted)


def panels_of_averages(
    data: TimeLockData, selectors: Mapping[str, Any], together: bool, *, shifted: bool = True, band: bool = True
) -> Sequence[Curves | Traces]:
    """Averages over trials with a band of one standard deviation; without averages, or for one trial, its traces."""
    check_flag("band", band)
    data._require_data()
    selection = choose(data, selectors)
    found = data.datasets_of(selection)
    if "avg" not in found:
        return panels_of_signals(data, selectors, together, shifted=shifted)
    check_flag("shifted", shifted)
    average = found["avg"]
    spread = np.sqrt(found["var"]) if band and "var" in found else None
    view = data.view(selection)
    x, labels = LongAxis(view, "time").values, view.coords["channel"].tolist()
    if not together:
        check_count(len(labels))
    curves = []
    for number, label in enumerate(labels):
        y = average[:, number]
        borders = (None, None) if spread is None else (y - spread[:, number], y + spread[:, number])
        curves.append(Curve(label, x, y, *borders))
    return arrange(curves, quantity_of(data, "signal"), together, shifted)


def arrange(curves: Sequence[Curve], quantity: Quantity, together: bool, shifted: bool) -> Sequence[Curves | Traces]:
    """Put the lines of channels on panels."""
    if not together:
        return [Curves((curve,), curve.label, X_LABEL, quantity) for curve in curves]
    if shifted and len(curves) > 1:
        return [Traces(tuple(curves), "", X_LABEL, quantity)]
    return [Curves(tuple(curves), "", X_LABEL, quantity)]


def check_flag(name: str, value: Any) -> None:
    """Raise for anything but True and False."""
    if not isinstance(value, bool):
        raise SPYTypeError(value, name, "True or False")
