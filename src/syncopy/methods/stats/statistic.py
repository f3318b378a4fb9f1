"""Statistics along an axis of each trial, or over trials: what they have in common."""

from __future__ import annotations

import math
import warnings
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from syncopy.data.continuous import ContinuousData
from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.method import AXES, Pipeline, Reduction, Stage, State, TrialMean
from syncopy.engine.parameters import parameter
from syncopy.errors import SPYValueError, SPYWarning
from syncopy.kernels.moments import Moments, lift_moments, merge_moments
from syncopy.methods.freedom import warn_of_divisor
from syncopy.methods.gaps import MarkGaps
from syncopy.methods.stats.bootstrap import BootstrapParameters

Array = NDArray[Any]


def result_dtype(dtype: np.dtype[Any], real: bool) -> np.dtype[Any]:
    """Type of a statistic: single precision stays, whole numbers become fractions, a `real` one is never complex."""
    if dtype.kind == "c" and not real:
        return dtype
    return np.dtype(np.float32 if dtype in (np.float32, np.complex64) else np.float64)


@dataclass(frozen=True)
class AlongAxis(Stage):
    """A statistic of each trial along one axis, which is left with one entry.

    Attributes
    ----------
    dim : str
        The axis.
    label : str
        Label of what is left of an axis with labels.
    statistic : callable
        `(block, axis) -> block`, the axis kept with length one; leaves NaN out.
    real : bool
        Whether the result is real even for complex numbers.
    skip_nan : bool
        Whether NaN are left out, or make the result NaN.
    """

    dim: str
    label: str
    statistic: Callable[[Array, int], Array]
    real: bool = False
    skip_nan: bool = True

    @property
    def split(self) -> frozenset[str]:  # type: ignore[override]
        """All axes but the one that is reduced."""
        return frozenset({"channel", "channel_i", "channel_j", "freq", "taper"}) - {self.dim}

    @property
    def reach(self) -> tuple[int, int] | None:
        """Samples are on their own unless they are what is reduced."""
        return None if self.dim == "time" else (0, 0)

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """Trials of length one along the axis."""
        (trial,) = trials
        axis = trial.dims.index(self.dim)
        shape = (*trial.shape[:axis], 1, *trial.shape[axis + 1 :])
        coords = dict(trial.coords)
        if self.dim == "freq":
            coords["freq"] = np.zeros(1)
        elif self.dim in coords:
            coords[self.dim] = np.array([self.label])
        offset = 0.0 if self.dim == "time" else trial.offset
        return trial.change(shape=shape, coords=coords, dtype=result_dtype(trial.dtype, self.real), offset=offset)

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Reduce a block along the axis."""
        (block,) = blocks
        axis = trial.dims.index(self.dim) + 1
        result = self.statistic(block, axis).astype(self.infer(trial).dtype, copy=False)
        if not self.skip_nan:
            result[np.isnan(block).any(axis=axis, keepdims=True)] = np.nan
        return result

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """A masked copy in double precision."""
        return count * 3 * 8 * math.prod(trials[0].shape)


@dataclass(frozen=True)
class TrialMoments(Reduction):
    """A statistic of mean and spread over trials, in one pass and in double precision.

    Attributes
    ----------
    statistic : callable
        `(moments, ddof)` to the statistic.
    ddof : int
        What the number of trials is diminished by as a divisor.
    skip_nan : bool
        Whether NaN are left out number by number, or passed on.
    """

    statistic: Callable[[Moments, int], Array]
    ddof: int
    skip_nan: bool

    split: ClassVar[frozenset[str]] = AXES

    def infer(self, trial: TrialSpec) -> TrialSpec:
        """One trial like the others, real."""
        return trial.change(dtype=result_dtype(trial.dtype, real=True))

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Number, mean and sum of squared deviations."""
        return lift_moments(block, ignore_nan=self.skip_nan)

    def merge(self, a: State, b: State) -> State:
        """Join the moments of two blocks."""
        return merge_moments(Moments(*a), Moments(*b))

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Array:
        """Read the statistic off the moments."""
        return self.statistic(Moments(*state), self.ddof).astype(self.infer(trial).dtype)

    def state_bytes(self, trial: TrialSpec) -> int:
        """Mean and squares, and numbers where they differ."""
        return (16 * (1 + (trial.dtype.kind == "c")) + 8 * self.skip_nan) * int(np.prod(trial.shape, dtype=np.int64))

    def held_bytes(self, trial: TrialSpec) -> int:
        """Bytes of the moments of all trials, and of what is in between when a state is merged with them."""
        return 3 * self.state_bytes(trial)


class Statistic(BootstrapParameters):
    """A statistic along an axis of each trial, or over trials."""

    reads: ClassVar[tuple[type, ...]] = (ContinuousData,)
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"dim": "channel"},
        {"dim": "trials"},
        {"dim": "time"},
        {"dim": "trials", "bootstrap": 20},
    )
    real: ClassVar[bool] = False

    dim: str = parameter(description="axis of the data, or 'trials'")
    keeptrials: bool = parameter(True, "keep trials, or average the result over them as well")
    skipnan: bool | None = parameter(
        None, "leave NaN out, or pass them on; None: left out along an axis, passed on over trials"
    )

    def result_unit(self, unit: str | None) -> str | None:
        """That of the data; variances are in its square."""
        return unit

    @abstractmethod
    def along(self) -> Callable[[Array, int], Array]:
        """Return the statistic `(block, axis)` along an axis, which stays with length one; it leaves NaN out."""

    @abstractmethod
    def over_trials(self, n_trials: int) -> Reduction:
        """Return the statistic over trials."""

    def bind(self, *views: View) -> Pipeline:
        """A reduction over trials, or a stage along an axis."""
        (view,) = views
        self._warn_of_ddof(view)
        # mean and median of infinite numbers have a meaning, spread has none
        gaps: tuple[Stage, ...] = (MarkGaps(),) if type(self).real or self.bootstrap else ()
        if self.dim == "trials":
            return self._of_trials(gaps, view, self.over_trials(len(view)))
        if self.dim not in view.dims:
            raise SPYValueError(f"one of {', '.join(view.dims)} or 'trials'", "dim", repr(self.dim))
        skip = True if self.skipnan is None else self.skipnan
        stage = AlongAxis(self.dim, type(self).verb, self.along(), type(self).real, skip)
        if self.keeptrials:
            if self.bootstrap:
                text = "`bootstrap` has no effect on single trials: it is for dim='trials' or keeptrials=False"
                warnings.warn(text, SPYWarning, stacklevel=7)
            return Pipeline((*gaps, stage), type(view.data))
        return self._of_trials((*gaps, stage), view, TrialMean(skip_nan=bool(self.skipnan)))

    def _warn_of_ddof(self, view: View) -> None:
        """Tell of a divisor that is not positive; of time, the longest trial counts."""
        spec = view.spec(int(np.argmax(view.lengths)))
        count = len(view) if self.dim == "trials" else spec.size(self.dim) if self.dim in spec.dims else None
        ddof = getattr(self, "ddof", None)
        if count is not None and ddof is not None:
            warn_of_divisor("ddof", ddof, count)

    def _of_trials(self, stages: tuple[Stage, ...], view: View, reduction: Reduction) -> Pipeline:
        """Pipeline of a quantity of all trials, with its confidence interval if asked for."""
        trial = view.spec(0)
        dtype = reduction.infer(stages[-1].infer(trial) if stages else trial).dtype
        reduction = self.resample(reduction, len(view), dtype)
        return Pipeline(stages, type(view.data), reduction, keep=False, info=self.bootstrap_info())
