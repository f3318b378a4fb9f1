"""Tapered and multitapered Fourier spectra of whole trials."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from syncopy.data.continuous import AnalogData, SpectralData
from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.method import Pipeline, Stage
from syncopy.engine.parameters import Whole, parameter
from syncopy.errors import SPYValueError
from syncopy.kernels.fourier import (
    bin_scale,
    convert_spectra,
    spectra_scratch,
    tapered_power,
    tapered_spectra,
)
from syncopy.kernels.tapers import fieldtrip_taper_count
from syncopy.methods.freq.average import trial_mean
from syncopy.methods.freq.fooof import FooofOfMean, FooofParameters
from syncopy.methods.freq.parameters import (
    COMPLEX_OUTPUTS,
    FrequencyParameters,
    PaddingParameters,
    TaperParameters,
    make_tapers,
    require_real,
    spectral_axis,
)
from syncopy.methods.gaps import MarkGaps

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class TaperedSpectra(Stage):
    """Signals to spectra: `(time, channel)` becomes `(time = 1, taper, freq, channel)`.

    Attributes
    ----------
    padded : int
        Samples of the transform.
    bins : ndarray of int
        Wanted bins of the one-sided spectrum.
    freqs : ndarray
        Their frequencies in Hz.
    taper, taper_opt, tapsmofrq, taper_count
        The tapers, made anew for every length of trials; see `make_tapers`.
    labels : tuple of str
        Labels of the taper axis of the result.
    output : str
        Quantity; see `convert_spectra`.
    keeptapers : bool
        Whether tapers are kept, or averaged after the conversion.
    polyremoval, demean_taper, ft_compat
        As the user's parameters.
    """

    padded: int
    bins: NDArray[np.intp]
    freqs: Array
    taper: str | None
    taper_opt: dict[str, Any] | None
    tapsmofrq: float | None
    taper_count: int | None
    labels: tuple[str, ...]
    output: str
    keeptapers: bool
    polyremoval: int | None
    demean_taper: bool
    ft_compat: bool

    split: ClassVar[frozenset[str]] = frozenset({"channel", "freq"})

    @property
    def uses_offset(self) -> bool:  # type: ignore[override]
        """FieldTrip refers phases to t = 0, which lies elsewhere in trials of another offset."""
        return self.ft_compat

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """One spectrum per trial and taper."""
        (trial,) = trials
        channel = trial.coords["channel"]
        shape = (1, len(self.labels), len(self.freqs), len(channel))
        dtype = np.dtype(np.complex64 if self.output in COMPLEX_OUTPUTS else np.float32)
        coords = {"taper": np.array(self.labels), "freq": self.freqs, "channel": channel}
        return TrialSpec(SpectralData._default_dimord, shape, dtype, trial.samplerate, trial.offset, coords)

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Compute the spectra of a block."""
        (block,) = blocks
        tapers = make_tapers(
            trial.n_samples, trial.samplerate, self.taper_count, self.taper, self.taper_opt, self.tapsmofrq
        )
        scale = bin_scale(self.bins, trial.n_samples, self.padded, self.ft_compat)
        common: dict[str, Any] = {"polyremoval": self.polyremoval, "demean_taper": self.demean_taper}
        if self.output == "pow" and not self.keeptapers:
            return tapered_power(block, tapers, self.padded, self.bins, scale, **common)[:, None].astype(
                np.float32, copy=False
            )
        offset = trial.offset if self.ft_compat else None
        spectra = tapered_spectra(block, tapers, self.padded, self.bins, scale, phase_offset=offset, **common)
        result = convert_spectra(spectra, self.output)
        if not self.keeptapers:
            result = result.mean(axis=1, keepdims=True)
        return result[:, None].astype(np.complex64 if np.iscomplexobj(result) else np.float32, copy=False)

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """Transform of a few trials at a time, and the complex spectra where these are not the result."""
        (trial,) = trials
        itemsize = 4 if trial.dtype == np.float32 else 8
        tapers = self.taper_count or fieldtrip_taper_count(self.padded, trial.samplerate, self.tapsmofrq or 0)
        per_bin = 0 if self.output == "pow" and not self.keeptapers else 2 * itemsize * tapers
        transform = spectra_scratch(count, self.padded, trial.size("channel"), itemsize)
        return transform + count * per_bin * len(self.bins) * trial.size("channel")

    def narrow(self, axis: str, where: slice) -> Self:
        """Only some of the frequencies."""
        return replace(self, bins=self.bins[where], freqs=self.freqs[where]) if axis == "freq" else self


