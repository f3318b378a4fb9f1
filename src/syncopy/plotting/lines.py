"""Panels of lines: traces, spectra, anything over time or frequency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from syncopy.plotting.layout import (
    CIRCLE_TICKS,
    FULL_CIRCLE,
    PANEL_SIZE,
    SINGLE_SIZE,
    import_pyplot,
    shorten,
    thin_ticks,
)
from syncopy.plotting.quantities import Quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[Any]

# A legend names as many lines; beyond, a colour bar names some of them.
_LONGEST_LEGEND = 40
_LEGEND_ROWS = 20
_TALLEST = 14.0


@dataclass(frozen=True, eq=False)
class Curve:
    """One line.

    Attributes
    ----------
    label : str
        Name in the legend.
    x, y : ndarray, shape (n,)
        Points.
    low, high : ndarray, shape (n,), optional
        Borders of a band around the line.
    """

    label: str
    x: Array
    y: Array
    low: Array | None = None
    high: Array | None = None

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest finite value, band included."""
        values = np.concatenate([self.y, *(border for border in (self.low, self.high) if border is not None)])
        finite = values[np.isfinite(values)]
        return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


@dataclass(frozen=True)
class Curves:
    """Lines on common axes.

    Attributes
    ----------
    curves : tuple of Curve
        The lines.
    title, x_label : str
        As for `Panel`.
    quantity : Quantity
        What the y-axis shows.
    log : bool
        Whether the y-axis is logarithmic.
    """

    curves: tuple[Curve, ...]
    title: str
    x_label: str
    quantity: Quantity
    log: bool = False

    boxed = False
    size = SINGLE_SIZE
    grid_size = PANEL_SIZE

    @property
    def y_label(self) -> str:
        """Text of the y-axis."""
        return self.quantity.label

    @property
    def unit(self) -> str:
        """Unit of the numbers."""
        return self.quantity.unit

    def draw(self, ax: Axes) -> None:
        """Draw the lines, in colours not yet in use on these axes."""
        if self.log:
            ax.set_yscale("log")
        present = len(ax.get_legend_handles_labels()[0])
        for curve, color in zip(self.curves, line_colors(len(self.curves), present), strict=True):
            marker = "o" if len(curve.x) == 1 else None
            ax.plot(curve.x, curve.y, color=color, label=curve.label, linewidth=1.2, marker=marker)
            if curve.low is not None and curve.high is not None:
                ax.fill_between(curve.x, curve.low, curve.high, color=color, alpha=0.25, linewidth=0)
        ax.margins(x=0.0 if len(self.curves[0].x) > 1 else 0.5)

    def finish(self, axes: Sequence[Axes]) -> None:
        """Set limits and name the lines: in a legend beside the axes, or, of many, some on a colour bar."""
        self._set_limits(axes[0])
        alone = len(axes) == 1
        handles, labels = axes[0].get_legend_handles_labels()
        if len(labels) > _LONGEST_LEGEND:
            _add_color_key(axes, labels, handles)
        elif alone or len(labels) > 1:
            _add_legend(axes[0], handles, shorten(labels), alone)

    def _set_limits(self, ax: Axes) -> None:
        """Set the limits of the y-axis, a little wider than what the quantity can reach."""
        ax.autoscale(axis="y")
        bottom, top = ax.get_ylim()
        low, high = self.quantity.low, self.quantity.high
        margin = 0.02 if low is not None and high is not None else 0.02 * (top - bottom)
        if low is not None:
            ax.set_ylim(bottom=low if self.log else low - margin)
        if high is not None:
            ax.set_ylim(top=high + margin)
        if (low, high) == FULL_CIRCLE:
            ax.set_yticks(*CIRCLE_TICKS)

    def of_condition(self, label: str) -> Curves:
        """Name the lines after a condition; several of them keep what tells them apart."""
        names = [label] if len(self.curves) == 1 else [f"{label}, {curve.label}" for curve in self.curves]
        named = [replace(curve, label=name) for curve, name in zip(self.curves, names, strict=True)]
        return replace(self, curves=tuple(named))


def joined(panels: Sequence[Curves], title: str = "") -> Curves:
    """Lines of several panels on common axes."""
    everything = [curve for panel in panels for curve in panel.curves]
    return replace(panels[0], curves=tuple(everything), title=title)


