"""Coherence of channel pairs over trials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from syncopy.data.continuous import CrossSpectralData
from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.method import Pipeline, Reduction, State
from syncopy.engine.parameters import parameter
from syncopy.kernels.coherence import Output, coherence
from syncopy.kernels.csd import auto_spectral_sum, cross_spectral_sum
from syncopy.methods.connectivity.pairs import (
    SPECTRAL_INPUT,
    CrossSpectralParameters,
    Positions,
    pair_spec,
    require_trials,
)

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Coherence(Reduction):
    """Coherence from sums of cross-spectra.

    Attributes
    ----------
    senders, receivers : ndarray of int
        Positions of channel_i and channel_j.
    output : str
        Quantity.
    everything : bool
        Whether these are all channels with all: the auto-spectra are then the diagonal.
    """

    senders: Positions
    receivers: Positions
    output: Output
    everything: bool

    split: ClassVar[frozenset[str]] = frozenset({"freq"})

    def infer(self, trial: TrialSpec) -> TrialSpec:
        """One value per time, frequency and pair."""
        dtype = np.complex64 if self.output in ("complex", "fourier") else np.float32
        return pair_spec(trial, self.senders, self.receivers, dtype)

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Sum of the cross-spectra of a block, and of the power where it is not the diagonal."""
        if self.everything:
            return (cross_spectral_sum(block),)
        power = auto_spectral_sum(block)
        return cross_spectral_sum(block, self.senders, self.receivers), power

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Array:
        """Normalise the sums; the number of trials cancels."""
        if self.everything:
            return coherence(state[0], self.output)
        return coherence(state[0], self.output, state[1][..., self.senders], state[1][..., self.receivers])

    def state_bytes(self, trial: TrialSpec) -> int:
        """Cross-spectra in double precision, and what normalising them takes."""
        return 2 * 16 * trial.n_samples * trial.size("freq") * len(self.senders) * len(self.receivers)


class Coh(CrossSpectralParameters):
    """Coherence C_ij = S_ij / sqrt(S_ii S_jj), of cross-spectra averaged over tapers and trials.

    S_ij = mean of X_i conj(X_j): a positive angle means that channel_i leads. Sums are in double precision and every
    channel is normalised on its own, so that the unit of the data does not matter. A channel without power gives NaN.
    Spectra with a time axis of their own give coherence over time. (Rosenberg et al. 1989,
    doi:10.1016/0079-6107(89)90004-7)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "coh"
    reads: ClassVar[tuple[type, ...]] = SPECTRAL_INPUT
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"tapsmofrq": 6},
        {"output": "complex", "channelcmb": [["channel3"], ["channel1", "channel2"]]},
    )

    keeptrials: Literal[False] = parameter(False, "must be False: coherence is a quantity of many trials")
    output: Output = parameter("abs", "quantity: |C|, |C|², C, its angle, real or imaginary part")

    def bind(self, *views: View) -> Pipeline:
        """Spectra of single trials, then sums over them."""
        (view,) = views
        require_trials(view, "coherence")
        senders, receivers = self.choose_pairs(view)
        reduction = Coherence(senders, receivers, self.output, self.channelcmb is None)
        return Pipeline(self.bind_spectra(view), CrossSpectralData, reduction, keep=False)
