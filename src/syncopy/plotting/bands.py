"""Bands around lines: how uncertain or how scattered what they show is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.continuous import ContinuousData
from syncopy.data.view import View
from syncopy.errors import SPYTypeError, SPYValueError
from syncopy.plotting.lines import Curve
from syncopy.plotting.quantities import Quantity, Scale
from syncopy.plotting.thinning import LongAxis, thin_extremes
from syncopy.plotting.trial import choose

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Band:
    """Where and how the borders of a band are read.

    Attributes
    ----------
    views : tuple of View
        What is read, on axes like those of the lines.
    borders : callable
        `(lines, *read) -> (low, high)`.
    """

    views: tuple[View, ...]
    borders: Callable[..., tuple[Array, Array]]


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines along an axis with the borders of their bands, if they have any.

    Attributes
    ----------
    x : ndarray, shape (n,)
        Positions along the axis.
    y, low, high : ndarray, shape (n, ...)
        Values of the lines, and the borders.
    """

    x: Array
    y: Array
    low: Array | None = None
    high: Array | None = None

    def on_scale(self, quantity: Quantity, scale: Scale) -> tuple[Quantity, Lines]:
        """Return the quantity and its lines on a scale.

        On logarithmic scales a band that reaches zero ends at a tenth of the lowest value of the lines.
        """
        shown, y = quantity.on_scale(self.y, scale)
        if self.low is None or self.high is None or scale == "linear":
            return shown, replace(self, y=y)
        lowest = np.min(self.y, where=self.y > 0, initial=np.inf) / 10
        low, high = (quantity.on_scale(np.maximum(border, lowest), scale)[1] for border in (self.low, self.high))
        return shown, replace(self, y=y, low=low, high=high)

    def curve(self, label: str, *place: int) -> Curve:
        """One of the lines."""
        along: Any = (slice(None), *place)
        if self.low is None or self.high is None:
            return Curve(label, self.x, self.y[along])
        return Curve(label, self.x, self.y[along], self.low[along], self.high[along])


def read_lines(view: View, dim: str, last: str | None = None, band: Band | None = None) -> Lines:
    """Read lines and their bands along an axis of the first trial, as much of them as a panel can show."""
    axis = LongAxis(view, dim, last)
    if band is None:
        return Lines(*axis.extremes())
    others = [LongAxis(view, dim, last) for view in band.views]

    def read(start: int, stop: int) -> Array:
        middle = axis.read(start, stop)
        return np.stack([middle, *band.borders(middle, *(other.read(start, stop) for other in others))], axis=1)

    x, values = thin_extremes(axis.values, read, max(1, axis.step // 4))
    return Lines(x, values[:, 0], values[:, 1], values[:, 2])


def find_band(data: ContinuousData, view: View, selectors: Mapping[str, Any], band: Any) -> Band | None:
    """What the band of the lines of a view is made of.

    Parameters
    ----------
    data : ContinuousData
        What is drawn.
    view : View
        The part of it that is drawn.
    selectors : dict
        What this part was chosen by.
    band : ContinuousData, bool or None
        The object that holds half the width. True: the confidence interval (bootstrap) or standard error (jackknife)
        that `data` carries, None: if it carries one.

    Raises
    ------
    SPYValueError, SPYTypeError
        If `band` does not fit, or `data` carries none.
    """
    if isinstance(band, ContinuousData):
        return Band((_view_like(view, band, data, selectors),), around)
    check_band(band)
    if band is False:
        return None
    limits = [dataset.shape for name, dataset in data.datasets.items() if name in ("boot_low", "boot_high")]
    if limits == [data.data.shape] * 2:  # not those of the average of trials that are kept
        return Band((view.of_dataset("boot_low"), view.of_dataset("boot_high")), lambda middle, low, high: (low, high))
    trials = data.info.get("jack_trials")
    if "jack_var" in data.datasets and trials:
        variance = view.of_dataset("jack_var")
        return Band((variance,), lambda middle, variance: around(middle, np.sqrt(variance / trials)))
    if band is None:
        return None
    legal = (
        "an object with the half width, such as `spy.sem(trials, dim='trials')`; True is for results of "
        "`timelockanalysis`, `jackknife=True` and `bootstrap=1000`"
    )
    raise SPYValueError(legal, "band", "True")


def around(middle: Array, half_width: Array) -> tuple[Array, Array]:
    """Borders as far below as above."""
    width = np.abs(half_width)
    return middle - width, middle + width


def check_band(band: Any) -> None:
    """Raise for what is neither a flag nor an object."""
    if band is not None and not isinstance(band, bool | ContinuousData):
        raise SPYTypeError(band, "band", "True, False, or an object such as the result of `spy.sem`")


def refuse_band(band: Any) -> None:
    """Raise for a band where there are no lines to have one."""
    check_band(band)
    if band:
        raise SPYValueError("None for an image; lines have a band: choose one frequency, or one time", "band", "a band")


def _view_like(view: View, band: ContinuousData, data: ContinuousData, selectors: Mapping[str, Any]) -> View:
    """The part of a band's object that belongs to a view of another."""
    request = choose(data, selectors).select
    wanted = {name: value for name, value in request.items() if name != "trials" or len(band.trials or ()) > 1}
    found = band.view(band.resolve(wanted))
    same = found.dims == view.dims and len(found) == 1 and found.lengths[0] == view.lengths[0]
    same = same and all(np.array_equal(found.coords[dim], labels) for dim, labels in view.coords.items())
    if not same or found.reader.source.dtype.kind == "c":
        legal = f"an object with the same axes as `data` ({' x '.join(view.dims)}), of real numbers and one trial"
        sizes = " x ".join(str(size) for size in (found.lengths[0], *(len(item) for item in found.coords.values())))
        raise SPYValueError(legal, "band", f"{type(band).__name__} of {len(found)} trials, {sizes}")
    return found
