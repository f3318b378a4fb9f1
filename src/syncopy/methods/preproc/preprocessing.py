"""The verb `preprocessing`: a chain of steps that run inside one block and write once."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import field_validator, model_validator

from syncopy.data.axes import pick_positions
from syncopy.data.continuous import AnalogData
from syncopy.data.view import View
from syncopy.engine.method import Method, Pipeline, Stage
from syncopy.engine.parameters import Whole, parameter
from syncopy.errors import SPYTypeError, SPYValueError
from syncopy.kernels.detrend import detrend
from syncopy.kernels.filters import butterworth, settling_time, twopass_padding
from syncopy.kernels.hilbert import hilbert
from syncopy.kernels.linenoise import PIECE_BYTES, remove_sines
from syncopy.kernels.reference import bipolar, rereference
from syncopy.kernels.sinc import design_sinc, sinc_filter, sinc_reach
from syncopy.kernels.standardize import rectify, remove_baseline, zscore
from syncopy.methods.butterworth import checked_butterworth
from syncopy.methods.gaps import MarkGaps
from syncopy.methods.preproc.steps import Baseline, SignalStep

# Order of windowed-sinc filters where trials are longer than this.
LONGEST_DEFAULT_ORDER = 1000


class Preprocessing(Method):
    """Re-reference, detrend, filter and transform signals.

    Steps run in this order: re-reference; z-score (after the trend is removed); remove the trend; filter; remove line
    noise; subtract the baseline; rectify or Hilbert transform.

    Butterworth filters (`but`) are second-order sections; `order` counts per edge, so that band filters have twice as
    many poles, and two passes double it again. Two passes leave phases alone and extend both ends by an odd
    reflection; one pass starts from a filter at rest. NaN spreads over the trial of its channel, in one pass over
    all that follows.

    Windowed-sinc filters (`firws`) have `order` + 1 taps and half the amplitude at the cut-off (a quarter in two
    passes): one pass is centred, without delay; `onepass-minphase` is causal. NaN spreads by half the order per pass.
    (Widmann, Schröger & Maess 2015, doi:10.1016/j.jneumeth.2014.08.002)
    """

    verb: ClassVar[str] = "preprocessing"
    method_name: ClassVar[str | None] = None
    reads: ClassVar[tuple[type, ...]] = (AnalogData,)
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"filter_type": "bp", "freq": [5, 40]},
        {"freq": 30, "direction": "onepass", "polyremoval": 1},
        {"filter_class": None, "polyremoval": 0},
        {"filter_class": "firws", "filter_type": "bs", "freq": [45, 55], "order": 40, "hilbert": "complex"},
        {"filter_class": None, "zscore": True, "reref": True, "rectify": True, "baselinewindow": [-0.05, 0.1]},
    )

    filter_class: Literal["but", "firws"] | None = parameter("but", "kind of filter; None for none")
    filter_type: Literal["lp", "hp", "bp", "bs"] = parameter("lp", "low-pass, high-pass, band-pass or band-stop")
    freq: float | list[float] | None = parameter(None, "cut-off; [low, high] for bp and bs", "Hz")
    order: Whole | None = parameter(
        None,
        "order of the filter; by default 4 for but, and the shortest trial, 1000 at most, for firws",
        ge=0,
        le=1_000_000,
    )
    direction: Literal["twopass", "onepass", "onepass-minphase"] | None = parameter(
        "twopass", "forward and backward, once, or once and causal (firws)"
    )
    window: Literal["hamming", "hann", "blackman"] | None = parameter("hamming", "window of firws")
    padtype: Literal["zero", "edge"] = parameter(
        "zero", "what lies outside a trial for firws: zeros, or its end values"
    )
    polyremoval: Whole | None = parameter(
        None, "trend removed from each trial: 0 mean, 1 line, None nothing", ge=0, le=1
    )
    zscore: bool = parameter(False, "zero mean and unit (population) standard deviation per channel and trial")
    rectify: bool = parameter(False, "absolute values")
    hilbert: Literal["abs", "complex", "real", "imag", "absreal", "absimag", "angle"] | Literal[False] | None = (
        parameter(False, "part of the analytic signal")
    )
    reref: bool = parameter(False, "change the reference")
    refchannel: list[Any] | str | int = parameter(
        "all", "channels that make the reference; for bipolar, in their order"
    )
    refmethod: Literal["average", "avg", "median", "bipolar"] = parameter(
        "average", "mean or median of the reference channels, or differences of neighbours"
    )
    dftfilter: bool = parameter(False, "remove line noise by fitting sines to each trial")
    dftfreq: list[float] = parameter(
        [50.0, 100.0, 150.0], "frequency of the line noise, or several", "Hz", "float or list of float", min_length=1
    )
    baselinewindow: list[float] | None = parameter(None, "window [start, end] whose mean is subtracted", "s")

    @field_validator("dftfreq", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        return [value] if isinstance(value, int | float) and not isinstance(value, bool) else value

    @field_validator("freq", mode="before")
    @classmethod
    def _numeric(cls, value: Any) -> Any:
        if isinstance(value, bool):
            raise SPYTypeError(value, "freq", "a frequency in Hz")
        numbers = isinstance(value, list) and len(value) == 2 and all(isinstance(item, int | float) for item in value)
        return sorted(value) if numbers else value

    @model_validator(mode="after")
    def _consistent(self) -> Any:
        if self.rectify and self.hilbert:
            raise SPYValueError("either rectify or hilbert, not both", "rectify/hilbert", repr(self.hilbert))
        if self.baselinewindow is not None and (len(self.baselinewindow) != 2 or np.diff(self.baselinewindow)[0] < 0):
            raise SPYValueError("[start, end] in seconds", "baselinewindow", self.baselinewindow)
        if self.filter_class is None:
            steps = (self.zscore, self.rectify, self.hilbert, self.reref, self.dftfilter)
            if self.polyremoval is None and self.baselinewindow is None and not any(steps):
                raise SPYValueError("a step to do; filter_class is None and no other step is asked for", "filter_class")
            return self
        self._check_filter()
        return self

    def _check_filter(self) -> None:
        if self.filter_type in ("lp", "hp"):
            if not isinstance(self.freq, float | int):
                raise SPYTypeError(self.freq, "freq", f"one frequency in Hz for filter_type '{self.filter_type}'")
        elif not isinstance(self.freq, list):
            raise SPYTypeError(self.freq, "freq", f"[low, high] in Hz for filter_type '{self.filter_type}'")
        elif len(self.freq) != 2 or self.freq[0] == self.freq[1]:
            raise SPYValueError("two different frequencies [low, high] in Hz", "freq", self.freq)
        if self.filter_class == "but":
            if self.window not in ("hamming", None):
                raise SPYValueError("no window for Butterworth filters", "window", repr(self.window))
            if self.direction == "onepass-minphase":
                raise SPYValueError("'onepass' or 'twopass' for Butterworth filters", "direction", repr(self.direction))
        elif self.window is None:
            raise SPYValueError("one of 'hamming', 'hann', 'blackman' for firws", "window", None)

    def result_unit(self, unit: str | None) -> str | None:
        """That of the data, but z-scores have none and phases are in rad."""
        if self.hilbert == "angle":
            return "rad"
        return "" if self.zscore else unit

    def bind(self, *views: View) -> Pipeline:
        """Design the filter for the sample rate at hand, and put the steps in order."""
        (view,) = views
        if view.reader.source.dtype.kind == "c":
            raise SPYTypeError(view.data, "data", "real-valued signals")
        stages: list[Stage] = [MarkGaps()]
        if self.reref:
            stages.append(self._reference(view))
        trend = (
            []
            if self.polyremoval is None
            else [SignalStep(partial(detrend, order=self.polyremoval), copies=3, per_sample=24)]
        )
        if self.zscore:
            stages += [*trend, SignalStep(zscore, copies=3)]
        if self.filter_class is not None or not self.zscore:
            stages += trend
        if self.filter_class is not None:
            stages.append(self._butterworth(view) if self.filter_class == "but" else self._sinc(view))
        if self.dftfilter:
            stages.append(self._line_noise(view))
        if self.baselinewindow is not None:
            stages.append(self._baseline(view, self.baselinewindow))
        if self.rectify:
            stages.append(SignalStep(rectify, copies=0, reach=(0, 0)))
        if self.hilbert:
            kernel = partial(hilbert, output=self.hilbert)
            stages.append(
                SignalStep(kernel, copies=2, whole=1.5, per_sample=32, complex_valued=self.hilbert == "complex")
            )
        return Pipeline(tuple(stages), AnalogData)

    def _edges(self, view: View) -> float | tuple[float, float]:
        edges = self.freq if isinstance(self.freq, list) else [self.freq or 0.0]
        nyquist = view.samplerate / 2
        if not all(0 < edge < nyquist for edge in edges):
            legal = f"frequencies above 0 and below {nyquist:g} Hz, half the sample rate"
            raise SPYValueError(legal, "freq", self.freq)
        return edges[0] if len(edges) == 1 else (edges[0], edges[1])

    def _butterworth(self, view: View) -> SignalStep:
        names = "order", "freq"
        sos = checked_butterworth(self._edges(view), self.filter_type, self.order or 4, view.samplerate, names)
        direction = self.direction or "twopass"
        shortest = int(view.lengths.min())
        if direction == "twopass" and shortest <= twopass_padding(sos):
            legal = f"trials longer than {twopass_padding(sos)} samples for this filter in two passes"
            raise SPYValueError(legal, "data", f"a trial of {shortest} samples")
        settled = settling_time(sos)
        twice = direction == "twopass"
        return SignalStep(
            partial(butterworth, sos=sos, direction=direction),
            copies=5,
            reach=(settled, settled if twice else 0),
            endless=(True, twice),
        )

    def _sinc(self, view: View) -> SignalStep:
        order = min(int(view.lengths.min()), LONGEST_DEFAULT_ORDER) if self.order is None else self.order
        direction = self.direction or "onepass"
        window = self.window or "hamming"
        taps = design_sinc(self._edges(view), self.filter_type, order, view.samplerate, window, direction)
        return SignalStep(
            partial(sinc_filter, taps=taps, direction=direction, edges=self.padtype),
            copies=5,
            per_sample=48,
            reach=sinc_reach(taps, direction),
        )

    def _line_noise(self, view: View) -> SignalStep:
        if not all(0 < freq < view.samplerate / 2 for freq in self.dftfreq):
            legal = f"frequencies above 0 and below {view.samplerate / 2:g} Hz, half the sample rate"
            raise SPYValueError(legal, "dftfreq", self.dftfreq)
        if view.lengths.min() * min(self.dftfreq) < view.samplerate:
            raise SPYValueError(f"trials of one cycle of {min(self.dftfreq):g} Hz at least", "dftfreq", self.dftfreq)
        kernel = partial(remove_sines, freqs=tuple(self.dftfreq), samplerate=view.samplerate)
        return SignalStep(kernel, copies=0, fixed=4 * PIECE_BYTES)

    def _baseline(self, view: View, window: list[float]) -> Baseline:
        slack = 1e-6 / view.samplerate
        inside = (view.intervals[:, 0] <= window[0] + slack) & (view.intervals[:, 1] >= window[1] - slack)
        if not inside.all():
            legal = "a window inside every trial"
            raise SPYValueError(legal, "baselinewindow", f"{window}; {np.sum(~inside)} trials do not cover it")
        if window[1] - window[0] < 1 / view.samplerate - slack:
            raise SPYValueError(
                f"a window of one sample ({1 / view.samplerate:g} s) at least", "baselinewindow", window
            )
        return Baseline(window[0], window[1], remove_baseline)

    def _reference(self, view: View) -> SignalStep:
        labels = view.coords["channel"]
        if self.refmethod == "bipolar":
            members = np.arange(len(labels))[pick_positions("refchannel", len(labels), self.refchannel, labels)]
            if len(members) < 2:
                raise SPYValueError("two channels at least for a bipolar reference", "refchannel", self.refchannel)
            pairs = list(zip(members[:-1].tolist(), members[1:].tolist(), strict=True))
            names = np.array([f"{labels[one]}-{labels[other]}" for one, other in pairs])
            return SignalStep(partial(bipolar, pairs=pairs), copies=4, channelwise=False, channel=names, reach=(0, 0))
        picked = pick_positions("refchannel", len(labels), self.refchannel, labels)
        members = np.arange(len(labels))[picked]
        method = "median" if self.refmethod == "median" else "average"
        kernel = partial(rereference, channels=members.tolist(), method=method)
        return SignalStep(kernel, copies=6, channelwise=False, reach=(0, 0))
