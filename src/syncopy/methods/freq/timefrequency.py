"""What the methods that resolve time and frequency share: parameters, and the frame of their stages."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from syncopy.data.continuous import SpectralData
from syncopy.data.timeaxis import TIMES
from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.method import Pipeline, Stage
from syncopy.engine.parameters import Whole, parameter
from syncopy.errors import SPYValueError, SPYWarning
from syncopy.kernels.arrays import CACHE_BYTES
from syncopy.kernels.detrend import detrend
from syncopy.kernels.filterbank import filter_scratch
from syncopy.kernels.superlets import FieldTripSuperlets
from syncopy.kernels.wavelets import FieldTripWavelets, cone_of_influence, fieldtrip_edges, stepped_frequencies
from syncopy.methods.freq.average import trial_mean
from syncopy.methods.freq.parameters import (
    COMPLEX_OUTPUTS,
    FrequencyParameters,
    Output,
    PaddingParameters,
    unit_of_output,
)
from syncopy.methods.freq.toi import TimeParameters, TimePoints
from syncopy.methods.gaps import MarkGaps

Array = NDArray[Any]

# Labels of the taper axis of transforms that use none, the same as for `taper=None`.
UNTAPERED = ("None",)

# Lengths of the longest trial that a period may have: filters for more would fill the memory.
LONGEST_PERIOD = 1000


@dataclass(frozen=True, eq=False)
class TimeFrequencySpectra(Stage):
    """Signals to spectra over time: `(time, channel)` becomes `(time, taper, freq, channel)`.

    Attributes
    ----------
    times : TimePoints
        Where in the trial.
    freqs : ndarray
        In Hz.
    labels : tuple of str
        Labels of the taper axis.
    output : str
        Quantity; see `convert_spectra`.
    polyremoval : int or None
        As the user's parameter.
    """

    times: TimePoints
    freqs: Array
    labels: tuple[str, ...]
    output: str
    polyremoval: int | None

    split: ClassVar[frozenset[str]] = frozenset({"channel", "freq"})

    @property
    def uses_offset(self) -> bool:  # type: ignore[override]
        """A given time lies at another sample in trials of another offset."""
        return self.times.times is not None

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """One spectrum per time and taper."""
        (trial,) = trials
        channel = trial.coords["channel"]
        count, samplerate, offset = self.times.axis(trial)
        shape = (count, len(self.labels), len(self.freqs), len(channel))
        coords = {"taper": np.array(self.labels), "freq": self.freqs, "channel": channel}
        return TrialSpec(SpectralData._default_dimord, shape, self.dtype, samplerate, offset, coords)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the result."""
        return np.dtype(np.complex64 if self.output in COMPLEX_OUTPUTS else np.float32)

    def narrow(self, axis: str, where: slice) -> Self:
        """Only some of the frequencies."""
        return replace(self, freqs=self.freqs[where], **self.narrowed(where)) if axis == "freq" else self

    @abstractmethod
    def narrowed(self, where: slice) -> dict[str, Any]:
        """Return those attributes of the subclass that depend on the frequencies, for some of them."""


@dataclass(frozen=True, eq=False)
class FilteredSpectra(TimeFrequencySpectra):
    """Spectra over time made by filters, one or a few for each frequency.

    Attributes
    ----------
    kernel_set : KernelSet
        The filters.
    mark_edges : bool
        Whether results that the edges of the trial reach into become NaN.
    """

    kernel_set: Any
    mark_edges: bool

    @abstractmethod
    def transform(self, block: Array, samples: Array | None) -> Array:
        """Filter a block; `(trial, time, freq, channel)`, only some samples if they are given."""

    @abstractmethod
    def decay_times(self) -> Array:
        """How far the edges of a trial are felt, in s, `(freq,)`; see `cone_of_influence`."""

    @property
    def edge_times(self) -> Array:
        """How far the edges of a trial are taken to be felt, in s, `(freq,)`; for FieldTrip all that a filter spans."""
        if isinstance(self.kernel_set, FieldTripWavelets | FieldTripSuperlets):
            return self._lengths() / 2 / self.kernel_set.samplerate
        return self.decay_times()

    def edges(self, trial: TrialSpec) -> Array:
        """Tell where the edges of the trial matter: bool, `(time, freq)`."""
        if isinstance(self.kernel_set, FieldTripWavelets | FieldTripSuperlets):
            return fieldtrip_edges(self._lengths(), trial.n_samples)
        return cone_of_influence(self.edge_times, trial.n_samples, trial.samplerate)

    def _lengths(self) -> Array:
        return np.array([self.kernel_set.longest(index) for index in range(len(self.freqs))])

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Filter a block and pick the times of interest."""
        (block,) = blocks
        signals = detrend(block, self.polyremoval)
        if self.times == TimePoints():
            result = self.transform(signals, None)
            blank = self.edges(trial) if self.mark_edges else None
        else:
            samples, outside = self.times.samples(trial), self.times.outside(trial)
            samples[outside] = 0
            result = self.transform(signals, samples)
            blank = np.broadcast_to(outside[:, None], result.shape[1:3])
            blank = blank | self.edges(trial)[samples] if self.mark_edges else blank
        if blank is not None:
            result[:, blank] = np.nan * (1 + 1j) if np.iscomplexobj(result) else np.nan
        return result[:, :, None].astype(self.dtype, copy=False)

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """Detrended copy, the filters' workspace, and the result in double precision where the data are."""
        (trial,) = trials
        samples, channels = trial.shape
        itemsize = 4 if trial.dtype == np.float32 else 8
        doubled = 2 * count * self.infer(trial).nbytes if itemsize == 8 else 0
        work = doubled + filter_scratch(self.kernel_set, count, samples, channels, itemsize)
        return count * itemsize * samples * channels + max(work, detrend_scratch(count, trial, self.polyremoval))


