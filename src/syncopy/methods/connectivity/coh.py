"""Coherence of channel pairs over trials, also of what other channels do not explain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from syncopy.data.axes import pick_positions
from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.method import Pipeline, State
from syncopy.engine.parameters import parameter
from syncopy.errors import SPYValueError
from syncopy.kernels.coherence import CONVERSIONS, Output, coherency, full_partial_coherency, partial_csd
from syncopy.kernels.csd import auto_spectral_sum, cross_spectral_sum
from syncopy.methods.connectivity.pairs import Pairs, Positions
from syncopy.methods.connectivity.parameters import SPECTRAL_INPUT, PairParameters
from syncopy.methods.connectivity.quantity import PairQuantity

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Coherence(PairQuantity):
    """Coherence from sums of cross-spectra.

    Attributes
    ----------
    pairs : Pairs
    output : str
        Quantity.
    """

    output: Output

    @property
    def dtype(self) -> type:  # type: ignore[override]
        """Type of the result."""
        return np.complex64 if self.output in ("complex", "fourier") else np.float32

    @property
    def circular(self) -> bool:  # type: ignore[override]
        """Whether values are angles."""
        return self.output == "angle"

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Sum of the cross-spectra of a block, and of the power where it is not the diagonal."""
        total = cross_spectral_sum(block, **self.pairs.sides)
        return (total,) if self.pairs.everything else (total, auto_spectral_sum(block)[..., None, :])

    def value(self, state: State, n_trials: int) -> Array:
        """Normalise the sums; the number of trials cancels."""
        if self.pairs.everything:
            return CONVERSIONS[self.output](coherency(state[0]))
        total, power = state
        senders, receivers = power[..., 0, self.pairs.senders], power[..., 0, self.pairs.receivers]
        return CONVERSIONS[self.output](coherency(total, senders, receivers))


@dataclass(frozen=True, eq=False)
class PartialCoherence(Coherence):
    """Coherence of what is left of channels when the part that others explain linearly is removed.

    Attributes
    ----------
    pairs : Pairs
    output : str
        Quantity.
    removed : ndarray of int or None
        Positions of the explaining channels; None: for every pair all others.
    """

    removed: Positions | None

    split: ClassVar[frozenset[str]] = frozenset({"freq"})

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Sum of the cross-spectra of all channels."""
        return (cross_spectral_sum(block),)

    def value(self, state: State, n_trials: int) -> Array:
        """Remove what is explained, and normalise."""
        senders, receivers = self.pairs.senders, self.pairs.receivers
        if self.removed is None:
            partial = full_partial_coherency(state[0])
        else:
            kept = np.setdiff1d(np.arange(state[0].shape[-1]), self.removed)
            partial = coherency(partial_csd(state[0], self.removed))
            senders, receivers = np.searchsorted(kept, senders), np.searchsorted(kept, receivers)
        return CONVERSIONS[self.output](partial[..., senders[:, None], receivers])

    def entries(self, trial: TrialSpec) -> int:
        """All channels with all."""
        return trial.size("channel") ** 2


class Coh(PairParameters):
    """Coherence C_ij = S_ij / sqrt(S_ii S_jj), of cross-spectra averaged over tapers and trials.

    S_ij = mean of X_i conj(X_j): a positive angle means that channel_i leads. Sums are in double precision and every
    channel is normalised on its own, so that the unit of the data does not matter. A channel without power gives NaN.
    Spectra with a time axis of their own give coherence over time. (Rosenberg et al. 1989,
    doi:10.1016/0079-6107(89)90004-7; of the imaginary part Nolte et al. 2004, doi:10.1016/j.clinph.2004.04.029; partial
    coherence Rosenberg et al. 1998, doi:10.1016/S0165-0270(98)00061-2)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "coh"
    reads: ClassVar[tuple[type, ...]] = SPECTRAL_INPUT
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"tapsmofrq": 6},
        {"output": "complex", "channelcmb": [["channel3"], ["channel1", "channel2"]]},
        {"output": "imag", "channelcmb": [[0, 1], [2, 1], [3, 0]], "jackknife": True},
        {"output": "pow", "tapsmofrq": 6, "keeptrials": True},
        {"tapsmofrq": 6, "partchannel": ["channel4"], "foilim": [10, 50]},
    )

    output: Output = parameter("abs", "quantity: |C|, |C|², C, its angle, real or imaginary part")
    partchannel: list[Any] | str | None = parameter(
        None, "channels whose linear influence is removed first; 'all': for every pair all others"
    )

    def result_unit(self, unit: str | None) -> str | None:
        """None, of all outputs but angles."""
        return "rad" if self.output == "angle" else ""

    def bind(self, *views: View) -> Pipeline:
        """Spectra of single trials, then sums over them."""
        (view,) = views
        return self.reduce(view, self.bind_spectra(view), self._quantity(view))

    def _quantity(self, view: View) -> Coherence:
        if self.partchannel is None:
            return Coherence(self.choose_pairs(view), self.output)
        labels = view.coords["channel"]
        if self.partchannel == "all":
            return PartialCoherence(self.choose_pairs(view), self.output, None)
        everything = np.arange(len(labels))
        removed = np.unique(everything[pick_positions("partchannel", len(labels), self.partchannel, labels)])
        kept = np.setdiff1d(everything, removed)
        pairs = Pairs(kept, kept) if self.channelcmb is None else self.choose_pairs(view)
        if not len(kept) or np.isin([*pairs.senders, *pairs.receivers], removed).any():
            legal = "channels that are neither senders nor receivers"
            raise SPYValueError(legal, "partchannel", labels[removed].tolist())
        return PartialCoherence(pairs, self.output, removed)
