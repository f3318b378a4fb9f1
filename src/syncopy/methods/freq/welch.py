"""Welch's method: power averaged over windows that overlap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from syncopy.data.continuous import AnalogData, SpectralData
from syncopy.data.trials import TrialSpec
from syncopy.data.units import squared
from syncopy.data.view import View
from syncopy.engine.method import Pipeline, Stage
from syncopy.engine.parameters import Whole, parameter
from syncopy.errors import SPYTypeError, SPYValueError
from syncopy.kernels.fourier import bin_scale
from syncopy.kernels.stft import sliding_scratch, welch_power, window_step
from syncopy.methods.freq.average import trial_mean
from syncopy.methods.freq.parameters import FrequencyParameters, require_real, spectral_axis
from syncopy.methods.freq.toi import TimeParameters
from syncopy.methods.freq.windows import SlidingWindow, WindowParameters
from syncopy.methods.gaps import MarkGaps

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class WelchSpectra(Stage):
    """Signals to power: `(time, channel)` becomes `(time = 1, taper = 1, freq, channel)`.

    Attributes
    ----------
    window : SlidingWindow
    step : int
        Samples from one window to the next.
    bins, freqs : ndarray
        Bins of a window's spectrum, and their frequencies in Hz.
    taper, taper_opt, polyremoval, average
        As the user's parameters.
    label : str
        Of the taper axis.
    """

    window: SlidingWindow
    step: int
    bins: NDArray[np.intp]
    freqs: Array
    taper: str | None
    taper_opt: dict[str, Any] | None
    polyremoval: int | None
    average: Literal["mean", "median"]
    label: str

    split: ClassVar[frozenset[str]] = frozenset({"channel", "freq"})

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """One spectrum per trial."""
        (trial,) = trials
        channel = trial.coords["channel"]
        shape = (1, 1, len(self.freqs), len(channel))
        coords = {"taper": np.array([self.label]), "freq": self.freqs, "channel": channel}
        dtype = np.dtype(np.float32)
        return TrialSpec(SpectralData._default_dimord, shape, dtype, trial.samplerate, trial.offset, coords)

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Compute the spectra of a block."""
        (block,) = blocks
        tapers = self.window.tapers(trial.samplerate, self.taper, self.taper_opt)
        scale = bin_scale(self.bins, self.window.samples, self.window.samples)
        options: dict[str, Any] = {"polyremoval": self.polyremoval, "average": self.average}
        power = welch_power(block, tapers, self._starts(trial), self.bins, scale, **options)
        return power[:, None].astype(np.float32, copy=False)

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """A few windows at a time, and the spectra of all of them for the median."""
        (trial,) = trials
        itemsize = 4 if trial.dtype == np.float32 else 8
        windows, spectrum = count * len(self._starts(trial)), len(self.bins) * trial.size("channel")
        sliding = sliding_scratch(
            windows,
            self.window.samples,
            self.window.taper_count,
            len(self.bins),
            trial.size("channel"),
            itemsize,
        )
        kept = windows * spectrum * 4 * itemsize if self.average == "median" else 0
        return sliding + kept + 3 * 8 * count * spectrum

    def narrow(self, axis: str, where: slice) -> Self:
        """Only some of the frequencies."""
        return replace(self, bins=self.bins[where], freqs=self.freqs[where]) if axis == "freq" else self

    def _starts(self, trial: TrialSpec) -> NDArray[np.int64]:
        """First samples of the windows that lie inside the trial."""
        return np.arange(0, trial.n_samples - self.window.samples + 1, self.step)


class Welch(WindowParameters, TimeParameters, FrequencyParameters):
    """Welch's estimate: power of overlapping windows of each trial, averaged.

    `t_ftimwin` is the length of the windows; `toi` has to be the fraction by which neighbours overlap, 0.5 for instance
    (the default of other methods, 'all', means nothing here). Windows lie inside the trial; samples at its end that do
    not fill one are not used. Windows with NaN are left out, channel by channel. Power is per bin of a window of n
    samples, as for mtmfft: white noise of variance v gives 2 v/n in each bin. The median is corrected for its bias, so
    that it estimates the same power and yet ignores short artefacts. (Welch 1967, doi:10.1109/TAU.1967.1161901)
    """

    verb: ClassVar[str] = "freqanalysis"
    method_name: ClassVar[str | None] = "welch"
    reads: ClassVar[tuple[type, ...]] = (AnalogData,)
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"t_ftimwin": 0.2, "toi": 0.5},
        {"t_ftimwin": 0.3, "toi": 0.2, "tapsmofrq": 8, "keeptrials": False, "foilim": [10, 60]},
        {"t_ftimwin": 0.2, "toi": 0.5, "average": "median", "polyremoval": 1},
    )

    output: Literal["pow"] = parameter("pow", "quantity")
    keeptrials: bool = parameter(True, "keep trials, or average the quantity over them")
    keeptapers: Literal[False] = parameter(False, "keep the spectra of single tapers")
    polyremoval: Whole | None = parameter(0, "trend removed from each window: 0 mean, 1 line, None nothing", ge=0, le=1)
    t_ftimwin: float | None = parameter(None, "length of the sliding window", "s")
    average: Literal["mean", "median"] = parameter("mean", "average over windows")

    def result_unit(self, unit: str | None) -> str | None:
        """The square of the data's."""
        return squared(unit)

    def bind(self, *views: View) -> Pipeline:
        """Fix window, bins and tapers for the data at hand."""
        (view,) = views
        require_real(view)
        self.check_range(view.samplerate)
        if self.t_ftimwin is None:
            raise SPYTypeError(None, "t_ftimwin", "the length of the windows in s")
        if self.toi == "all" or isinstance(self.toi, list):
            raise SPYValueError("an overlap of neighbouring windows, from 0 to 1", "toi", repr(self.toi))
        window = self.make_window(self.t_ftimwin, self.tapsmofrq, view)
        freqs = spectral_axis(window.samples, view.samplerate)
        bins = self.choose_bins(freqs)
        stage = WelchSpectra(
            window,
            window_step(window.samples, self.overlap),
            bins,
            freqs[bins],
            self.taper,
            self.taper_opt,
            self.polyremoval,
            self.average,
            *self.taper_labels,
        )
        reduction = None if self.keeptrials else trial_mean(self.output, 0.0)
        return Pipeline((MarkGaps(), stage), SpectralData, reduction, keep=self.keeptrials)
