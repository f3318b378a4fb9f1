"""Panels of values on a head, or on a grid of electrodes: topographies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator
from scipy.spatial import ConvexHull

from syncopy.data.continuous import ContinuousData, CrossSpectralData, SpectralData
from syncopy.data.timelock import TimeLockData
from syncopy.data.view import View
from syncopy.errors import SPYTypeError, SPYValueError
from syncopy.plotting.images import MISSING, Colors, add_color_bar
from syncopy.plotting.layout import FULL_CIRCLE, import_pyplot
from syncopy.plotting.positions import Positions, find_positions
from syncopy.plotting.quantities import Scale, quantity_of, require_real
from syncopy.plotting.thinning import LongAxis
from syncopy.plotting.trial import choose, view_one_trial, without_latency

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[Any]

_PIXELS = 160
_CONTOURS = 6


@dataclass(frozen=True, eq=False)
class Topography:
    """One value for each channel.

    Attributes
    ----------
    values : ndarray, shape (n_channels,)
        The numbers; channels without one (NaN) are crosses.
    positions : Positions
        Where the channels are.
    names : sequence of str
        What is written beside them; none if it is empty.
    title : str
        As for `Panel`.
    colors : Colors
        How numbers are shown.
    circular : bool
        Whether they are angles.
    """

    values: Array
    positions: Positions
    names: Sequence[str]
    title: str
    colors: Colors
    circular: bool = False

    x_label = y_label = ""
    boxed = True
    size = (5.2, 4.4)
    grid_size = (2.6, 2.7)

    def draw(self, ax: Axes) -> None:
        """Draw the surface through the values, the channels, and the head if there is one."""
        from matplotlib.patches import Polygon
        from matplotlib.patheffects import withStroke

        points, present = self.positions.points, np.isfinite(self.values)
        outline = surface_outline(self.positions)
        if not present.any():
            ax.add_patch(Polygon(outline, **MISSING, linewidth=0))
        self._draw_surface(ax, outline)
        if self.positions.head:
            draw_head(ax)
        ax.plot(*points[present].T, "o", color="black", markersize=3.5, markeredgecolor="white", markeredgewidth=0.4)
        ax.plot(*points[~present].T, "x", color="black", markersize=4)
        for name, (x, y) in zip(self.names, points, strict=False):
            ax.annotate(
                name,
                (x, y),
                (0, 3),
                textcoords="offset points",
                ha="center",
                fontsize="x-small",
                path_effects=[withStroke(linewidth=1.5, foreground="white", alpha=0.8)],
            )
        ax.set_aspect("equal")
        ax.set_axis_off()
        low, high = outline.min(axis=0), outline.max(axis=0)
        room = 0.03 * (high - low).max()
        top = max(high[1], 1.16) if self.positions.head else high[1]
        ax.set(xlim=(low[0] - room, high[0] + room), ylim=(low[1] - room, top + room))

    def _draw_surface(self, ax: Axes, outline: Array) -> None:
        from matplotlib.path import Path

        present = np.isfinite(self.values)
        low, high = outline.min(axis=0), outline.max(axis=0)
        x, y = np.linspace(low[0], high[0], _PIXELS), np.linspace(low[1], high[1], _PIXELS)
        surface = np.full((_PIXELS, _PIXELS), np.nan)
        if present.any():
            surface = interpolate(self.positions.points[present], self.values[present], x, y, self.circular)
        edge = Path(outline), ax.transData
        extent = (low[0], high[0], low[1], high[1])
        smooth = "nearest" if self.circular else "bilinear"
        image = ax.imshow(surface, extent=extent, origin="lower", interpolation=smooth, **self.colors.style)
        image.set_clip_path(*edge)
        if np.ptp(surface) > 0 and not self.circular:
            style: dict[str, Any] = {"colors": "black", "linewidths": 0.5, "alpha": 0.5}
            ax.contour(x, y, surface, _CONTOURS, **style).set_clip_path(*edge)

    @property
    def unit(self) -> str:
        """Unit of the numbers."""
        return self.colors.quantity.unit

    def of_condition(self, label: str) -> Self:
        """Name the panel after a condition."""
        return replace(self, title=f"{label}: {self.title}" if self.title else label)

    def finish(self, axes: Sequence[Axes]) -> None:
        """Add a colour bar."""
        add_color_bar(axes, self.colors, 0.75)


def interpolate(points: Array, values: Array, x: Array, y: Array, circular: bool = False) -> Array:
    """Smooth surface through values at points: a thin-plate spline, `f(p) = a + b.p + sum w_k r_k^2 log r_k`.

    It bends least of all surfaces through the values (Duchon 1977, doi:10.1007/BFb0086566; of the scalp: Perrin et al.
    1987, Electroencephalogr Clin Neurophysiol 66:75).

    Parameters
    ----------
    points : ndarray, shape (n, 2)
    values : ndarray, shape (n,)
    x, y : ndarray, shape (n_x,), (n_y,)
        Where the surface is wanted.
    circular : bool
        Whether the values are angles, whose directions are interpolated then.

    Returns
    -------
    ndarray, shape (n_y, n_x)
    """
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    parts = np.column_stack([np.cos(values), np.sin(values)]) if circular else np.asarray(values, float)[:, None]
    found = RBFInterpolator(points, parts, kernel="thin_plate_spline")(grid)
    surface: Array = np.arctan2(found[:, 1], found[:, 0]) if circular else found[:, 0]
    return surface.reshape(len(y), len(x))


def surface_outline(positions: Positions) -> Array:
    """Corners of the surface: a circle around head and channels, or half a step beyond the hull of other channels."""
    points = positions.points
    if positions.head:
        radius = max(1.0, 1.03 * float(np.hypot(*points.T).max()))
        angle = np.linspace(0, 2 * np.pi, 181)
        return radius * np.column_stack([np.cos(angle), np.sin(angle)])
    distances = np.hypot(*(points[:, None] - points).T) + np.where(np.eye(len(points)), np.inf, 0)
    angle = np.linspace(0, 2 * np.pi, 37)
    around = np.median(distances.min(axis=0)) / 2 * np.column_stack([np.cos(angle), np.sin(angle)])
    wider = (points[:, None] + around).reshape(-1, 2)
    outline: Array = wider[ConvexHull(wider).vertices]
    return outline


def draw_head(ax: Axes) -> None:
    """Draw a circle with nose and ears."""
    color = import_pyplot().rcParams["text.color"]
    angle = np.linspace(0, 2 * np.pi, 181)
    line: dict[str, Any] = {"color": color, "linewidth": 1.2, "solid_joinstyle": "round"}
    ax.plot(np.cos(angle), np.sin(angle), **line)
    nose = np.deg2rad([100, 90, 80])
    ax.plot([1, 1.14, 1] * np.cos(nose), [1, 1.14, 1] * np.sin(nose), **line)
    height = np.linspace(-0.25, 0.25, 31)
    ear = np.sqrt(1 - height**2) + 0.09 * np.sqrt(np.clip(1 - (height / 0.25) ** 2, 0, None))
    for side in (-1, 1):
        ax.plot(side * ear, height, **line)


def panel_of_topography(
    data: Any,
    selectors: Mapping[str, Any],
    layout: Any,
    *,
    names: bool = False,
    logscale: bool | None = None,
    scale: Scale | None = None,
    zlim: Any = None,
) -> Topography:
    """Mean over the chosen times, frequencies and tapers, for every channel."""
    if not isinstance(data, ContinuousData):
        raise SPYTypeError(data, "data", "AnalogData, TimeLockData, SpectralData or CrossSpectralData")
    if not isinstance(names, bool):
        raise SPYTypeError(names, "names", "True or False")
    unknown = {SpectralData: "spectrum", CrossSpectralData: "value"}
    selectors = without_latency(data, selectors)
    selection, averages = choose(data, selectors), {}
    if isinstance(data, TimeLockData):
        averages = data.datasets_of(selection)
    view = data.view(selection) if "avg" in averages else view_one_trial(data, selectors)
    require_real(view.reader.source.dtype, "take the power, the absolute value or the angle first")
    dim, channels, seed = channels_of(view)
    quantity = quantity_of(data, unknown.get(type(data), "signal"), channels if seed is None else [*channels, seed])
    circular = (quantity.low, quantity.high) == FULL_CIRCLE
    if "avg" in averages:
        values = mean_of_channels([averages["avg"]], circular)
    else:
        values = mean_of_channels(read_blocks(view, dim), circular)
    values = np.where(np.array(channels) == seed, np.nan, values)
    quantity, values = quantity.on_scale(values, quantity.choose_scale(scale, logscale, "linear"))
    positions = find_positions(layout, channels, getattr(data, dim).tolist())
    # nothing but NaN is drawn as such, but needs an outline
    drawn = np.isfinite(values) if np.isfinite(values).any() else np.full(len(values), not positions.head)
    check_points(positions.points[drawn], [channels[k] for k in np.flatnonzero(drawn)])
    title = describe_range(view, seed)
    return Topography(
        values, positions, channels if names else (), title, Colors(quantity, scale == "log", zlim), circular
    )


def channels_of(view: View) -> tuple[str, list[str], str | None]:
    """Axis and labels of the channels, and the one channel all values are relations with, if they are."""
    if "channel" in view.coords:
        return "channel", view.coords["channel"].tolist(), None
    senders, receivers = view.coords["channel_i"].tolist(), view.coords["channel_j"].tolist()
    if len(senders) == 1:
        return "channel_j", receivers, senders[0]
    if len(receivers) == 1:
        return "channel_i", senders, receivers[0]
    legal = "one channel, whose relations with the others are drawn, as in `channel_i='Oz'`"
    raise SPYValueError(legal, "channel_i/channel_j", f"{len(senders)} x {len(receivers)} channels")


def read_blocks(view: View, dim: str) -> Iterator[Array]:
    """The first trial in parts `(time, ..., channel)`."""
    axis = LongAxis(view, "time", dim)
    for start in range(0, len(axis.values), axis.step):
        yield axis.read(start, min(start + axis.step, len(axis.values)))


def mean_of_channels(blocks: Iterable[Array], circular: bool) -> Array:
    """Mean of every channel, the last axis, over all other axes, without NaN; of angles, the mean direction."""
    kind: Any = np.complex128 if circular else np.float64
    total, count = np.zeros(1, kind), np.zeros(1, np.int64)
    for block in blocks:
        missing, others = np.isnan(block), tuple(range(block.ndim - 1))
        turned = np.exp(1j * block) if circular else block
        total = total + np.where(missing, 0, turned).sum(axis=others, dtype=kind)
        count = count + (~missing).sum(axis=others)
    mean = np.divide(total, count, out=np.full(total.shape, np.nan, kind), where=count > 0)
    return np.angle(mean) if circular else mean


def check_points(points: Array, channels: Sequence[str]) -> None:
    """Raise for positions that no surface can be drawn through."""
    if not len(points):
        return
    _, first, numbers = np.unique(np.round(points, 9), axis=0, return_index=True, return_inverse=True)
    twice = [channels[number] for number in np.setdiff1d(np.arange(len(points)), first)]
    if twice:
        others = [channels[first[numbers.ravel()[channels.index(name)]]] for name in twice]
        pairs = ", ".join(f"{name} where {other} is" for name, other in zip(twice[:5], others, strict=False))
        raise SPYValueError("channels at different positions; leave the others out", "channel", pairs)
    spread = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    if len(points) < 3 or spread.min() < 1e-6 * spread.max():
        raise SPYValueError("three channels at least, not all on a line", "channel", ", ".join(channels))


def describe_range(view: View, seed: str | None) -> str:
    """Frequencies and times that the values are means of."""
    parts = [] if seed is None else [f"with {seed}"]
    if "freq" in view.coords:
        parts.append(_span(view.coords["freq"][0], view.coords["freq"][-1], "Hz"))
    if view.lengths[0] > 1 or "freq" not in view.coords:
        begin, end = view.intervals[0].tolist()
        parts.append(_span(begin, end, "s"))
    return ", ".join(parts)


def _span(low: float, high: float, unit: str) -> str:
    return f"{low:.3g} {unit}" if low == high else f"{low:.3g} to {high:.3g} {unit}"
