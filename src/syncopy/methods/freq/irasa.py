"""IRASA: separate the scale-free part of a spectrum from its oscillations."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator
from scipy.fft import next_fast_len

from syncopy.data.continuous import AnalogData, SpectralData
from syncopy.data.trials import TrialSpec
from syncopy.data.units import squared
from syncopy.data.view import View
from syncopy.engine.method import Pipeline, Stage
from syncopy.engine.parameters import Whole, parameter
from syncopy.errors import SPYValueError, SPYWarning
from syncopy.kernels.irasa import FACTORS, WINDOW_COUNT, irasa_padding, irasa_power, irasa_scratch, irasa_window
from syncopy.methods.freq.average import trial_mean
from syncopy.methods.freq.parameters import FrequencyParameters, PaddingParameters, require_real, spectral_axis
from syncopy.methods.gaps import MarkGaps

Array = NDArray[Any]

# Samples of a trial from which on there is a window to resample.
_SHORTEST = 3


@dataclass(frozen=True, eq=False)
class IrasaSpectra(Stage):
    """Signals to power: `(time, channel)` becomes `(time = 1, taper = 1, freq, channel)`.

    Attributes
    ----------
    output : {'fractal', 'original', 'oscillatory'}
        Part of the power.
    window, window_count, padded : int
        Samples of a window, windows per trial, samples of the transform.
    bins, freqs : ndarray
        Wanted bins of the transform, and their frequencies in Hz.
    factors : tuple of float
        By which the windows are resampled.
    polyremoval, ft_compat
        As the user's parameters.
    """

    output: str
    window: int
    window_count: int
    padded: int
    bins: NDArray[np.intp]
    freqs: Array
    factors: tuple[float, ...]
    polyremoval: int | None
    ft_compat: bool

    split: ClassVar[frozenset[str]] = frozenset({"channel", "freq"})

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """One spectrum per trial."""
        (trial,) = trials
        channel = trial.coords["channel"]
        shape = (1, 1, len(self.freqs), len(channel))
        coords = {"taper": np.array(["hanning"]), "freq": self.freqs, "channel": channel}
        dtype = np.dtype(np.float32)
        return TrialSpec(SpectralData._default_dimord, shape, dtype, trial.samplerate, trial.offset, coords)

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Compute the spectra of a block."""
        power, fractal = irasa_power(
            blocks[0],
            self.window,
            self.padded,
            self.bins,
            window_count=self.window_count,
            factors=self.factors,
            polyremoval=self.polyremoval,
            ft_compat=self.ft_compat,
        )
        part = {"fractal": fractal, "original": power}.get(self.output)
        return (power - fractal if part is None else part)[:, None, None].astype(np.float32, copy=False)

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """Resampled windows, and both parts of the power."""
        (trial,) = trials
        itemsize, channels = 4 if trial.dtype == np.float32 else 8, trial.size("channel")
        sizes = trial.n_samples, self.window, self.padded, len(self.bins), channels, itemsize
        return (
            irasa_scratch(count, *sizes, self.window_count, len(self.factors))
            + 3 * itemsize * count * len(self.bins) * channels
        )

    def narrow(self, axis: str, where: slice) -> Self:
        """Only some of the frequencies."""
        return replace(self, bins=self.bins[where], freqs=self.freqs[where]) if axis == "freq" else self


