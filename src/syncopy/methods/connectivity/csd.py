"""Cross-spectra of channel pairs, of single trials or averaged over them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from syncopy.data.continuous import CrossSpectralData
from syncopy.data.trials import TrialSpec
from syncopy.data.units import squared
from syncopy.data.view import View
from syncopy.engine.method import Pipeline, Stage, State
from syncopy.engine.parameters import parameter
from syncopy.kernels.csd import cross_spectra, cross_spectral_sum
from syncopy.methods.connectivity.pairs import Pairs
from syncopy.methods.connectivity.parameters import SPECTRAL_INPUT, PairParameters
from syncopy.methods.connectivity.quantity import PairQuantity

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class TrialCrossSpectra(Stage):
    """Cross-spectra of every trial, averaged over its tapers.

    Attributes
    ----------
    pairs : Pairs
    """

    pairs: Pairs

    split: ClassVar[frozenset[str]] = frozenset({"freq", "channel_i"})

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """One value per time, frequency and pair."""
        return self.pairs.spec(trials[0], np.complex64)

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Multiply the spectra of a block."""
        return self.pairs.blank(cross_spectra(blocks[0], **self.pairs.sides).astype(np.complex64, copy=False))

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """Chosen channels of both sides."""
        return 2 * count * trials[0].nbytes

    def narrow(self, axis: str, where: slice) -> Self:
        """Only some of the senders."""
        return replace(self, pairs=self.pairs.narrow(axis, where))


@dataclass(frozen=True, eq=False)
class MeanCrossSpectra(PairQuantity):
    """Cross-spectra averaged over trials and tapers."""

    dtype: ClassVar[type] = np.complex64
    # squares of powers: those of data in tesla are below what single precision holds
    spread_dtype: ClassVar[type] = np.float64

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Sum over a block."""
        return (cross_spectral_sum(block, **self.pairs.sides),)

    def value(self, state: State, n_trials: int) -> Array:
        """Divide by the number of trials."""
        mean: Array = state[0] / n_trials
        return mean


class Csd(PairParameters):
    """Cross-spectra S_ij = mean of X_i conj(X_j) over tapers, and over trials unless these are kept.

    Of the scale of the spectra: in squared units of the data per bin. A positive angle means that channel_i leads.
    (Bendat & Piersol 2010, doi:10.1002/9781118032428)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "csd"
    reads: ClassVar[tuple[type, ...]] = SPECTRAL_INPUT
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"foilim": [5, 40]},
        {"tapsmofrq": 6, "keeptrials": True, "channelcmb": [["channel3"], ["channel1", "channel2"]]},
    )

    keeptrials: bool = parameter(False, "keep single trials, or average over them")

    def result_unit(self, unit: str | None) -> str | None:
        """The square of the data's, of which spectra are the root."""
        return squared(unit)

    def bind(self, *views: View) -> Pipeline:
        """Spectra of single trials, their products, and the mean of these."""
        (view,) = views
        pairs, spectra = self.choose_pairs(view), self.bind_spectra(view)
        if self.keeptrials:
            return Pipeline((*spectra, TrialCrossSpectra(pairs)), CrossSpectralData)
        return self.reduce(view, spectra, MeanCrossSpectra(pairs))
