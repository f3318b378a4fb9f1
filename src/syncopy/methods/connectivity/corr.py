"""Cross-correlation of channel pairs over lags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from syncopy.data.continuous import AnalogData, CrossSpectralData
from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.method import Pipeline, Stage, State
from syncopy.engine.parameters import Whole, parameter
from syncopy.errors import SPYValueError
from syncopy.kernels.correlation import (
    WORKSPACE_BYTES,
    correlation_sum,
    default_maxlag,
    lag_axis,
    normalise,
    trial_correlations,
)
from syncopy.kernels.detrend import detrend
from syncopy.methods.connectivity.pairs import Pairs, choose_pairs
from syncopy.methods.connectivity.parameters import CHANNELCMB, SPECTRAL_INPUT, TrialParameters
from syncopy.methods.connectivity.quantity import PairQuantity
from syncopy.methods.freq.parameters import require_real
from syncopy.methods.gaps import MarkGaps

Array = NDArray[Any]


def lag_spec(trial: TrialSpec, pairs: Pairs, lags: Array) -> TrialSpec:
    """Spec of a quantity of pairs of signals at these lags: they are its time axis."""
    shape = (len(lags), 1, trial.size("channel"))
    coords = {**trial.coords, "freq": np.zeros(1)}
    lagged = trial.change(dims=("time", "freq", "channel"), shape=shape, offset=float(lags[0]), coords=coords)
    return pairs.spec(lagged, np.float32)


@dataclass(frozen=True, eq=False)
class Lags:
    """What correlations of trials need to know.

    Attributes
    ----------
    maxlag : int or None
        Largest lag in samples; None: just below half of each trial.
    negative : bool
        Whether lags go from -maxlag on.
    polyremoval : int or None
        Trend removed from every trial.
    """

    maxlag: int | None
    negative: bool
    polyremoval: int | None

    def axis(self, length: int) -> Array:
        """Lags of trials of that length in samples."""
        return lag_axis(self.most(length), negative=self.negative)

    def most(self, length: int) -> int:
        """Largest lag of trials of that length."""
        return default_maxlag(length) if self.maxlag is None else self.maxlag

    def scratch(self, count: int, trial: TrialSpec) -> int:
        """Bytes for spectra of padded trials in double precision, and detrended trials."""
        length, channels = trial.shape
        return count * 16 * (length + self.most(length) + length) * channels

    def cross_bytes(self, trial: TrialSpec) -> int:
        """Bytes of the cross-spectra of one trial, of all channels with all."""
        length, channels = trial.shape
        return 8 * (length + self.most(length)) * channels**2


@dataclass(frozen=True, eq=False)
class TrialCorrelations(Stage):
    """Cross-correlation of every trial, divided by the standard deviations of both channels.

    Attributes
    ----------
    pairs : Pairs
    lags : Lags
    """

    pairs: Pairs
    lags: Lags

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """One value per lag and pair."""
        return lag_spec(trials[0], self.pairs, self.lags.axis(trials[0].n_samples))

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Detrend and correlate a block."""
        block = detrend(blocks[0], self.lags.polyremoval)
        values = trial_correlations(block, self.lags.most(trial.n_samples), negative=self.lags.negative)
        picked = values[:, :, None, self.pairs.senders[:, None], self.pairs.receivers]
        return self.pairs.blank(picked.astype(np.float32, copy=False))

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """What the kernel needs, for cross-spectra of whole trials, and the correlations of all channels."""
        (trial,) = trials
        lags, single = len(self.lags.axis(trial.n_samples)), self.lags.cross_bytes(trial)
        cross = 3 * max(single, min(count * single, WORKSPACE_BYTES))
        return self.lags.scratch(count, trial) + cross + 8 * count * lags * trial.size("channel") ** 2


