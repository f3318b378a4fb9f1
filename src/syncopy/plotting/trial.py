"""The one trial a figure shows."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from syncopy.data.continuous import ContinuousData
from syncopy.data.selection import Selection
from syncopy.data.view import View
from syncopy.errors import SPYValueError, SPYWarning


def choose(data: ContinuousData, selectors: Mapping[str, Any]) -> Selection:
    """Selection that selectors mean; without any the in-place one, or everything."""
    return data.resolve(selectors) if selectors else data.selection or data.resolve(None)


def view_one_trial(data: ContinuousData, selectors: Mapping[str, Any]) -> View:
    """View of the trial that selectors, or else the in-place selection, leave.

    Raises
    ------
    SPYValueError
        If more than one trial is left.
    """
    view = data.view(choose(data, selectors))
    if len(view) > 1:
        legal = "a single trial: choose one, as in `trials=0`, or average with `spy.mean(data, dim='trials')`"
        raise SPYValueError(legal, "trials", f"{len(view)} trials")
    return view


def without_latency(data: ContinuousData, selectors: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out a `latency` where trials have no time axis of their own; warn if there was one."""
    data._require_data()
    borders = np.asarray(data.sampleinfo)
    if selectors.get("latency") is None or (borders[:, 1] - borders[:, 0] > 1).any():
        return selectors
    warnings.warn("`latency` has no effect: the data have no time axis", SPYWarning, stacklevel=6)
    return {key: value for key, value in selectors.items() if key != "latency"}
