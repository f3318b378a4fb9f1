"""Steps of `preprocessing`: kernels on signals, each as a stage of a pipeline."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.trials import TrialSpec
from syncopy.engine.method import Stage
from syncopy.kernels.arrays import CACHE_BYTES

Array = NDArray[Any]

# Largest slab of short trials that a kernel takes.
_SLAB_BYTES = 8 * CACHE_BYTES


def slab_bytes(count: int, trial: TrialSpec) -> int:
    """Bytes in double precision of what kernels work on at a time: one trial, or some short ones."""
    one = 8 * math.prod(trial.shape)
    return min(count * one, max(one, _SLAB_BYTES))


@dataclass(frozen=True, eq=False)
class SignalStep(Stage):
    """Signals to signals of the same trials.

    Attributes
    ----------
    kernel : callable
        `(trial, time, channel)` to the same shape (but for `channel`); a module's function or a partial of one.
    copies, whole : float
        Scratch memory in double precision: copies of what the kernel works on at a time (see `slab_bytes`), and of the
        whole block.
    per_sample : int
        Further bytes per sample of a trial, for what has no channels: times, a constant, the factors of a transform.
    fixed : int
        Further bytes, whatever the block.
    channelwise : bool
        Whether every channel is treated on its own.
    channel : ndarray of str or None
        Labels of the result; None: those of the input.
    complex_valued : bool
        Whether the result is complex.
    reach, endless
        See `Stage`.
    """

    kernel: Callable[[Array], Array]
    copies: float = 1
    whole: float = 0
    per_sample: int = 0
    fixed: int = 0
    channelwise: bool = True
    channel: Array | None = None
    complex_valued: bool = False
    reach: tuple[int, int] | None = None
    endless: tuple[bool, bool] = (False, False)

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
        """What the kernel takes, and its result in double precision where the input is."""
        (trial,) = trials
        whole = self.whole + (trial.dtype.itemsize > 4)
        slab = self.copies * slab_bytes(count, trial)
        return int(slab + whole * count * 8 * math.prod(trial.shape)) + self.per_sample * trial.n_samples + self.fixed


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

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """The result in double precision where the input is, and a bit for the mean."""
        (trial,) = trials
        double = count * 8 * math.prod(trial.shape)
        return double if trial.dtype.itemsize > 4 else min(double, CACHE_BYTES)

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Compute a block."""
        first = max(0, int(np.ceil(self.start * trial.samplerate - trial.offset - 1e-6)))
        last = min(trial.n_samples - 1, int(np.floor(self.stop * trial.samplerate - trial.offset + 1e-6)))
        return self.kernel(blocks[0], first, last + 1).astype(np.float32, copy=False)
