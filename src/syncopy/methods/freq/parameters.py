"""Parameters that spectral methods share, and what they mean for given data."""

from __future__ import annotations

import math
import warnings
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator, model_validator

from syncopy.data.units import squared
from syncopy.data.view import View
from syncopy.engine.method import Method
from syncopy.engine.parameters import Whole, parameter
from syncopy.errors import SPYTypeError, SPYValueError, SPYWarning
from syncopy.kernels.fourier import fft_length, frequency_axis, match_frequencies
from syncopy.kernels.tapers import (
    TAPERS,
    dpss_tapers,
    fieldtrip_hanning,
    fieldtrip_taper_count,
    make_taper,
    slepian_parameters,
    taper_parameters,
    vanishes,
)

Array = NDArray[Any]

Output = Literal["pow", "abs", "fourier", "real", "imag", "angle", "absreal", "absimag", "complex"]

COMPLEX_OUTPUTS = ("fourier", "complex")
# those in the unit of the signals; angles are in rad, all others are powers
_SIGNAL_OUTPUTS = (*COMPLEX_OUTPUTS, "abs", "real", "imag", "absreal", "absimag")

# FieldTrip's 'hanning' is a Hann window without its zero end points.
WINDOWS = (*TAPERS, "hanning")


def unit_of_output(output: str, unit: str | None) -> str | None:
    """Unit of a part of spectra: amplitudes are in that of the signals, powers in its square."""
    if output == "angle":
        return "rad"
    return unit if output in _SIGNAL_OUTPUTS else squared(unit)


