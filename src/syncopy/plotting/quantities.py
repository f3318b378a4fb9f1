"""What the numbers of an object are: name, unit, range and scale of a quantity, read off how the object was made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from syncopy.data.base import BaseData
from syncopy.errors import SPYTypeError, SPYValueError

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
        An empty unit is one of a number without dimension.
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
        return replace(self, unit="dB", low=low, high=None), decibel


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


def _settings(data: BaseData, verb: str) -> dict[str, Any]:
    made = data.cfg.get(verb)
    return made if isinstance(made, dict) else {}


def _finish(quantity: Quantity, data: BaseData) -> Quantity:
    """Name the statistic the object is of, and its unit if the user has set one."""
    for verb, text in _STATISTICS.items():
        if verb in data.cfg:
            quantity = Quantity(text.format(quantity.name), directed=quantity.directed)
    unit = data.info.get("unit")
    return replace(quantity, unit=unit) if isinstance(unit, str) else quantity


def signal_quantity(data: BaseData) -> Quantity:
    """Quantity of signals over time."""
    rates = {"rate": Quantity("rate", "1/s"), "spikecount": Quantity("spike count", "")}
    psth = _settings(data, "spike_psth").get("output")
    if psth is not None:
        return _finish(rates.get(psth, Quantity(psth, "")), data)
    return _finish(Quantity("signal"), data)


def spectral_quantity(data: BaseData) -> Quantity:
    """Quantity of spectra: the output of `freqanalysis`; objects without a history hold a spectrum of anything."""
    if "itc" in data.cfg:
        return _finish(Quantity("inter-trial coherence", "", 0, 1, colormap="cividis"), data)
    output = _settings(data, "freqanalysis").get("output")
    if output is None:
        return _finish(Quantity("spectrum"), data)
    if output == "pow" or "fooof" in output:
        return _finish(Quantity("power", power=True, colormap="magma"), data)
    if output == "angle":
        return _finish(Quantity("angle", "rad", -np.pi, np.pi, colormap="twilight"), data)
    return _finish(Quantity(output, colormap="magma" if output == "abs" else None), data)


def pair_quantity(data: BaseData) -> Quantity:
    """Quantity of channel pairs: the method of `connectivityanalysis` and its output."""
    made = _settings(data, "connectivityanalysis")
    method, output = made.get("method"), made.get("output", "abs")
    if method is None:
        return _finish(Quantity("value"), data)
    if method == "coh":
        return _finish(_coherence(output), data)
    return _finish(_MEASURES.get(method, Quantity(method)), data)


def _coherence(output: str) -> Quantity:
    if output == "angle":
        return Quantity("coherence angle", "rad", -np.pi, np.pi, directed=False, colormap="twilight")
    low = 0 if output in ("abs", "pow") else -1
    colormap = "cividis" if output in ("abs", "pow") else None
    return Quantity(f"{output} coherence", "", low, 1, directed=False, colormap=colormap)


def require_real(dtype: np.dtype[Any], remedy: str) -> None:
    """Raise for complex numbers, of which a figure would show a part only."""
    if dtype.kind == "c":
        raise SPYValueError(f"real numbers; {remedy}", "data", f"{dtype} numbers")
