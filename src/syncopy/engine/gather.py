"""Reductions of trials that are all in memory: for what no sum of blocks can tell, or only too large a sum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from syncopy.data.trials import TrialSpec
from syncopy.engine.method import Closed, Reduction, State

Array = NDArray[Any]

# Bytes of trials, and of what becomes of them, that are worked on at a time.
_PART_BYTES = 2**22


@dataclass(frozen=True, eq=False)
class Gathered(Reduction):
    """All trials, reduced when the last one is there, a few positions of an axis at a time.

    Attributes
    ----------
    reduction : Reduction
        Lifts all trials as one block.
    n_trials : int
    """

    reduction: Reduction
    n_trials: int

    @property
    def split(self) -> frozenset[str]:  # type: ignore[override]
        """As the reduction."""
        return self.reduction.split

    def infer(self, trial: TrialSpec) -> TrialSpec:
        """As the reduction."""
        return self.reduction.infer(trial)

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Keep the block."""
        return (block,)

    def merge(self, a: State, b: State) -> State:
        """Keep the blocks, in their order."""
        return a + b

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Closed:
        """Reduce all trials at once."""
        block = state[0] if len(state) == 1 else np.concatenate(state)
        return self.reduction.close(self.reduction.lift(block, trial), n_trials, trial)

    def close_parts(
        self, state: State, n_trials: int, trial: TrialSpec
    ) -> Iterator[tuple[Mapping[str, slice], Closed]]:
        """Reduce all trials, some of an axis at a time."""
        able = [dim for dim in trial.dims if dim in self.split and dim in self.infer(trial).dims]
        if not able:
            yield {}, self.close(state, n_trials, trial)
            return
        axis = max(able, key=trial.size)
        size, number = trial.size(axis), trial.dims.index(axis) + 1
        width = max(1, _PART_BYTES * size // max(self._closing(trial), 1))
        for start in range(0, size, width):
            where = slice(start, min(start + width, size))
            index = (slice(None),) * number + (where,)
            parts = tuple(block[index] for block in state)
            narrow = replace(self, reduction=self.reduction.narrow(axis, where))
            yield {axis: where}, narrow.close(parts, n_trials, trial.narrow(axis, where))

    def state_bytes(self, trial: TrialSpec) -> int:
        """Nothing beside the block."""
        return 0

    def held_bytes(self, trial: TrialSpec) -> int:
        """All trials, and what reducing part of them needs."""
        return self.n_trials * trial.nbytes + min(self._closing(trial), _PART_BYTES)

    def _closing(self, trial: TrialSpec) -> int:
        """Bytes for reducing all of them: a copy as one block, what lifting it needs, and its state."""
        scratch = self.reduction.scratch(self.n_trials, trial)
        return self.n_trials * trial.nbytes + scratch + self.reduction.state_bytes(trial)

    def narrow(self, axis: str, where: slice) -> Self:
        """As the reduction."""
        return replace(self, reduction=self.reduction.narrow(axis, where))
