"""Panels of spikes and other events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.api.verbs import spike_psth
from syncopy.data.discrete import DiscreteData
from syncopy.data.discrete_selection import DiscreteSelection
from syncopy.data.timelock import TimeLockData
from syncopy.errors import SPYValueError
from syncopy.methods.spikes.counts import pair_labels, pairs_of
from syncopy.plotting.layout import check_count
from syncopy.plotting.quantities import quantity_of
from syncopy.plotting.rasters import Histogram, Raster
from syncopy.plotting.thinning import COLUMNS

Array = NDArray[Any]
Numbers = NDArray[np.int64]


def panels_of_events(
    data: DiscreteData, selectors: Mapping[str, Any], together: bool, *, on_yaxis: str = "trials", psth: Any = None
) -> Sequence[Raster]:
    """Rasters: the trials of one unit (or event code), or all units or channels of one trial, in rows."""
    view = data.view(data.resolve(selectors) if selectors else None)
    if view.samplerate is None:
        raise SPYValueError("an object with a samplerate", "data", "no samplerate")
    columns = data._selectors[2:]
    legal = ("trials", *columns)
    if on_yaxis not in legal:
        raise SPYValueError(f"one of {', '.join(map(repr, legal))}", "on_yaxis", repr(on_yaxis))
    # a panel for each unit (or event code) with rows of trials, or the other way round
    by_trial = on_yaxis == "trials"
    kind = columns[-1] if by_trial else on_yaxis
    numbers = view.kept.get(kind, data._numbers(kind))
    labels, trials = _names(data, kind, numbers), [f"trial{number}" for number in view.trial_ids]
    titles, rows = (labels, trials) if by_trial else (trials, labels)
    if together and len(titles) > 1:
        selector = kind if by_trial else "trials"
        one = f"a single {selector.removesuffix('s')}; select it with `{selector}`, or use `multipanelplot`"
        raise SPYValueError(one, selector, f"{len(titles)} of them")
    check_count(len(titles))
    if psth is not None and not (by_trial and kind == "unit"):
        raise SPYValueError("None unless the rows are trials of spikes", "psth", type(psth).__name__)
    above = [None] * len(titles) if psth is None else histograms(data, view, psth, numbers)
    times, number, trial = read_times(view, kind, numbers)
    panel, row = (number, trial) if by_trial else (trial, number)
    members = [np.flatnonzero(panel == place) for place in range(len(titles))]
    return [
        Raster(times[inside], row[inside], tuple(rows), time_limits(view), title, on_yaxis, histogram)
        for title, inside, histogram in zip(titles, members, above, strict=True)
    ]


def histograms(data: DiscreteData, view: DiscreteSelection, psth: Any, units: Numbers) -> list[Histogram]:
    """Histogram of every unit, summed over its channels: given, or counted in bins of so many seconds."""
    if not isinstance(psth, TimeLockData):
        psth = spike_psth(data, binsize=psth, keeptrials=False, select=view.select)
    average = psth.datasets_of(psth.resolve(None)).get("avg")
    if average is None:
        raise SPYValueError("a width in seconds, or a result of `spy.spike_psth`", "psth", "an object without average")
    pairs = pairs_of(view)
    owners = dict(zip(pair_labels(data, pairs), pairs[:, 1].tolist(), strict=True))
    numbers = np.array([owners.get(label, -1) for label in psth.channel.tolist()])
    middles, label = psth.time[0], quantity_of(psth, "value").label
    return [Histogram(middles, average[:, numbers == unit].sum(axis=1), label) for unit in units]


def read_times(view: DiscreteSelection, kind: str, numbers: Numbers) -> tuple[Array, Numbers, Numbers]:
    """Seconds of the events, and the places of their numbers and of their trials; row by row."""
    limits, n_trials = time_limits(view), len(view)
    parts: list[tuple[Array, Numbers]] = [(np.empty(0), np.empty(0, np.int64))]
    for block in view.blocks():
        cells = np.searchsorted(numbers, block.column(kind)) * n_trials + block.trial
        parts.append(thin_events(block.time, cells, limits))
    times, cells = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    order = np.argsort(cells, kind="stable")
    times, cells = thin_events(times[order], cells[order], limits)
    return times, *np.divmod(cells, n_trials)


def thin_events(
    times: Array, rows: Numbers, limits: tuple[float, float], columns: int = COLUMNS
) -> tuple[Array, Numbers]:
    """Of rows with more events than columns, keep the first one of every column, which is all that can be seen."""
    dense = np.flatnonzero((np.bincount(rows) > columns)[rows])
    if not len(dense):
        return times, rows
    begin, end = limits
    column = np.floor((times[dense] - begin) / (end - begin) * columns).astype(np.int64)
    keep = np.ones(len(times), dtype=bool)
    keep[dense] = False
    keep[dense[np.unique(rows[dense] * (columns + 1) + column, return_index=True)[1]]] = True
    return times[keep], rows[keep]


def time_limits(view: DiscreteSelection) -> tuple[float, float]:
    """Seconds where the first trial begins and the last one ends."""
    begins, ends = view.offsets, view.offsets + view.lengths
    return float(begins.min() / view.samplerate), float(ends.max() / view.samplerate)


def _names(data: DiscreteData, kind: str, numbers: Numbers) -> list[str]:
    """Labels of numbers, or the numbers themselves where a column has no labels."""
    if kind not in data._axis_selectors:
        return [f"{kind} {number}" for number in numbers]
    labels: list[str] = getattr(data, kind)[np.searchsorted(data._numbers(kind), numbers)].tolist()
    return labels
