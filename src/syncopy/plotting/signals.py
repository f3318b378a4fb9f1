"""Panels of signals over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syncopy.data.continuous import AnalogData
from syncopy.errors import SPYTypeError
from syncopy.plotting.layout import check_count
from syncopy.plotting.lines import Curve, Curves, Traces
from syncopy.plotting.quantities import require_real, signal_quantity
from syncopy.plotting.thinning import LongAxis
from syncopy.plotting.trial import view_one_trial

X_LABEL = "time (s)"


def panels_of_signals(
    data: AnalogData, selectors: Mapping[str, Any], together: bool, *, shifted: bool = True
) -> Sequence[Curves | Traces]:
    """Traces of one trial: all channels on one panel, one above the other if `shifted`, or a panel for each."""
    if not isinstance(shifted, bool):
        raise SPYTypeError(shifted, "shifted", "True or False")
    view = view_one_trial(data, selectors)
    require_real(view.reader.source.dtype, "take the absolute value or the angle first, as with `hilbert='abs'`")
    if not together:
        check_count(len(view.coords["channel"]))
    x, y = LongAxis(view, "time").extremes()
    curves = [Curve(label, x, y[:, number]) for number, label in enumerate(view.coords["channel"].tolist())]
    return arrange(curves, data, together, shifted)


def arrange(curves: Sequence[Curve], data: Any, together: bool, shifted: bool) -> Sequence[Curves | Traces]:
    """Put the lines of channels on panels."""
    quantity = signal_quantity(data)
    if not together:
        return [Curves((curve,), curve.label, X_LABEL, quantity) for curve in curves]
    if shifted and len(curves) > 1:
        return [Traces(tuple(curves), "", X_LABEL, quantity)]
    return [Curves(tuple(curves), "", X_LABEL, quantity)]
