"""Panels of spectra and of time-frequency representations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from syncopy.data.continuous import SpectralData
from syncopy.data.view import View
from syncopy.errors import SPYValueError
from syncopy.plotting.bands import Band, find_band, read_lines, refuse_band
from syncopy.plotting.images import Colors, Image, refuse_zlim, share_colors
from syncopy.plotting.layout import check_count
from syncopy.plotting.lines import Curves, joined
from syncopy.plotting.quantities import Quantity, Scale, quantity_of, require_real
from syncopy.plotting.thinning import LongAxis
from syncopy.plotting.trial import view_one_trial, without_latency

Array = NDArray[Any]

AXIS_LABELS = {"time": "time (s)", "freq": "frequency (Hz)"}


def panels_of_spectra(
    data: SpectralData,
    selectors: Mapping[str, Any],
    together: bool,
    *,
    logscale: bool | None = None,
    scale: Scale | None = None,
    band: Any = None,
    zlim: Any = None,
) -> Sequence[Curves | Image]:
    """Spectra of one trial as lines, or an image of each channel if there are times and frequencies."""
    selectors = without_latency(data, selectors)
    view = view_one_trial(data, selectors)
    require_real(view.reader.source.dtype, "compute them with `output='pow'`, 'abs' or 'angle'")
    if not together:
        check_count(len(view.coords["channel"]))
    quantity = quantity_of(data, "spectrum", view.coords["channel"].tolist())
    n_tapers, n_channels = len(view.coords["taper"]), len(view.coords["channel"])
    if has_both_axes(view):
        refuse_band(band)
        if n_tapers > 1:
            raise SPYValueError("a single taper, as in `taper=0`, for an image", "taper", f"{n_tapers} tapers")
        if together and n_channels > 1:
            legal = "a single channel for an image, as in `channel=0`, or `multipanelplot` for several"
            raise SPYValueError(legal, "channel", f"{n_channels} channels")
        return images_of_channels(view, quantity, quantity.choose_scale(scale, logscale, "linear"), zlim)
    refuse_zlim(zlim)
    if together and n_tapers > 1 and n_channels > 1:
        legal = "a single channel or a single taper, as in `taper=0`, or `multipanelplot`"
        raise SPYValueError(legal, "channel/taper", f"{n_channels} channels and {n_tapers} tapers")
    default: Scale = "dB" if quantity.power else "linear"
    own = find_band(data, view, selectors, band)
    return lines_of_channels(view, own, quantity, quantity.choose_scale(scale, logscale, default), together)


def lines_of_channels(view: View, band: Band | None, quantity: Quantity, scale: Scale, together: bool) -> list[Curves]:
    """A line for each channel and taper, on one panel or on one for each channel."""
    dim = "time" if view.lengths[0] > 1 else "freq"
    lines = read_lines(view, dim, "freq" if dim == "time" else "time", band)
    quantity, lines = lines.on_scale(quantity, scale)
    tapers, channels = view.coords["taper"].tolist(), view.coords["channel"].tolist()
    panels = []
    for number, channel in enumerate(channels):
        names = tapers if len(tapers) > 1 else [channel]
        curves = [lines.curve(name, taper, number, 0) for taper, name in enumerate(names)]
        panels.append(Curves(tuple(curves), channel, AXIS_LABELS[dim], quantity, scale == "log"))
    return [joined(panels)] if together else panels


def images_of_channels(view: View, quantity: Quantity, scale: Scale, zlim: Any) -> list[Image]:
    """Time-frequency images of channels, with the same colours for all."""
    times, values = LongAxis(view, "time", "freq").means()
    quantity, values = quantity.on_scale(values[:, 0], scale)
    colors = Colors(quantity, scale == "log", zlim)
    channels = view.coords["channel"].tolist()
    freqs = view.coords["freq"]
    return share_colors(
        [Image(times, freqs, values[:, number], channel, colors) for number, channel in enumerate(channels)]
    )


def has_both_axes(view: View) -> bool:
    """Whether there are several times and several frequencies."""
    return bool(view.lengths[0] > 1 and len(view.coords["freq"]) > 1)
