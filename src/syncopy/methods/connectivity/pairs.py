"""Which pairs of channels are meant, and what the axes of their quantities are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from syncopy.data.axes import pick_positions
from syncopy.data.continuous import CrossSpectralData
from syncopy.data.trials import TrialSpec
from syncopy.errors import SPYTypeError, SPYValueError

Array = NDArray[Any]
Positions = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of channels: all senders with all receivers, or some of these combinations.

    Attributes
    ----------
    senders, receivers : ndarray of int
        Positions of channel_i and channel_j.
    wanted : ndarray of bool or None
        Combinations that were asked for, `(sender, receiver)`; None: all of them.
    everything : bool
        Whether these are all channels with all: their matrices are then Hermitian.
    """

    senders: Positions
    receivers: Positions
    wanted: NDArray[np.bool_] | None = None
    everything: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of senders and of receivers."""
        return len(self.senders), len(self.receivers)

    @property
    def sides(self) -> dict[str, Positions | None]:
        """Senders and receivers as kernels want them."""
        if self.everything:
            return {"senders": None, "receivers": None}
        return {"senders": self.senders, "receivers": self.receivers}

    def narrow(self, axis: str, where: slice) -> Self:
        """Only some of the senders."""
        if axis != "channel_i":
            return self
        wanted = None if self.wanted is None else self.wanted[where]
        return replace(self, senders=self.senders[where], wanted=wanted, everything=False)

    def blank(self, values: Array) -> Array:
        """Set combinations that were not asked for to NaN, `values` being `(..., sender, receiver)`."""
        if self.wanted is not None:
            values[..., ~self.wanted] = np.nan
        return values

    def spec(self, trial: TrialSpec, dtype: type) -> TrialSpec:
        """Spec of a quantity of these pairs made of spectra `(time, taper, freq, channel)`."""
        channel = trial.coords["channel"]
        return pair_spec(trial, channel[self.senders], channel[self.receivers], dtype)


def pair_spec(trial: TrialSpec, channel_i: Array, channel_j: Array, dtype: type) -> TrialSpec:
    """Spec of a quantity of pairs of these names made of spectra `(time, taper, freq, channel)`."""
    coords = {"freq": trial.coords["freq"], "channel_i": channel_i, "channel_j": channel_j}
    shape = (trial.n_samples, trial.size("freq"), len(channel_i), len(channel_j))
    # without a time axis of its own the result has no place in time
    offset = 0.0 if trial.n_samples == 1 else trial.offset
    return TrialSpec(CrossSpectralData._default_dimord, shape, np.dtype(dtype), trial.samplerate, offset, coords)


def choose_pairs(combinations: list[Any] | None, labels: Array) -> Pairs:
    """Find the pairs a user means among channels of these names.

    Parameters
    ----------
    combinations : list or None
        Two entries: senders and receivers, all with all. One or more than two lists of two channels: these pairs.
        None: all channels with all.
    labels : ndarray of str
    """
    if combinations is None:
        everything = np.arange(len(labels), dtype=np.intp)
        return Pairs(everything, everything, everything=True)
    if len(combinations) == 2:
        senders, receivers = (_positions(side, labels) for side in combinations)
        return Pairs(senders, receivers)
    if not combinations or any(not isinstance(pair, list) or len(pair) != 2 for pair in combinations):
        raise SPYValueError("[senders, receivers], or pairs [sender, receiver]", "channelcmb", combinations)
    first, second = (_positions([pair[side] for pair in combinations], labels) for side in (0, 1))
    if not len(first) == len(second) == len(combinations):
        raise SPYValueError("pairs of single channels", "channelcmb", combinations)
    senders, rows = _distinct(first)
    receivers, columns = _distinct(second)
    wanted = np.zeros((len(senders), len(receivers)), dtype=bool)
    wanted[rows, columns] = True
    return Pairs(senders, receivers, wanted)


def _positions(wanted: Any, labels: Array) -> Positions:
    if not isinstance(wanted, list | str | int) or isinstance(wanted, bool):
        raise SPYTypeError(wanted, "channelcmb", "labels or indices of senders and of receivers")
    everything = np.arange(len(labels), dtype=np.intp)
    return everything[pick_positions("channelcmb", len(labels), wanted, labels)]


def _distinct(positions: Positions) -> tuple[Positions, Positions]:
    """Distinct entries in the order of their first appearance, and the place of each entry among them."""
    values, first, inverse = np.unique(positions, return_index=True, return_inverse=True)
    order = np.argsort(first)
    return values[order], np.argsort(order)[inverse]
