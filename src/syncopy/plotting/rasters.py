"""Panels of events: a tick for each, in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from syncopy.plotting.images import edges
from syncopy.plotting.layout import PANEL_SIZE, SINGLE_SIZE, import_pyplot, room_for, shorten, thin_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[Any]

_MOST_NAMES = 25

# Ticks from which on a page holds their picture rather than each of them.
_MANY_TICKS = 100_000

# Part of the height that a histogram takes, and with the gap below it.
_HISTOGRAM, _ABOVE = 0.26, 0.3


@dataclass(frozen=True, eq=False)
class Histogram:
    """Rates or counts of events over time.

    Attributes
    ----------
    middles, values : ndarray, shape (n_bins,)
        Seconds at the middle of each bin, and what it holds; NaN leaves a gap.
    label : str
        Name and unit of the values.
    """

    middles: Array
    values: Array
    label: str

    def draw(self, ax: Axes) -> None:
        """Draw steps in the upper part of axes, on the same time axis."""
        above = ax.inset_axes((0, 1 - _HISTOGRAM, 1, _HISTOGRAM), sharex=ax, facecolor="none")
        above.stairs(self.values, edges(self.middles), fill=True, color="0.6")
        above.set_ylabel(self.label, fontsize="small")
        above.set_ylim(bottom=0)
        above.tick_params(axis="y", labelsize="small")
        above.tick_params(axis="x", labelbottom=False)
        above.spines[["top", "right"]].set_visible(False)


@dataclass(frozen=True, eq=False)
class Raster:
    """Rows of ticks, the first row at the bottom.

    Attributes
    ----------
    times, rows : ndarray, shape (n_events,)
        Seconds of every event, and the number of its row.
    names : tuple of str
        Names of the rows; of many rows, some are named.
    limits : (float, float)
        Seconds where the time axis begins and ends.
    title, row_label : str
        What is shown, and what the rows are.
    histogram : Histogram, optional
        What is drawn above the rows.
    """

    times: Array
    rows: NDArray[np.int64]
    names: tuple[str, ...]
    limits: tuple[float, float]
    title: str
    row_label: str
    histogram: Histogram | None = None

    x_label = "time (s)"
    unit = "s"
    boxed = False
    size = SINGLE_SIZE
    grid_size = PANEL_SIZE

    @property
    def y_label(self) -> str:
        """What the rows are, where not all are named."""
        return "" if len(self.names) <= _MOST_NAMES else self.row_label

    def draw(self, ax: Axes) -> None:
        """Draw the ticks, and a line at t = 0 if something precedes it."""
        begin, end = self.limits
        if begin < 0 <= end:
            ax.axvline(0, color="red", linestyle="--", linewidth=1)
        part = 1.0 if self.histogram is None else 1 - _ABOVE
        ax.set(xlim=self.limits, ylim=(-0.6, -0.6 + (len(self.names) + 0.2) / part))
        self._draw_ticks(ax, part)
        shown = thin_ticks(len(self.names), min(_MOST_NAMES, int(part * room_for(ax, "small")[1])))
        ax.set_yticks(shown, shorten([self.names[number] for number in shown], 20))
        large = len(shown) <= min(10, part * room_for(ax, "medium")[1])
        ax.tick_params(axis="y", labelsize="medium" if large else "small", length=0)
        if self.histogram is not None:
            ax.spines["left"].set_bounds(-0.6, len(self.names) - 0.4)
            self.histogram.draw(ax)

    def _draw_ticks(self, ax: Axes, part: float) -> None:
        """Draw one tick at all the places: an artist for each row, or a path for each event, would take minutes.

        Where rows are less high than a pixel, a tick still is one; where many fall on each pixel, they make it grey.
        """
        from matplotlib.collections import PathCollection
        from matplotlib.path import Path
        from matplotlib.transforms import AffineDeltaTransform

        extent = ax.get_window_extent()
        pixel = len(self.names) / (part * extent.height)
        height = max(0.8, pixel)
        share = part * extent.width * extent.height / max(len(self.times), 1)
        to_pixels: Any = ax.transLimits + ax.transAxes
        ticks = PathCollection(
            [Path([(0, -height / 2), (0, height / 2)])],
            offsets=np.column_stack([self.times, self.rows]),
            offset_transform=ax.transData,
            transform=AffineDeltaTransform(to_pixels),
            color=import_pyplot().rcParams["text.color"],
            linewidth=0.8,
            alpha=0.6 * min(1, max(share, 0.1)),
            snap=None if height > 2 * pixel else False,  # a low tick's ends would snap to the same pixel
            rasterized=len(self.times) > _MANY_TICKS,
        )
        ax.add_collection(ticks, autolim=False)

    def finish(self, axes: Sequence[Axes]) -> None:
        """Give all histograms the same limits."""
        above = [child for ax in axes for child in ax.child_axes]
        top = max((child.get_ylim()[1] for child in above), default=1.0)
        for child in above:
            child.set_ylim(0, top)

    def of_condition(self, label: str) -> Raster:
        """Name the panel after a condition."""
        return replace(self, title=f"{label}: {self.title}")
