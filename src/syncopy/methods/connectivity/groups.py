"""Groups of channels, and the coupling between them as one number per frequency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from syncopy.data.axes import pick_positions
from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.method import Pipeline, State
from syncopy.engine.parameters import parameter
from syncopy.errors import SPYValueError
from syncopy.kernels import multivariate
from syncopy.kernels.csd import cross_spectral_sum
from syncopy.methods.connectivity.pairs import Pairs, Positions, pair_spec
from syncopy.methods.connectivity.parameters import SPECTRAL_INPUT, SpectraParameters
from syncopy.methods.connectivity.quantity import PairQuantity

Array = NDArray[Any]

GROUPS: Any = parameter(
    None, "groups of channels, name: [labels or indices], without overlap; None: every channel is one"
)


@dataclass(frozen=True, eq=False, kw_only=True)
class GroupPairs(Pairs):
    """All groups of channels with all.

    Attributes
    ----------
    names : ndarray of str
        Labels of the groups.
    members : tuple of ndarray of int
        Positions of the channels of each.
    """

    names: Array
    members: tuple[Positions, ...]

    def spec(self, trial: TrialSpec, dtype: type) -> TrialSpec:
        """Spec of a quantity of these groups."""
        return pair_spec(trial, self.names, self.names, dtype)


def choose_groups(groups: dict[str, list[Any]] | None, labels: Array) -> GroupPairs:
    """Find groups among channels of these names; by default every channel is a group of its own."""
    everything = np.arange(len(labels), dtype=np.intp)
    members = tuple(everything[:, None])
    if groups is not None:
        members = tuple(everything[pick_positions("groups", len(labels), each, labels)] for each in groups.values())
        labels = np.array(list(groups))
    if len(members) < 2 or len(np.unique(np.concatenate(members))) < sum(map(len, members)):
        raise SPYValueError("two or more groups that share no channel", "groups", groups)
    each = np.arange(len(members), dtype=np.intp)
    return GroupPairs(each, each, names=labels, members=members)


@dataclass(frozen=True, eq=False)
class GroupQuantity(PairQuantity):
    """A symmetric number per pair of groups, from the cross-spectra of all channels.

    Attributes
    ----------
    pairs : GroupPairs
    formula : callable
        `(cross-spectra, first group, second group)` to the number, `(..., freq)`.
    """

    pairs: GroupPairs
    formula: Callable[[Array, Array, Array], Array]

    split: ClassVar[frozenset[str]] = frozenset({"freq"})

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Sum of the cross-spectra."""
        return (cross_spectral_sum(block),)

    def value(self, state: State, n_trials: int) -> Array:
        """Apply the formula to every two groups; NaN of a group with itself, or with a channel without power."""
        (total,) = state
        result = np.full((*total.shape[:-2], *self.pairs.shape), np.nan)
        powers = np.diagonal(total, axis1=-2, axis2=-1).real
        present = np.isfinite(powers) & (powers > 0)
        for i, j in combinations(range(len(self.pairs.members)), 2):
            first, second = self.pairs.members[i], self.pairs.members[j]
            both, split = np.concatenate([first, second]), len(first)
            known = present[..., both].all(axis=-1)
            of_both = total[known][..., both[:, None], both]
            values = self.formula(of_both, np.arange(split), np.arange(split, len(both)))
            result[known, i, j] = result[known, j, i] = values
        return result

    def entries(self, trial: TrialSpec) -> int:
        """All channels with all."""
        return trial.size("channel") ** 2


class GroupMeasure(SpectraParameters):
    """Coupling between groups of channels, the same for every mixture of the channels of a group."""

    reads: ClassVar[tuple[type, ...]] = SPECTRAL_INPUT
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"tapsmofrq": 6, "groups": {"left": ["channel1", "channel2"], "right": ["channel3", "channel4"]}},
    )
    formula: ClassVar[Callable[[Array, Array, Array], Array]]

    groups: dict[str, list[Any]] | None = GROUPS

    def bind(self, *views: View) -> Pipeline:
        """Spectra of single trials, then sums over them."""
        (view,) = views
        groups = choose_groups(self.groups, view.coords["channel"])
        return self.reduce(view, self.bind_spectra(view), GroupQuantity(groups, type(self).formula))


class Mim(GroupMeasure):
    """Multivariate interaction measure: all imaginary coherency between two groups.

    (Ewald et al. 2012, doi:10.1016/j.neuroimage.2011.11.084)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "mim"
    formula = multivariate.mim


class Mic(GroupMeasure):
    """Maximised imaginary coherency of mixtures of the channels of two groups.

    (Ewald et al. 2012, doi:10.1016/j.neuroimage.2011.11.084)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "mic"
    examples: ClassVar[tuple[dict[str, Any], ...]] = ({"foilim": [5, 40], "tapsmofrq": 6},)
    formula = multivariate.mic


class Cancoh(GroupMeasure):
    """Canonical coherence: the largest coherence of mixtures of the channels of two groups (Brillinger 1981)."""

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "cancoh"
    formula = multivariate.canonical_coherence