class Irasa(PaddingParameters, FrequencyParameters):
    """Irregular-resampling auto-spectral analysis (IRASA): the power of the scale-free part of a signal.

    Resampling by h and 1/h moves oscillations but not a power law; the median over h of the geometric mean of both
    spectra keeps only the latter. `output` has to be "fractal", "original" (the power of the signal, in the same
    windows) or "oscillatory" (their difference, which may be negative). Power is per bin of a window, as for mtmfft.
    The fractal part is valid up to half the sample rate over the largest h; without frequencies, those up to there
    are computed. (Wen & Liu 2016, doi:10.1007/s10548-015-0448-0)

    With `ft_compat`: FieldTrip's scaling (sqrt(2/P) for windows padded to P samples; 0 Hz and Nyquist halved in power).
    """

    verb: ClassVar[str] = "freqanalysis"
    method_name: ClassVar[str | None] = "irasa"
    reads: ClassVar[tuple[type, ...]] = (AnalogData,)
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"output": "fractal"},
        {"output": "oscillatory", "hset": [1.2, 1.5], "nwindow": 4, "windowlength": 0.4, "pad": 1.0, "foilim": [5, 40]},
        {"output": "original", "ft_compat": True, "pad": "nextpow2", "keeptrials": False},
    )

    output: Literal["fractal", "original", "oscillatory"] = parameter("pow", "part of the power; it has to be chosen")
    keeptrials: bool = parameter(True, "keep trials, or average the quantity over them")
    polyremoval: Whole | None = parameter(0, "trend removed from each trial: 0 mean, 1 line, None nothing", ge=0, le=1)
    hset: list[Annotated[float, Field(gt=1, le=100)]] = parameter(
        list(FACTORS), "factors by which the windows are resampled", min_length=1
    )
    nwindow: Whole = parameter(WINDOW_COUNT, "windows per trial", ge=1, le=1_000_000)
    windowlength: Literal["auto", "all"] | float = parameter(
        "auto", "length of a window: the power of two below 0.9 of the shortest trial, all of it, or seconds"
    )
    ft_compat: bool = parameter(False, "FieldTrip's numbers")

    @model_validator(mode="after")
    def _known_part(self) -> Any:
        if self.output not in ("fractal", "original", "oscillatory"):
            raise SPYValueError("'fractal', 'original' or 'oscillatory' for irasa", "output", repr(self.output))
        return self

    def result_unit(self, unit: str | None) -> str | None:
        """The square of the data's."""
        return squared(unit)

    def bind(self, *views: View) -> Pipeline:
        """Fix windows and frequencies for the data at hand."""
        (view,) = views
        require_real(view)
        self.check_range(view.samplerate)
        window = self._window(view)
        padded = self.padded_length(view)
        if padded < irasa_padding(window, self.hset):
            padded = next_fast_len(irasa_padding(window, self.hset))
        freqs = spectral_axis(padded, view.samplerate)
        stage = IrasaSpectra(
            self.output,
            window,
            1 if self.windowlength == "all" else self.nwindow,
            padded,
            (bins := self._valid_bins(freqs, view.samplerate)),
            freqs[bins],
            tuple(self.hset),
            self.polyremoval,
            self.ft_compat,
        )
        reduction = None if self.keeptrials else trial_mean(self.output, 0.0)
        return Pipeline((MarkGaps(), stage), SpectralData, reduction, keep=self.keeptrials)

    def _window(self, view: View) -> int:
        shortest = int(view.lengths.min())
        if shortest < _SHORTEST:
            raise SPYValueError(f"trials of {_SHORTEST} samples at least", "data", f"a trial of {shortest}")
        if isinstance(self.windowlength, str):
            return shortest if self.windowlength == "all" else irasa_window(shortest)
        samples = self.windowlength * view.samplerate + 1e-6
        if not 2 <= samples < shortest + 1:
            legal = f"between {2 / view.samplerate:g} s and {shortest / view.samplerate:g} s, the shortest trial"
            raise SPYValueError(legal, "windowlength", f"{self.windowlength} s")
        return int(samples)

    def _valid_bins(self, freqs: Array, samplerate: float) -> NDArray[np.intp]:
        highest = samplerate / 2 / max(self.hset)
        if not isinstance(self.foi, list) and not isinstance(self.foilim, list):
            return np.flatnonzero((freqs > 0) & (freqs <= highest))
        bins = self.choose_bins(freqs, self.ft_compat)
        if freqs[bins].max() > highest and self.output != "original":
            text = (
                f"the fractal part is too small above {highest:g} Hz, half the sample rate over the largest of `hset`"
            )
            warnings.warn(text, SPYWarning, stacklevel=5)
        return bins
