"""Quantities of the factors of cross-spectra: what they need of the spectra, and how well the factorisation went."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from syncopy.data.continuous import ContinuousData, SpectralData
from syncopy.data.trials import TrialSpec
from syncopy.data.view import View
from syncopy.engine.execute import Outcome
from syncopy.engine.method import Noted, State
from syncopy.errors import SPYValueError, SPYWarning
from syncopy.kernels.coherence import coherency
from syncopy.kernels.csd import cross_spectral_sum
from syncopy.kernels.factorisation import Factorisation, factorise, regularise, repair_dc
from syncopy.methods.connectivity.pairs import Positions
from syncopy.methods.connectivity.parameters import PairParameters
from syncopy.methods.connectivity.quantity import PairQuantity

Array = NDArray[Any]
Facts = dict[str, Any]
Formula = Callable[[Array, Array, Array], Array]

_NOTE = "factorisation"
# Imaginary part of the coherency of real signals at the frequency of Nyquist that may come from rounding.
_REAL = 1e-3
# Arrays of the size of the cross-spectra that a factorisation holds, half of them.
_COPIES = 4


@dataclass(frozen=True, eq=False)
class FactorQuantity(PairQuantity):
    """A quantity of the factors of cross-spectra at all frequencies of a Fourier transform, time by time.

    Attributes
    ----------
    pairs : Pairs
    channels : ndarray of int
        Positions, in ascending order, of the channels whose cross-spectra matter.
    length : int
        Samples of the transform.
    halved : bool
        Whether spectra have half the power at 0 Hz and Nyquist, as FieldTrip's.
    check_last : bool
        Whether it is still to be seen that the last frequency is that of Nyquist.
    """

    channels: Positions
    length: int
    halved: bool
    check_last: bool = field(default=False, kw_only=True)

    split: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def estimate(self, csd: Array) -> tuple[Array, Facts]:
        """Values `(freq, sender, receiver)` from cross-spectra of `channels`, and how well the factorisation went.

        Channels without finite power give NaN.
        """

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Sum of the cross-spectra."""
        return (cross_spectral_sum(block[..., self.channels]),)

    def value(self, state: State, n_trials: int) -> Array:
        """Factorise."""
        return np.stack([self.estimate(csd)[0] for csd in self.cross_spectra(state)])

    def cross_spectra(self, state: State) -> Array:
        """Cross-spectra of any scale with power in every bin, `(time, freq, channel, channel)`."""
        csd: Array = state[0].copy()
        if self.halved:
            csd[:, [0, -1] if self.length % 2 == 0 else [0]] *= 2
        return repair_dc(csd)

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Noted:
        """Factorise, and note how that went."""
        csd, labels = self.cross_spectra(state), trial.coords["channel"][self.channels]
        silent = np.einsum("tfii->i", csd).real == 0
        if silent.any():
            raise SPYValueError("power in every channel", "data", f"none in {', '.join(map(str, labels[silent]))}")
        if self.check_last and (np.abs(coherency(csd[:, -1]).imag) > _REAL).any():
            legal = (
                "all frequencies of a Fourier transform of an even length, up to half the sample rate of the signals"
            )
            raise SPYValueError(legal, "freq", f"up to {trial.coords['freq'][-1]:g} Hz, where spectra are not real")
        values, facts = zip(*map(self.estimate, csd), strict=True)
        for each in facts:
            if "pairs" in each:
                each["pairs"] = labels[each["pairs"]].tolist()
        return Noted(self.pairs.blank(np.stack(values).astype(np.float32)), {_NOTE: [_in_order(facts)]})

    def entries(self, trial: TrialSpec) -> int:
        """All channels that matter with each other."""
        return len(self.channels) ** 2

    def state_bytes(self, trial: TrialSpec) -> int:
        """Cross-spectra, and what factorising those of one time takes."""
        return (trial.n_samples - 1 + _COPIES) * 16 * trial.size("freq") * self.entries(trial)


@dataclass(frozen=True, eq=False)
class Joint(FactorQuantity):
    """A quantity of the factors of all channels together.

    Attributes
    ----------
    pairs, channels, length, halved
        See `FactorQuantity`; the channels are all.
    formula : callable
        `(transfer, noise, csd)` to `(freq, sender, receiver)`.
    start : Factorisation or None
        Of similar cross-spectra.
    """

    formula: Formula
    start: Factorisation | None = None

    def estimate(self, csd: Array) -> tuple[Array, Facts]:
        """Apply the formula to the factors of regularised cross-spectra."""
        if not usable(csd).all():
            return np.full((len(csd), *self.pairs.shape), np.nan), make_facts(False, np.inf, 0.0, np.inf)
        regular = regularise(csd)
        factors = factorise(regular.csd, self.length, start=self.start)
        values = self.formula(factors.transfer, factors.noise, regular.csd)
        facts = make_facts(factors.converged, factors.error, regular.factor, regular.condition)
        return values[:, self.pairs.senders[:, None], self.pairs.receivers], facts

    def near(self, state: State, n_trials: int) -> Self:
        """Start from the factors of these trials, if they are those of one time."""
        csd = self.cross_spectra(state)
        if len(csd) > 1 or not usable(csd[0]).all():
            return self
        return replace(self, start=factorise(regularise(csd[0]).csd, self.length))


