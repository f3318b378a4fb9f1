"""Sliding windows with one or several tapers: spectra over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from syncopy.data.continuous import AnalogData
from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.method import Pipeline
from syncopy.engine.parameters import parameter
from syncopy.errors import SPYTypeError, SPYValueError
from syncopy.kernels.arrays import cache_slabs
from syncopy.kernels.detrend import detrend
from syncopy.kernels.fourier import bin_slice, convert_spectra
from syncopy.kernels.stft import (
    fieldtrip_windows_fit,
    sliding_power,
    sliding_scratch,
    sliding_spectra,
    window_starts,
    windows_fit,
)
from syncopy.methods.freq.parameters import require_real, spectral_axis
from syncopy.methods.freq.timefrequency import TimeFrequencyParameters, TimeFrequencySpectra, detrend_scratch
from syncopy.methods.freq.windows import SlidingWindow, WindowParameters

Array = NDArray[Any]

# Bytes of complex spectra that exist at a time beside the result.
_PIECE_BYTES = 4 * 10**6


@dataclass(frozen=True, eq=False)
class SlidingSpectra(TimeFrequencySpectra):
    """Spectra of windows that slide along the trials.

    Attributes
    ----------
    windows : tuple of SlidingWindow
    window_of : ndarray of int
        Which window each frequency is estimated with.
    taper, taper_opt, keeptapers, ft_compat
        As the user's parameters.
    mark_edges : bool
        Whether results of windows that leave the trial become NaN.
    """

    windows: tuple[SlidingWindow, ...]
    window_of: NDArray[np.intp]
    taper: str | None
    taper_opt: dict[str, Any] | None
    keeptapers: bool
    mark_edges: bool
    ft_compat: bool

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Compute the spectra of a block, one length of windows after the other."""
        (block,) = blocks
        if self.ft_compat:
            block = detrend(block, self.polyremoval)
        result = np.empty((len(block), *self.infer(trial).shape), self.dtype)
        for number, window in enumerate(self.windows):
            columns = np.flatnonzero(self.window_of == number)
            if len(columns):
                self._estimate(block, trial, window, columns, result)
        return result

    def _estimate(
        self, block: Array, trial: TrialSpec, window: SlidingWindow, columns: NDArray[np.intp], result: Array
    ) -> None:
        """Fill in the frequencies `columns` of the result, some times after the other."""
        samples = self.times.samples(trial)
        starts = window_starts(samples, window.samples, self.ft_compat)
        valid = self._valid(samples, starts, window, trial)
        tapers = window.tapers(trial.samplerate, self.taper, self.taper_opt)
        bins = self.freqs[columns] * window.samples / trial.samplerate
        scale = np.sqrt(2 / window.samples)
        options: dict[str, Any] = {"polyremoval": None if self.ft_compat else self.polyremoval}
        where, averaged_power = bin_slice(columns), self.output == "pow" and not self.keeptapers
        if self.ft_compat and not averaged_power:  # it convolves, which turns odd tapers round; phases of the centre
            tapers, options["phase_origin"] = tapers[:, ::-1], (window.samples - 1) / 2
        for part in cache_slabs(len(samples), self._row_bytes(len(block), trial, window, len(columns)), _PIECE_BYTES):
            options["valid"] = None if valid[part].all() else valid[part]
            if averaged_power:
                result[:, part, :, where] = sliding_power(block, tapers, starts[part], bins, scale, **options)
            else:
                spectra = sliding_spectra(block, tapers, starts[part], bins, scale, **options)
                values = convert_spectra(spectra, self.output)
                result[:, part, :, where] = values if self.keeptapers else values.mean(axis=2, keepdims=True)

    def _valid(self, samples: Array, starts: Array, window: SlidingWindow, trial: TrialSpec) -> Array:
        """Tell which windows count: bool, `(time,)`. Those around times outside the trial never do."""
        if self.ft_compat:
            return fieldtrip_windows_fit(samples, window.span, trial.n_samples)
        if self.mark_edges:
            return windows_fit(starts, window.samples, trial.n_samples)
        return ~self.times.outside(trial)

    def _row_bytes(self, count: int, trial: TrialSpec, window: SlidingWindow, freqs: int) -> int:
        """Bytes of the complex spectra of one time."""
        itemsize = 4 if trial.dtype == np.float32 else 8
        return 2 * itemsize * count * window.taper_count * freqs * trial.size("channel")

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """A few windows at a time, and their spectra."""
        (trial,) = trials
        itemsize = 4 if trial.dtype == np.float32 else 8
        times, channels = self.infer(trial).n_samples, trial.size("channel")
        most = 0
        for number, window in enumerate(self.windows):
            freqs = int(np.sum(self.window_of == number))
            row = self._row_bytes(count, trial, window, freqs)
            sliding = sliding_scratch(count * times, window.samples, window.taper_count, freqs, channels, itemsize)
            most = max(most, 3 * min(max(_PIECE_BYTES, row), times * row) + sliding)
        if self.ft_compat:
            detrending = detrend_scratch(count, trial, self.polyremoval)
            most = count * itemsize * trial.n_samples * channels + max(most, detrending)
        return most

    def narrowed(self, where: slice) -> dict[str, Any]:
        """Only some of the frequencies."""
        return {"window_of": self.window_of[where]}


