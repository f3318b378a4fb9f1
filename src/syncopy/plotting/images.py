"""Panels of colours: time and frequency, or channels with channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from syncopy.errors import SPYValueError
from syncopy.plotting.layout import CIRCLE_TICKS, FULL_CIRCLE, PANEL_SIZE, import_pyplot, room_for, shorten, thin_ticks
from syncopy.plotting.quantities import Quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from syncopy.plotting.topography import Topography

Array = NDArray[Any]

# Words for limits of colours: FieldTrip's.
LIMITS = ("maxmin", "maxabs", "zeromax", "minzero")

# How an area without numbers looks.
MISSING: dict[str, Any] = {"facecolor": "0.92", "hatch": "////", "edgecolor": "0.75"}


@dataclass(frozen=True)
class Colors:
    """How numbers become colours.

    Attributes
    ----------
    quantity : Quantity
        What they show; limits and colours that it leaves open are for `fitted` to decide.
    log : bool
        Whether colours go by the logarithm.
    zlim : (float, float), "maxmin", "maxabs", "zeromax", "minzero" or None
        Limits the user wants; None: those of the quantity, and of the data where it has none.
    """

    quantity: Quantity
    log: bool = False
    zlim: Any = None

    def __post_init__(self) -> None:
        """Raise for limits that are none."""
        limits = self.zlim
        if limits is None or (isinstance(limits, str) and limits in LIMITS):
            return
        pair = np.asarray(limits) if not isinstance(limits, str) else np.empty(0)
        if pair.shape != (2,) or pair.dtype.kind not in "iuf" or not pair[0] < pair[1]:
            raise SPYValueError(f"[low, high], or one of {', '.join(map(repr, LIMITS))}", "zlim", repr(limits))
        if self.log and pair[0] <= 0:
            raise SPYValueError("positive limits on a logarithmic scale", "zlim", repr(limits))

    def fitted(self, values: Array) -> Colors:
        """Decide by the data what is open: numbers of both signs get colours that diverge from zero."""
        finite = values[np.isfinite(values) & ((values > 0) | (not self.log))]
        low, high = self._limits(*((float(finite.min()), float(finite.max())) if finite.size else (0.1, 1.0)))
        colormap = self.quantity.colormap or ("RdBu_r" if low < 0 < high else "viridis")
        return replace(self, quantity=replace(self.quantity, colormap=colormap, low=low, high=high))

    def _limits(self, low: float, high: float) -> tuple[float, float]:
        """Limits of the colours of numbers that range from low to high."""
        quantity, most = self.quantity, max(-low, high)
        if isinstance(self.zlim, str):
            ranges = {"maxmin": (low, high), "maxabs": (-most, most), "zeromax": (0.0, high), "minzero": (low, 0.0)}
            return min(ranges[self.zlim]), max(ranges[self.zlim])
        if self.zlim is not None:
            return float(self.zlim[0]), float(self.zlim[1])
        if quantity.colormap is None and low < 0 < high:
            return -most, most
        return low if quantity.low is None else quantity.low, high if quantity.high is None else quantity.high

    @property
    def style(self) -> dict[str, Any]:
        """Keywords for matplotlib's images; what is NaN stays transparent."""
        from matplotlib.colors import LogNorm, Normalize

        colormap = import_pyplot().get_cmap(self.quantity.colormap).with_extremes(bad=(0, 0, 0, 0))
        norm = (LogNorm if self.log else Normalize)(self.quantity.low, self.quantity.high)
        return {"cmap": colormap, "norm": norm}


@dataclass(frozen=True, eq=False)
class Image:
    """A quantity over time and frequency.

    Attributes
    ----------
    x, y : ndarray
        Seconds and Hz in the middle of the columns and rows.
    values : ndarray, shape (columns, rows)
        The numbers.
    title : str
        As for `Panel`.
    colors : Colors
        How they are shown.
    """

    x: Array
    y: Array
    values: Array
    title: str
    colors: Colors

    x_label = "time (s)"
    y_label = "frequency (Hz)"
    boxed = True
    size = (6.8, 4.2)
    grid_size = PANEL_SIZE

    def draw(self, ax: Axes) -> None:
        """Draw an image that reaches half a bin beyond the first and the last middle."""
        x, y = edges(self.x), edges(self.y)
        mark_missing(ax)
        style = self.colors.style
        values = np.ma.masked_invalid(self.values.T)
        if is_even(self.x) and is_even(self.y):
            extent = (float(x[0]), float(x[-1]), float(y[0]), float(y[-1]))
            ax.imshow(values, aspect="auto", origin="lower", extent=extent, **style)
        else:
            ax.pcolormesh(x, y, values, shading="flat", rasterized=True, **style)

    @property
    def unit(self) -> str:
        """Unit of the numbers."""
        return self.colors.quantity.unit

    def of_condition(self, label: str) -> Self:
        """Name the image after a condition."""
        return replace(self, title=f"{label}: {self.title}")

    def finish(self, axes: Sequence[Axes]) -> None:
        """Add a colour bar."""
        add_color_bar(axes, self.colors)