@dataclass(frozen=True, eq=False)
class MeanCorrelation(PairQuantity):
    """Cross-correlation averaged over trials, divided by the auto-correlations at lag 0.

    Attributes
    ----------
    pairs : Pairs
    lags : Lags
    """

    lags: Lags

    split: ClassVar[frozenset[str]] = frozenset()
    reals: ClassVar[int] = 1

    def infer(self, trial: TrialSpec) -> TrialSpec:
        """One value per lag and pair."""
        return lag_spec(trial, self.pairs, self.lags.axis(trial.n_samples))

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Detrend a block and sum its correlations."""
        detrended = detrend(block, self.lags.polyremoval)
        return (correlation_sum(detrended, self.lags.most(trial.n_samples), negative=self.lags.negative)[:, None],)

    def value(self, state: State, n_trials: int) -> Array:
        """Normalise the sums; the number of trials cancels."""
        values = normalise(state[0][:, 0], negative=self.lags.negative)
        picked: Array = values[:, None, self.pairs.senders[:, None], self.pairs.receivers]
        return picked

    def state_bytes(self, trial: TrialSpec) -> int:
        """Sums of all channels with all in double precision, and normalised."""
        return 2 * 8 * len(self.lags.axis(trial.n_samples)) * trial.size("channel") ** 2

    def scratch(self, count: int, trial: TrialSpec) -> int:
        """What the kernel needs, for the cross-spectra of some channels at a time."""
        return self.lags.scratch(count, trial) + 3 * min(self.lags.cross_bytes(trial), WORKSPACE_BYTES)


class Corr(TrialParameters):
    """Cross-correlation of detrended signals over lags, which are the time axis of the result; `freq` is [0].

    C_ij(m) = mean over t of x_i[t + m] x_j[t], the divisor being the number of terms; a peak at a positive lag means
    that channel_j leads. The mean over trials is divided by its roots at lag 0, that of a single trial by the standard
    deviations of both channels: 1 for a channel with itself at lag 0. (Bendat & Piersol 2010,
    doi:10.1002/9781118032428)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "corr"
    reads: ClassVar[tuple[type, ...]] = SPECTRAL_INPUT
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {},
        {"maxlag": 0.1, "negativelags": True, "polyremoval": 1, "jackknife": True},
        {"keeptrials": True, "channelcmb": [["channel3"], ["channel1", "channel2"]]},
    )

    keeptrials: Literal[True, False] = parameter(False, "correlations of single trials, or of the mean over trials")
    maxlag: float | None = parameter(None, "largest lag; None: just below half of the trial", "s", ge=0)
    negativelags: bool = parameter(False, "lags from -maxlag on, or from 0")
    polyremoval: Whole | None = parameter(0, "trend removed from each trial: 0 mean, 1 line, None nothing", ge=0, le=1)
    channelcmb: list[Any] | None = CHANNELCMB
    pad: Literal["maxperlen"] = parameter("maxperlen", "nothing else: correlations need no padding")

    def bind(self, *views: View) -> Pipeline:
        """Correlations of single trials, or sums over them."""
        (view,) = views
        if not isinstance(view.data, AnalogData):
            raise SPYValueError("AnalogData for 'corr'", "data", type(view.data).__name__)
        require_real(view)
        shortest = int(view.lengths.min())
        if self.maxlag is not None and self.maxlag * view.samplerate >= shortest - 0.5:
            legal = f"less than the shortest trial, {shortest / view.samplerate:g} s"
            raise SPYValueError(legal, "maxlag", f"{self.maxlag} s")
        most = None if self.maxlag is None else round(self.maxlag * view.samplerate)
        pairs, lags = (
            choose_pairs(self.channelcmb, view.coords["channel"]),
            Lags(most, self.negativelags, self.polyremoval),
        )
        if self.keeptrials:
            return Pipeline((MarkGaps(), TrialCorrelations(pairs, lags)), CrossSpectralData)
        return self.of_trials((MarkGaps(),), MeanCorrelation(pairs, lags), view)
