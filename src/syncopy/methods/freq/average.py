"""Averages of spectral quantities over trials."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.trials import TrialSpec
from syncopy.engine.method import State, TrialMean

Array = NDArray[Any]


@dataclass(frozen=True)
class PhaseMean(TrialMean):
    """Circular mean of angles: the angle of the mean of ``exp(i angle)``, so that -pi and pi are the same."""

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Sum of the unit vectors of a block, one trial after the other."""
        vectors = (np.exp(1j * angles) for angles in block[:, np.newaxis])
        return reduce(self.merge, (super(PhaseMean, self).lift(vector, trial) for vector in vectors))

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Array:
        """Angle of the sum; how many trials it is made of matters only where there are none."""
        total = np.where(state[1] > 0, state[0], np.nan) if self.skip_nan else state[0]
        return np.angle(total).astype(self.infer(trial).dtype)

    def state_bytes(self, trial: TrialSpec) -> int:
        """Bytes of one sum of complex numbers."""
        return 2 * super().state_bytes(trial)

    def scratch(self, count: int, trial: TrialSpec) -> int:
        """Bytes of the vectors and the sum of one trial."""
        return 4 * trial.nbytes + self.state_bytes(trial) + super().scratch(1, trial)


def trial_mean(output: str, offset: float, skip_nan: bool = False) -> TrialMean:
    """Average that suits a quantity; see `TrialMean`."""
    return (PhaseMean if output == "angle" else TrialMean)(offset, skip_nan)
