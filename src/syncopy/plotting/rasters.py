"""Panels of events: a tick for each, in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from syncopy.plotting.layout import SINGLE_SIZE, import_pyplot, shorten, thin_ticks
from syncopy.plotting.thinning import COLUMNS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[Any]

_MOST_NAMES = 25


@dataclass(frozen=True, eq=False)
class Raster:
    """Rows of ticks, the first row at the bottom.

    Attributes
    ----------
    rows : tuple of ndarray
        Times of the events of each row in seconds.
    names : tuple of str
        Names of the rows; of many rows, some are named.
    limits : (float, float)
        Seconds where the time axis begins and ends.
    title, row_label : str
        What is shown, and what the rows are.
    """

    rows: tuple[Array, ...]
    names: tuple[str, ...]
    limits: tuple[float, float]
    title: str
    row_label: str

    x_label = "time (s)"
    unit = "s"
    boxed = False
    size = SINGLE_SIZE

    @property
    def y_label(self) -> str:
        """What the rows are, where not all are named."""
        return "" if len(self.names) <= _MOST_NAMES else self.row_label

    def draw(self, ax: Axes) -> None:
        """Draw the ticks, and a line at t = 0 if something precedes it."""
        color = import_pyplot().rcParams["text.color"]
        times = [thin_events(row, self.limits) for row in self.rows]
        ax.eventplot(times, colors=[color], linelengths=0.8, linewidths=0.8, alpha=0.6)
        begin, end = self.limits
        if begin < 0 <= end:
            ax.axvline(0, color="red", linestyle="--", linewidth=1)
        ax.set(xlim=self.limits, ylim=(-0.6, len(self.rows) - 0.4))
        shown = thin_ticks(len(self.names), _MOST_NAMES)
        ax.set_yticks(shown, shorten([self.names[number] for number in shown], 20))
        ax.tick_params(axis="y", labelsize="medium" if len(shown) <= 10 else "small", length=0)

    def finish(self, axes: Sequence[Axes]) -> None:
        """Nothing: the names stand beside the rows."""

    def of_condition(self, label: str) -> Raster:
        """Name the panel after a condition."""
        return replace(self, title=f"{label}: {self.title}")


def thin_events(times: Array, limits: tuple[float, float], columns: int = COLUMNS) -> Array:
    """Keep the first event of every column of the time axis, which is all that can be seen of them."""
    if len(times) <= columns:
        return times
    begin, end = limits
    column = np.floor((times - begin) / (end - begin) * columns)
    return times[np.unique(column, return_index=True)[1]]
