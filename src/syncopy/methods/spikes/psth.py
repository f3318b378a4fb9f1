"""Peri-stimulus time histograms: spikes per bin, trial and unit, and their average over trials."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from syncopy.data.discrete_selection import DiscreteSelection
from syncopy.data.selection import cut_latency
from syncopy.data.spikes import SpikeData
from syncopy.data.timelock import TimeLockData
from syncopy.data.trials import TrialSpec, latency_window
from syncopy.engine.method import Method, Pipeline, Stage
from syncopy.engine.parameters import Whole, parameter
from syncopy.errors import SPYValueError
from syncopy.kernels.spikes import (
    Output,
    bins_by_rule,
    bins_of_width,
    scale_counts,
    scott_width,
    square_root_width,
)
from syncopy.methods.freedom import warn_of_divisor
from syncopy.methods.spikes.counts import BinnedTrials, Bins, bin_trials, pairs_of, spikes_between
from syncopy.methods.timelock.moments import TrialMoments

Array = NDArray[Any]

# Memory a spike takes while it is counted: its row, its trial, place, time, pair and cell, and copies of them.
_SPIKE_BYTES = 120

# Bins from one sample to the next; narrower ones are a slip of units.
_MOST_PER_SAMPLE = 100
# A window so many times as long as the trials is one in samples, or in ms.
_LONGEST_WINDOW = 10_000


@dataclass(frozen=True, eq=False)
class Histogram(Stage):
    """Counts and coverage to histograms.

    Attributes
    ----------
    edges : ndarray
        Edges of the bins in seconds.
    output : str
        See `scale_counts`.
    most_spikes : int
        Of a trial; what is read while counting.
    """

    edges: Array
    output: Output
    most_spikes: int

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """As the counts."""
        return trials[0]

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Scale counts; NaN where a bin is not covered."""
        counts, covered = blocks
        return scale_counts(counts, covered, self.edges, self.output)

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """The spikes, and a copy of the counts."""
        return count * (self.most_spikes * _SPIKE_BYTES + trials[0].nbytes)


class SpikePsth(Method):
    """Peri-stimulus time histogram of every unit: rate, count or proportion of spikes in bins of time."""

    verb: ClassVar[str] = "spike_psth"
    reads: ClassVar[tuple[type, ...]] = (SpikeData,)
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"latency": "minperiod"},
        {"binsize": 0.05, "latency": [0, 0.5], "output": "spikecount", "var_ddof": 1},
        {"binsize": "sqrt", "latency": [-0.05, 0.6], "output": "proportion", "keeptrials": False},
    )

    binsize: Annotated[float, Field(gt=0)] | Literal["rice", "sqrt", "scott", "sqrt_spikes"] = parameter(
        "rice",
        "width of a bin; or, from the mean trial length L in samples, 'rice': int(2 L^(1/3)) - 1 bins, 'sqrt': "
        "ceil(sqrt(L)) - 1 bins; or a width from the spikes, averaged over units, 'scott': 3.49 sd n^(-1/3) (Scott "
        "1979, doi:10.1093/biomet/66.3.605), 'sqrt_spikes': as many bins as the square root of the number n of spikes",
        "s",
    )
    output: Output = parameter(
        "rate", "spikes per second, 'spikecount': spikes, or 'proportion': part of a unit's spikes in the trial"
    )
    latency: Any = parameter(
        "maxperiod",
        "[start, end] of the window, or 'maxperiod', 'minperiod', 'prestim', 'poststim'",
        "s",
        "list of float or str",
    )
    vartriallen: bool = parameter(True, "use trials that do not cover the whole window, too; else drop them")
    keeptrials: bool = parameter(True, "keep the histograms of every trial, or only average them")
    var_ddof: Whole = parameter(0, "variances are divided by trials - var_ddof", ge=0, le=1_000_000)

    def result_unit(self, unit: str | None) -> str | None:
        """Rates are per second, counts and proportions have none."""
        return "1/s" if self.output == "rate" else ""

    def sources(self, view: DiscreteSelection) -> tuple[BinnedTrials, BinnedTrials]:
        """Counts of spikes, and which bins are covered."""
        if view.samplerate is None:
            raise SPYValueError("an object with a samplerate", "data", "samplerate None")
        intervals = view.intervals
        start, end = latency_window(intervals, "maxperiod" if self.latency == "all" else self.latency)
        first, last = intervals[:, 0].min(), intervals[:, 1].max() + 1 / view.samplerate
        if end - start > _LONGEST_WINDOW * (last - first):
            legal = f"at most {_LONGEST_WINDOW} times as long as the trials, which last from {first:g} to {last:g} s"
            raise SPYValueError(legal, "latency", self.latency)
        if not self.vartriallen:
            keep, _, _ = cut_latency(view.offsets, view.lengths, view.samplerate, [start, end], view.ids)
            view = replace(
                view,
                ids=view.ids[keep],
                starts=view.starts[keep],
                stops=view.stops[keep],
                offsets=view.offsets[keep],
                trialinfo=view.trialinfo[keep],
            )
        pairs = pairs_of(view)
        if not len(pairs):
            raise SPYValueError("at least one spike in the chosen trials", "data", "none")
        return bin_trials(view, Bins(self._edges(view, pairs, start, end), end), pairs)

    def bind(self, *views: Any) -> Pipeline:
        """Scale the counts and reduce them in the same pass."""
        counts, _ = views
        bins = counts.bins
        stage = Histogram(bins.edges, self.output, int(counts.selection.counts.max()))
        info = {"binsize": bins.width, "latency": [float(bins.edges[0]), float(bins.edges[-1])]}
        warn_of_divisor("var_ddof", self.var_ddof, len(counts))
        reduction = TrialMoments(self.var_ddof, self.keeptrials)
        return Pipeline((stage,), TimeLockData, reduction, keep=self.keeptrials, info=info)

    def _edges(self, view: DiscreteSelection, pairs: Array, start: float, end: float) -> Array:
        """Edges of the bins of a window from its first to its last sample."""
        assert view.samplerate is not None
        window = end - start + 1 / view.samplerate
        if self.binsize == "rice" or self.binsize == "sqrt":
            edges = bins_by_rule(start, end, float(view.lengths.mean()), self.binsize)
            if len(edges) < 2 or start == end:
                raise SPYValueError("a width in seconds for trials as short as these", "binsize", repr(self.binsize))
            return edges
        width = self._width(view, pairs, start, end) if isinstance(self.binsize, str) else self.binsize
        if not 0 < width <= window * (1 + 1e-9):
            raise SPYValueError(f"less or equals {window:g} s, the length of the window", "binsize", width)
        if width * view.samplerate * _MOST_PER_SAMPLE < 1 - 1e-9:
            least = 1 / view.samplerate / _MOST_PER_SAMPLE
            raise SPYValueError(f"at least {least:g} s: {_MOST_PER_SAMPLE} bins per sample", "binsize", width)
        return bins_of_width(start, start + window, width)

    def _width(self, view: DiscreteSelection, pairs: Array, start: float, end: float) -> float:
        """Width that suits the spikes of the window; units with less than two do not count."""
        found = spikes_between(view, pairs, start, end)
        time, pair = (np.concatenate(parts) for parts in zip(*found, strict=True))
        enough = np.bincount(pair, minlength=len(pairs)) > 1
        if not enough.any():
            raise SPYValueError("a width in seconds where no unit has two spikes", "binsize", repr(self.binsize))
        inside = enough[pair]
        time, pair = time[inside], (np.cumsum(enough) - 1)[pair[inside]]
        return scott_width(time, pair) if self.binsize == "scott" else square_root_width(pair, end - start)
