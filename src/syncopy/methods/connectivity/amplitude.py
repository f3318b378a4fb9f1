"""Correlation of amplitudes or powers over trials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.method import Pipeline, State
from syncopy.engine.parameters import parameter
from syncopy.kernels.amplitude import (
    correlation,
    orthogonal_correlation,
    orthogonal_moments,
    product_sums,
    taper_power,
)
from syncopy.methods.connectivity.parameters import SPECTRAL_INPUT, PairParameters
from syncopy.methods.connectivity.quantity import PairQuantity

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class AllWithAll(PairQuantity):
    """A quantity that comes as a matrix of all channels, of which pairs are picked."""

    split: ClassVar[frozenset[str]] = frozenset({"freq"})

    def pick(self, matrices: Array) -> Array:
        """Senders and receivers of matrices of all channels."""
        if self.pairs.everything:
            return matrices
        return matrices[..., self.pairs.senders[:, None], self.pairs.receivers]

    def entries(self, trial: TrialSpec) -> int:
        """All channels with all."""
        return (trial.size("channel") + 1) ** 2


@dataclass(frozen=True, eq=False)
class Correlation(AllWithAll):
    """Pearson's correlation of power or amplitude.

    Attributes
    ----------
    pairs : Pairs
    root : bool
        Whether of the amplitude, the root of the power.
    centred : bool
        Whether the mean over trials is removed.
    """

    root: bool
    centred: bool

    reals: ClassVar[int] = 1
    fewest: ClassVar[int] = 3
    copies: ClassVar[int] = 2

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Sums of products."""
        power = taper_power(block)
        return (product_sums(np.sqrt(power) if self.root else power),)

    def value(self, state: State, n_trials: int) -> Array:
        """Normalise the sums."""
        return self.pick(correlation(state[0], centred=self.centred))


@dataclass(frozen=True, eq=False)
class OrthogonalCorrelation(AllWithAll):
    """Correlation of log power with that of the part of the other channel that is orthogonal.

    Attributes
    ----------
    pairs : Pairs
    tapers : int
        Tapers of the spectra.
    """

    tapers: int

    fewest: ClassVar[int] = 3

    @property
    def reals(self) -> int:  # type: ignore[override]
        """Five sums per taper."""
        return 5 * self.tapers

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Sums of logarithms and of their products."""
        return (orthogonal_moments(block),)

    def value(self, state: State, n_trials: int) -> Array:
        """Normalise the sums."""
        return self.pick(orthogonal_correlation(state[0], n_trials))


class Powcorr(PairParameters):
    """Correlation of the single-trial power of two channels over trials.

    (Bruns et al. 2000, doi:10.1097/00001756-200005150-00029)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "powcorr"
    reads: ClassVar[tuple[type, ...]] = SPECTRAL_INPUT
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"tapsmofrq": 6},
        {"foilim": [5, 60], "removemean": False, "channelcmb": [["channel3"], ["channel1", "channel2"]]},
    )
    root: ClassVar[bool] = False

    removemean: bool = parameter(True, "remove the mean over trials first")

    def bind(self, *views: View) -> Pipeline:
        """Spectra of single trials, then sums over them."""
        (view,) = views
        quantity = Correlation(self.choose_pairs(view), type(self).root, self.removemean)
        return self.reduce(view, self.bind_spectra(view), quantity)


class Amplcorr(Powcorr):
    """Correlation of the single-trial amplitude, the root of the power, of two channels over trials.

    (Bruns et al. 2000, doi:10.1097/00001756-200005150-00029)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "amplcorr"
    root = True


class PowcorrOrtho(PairParameters):
    """Correlation of log power with that of the orthogonal part of the other channel, over trials.

    What both channels pick up without a delay, as from one source, does not count. Mean over both directions and
    over tapers, 0 of a channel with itself. (Hipp et al. 2012, doi:10.1038/nn.3101)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "powcorr_ortho"
    reads: ClassVar[tuple[type, ...]] = SPECTRAL_INPUT
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"tapsmofrq": 6, "foilim": [10, 60], "channelcmb": [["channel3"], ["channel1", "channel2"]]},
    )

    def bind(self, *views: View) -> Pipeline:
        """Spectra of single trials, then sums over them."""
        (view,) = views
        spectra = self.bind_spectra(view)
        trial = view.spec(0)
        tapers = (spectra[-1].infer(trial) if spectra else trial).size("taper")
        return self.reduce(view, spectra, OrthogonalCorrelation(self.choose_pairs(view), tapers))
