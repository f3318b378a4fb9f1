"""What connectivity methods share: single-trial spectra as their input, and which pairs of channels are meant."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict

from syncopy.data.axes import pick_positions
from syncopy.data.continuous import AnalogData, CrossSpectralData, SpectralData
from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.method import Stage
from syncopy.engine.parameters import parameter
from syncopy.errors import SPYTypeError, SPYValueError, SPYWarning
from syncopy.methods.freq.mtmfft import TaperedSpectra
from syncopy.methods.freq.parameters import (
    FrequencyParameters,
    PaddingParameters,
    TaperParameters,
    require_real,
    spectral_axis,
)

Array = NDArray[Any]
Positions = NDArray[np.intp]


def pair_spec(trial: TrialSpec, senders: Positions, receivers: Positions, dtype: type) -> TrialSpec:
    """Spec of a quantity of channel pairs made of spectra `(time, taper, freq, channel)`."""
    channel = trial.coords["channel"]
    coords = {"freq": trial.coords["freq"], "channel_i": channel[senders], "channel_j": channel[receivers]}
    shape = (trial.n_samples, trial.size("freq"), len(senders), len(receivers))
    # without a time axis of its own the result has no place in time
    offset = 0.0 if trial.n_samples == 1 else trial.offset
    return TrialSpec(CrossSpectralData._default_dimord, shape, np.dtype(dtype), trial.samplerate, offset, coords)


class CrossSpectralParameters(PaddingParameters, TaperParameters, FrequencyParameters):
    """Spectra of single trials, from signals (AnalogData) or as they are (complex SpectralData), and channel pairs."""

    model_config = ConfigDict(frozen=True)

    polyremoval: int | None = parameter(0, "trend removed from each trial: 0 mean, 1 line, None nothing", ge=0, le=1)
    channelcmb: list[Any] | None = parameter(
        None, "[senders, receivers]: labels or indices of channel_i and channel_j; None: all with all"
    )
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
        count = self.count_tapers(float(view.lengths.mean()), view.samplerate, self.ft_compat)
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
        return (stage,)

    def _warn_of_ineffective(self) -> None:
        for name in ("foi", "foilim", "pad", "polyremoval", "taper", "taper_opt", "tapsmofrq", "nTaper", "ft_compat"):
            if getattr(self, name) != type(self).model_fields[name].default:
                text = f"`{name}` has no effect on SpectralData: its spectra are used as they are"
                warnings.warn(text, SPYWarning, stacklevel=6)

    def choose_pairs(self, view: View) -> tuple[Positions, Positions]:
        """Positions of senders (channel_i) and receivers (channel_j)."""
        labels = view.coords["channel"]
        everything = np.arange(len(labels), dtype=np.intp)
        if self.channelcmb is None:
            return everything, everything
        if len(self.channelcmb) != 2:
            raise SPYValueError("[senders, receivers]", "channelcmb", self.channelcmb)
        chosen = []
        for wanted in self.channelcmb:
            if not isinstance(wanted, list | str | int) or isinstance(wanted, bool):
                raise SPYTypeError(wanted, "channelcmb", "labels or indices of senders and of receivers")
            chosen.append(everything[pick_positions("channelcmb", len(labels), wanted, labels)])
        return chosen[0], chosen[1]


def require_trials(view: View, measure: str) -> None:
    """Raise for a single trial, of which the measure would be 1 whatever the data."""
    if len(view) < 2:
        raise SPYValueError(f"multi-trial input data for {measure}", "data", "one trial")


SPECTRAL_INPUT = (AnalogData, SpectralData)
