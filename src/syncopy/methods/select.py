"""Copying, the step behind a deep selection: what is chosen has been chosen when a block is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from syncopy.data.trials import TrialSpec
from syncopy.engine.method import AXES, Stage

Array = NDArray[Any]


@dataclass(frozen=True)
class Copy(Stage):
    """Every sample as it is."""

    split = AXES

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """The same trials."""
        return trials[0]

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Hand the block on."""
        return blocks[0]
