"""What the methods of `resampledata` share: the new rate, its low-pass, and the stage that changes time axes."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from syncopy.data.continuous import AnalogData
from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.method import Method, Stage
from syncopy.engine.parameters import Whole, parameter
from syncopy.errors import SPYTypeError, SPYValueError, SPYWarning
from syncopy.kernels.polyphase import SLAB_BYTES, resampled_length

Array = NDArray[Any]

# Order of filters where trials are longer than this; below the second number aliases get through.
LONGEST_DEFAULT_ORDER = 1000
SUFFICIENT_ORDER = 100
# Samples that may be made of one.
HIGHEST_RATIO = 1000


@dataclass(frozen=True, eq=False)
class Resampled(Stage):
    """Signals at another rate; the first sample of a trial stays where it is in time.

    Attributes
    ----------
    kernel : callable
        `(trial, time, channel)` to the same with `ceil(time * up / down)` samples.
    up, down : int
        Ratio of the rates.
    samplerate : float
        The new rate.
    keeps_type : bool
        Whether whole numbers stay whole numbers.
    copies, per_sample : float
        Scratch memory, in copies of input and output of a trial, or of some short ones, in double precision; and
        further bytes per sample.
    reach : (int, int)
        See `Stage`.
    """

    kernel: Callable[[Array], Array]
    up: int
    down: int
    samplerate: float
    keeps_type: bool
    copies: float
    per_sample: int = 0
    reach: tuple[int, int] = (0, 0)

    split: ClassVar[frozenset[str]] = frozenset({"channel"})

    @property
    def rate(self) -> Fraction:
        """Ratio of the rates."""
        return Fraction(self.up, self.down)

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """Signals at the new rate."""
        (trial,) = trials
        shape = (resampled_length(trial.n_samples, self.up, self.down), *trial.shape[1:])
        whole = trial.dtype.kind not in "fc" and not self.keeps_type
        return trial.change(
            shape=shape,
            dtype=np.dtype(np.float64) if whole else trial.dtype,
            samplerate=self.samplerate,
            offset=trial.offset * self.up / self.down,
        )

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Resample a block."""
        return self.kernel(blocks[0]).astype(self.infer(trial).dtype, copy=False)

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """Copies in double precision."""
        (trial,) = trials
        samples = trial.n_samples + resampled_length(trial.n_samples, self.up, self.down)
        double = trial.dtype.itemsize > 4
        one = 8 * samples * trial.size("channel")
        slab = min(count * one, max(one, SLAB_BYTES))
        return int(self.copies * slab) + double * count * one + self.per_sample * trial.n_samples


class RateParameters(Method):
    """The new rate and the low-pass."""

    reads: ClassVar[tuple[type, ...]] = (AnalogData,)

    resamplefs: float = parameter(description="new sample rate", unit="Hz", gt=0)
    lpfreq: float | None = parameter(None, "cut-off of the low-pass", "Hz", gt=0)
    order: Whole | None = parameter(
        None, "order of the low-pass; by default the shortest trial, 1000 samples at most", ge=1, le=1_000_000
    )

    def result_unit(self, unit: str | None) -> str | None:
        """That of the data: samples are weighted means of samples."""
        return unit

    def check(self, view: View) -> None:
        """Raise for what does not suit the data."""
        if view.reader.source.dtype.kind == "c":
            raise SPYTypeError(view.data, "data", "real-valued signals")
        if self.resamplefs > HIGHEST_RATIO * view.samplerate:
            legal = f"at most {HIGHEST_RATIO} times the sample rate, {HIGHEST_RATIO * view.samplerate:g} Hz"
            raise SPYValueError(legal, "resamplefs", f"{self.resamplefs:g} Hz")
        longest = float(view.lengths.max()) / view.samplerate
        if self.resamplefs * longest < 1:
            legal = f"at least {1 / longest:g} Hz, one sample in the longest trial"
            raise SPYValueError(legal, "resamplefs", f"{self.resamplefs:g} Hz")
        limit = min(self.resamplefs, view.samplerate) / 2
        if self.lpfreq is not None and self.lpfreq > limit:
            raise SPYValueError(f"at most {limit:g} Hz, half the lower of both rates", "lpfreq", f"{self.lpfreq} Hz")

    def filter_order(self, view: View) -> int:
        """Order of the low-pass."""
        order = min(int(view.lengths.min()), LONGEST_DEFAULT_ORDER) if self.order is None else self.order
        if order < SUFFICIENT_ORDER:
            text = f"a low-pass of order {order} lets aliases through; {SUFFICIENT_ORDER} or more is advised"
            warnings.warn(text, SPYWarning, stacklevel=2)
        return order
