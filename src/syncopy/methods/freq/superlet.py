"""Superlets: sharp in time and in frequency, by the geometric mean of wavelets of different width."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from syncopy.data.continuous import AnalogData
from syncopy.data.view import View
from syncopy.engine.method import Pipeline
from syncopy.engine.parameters import Whole, parameter
from syncopy.errors import SPYValueError, SPYWarning
from syncopy.kernels.superlets import (
    FieldTripSuperlets,
    Superlets,
    adaptive_orders,
    superlet_edge_time,
    transform,
)
from syncopy.kernels.wavelets import automatic_frequencies
from syncopy.methods.freq.parameters import require_real
from syncopy.methods.freq.timefrequency import UNTAPERED, FilteredSpectra, TimeFrequencyParameters

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class SuperletSpectra(FilteredSpectra):
    """Superlet transform of whole trials; `kernel_set` is of the class Superlets or FieldTripSuperlets."""

    def transform(self, block: Array, samples: Array | None) -> Array:
        """Transform a block."""
        return transform(block, self.kernel_set, self.output, samples)

    def decay_times(self) -> Array:
        """How far the edges of a trial are felt, in s."""
        return superlet_edge_time(self.kernel_set)

    def narrowed(self, where: slice) -> dict[str, Any]:
        """Only some of the frequencies, with the orders they have among all."""
        kernels = self.kernel_set
        return {"kernel_set": replace(kernels, frequencies=kernels.frequencies[where], orders=kernels.orders[where])}


class Superlet(TimeFrequencyParameters):
    """Superlet transform: at each frequency the geometric mean of Morlet wavelets of c_1, 2 c_1, 3 c_1 ... cycles.

    A superlet of order o takes those from `order_min` to o; a fractional part of o weighs one more. The order is
    `order_max` at all frequencies, or, with `adaptive`, rises from `order_min` at the lowest to `order_max` at the
    highest one, or is what `order` says. Normalisation: a cosine of amplitude A at a frequency has power A²/2 there,
    whatever the sample rate. Phases are means of wrapped phases: use them with care. Times, frequencies and
    `info["cone_of_influence"]` as for wavelets, of the longest wavelet. (Moca et al. 2021,
    doi:10.1038/s41467-020-20539-9; Barzan et al. 2021)

    With `ft_compat`: FieldTrip's wavelets, `c_1` being its `width`, also `combine="additive"` (c_1, c_1 + 1, c_1 + 2
    ... cycles); frequencies are multiples of 1 / `pad`; NaN where a wavelet leaves the trial.
    """

    verb: ClassVar[str] = "freqanalysis"
    method_name: ClassVar[str | None] = "superlet"
    reads: ClassVar[tuple[type, ...]] = (AnalogData,)
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"foi": [10, 20, 40], "order_max": 3},
        {"foi": [10, 15, 20, 40], "order_max": 4, "adaptive": True, "output": "abs", "keeptrials": False},
        {"foi": [20, 40], "order": [1.5, 2.5], "toi": [0.0, 0.1, 0.2], "output": "fourier", "edges": "nan"},
        {"foi": [20, 40], "order": 3, "ft_compat": True, "combine": "additive", "keeptrials": False},
    )

    order_max: Whole | None = parameter(None, "highest order", ge=1, le=1000)
    order_min: Whole = parameter(1, "order of the first wavelet", ge=1)
    c_1: float = parameter(3.0, "cycles of a wavelet of order 1", ge=1, le=1000)
    adaptive: bool = parameter(False, "let the order rise with frequency, from order_min to order_max")
    order: float | list[float] | None = parameter(None, "order at all frequencies or at each, instead of order_max")
    combine: Literal["multiplicative", "additive"] = parameter(
        "multiplicative", "how cycles grow with order; additive needs ft_compat"
    )
    gwidth: float = parameter(3.0, "length of FieldTrip's wavelets to either side, in standard deviations", gt=0)

    @model_validator(mode="after")
    def _consistent(self) -> Any:
        if self.order is None and self.order_max is None:
            raise SPYValueError("a whole number, the highest order", "order_max", None)
        if self.order is not None and (self.order_max is not None or self.adaptive):
            raise SPYValueError("either order, or order_max and adaptive, not both", "order", self.order)
        if self.order_max is not None and self.order_min > self.order_max:
            raise SPYValueError(f"between 1 and order_max ({self.order_max})", "order_min", self.order_min)
        if self.order is not None and np.min(self.order) < self.order_min:
            raise SPYValueError(f"orders of at least order_min ({self.order_min})", "order", self.order)
        if self.ft_compat and self.order_min != 1:
            raise SPYValueError("1: FieldTrip's superlets start from there", "order_min", self.order_min)
        if self.combine == "additive" and not self.ft_compat:
            raise SPYValueError("'multiplicative', or ft_compat=True", "combine", "'additive'")
        if self.gwidth != 3 and not self.ft_compat:
            warnings.warn("`gwidth` has no effect without `ft_compat`", SPYWarning, stacklevel=2)
        return self

    def bind(self, *views: View) -> Pipeline:
        """Give every frequency its order: the whole set decides, before the work is cut."""
        (view,) = views
        require_real(view)
        freqs = self.exact_frequencies(view, automatic_frequencies(int(view.lengths.min()), view.samplerate, 1.0))
        if self.adaptive and (np.diff(freqs) < 0).any():
            warnings.warn("adaptive superlets: frequencies are sorted", SPYWarning, stacklevel=5)
            freqs = np.sort(freqs)
        frequencies, orders = tuple(freqs.tolist()), self._orders(freqs)
        kernel_set: Superlets | FieldTripSuperlets = Superlets(
            frequencies, orders, view.samplerate, self.c_1, self.order_min
        )
        if self.ft_compat:
            kernel_set = FieldTripSuperlets(frequencies, orders, view.samplerate, self.c_1, self.gwidth, self.combine)
        points = self.time_points(view)
        stage = SuperletSpectra(points, freqs, UNTAPERED, self.output, self.polyremoval, kernel_set, self.mark_edges)
        return self.pipeline(view, stage, cone_of_influence=stage.edge_times.tolist())

    def _orders(self, freqs: Array) -> tuple[float, ...]:
        if isinstance(self.order, list):
            if len(self.order) != len(freqs):
                raise SPYValueError(f"one order, or {len(freqs)}: one per frequency", "order", self.order)
            return tuple(map(float, self.order))
        if self.adaptive:
            if freqs.min() == freqs.max():
                raise SPYValueError("two different frequencies at least for adaptive superlets", "foi", freqs.tolist())
            return tuple(adaptive_orders(freqs, self.order_min, self.order_max or 1).tolist())
        return (float(self.order or self.order_max or 1),) * len(freqs)
