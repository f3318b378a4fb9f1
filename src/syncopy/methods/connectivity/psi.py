"""Phase slope index: which channel leads, from how the phase between two grows with frequency."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from syncopy.data.view import View
from syncopy.engine.method import Pipeline, State
from syncopy.engine.parameters import parameter
from syncopy.errors import SPYValueError, SPYWarning
from syncopy.kernels.coherence import phase_slope
from syncopy.methods.connectivity.coh import Coherence
from syncopy.methods.connectivity.parameters import SPECTRAL_INPUT, PairParameters

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class PhaseSlope(Coherence):
    """Phase slopes of the coherency.

    Attributes
    ----------
    pairs : Pairs
    output : str
        "complex"
    halfwidth : int
        Bins on either side of a frequency.
    """

    halfwidth: int

    split: ClassVar[frozenset[str]] = frozenset({"channel_i"})
    dtype = np.float32

    def value(self, state: State, n_trials: int) -> Array:
        """Slope of the coherency around every frequency."""
        return phase_slope(super().value(state, n_trials), self.halfwidth)


class Psi(PairParameters):
    """Phase slope index around every frequency, positive where channel_i leads.

    The imaginary part of conj(C(f)) C(f + df), with the coherency C, summed over the bins of a band. Not divided by its
    standard deviation: that is what the jackknife is for. (Nolte et al. 2008, doi:10.1103/PhysRevLett.100.234101)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "psi"
    reads: ClassVar[tuple[type, ...]] = SPECTRAL_INPUT
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"tapsmofrq": 6, "jackknife": True},
        {"foilim": [5, 60], "bandwidth": 4, "channelcmb": [["channel3"], ["channel1", "channel2"]]},
    )

    bandwidth: float = parameter(5.0, "frequencies on either side that a slope is taken over", "Hz", gt=0)

    def bind(self, *views: View) -> Pipeline:
        """Spectra of single trials, then sums over them."""
        (view,) = views
        spectra = self.bind_spectra(view)
        trial = view.spec(0)
        freqs = (spectra[-1].infer(trial) if spectra else trial).coords["freq"]
        steps = np.diff(freqs)
        if len(freqs) < 3 or not np.allclose(steps, steps[0], rtol=1e-4) or steps[0] <= 0:
            raise SPYValueError("three or more evenly spaced frequencies", "foi/foilim", freqs.tolist()[:10])
        span = float(freqs[-1] - freqs[0])
        if self.bandwidth > span:
            text = f"`bandwidth` {self.bandwidth:g} Hz becomes {span:g} Hz, from the first to the last frequency"
            warnings.warn(text, SPYWarning, stacklevel=7)
        halfwidth = max(1, round(min(self.bandwidth, span) / float(steps[0])))
        return self.reduce(view, spectra, PhaseSlope(self.choose_pairs(view), "complex", halfwidth))
