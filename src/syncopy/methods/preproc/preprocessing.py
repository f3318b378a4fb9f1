"""The verb `preprocessing`: a chain of steps that run inside one block and write once."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import field_validator, model_validator

from syncopy.data.continuous import AnalogData
from syncopy.data.view import View
from syncopy.engine.method import Method, Pipeline, Stage
from syncopy.engine.parameters import Whole, parameter
from syncopy.errors import SPYTypeError, SPYValueError
from syncopy.kernels.filters import design_butterworth, twopass_padding
from syncopy.methods.preproc.butterworth import Butterworth
from syncopy.methods.preproc.detrend import Detrend


class Preprocessing(Method):
    """Detrend and filter.

    Butterworth filters (`but`) are second-order sections; `order` counts per edge, so that band filters have twice as
    many poles, and two passes double it again. Two passes leave phases alone and extend both ends by an odd
    reflection; one pass starts from a filter at rest.
    """

    verb: ClassVar[str] = "preprocessing"
    method_name: ClassVar[str | None] = None
    reads: ClassVar[tuple[type, ...]] = (AnalogData,)
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"filter_type": "bp", "freq": [5, 40]},
        {"freq": 30, "direction": "onepass", "polyremoval": 1},
        {"filter_class": None, "polyremoval": 0},
    )

    filter_class: Literal["but"] | None = parameter("but", "kind of filter; None for none")
    filter_type: Literal["lp", "hp", "bp", "bs"] = parameter("lp", "low-pass, high-pass, band-pass or band-stop")
    freq: float | list[float] | None = parameter(None, "cut-off; [low, high] for bp and bs", "Hz")
    order: Whole | None = parameter(None, "order of the filter per edge; 4 by default for but", ge=0)
    direction: Literal["twopass", "onepass"] | None = parameter("twopass", "forward and backward, or forward only")
    polyremoval: int | None = parameter(None, "trend removed from each trial: 0 mean, 1 line, None nothing", ge=0, le=1)

    @field_validator("freq", mode="before")
    @classmethod
    def _numeric(cls, value: Any) -> Any:
        if isinstance(value, bool):
            raise SPYTypeError(value, "freq", "a frequency in Hz")
        return sorted(value) if isinstance(value, list) and len(value) == 2 else value

    @model_validator(mode="after")
    def _something_to_do(self) -> Any:
        if self.filter_class is None:
            if self.polyremoval is None:
                raise SPYValueError("a filter or a trend to remove", "filter_class/polyremoval", "None and None")
            return self
        if self.filter_type in ("lp", "hp"):
            if not isinstance(self.freq, float | int):
                raise SPYTypeError(self.freq, "freq", f"one frequency in Hz for filter_type '{self.filter_type}'")
        elif not isinstance(self.freq, list):
            raise SPYTypeError(self.freq, "freq", f"[low, high] in Hz for filter_type '{self.filter_type}'")
        elif len(self.freq) != 2 or self.freq[0] == self.freq[1]:
            raise SPYValueError("two different frequencies [low, high] in Hz", "freq", self.freq)
        return self

    def bind(self, *views: View) -> Pipeline:
        """Design the filter for the sample rate at hand."""
        (view,) = views
        if view.reader.source.dtype.kind == "c":
            raise SPYTypeError(view.data, "data", "real-valued signals")
        stages: list[Stage] = []
        if self.polyremoval is not None:
            stages.append(Detrend(self.polyremoval))
        if self.filter_class == "but":
            stages.append(self._butterworth(view))
        return Pipeline(tuple(stages), AnalogData)

    def _butterworth(self, view: View) -> Butterworth:
        edges = self.freq if isinstance(self.freq, list) else [self.freq or 0.0]
        nyquist = view.samplerate / 2
        if not all(0 < edge < nyquist for edge in edges):
            raise SPYValueError(
                f"frequencies above 0 and below {nyquist:g} Hz, half the sample rate", "freq", self.freq
            )
        freq = edges[0] if len(edges) == 1 else (edges[0], edges[1])
        sos = design_butterworth(freq, self.filter_type, self.order or 4, view.samplerate)
        direction = self.direction or "twopass"
        shortest = int(view.lengths.min())
        if direction == "twopass" and shortest <= twopass_padding(sos):
            legal = f"trials longer than {twopass_padding(sos)} samples for this filter in two passes"
            raise SPYValueError(legal, "data", f"a trial of {shortest} samples")
        return Butterworth(sos, direction)
