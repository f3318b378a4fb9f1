"""Confidence intervals from resampled trials, for any quantity of all trials."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from syncopy.data.trials import TrialSpec
from syncopy.engine.gather import Gathered
from syncopy.engine.method import Closed, Method, Noted, Reduction, State
from syncopy.engine.parameters import Whole, parameter
from syncopy.errors import SPYValueError
from syncopy.kernels.arrays import cache_slabs
from syncopy.kernels.bootstrap import bootstrap_interval, draw_trials
from syncopy.kernels.moments import lift_moments, standard_deviation

Array = NDArray[Any]

NAMES = ("boot_low", "boot_high", "boot_sem")

# Bytes of values of resampled trials that are held at a time.
_REPLICATE_BYTES = 2**25


@dataclass(frozen=True, eq=False)
class Resampled(Reduction):
    """A quantity of all trials, which are one block, with its confidence interval from trials drawn again.

    Makes the datasets `boot_low`, `boot_high` and `boot_sem`, the standard deviation of the resampled values.

    Attributes
    ----------
    reduction : Reduction
        Of real numbers.
    count : int
        Number of resamples.
    seed : int
        Of the trials drawn.
    confidence : float
        Of the interval.
    circular : bool
        Whether values are angles.
    """

    reduction: Reduction
    count: int
    seed: int
    confidence: float
    circular: bool = False

    @property
    def split(self) -> frozenset[str]:  # type: ignore[override]
        """As the quantity."""
        return self.reduction.split

    def infer(self, trial: TrialSpec) -> TrialSpec:
        """As the quantity."""
        return self.reduction.infer(trial)

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Keep the block."""
        return (block,)

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Closed:
        """Compute the quantity of all trials and of every resample, of some senders at a time if there are many."""
        (block,) = state
        direct, notes = _values(self.reduction.close(self.reduction.lift(block, trial), n_trials, trial))
        found = {"data": direct, **{name: np.empty(direct.shape, direct.dtype) for name in NAMES}}
        for where in self._senders(direct, trial):
            part = self.reduction if where == slice(None) else self.reduction.narrow("channel_i", where)
            low, high, error = self._spread(part, block, direct[..., where, :], trial)
            for name, values in zip(NAMES, (low, high, error), strict=True):
                found[name][..., where, :] = values
        return Noted(found, notes)  # type: ignore[arg-type]

    def _senders(self, direct: Array, trial: TrialSpec) -> list[slice]:
        """Ranges of senders whose resampled values fit together, where the quantity makes that axis."""
        if "channel_i" not in self.split or "channel_i" in trial.dims or "channel_i" not in self.infer(trial).dims:
            return [slice(None)]
        senders = direct.shape[-2]
        ranges = cache_slabs(senders, self.count * direct.nbytes // senders, _REPLICATE_BYTES)
        return ranges if len(ranges) > 1 else [slice(None)]

    def _spread(self, part: Reduction, block: Array, direct: Array, trial: TrialSpec) -> tuple[Array, Array, Array]:
        """Interval and standard error of a quantity whose value is known."""
        n_trials = len(block)
        replicates = np.empty((self.count, *direct.shape), direct.dtype)
        for replicate, draw in zip(replicates, draw_trials(n_trials, self.count, self.seed), strict=True):
            replicate[...] = _values(part.close(part.lift(block[draw], trial), n_trials, trial))[0]
        if self.circular:
            replicates = direct + np.angle(np.exp(1j * (replicates - direct)))
        return *bootstrap_interval(replicates, direct, self.confidence), standard_deviation(lift_moments(replicates), 1)

    def state_bytes(self, trial: TrialSpec) -> int:
        """What the quantity needs, and values of all resamples."""
        return self.reduction.state_bytes(trial) + 2 * self.count * self.infer(trial).nbytes

    def scratch(self, count: int, trial: TrialSpec) -> int:
        """What the quantity needs, of trials drawn."""
        return count * trial.nbytes + self.reduction.scratch(count, trial)

    def narrow(self, axis: str, where: slice) -> Self:
        """As the quantity."""
        return replace(self, reduction=self.reduction.narrow(axis, where))


@dataclass(frozen=True, eq=False)
class Bootstrap(Gathered):
    """All trials, resampled when the last one is there, a few positions of an axis at a time."""

    def held_bytes(self, trial: TrialSpec) -> int:
        """All trials, and all that is computed at a time where no axis can be cut."""
        return super().held_bytes(trial) + (0 if self.split else self.reduction.state_bytes(trial))


class BootstrapParameters(Method):
    """Confidence intervals of what is estimated over trials."""

    bootstrap: Whole = parameter(
        0,
        "add a confidence interval (`boot_low`, `boot_high`) and a standard error (`boot_sem`) from so many sets of "
        "trials drawn with replacement (1000, say); all trials are held in memory; 0: none",
        ge=0,
        le=1_000_000,
    )
    confidence: float = parameter(0.95, "probability with which the interval of `bootstrap` holds", gt=0, lt=1)
    seed: Whole | None = parameter(0, "of the trials drawn by `bootstrap`; None: others every time", ge=0)

    @model_validator(mode="after")
    def _several_resamples(self) -> Any:
        if self.bootstrap == 1:
            raise SPYValueError("0, or 2 and more (some 1000 for an interval)", "bootstrap", 1)
        return self

    def resample(self, reduction: Reduction, n_trials: int, dtype: np.dtype[Any], circular: bool = False) -> Reduction:
        """Return a reduction, or, if asked for, the one that adds its confidence interval."""
        if not self.bootstrap:
            return reduction
        if dtype.kind == "c":
            legal = "a real quantity: complex numbers have no interval (ask for real and imaginary parts, or moduli)"
            raise SPYValueError(legal, "bootstrap", f"values of type {dtype}")
        if n_trials < 2:
            raise SPYValueError("two trials or more to draw from", "bootstrap", f"{n_trials} trial")
        single = reduction.reduction if isinstance(reduction, Gathered) else reduction
        # every part of an axis has to draw the same trials
        seed = secrets.randbits(64) if self.seed is None else self.seed
        return Bootstrap(Resampled(single, self.bootstrap, seed, self.confidence, circular), n_trials)

    def bootstrap_info(self) -> dict[str, Any]:
        """What the result's `info` tells."""
        return {"boot_resamples": self.bootstrap, "boot_confidence": self.confidence} if self.bootstrap else {}


def _values(closed: Closed) -> tuple[Array, dict[str, list[Any]]]:
    """Numbers and notes of what a reduction made."""
    if isinstance(closed, Noted):
        return closed.block, closed.notes
    assert not isinstance(closed, Mapping)
    return closed, {}
