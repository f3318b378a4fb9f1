"""Averages over an axis, or over trials."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from numpy.typing import NDArray

from syncopy.engine.method import Reduction, TrialMean
from syncopy.kernels.moments import mean_along
from syncopy.methods.stats.statistic import Statistic

Array = NDArray[Any]


class Mean(Statistic):
    """Mean along an axis of each trial, or over trials; sums in double precision."""

    verb: ClassVar[str] = "mean"

    def along(self) -> Callable[[Array, int], Array]:
        """Mean along an axis."""
        return mean_along

    def over_trials(self, n_trials: int) -> Reduction:
        """Mean over trials."""
        return TrialMean(skip_nan=bool(self.skipnan))
