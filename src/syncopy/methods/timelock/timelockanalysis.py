"""Event-related averages: trials on one time axis, their average, variance and covariance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from syncopy.data.continuous import AnalogData
from syncopy.data.timelock import TimeLockData
from syncopy.data.trials import TrialSpec, latency_window
from syncopy.data.view import View
from syncopy.engine.method import AXES, Pipeline, Reduction, Stage, TrialMean
from syncopy.engine.parameters import Whole, parameter
from syncopy.errors import SPYValueError
from syncopy.methods.freedom import warn_of_divisor
from syncopy.methods.gaps import MarkGaps
from syncopy.methods.stats.bootstrap import BootstrapParameters
from syncopy.methods.timelock.moments import Datasets, Interval, TrialCovariance, TrialMoments

Array = NDArray[Any]

# Part of a sample by which the border of a window may miss it.
_SLACK = 1e-6


@dataclass(frozen=True)
class OnCommonAxis(Stage):
    """Trials cut and padded with NaN to one time axis.

    Attributes
    ----------
    offset : float
        First sample of the axis, relative to t = 0.
    length : int
        Number of its samples.
    """

    offset: float
    length: int

    split: ClassVar[frozenset[str]] = AXES - {"time"}
    uses_offset: ClassVar[bool] = True

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """Trials of the length of the axis; whole numbers become fractions, which have NaN."""
        (trial,) = trials
        dtype = trial.dtype if trial.dtype.kind in "fc" else np.dtype(np.float64)
        return trial.change(shape=(self.length, *trial.shape[1:]), offset=self.offset, dtype=dtype)

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Copy what lies on the axis."""
        (block,) = blocks
        spec = self.infer(trial)
        placed = np.full((len(block), *spec.shape), np.nan, spec.dtype)
        start = round(trial.offset - self.offset)
        first, last = np.clip([start, start + trial.n_samples], 0, self.length).tolist()
        placed[:, first:last] = block[:, first - start : last - start]
        return placed


class TimelockAnalysis(BootstrapParameters):
    """Average, variance (and covariance) of trials, with NaN left out; sums in double precision."""

    verb: ClassVar[str] = "timelockanalysis"
    reads: ClassVar[tuple[type, ...]] = (AnalogData,)
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"latency": [0, 0.5]},
        {"latency": "minperiod", "covariance": True, "keeptrials": True},
        {"vartrllength": 2, "covariance": True, "var_ddof": 1},
        {"latency": "minperiod", "bootstrap": 20},
    )

    latency: Any = parameter(
        "maxperiod",
        "[start, end] of the window, or 'maxperiod', 'minperiod', 'prestim', 'poststim'; None: trials as they are",
        "s",
        "list of float, str or None",
    )
    covariance: bool = parameter(False, "add the covariance of channels over time, pooled over trials")
    ddof: Whole | None = parameter(None, "covariances are divided by samples - ddof; None: 1", ge=0)
    trials: Any = parameter("all", "trials to use, as for `spy.selectdata`", kind="int, list of int or str")
    keeptrials: bool = parameter(False, "keep the covariance of every trial; trials themselves are always kept")
    vartrllength: Literal[0, 1, 2] = parameter(
        1,
        "trials that do not cover the window: 0 is an error, 1 drops them, 2 takes the samples there are: trials are "
        "padded with NaN, which averages leave out",
    )
    var_ddof: Whole = parameter(0, "variances are divided by trials - var_ddof", ge=0, le=1_000_000)

    def result_unit(self, unit: str | None) -> str | None:
        """That of the data, of trials and averages."""
        return unit

    def selectors(self) -> dict[str, Any]:
        """Trials, and the window where it drops some."""
        return {"trials": self.trials} | ({"latency": self.latency} if self.vartrllength == 1 else {})

    def bind(self, *views: View) -> Pipeline:
        """Find the common axis; keep trials on it and reduce them in the same pass."""
        (view,) = views
        stages = () if self.vartrllength == 1 else (self._common_axis(view),)
        length = stages[0].length if stages else int(view.lengths[0])
        if not stages and len(np.unique([view.lengths, view.offsets], axis=1).T) > 1:
            legal = "trials of the same length and offset, a window that cuts them, or vartrllength=2"
            raise SPYValueError(legal, "latency", repr(self.latency))
        warn_of_divisor("var_ddof", self.var_ddof, len(view))
        parts: list[Reduction] = [TrialMoments(self.var_ddof)]
        if self.bootstrap:
            parts.append(Interval(self.resample(TrialMean(skip_nan=True), len(view), view.spec(0).dtype)))
        if self.covariance:
            ddof = 1 if self.ddof is None else self.ddof
            if view.spec(0).dtype.kind == "c":
                raise SPYValueError("real data for a covariance", "covariance", "complex data")
            if ddof >= length:
                raise SPYValueError(f"less than the {length} samples of the window", "ddof", ddof)
            parts.append(TrialCovariance(ddof, len(view) if self.keeptrials else 0))
        reduction = Datasets(tuple(parts))
        return Pipeline((MarkGaps(), *stages), TimeLockData, reduction, info=self.bootstrap_info())

    def _common_axis(self, view: View) -> OnCommonAxis:
        """Axis of the window, with samples where the first trial has them."""
        window = "maxperiod" if self.latency in (None, "all") else self.latency
        start, end = (edge * view.samplerate for edge in latency_window(view.intervals, window))
        phase = view.offsets[0] % 1
        first = np.ceil(start - phase - _SLACK) + phase
        length = int(np.floor(end - first + _SLACK)) + 1
        if length < 1:
            raise SPYValueError(
                f"a window that holds a sample (every {1 / view.samplerate:g} s)", "latency", self.latency
            )
        short = (view.offsets > start + _SLACK) | (view.offsets + view.lengths - 1 < end - _SLACK)
        if self.vartrllength == 0 and short.any():
            legal = f"trials that all cover the window [{start / view.samplerate:g}, {end / view.samplerate:g}] s"
            raise SPYValueError(legal, "trials", f"{short.sum()} of {len(view)} which do not")
        return OnCommonAxis(float(first), length)
