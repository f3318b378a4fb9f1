"""Times of interest: where on the time axis a time-frequency analysis is evaluated, and the time axis of its result."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator

from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.method import Method
from syncopy.engine.parameters import parameter
from syncopy.errors import SPYTypeError, SPYValueError, SPYWarning
from syncopy.kernels.stft import window_step

Array = NDArray[Any]

# Deviation, in samples, up to which times count as equidistant or as lying on a sample: they come from decimal numbers.
_SLACK = 1e-3


@dataclass(frozen=True)
class TimePoints:
    """Samples of a trial at which an analysis is evaluated.

    Attributes
    ----------
    step : int
        Every `step`-th sample, from the first one of the trial on. Unused with `times`.
    times : tuple of float or None
        Times in seconds; the nearest sample each, which may lie outside a trial.
    """

    step: int = 1
    times: tuple[float, ...] | None = None

    @property
    def equidistant(self) -> bool:
        """Whether the distances of all neighbours agree, as well as decimal numbers can."""
        return self.times is None or bool(np.allclose(np.diff(self.times), self._spacing))

    def samples(self, trial: TrialSpec) -> NDArray[np.int64]:
        """Indices of the samples, counted from the first one of the trial."""
        if self.times is None:
            return np.arange(0, trial.n_samples, self.step)
        nearest = np.rint(np.array(self.times) * trial.samplerate - trial.offset).astype(np.int64)
        step = self._whole_step(trial.samplerate)
        return nearest[0] + step * np.arange(len(nearest)) if step else nearest

    def outside(self, trial: TrialSpec) -> NDArray[np.bool_]:
        """Tell which of the samples the trial does not have."""
        samples = self.samples(trial)
        return (samples < 0) | (samples >= trial.n_samples)

    def axis(self, trial: TrialSpec) -> tuple[int, float, float]:
        """Return length, sample rate and offset of the result's time axis.

        It gives the times of the samples, exactly, if these are equidistant. Otherwise it runs evenly from the first to
        the last time, at the mean rate, and the result lists its times (`true_times`).
        """
        samples = self.samples(trial)
        if self.times is not None and not self._whole_step(trial.samplerate):
            return len(samples), 1 / self._spacing, self.times[0] / self._spacing
        step = self.step if self.times is None else self._whole_step(trial.samplerate)
        return len(samples), trial.samplerate / step, float(samples[0] + trial.offset) / step

    def true_times(self, view: View) -> list[float] | list[list[float]] | None:
        """Times of the samples in seconds, where a sample rate does not tell them; one list per trial if needed.

        (Trials need lists of their own if their samples lie at different fractions of a sample from t = 0.)
        """
        if self.times is None or self._whole_step(view.samplerate):
            return None
        trials = [view.spec(number) for number in range(len(view))]
        if np.ptp(view.offsets % 1) == 0:
            trials = trials[:1]
        times = [((self.samples(trial) + trial.offset) / trial.samplerate).tolist() for trial in trials]
        return times[0] if len(times) == 1 else times

    @property
    def _spacing(self) -> float:
        """Mean distance of neighbours in seconds; 0 for a single time."""
        assert self.times is not None
        return (self.times[-1] - self.times[0]) / max(len(self.times) - 1, 1)

    def _whole_step(self, samplerate: float) -> int:
        """Return the samples from each time to the next; 0 if they differ or are no whole number."""
        assert self.times is not None
        steps = np.diff(self.times) * samplerate
        whole = round(self._spacing * samplerate) or 1
        drift = np.abs(np.cumsum(steps - whole)).max(initial=0)
        return whole if drift < _SLACK else 0


class TimeParameters(Method):
    """At which times; see the methods for what they accept."""

    toi: float | list[float] | Literal["all"] = parameter(
        "all",
        "times of interest: all samples; times in s, the nearest sample each; or, for sliding windows, the fraction by "
        "which neighbours overlap, 0 to 1 or '50%'",
    )

    @field_validator("toi", mode="before")
    @classmethod
    def _understood(cls, value: Any) -> Any:
        if value is None or isinstance(value, bool):
            raise SPYTypeError(value, "toi", "times in s, an overlap, or 'all'")
        if isinstance(value, list) and not value:
            raise SPYValueError("at least one time", "toi", "an empty list")
        if isinstance(value, str) and (percent := re.fullmatch(r"(\d+(?:\.\d*)?)\s*%", value)):
            return float(percent[1]) / 100
        return value

    def time_points(self, view: View, window: int | None = None) -> TimePoints:
        """Fit `toi` to data.

        Parameters
        ----------
        view : View
        window : int, optional
            Samples of the (shortest) sliding window; without one there is no overlap, and times must be equidistant.

        Raises
        ------
        SPYValueError
            For times outside of all trials, or out of order, and for overlaps that are none.
        """
        if isinstance(self.toi, list):
            return self._listed(self.toi, view, irregular=window is not None)
        if self.toi == "all":
            return TimePoints()
        if window is None:
            raise SPYValueError("'all' or a list of equidistant times in s", "toi", self.toi)
        return TimePoints(window_step(window, self.overlap))

    @property
    def overlap(self) -> float:
        """The fraction by which neighbouring windows overlap."""
        if not isinstance(self.toi, int | float) or not 0 <= self.toi <= 1:
            raise SPYValueError("an overlap of neighbouring windows, from 0 to 1", "toi", self.toi)
        return float(self.toi)

    def _listed(self, toi: list[float], view: View, irregular: bool) -> TimePoints:
        first, last = view.intervals[:, 0].min(), view.intervals[:, 1].max()
        slack = _SLACK / view.samplerate
        if min(toi) < first - slack or max(toi) > last + slack:
            actual = f"{min(toi):g} to {max(toi):g} s"
            raise SPYValueError(f"times from {first:g} to {last:g} s, where there are data", "toi", actual)
        if (np.diff(toi) <= 0).any():
            raise SPYValueError("ascending times", "toi", f"{np.sum(np.diff(toi) <= 0)} steps backwards or of length 0")
        points = TimePoints(times=tuple(map(float, toi)))
        if not points.equidistant:
            if not irregular:
                raise SPYValueError("equidistant times", "toi", toi)
            warnings.warn(
                "`toi` is not equidistant: info['toi'] of the result lists its times, samplerate is their mean rate",
                SPYWarning,
                stacklevel=7,
            )
        return points
