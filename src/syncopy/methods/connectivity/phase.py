"""Measures of phase relations between channels over trials: each a sum over trials and a formula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, NamedTuple

from numpy.typing import NDArray

from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.method import Pipeline, State
from syncopy.kernels import phase
from syncopy.kernels.csd import trial_sum
from syncopy.methods.connectivity.parameters import SPECTRAL_INPUT, PairParameters
from syncopy.methods.connectivity.quantity import PairQuantity

Array = NDArray[Any]


class Measure(NamedTuple):
    """A sum over trials and the formula that makes a measure of it.

    Attributes
    ----------
    total : callable
        `(spectra, senders=, receivers=)` to the sum over a block, `(..., time, freq, i, j)`.
    formula : callable
        `(sum, number of trials)` to the measure.
    reals : int
        Real numbers in the sum of a pair.
    fewest : int
        Trials without which the formula has no meaning.
    """

    total: Callable[..., Array]
    formula: Callable[[Array, int], Array]
    reals: int = 2
    fewest: int = 1


@dataclass(frozen=True, eq=False)
class PhaseQuantity(PairQuantity):
    """A function of single-trial cross-spectra, summed over trials.

    Attributes
    ----------
    pairs : Pairs
    measure : Measure
    """

    measure: Measure

    copies: ClassVar[int] = 1

    @property
    def reals(self) -> int:  # type: ignore[override]
        """As the measure says."""
        return self.measure.reals

    @property
    def fewest(self) -> int:  # type: ignore[override]
        """As the measure says."""
        return self.measure.fewest

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Sum over a block."""
        return (self.measure.total(block, **self.pairs.sides),)

    def value(self, state: State, n_trials: int) -> Array:
        """Apply the formula."""
        return self.measure.formula(state[0], n_trials)


class PhaseMeasure(PairParameters):
    """Measures of phases of the taper-averaged cross-spectra of single trials.

    A measure is a subclass that names its sum and its formula (`Measure`).
    """

    reads: ClassVar[tuple[type, ...]] = SPECTRAL_INPUT
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"tapsmofrq": 6, "channelcmb": [["channel3"], ["channel1", "channel2"]]},
    )

    measure: ClassVar[Measure]

    def bind(self, *views: View) -> Pipeline:
        """Spectra of single trials, then sums over them."""
        (view,) = views
        return self.reduce(view, self.bind_spectra(view), PhaseQuantity(self.choose_pairs(view), self.measure))


def _without_count(formula: Callable[[Array], Array], state: Array, n_trials: int) -> Array:
    """Formulas of weighted sums need no number of trials."""
    return formula(state)


_SIGNS = partial(trial_sum, lift=phase.sign_sum)
_IMAGINARY = partial(trial_sum, lift=phase.imaginary_moments)
_WEIGHTED = partial(trial_sum, lift=phase.weighted_moments)


class Ppc(PhaseMeasure):
    """Pairwise phase consistency: mean cosine between the phases of all pairs of trials.

    Unbiased by the number of trials. (Vinck et al. 2010, doi:10.1016/j.neuroimage.2010.01.073)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "ppc"
    examples: ClassVar[tuple[dict[str, Any], ...]] = ({"foilim": [5, 40]}, {"tapsmofrq": 6, "keeptrials": True})
    measure = Measure(phase.spectral_phase_sum, phase.ppc, fewest=2)


class Plv(PhaseMeasure):
    """Phase-locking value: modulus of the mean phasor (Lachaux et al. 1999, Hum Brain Mapp 8:194)."""

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "plv"
    examples: ClassVar[tuple[dict[str, Any], ...]] = ({"tapsmofrq": 6, "jackknife": True},)
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
    measure = Measure(_SIGNS, phase.pli, 1)


class PliUnbiased(PhaseMeasure):
    """Unbiased estimate of the squared phase-lag index (Vinck et al. 2011, doi:10.1016/j.neuroimage.2011.01.055)."""

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "pli2_unbiased"
    measure = Measure(_SIGNS, phase.pli_unbiased, 1, fewest=2)


class Dpli(PhaseMeasure):
    """Directed phase-lag index: share of trials in which channel_i leads.

    (Stam & van Straaten 2012, doi:10.1016/j.neuroimage.2012.05.050)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "dpli"
    measure = Measure(_SIGNS, phase.dpli, 1)


class Wpli(PhaseMeasure):
    """Weighted phase-lag index with its sign, NaN of a channel with itself.

    (Vinck et al. 2011, doi:10.1016/j.neuroimage.2011.01.055)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "wpli"
    measure = Measure(_IMAGINARY, partial(_without_count, phase.wpli), 4)


class WpliDebiased(PhaseMeasure):
    """Debiased estimate of the squared weighted phase-lag index, NaN of a channel with itself.

    (Vinck et al. 2011, doi:10.1016/j.neuroimage.2011.01.055)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "wpli_debiased"
    measure = Measure(_IMAGINARY, partial(_without_count, phase.wpli_debiased), 4, fewest=2)


class Wppc(PhaseMeasure):
    """Pairwise phase consistency weighted with the moduli (Vinck et al. 2010, weighted as in FieldTrip)."""

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "wppc"
    measure = Measure(_WEIGHTED, partial(_without_count, phase.wppc), 4, fewest=2)