@dataclass(frozen=True, eq=False)
class Matrix:
    """A quantity of pairs of channels.

    Attributes
    ----------
    values : ndarray, shape (rows, columns)
        The numbers.
    rows, columns : sequence of str
        Labels.
    title, x_label, y_label : str
        As for `Panel`.
    colors : Colors
        How they are shown.
    """

    values: Array
    rows: Sequence[str]
    columns: Sequence[str]
    title: str
    x_label: str
    y_label: str
    colors: Colors

    boxed = True
    size = (6.4, 5.4)
    grid_size = (4.2, 4.0)

    def draw(self, ax: Axes) -> None:
        """Draw the matrix, its first row on top."""
        mark_missing(ax)
        ax.imshow(np.ma.masked_invalid(self.values), aspect="auto", interpolation="nearest", **self.colors.style)
        rooms = room_for(ax, "x-small")
        for axis, labels, room in zip((ax.xaxis, ax.yaxis), (self.columns, self.rows), rooms, strict=True):
            shown = thin_ticks(len(labels), room)
            axis.set_ticks(shown, shorten([labels[number] for number in shown], 16))
            axis.set_tick_params(labelsize="medium" if len(labels) <= 10 else "x-small")
        if len(self.columns) > 6 or max(map(len, self.columns)) > 6:
            ax.tick_params(axis="x", labelrotation=90)

    @property
    def unit(self) -> str:
        """Unit of the numbers."""
        return self.colors.quantity.unit

    def of_condition(self, label: str) -> Self:
        """Name the image after a condition."""
        return replace(self, title=f"{label}: {self.title}")

    def finish(self, axes: Sequence[Axes]) -> None:
        """Add a colour bar."""
        add_color_bar(axes, self.colors)


Colored = TypeVar("Colored", Image, Matrix, "Topography")


def share_colors(panels: Sequence[Colored]) -> list[Colored]:
    """Fit the colours of images to the data of all of them together."""
    colors = panels[0].colors.fitted(np.concatenate([panel.values.ravel() for panel in panels]))
    return [replace(panel, colors=colors) for panel in panels]


def refuse_zlim(zlim: Any) -> None:
    """Raise for limits of colours where there are none."""
    if zlim is not None:
        raise SPYValueError("None for lines; it limits the colours of images", "zlim", repr(zlim))


def edges(middles: Array) -> Array:
    """Borders between neighbours, half a bin beyond the first and the last one; bins of width one if there is one."""
    if len(middles) == 1:
        return np.array([middles[0] - 0.5, middles[0] + 0.5])
    between = (middles[1:] + middles[:-1]) / 2
    first, last = (3 * middles[0] - middles[1]) / 2, (3 * middles[-1] - middles[-2]) / 2
    return np.concatenate([[first], between, [last]])


def is_even(middles: Array) -> bool:
    """Whether all steps are equal, but for less than a hundredth of a step."""
    if len(middles) < 3:
        return True
    line = np.linspace(middles[0], middles[-1], len(middles))
    step = abs(line[1] - line[0])
    return bool(np.abs(middles - line).max() < 0.01 * step)


def mark_missing(ax: Axes) -> None:
    """Hatch the background, which is seen where numbers are missing."""
    ax.patch.set(**MISSING)


def add_color_bar(axes: Sequence[Axes], colors: Colors, height: float = 1.0) -> None:
    """Add a colour bar for the images of all axes, as high as a part of them."""
    figure: Any = axes[0].get_figure(root=True)
    drawn = (axes[0].images or axes[0].collections)[-1]
    bar = figure.colorbar(drawn, ax=list(axes), shrink=height)
    bar.set_label(colors.quantity.label)
    if (colors.quantity.low, colors.quantity.high) == FULL_CIRCLE:
        bar.set_ticks(CIRCLE_TICKS[0], labels=CIRCLE_TICKS[1])
