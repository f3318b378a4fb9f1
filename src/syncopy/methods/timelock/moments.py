"""What a time-locked analysis finds out over trials: average, variance, covariance of channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from syncopy.data.trials import TrialSpec
from syncopy.engine.method import AXES, Bundle, Noted, Reduction, State
from syncopy.kernels.arrays import real_dtype
from syncopy.kernels.moments import (
    Moments,
    Sums,
    lift_covariance,
    lift_moments,
    mean,
    merge_moments,
    trial_covariance,
    variance,
)
from syncopy.methods.stats.bootstrap import NAMES

Array = NDArray[Any]


@dataclass(frozen=True)
class TrialMoments(Reduction):
    """Average and variance over the trials that have a number at a sample; NaN is none.

    Makes the datasets `avg`, `var` and `dof`, the number of trials, each with the axes of a trial.

    Attributes
    ----------
    ddof : int
        The sum of squared deviations is divided by ``dof - ddof``.
    keep : bool
        Whether trials are kept; else the average is the data of the result, too.
    """

    ddof: int = 0
    keep: bool = True

    split: ClassVar[frozenset[str]] = AXES

    def infer(self, trial: TrialSpec) -> TrialSpec:
        """One trial like the others; whole numbers become fractions."""
        return trial.change(dtype=trial.dtype if trial.dtype.kind in "fc" else np.dtype(np.float64))

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Moments of a block; counting sample by sample takes longer, so only blocks with NaN are."""
        moments = lift_moments(block)
        return lift_moments(block, ignore_nan=True) if np.isnan(moments.mean).any() else moments

    def merge(self, a: State, b: State) -> State:
        """Moments of two blocks together."""
        return merge_moments(Moments(*a), Moments(*b))

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Mapping[str, Array]:
        """Datasets in the precision of the trials."""
        moments, dtype = Moments(*state), self.infer(trial).dtype
        average = np.where(moments.n > 0, moments.mean, np.nan).astype(dtype)
        spread = variance(moments, self.ddof).astype(real_dtype(average))
        count = np.broadcast_to(moments.n, average.shape).astype(np.int32)
        found = {"avg": average, "var": spread, "dof": count}
        return found if self.keep else {"data": average, **found}

    def state_bytes(self, trial: TrialSpec) -> int:
        """Bytes of mean, squares and counts."""
        return 3 * 8 * int(np.prod(trial.shape)) * (2 if trial.dtype.kind == "c" else 1)

    def held_bytes(self, trial: TrialSpec) -> int:
        """Bytes of the sums of all trials, and of what is in between when a state is merged with them."""
        return 3 * self.state_bytes(trial)


@dataclass(frozen=True)
class TrialCovariance(Reduction):
    """Covariance of channels over time, `(channel, channel)`, pooled over trials: the dataset `cov`.

    Every trial's sums of products, its own means removed, are added up and divided by the sum of ``samples - ddof``.

    Attributes
    ----------
    ddof : int
    keeptrials : int
        Number of trials, to keep the covariance of each, `(trial, channel, channel)`; 0: of all together.
    """

    ddof: int = 1
    keeptrials: int = 0

    def infer(self, trial: TrialSpec) -> TrialSpec:
        """The matrix is no trial; its numbers travel as those of the trial do."""
        return trial

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Covariance of a block, whose trials are all padded alike: samples that no trial has are left out."""
        missing = np.isnan(np.fmin.reduce(block, axis=(0, 2)))
        samples = block[:, ~missing] if missing.any() else block
        channels = block.shape[2]
        enough = samples.shape[1] > self.ddof
        if self.keeptrials:
            unknown = np.full((len(block), channels, channels), np.nan)
            matrices = trial_covariance(samples, ddof=self.ddof) if enough else unknown
            return ([matrices.astype(real_dtype(block))],)
        if not enough:
            return Sums(np.zeros(()), np.zeros((channels, channels)))
        return lift_covariance(samples, ddof=self.ddof, pooled=True)

    def merge(self, a: State, b: State) -> State:
        """Sum, or list of what is kept."""
        return (a[0] + b[0],) if self.keeptrials else super().merge(a, b)

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Mapping[str, Array]:
        """Sum over all trials by their degrees of freedom, or the matrices side by side."""
        if self.keeptrials:
            return {"cov": np.concatenate(state[0])}
        return {"cov": mean(Sums(*state)).astype(trial.dtype if trial.dtype.kind == "f" else np.float64)}

    def state_bytes(self, trial: TrialSpec) -> int:
        """Bytes of one matrix, or of all."""
        return max(self.keeptrials, 1) * 8 * trial.size("channel") ** 2

    def scratch(self, count: int, trial: TrialSpec) -> int:
        """Bytes of the samples that some trial has, and of kept covariances and what they are made of."""
        kept = 8 * (int(np.prod(trial.shape)) + 2 * trial.size("channel") ** 2) if self.keeptrials else 0
        return count * (trial.nbytes + kept)


@dataclass(frozen=True, eq=False)
class Interval(Reduction):
    """Confidence interval and standard error of an average, beside the trials that it is of.

    Attributes
    ----------
    average : Reduction
        Of all trials, resampled.
    """

    average: Reduction

    split: ClassVar[frozenset[str]] = AXES

    def infer(self, trial: TrialSpec) -> TrialSpec:
        """As the average."""
        return self.average.infer(trial)

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """As the average."""
        return self.average.lift(block, trial)

    def merge(self, a: State, b: State) -> State:
        """As the average."""
        return self.average.merge(a, b)

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Mapping[str, Array]:
        """Datasets without the average itself, some of an axis at a time."""
        spec = self.infer(trial)
        found = {name: np.empty(spec.shape, spec.dtype) for name in NAMES}
        for where, closed in self.average.close_parts(state, n_trials, trial):
            assert isinstance(closed, Noted)
            values: Any = closed.block
            for name, whole in found.items():
                whole[tuple(where.get(dim, slice(None)) for dim in spec.dims)] = values[name]
        return found

    def state_bytes(self, trial: TrialSpec) -> int:
        """As the average."""
        return self.average.state_bytes(trial)

    def held_bytes(self, trial: TrialSpec) -> int:
        """What the average needs, and the datasets."""
        return self.average.held_bytes(trial) + len(NAMES) * self.infer(trial).nbytes


@dataclass(frozen=True)
class Datasets(Bundle):
    """Several reductions that each make datasets of the same result."""

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Mapping[str, Array]:
        """Datasets of all parts."""
        found: dict[str, Array] = {}
        for part, own in zip(self.parts, state, strict=True):
            closed = part.close(own, n_trials, trial)
            assert isinstance(closed, Mapping)
            found.update(closed)
        return found
