"""Removal of a trend, as a step of `preprocessing`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from syncopy.data.trials import TrialSpec
from syncopy.engine.method import Stage
from syncopy.kernels.detrend import detrend

Array = NDArray[Any]


@dataclass(frozen=True)
class Detrend(Stage):
    """Remove the mean (order 0) or the least-squares line (order 1) of every channel in every trial."""

    order: int

    split: ClassVar[frozenset[str]] = frozenset({"channel"})

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """Signals in single precision."""
        return trials[0].change(dtype=np.dtype(np.float32))

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Remove the trend of a block."""
        return detrend(blocks[0], self.order).astype(np.float32, copy=False)

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """Copy in double precision where the input is not single."""
        return count * 8 * int(np.prod(trials[0].shape))
