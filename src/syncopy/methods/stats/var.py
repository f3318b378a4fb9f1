"""Variance along an axis, or over trials."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from numpy.typing import NDArray

from syncopy.data.units import squared
from syncopy.engine.method import Reduction
from syncopy.engine.parameters import parameter
from syncopy.kernels.moments import variance, variance_along
from syncopy.methods.stats.statistic import Statistic, TrialMoments

Array = NDArray[Any]


class Var(Statistic):
    """Variance along an axis of each trial, or over trials, in one pass and double precision; always real."""

    verb: ClassVar[str] = "var"
    real: ClassVar[bool] = True

    ddof: int = parameter(0, "divisor is the number of values less this: 0 of a population, 1 of a sample", ge=0)

    def result_unit(self, unit: str | None) -> str | None:
        """The square of the data's."""
        return squared(unit)

    def along(self) -> Callable[[Array, int], Array]:
        """Variance along an axis."""
        return partial(variance_along, ddof=self.ddof)

    def over_trials(self, n_trials: int) -> Reduction:
        """Variance over trials."""
        return TrialMoments(variance, self.ddof, bool(self.skipnan))
