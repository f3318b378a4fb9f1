"""Inter-trial coherence: how alike the phases of single trials are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from syncopy.data.continuous import SpectralData
from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.method import Pipeline, Reduction, State
from syncopy.engine.parameters import parameter
from syncopy.errors import SPYValueError
from syncopy.kernels.moments import Sums, inter_trial_coherence, lift_phasors, merge_sums
from syncopy.methods.stats.bootstrap import BootstrapParameters

Array = NDArray[Any]


@dataclass(frozen=True)
class PhaseLocking(Reduction):
    """Length of the mean phasor over trials, averaged over tapers.

    Attributes
    ----------
    skip_nan : bool
        Whether NaN, and zeros, which have no phase, are left out number by number, or passed on.
    """

    skip_nan: bool

    split: ClassVar[frozenset[str]] = frozenset({"channel", "freq"})

    def infer(self, trial: TrialSpec) -> TrialSpec:
        """One trial like the others, with one entry for all tapers."""
        shape = (trial.shape[0], 1, *trial.shape[2:])
        coords = {**trial.coords, "taper": np.array(["itc"])}
        return trial.change(shape=shape, coords=coords, dtype=np.dtype(np.float32))

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Sum of the phasors."""
        return lift_phasors(block, ignore_nan=self.skip_nan)

    def merge(self, a: State, b: State) -> State:
        """Add sums and numbers of trials."""
        return merge_sums(Sums(*a), Sums(*b))

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Array:
        """Length of the mean."""
        return inter_trial_coherence(Sums(*state), trial.dims.index("taper")).astype(np.float32)

    def state_bytes(self, trial: TrialSpec) -> int:
        """Complex sums, and numbers where they differ."""
        return (16 + 8 * self.skip_nan) * int(np.prod(trial.shape, dtype=np.int64))


class Itc(BootstrapParameters):
    """Inter-trial coherence |mean over trials of X/|X|| of complex spectra, from 0 to 1, averaged over tapers.

    Orthogonal tapers see a signal under different phases, so the modulus is taken before the average. Of one trial it
    is 1. (Tallon-Baudry et al. 1996, doi:10.1523/JNEUROSCI.16-13-04240.1996)
    """

    verb: ClassVar[str] = "itc"
    reads: ClassVar[tuple[type, ...]] = (SpectralData,)
    complex_only: ClassVar[bool] = True

    skipnan: bool = parameter(False, "leave NaN out, or pass them on")

    def result_unit(self, unit: str | None) -> str | None:
        """None: phases are compared."""
        return ""

    def bind(self, *views: View) -> Pipeline:
        """Phasors summed over trials."""
        (view,) = views
        if view.reader.source.dtype.kind != "c":
            legal = "complex valued spectra; compute them with output='fourier'"
            raise SPYValueError(legal, "data", f"real SpectralData ({view.reader.source.dtype})")
        reduction = self.resample(PhaseLocking(self.skipnan), len(view), np.dtype(np.float32))
        return Pipeline((), SpectralData, reduction, keep=False, info=self.bootstrap_info())
