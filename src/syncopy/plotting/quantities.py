"""What the numbers of an object are: name, unit, range and scale of a quantity, read off how the object was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from syncopy.data.base import BaseData
from syncopy.data.history import steps
from syncopy.data.units import common_unit
from syncopy.errors import SPYTypeError, SPYValueError
from syncopy.plotting.layout import FULL_CIRCLE

Array = NDArray[Any]
Scale = Literal["linear", "log", "dB"]
SCALES: tuple[Scale, ...] = ("linear", "log", "dB")

# Ratio of the largest power to the smallest that is more than rounding noise of single precision.
_DYNAMIC_RANGE = 1e15

# Statistics whose result is another quantity than what they are of, and not one that decibels suit.
_STATISTICS = {"var": "variance of {}", "std": "standard deviation of {}"}


@dataclass(frozen=True)
class Quantity:
    """What an axis or a colour bar shows.

    Attributes
    ----------
    name, unit : str
        An empty unit is one of a number without dimension. Files of other programs do not tell theirs: measures have
        it from their definition.
    low, high : float or None
        Limits of the axis where the quantity has natural ones.
    power : bool
        Whether it is the square of an amplitude.
    colormap : str or None
        Colours of an image, None to choose them by the values.
    directed : bool
        Whether (i, j) and (j, i) of a pair of channels are two things.
    """

    name: str
    unit: str = "a.u."
    low: float | None = None
    high: float | None = None
    power: bool = False
    colormap: str | None = None
    directed: bool = True

    @property
    def label(self) -> str:
        """Text of an axis."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    def choose_scale(self, scale: Any, logscale: Any, default: Scale) -> Scale:
        """Scale asked for by `scale`, else by `logscale` (True: decibels of what is power), else the default."""
        if logscale is not None and not isinstance(logscale, bool):
            raise SPYTypeError(logscale, "logscale", "True, False or None")
        if scale is not None and scale not in SCALES:
            raise SPYValueError(f"one of {', '.join(map(repr, SCALES))}", "scale", repr(scale))
        if scale is not None:
            return scale  # type: ignore[no-any-return]
        if logscale is None:
            return default
        return "dB" if logscale and self.power else "linear"

    def on_scale(self, values: Array, scale: Scale) -> tuple[Quantity, Array]:
        """Return the quantity and its values on a scale.

        Decibels are 10 log10 of power and 20 log10 of amplitudes, NaN where there is no logarithm. On both logarithmic
        scales the rounding noise of single precision (0 Hz of a signal without mean) lies below the lower limit.
        """
        if scale == "linear":
            return self, values
        positive = np.where(values > 0, values, np.nan)
        factor, reach = (20, np.sqrt(_DYNAMIC_RANGE)) if self.name == "abs" else (10, _DYNAMIC_RANGE)
        if scale == "log":
            return replace(self, low=_floor(positive, lambda top: top / reach), high=None), values
        decibel = np.asarray(factor * np.log10(positive))
        low = _floor(decibel, lambda top: top - factor * np.log10(reach))
        unit = "dB" if self.unit in ("", "a.u.") else f"dB re 1 {self.unit}"
        return replace(self, unit=unit, low=low, high=None), decibel


def _floor(values: Array, below: Callable[[float], float]) -> float | None:
    """Lower limit for values that reach too far down; None where it is not needed."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return None
    limit = below(float(finite.max()))
    return limit if finite.min() < limit else None


# Measures of channel pairs by the method that computes them; those of both signs are colored around zero.
_MEASURES = {
    "granger": Quantity("Granger causality", "", 0, colormap="magma"),
    "corr": Quantity("correlation", "", -1, 1),
    "csd": Quantity("cross-spectral density", directed=False),
    "plv": Quantity("PLV", "", 0, 1, colormap="cividis", directed=False),
    "ciplv": Quantity("corrected PLV", "", 0, 1, colormap="cividis", directed=False),
    "ppc": Quantity("PPC", "", high=1, colormap="cividis", directed=False),
    "wppc": Quantity("weighted PPC", "", high=1, colormap="cividis", directed=False),
    "pli": Quantity("PLI", "", 0, 1, colormap="cividis", directed=False),
    "dpli": Quantity("directed PLI", "", 0, 1, colormap="cividis"),
    "wpli": Quantity("weighted PLI", "", -1, 1, directed=False),
    "wpli_debiased": Quantity("debiased squared weighted PLI", "", high=1, colormap="cividis", directed=False),
}


def quantity_of(data: BaseData, unknown: str, labels: Sequence[str] | None = None) -> Quantity:
    """Quantity that an object holds: what the calls recorded in its cfg made of each other's results.

    Parameters
    ----------
    data : BaseData
        Its unit, if it knows one, is that of the quantity.
    unknown : str
        Name of what no recorded call says, or what arithmetic has changed.
    labels : sequence of str, optional
        Channels that are shown, which may have a unit in common where not all have; by default all.
    """
    quantity = Quantity(unknown)
    for step in steps(data.cfg):
        for verb, settings in step.items():
            if verb == "arithmetic":
                quantity = Quantity(unknown, directed=quantity.directed)
            elif verb in _STATISTICS:
                quantity = Quantity(_STATISTICS[verb].format(quantity.name), directed=quantity.directed)
            elif verb in _RESULTS:
                quantity = _RESULTS[verb](settings)
    unit = common_unit(data, labels)
    return quantity if unit is None else replace(quantity, unit=unit)


def _spectrum(settings: Mapping[str, Any]) -> Quantity:
    output = settings.get("output", "pow")
    if output == "pow" or "fooof" in output:
        return Quantity("power", power=True, colormap="magma")
    if output == "angle":
        return Quantity("angle", "rad", *FULL_CIRCLE, colormap="twilight")
    return Quantity(output, colormap="magma" if output == "abs" else None)


def _measure(settings: Mapping[str, Any]) -> Quantity:
    method, output = settings.get("method", "coh"), settings.get("output", "abs")
    if method != "coh":
        return _MEASURES.get(method, Quantity(method))
    if output == "angle":
        return Quantity("coherence angle", "rad", *FULL_CIRCLE, directed=False, colormap="twilight")
    absolute = output in ("abs", "pow")
    colormap = "cividis" if absolute else None
    return Quantity(f"{output} coherence", "", 0 if absolute else -1, 1, directed=False, colormap=colormap)


def _histogram(settings: Mapping[str, Any]) -> Quantity:
    output = settings.get("output", "rate")
    known = {"rate": Quantity("rate", "1/s"), "spikecount": Quantity("spike count", "")}
    return known.get(output, Quantity(output, ""))


def _phase_locking(settings: Mapping[str, Any]) -> Quantity:
    return Quantity("inter-trial coherence", "", 0, 1, colormap="cividis")


# Functions whose result is a quantity of their own -> what it is, by their settings.
_RESULTS: dict[str, Callable[[Mapping[str, Any]], Quantity]] = {
    "freqanalysis": _spectrum,
    "connectivityanalysis": _measure,
    "spike_psth": _histogram,
    "itc": _phase_locking,
}


def require_real(dtype: np.dtype[Any], remedy: str) -> None:
    """Raise for complex numbers, of which a figure would show a part only."""
    if dtype.kind == "c":
        raise SPYValueError(f"real numbers; {remedy}", "data", f"{dtype} numbers")