class Mtmfft(FooofParameters, PaddingParameters, TaperParameters, FrequencyParameters):
    """(Multi-)tapered Fourier transform of whole trials.

    A trial x of N samples times a taper w of unit energy, padded to P samples: X = sqrt(2/N) rfft(w x, P). Power |X|²
    is per frequency bin, in squared units of the data: a cosine of amplitude A sums to A²/2 over the bins its
    energy spreads to, white noise of variance v to v over all bins (without padding). 0 Hz and Nyquist carry the
    factor 2 as well. Multitapering averages over Slepian tapers (Thomson 1982, doi:10.1109/PROC.1982.12433;
    Percival & Walden 1993). With `ft_compat`: FieldTrip's scaling (sqrt(2/P); 0 Hz and Nyquist halved in power),
    number of tapers, and phases relative to t = 0 instead of the first sample.

    The outputs fooof, fooof_aperiodic and fooof_peaks fit a model to the power of every trial and channel, or to the
    average over trials: peaks over an aperiodic background (Donoghue et al. 2020, doi:10.1038/s41593-020-00744-x). Its
    parameters stand in the result's `info`, as `info[name][trial][channel]`: aperiodic_params (offset, (knee,)
    exponent), peak_params (frequency, height, width of each), gaussian_params, n_peaks, r_squared, error.
    """

    verb: ClassVar[str] = "freqanalysis"
    method_name: ClassVar[str | None] = "mtmfft"
    reads: ClassVar[tuple[type, ...]] = (AnalogData,)
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"foilim": [5, 60]},
        {"tapsmofrq": 6, "keeptapers": True, "output": "fourier", "pad": "nextpow2"},
        {"tapsmofrq": 6, "keeptrials": False, "polyremoval": 1},
        {"taper": "kaiser", "taper_opt": {"beta": 5}, "ft_compat": True, "output": "fourier"},
    )

    keeptrials: bool = parameter(True, "keep trials, or average the quantity over them")
    polyremoval: Whole | None = parameter(0, "trend removed from each trial: 0 mean, 1 line, None nothing", ge=0, le=1)
    demean_taper: bool = parameter(False, "remove the mean of each tapered trial")
    keeptapers: bool = parameter(False, "keep the spectra of single tapers")
    ft_compat: bool = parameter(False, "FieldTrip's numbers")
    out: None = parameter(None, "accepted for old scripts: the result is always a new object")

    @model_validator(mode="after")
    def _tapers_of_power_only(self) -> Any:
        if self.is_fooof and self.keeptapers:
            raise SPYValueError("False: models are fitted to the mean of the tapers", "keeptapers", True)
        if self.tapsmofrq is not None and not self.keeptapers and self.output != "pow" and not self.is_fooof:
            legal = "output 'pow', or keeptapers=True: other quantities of different tapers have no meaningful mean"
            raise SPYValueError(legal, "output|keeptapers", repr(self.output))
        return self

    def bind(self, *views: View) -> Pipeline:
        """Fix transform length, bins and tapers for the trials at hand."""
        (view,) = views
        require_real(view)
        self.check_range(view.samplerate)
        padded = self.padded_length(view)
        freqs = spectral_axis(padded, view.samplerate)
        bins = self.choose_bins(freqs, self.ft_compat)
        # averaged tapers may differ in number from trial to trial, as they do in FieldTrip
        same = not self.ft_compat or self.keeptapers or self.nTaper is not None
        count = self.count_tapers(view.lengths, view.samplerate, self.ft_compat, same=same)
        labels = self.taper_labels
        if self.keeptapers and self.tapsmofrq is not None:
            labels = [f"dpss{number}" for number in range(count)]
        stage = TaperedSpectra(
            padded,
            bins,
            freqs[bins],
            self.taper,
            self.taper_opt,
            self.tapsmofrq,
            count if same else None,
            tuple(labels),
            "pow" if self.is_fooof else self.output,
            self.keeptapers,
            self.polyremoval,
            self.demean_taper,
            self.ft_compat,
        )
        if self.is_fooof:
            fit = self.fooof_fit(freqs[bins])
            if self.keeptrials:
                return Pipeline((MarkGaps(), stage, fit), SpectralData)
            return Pipeline((MarkGaps(), stage), SpectralData, FooofOfMean(0.0, fit=fit), keep=False)
        reduction = None if self.keeptrials else trial_mean(self.output, 0.0)
        return Pipeline((MarkGaps(), stage), SpectralData, reduction, keep=self.keeptrials)
