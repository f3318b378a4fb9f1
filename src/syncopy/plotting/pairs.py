"""Panels of quantities of channel pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from syncopy.data.continuous import CrossSpectralData
from syncopy.data.view import View
from syncopy.errors import SPYValueError
from syncopy.plotting.images import Colors, Image, Matrix, share_colors
from syncopy.plotting.layout import check_count
from syncopy.plotting.lines import Curve, Curves, joined
from syncopy.plotting.quantities import Quantity, quantity_of, require_real
from syncopy.plotting.spectra import AXIS_LABELS, has_both_axes
from syncopy.plotting.thinning import LongAxis
from syncopy.plotting.trial import view_one_trial, without_latency

MOST_LINES = 64

Pair = tuple[int, int]


def panels_of_pairs(
    data: CrossSpectralData, selectors: Mapping[str, Any], together: bool
) -> Sequence[Curves | Image | Matrix]:
    """Lines, or images, of channel pairs; a matrix of all channels for a single frequency (and time)."""
    view = view_one_trial(data, without_latency(data, selectors))
    remedy = "compute them with `output='abs'`, 'pow' or 'angle' (cross-spectra: as coherence)"
    require_real(view.reader.source.dtype, remedy)
    quantity = quantity_of(data, "value")
    pairs = choose_pairs(view, quantity.directed)
    has_lines = view.lengths[0] > 1 or len(view.coords["freq"]) > 1
    if not has_lines:
        return [matrix(view, quantity)]
    most, what = (1, "one pair for an image") if has_both_axes(view) else (MOST_LINES, f"{MOST_LINES} pairs")
    if together and len(pairs) > most:
        legal = (
            f"{what} at the most: choose with `channel_i` and `channel_j`, "
            "or take one `frequency` for a matrix of all channels"
        )
        raise SPYValueError(legal, "channel_i/channel_j", f"{len(pairs)} pairs")
    if not together:
        check_count(len(pairs))
    return images(view, quantity, pairs) if has_both_axes(view) else lines(view, quantity, pairs, together)


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


def pair_names(view: View, quantity: Quantity, pairs: Sequence[Pair]) -> list[str]:
    """Names of pairs; an arrow where the direction matters."""
    senders, receivers = view.coords["channel_i"], view.coords["channel_j"]
    between = " → " if quantity.directed else " - "
    return [f"{senders[i]}{between}{receivers[j]}" for i, j in pairs]


def lines(view: View, quantity: Quantity, pairs: Sequence[Pair], together: bool) -> list[Curves]:
    """A line for each pair over frequency, or over time, which for correlations is the lag."""
    dim = "time" if view.lengths[0] > 1 else "freq"
    x, values = LongAxis(view, dim, "freq" if dim == "time" else "time").extremes()
    x_label = "lag (s)" if quantity.name == "correlation" else AXIS_LABELS[dim]
    panels = [
        Curves((Curve(name, x, values[:, i, j, 0]),), name, x_label, quantity)
        for (i, j), name in zip(pairs, pair_names(view, quantity, pairs), strict=True)
    ]
    return [joined(panels)] if together else panels


def images(view: View, quantity: Quantity, pairs: Sequence[Pair]) -> list[Image]:
    """A time-frequency image of each pair."""
    times, values = LongAxis(view, "time", "freq").means()
    names = pair_names(view, quantity, pairs)
    freqs = view.coords["freq"]
    return share_colors(
        [
            Image(times, freqs, values[:, i, j], name, Colors(quantity))
            for (i, j), name in zip(pairs, names, strict=True)
        ]
    )


def matrix(view: View, quantity: Quantity) -> Matrix:
    """All channels with all, at one frequency."""
    values = view.read(0, 1)[0, 0, 0]
    colors = Colors(quantity)
    title = f"{view.coords['freq'][0]:g} Hz"
    names = view.coords["channel_i"].tolist(), view.coords["channel_j"].tolist()
    labels = ("to channel_j", "from channel_i") if quantity.directed else ("channel_j", "channel_i")
    return share_colors([Matrix(values, *names, title, *labels, colors)])[0]
