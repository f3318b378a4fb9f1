"""Figures and their panels: sizes, grids, labels of axes. All properties are set on the figure, none globally."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from syncopy.errors import SPYImportError, SPYTypeError, SPYValueError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS = 25
SINGLE_SIZE = (6.4, 4.2)
PANEL_SIZE = (3.2, 2.4)

# Limits of angles, and where their axes are labelled.
FULL_CIRCLE = (-math.pi, math.pi)
CIRCLE_TICKS = ([-math.pi, -math.pi / 2, 0, math.pi / 2, math.pi], ["−π", "−π/2", "0", "π/2", "π"])


class Panel(Protocol):
    """What is drawn on one pair of axes.

    Attributes
    ----------
    title : str
        Above the axes, where there are several of them.
    x_label, y_label : str
        Beside the axes.
    size, grid_size : (float, float)
        Inches it needs when it is alone, and beside others.
    boxed : bool
        Whether the axes keep all four sides.
    """

    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def x_label(self) -> str: ...  # noqa: D102
    @property
    def y_label(self) -> str: ...  # noqa: D102
    @property
    def size(self) -> tuple[float, float]: ...  # noqa: D102
    @property
    def grid_size(self) -> tuple[float, float]: ...  # noqa: D102
    @property
    def boxed(self) -> bool: ...  # noqa: D102

    def draw(self, ax: Axes) -> None:
        """Draw the data."""

    def finish(self, axes: Sequence[Axes]) -> None:
        """Set limits and say what lines or colours mean, once for all axes of the figure."""


def import_pyplot() -> Any:
    """Return `matplotlib.pyplot`, which is imported for the first figure and not before.

    Raises
    ------
    SPYImportError
        If matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise SPYImportError('figures need matplotlib: pip install "syncopy[plot]"') from error
    return plt


def draw_single(panel: Panel, ax: Axes | None = None) -> tuple[Figure, Axes]:
    """Draw one panel, on a new figure or on axes that exist."""
    own = ax is None
    if ax is not None:
        check_axes(ax)
    else:
        _, ax = import_pyplot().subplots(figsize=panel.size, layout="constrained")
        _dress(ax, panel)
    panel.draw(ax)
    ax.set(xlabel=panel.x_label, ylabel=panel.y_label)
    if panel.title:
        ax.set_title(_wrapped(panel.title, 60), fontsize="medium")
    panel.finish([ax])
    fig: Any = ax.get_figure(root=True)
    if own:
        _make_room_for_legends(fig)
    return fig, ax


def check_axes(ax: Any) -> None:
    """Raise for anything but axes of matplotlib."""
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        raise SPYTypeError(ax, "ax", "axes of matplotlib, as in `fig, ax = plt.subplots()`")


def draw_on(panels: Sequence[Panel], ax: Any) -> tuple[Figure, NDArray[Any]]:
    """Draw panels on axes that exist, one after the other; axes that are left over stay as they are."""
    axs = np.atleast_1d(np.asarray(ax, dtype=object))
    for one in axs.flat:
        check_axes(one)
    if axs.size < len(panels):
        raise SPYValueError(f"axes for all {len(panels)} panels", "ax", f"{axs.size} of them")
    for one, panel in zip(axs.flat, panels, strict=False):
        panel.draw(one)
        one.set_title(_wrapped(panel.title), fontsize="medium")
        one.set(xlabel=panel.x_label, ylabel=panel.y_label)
    panels[0].finish(list(axs.flat[: len(panels)]))
    fig: Any = axs.flat[0].get_figure(root=True)
    return fig, axs


def draw_grid(panels: Sequence[Panel]) -> tuple[Figure, NDArray[Any]]:
    """Draw panels in a grid; they share their axes, and those at the left and at the bottom are labelled.

    Returns
    -------
    fig : Figure
    axs : ndarray of Axes, shape (n_rows, n_columns)
        One more than there are panels at the most but for 22 panels; surplus axes are removed from the figure.
    """
    check_count(len(panels))
    rows, columns = grid_shape(len(panels))
    width, height = panels[0].grid_size
    size = (width * columns, height * rows)
    fig, axs = import_pyplot().subplots(
        rows, columns, figsize=size, sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    for ax, panel in zip(axs.flat, panels, strict=False):
        _dress(ax, panel)
        panel.draw(ax)
        ax.set_title(_wrapped(panel.title), fontsize="medium")
    for ax in axs.flat[len(panels) :]:
        ax.remove()
    for number, panel in enumerate(panels):
        if number % columns == 0:
            axs.flat[number].set_ylabel(panel.y_label)
        if number + columns >= len(panels):
            axs.flat[number].set_xlabel(panel.x_label)
            axs.flat[number].tick_params(labelbottom=True)
    panels[0].finish(axs.flat[: len(panels)])
    _make_room_for_legends(fig)
    return fig, axs


def check_count(n_panels: int) -> None:
    """Raise for more panels than a figure can show."""
    if n_panels > MOST_PANELS:
        legal = f"{MOST_PANELS} panels at the most; select fewer, or use `singlepanelplot`"
        raise SPYValueError(legal, "panels", n_panels)


def grid_shape(n_panels: int) -> tuple[int, int]:
    """Rows and columns of a grid: as square as possible with as few surplus places as possible."""
    for total in range(n_panels, 2 * n_panels + 1):
        rows = next(rows for rows in range(math.isqrt(total), 0, -1) if total % rows == 0)
        columns = total // rows
        if columns <= 4 * rows:
            break
    return rows, columns


def _dress(ax: Axes, panel: Panel) -> None:
    if not panel.boxed:
        ax.spines[["top", "right"]].set_visible(False)


def _make_room_for_legends(fig: Figure) -> None:
    """Widen a figure by the legends beside its axes."""
    legends = [*fig.legends, *filter(None, (ax.get_legend() for ax in fig.axes))]
    width = sum(legend.get_window_extent().width for legend in legends)
    fig.set_figwidth(fig.get_figwidth() + width / fig.dpi)


def _wrapped(title: str, width: int = 34) -> str:
    return textwrap.fill(title, width, max_lines=2, placeholder="…")


def shorten(labels: Sequence[str], width: int = 28) -> list[str]:
    """Shorten long labels: leave out the middle of each, or, if that makes some alike, what they begin with."""
    shown = [_without_middle(label, width) for label in labels]
    if len(set(shown)) == len(set(labels)):
        return shown
    first, last = min(labels), max(labels)
    common = next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return [label if len(label) <= width else f"…{label[common : common + width - 1]}" for label in labels]


def room_for(ax: Axes, fontsize: str) -> tuple[int, int]:
    """Numbers of labels that stand beside each other and above each other, if they are turned and not."""
    from matplotlib.font_manager import FontProperties

    figure: Any = ax.get_figure(root=True)
    extent = ax.get_window_extent()
    line = 1.35 * FontProperties(size=fontsize).get_size_in_points() / 72 * figure.dpi
    return max(2, int(extent.width / line)), max(2, int(extent.height / line))


def _without_middle(label: str, width: int) -> str:
    tail = (width - 1) // 2
    return label if len(label) <= width else f"{label[: width - 1 - tail]}…{label[-tail:]}"


def thin_ticks(n_labels: int, most: int) -> NDArray[np.intp]:
    """Positions of evenly spaced labels, not more than `most`, the first among them."""
    return np.arange(0, n_labels, max(1, math.ceil(n_labels / most)))
