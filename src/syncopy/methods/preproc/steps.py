"""Steps of `preprocessing`: kernels on signals, each as a stage of a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.trials import TrialSpec
from syncopy.engine.method import Stage

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class SignalStep(Stage):
    """Signals to signals of the same trials.

    Attributes
    ----------
    kernel : callable
        `(trial, time, channel)` to the same shape (but for `channel`); a module's function or a partial of one.
    copies : float
        Scratch memory, in copies of the block in double precision.
    channelwise : bool
        Whether every channel is treated on its own.
    channel : ndarray of str or None
        Labels of the result; None: those of the input.
    complex_valued : bool
        Whether the result is complex.
    """

    kernel: Callable[[Array], Array]
    copies: float = 1
    channelwise: bool = True
    channel: Array | None = None
    complex_valued: bool = False

    @property
    def split(self) -> frozenset[str]:  # type: ignore[override]
        """Channels may be cut where they do not depend on each other."""
        return frozenset({"channel"} if self.channelwise else ())

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """Signals in single precision."""
        (trial,) = trials
        dtype = np.dtype(np.complex64 if self.complex_valued else np.float32)
        if self.channel is None:
            return trial.change(dtype=dtype)
        shape = (trial.n_samples, len(self.channel))
        return trial.change(dtype=dtype, shape=shape, coords={"channel": self.channel})

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Compute a block."""
        return self.kernel(blocks[0]).astype(np.complex64 if self.complex_valued else np.float32, copy=False)

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """Copies of the block in double precision."""
        return int(count * self.copies * 8 * np.prod(trials[0].shape, dtype=np.int64))


@dataclass(frozen=True)
class Baseline(Stage):
    """Subtract the mean over a window of time, which lies at other samples in trials of another offset.

    Attributes
    ----------
    start, stop : float
        Seconds; both belong to the window.
    """

    start: float
    stop: float
    kernel: Callable[[Array, int, int], Array]

    uses_offset = True
    split = frozenset({"channel"})

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """Signals in single precision."""
        return trials[0].change(dtype=np.dtype(np.float32))

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Compute a block."""
        first = max(0, int(np.ceil(self.start * trial.samplerate - trial.offset - 1e-6)))
        last = min(trial.n_samples - 1, int(np.floor(self.stop * trial.samplerate - trial.offset + 1e-6)))
        return self.kernel(blocks[0], first, last + 1).astype(np.float32, copy=False)
