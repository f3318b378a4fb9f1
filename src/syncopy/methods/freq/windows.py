"""Sliding windows: their length in samples and their tapers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.view import View
from syncopy.errors import SPYValueError
from syncopy.methods.freq.parameters import TaperParameters, make_tapers

Array = NDArray[Any]

# Slack, in samples, for lengths computed from seconds.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class SlidingWindow:
    """A window of so many samples.

    Attributes
    ----------
    samples : int
        Length.
    span : float
        Length before it was rounded, in samples.
    tapsmofrq : float or None
        Smoothing by Slepian tapers, in Hz.
    taper_count : int
        Number of tapers.
    """

    samples: int
    span: float
    tapsmofrq: float | None
    taper_count: int

    def tapers(self, samplerate: float, taper: str | None, options: dict[str, Any] | None) -> Array:
        """Return the tapers of unit energy, `(taper, sample)`."""
        return make_tapers(self.samples, samplerate, self.taper_count, taper, options, self.tapsmofrq)


class WindowParameters(TaperParameters):
    """Tapered windows that slide along the trials."""

    def make_window(
        self, seconds: float, tapsmofrq: float | None, view: View, ft_compat: bool = False
    ) -> SlidingWindow:
        """Fit a window to data: whole samples, rounded down (FieldTrip: to the nearest), and the number of tapers.

        Raises
        ------
        SPYValueError
            If the window is shorter than a sample or longer than a trial.
        """
        span, shortest = seconds * view.samplerate, int(view.lengths.min())
        rounded = span + (0.5 if ft_compat else _ROUNDING)
        if not 1 <= rounded < shortest + 1:
            longest = f"{shortest / view.samplerate:g} s, the shortest trial"
            raise SPYValueError(
                f"from {1 / view.samplerate:g} s, one sample, to {longest}", "t_ftimwin", f"{seconds} s"
            )
        samples = int(rounded)
        count = self.count_tapers(np.array([samples]), view.samplerate, ft_compat, tapsmofrq)
        return SlidingWindow(samples, span, tapsmofrq, count)
