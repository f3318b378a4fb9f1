"""Selections: immutable values that say which part of an object is meant."""

from __future__ import annotations

import copy
import difflib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.axes import Index, pick_frequencies, pick_positions, positions
from syncopy.data.structdict import from_plain, to_plain
from syncopy.data.timeaxis import has_listed_times, times_of_trial
from syncopy.data.trials import TrialIndexer, consecutive, latency_window
from syncopy.data.trialtable import pick_trials
from syncopy.data.view import samplewise
from syncopy.errors import SPYTypeError, SPYValueError, SPYWarning
from syncopy.markup import card, few
from syncopy.storage.arrays import takes_all

if TYPE_CHECKING:
    from syncopy.data.base import BaseData
    from syncopy.data.continuous import ContinuousData

Array = NDArray[Any]

SELECTORS = ("trials", "channel", "channel_i", "channel_j", "latency", "frequency", "taper", "unit", "eventid")

# Part of a sample by which a border may miss it: time axes are computed, not measured.
_SLACK = 1e-6


@dataclass(frozen=True, eq=False)
class Selection:
    """A part of a continuous object, resolved to indices.

    Attributes
    ----------
    select : dict
        What was asked for.
    ids : ndarray of int
        Chosen trials in the order asked for, repetitions kept.
    starts, stops : ndarray of int
        Rows of the object's data that belong to each chosen trial (after `latency`).
    offsets : ndarray of float
        Samples from t = 0 to the first chosen sample of each trial.
    trialinfo : ndarray
        Further columns of the trial definition.
    picks : dict of str to slice or ndarray
        Positions on every axis but the stacking one; each is also an attribute (`selection.channel`), as a slice or a
        list.
    """

    data: ContinuousData
    select: dict[str, Any]
    ids: NDArray[np.intp]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    offsets: NDArray[np.float64]
    trialinfo: Array
    picks: Mapping[str, Index]

    @property
    def trial_ids(self) -> list[int]:
        """Numbers of the chosen trials."""
        ids: list[int] = self.ids.tolist()
        return ids

    @property
    def trialdefinition(self) -> Array:
        """Trial definition of the chosen part, as a copy made of it would have it."""
        return consecutive(self.stops - self.starts, self.offsets, self.trialinfo)

    @property
    def sampleinfo(self) -> Array:
        """Start and stop of every chosen trial in the copy."""
        return self.trialdefinition[:, :2]

    @property
    def trialintervals(self) -> Array:
        """Seconds of the first and last chosen sample of every trial."""
        return self.data.view(self).intervals

    @property
    def trials(self) -> TrialIndexer[Array]:
        """The chosen part of each chosen trial, by the number the trial has in the object."""
        view = self.data.view(self)
        order = np.argsort(view.reader.order)
        return TrialIndexer(len(self.ids), lambda place: view.read(place, place + 1)[0].transpose(order), self.ids)

    def load(self) -> list[Array]:
        """The chosen part of all chosen trials, read in one go."""
        view = self.data.view(self)
        (whole,) = samplewise([view], int(view.lengths.sum()))
        order = np.argsort(view.reader.order)
        return [trial.transpose(order) for trial in np.split(whole.read(0, 1)[0], np.cumsum(view.lengths)[:-1])]

    @property
    def time(self) -> TrialIndexer[slice]:
        """Samples of each chosen trial, counted from its start, by the number the trial has in the object."""
        assert self.data._trialdefinition is not None
        first = self.starts - self.data._trialdefinition[self.ids, 0].astype(np.int64)
        last = first + self.stops - self.starts
        return TrialIndexer(len(self.ids), lambda place: slice(int(first[place]), int(last[place]), 1), self.ids)

    def __getattr__(self, name: str) -> Any:
        picks = vars(self).get("picks", {})  # a selection that is just being unpickled has none
        if name not in picks:
            raise AttributeError(f"no `{name}` in this selection")
        pick = picks[name]
        if isinstance(pick, slice):
            return slice(None, None, 1) if takes_all(pick, self.data._axis_size(name) or 0) else pick
        return pick.tolist()

    def __repr__(self) -> str:
        counts = {}
        for dim, pick in self.picks.items():
            size = self.data._axis_size(dim) or 0
            counts[dim] = "all" if takes_all(pick, size) else len(positions(pick, size))
        counts["time"] = self.stops[0] - self.starts[0] if "latency" in self.select else "all"
        parts = [f"{count} {dim}s" for dim, count in sorted(counts.items())]
        parts.append(f"{len(self.ids)} trials")
        return f"Syncopy {type(self.data).__name__} selector with {', '.join(parts)}"

    def _repr_html_(self) -> str:
        rows: dict[str, Any] = {"trials": f"{len(self.ids)} of {len(self.data.trials or ())}: {few(self.ids)}"}
        for dim, pick in self.picks.items():
            labels = getattr(self.data, dim)
            rows[dim] = f"{len(labels[pick])} of {len(labels)}: {few(labels[pick])}"
        begins, ends = self.trialintervals.T
        rows["time"] = f"{begins.min():g} s to {ends.max():g} s"
        return card(f"Selection of {type(self.data).__name__}", rows)


