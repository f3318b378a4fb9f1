"""Measures of phase relations between channels over trials: each a sum over trials and a formula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from syncopy.data.continuous import CrossSpectralData
from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.method import Pipeline, Reduction, State
from syncopy.engine.parameters import parameter
from syncopy.kernels import phase
from syncopy.kernels.csd import trial_sum
from syncopy.methods.connectivity.pairs import (
    SPECTRAL_INPUT,
    CrossSpectralParameters,
    Positions,
    pair_spec,
    require_trials,
)

Array = NDArray[Any]


class Measure(NamedTuple):
    """A sum over trials and the formula that makes a measure of it.

    Attributes
    ----------
    total : callable
        `(spectra, senders=, receivers=)` to the sum over a block, `(..., time, freq, i, j)`.
    formula : callable
        `(sum, number of trials)` to the measure.
    sums : int
        Numbers in double precision that the sum of a pair takes.
    """

    total: Callable[..., Array]
    formula: Callable[[Array, int], Array]
    sums: int = 2


@dataclass(frozen=True, eq=False)
class PhaseSum(Reduction):
    """A function of single-trial cross-spectra, summed over trials.

    Attributes
    ----------
    senders, receivers : ndarray of int
        Positions of channel_i and channel_j.
    measure : Measure
    """

    senders: Positions
    receivers: Positions
    measure: Measure

    split: ClassVar[frozenset[str]] = frozenset({"freq"})

    def infer(self, trial: TrialSpec) -> TrialSpec:
        """One value per time, frequency and pair."""
        return pair_spec(trial, self.senders, self.receivers, np.float32)

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Sum over a block."""
        return (self.measure.total(block, senders=self.senders, receivers=self.receivers),)

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Array:
        """Apply the formula."""
        return self.measure.formula(state[0], n_trials).astype(np.float32)

    def state_bytes(self, trial: TrialSpec) -> int:
        """The sums, and what the formula makes of them."""
        pairs = len(self.senders) * len(self.receivers)
        return (2 * self.measure.sums + 2) * 8 * trial.n_samples * trial.size("freq") * pairs


class PhaseMeasure(CrossSpectralParameters):
    """Measures of phases of the taper-averaged cross-spectra of single trials.

    A measure is a subclass that names its sum and its formula (`Measure`).
    """

    reads: ClassVar[tuple[type, ...]] = SPECTRAL_INPUT
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"foilim": [5, 40]},
        {"tapsmofrq": 6, "channelcmb": [["channel3"], ["channel1", "channel2"]]},
    )

    measure: ClassVar[Measure]

    keeptrials: Literal[False] = parameter(False, "must be False: the measure is a quantity of many trials")

    def bind(self, *views: View) -> Pipeline:
        """Spectra of single trials, then sums over them."""
        (view,) = views
        require_trials(view, str(self.method_name))
        senders, receivers = self.choose_pairs(view)
        reduction = PhaseSum(senders, receivers, self.measure)
        return Pipeline(self.bind_spectra(view), CrossSpectralData, reduction, keep=False)


def _without_count(formula: Callable[[Array], Array], state: Array, n_trials: int) -> Array:
    """Formulas of weighted sums need no number of trials."""
    return formula(state)


class Ppc(PhaseMeasure):
    """Pairwise phase consistency: mean cosine between the phases of all pairs of trials.

    Unbiased by the number of trials. (Vinck et al. 2010, doi:10.1016/j.neuroimage.2010.01.073)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "ppc"
    measure = Measure(phase.spectral_phase_sum, phase.ppc)


class Plv(PhaseMeasure):
    """Phase-locking value: modulus of the mean phasor (Lachaux et al. 1999, Hum Brain Mapp 8:194)."""

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "plv"
    measure = Measure(phase.spectral_phase_sum, phase.plv)


class Ciplv(PhaseMeasure):
    """Phase-locking value corrected for zero lag (Bruña et al. 2018, doi:10.1088/1741-2552/aacfe4)."""

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "ciplv"
    measure = Measure(phase.spectral_phase_sum, phase.ciplv)


class Pli(PhaseMeasure):
    """Phase-lag index: modulus of the mean sign of the phase (Stam et al. 2007, doi:10.1002/hbm.20346)."""

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "pli"
    measure = Measure(partial(trial_sum, lift=phase.sign_sum), phase.pli, 1)


class Dpli(PhaseMeasure):
    """Directed phase-lag index: share of trials in which channel_i leads.

    (Stam & van Straaten 2012, doi:10.1016/j.neuroimage.2012.05.050)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "dpli"
    measure = Measure(partial(trial_sum, lift=phase.sign_sum), phase.dpli, 1)


class Wpli(PhaseMeasure):
    """Weighted phase-lag index with its sign, NaN of a channel with itself.

    (Vinck et al. 2011, doi:10.1016/j.neuroimage.2011.01.055)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "wpli"
    measure = Measure(partial(trial_sum, lift=phase.imaginary_moments), partial(_without_count, phase.wpli), 3)


class WpliDebiased(PhaseMeasure):
    """Debiased estimate of the squared weighted phase-lag index, NaN of a channel with itself.

    (Vinck et al. 2011, doi:10.1016/j.neuroimage.2011.01.055)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "wpli_debiased"
    measure = Measure(partial(trial_sum, lift=phase.imaginary_moments), partial(_without_count, phase.wpli_debiased), 3)


class Wppc(PhaseMeasure):
    """Pairwise phase consistency weighted with the moduli (Vinck et al. 2010, weighted as in FieldTrip)."""

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "wppc"
    measure = Measure(partial(trial_sum, lift=phase.weighted_moments), partial(_without_count, phase.wppc), 4)
