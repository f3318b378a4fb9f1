"""Quantities of channel pairs: sums over trials and a formula; of all trials, of single ones, without each one."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from syncopy.data.trials import TrialSpec
from syncopy.engine.gather import Gathered
from syncopy.engine.method import Noted, Reduction, Stage, State
from syncopy.kernels.arrays import cache_slabs
from syncopy.kernels.jackknife import bias_variance, deviation_sums
from syncopy.methods.connectivity.pairs import Pairs

Array = NDArray[Any]

# Bytes of sums to which formulas are applied at a time.
_SLAB_BYTES = 2**22


@dataclass(frozen=True, eq=False)
class PairQuantity(Reduction):
    """A quantity of channel pairs that is a formula of sums over trials.

    The arrays of its state end in the axes `(time, freq, sender, receiver)`, or in others where the last two are.

    Attributes
    ----------
    pairs : Pairs
    """

    pairs: Pairs

    split: ClassVar[frozenset[str]] = frozenset({"freq", "channel_i"})
    dtype: ClassVar[type] = np.float32
    # type of the variance of values
    spread_dtype: ClassVar[type] = np.float32
    # real numbers in the sums of a pair
    reals: ClassVar[int] = 2
    # trials without which the formula has no meaning
    fewest: ClassVar[int] = 1
    # whether values are angles
    circular: ClassVar[bool] = False
    # copies of a block of spectra, in double precision, that summing takes
    copies: ClassVar[int] = 0

    def infer(self, trial: TrialSpec) -> TrialSpec:
        """One value per time, frequency and pair."""
        return self.pairs.spec(trial, self.dtype)

    @abstractmethod
    def value(self, state: State, n_trials: int) -> Array:
        """Apply the formula to (some frequencies of) the sums over trials: `(time, freq, sender, receiver)`."""

    def gathered(self, n_trials: int) -> Reduction | None:
        """Of spectra of all trials: for many channels and few trials they are smaller than the sums."""
        return Gathered(self, n_trials) if "freq" in self.split else None

    def near(self, state: State, n_trials: int) -> Self:
        """Return the quantity for sums of almost the same trials; some formulas have a head start then."""
        return self

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Array | Noted:
        """Apply the formula, some frequencies at a time."""
        result: Array = np.empty(self.infer(trial).shape, self.dtype)
        for where in self.slabs(state):
            result[:, where] = self.value(part_of(state, where), n_trials)
        return self.pairs.blank(result)

    def slabs(self, state: State) -> list[slice]:
        """Ranges of frequencies that formulas work on at a time: all where they look at several."""
        freqs = state[0].shape[-3]
        if "freq" not in self.split:
            return [slice(0, freqs)]
        return cache_slabs(freqs, sum(part.nbytes for part in state) // max(freqs, 1), _SLAB_BYTES)

    def entries(self, trial: TrialSpec) -> int:
        """Entries of the matrices that are summed, per time and frequency."""
        return self.pairs.shape[0] * self.pairs.shape[1]

    def state_bytes(self, trial: TrialSpec) -> int:
        """Sums in double precision, and a share of the result."""
        return (8 * self.reals + 4) * trial.n_samples * trial.size("freq") * self.entries(trial)

    def scratch(self, count: int, trial: TrialSpec) -> int:
        """Copies of the spectra in double precision."""
        return self.copies * 16 * count * int(np.prod(trial.shape, dtype=np.int64))

    def narrow(self, axis: str, where: slice) -> Self:
        """Only some of the senders."""
        return replace(self, pairs=self.pairs.narrow(axis, where))


def part_of(state: State, where: slice) -> State:
    """Some of the frequencies of sums."""
    return tuple(part[..., where, :, :] for part in state)


@dataclass(frozen=True, eq=False)
class OverTapers(Stage):
    """A quantity of every trial on its own, in which the tapers take the place of the trials.

    Attributes
    ----------
    quantity : PairQuantity
    """

    quantity: PairQuantity

    @property
    def split(self) -> frozenset[str]:  # type: ignore[override]
        """As the quantity."""
        return self.quantity.split

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """One value per time, frequency and pair."""
        return self.quantity.infer(trials[0])

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array | Noted:
        """Compute the quantity trial by trial."""
        (block,) = blocks
        result: Array = np.empty((len(block), *self.infer(trial).shape), self.quantity.dtype)
        notes: dict[str, list[Any]] = {}
        for number, spectra in enumerate(block):
            tapers = spectra.swapaxes(0, 1)[:, :, None]
            closed = self.quantity.close(self.quantity.lift(tapers, trial), len(tapers), trial)
            if isinstance(closed, Noted):
                for name, entries in closed.notes.items():
                    notes.setdefault(name, []).extend(entries)
                closed = closed.block
            result[number] = closed
        return Noted(result, notes)

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """Sums and value of one trial."""
        return 2 * self.quantity.state_bytes(trials[0]) + self.quantity.scratch(1, trials[0])

    def narrow(self, axis: str, where: slice) -> Self:
        """Only some of the senders."""
        return replace(self, quantity=self.quantity.narrow(axis, where))


@dataclass(frozen=True, eq=False)
class Jackknife(Reduction):
    """A quantity with its bias and variance, from the values without one trial each, in two passes over the trials.

    Attributes
    ----------
    quantity : PairQuantity
    """

    quantity: PairQuantity

    @property
    def split(self) -> frozenset[str]:  # type: ignore[override]
        """As the quantity."""
        return self.quantity.split

    def infer(self, trial: TrialSpec) -> TrialSpec:
        """As the quantity."""
        return self.quantity.infer(trial)

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Sums of the quantity."""
        return self.quantity.lift(block, trial)

    def again(self, state: State, n_trials: int, trial: TrialSpec) -> Reduction:
        """Compute the values without one trial each, now that the sums over all are known."""
        return LeaveOneOut(self.quantity, self.quantity.near(state, n_trials), state, n_trials)

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Array | Noted:
        """Compute the quantity of all trials."""
        return self.quantity.close(state, n_trials, trial)

    def state_bytes(self, trial: TrialSpec) -> int:
        """Sums over all trials and of one, sums of deviations and of their squares, three results."""
        return 3 * self.quantity.state_bytes(trial)

    def scratch(self, count: int, trial: TrialSpec) -> int:
        """As the quantity."""
        return self.quantity.scratch(count, trial)

    def narrow(self, axis: str, where: slice) -> Self:
        """As the quantity."""
        return replace(self, quantity=self.quantity.narrow(axis, where))


