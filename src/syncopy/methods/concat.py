"""Putting the channels of several objects side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.trials import TrialSpec
from syncopy.engine.method import AXES, Stage

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Join(Stage):
    """The same trials of several sources, one after the other along an axis.

    Attributes
    ----------
    dim : str
        The axis.
    labels : ndarray of str
        Its labels in the result.
    """

    dim: str
    labels: Array

    @property
    def split(self) -> frozenset[str]:  # type: ignore[override]
        """All axes but the joined one."""
        return AXES - {self.dim}

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """Trials with all channels."""
        first = trials[0]
        axis = first.dims.index(self.dim)
        shape = (*first.shape[:axis], len(self.labels), *first.shape[axis + 1 :])
        dtype = np.result_type(*(trial.dtype for trial in trials))
        return first.change(shape=shape, dtype=dtype, coords=first.coords | {self.dim: self.labels})

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Join blocks."""
        return np.concatenate(blocks, axis=trial.dims.index(self.dim) + 1)