def usable(csd: Array) -> NDArray[np.bool_]:
    """Which channels can be factorised: those of finite power."""
    power = np.einsum("fii->i", csd).real
    known: NDArray[np.bool_] = np.isfinite(power) & (power > 0)
    return known


def make_facts(converged: Any, error: Any, factor: Any, condition: Any) -> Facts:
    """Facts about factorisations under the names that an object's `info` knows."""
    values = {"converged": converged, "max rel. err": error, "reg. factor": factor, "initial cond. num": condition}
    return {name: np.asarray(value).tolist() for name, value in values.items()}


def _in_order(facts: Sequence[Facts]) -> Facts:
    """Facts of several times or trials as lists, those of one alone as they are."""
    return facts[0] if len(facts) == 1 else {name: [each[name] for each in facts] for name in facts[0]}


class FactorParameters(PairParameters):
    """Spectra at all frequencies, and how well their factorisation went in the result's `info`."""

    @model_validator(mode="after")
    def _all_frequencies(self) -> Any:
        for name in ("foi", "foilim"):
            if getattr(self, name) not in (None, "all"):
                legal = f"no foi specification: {self.method_name} needs all frequencies (select from the result)"
                raise SPYValueError(legal, name, getattr(self, name))
        return self

    def transform(self, view: View) -> dict[str, Any]:
        """What `FactorQuantity` has to know of the transform: its length, and the state of its last bin."""
        if not isinstance(view.data, SpectralData):
            length = self.padded_length(view)
            if length < 2:
                raise SPYValueError("trials of two samples or more", "data", "one sample")
            return {"length": length, "halved": self.ft_compat}
        freqs = view.coords["freq"]
        halved = view.data.cfg.get("freqanalysis", {}).get("ft_compat", False)
        count = len(freqs)
        if count > 1 and np.allclose(freqs, np.arange(count) * freqs[1], rtol=1e-6):
            for length in (2 * count - 2, 2 * count - 1):
                if np.isclose(length * freqs[1], view.samplerate, rtol=1e-6):
                    return {"length": length, "halved": halved}
            if freqs[-1] > view.samplerate / 2:  # spectra over time have a rate of their own: they have to tell
                return {"length": 2 * count - 2, "halved": halved, "check_last": True}
        legal = f"all frequencies of a Fourier transform, evenly spaced from 0 to {view.samplerate / 2:g} Hz"
        raise SPYValueError(legal, "freq", f"{count} from {freqs[0]:g} to {freqs[-1]:g} Hz")

    def finish(self, result: ContinuousData, outcome: Outcome) -> None:
        """Record how well the factorisation went, trial by trial if trials are kept, and warn if not well."""
        found: list[Facts] = outcome.notes[_NOTE]
        facts = {name: [each[name] for each in found] for name in found[0]} if self.keeptrials else found[0]
        result.info.update(facts)
        several = self.keeptrials or result.data.shape[0] > 1
        for text in _complaints(facts, [] if several else facts.get("pairs", [])):
            warnings.warn(f"connectivityanalysis(method={self.method_name!r}): {text}", SPYWarning, stacklevel=6)


def _complaints(facts: Facts, pairs: list[list[str]]) -> list[str]:
    stalled = np.logical_not(np.ravel(facts["converged"]))
    added = np.ravel(facts["reg. factor"])
    condition = np.ravel(facts["initial cond. num"]).max(initial=0)
    texts = []
    if stalled.any():
        error = np.ravel(facts["max rel. err"]).max()
        texts.append(
            f"the factorisation of the cross-spectra did not converge (max rel. err {error:.2g})"
            f"{_which(stalled, pairs)}: smooth over more tapers (`tapsmofrq`), or pad the trials"
        )
    if (added > 0).any():
        texts.append(
            f"the cross-spectra are ill-conditioned (condition number {condition:.2g}): noise of {added.max():.2g} of "
            f"its power was added to every channel{_which(added > 0, pairs)}; use more trials or tapers, fewer "
            "channels, or pairs (sfmethod='bivariate')"
        )
    return texts


def _which(those: NDArray[np.bool_], pairs: list[list[str]]) -> str:
    """Name the pairs, if it is about pairs, or count the times or trials."""
    if not pairs:
        return f" ({those.sum()} of {len(those)} factorisations)" if len(those) > 1 else ""
    named = ["-".join(pairs[number]) for number in np.flatnonzero(those)]
    return f" of {', '.join(named[:5])}{', ...' if len(named) > 5 else ''} ({len(named)} of {len(pairs)} pairs)"
