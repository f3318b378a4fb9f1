"""Granger causality, and the instantaneous and total interdependence that belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from syncopy.data.view import View
from syncopy.engine.method import Pipeline
from syncopy.engine.parameters import parameter
from syncopy.errors import SPYValueError
from syncopy.kernels import granger as kernels
from syncopy.kernels.factorisation import regularise
from syncopy.methods.connectivity.factors import FactorParameters, FactorQuantity, Facts, Joint, make_facts, usable
from syncopy.methods.connectivity.groups import GROUPS, choose_groups
from syncopy.methods.connectivity.parameters import SPECTRAL_INPUT
from syncopy.methods.connectivity.quantity import PairQuantity

Array = NDArray[Any]
Quantity = Literal["granger", "instantaneous", "total"]


def joint_granger(transfer: Array, noise: Array, csd: Array) -> Array:
    """See `kernels.granger.granger`."""
    return kernels.granger(transfer, noise)


def joint_instantaneous(transfer: Array, noise: Array, csd: Array) -> Array:
    """See `kernels.granger.instantaneous_causality`."""
    return kernels.instantaneous_causality(transfer, noise)


def joint_total(transfer: Array, noise: Array, csd: Array) -> Array:
    """See `kernels.granger.total_interdependence`."""
    return kernels.total_interdependence(transfer, noise)


def joint_blocks(transfer: Array, noise: Array, csd: Array, *, blocks: tuple[Array, ...]) -> Array:
    """See `kernels.granger.block_granger`."""
    return kernels.block_granger(transfer, noise, blocks)


_JOINT = {"granger": joint_granger, "instantaneous": joint_instantaneous, "total": joint_total}


@dataclass(frozen=True, eq=False)
class Pairwise(FactorQuantity):
    """A quantity of the factors of two channels at a time.

    Attributes
    ----------
    pairs, channels, length, halved
        See `FactorQuantity`.
    quantity : str
        Which one.
    """

    quantity: Quantity

    def estimate(self, csd: Array) -> tuple[Array, Facts]:
        """Factorise every two channels that are a pair in one direction or in both; a channel with itself is 0."""
        wanted = np.ones(self.pairs.shape, dtype=bool) if self.pairs.wanted is None else self.pairs.wanted
        rows, columns = np.nonzero(wanted)
        sender = np.searchsorted(self.channels, self.pairs.senders)[rows]
        receiver = np.searchsorted(self.channels, self.pairs.receivers)[columns]
        two = np.sort(np.stack([sender, receiver], axis=1), axis=1)
        keys, number = np.unique(two, axis=0, return_inverse=True)
        known = usable(csd)[keys].all(axis=1)
        distinct = keys[:, 0] != keys[:, 1]
        directed = np.full((len(keys), len(csd), 2), np.nan)
        directed[known & ~distinct] = 0
        facts = make_facts([], [], [], [])
        if (known & distinct).any():
            found = kernels.pair_granger(csd, keys[known & distinct, 0], keys[known & distinct, 1], self.length)
            directed[known & distinct] = self._select(found)
            facts = make_facts(found.converged, found.error, found.factor, found.condition)
        values = np.full((len(csd), *self.pairs.shape), np.nan)
        # a pair is factorised with the channel of the smaller index first
        values[:, rows, columns] = directed[number.reshape(-1), :, (sender > receiver).astype(int)].T
        return values, facts | {"pairs": keys[known & distinct]}

    def _select(self, found: kernels.PairGranger) -> Array:
        """The quantity in both directions: `(pair, freq, 2)`."""
        if self.quantity == "granger":
            return found.granger
        both = np.repeat(found.total[..., None], 2, axis=-1)
        return both if self.quantity == "total" else both - found.granger.sum(axis=-1, keepdims=True)


@dataclass(frozen=True, eq=False)
class Conditional(FactorQuantity):
    """Granger causality between channels, or groups of them, given all others.

    Attributes
    ----------
    pairs, channels, length, halved
        See `FactorQuantity`; the channels are all.
    blocks : tuple of ndarray of int
        Positions of the channels of each group.
    """

    blocks: tuple[Array, ...]

    def estimate(self, csd: Array) -> tuple[Array, Facts]:
        """Factorise all channels together, and without each group."""
        if not usable(csd).all():
            return np.full((len(csd), *self.pairs.shape), np.nan), make_facts(False, np.inf, 0.0, np.inf)
        regular = regularise(csd)
        found = kernels.conditional_granger(regular.csd, self.length, self.blocks)
        facts = make_facts(found.converged.all(), found.error.max(), regular.factor, regular.condition)
        return found.granger[:, self.pairs.senders[:, None], self.pairs.receivers], facts


class PairwiseOrJoint(FactorParameters):
    """Quantities of the joint factors of all channels, or of those of every pair by itself."""

    reads: ClassVar[tuple[type, ...]] = SPECTRAL_INPUT
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"tapsmofrq": 6, "pad": "nextpow2", "channelcmb": [["channel3"], ["channel1", "channel2"]]},
    )
    quantity: ClassVar[Quantity]

    sfmethod: Literal["multivariate", "bivariate"] | None = parameter(
        None,
        "factorisation of all channels together, or of every pair by itself; None: together, pairs with `channelcmb`",
    )

    def bind(self, *views: View) -> Pipeline:
        """Spectra of single trials, their cross-spectra, and the factors of these."""
        (view,) = views
        transform = self.transform(view)
        return self.reduce(view, self.bind_spectra(view, demean_taper=True), self.choose_quantity(view, transform))

    def choose_quantity(self, view: View, transform: dict[str, Any]) -> PairQuantity:
        """What to make of the cross-spectra."""
        pairs = self.choose_pairs(view)
        together = "multivariate" if self.channelcmb is None else "bivariate"
        if (self.sfmethod or together) == "bivariate":
            channels = np.union1d(pairs.senders, pairs.receivers)
            return Pairwise(pairs, channels, **transform, quantity=self.quantity)
        channels = np.arange(len(view.coords["channel"]))
        return Joint(pairs, channels, **transform, formula=_JOINT[self.quantity])


class Granger(PairwiseOrJoint):
    """Granger causality from channel_i to channel_j at every frequency, 0 of a channel with itself.

    Cross-spectra are factorised (Wilson 1972, doi:10.1137/0123044; Dhamala, Rangarajan & Ding 2008,
    doi:10.1103/PhysRevLett.100.018701), those of all channels together or of two channels at a time, and the causality
    of every two channels is read off the factors (Geweke 1982, doi:10.1080/01621459.1982.10477803). With `conditional`
    it is that given all other channels (Geweke 1984, doi:10.1080/01621459.1984.10477110), with `groups` that between
    groups of channels (Wang et al. 2007, doi:10.1142/S0129065707000944).

    `info` tells how well the factorisation went: "converged", "max rel. err", "reg. factor" (the share of its power
    that was added to every channel as noise) and "initial cond. num", one of each for every entry of "pairs" if pairs
    were factorised. Smoothing over several tapers and padding to twice the length of the trials settle what a
    factorisation of few trials leaves uncertain.
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "granger"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        *PairwiseOrJoint.examples,
        {"tapsmofrq": 6, "pad": "nextpow2"},
        {"tapsmofrq": 8, "pad": "nextpow2", "jackknife": True},
        {"tapsmofrq": 8, "pad": "nextpow2", "conditional": True},
        {"tapsmofrq": 8, "pad": "nextpow2", "groups": {"a": ["channel1", "channel2"], "b": ["channel4"]}},
        {"tapsmofrq": 16, "pad": "nextpow2", "keeptrials": True, "sfmethod": "bivariate"},
    )
    quantity = "granger"

    conditional: bool = parameter(False, "given all other channels")
    groups: dict[str, list[Any]] | None = GROUPS

    @model_validator(mode="after")
    def _together(self) -> Any:
        if (self.conditional or self.groups) and self.sfmethod == "bivariate":
            legal = "'multivariate': conditional and blockwise causality come from the factors of all channels"
            raise SPYValueError(legal, "sfmethod", repr(self.sfmethod))
        if self.groups and self.channelcmb:
            raise SPYValueError("either `groups` or `channelcmb`", "groups", self.groups)
        return self

    def choose_quantity(self, view: View, transform: dict[str, Any]) -> PairQuantity:
        """Between channels or groups, given others or not."""
        if not self.conditional and self.groups is None:
            return super().choose_quantity(view, transform)
        labels = view.coords["channel"]
        groups = choose_groups(self.groups, labels)
        pairs = self.choose_pairs(view) if self.groups is None else groups
        channels = np.arange(len(labels))
        if self.conditional:
            return Conditional(pairs, channels, **transform, blocks=groups.members)
        return Joint(pairs, channels, **transform, formula=partial(joint_blocks, blocks=groups.members))


class InstantaneousCausality(PairwiseOrJoint):
    """What the causality in both directions leaves of the total interdependence of two channels (Geweke 1982).

    Without a delay: common noise. Symmetric, 0 of a channel with itself; `info` as for `granger`.
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "instantaneous_causality"
    quantity = "instantaneous"


class TotalInterdependence(PairwiseOrJoint):
    """-ln(1 - |C|²) from the coherency C of the factors: causality in both directions and instantaneous (Geweke 1982).

    Symmetric, 0 of a channel with itself; `info` as for `granger`.
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "total_interdependence"
    quantity = "total"
