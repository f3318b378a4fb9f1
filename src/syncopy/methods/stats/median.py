"""Medians along an axis, or over trials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.gather import Gathered
from syncopy.engine.method import AXES, Pipeline, Reduction, State
from syncopy.errors import SPYTypeError
from syncopy.kernels.moments import median_along
from syncopy.methods.stats.statistic import Statistic, result_dtype

Array = NDArray[Any]


@dataclass(frozen=True)
class TrialMedian(Reduction):
    """Median over trials, all of which are one block.

    Attributes
    ----------
    skip_nan : bool
        Whether NaN are left out number by number, or passed on.
    """

    skip_nan: bool

    split: ClassVar[frozenset[str]] = AXES

    def infer(self, trial: TrialSpec) -> TrialSpec:
        """One trial like the others."""
        return trial.change(dtype=result_dtype(trial.dtype, real=True))

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Median of all trials."""
        median = median_along(block, 0)[0]
        if not self.skip_nan:
            median[np.isnan(block).any(axis=0)] = np.nan
        return (median,)

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Array:
        """Nothing is left to do."""
        median: Array = state[0].astype(self.infer(trial).dtype, copy=False)
        return median

    def state_bytes(self, trial: TrialSpec) -> int:
        """The median, and numbers in order."""
        return 8 * int(np.prod(trial.shape, dtype=np.int64))

    def scratch(self, count: int, trial: TrialSpec) -> int:
        """Bytes of two copies of the trials, which are sorted, and of masks."""
        return count * (2 * self.infer(trial).nbytes + 2 * int(np.prod(trial.shape, dtype=np.int64)))


class Median(Statistic):
    """Median along an axis of each trial, or over trials, which have to fit into memory for (some of) the channels."""

    verb: ClassVar[str] = "median"
    real: ClassVar[bool] = True

    def along(self) -> Callable[[Array, int], Array]:
        """Median along an axis."""
        return median_along

    def over_trials(self, n_trials: int) -> Reduction:
        """Median over trials."""
        return Gathered(TrialMedian(bool(self.skipnan)), n_trials)

    def bind(self, *views: View) -> Pipeline:
        """Refuse complex numbers, which have no order."""
        if views[0].reader.source.dtype.kind == "c":
            raise SPYTypeError(views[0].data, "data", "real numbers, which have a median")
        return super().bind(*views)