def check_selectors(data: BaseData, request: Any) -> dict[str, Any]:
    """Return the selectors that say something, or raise for a name that `data` has no axis for."""
    if isinstance(request, str):
        if request != "all":
            raise SPYValueError("'all' or a dict of selectors", "select", repr(request))
        return {}
    if not isinstance(request, Mapping):
        raise SPYTypeError(request, "select", "a dict of selectors or 'all'")
    legal = data._selectors
    for key in request:
        if key in legal:
            continue
        if key in SELECTORS:
            raise SPYValueError(
                f"one of {', '.join(legal)}; no `{key}` selection available for {type(data).__name__}", "select", key
            )
        close = difflib.get_close_matches(str(key), legal, 1)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        raise SPYValueError(f"a dict with some of the keys {', '.join(legal)}{hint}", "select", key)
    return {key: copy.deepcopy(from_plain(value)) for key, value in request.items() if value is not None}


def resolve(data: ContinuousData, request: Any) -> Selection:
    """Resolve selectors against an object.

    Raises
    ------
    SPYTypeError, SPYValueError
        For a selector that does not fit `data`.

    Warns
    -----
    SPYWarning
        If trials are dropped because they do not cover the latency window.
    """
    wanted = check_selectors(data, request)
    trl = data._trialdefinition
    if data.data is None or trl is None:
        raise SPYValueError("non-empty Syncopy data object", type(data).__name__, "empty")
    ids = pick_trials(data, wanted.get("trials"))
    chosen = trl[ids]
    starts, stops, offsets = chosen[:, 0].astype(np.int64), chosen[:, 1].astype(np.int64), chosen[:, 2].copy()
    picks = {
        dim: pick_frequencies(selector, getattr(data, dim), wanted.get(selector))
        if selector == "frequency"
        else pick_positions(selector, len(getattr(data, dim)), wanted.get(selector), getattr(data, dim))
        for dim, selector in data._axis_selectors.items()
    }
    latency = wanted.get("latency")
    if latency is not None and not (isinstance(latency, str) and latency == "all"):
        if has_listed_times(data):
            keep, first, last = cut_listed([times_of_trial(data, int(number)) for number in ids], latency, ids)
        else:
            keep, first, last = cut_latency(offsets, stops - starts, data.samplerate, latency, ids)
        ids, starts, offsets, chosen = ids[keep], starts[keep], offsets[keep], chosen[keep]
        starts, stops, offsets = starts + first, starts + last + 1, offsets + first
    return Selection(data, to_plain(wanted), ids, starts, stops, offsets, chosen[:, 3:], picks)


def cut_latency(
    offsets: Array, lengths: Array, samplerate: float, latency: Any, trial_ids: Array
) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
    """Trials that cover a latency window, and the first and last of their samples inside it.

    Returns
    -------
    keep : ndarray of bool, shape (n_trials,)
    first, last : ndarray of int, shape (n_kept,)
        Samples from the start of the trial; both belong to the window.
    """
    intervals = np.column_stack([offsets, offsets + lengths - 1]) / samplerate
    keep, start, end = _covering(intervals, latency, trial_ids, _SLACK / samplerate)
    if np.ndim(latency) == 0 and not isinstance(latency, str):
        nearest = np.round(start * samplerate - offsets[keep]).astype(np.int64)
        return keep, nearest, nearest
    first = np.ceil(start * samplerate - offsets[keep] - _SLACK).astype(np.int64)
    last = np.floor(end * samplerate - offsets[keep] + _SLACK).astype(np.int64)
    if (last < first).any():
        raise SPYValueError(f"a window that holds a sample (every {1 / samplerate:g} s)", "latency", latency)
    return keep, first, last


def cut_listed(
    times: Sequence[Array], latency: Any, trial_ids: Array
) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
    """Do what `cut_latency` does for trials whose times are listed."""
    intervals = np.array([trial[[0, -1]] for trial in times])
    keep, start, end = _covering(intervals, latency, trial_ids, _SLACK)
    kept = [trial for trial, covers in zip(times, keep, strict=True) if covers]
    if np.ndim(latency) == 0 and not isinstance(latency, str):
        nearest = np.array([np.argmin(np.abs(trial - start)) for trial in kept], dtype=np.int64)
        return keep, nearest, nearest
    first = np.array([np.searchsorted(trial, start - _SLACK) for trial in kept], dtype=np.int64)
    last = np.array([np.searchsorted(trial, end + _SLACK, "right") - 1 for trial in kept], dtype=np.int64)
    if (last < first).any():
        raise SPYValueError("a window that holds one of the times", "latency", latency)
    return keep, first, last


def _covering(intervals: Array, latency: Any, trial_ids: Array, slack: float) -> tuple[NDArray[np.bool_], float, float]:
    """Trials that cover a latency window, and the window; a warning names those that do not."""
    start, end = latency_window(intervals, latency)
    keep = (intervals[:, 0] <= start + slack) & (intervals[:, 1] >= end - slack)
    if not keep.any():
        longest = intervals[np.argmax(np.diff(intervals)[:, 0])]
        legal = (
            "at least one trial covering the latency window; the longest has its first sample at "
            f"{longest[0]:.9g} s and its last one at {longest[1]:.9g} s"
        )
        raise SPYValueError(legal, "latency", f"[{start:.9g}, {end:.9g}] s")
    if not keep.all():
        gone = ", ".join(map(str, trial_ids[~keep][:10].tolist())) + (", ..." if (~keep).sum() > 10 else "")
        warnings.warn(
            f"discarded {(~keep).sum()} of {len(keep)} trials which do not cover the latency window "
            f"[{start:g}, {end:g}] s: {gone}",
            SPYWarning,
            stacklevel=3,
        )
    return keep, start, end
