"""Every n-th sample."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from syncopy.data.continuous import AnalogData
from syncopy.data.view import View
from syncopy.engine.method import Pipeline
from syncopy.errors import SPYValueError
from syncopy.kernels.polyphase import downsample, rate_ratio
from syncopy.kernels.sinc import design_sinc, sinc_reach
from syncopy.methods.gaps import MarkGaps
from syncopy.methods.resample.rates import RateParameters, Resampled


class Downsample(RateParameters):
    """Keep every n-th sample, n the whole ratio of both rates.

    Without `lpfreq` nothing keeps aliases out; with it a windowed-sinc low-pass (Hamming) runs before, in two passes.
    (Crochiere & Rabiner 1981, doi:10.1109/PROC.1981.11969)
    """

    verb: ClassVar[str] = "resampledata"
    method_name: ClassVar[str | None] = "downsample"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"resamplefs": 50},
        {"resamplefs": 100, "lpfreq": 40, "order": 100},
    )

    def bind(self, *views: View) -> Pipeline:
        """Find the factor and design the filter."""
        (view,) = views
        self.check(view)
        up, down = rate_ratio(self.resamplefs, view.samplerate)
        if up != 1:
            legal = f"a rate that divides {view.samplerate:g} Hz (integer division); use method 'resample' for others"
            raise SPYValueError(legal, "resamplefs", f"{self.resamplefs} Hz")
        taps = None
        if self.lpfreq is not None:
            taps = design_sinc(self.lpfreq, "lp", self.filter_order(view), view.samplerate, "hamming", "twopass")
        kernel = partial(downsample, factor=down, taps=taps)
        if taps is None:
            return Pipeline((Resampled(kernel, 1, down, self.resamplefs, keeps_type=True, copies=0),), AnalogData)
        reach = sinc_reach(taps, "twopass")
        stage = Resampled(kernel, 1, down, self.resamplefs, keeps_type=False, copies=5, per_sample=48, reach=reach)
        return Pipeline((MarkGaps(), stage), AnalogData)
