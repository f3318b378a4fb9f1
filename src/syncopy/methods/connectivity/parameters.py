"""Parameters that connectivity methods share, and the pipelines they lead to."""

from __future__ import annotations

import warnings
from typing import Any, Literal

import numpy as np
from pydantic import ConfigDict, model_validator

from syncopy.data.continuous import AnalogData, CrossSpectralData, SpectralData
from syncopy.data.view import View
from syncopy.engine.method import Pipeline, Reduction, Stage
from syncopy.engine.parameters import Whole, parameter
from syncopy.errors import SPYValueError, SPYWarning
from syncopy.methods.connectivity.pairs import Pairs, choose_pairs
from syncopy.methods.connectivity.quantity import Jackknife, OverTapers, PairQuantity
from syncopy.methods.freq.mtmfft import TaperedSpectra
from syncopy.methods.freq.parameters import (
    FrequencyParameters,
    PaddingParameters,
    TaperParameters,
    require_real,
    spectral_axis,
)
from syncopy.methods.gaps import MarkGaps
from syncopy.methods.stats.bootstrap import BootstrapParameters

SPECTRAL_INPUT = (AnalogData, SpectralData)

CHANNELCMB: Any = parameter(
    None,
    "[senders, receivers], labels or indices of channel_i and channel_j; or a list of pairs [sender, receiver] "
    "(two pairs would read as the former: name one twice), all others being NaN; None: all with all",
)


class TrialParameters(BootstrapParameters):
    """Estimates of single trials, or of all of them with their jackknife or bootstrap."""

    # not a bool: estimates of single trials do not average to that of all trials
    keeptrials: Literal[True, False] = parameter(
        False, "estimate of every single trial, over its tapers (at least 2), or one over all trials"
    )
    jackknife: bool = parameter(
        False, "add bias and variance (`jack_bias`, `jack_var`), from estimates without one trial each"
    )

    @model_validator(mode="after")
    def _jackknife_of_all_trials(self) -> Any:
        asked = [name for name in ("jackknife", "bootstrap") if getattr(self, name)]
        if self.keeptrials:
            for name in asked:
                warnings.warn(f"`{name}` has no effect with keeptrials=True", SPYWarning, stacklevel=2)
        elif len(asked) == 2:
            raise SPYValueError("either `jackknife` or `bootstrap`", "bootstrap", self.bootstrap)
        return self

    def result_unit(self, unit: str | None) -> str | None:
        """None: measures are ratios; those that are not say so."""
        return ""

    def of_trials(self, stages: tuple[Stage, ...], quantity: PairQuantity, view: View) -> Pipeline:
        """Pipeline of a quantity of all trials, with its jackknife or confidence interval if asked for."""
        reduction: Reduction = quantity
        info = self.bootstrap_info()
        if self.jackknife:
            reduction, info = Jackknife(quantity), {"jack_trials": len(view)}
        else:
            reduction = self.resample(quantity, len(view), np.dtype(quantity.dtype), quantity.circular)
        return Pipeline(stages, CrossSpectralData, reduction, keep=False, info=info)


class SpectraParameters(TrialParameters, PaddingParameters, TaperParameters, FrequencyParameters):
    """Spectra of single trials, from signals (AnalogData) or as they are (complex SpectralData)."""

    model_config = ConfigDict(frozen=True)

    polyremoval: Whole | None = parameter(0, "trend removed from each trial: 0 mean, 1 line, None nothing", ge=0, le=1)
    ft_compat: bool = parameter(False, "FieldTrip's numbers")

    def bind_spectra(self, view: View, demean_taper: bool = False) -> tuple[Stage, ...]:
        """Return the stages that make complex spectra of single trials and tapers."""
        if isinstance(view.data, SpectralData):
            if view.reader.source.dtype.kind != "c":
                legal = "complex valued spectra; compute them with output='fourier' (and keeptapers=True)"
                raise SPYValueError(legal, "data", f"real SpectralData ({view.reader.source.dtype})")
            self._warn_of_ineffective()
            return ()
        require_real(view)
        self.check_range(view.samplerate)
        padded = self.padded_length(view)
        freqs = spectral_axis(padded, view.samplerate)
        bins = self.choose_bins(freqs, self.ft_compat)
        count = self.count_tapers(view.lengths, view.samplerate, self.ft_compat)
        labels = tuple(f"dpss{number}" for number in range(count)) if self.tapsmofrq else tuple(self.taper_labels)
        stage = TaperedSpectra(
            padded,
            bins,
            freqs[bins],
            self.taper,
            self.taper_opt,
            self.tapsmofrq,
            count,
            labels,
            "fourier",
            keeptapers=True,
            polyremoval=self.polyremoval,
            demean_taper=demean_taper,
            ft_compat=self.ft_compat,
        )
        return MarkGaps(), stage

    def _warn_of_ineffective(self) -> None:
        for name in ("foi", "foilim", "pad", "polyremoval", "taper", "taper_opt", "tapsmofrq", "nTaper", "ft_compat"):
            if getattr(self, name) != type(self).model_fields[name].default:
                text = f"`{name}` has no effect on SpectralData: its spectra are used as they are"
                warnings.warn(text, SPYWarning, stacklevel=8)

    def reduce(self, view: View, spectra: tuple[Stage, ...], quantity: PairQuantity) -> Pipeline:
        """Pipeline of a quantity: of all trials, with its jackknife if asked for, or of single trials."""
        trial = view.spec(0)
        name = f"'{type(self).method_name}'"
        if self.keeptrials:
            tapers = (spectra[-1].infer(trial) if spectra else trial).size("taper")
            if tapers < max(2, quantity.fewest):
                legal = f"False, or more than one taper to estimate {name} of a single trial (set `tapsmofrq`)"
                raise SPYValueError(legal, "keeptrials", "True")
            return Pipeline((*spectra, OverTapers(quantity)), CrossSpectralData)
        fewest = max(2, quantity.fewest + self.jackknife)
        if len(view) < fewest:
            legal = (
                f"multi-trial input data, {fewest} trials or more, or several tapers and keeptrials=True, for {name}"
            )
            raise SPYValueError(legal, "data", f"{len(view)} trial{'s' * (len(view) > 1)}")
        return self.of_trials(spectra, quantity, view)


class PairParameters(SpectraParameters):
    """Spectra of single trials, and pairs of their channels."""

    channelcmb: list[Any] | None = CHANNELCMB

    def choose_pairs(self, view: View) -> Pairs:
        """Pairs of the channels at hand."""
        return choose_pairs(self.channelcmb, view.coords["channel"])
