"""Panels of quantities of channel pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from syncopy.data.continuous import CrossSpectralData
from syncopy.data.view import View
from syncopy.errors import SPYValueError
from syncopy.plotting.bands import Band, find_band, read_lines, refuse_band
from syncopy.plotting.images import Colors, Image, Matrix, refuse_zlim, share_colors
from syncopy.plotting.layout import check_count
from syncopy.plotting.lines import Curves, joined
from syncopy.plotting.quantities import Quantity, quantity_of, require_real
from syncopy.plotting.spectra import AXIS_LABELS, has_both_axes
from syncopy.plotting.thinning import LongAxis
from syncopy.plotting.trial import view_one_trial, without_latency

MOST_LINES = 64

Pair = tuple[int, int]


def panels_of_pairs(
    data: CrossSpectralData, selectors: Mapping[str, Any], together: bool, *, band: Any = None, zlim: Any = None
) -> Sequence[Curves | Image | Matrix]:
    """Lines, or images, of channel pairs; a matrix of all channels for a single frequency (and time)."""
    selectors = without_latency(data, selectors)
    view = view_one_trial(data, selectors)
    remedy = "compute them with `output='abs'`, 'pow' or 'angle' (cross-spectra: as coherence)"
    require_real(view.reader.source.dtype, remedy)
    quantity = quantity_of(data, "value", [*view.coords["channel_i"].tolist(), *view.coords["channel_j"].tolist()])
    pairs = leave_out_missing(view, choose_pairs(view, quantity.directed))
    has_lines = view.lengths[0] > 1 or len(view.coords["freq"]) > 1
    if not has_lines or has_both_axes(view):
        refuse_band(band)
    if not has_lines:
        return [matrix(view, Colors(quantity, zlim=zlim))]
    most, what = (1, "one pair for an image") if has_both_axes(view) else (MOST_LINES, f"{MOST_LINES} pairs")
    if together and len(pairs) > most:
        legal = (
            f"{what} at the most: choose with `channel_i` and `channel_j`, "
            "or take one `frequency` for a matrix of all channels"
        )
        raise SPYValueError(legal, "channel_i/channel_j", f"{len(pairs)} pairs")
    if not together:
        check_count(len(pairs))
    if has_both_axes(view):
        return images(view, Colors(quantity, zlim=zlim), pairs)
    refuse_zlim(zlim)
    return lines(view, find_band(data, view, selectors, band), quantity, pairs, together)


def choose_pairs(view: View, directed: bool) -> list[Pair]:
    """Positions of the pairs of different channels; one direction is enough where both are the same."""
    senders, receivers = view.coords["channel_i"].tolist(), view.coords["channel_j"].tolist()
    everything = list(product(range(len(senders)), range(len(receivers))))
    if len(everything) == 1:
        return everything
    chosen: dict[tuple[str, str], Pair] = {}
    for i, j in everything:
        names = senders[i], receivers[j]
        if names[0] != names[1] and (directed or names[::-1] not in chosen):
            chosen.setdefault(names, (i, j))
    return list(chosen.values())


def leave_out_missing(view: View, pairs: list[Pair]) -> list[Pair]:
    """Leave out pairs that are NaN everywhere, as those are that `channelcmb` did not name; all of them if all are."""
    if len(pairs) == 1:
        return pairs
    axis = LongAxis(view, "time" if view.lengths[0] > 1 else "freq")
    present: Any = False
    for start in range(0, len(axis.values), axis.step):
        block = axis.read(start, min(start + axis.step, len(axis.values)))
        present = present | ~np.isnan(block).all(axis=(0, 1))
        if present.all():
            break
    return [pair for pair in pairs if present[pair]] or pairs


def pair_names(view: View, quantity: Quantity, pairs: Sequence[Pair]) -> list[str]:
    """Names of pairs; an arrow where the direction matters."""
    senders, receivers = view.coords["channel_i"], view.coords["channel_j"]
    between = " → " if quantity.directed else " - "
    return [f"{senders[i]}{between}{receivers[j]}" for i, j in pairs]


def lines(view: View, band: Band | None, quantity: Quantity, pairs: Sequence[Pair], together: bool) -> list[Curves]:
    """A line for each pair over frequency, or over time, which for correlations is the lag."""
    dim = "time" if view.lengths[0] > 1 else "freq"
    found = read_lines(view, dim, "freq" if dim == "time" else "time", band)
    x_label = "lag (s)" if quantity.name == "correlation" else AXIS_LABELS[dim]
    panels = [
        Curves((found.curve(name, i, j, 0),), name, x_label, quantity)
        for (i, j), name in zip(pairs, pair_names(view, quantity, pairs), strict=True)
    ]
    return [joined(panels)] if together else panels


def images(view: View, colors: Colors, pairs: Sequence[Pair]) -> list[Image]:
    """A time-frequency image of each pair."""
    times, values = LongAxis(view, "time", "freq").means()
    names = pair_names(view, colors.quantity, pairs)
    freqs = view.coords["freq"]
    return share_colors(
        [Image(times, freqs, values[:, i, j], name, colors) for (i, j), name in zip(pairs, names, strict=True)]
    )


def matrix(view: View, colors: Colors) -> Matrix:
    """All channels with all, at one frequency."""
    values = view.read(0, 1)[0, 0, 0]
    title = f"{view.coords['freq'][0]:g} Hz"
    names = view.coords["channel_i"].tolist(), view.coords["channel_j"].tolist()
    labels = ("to channel_j", "from channel_i") if colors.quantity.directed else ("channel_j", "channel_i")
    return share_colors([Matrix(values, *names, title, *labels, colors)])[0]
