"""Change of the sample rate by any ratio."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from syncopy.data.continuous import AnalogData
from syncopy.data.view import View
from syncopy.engine.method import Pipeline
from syncopy.kernels.polyphase import COPIES, design_antialias, rate_ratio, resample, resampling_order
from syncopy.methods.gaps import MarkGaps
from syncopy.methods.resample.rates import RateParameters, Resampled


class Resample(RateParameters):
    """Polyphase resampling by a rational factor, up or down.

    A windowed sinc (Hamming) at the lower of both Nyquist frequencies, or `lpfreq`, keeps aliases out; its order is
    raised where the ratio needs more. Outside a trial lie zeros. The first sample of every trial stays where it is in
    time; a trial of N samples has ceil(N up / down). (Crochiere & Rabiner 1981, doi:10.1109/PROC.1981.11969)
    """

    verb: ClassVar[str] = "resampledata"
    method_name: ClassVar[str | None] = "resample"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"resamplefs": 80, "order": 100},
        {"resamplefs": 500, "order": 100},
    )

    def bind(self, *views: View) -> Pipeline:
        """Design the filter for the ratio of both rates."""
        (view,) = views
        self.check(view)
        up, down = rate_ratio(self.resamplefs, view.samplerate)
        order = resampling_order(self.filter_order(view), up, down)
        taps = design_antialias(up, down, order, None if self.lpfreq is None else self.lpfreq / view.samplerate)
        kernel = partial(resample, up=up, down=down, taps=taps)
        around = order // 2 // up + 1
        stage = Resampled(
            kernel, up, down, self.resamplefs, keeps_type=False, copies=COPIES, reach=(around, around + down // up)
        )
        return Pipeline((MarkGaps(), stage), AnalogData)