class Mtmconvol(WindowParameters, TimeFrequencyParameters):
    """(Multi-)tapered Fourier transform of windows that slide along the trials.

    A window of n samples times a taper w of unit energy: X = sqrt(2/n) rfft(w x). Power |X|² is per bin of that window:
    white noise of variance v gives 2 v/n; a cosine of amplitude A sums to A²/2 over the bins. Each window is detrended
    by itself. With one `t_ftimwin` the frequencies are those of the window, multiples of its inverse; with lists of
    `t_ftimwin` or `tapsmofrq`, one entry per frequency, those of `foi`, exactly.

    Windows are centred on the samples nearest to `toi`, an even number of samples half a sample before; or follow each
    other from the first sample on, with an overlap. Where they leave the trial there are zeros; with `edges="nan"` the
    result is NaN there, and averages are over the trials that have one. Times outside a trial are always NaN in it.
    Irregular times are listed in `info["toi"]`; `time` gives them, and `samplerate` is only their mean rate.

    With `ft_compat`: FieldTrip's rounding and placement of windows (even ones half a sample after the time), number of
    tapers, trend removal from whole trials, phases relative to the centre of the window, frequencies that are multiples
    of 1 / `pad`, NaN at the edges. (Percival & Walden 1993; Thomson 1982, doi:10.1109/PROC.1982.12433)
    """

    verb: ClassVar[str] = "freqanalysis"
    method_name: ClassVar[str | None] = "mtmconvol"
    reads: ClassVar[tuple[type, ...]] = (AnalogData,)
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"t_ftimwin": 0.2},
        {"t_ftimwin": 0.2, "toi": 0.5, "foilim": [10, 60], "tapsmofrq": 12, "keeptapers": True, "output": "fourier"},
        {"t_ftimwin": [0.3, 0.2, 0.1], "tapsmofrq": [8, 10, 20], "foi": [12.3, 20, 41], "toi": [0.1, 0.15, 0.2, 0.25]},
        {"t_ftimwin": 0.3, "edges": "nan", "keeptrials": False, "polyremoval": 1, "output": "abs"},
        {"t_ftimwin": [0.3, 0.1], "foi": [20, 50], "taper": "hanning", "ft_compat": True, "keeptrials": False},
    )

    t_ftimwin: float | list[Annotated[float, Field(gt=0)]] | None = parameter(
        None, "length of the sliding window, or one per frequency", "s"
    )
    tapsmofrq: float | list[Annotated[float, Field(ge=0)]] | None = parameter(  # type: ignore[assignment]
        None, "half bandwidth of the spectral smoothing, or one per frequency: multitapering", "Hz"
    )
    keeptapers: bool = parameter(False, "keep the spectra of single tapers")

    @model_validator(mode="after")
    def _known_window(self) -> Any:
        if self.t_ftimwin is None:
            raise SPYTypeError(None, "t_ftimwin", "the length of the windows in s")
        if isinstance(self.tapsmofrq, int | float) and self.tapsmofrq < 0:
            raise SPYValueError(">= 0 Hz", "tapsmofrq", self.tapsmofrq)
        if self.tapsmofrq is not None and not self.keeptapers and self.output != "pow":
            legal = "output 'pow', or keeptapers=True: other quantities of different tapers have no meaningful mean"
            raise SPYValueError(legal, "output|keeptapers", repr(self.output))
        return self

    def bind(self, *views: View) -> Pipeline:
        """Fix windows, frequencies and times for the data at hand."""
        (view,) = views
        require_real(view)
        self.check_range(view.samplerate)
        freqs = self._frequencies(view)
        seconds = self._per_frequency("t_ftimwin", self.t_ftimwin, len(freqs))
        smoothing = self._per_frequency("tapsmofrq", self.tapsmofrq, len(freqs))
        wanted = list(zip(seconds, smoothing, strict=True))
        kinds = list(dict.fromkeys(wanted))
        windows = tuple(self.make_window(*kind, view, self.ft_compat) for kind in kinds)
        stage = SlidingSpectra(
            self.time_points(view, min(window.samples for window in windows)),
            freqs,
            self._labels(windows),
            self.output,
            self.polyremoval,
            windows,
            np.array([kinds.index(kind) for kind in wanted]),
            self.taper,
            self.taper_opt,
            self.keeptapers,
            self.mark_edges,
            self.ft_compat,
        )
        return self.pipeline(view, stage)

    def _frequencies(self, view: View) -> Array:
        vectors = isinstance(self.t_ftimwin, list) or isinstance(self.tapsmofrq, list)
        if vectors and not isinstance(self.foi, list):
            raise SPYValueError("frequencies, as many as t_ftimwin or tapsmofrq has entries", "foi", self.foi)
        if self.ft_compat:
            return self.fieldtrip_frequencies(view)
        if vectors or isinstance(self.t_ftimwin, list | None):
            return np.array(self.foi, dtype=np.float64)
        grid = spectral_axis(self.make_window(self.t_ftimwin, None, view).samples, view.samplerate)
        return grid[self.choose_bins(grid)]

    def _per_frequency(self, name: str, value: Any, count: int) -> list[Any]:
        """One value for each frequency."""
        if not isinstance(value, list):
            return [value] * count
        if len(value) != count:
            raise SPYValueError(f"one value, or one for each of the {count} frequencies", name, f"{len(value)} values")
        return value

    def _labels(self, windows: tuple[SlidingWindow, ...]) -> tuple[str, ...]:
        counts = {window.taper_count for window in windows}
        if not self.keeptapers or self.tapsmofrq is None:
            return tuple(self.taper_labels)
        if len(counts) > 1:
            legal = "False where frequencies have different numbers of tapers; `nTaper` makes them equal"
            raise SPYValueError(legal, "keeptapers", f"{sorted(counts)} tapers")
        return tuple(f"dpss{number}" for number in range(counts.pop()))
