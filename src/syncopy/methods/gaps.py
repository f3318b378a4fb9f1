"""Samples that are missing: NaN, and infinity, which says no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.trials import TrialSpec
from syncopy.engine.method import AXES, Noted, Stage
from syncopy.kernels.arrays import cache_slabs

Array = NDArray[Any]


@dataclass(frozen=True)
class MarkGaps(Stage):
    """Infinite samples become NaN: what follows has one rule for both, and the call tells which trials have any."""

    split = AXES
    reach = (0, 0)

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """The same trials."""
        return trials[0]

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array | Noted:
        """Hand the block on; a copy if there is something to mark."""
        (block,) = blocks
        if block.dtype.kind not in "fc" or _all_finite(block):
            return block
        marked = np.where(np.isinf(block), np.nan, block).astype(block.dtype, copy=False)
        return Noted(marked, {"nan": np.isnan(marked).reshape(len(marked), -1).any(axis=1).tolist()})

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """One mark per number."""
        return count * int(np.prod(trials[0].shape, dtype=np.int64))


def _all_finite(block: Array) -> bool:
    rows = block.reshape(-1, block.shape[-1])
    return all(np.isfinite(rows[slab]).all() for slab in cache_slabs(len(rows), block.itemsize * rows.shape[1]))