def detrend_scratch(count: int, trial: TrialSpec, order: int | None) -> int:
    """Bytes that `detrend` needs beside its result: polynomials, and one trial, or a slab, in double precision."""
    if order is None:
        return 0
    samples, channels = trial.shape
    one = samples * channels
    slab = max(one, min(count * one, CACHE_BYTES // 4))
    return (8 + 40 * order) * samples + 8 * (2 + order) * slab + CACHE_BYTES // 8


class TimeFrequencyParameters(TimeParameters, PaddingParameters, FrequencyParameters):
    """Times, frequencies and quantity of an analysis that resolves both."""

    output: Output = parameter("pow", "quantity")
    keeptrials: bool = parameter(True, "keep trials, or average the quantity over them")
    polyremoval: Whole | None = parameter(0, "trend removed from each trial: 0 mean, 1 line, None nothing", ge=0, le=1)
    edges: Literal["zero", "nan"] = parameter(
        "zero", "where a trial is too short: take what lies outside as zero, or return NaN (as with ft_compat)"
    )
    ft_compat: bool = parameter(False, "FieldTrip's numbers")

    @model_validator(mode="after")
    def _padding_of_fieldtrip(self) -> Any:
        if self.pad != "maxperlen" and not self.ft_compat:
            warnings.warn("`pad` has no effect without `ft_compat`", SPYWarning, stacklevel=2)
        return self

    def result_unit(self, unit: str | None) -> str | None:
        """That of the output."""
        return unit_of_output(self.output, unit)

    @property
    def mark_edges(self) -> bool:
        """Whether results that the edges of a trial reach into become NaN."""
        return self.edges == "nan" or self.ft_compat

    def exact_frequencies(self, view: View, automatic: Array) -> Array:
        """Return the wanted frequencies, none of them 0: no filter takes that.

        Parameters
        ----------
        view : View
        automatic : ndarray
            What to take if nothing is asked for.

        Returns
        -------
        ndarray
            `foi` as it is, or `foilim` in steps of 1 Hz. With `ft_compat`: multiples of 1 / `pad`.
        """
        self.check_range(view.samplerate)
        freqs = automatic
        if self.ft_compat:
            freqs = self.fieldtrip_frequencies(view)
        elif isinstance(self.foi, list):
            freqs = np.array(self.foi, dtype=np.float64)
        elif isinstance(self.foilim, list):
            freqs = stepped_frequencies(*self.foilim)
        if isinstance(self.foi, list) and not freqs.all():
            warnings.warn("0 Hz is left out: it has no period", SPYWarning, stacklevel=5)
        freqs = freqs[freqs > 0]
        lowest = view.samplerate / int(view.lengths.max()) / LONGEST_PERIOD
        if (freqs < lowest).any():
            legal = f"frequencies of at least {lowest:g} Hz, a {LONGEST_PERIOD}th of a cycle in the longest trial"
            raise SPYValueError(legal, "foi", self.foi)
        if not len(freqs):
            raise SPYValueError("frequencies above 0", "foi/foilim", self.foi or self.foilim)
        return freqs

    def fieldtrip_frequencies(self, view: View) -> Array:
        """Return the multiples of 1 / `pad` that are nearest to the wanted frequencies."""
        seconds = self.padded_span(view) / view.samplerate
        grid = np.arange(int(seconds * view.samplerate / 2 + 1e-6) + 1) / seconds
        return grid[self.choose_bins(grid, ft_compat=True)]

    def padded_span(self, view: View) -> float:
        """Return the samples that FieldTrip pads trials to, not rounded."""
        padded = self.padded_length(view)
        return self.pad * view.samplerate if isinstance(self.pad, int | float) else float(padded)

    def pipeline(self, view: View, stage: TimeFrequencySpectra, **info: Any) -> Pipeline:
        """Run the stage, and average if trials are not kept; list times that no sample rate describes."""
        true_times: Any = stage.times.true_times(view)
        told = info if true_times is None else {**info, TIMES: true_times}
        if self.keeptrials:
            return Pipeline((MarkGaps(), stage), SpectralData, info=told)
        if np.ndim(true_times) == 2:  # trials at different fractions of a sample from t = 0
            told = {**info, TIMES: np.mean(true_times, axis=0).tolist()}
        trials = [view.spec(number) for number in range(len(view))]
        offset = float(np.mean([stage.times.axis(trial)[2] for trial in trials]))
        gaps = self.mark_edges or any(stage.times.outside(trial).any() for trial in trials)
        return Pipeline((MarkGaps(), stage), SpectralData, trial_mean(self.output, offset, gaps), keep=False, info=told)
