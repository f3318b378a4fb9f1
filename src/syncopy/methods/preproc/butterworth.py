"""Butterworth filters, as a step of `preprocessing`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from syncopy.data.trials import TrialSpec
from syncopy.engine.method import Stage
from syncopy.kernels.filters import butterworth

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Butterworth(Stage):
    """Recursive filter in second-order sections, computed in double precision.

    Attributes
    ----------
    sos : ndarray, shape (section, 6)
        The design, made once per call.
    direction : {"onepass", "twopass"}
    """

    sos: Array
    direction: str

    split: ClassVar[frozenset[str]] = frozenset({"channel"})

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """Signals in single precision."""
        return trials[0].change(dtype=np.dtype(np.float32))

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Filter a block."""
        return butterworth(blocks[0], self.sos, self.direction).astype(np.float32, copy=False)  # type: ignore[arg-type]

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """Copies in double precision, extended at both ends."""
        return count * 4 * 8 * int(np.prod(trials[0].shape))
