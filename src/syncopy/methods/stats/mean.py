"""Averages over an axis, or over trials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from syncopy.data.continuous import ContinuousData
from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.method import Method, Pipeline, Stage, TrialMean
from syncopy.engine.parameters import parameter
from syncopy.errors import SPYValueError
from syncopy.kernels.moments import mean_along

Array = NDArray[Any]


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
        `(block, axis) -> block`, the axis kept with length one.
    """

    dim: str
    label: str
    statistic: Callable[[Array, int], Array]

    @property
    def split(self) -> frozenset[str]:  # type: ignore[override]
        """All axes but the one that is reduced."""
        return frozenset({"channel", "channel_i", "channel_j", "freq", "taper"}) - {self.dim}

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
        kind = np.float32 if trial.dtype == np.float32 else np.float64
        dtype = trial.dtype if trial.dtype.kind in "fc" else np.dtype(kind)
        offset = 0.0 if self.dim == "time" else trial.offset
        return trial.change(shape=shape, coords=coords, dtype=dtype, offset=offset)

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Reduce a block along the axis."""
        result = self.statistic(blocks[0], trial.dims.index(self.dim) + 1)
        return result.astype(self.infer(trial).dtype, copy=False)

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """A masked copy in double precision."""
        return count * 3 * 8 * int(np.prod(trials[0].shape))


class Mean(Method):
    """Mean along an axis of each trial (NaN left out), or over trials (NaN passed on); sums in double precision."""

    verb: ClassVar[str] = "mean"
    method_name: ClassVar[str | None] = None
    reads: ClassVar[tuple[type, ...]] = (ContinuousData,)
    examples: ClassVar[tuple[dict[str, Any], ...]] = ({"dim": "channel"}, {"dim": "trials"}, {"dim": "time"})

    dim: str = parameter(description="axis of the data, or 'trials'")
    keeptrials: bool = parameter(True, "keep trials, or average the result over them as well")

    def bind(self, *views: View) -> Pipeline:
        """A reduction over trials, or a stage along an axis."""
        (view,) = views
        writes = type(view.data)
        if self.dim == "trials":
            return Pipeline((), writes, TrialMean(), keep=False)
        if self.dim not in view.dims:
            raise SPYValueError(f"one of {', '.join(view.dims)} or 'trials'", "dim", repr(self.dim))
        reduction = None if self.keeptrials else TrialMean()
        return Pipeline((AlongAxis(self.dim, "mean", mean_along),), writes, reduction, keep=self.keeptrials)
