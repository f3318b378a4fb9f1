"""Butterworth filters that double precision can hold."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import sosfreqz

from syncopy.errors import SPYValueError
from syncopy.kernels.filters import FilterKind, design_butterworth

Array = NDArray[Any]

# Of higher orders the coefficients over- or underflow.
HIGHEST_ORDER = 100

# How far the gain at a cut-off may be from that of the formula, sqrt(1/2).
_TOLERANCE = 0.01


def checked_butterworth(
    freq: float | tuple[float, float], kind: FilterKind, order: int, samplerate: float, names: tuple[str, str]
) -> Array:
    """Design a Butterworth filter, second-order sections `(section, 6)`, and see whether it does what was asked for.

    Parameters
    ----------
    freq, kind, order, samplerate
        See `kernels.filters.design_butterworth`.
    names : (str, str)
        Parameters that order and frequencies come from, for the text of an error.

    Raises
    ------
    SPYValueError
        For an order that is too high, or a band too narrow, to be computed.
    """
    if order > HIGHEST_ORDER:
        raise SPYValueError(f"at most {HIGHEST_ORDER} for Butterworth filters", names[0], order)
    edges = np.atleast_1d(freq)
    if len(edges) == 1 or edges[0] < edges[1]:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            sos = design_butterworth(freq, kind, order, samplerate)
            _, response = sosfreqz(sos, edges, fs=samplerate)
        if (np.abs(np.abs(response) - np.sqrt(0.5)) < _TOLERANCE).all():
            return sos
    legal = f"cut-offs further apart, or from 0 and half the sample rate: a filter of order {order} cannot be computed"
    raise SPYValueError(legal, names[1], f"{edges.tolist()} Hz")