@dataclass(frozen=True)
class Traces:
    """Lines one above the other, the first on top, all on the same scale.

    Attributes
    ----------
    curves : tuple of Curve
        The lines; their labels stand beside them.
    title, x_label : str
        As for `Panel`.
    quantity : Quantity
        What they show; the scale bar has its unit.
    """

    curves: tuple[Curve, ...]
    title: str
    x_label: str
    quantity: Quantity

    y_label = ""
    boxed = False
    grid_size = PANEL_SIZE

    @property
    def size(self) -> tuple[float, float]:
        """Higher for many lines."""
        return SINGLE_SIZE[0] * 1.2, min(max(SINGLE_SIZE[1], 0.28 * len(self.curves) + 1), _TALLEST)

    @property
    def offsets(self) -> Array:
        """What is added to each line: neighbours keep a tenth of their height apart."""
        ranges = [curve.range for curve in self.curves]
        # flat lines beside a large one keep room for their labels
        least = max(high - low for low, high in ranges) / len(ranges) or 1.0
        steps = [max(1.1 * (below[1] - above[0]), least) for above, below in pairwise(ranges)]
        return -np.cumsum([0.0, *steps])

    def draw(self, ax: Axes) -> None:
        """Draw the lines in the colour of text."""
        color = import_pyplot().rcParams["text.color"]
        ticks = []
        for curve, offset in zip(self.curves, self.offsets, strict=True):
            ax.plot(curve.x, curve.y + offset, color=color, linewidth=0.7, alpha=0.9, label=curve.label)
            if curve.low is not None and curve.high is not None:
                ax.fill_between(curve.x, curve.low + offset, curve.high + offset, color=color, alpha=0.2, linewidth=0)
            finite = curve.y[np.isfinite(curve.y)]
            ticks.append(offset + (finite.mean(dtype=np.float64) if finite.size else 0.0))
        shown = thin_ticks(len(ticks), 48)
        ax.set_yticks(np.array(ticks)[shown], shorten([self.curves[number].label for number in shown]))
        ax.tick_params(axis="y", length=0, labelsize="small" if len(ticks) <= 16 else "x-small")
        ax.margins(x=0, y=0.02)
        self._add_scale_bar(ax)

    def _add_scale_bar(self, ax: Axes) -> None:
        """A vertical bar of a round length right of the axes, a typical line high if that can be seen."""
        low, high = ax.get_ylim()
        heights = [above - below for below, above in (curve.range for curve in self.curves)]
        length = round_down(max(float(np.median(heights)), 0.05 * (high - low)))
        bottom = low + 0.02 * (high - low)
        place: Any = {"transform": ax.get_yaxis_transform(), "clip_on": False}
        color = import_pyplot().rcParams["text.color"]
        ax.plot([1.02, 1.02], [bottom, bottom + length], color=color, linewidth=2.5, solid_capstyle="butt", **place)
        text = f"{length:g} {self.quantity.unit}".strip()
        ax.text(1.03, bottom + length / 2, text, va="center", ha="left", fontsize="small", rotation=90, **place)

    def finish(self, axes: Sequence[Axes]) -> None:
        """Nothing: the labels stand beside the lines."""


def round_down(length: float) -> float:
    """Largest of 1, 2 or 5 times a power of ten that is not above a length."""
    power = 10.0 ** np.floor(np.log10(length))
    return float(max(step for step in (1, 2, 5) if step * power <= length * (1 + 1e-9)) * power)


def line_colors(n_lines: int, present: int = 0) -> list[Any]:
    """Colours of lines: the user's own cycle, or for more lines than it has a gradient."""
    plt = import_pyplot()
    cycle = plt.rcParams["axes.prop_cycle"].by_key().get("color", ["C0"])
    if present + n_lines <= len(cycle) or present:
        return [cycle[(present + number) % len(cycle)] for number in range(n_lines)]
    return list(plt.get_cmap("turbo")(np.linspace(0.03, 0.95, n_lines)))


def _add_legend(ax: Axes, handles: Sequence[Any], labels: Sequence[str], alone: bool) -> None:
    columns = -(-len(labels) // _LEGEND_ROWS)
    style: dict[str, Any] = {
        "frameon": False,
        "ncols": columns,
        "fontsize": "medium" if len(labels) <= 10 else "small",
        "handlelength": 1.4,
        "columnspacing": 1.0,
    }
    figure: Any = ax.get_figure(root=True)
    if figure.get_layout_engine() is None:  # nobody would make room beside the axes
        ax.legend(handles, labels, loc="upper right", **style)
    elif alone:
        ax.legend(handles, labels, loc="upper left", bbox_to_anchor=(1.0, 1.02), **style)
    else:
        figure.legend(handles, labels, loc="outside right upper", **style)


def _add_color_key(axes: Sequence[Axes], labels: Sequence[str], handles: Sequence[Any]) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import ListedColormap, Normalize

    colors = ListedColormap([handle.get_color() for handle in handles])
    figure: Any = axes[0].get_figure(root=True)
    mapping = ScalarMappable(Normalize(-0.5, len(labels) - 0.5), colors)
    bar = figure.colorbar(mapping, ax=list(axes))
    shown = thin_ticks(len(labels), 16)
    bar.set_ticks(shown, labels=shorten([labels[number] for number in shown], 20))
    bar.ax.invert_yaxis()
    bar.ax.tick_params(labelsize="small")