@dataclass(frozen=True, eq=False)
class LeaveOneOut(Reduction):
    """How much the values without one trial each deviate from that of all trials.

    Attributes
    ----------
    quantity : PairQuantity
    near : PairQuantity
        The same for almost the same trials.
    total : State
        Its sums over all trials.
    n_trials : int
        Their number.
    """

    quantity: PairQuantity
    near: PairQuantity
    total: State
    n_trials: int

    @property
    def split(self) -> frozenset[str]:  # type: ignore[override]
        """As the quantity."""
        return self.quantity.split

    def infer(self, trial: TrialSpec) -> TrialSpec:
        """As the quantity."""
        return self.quantity.infer(trial)

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Sum deviations and their squares over the trials of a block."""
        parts = [(where, part_of(self.total, where)) for where in self.quantity.slabs(self.total)]
        direct = [self.near.value(total, self.n_trials) for _, total in parts]
        sums = [np.zeros(1)] * len(parts)
        for number in range(len(block)):
            own = self.quantity.lift(block[number : number + 1], trial)
            for place, (where, total) in enumerate(parts):
                with np.errstate(invalid="ignore"):  # logarithms of nothing
                    rest = tuple(a - b for a, b in zip(total, part_of(own, where), strict=True))
                value = self.near.value(rest, self.n_trials - 1)
                sums[place] = sums[place] + deviation_sums(value[None], direct[place], circular=self.quantity.circular)
        return (np.concatenate(sums, axis=-3),)

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Noted:
        """Bias and variance beside the value of all trials."""
        closed = self.quantity.close(self.total, n_trials, trial)
        data, notes = closed if isinstance(closed, Noted) else (closed, {})
        bias, variance = bias_variance(state[0], n_trials)
        blank = self.quantity.pairs.blank
        arrays = {
            "data": data,
            "jack_var": blank(variance.astype(self.quantity.spread_dtype)),
            "jack_bias": blank(bias.astype(self.quantity.dtype)),
        }
        return Noted(arrays, notes)  # type: ignore[arg-type]

    def state_bytes(self, trial: TrialSpec) -> int:
        """As `Jackknife`."""
        return 3 * self.quantity.state_bytes(trial)
