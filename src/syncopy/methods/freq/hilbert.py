"""Filter and Hilbert transform: amplitude and phase of a band around each frequency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator
from scipy.signal import unit_impulse

from syncopy.data.continuous import AnalogData
from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.method import Pipeline
from syncopy.engine.parameters import Whole, parameter
from syncopy.errors import SPYValueError
from syncopy.kernels.detrend import detrend
from syncopy.kernels.filters import SLAB_BYTES, butterworth, twopass_padding
from syncopy.kernels.fourier import convert_spectra
from syncopy.kernels.hilbert import analytic_signal
from syncopy.kernels.sinc import design_sinc, order_from_width, sinc_filter, transition_width
from syncopy.kernels.wavelets import cone_of_influence
from syncopy.methods.butterworth import checked_butterworth
from syncopy.methods.freq.parameters import require_real
from syncopy.methods.freq.timefrequency import UNTAPERED, TimeFrequencyParameters, TimeFrequencySpectra
from syncopy.methods.freq.toi import TimePoints

Array = NDArray[Any]
Filter = Callable[[Array], Array]

# Periods of the bandwidth after which the response of a filter has surely died away.
_RINGING = 20


@dataclass(frozen=True, eq=False)
class BandSpectra(TimeFrequencySpectra):
    """Analytic signals of bands.

    Attributes
    ----------
    filters : tuple of callable
        One band-pass `(trial, time, channel)` to the same shape for each frequency.
    edge_times : ndarray
        How far the edges of a trial are felt, in s, `(freq,)`.
    mark_edges : bool
        Whether results nearer to an edge become NaN.
    gain : float
        Factor of the analytic signals.
    padded : float
        Samples that FieldTrip fills filtered trials up to, on both sides, before the Hilbert transform; 0 for none.
    """

    filters: tuple[Filter, ...]
    edge_times: Array
    mark_edges: bool
    gain: float
    padded: float

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Filter a block, one frequency after the other, and pick the times of interest."""
        (block,) = blocks
        signals = detrend(block, self.polyremoval)
        samples, outside = self.times.samples(trial), self.times.outside(trial)
        samples[outside] = 0
        missing = max(self.padded - trial.n_samples, 0) / 2
        before, after = int(missing), int(np.ceil(missing))
        picked = slice(before, before + trial.n_samples) if self.times == TimePoints() else before + samples
        result = np.empty((len(block), *self.infer(trial).shape), self.dtype)
        for number, bandpass in enumerate(self.filters):
            band = bandpass(signals)
            if missing:
                band = np.pad(band, ((0, 0), (before, after), (0, 0)))
            analytic = analytic_signal(band)[:, picked]
            analytic *= self.gain
            result[:, :, 0, number] = convert_spectra(analytic, self.output)
        blank = np.broadcast_to(outside[:, None], (len(samples), len(self.freqs)))
        if self.mark_edges:
            blank = blank | cone_of_influence(self.edge_times, trial.n_samples, trial.samplerate)[samples]
        result[:, :, 0][:, blank] = np.nan
        return result

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """Detrended, filtered and analytic signals of one frequency; kernels work on a trial, or a slab, in double."""
        (trial,) = trials
        itemsize = 4 if trial.dtype == np.float32 else 8
        signals = max(trial.n_samples, int(np.ceil(self.padded))) * trial.size("channel")
        one = max(signals, min(count * signals, SLAB_BYTES // 8))
        work = max(2 * count * itemsize * signals + 68 * one, 7 * count * itemsize * signals + 24 * one)
        return work + 32 * trial.n_samples

    def narrowed(self, where: slice) -> dict[str, Any]:
        """Only some of the frequencies."""
        return {"filters": self.filters[where], "edge_times": self.edge_times[where]}


class Hilbert(TimeFrequencyParameters):
    """Band-pass filter and Hilbert transform for each frequency: `foi` plus and minus `width` Hz.

    Coefficients are analytic signals / sqrt(2), so that a cosine of amplitude A in the band has power A²/2, as with
    wavelets; noise has the power that passes the filter. The filters are those of `preprocessing` (but: order per edge,
    trials extended by odd reflection; firws: trials extended by their end values). `info["cone_of_influence"]` holds
    the time in s, for each frequency, up to which the edges of a trial are felt (the power of the filter's response to
    an impulse has fallen by exp(-2) there); `edges="nan"` leaves these results out. `foilim` means steps of 1 Hz.
    (Le Van Quyen et al. 2001, doi:10.1016/S0165-0270(01)00372-7)

    With `ft_compat`: analytic signals without the factor; filtered trials are filled with zeros to `pad` on both sides;
    frequencies are multiples of 1 / `pad`. NaN only with `edges="nan"`, for FieldTrip's `edgartnan`.
    """

    verb: ClassVar[str] = "freqanalysis"
    method_name: ClassVar[str | None] = "hilbert"
    reads: ClassVar[tuple[type, ...]] = (AnalogData,)
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"foi": [20, 40]},
        {"foi": [20, 40.5], "width": [4, 8.5], "toi": [0.0, 0.1, 0.2], "output": "fourier", "edges": "nan"},
        {"foilim": [30, 33], "bpfilttype": "firws", "bpfiltdf": 10, "keeptrials": False, "output": "abs"},
        {"foi": [20, 40], "bpfiltord": 3, "ft_compat": True, "pad": 1.2, "keeptrials": False},
    )

    width: float | list[Annotated[float, Field(gt=0)]] = parameter(
        6.0, "half of the pass band, or one per frequency", "Hz"
    )
    bpfilttype: Literal["but", "firws"] = parameter("but", "kind of filter")
    bpfiltord: Whole | None = parameter(
        None, "order; by default 4 for but, for firws what bpfiltdf needs", ge=1, le=1_000_000
    )
    bpfiltdir: Literal["twopass", "onepass", "onepass-zerophase", "onepass-minphase"] | None = parameter(
        None, "direction; by default twopass for but, onepass-zerophase for firws"
    )
    bpfiltdf: float | None = parameter(None, "width of the transition band of firws", "Hz", gt=0)
    bpfiltwintype: Literal["hamming", "hann", "blackman"] = parameter("hamming", "window of firws")

    @model_validator(mode="after")
    def _consistent(self) -> Any:
        if isinstance(self.width, int | float) and self.width <= 0:
            raise SPYValueError("> 0 Hz", "width", self.width)
        known = (
            ("twopass", "onepass") if self.bpfilttype == "but" else ("twopass", "onepass-zerophase", "onepass-minphase")
        )
        if self.bpfiltdir not in (None, *known):
            raise SPYValueError(f"{' or '.join(known)} for {self.bpfilttype}", "bpfiltdir", repr(self.bpfiltdir))
        if self.bpfilttype == "but" and self.bpfiltdf is not None:
            raise SPYValueError("None for Butterworth filters", "bpfiltdf", self.bpfiltdf)
        if self.bpfiltord is not None and self.bpfiltdf is not None:
            raise SPYValueError("either bpfiltord or bpfiltdf, not both", "bpfiltord/bpfiltdf", self.bpfiltord)
        if self.foi in (None, "all") and self.foilim in (None, "all"):
            raise SPYValueError("frequencies to filter around", "foi/foilim", self.foi)
        return self

    def bind(self, *views: View) -> Pipeline:
        """Design the filters for the sample rate at hand."""
        (view,) = views
        require_real(view)
        freqs = self.exact_frequencies(view, np.empty(0))
        widths = self.width if isinstance(self.width, list) else [self.width] * len(freqs)
        if len(widths) != len(freqs):
            raise SPYValueError(f"one value, or {len(freqs)}: one per frequency", "width", self.width)
        bands = [(freq - width, freq + width) for freq, width in zip(freqs.tolist(), widths, strict=True)]
        if min(low for low, _ in bands) <= 0 or max(high for _, high in bands) >= view.samplerate / 2:
            legal = f"bands above 0 and below {view.samplerate / 2:g} Hz, half the sample rate"
            raise SPYValueError(legal, "foi/width", f"{freqs.tolist()} +- {self.width} Hz")
        filters = tuple(self._bandpass(band, view) for band in bands)
        longest = int(view.lengths.max())
        ringing = [int(_RINGING * view.samplerate / width) for width in widths]
        reach = [_reach(one, min(longest, length)) for one, length in zip(filters, ringing, strict=True)]
        stage = BandSpectra(
            self.time_points(view),
            freqs,
            UNTAPERED,
            self.output,
            self.polyremoval,
            filters,
            np.array(reach) / view.samplerate,
            self.mark_edges,
            1.0 if self.ft_compat else float(np.sqrt(0.5)),
            self.padded_span(view) if self.ft_compat else 0.0,
        )
        return self.pipeline(view, stage, cone_of_influence=stage.edge_times.tolist())

    @property
    def mark_edges(self) -> bool:
        """Whether results that the edges of a trial reach into become NaN; FieldTrip leaves them as they are."""
        return self.edges == "nan"

    def _bandpass(self, band: tuple[float, float], view: View) -> Filter:
        if self.bpfilttype == "firws":
            width = self.bpfiltdf or transition_width(band, view.samplerate)
            order = self.bpfiltord or order_from_width(width, view.samplerate, self.bpfiltwintype)
            direction = (self.bpfiltdir or "onepass").replace("onepass-zerophase", "onepass")
            taps = design_sinc(band, "bp", order, view.samplerate, self.bpfiltwintype, direction)
            return partial(sinc_filter, taps=taps, direction=direction, edges="edge")
        sos = checked_butterworth(band, "bp", self.bpfiltord or 4, view.samplerate, ("bpfiltord", "foi/width"))
        direction = self.bpfiltdir or "twopass"
        padding = twopass_padding(sos) - (3 if self.ft_compat else 0)
        shortest = int(view.lengths.min())
        if direction == "twopass" and shortest <= padding:
            legal = f"trials longer than {padding} samples for this filter in two passes"
            raise SPYValueError(legal, "data", f"a trial of {shortest} samples")
        return partial(butterworth, sos=sos, direction=direction, padding=padding)


def _reach(bandpass: Filter, length: int) -> int:
    """Samples after which the power of a filter's response to an impulse has fallen by exp(-2) for good."""
    impulse = unit_impulse(2 * length + 1, "mid")[None, :, None]
    power = np.abs(analytic_signal(bandpass(impulse))[0, :, 0]) ** 2
    return int(np.abs(np.flatnonzero(power > np.exp(-2) * power.max()) - length).max())
