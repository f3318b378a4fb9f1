"""Standard error of the mean along an axis, or over trials."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from numpy.typing import NDArray

from syncopy.engine.method import Reduction
from syncopy.engine.parameters import parameter
from syncopy.kernels.moments import standard_error, standard_error_along
from syncopy.methods.stats.statistic import Statistic, TrialMoments

Array = NDArray[Any]


class Sem(Statistic):
    """Standard error of the mean along an axis of each trial, or over trials, in one pass; always real."""

    verb: ClassVar[str] = "sem"
    real: ClassVar[bool] = True

    ddof: int = parameter(1, "divisor is the number of values less this: 0 of a population, 1 of a sample", ge=0)

    def along(self) -> Callable[[Array, int], Array]:
        """Standard error of the mean along an axis."""
        return partial(standard_error_along, ddof=self.ddof)

    def over_trials(self, n_trials: int) -> Reduction:
        """Standard error of the mean over trials."""
        return TrialMoments(standard_error, self.ddof, bool(self.skipnan))