class FrequencyParameters(Method):
    """Which frequencies: single ones, an interval, or all that the transform has."""

    foi: float | list[float] | Literal["all"] | None = parameter(
        None, "frequency, or several; the nearest available ones", "Hz"
    )
    foilim: list[float] | Literal["all"] | None = parameter(None, "interval [low, high] of frequencies", "Hz")

    @field_validator("foi", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        return [value] if isinstance(value, int | float) and not isinstance(value, bool) else value

    @field_validator("foilim")
    @classmethod
    def _two_limits(cls, value: Any) -> Any:
        if isinstance(value, list):
            if len(value) != 2:
                raise SPYValueError("an interval [low, high] in Hz", "foilim", value)
            return sorted(value)
        return value

    @model_validator(mode="after")
    def _not_both(self) -> Any:
        if self.foi is not None and self.foilim is not None:
            raise SPYValueError("either foi or foilim, not both", "foi/foilim", f"{self.foi} and {self.foilim}")
        return self

    def check_range(self, samplerate: float) -> None:
        """Raise for frequencies outside what the sample rate allows."""
        for name in ("foi", "foilim"):
            value = getattr(self, name)
            if isinstance(value, list):
                if not value:
                    raise SPYValueError("at least one frequency", name, "an empty list")
                if min(value) < 0 or max(value) > samplerate / 2:
                    legal = f"frequencies between 0 and {samplerate / 2:g} Hz, half the sample rate"
                    raise SPYValueError(legal, name, value)

    def choose_bins(self, freqs: Array, ft_compat: bool = False) -> NDArray[np.intp]:
        """Positions of the wanted frequencies on the axis a transform offers; FieldTrip rounds limits to bins first."""
        foi = self.foi if isinstance(self.foi, list) else None
        foilim = self.foilim if isinstance(self.foilim, list) else None
        if foilim is not None and ft_compat:
            foilim = freqs[match_frequencies(freqs, foi=foilim)[[0, -1]]].tolist()
        bins = match_frequencies(freqs, foi, foilim)
        if not len(bins):
            legal = f"an interval that holds one of the available frequencies (every {freqs[1] - freqs[0]:g} Hz)"
            raise SPYValueError(legal, "foi/foilim", foilim)
        return bins


class TaperParameters(Method):
    """How trials are tapered: one window, or the Slepian tapers of multitapering."""

    taper: str | None = parameter("hann", f"window, None for none; one of {', '.join(WINDOWS)}")
    taper_opt: dict[str, Any] | None = parameter(None, "parameters of the window, e.g. {'beta': 8} for kaiser")
    tapsmofrq: float | None = parameter(None, "half bandwidth of the spectral smoothing: multitapering", "Hz", ge=0)
    nTaper: Whole | None = parameter(None, "number of Slepian tapers, default 2 NW - 1", ge=1)

    @model_validator(mode="after")
    def _consistent(self) -> Any:
        if self.taper == "dpss":
            raise SPYValueError("a window; set `tapsmofrq` for multitapering with Slepian tapers", "taper", "'dpss'")
        if self.taper is not None and self.taper not in WINDOWS:
            raise SPYValueError(f"one of {', '.join(WINDOWS)} or None", "taper", repr(self.taper))
        if self.tapsmofrq is not None:
            if self.taper != "hann":
                legal = "no `taper` beside `tapsmofrq`: multitapering brings its own"
                raise SPYValueError(legal, "taper", repr(self.taper))
            if self.taper_opt is not None:
                warnings.warn("`taper_opt` has no effect with `tapsmofrq`", SPYWarning, stacklevel=2)
        else:
            if self.nTaper is not None:
                warnings.warn("`nTaper` has no effect without `tapsmofrq`", SPYWarning, stacklevel=2)
            self._check_options()
        return self

    def _check_options(self) -> None:
        needed = taper_parameters(self.taper) if self.taper in TAPERS else ()
        if self.taper is None or (self.taper_opt is None and not needed):
            return
        given = set(self.taper_opt or {})
        if not needed or given != set(needed):
            legal = f"exactly the keys {', '.join(needed)}" if needed else f"None: {self.taper} has no parameters"
            raise SPYValueError(f"{legal} for taper '{self.taper}'", "taper_opt", self.taper_opt)

    @property
    def taper_labels(self) -> list[str]:
        """Name of the window as it labels a taper axis of length one."""
        return ["dpss0"] if self.tapsmofrq is not None else [str(self.taper)]

    def count_tapers(
        self,
        lengths: Array,
        samplerate: float,
        ft_compat: bool = False,
        tapsmofrq: float | None = None,
        same: bool = True,
    ) -> int:
        """Return the number of tapers for windows of so many samples (what suits their mean, where they differ).

        `tapsmofrq` is that of the window, where windows differ in it; `same`: whether all windows get that number.

        Raises
        ------
        SPYValueError
            If a window is too short for its tapers.
        """
        smoothing = self.tapsmofrq if tapsmofrq is None else tapsmofrq
        if smoothing is None:
            if 2 in lengths and self.taper in TAPERS and vanishes(self.taper, 2, self.taper_opt):
                legal = "a window without zero end points: two samples have nothing else"
                raise SPYValueError(legal, "taper", repr(self.taper))
            return 1
        length = float(np.mean(lengths))
        half_bandwidth_time, suggested = slepian_parameters(length, samplerate, smoothing)
        used = half_bandwidth_time * samplerate / length
        if ft_compat:
            suggested = fieldtrip_taper_count(round(length), samplerate, smoothing)
        count = self.nTaper or suggested
        if same and count > lengths.min():
            legal = f"no more than {lengths.min()} tapers, the samples of the shortest window or trial"
            raise SPYValueError(legal, "nTaper" if self.nTaper else "tapsmofrq", f"{count} tapers")
        if not math.isclose(used, smoothing):
            text = f"`tapsmofrq` {smoothing:g} Hz becomes {used:g} Hz, which {length / samplerate:g} s can resolve"
            warnings.warn(text, SPYWarning, stacklevel=2)
        if count != suggested:
            text = f"`nTaper` {count} differs from the {suggested} tapers that suit the smoothing"
            warnings.warn(text, SPYWarning, stacklevel=2)
        return count


def make_tapers(
    length: int, samplerate: float, count: int | None, taper: str | None, options: Any, tapsmofrq: float | None
) -> Array:
    """Tapers `(taper, time)` of unit energy for a window of `length` samples.

    The half bandwidth is the same in Hz for every length (as far as the length can resolve it); a `count` of None is
    as many Slepian tapers as FieldTrip takes for that length.
    """
    if tapsmofrq is not None:
        half_bandwidth_time = slepian_parameters(length, samplerate, tapsmofrq)[0]
        return dpss_tapers(length, half_bandwidth_time, count or fieldtrip_taper_count(length, samplerate, tapsmofrq))
    if taper == "hanning":
        return fieldtrip_hanning(length)
    return make_taper(taper, length, options)


# Lengths of the longest trial that padding may reach: more is a number of samples, or of ms, taken for seconds.
LONGEST_PADDING = 10_000


class PaddingParameters(Method):
    """How far trials are filled with zeros before the transform."""

    pad: float | Literal["maxperlen", "nextpow2"] = parameter(
        "maxperlen", "length of the transform: the longest trial, the next power of two, or seconds"
    )

    @field_validator("pad", mode="before")
    @classmethod
    def _known(cls, value: Any) -> Any:
        if isinstance(value, bool) or not (isinstance(value, int | float) or value in ("maxperlen", "nextpow2")):
            raise SPYValueError("'maxperlen', 'nextpow2' or a number of seconds", "pad", repr(value))
        return value

    def padded_length(self, view: View) -> int:
        """Samples of the transform, the same for all trials."""
        longest = int(view.lengths.max())
        if isinstance(self.pad, int | float) and self.pad * view.samplerate < longest - 1e-6:
            legal = f"at least the longest trial, {longest / view.samplerate:g} s"
            raise SPYValueError(legal, "pad", f"{self.pad} s")
        most = LONGEST_PADDING * longest
        if isinstance(self.pad, int | float) and self.pad * view.samplerate > most:
            legal = f"at most {LONGEST_PADDING} times the longest trial, {most / view.samplerate:g} s"
            raise SPYValueError(legal, "pad", f"{self.pad:g} s")
        return fft_length(self.pad, longest, view.samplerate)


def require_real(view: View) -> None:
    """Raise for complex signals, which have no one-sided spectrum."""
    if view.reader.source.dtype.kind == "c":
        raise SPYTypeError(view.data, "data", "real-valued signals")


def spectral_axis(padded: int, samplerate: float) -> Array:
    """Frequencies a transform of `padded` samples offers."""
    return frequency_axis(padded, samplerate)
