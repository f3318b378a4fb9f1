"""Panels of signals over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.continuous import ContinuousData
from syncopy.data.timelock import TimeLockData
from syncopy.errors import SPYTypeError, SPYValueError
from syncopy.plotting.bands import Lines, around, check_band, find_band, read_lines
from syncopy.plotting.layout import check_count
from syncopy.plotting.lines import Curves, Traces
from syncopy.plotting.quantities import Quantity, quantity_of, require_real
from syncopy.plotting.thinning import LongAxis
from syncopy.plotting.trial import choose, view_one_trial

Array = NDArray[Any]

X_LABEL = "time (s)"


def panels_of_signals(
    data: ContinuousData, selectors: Mapping[str, Any], together: bool, *, shifted: bool | None = None, band: Any = None
) -> Sequence[Curves | Traces]:
    """Traces of one trial: all channels on one panel, one above the other if `shifted`, or a panel for each."""
    shifted = choose_shifted(shifted, together)
    view = view_one_trial(data, selectors)
    require_real(view.reader.source.dtype, "take the absolute value or the angle first, as with `hilbert='abs'`")
    labels = view.coords["channel"].tolist()
    if not together:
        check_count(len(labels))
    lines = read_lines(view, "time", band=find_band(data, view, selectors, band))
    return arrange(lines, labels, quantity_of(data, "signal", labels), together, shifted)


def panels_of_averages(
    data: TimeLockData, selectors: Mapping[str, Any], together: bool, *, shifted: bool | None = None, band: Any = None
) -> Sequence[Curves | Traces]:
    """Averages over trials with a band of one standard deviation; without averages, or for one trial, its traces."""
    data._require_data()
    selection = choose(data, selectors)
    found = data.datasets_of(selection)
    if "avg" not in found:
        return panels_of_signals(data, selectors, together, shifted=shifted, band=band)
    shifted = choose_shifted(shifted, together)
    average, view = found["avg"], data.view(selection)
    labels = view.coords["channel"].tolist()
    if not together:
        check_count(len(labels))
    borders: tuple[Array | None, Array | None] = None, None
    own = find_band(data, view, selectors, band) if isinstance(band, ContinuousData) else None
    check_band(band)
    if own is not None:
        borders = own.borders(average, *(part.read(0, 1)[0] for part in own.views))
    elif band is not False and {"boot_low", "boot_high"} <= found.keys():
        borders = found["boot_low"], found["boot_high"]
    elif band is not False and "var" in found:
        borders = around(average, np.sqrt(found["var"]))
    lines = Lines(LongAxis(view, "time").values, average, *borders)
    return arrange(lines, labels, quantity_of(data, "signal", labels), together, shifted)


def arrange(
    lines: Lines, labels: Sequence[str], quantity: Quantity, together: bool, shifted: bool
) -> Sequence[Curves | Traces]:
    """Put the lines of channels on panels."""
    curves = [lines.curve(label, number) for number, label in enumerate(labels)]
    if not together:
        return [Curves((curve,), curve.label, X_LABEL, quantity) for curve in curves]
    if shifted and len(curves) > 1:
        return [Traces(tuple(curves), "", X_LABEL, quantity)]
    return [Curves(tuple(curves), "", X_LABEL, quantity)]


def choose_shifted(shifted: Any, together: bool) -> bool:
    """Whether traces stand above each other: where they share a panel, unless the user says no."""
    if shifted is not None and not isinstance(shifted, bool):
        raise SPYTypeError(shifted, "shifted", "True or False")
    if shifted is not None and not together:
        legal = "None where every channel has a panel; `singlepanelplot` puts them above each other on one"
        raise SPYValueError(legal, "shifted", shifted)
    return together and shifted is not False
