"""Continuous wavelet transform: Morlet, Paul and DOG wavelets."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from numpy.typing import NDArray
from pydantic import model_validator

from syncopy.data.continuous import AnalogData
from syncopy.data.view import View
from syncopy.engine.method import Pipeline
from syncopy.engine.parameters import Whole, parameter
from syncopy.errors import SPYTypeError, SPYValueError, SPYWarning
from syncopy.kernels.wavelets import (
    DOG,
    FieldTripWavelets,
    WaveletKernels,
    automatic_frequencies,
    edge_time,
    make_wavelet,
    transform,
)
from syncopy.methods.freq.parameters import require_real
from syncopy.methods.freq.timefrequency import UNTAPERED, FilteredSpectra, TimeFrequencyParameters

Array = NDArray[Any]

# Least order of the wavelets that have one.
_LEAST_ORDER = {"Paul": 4, "DOG": 1}


@dataclass(frozen=True, eq=False)
class WaveletSpectra(FilteredSpectra):
    """Wavelet transform of whole trials; `kernel_set` is of the class WaveletKernels or FieldTripWavelets."""

    def transform(self, block: Array, samples: Array | None) -> Array:
        """Transform a block."""
        return transform(block, self.kernel_set, self.output, samples)

    def decay_times(self) -> Array:
        """How far the edges of a trial are felt, in s."""
        return edge_time(self.kernel_set.wavelet, self.freqs)

    def narrowed(self, where: slice) -> dict[str, Any]:
        """Only some of the frequencies."""
        return {"kernel_set": replace(self.kernel_set, frequencies=self.kernel_set.frequencies[where])}


class Wavelet(TimeFrequencyParameters):
    """Wavelet transform: a filter for each frequency, the wider in frequency the higher it is.

    The whole trial is transformed, whatever the times of interest. Normalisation: a cosine of amplitude A at a
    frequency has power A²/2 there, whatever the sample rate; on average over a period for the real wavelets (DOG,
    Ricker), whose coefficients follow the oscillation. `info["cone_of_influence"]` holds the time in s, for each
    frequency, up to which the edges of a trial are felt; `edges="nan"` leaves these results out. `foilim` means steps
    of 1 Hz; without frequencies, four per octave up to half the sample rate. (Torrence & Compo 1998,
    doi:10.1175/1520-0477(1998)079<0061:APGTWA>2.0.CO;2)

    With `ft_compat`: FieldTrip's Morlet wavelets of `width` cycles (its own default is 7), whose power of white noise
    of variance v is 2 v at every frequency; frequencies are multiples of 1 / `pad`; NaN where a wavelet leaves the
    trial.
    """

    verb: ClassVar[str] = "freqanalysis"
    method_name: ClassVar[str | None] = "wavelet"
    reads: ClassVar[tuple[type, ...]] = (AnalogData,)
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"foi": [10, 20, 40]},
        {"foilim": [10, 14], "output": "fourier", "toi": [0.0, 0.1, 0.2], "edges": "nan"},
        {"wavelet": "Paul", "order": 4, "keeptrials": False},
        {"foi": [20, 40], "ft_compat": True, "width": 5, "keeptrials": False, "polyremoval": 1},
    )

    wavelet: Literal["Morlet", "Paul", "DOG", "Ricker", "Marr", "Mexican_hat"] = parameter("Morlet", "the wavelet")
    width: float = parameter(
        6.0, "of the Morlet wavelet: angular frequency times scale, about the number of its cycles", le=1000
    )
    order: Whole | None = parameter(None, "order of Paul (4 or more) and DOG")
    gwidth: float = parameter(3.0, "length of FieldTrip's wavelets to either side, in standard deviations", gt=0)

    @model_validator(mode="after")
    def _consistent(self) -> Any:
        if self.wavelet == "Morlet":
            if self.width < 1:
                raise SPYValueError("a width of at least 1", "width", self.width)
        elif self.ft_compat:
            raise SPYValueError("'Morlet': FieldTrip has no other wavelet", "wavelet", repr(self.wavelet))
        least = _LEAST_ORDER.get(self.wavelet)
        if least is not None:
            if self.order is None:
                raise SPYTypeError(None, "order", f"the order of the {self.wavelet} wavelet")
            if self.order < least:
                raise SPYValueError(f"{least} or more for the {self.wavelet} wavelet", "order", self.order)
        self._warn_of_ineffective(least)
        return self

    def _warn_of_ineffective(self, least: int | None) -> None:
        idle = {
            "order": self.order is not None and least is None,
            "width": self.width != 6 and self.wavelet != "Morlet",
            "gwidth": self.gwidth != 3 and not self.ft_compat,
        }
        for name, is_idle in idle.items():
            if is_idle:
                warnings.warn(f"`{name}` has no effect for wavelet '{self.wavelet}'", SPYWarning, stacklevel=2)

    def bind(self, *views: View) -> Pipeline:
        """Make the wavelets for the frequencies and the sample rate at hand."""
        (view,) = views
        require_real(view)
        wavelet = make_wavelet(self.wavelet, self.width, self.order or 4)
        if isinstance(wavelet, DOG) and self.output in ("fourier", "complex", "angle", "imag", "absimag"):
            warnings.warn(f"the wavelet '{self.wavelet}' is real: there is no phase", SPYWarning, stacklevel=5)
        shortest, samplerate = int(view.lengths.min()), view.samplerate
        freqs = self.exact_frequencies(view, automatic_frequencies(shortest, samplerate, wavelet.centre))
        frequencies = tuple(freqs.tolist())
        kernel_set: WaveletKernels | FieldTripWavelets = WaveletKernels(wavelet, frequencies, samplerate)
        if self.ft_compat:
            kernel_set = FieldTripWavelets(frequencies, samplerate, self.width, self.gwidth)
        points = self.time_points(view)
        stage = WaveletSpectra(points, freqs, UNTAPERED, self.output, self.polyremoval, kernel_set, self.mark_edges)
        return self.pipeline(view, stage, cone_of_influence=stage.edge_times.tolist())
