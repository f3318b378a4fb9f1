"""Cross-spectra of channel pairs, of single trials or averaged over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from syncopy.data.continuous import CrossSpectralData
from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.method import Pipeline, Reduction, Stage, State
from syncopy.engine.parameters import parameter
from syncopy.kernels.csd import cross_spectra, cross_spectral_sum
from syncopy.methods.connectivity.pairs import (
    SPECTRAL_INPUT,
    CrossSpectralParameters,
    Positions,
    pair_spec,
    require_trials,
)

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class TrialCrossSpectra(Stage):
    """Cross-spectra of every trial, averaged over its tapers.

    Attributes
    ----------
    senders, receivers : ndarray of int
        Positions of channel_i and channel_j.
    """

    senders: Positions
    receivers: Positions

    split: ClassVar[frozenset[str]] = frozenset({"freq"})

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """One value per time, frequency and pair."""
        return pair_spec(trials[0], self.senders, self.receivers, np.complex64)

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Multiply the spectra of a block."""
        return cross_spectra(blocks[0], self.senders, self.receivers).astype(np.complex64, copy=False)

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """Chosen channels of both sides."""
        return 2 * count * trials[0].nbytes


@dataclass(frozen=True, eq=False)
class MeanCrossSpectra(Reduction):
    """Cross-spectra averaged over trials and tapers.

    Attributes
    ----------
    senders, receivers : ndarray of int
        Positions of channel_i and channel_j.
    """

    senders: Positions
    receivers: Positions

    split: ClassVar[frozenset[str]] = frozenset({"freq"})

    def infer(self, trial: TrialSpec) -> TrialSpec:
        """One value per time, frequency and pair."""
        return pair_spec(trial, self.senders, self.receivers, np.complex64)

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Sum over a block."""
        return (cross_spectral_sum(block, self.senders, self.receivers),)

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Array:
        """Divide by the number of trials."""
        return (state[0] / n_trials).astype(np.complex64)

    def state_bytes(self, trial: TrialSpec) -> int:
        """Sum in double precision, and its quotient."""
        return 2 * 16 * trial.n_samples * trial.size("freq") * len(self.senders) * len(self.receivers)


class Csd(CrossSpectralParameters):
    """Cross-spectra S_ij = mean of X_i conj(X_j) over tapers, and over trials unless these are kept.

    Of the scale of the spectra: in squared units of the data per bin. A positive angle means that channel_i leads.
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "csd"
    reads: ClassVar[tuple[type, ...]] = SPECTRAL_INPUT
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"foilim": [5, 40]},
        {"tapsmofrq": 6, "keeptrials": True, "channelcmb": [["channel3"], ["channel1", "channel2"]]},
    )

    keeptrials: bool = parameter(False, "keep single trials, or average over them")

    def bind(self, *views: View) -> Pipeline:
        """Spectra of single trials, their products, and the mean of these."""
        (view,) = views
        senders, receivers = self.choose_pairs(view)
        spectra = self.bind_spectra(view)
        if self.keeptrials:
            return Pipeline((*spectra, TrialCrossSpectra(senders, receivers)), CrossSpectralData)
        require_trials(view, "an average of cross-spectra")
        return Pipeline(spectra, CrossSpectralData, MeanCrossSpectra(senders, receivers), keep=False)
