"""FOOOF: power spectra as a sum of peaks over an aperiodic background, fitted by the package specparam."""

from __future__ import annotations

import importlib.util
import warnings
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, NonNegativeFloat, ValidationError, field_validator, model_validator

from syncopy.data.continuous import ContinuousData
from syncopy.data.trials import TrialSpec
from syncopy.engine.execute import Outcome
from syncopy.engine.method import Method, Noted, Stage, State, TrialMean
from syncopy.engine.parameters import parameter
from syncopy.errors import SPYError, SPYValueError, SPYWarning
from syncopy.methods.freq.parameters import Output, unit_of_output

Array = NDArray[Any]

FooofOutput = Literal["fooof", "fooof_aperiodic", "fooof_peaks"]

FOOOF_OUTPUTS = ("fooof", "fooof_aperiodic", "fooof_peaks")

# Keeps the model of the peaks above zero where there is none, so that it has a logarithm: a share of the background,
# whatever the unit, and no less than single precision holds.
_FLOOR = 1e-16
_LEAST = float(np.finfo(np.float32).tiny)

# Where the fit stops: that of SciPy's `curve_fit`, and of the package fooof; specparam's own is coarser.
_TOLERANCE = 1e-8


class FooofOptions(BaseModel):
    """Settings of the fit, see `specparam.SpectralModel`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    peak_width_limits: tuple[NonNegativeFloat, NonNegativeFloat] = (0.5, 12.0)
    max_n_peaks: NonNegativeFloat = np.inf
    min_peak_height: NonNegativeFloat = 0.0
    peak_threshold: NonNegativeFloat = 2.0
    aperiodic_mode: Literal["fixed", "knee"] = "fixed"
    verbose: bool = False

    @classmethod
    def parse(cls, given: dict[str, Any]) -> Self:
        """Check settings; SPYValueError says which one is wrong."""
        try:
            options = cls(**given)
        except ValidationError as error:
            first = error.errors()[0]
            rule = first["msg"].removeprefix("Input should be ")
            known = f"one of {', '.join(cls.model_fields)}" if first["type"] == "extra_forbidden" else None
            name = "fooof_opt" if known else f"fooof_opt[{first['loc'][0]!r}]"
            raise SPYValueError(known or rule, name, repr(first["loc"][0] if known else first["input"])) from None
        if not options.peak_width_limits[0] < options.peak_width_limits[1]:
            raise SPYValueError("low < high", "fooof_opt['peak_width_limits']", options.peak_width_limits)
        return options


class Fit(NamedTuple):
    """What was fitted to one spectrum; frequencies and widths in Hz, all else in units of log10(power).

    Attributes
    ----------
    aperiodic_params : list
        Offset, (knee,) exponent.
    peak_params : list of list
        Centre frequency, height over the background, and two-sided width of every peak.
    gaussian_params : list of list
        Mean, height and standard deviation of the Gaussians.
    n_peaks : int
    r_squared : float
        Of the fit.
    error : float
        Mean absolute deviation of the fit.
    """

    aperiodic_params: list[float]
    peak_params: list[list[float]]
    gaussian_params: list[list[float]]
    n_peaks: int
    r_squared: float
    error: float


@dataclass(frozen=True)
class FooofFit(Stage):
    """Power spectra to the model fitted to them, channel by channel.

    Attributes
    ----------
    output : {'fooof', 'fooof_aperiodic', 'fooof_peaks'}
        All of the model, its background, or their difference.
    options : dict
        Settings of the fit, all of them; see `FooofOptions`.
    """

    output: str
    options: dict[str, Any]

    split: ClassVar[frozenset[str]] = frozenset({"channel"})
    # a fit takes some milliseconds, most of them in Python
    releases_gil: ClassVar[bool] = False
    effort: ClassVar[int] = 200

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """Power as it was."""
        return trials[0]

    def apply(self, trial: TrialSpec, *blocks: Array) -> Noted:
        """Fit every spectrum `(trial, 1, 1, freq, channel)`; the notes hold the parameters, a list per channel."""
        from specparam import SpectralModel

        model = SpectralModel(**self.options, tol=_TOLERANCE)
        result = np.full_like(blocks[0], np.nan)
        notes: dict[str, list[Any]] = {name: [] for name in Fit._fields}
        for power, modelled in zip(blocks[0][:, 0, 0].swapaxes(1, 2), result[:, 0, 0].swapaxes(1, 2), strict=True):
            fits = [self._fit(model, trial.coords["freq"], *pair) for pair in zip(power, modelled, strict=True)]
            for name, values in zip(Fit._fields, zip(*fits, strict=True), strict=True):
                notes[name].append(list(values))
        return Noted(result, notes)

    def _fit(self, model: Any, freqs: Array, power: Array, modelled: Array) -> Fit:
        """Fit one spectrum, fill in what was asked for of its model, and return the parameters."""
        size = 3 if self.options["aperiodic_mode"] == "knee" else 2
        failure = Fit([np.nan] * size, [], [], 0, np.nan, np.nan)
        if not (np.isfinite(power) & (power > 0)).all():
            return failure
        try:
            model.fit(freqs, power.astype(np.float64))
        except (TypeError, RuntimeError):  # SciPy's, for fewer points than parameters and for no convergence
            return failure
        if not model.results.has_model:
            return failure
        full, background = (10 ** model.results.model.get_component(part) for part in ("full", "aperiodic"))
        peaks_only = full - background + np.maximum(_FLOOR * background, _LEAST)
        parts = {"fooof": full, "fooof_aperiodic": background, "fooof_peaks": peaks_only}
        modelled[:] = parts[self.output]
        n_peaks = int(model.results.n_peaks)
        peaks, gaussians = (
            np.atleast_2d(model.results.get_params("periodic", version=version))[:n_peaks].tolist()
            for version in ("converted", "fit")
        )
        r_squared, error = (float(model.results.metrics.results[name]) for name in ("gof_rsquared", "error_mae"))
        return Fit(model.results.get_params("aperiodic").tolist(), peaks, gaussians, n_peaks, r_squared, error)


@dataclass(frozen=True)
class FooofOfMean(TrialMean):
    """Model fitted to the mean of all trials.

    Attributes
    ----------
    fit : FooofFit or None
    """

    fit: FooofFit | None = None

    split: ClassVar[frozenset[str]] = FooofFit.split

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Noted:
        """Fit the mean."""
        assert self.fit is not None
        mean = np.asarray(super().close(state, n_trials, trial))
        model, notes = self.fit.apply(trial, mean[None])
        return Noted(model[0], notes)


class FooofParameters(Method):
    """Quantities of power spectra, models fitted to them among those."""

    output: Output | FooofOutput = parameter("pow", "quantity; fooof, fooof_aperiodic, fooof_peaks: model of the power")
    fooof_opt: dict[str, Any] | None = parameter(
        None, f"settings of the fit for fooof outputs: any of {', '.join(FooofOptions.model_fields)}"
    )

    def result_unit(self, unit: str | None) -> str | None:
        """That of the output."""
        return unit_of_output(self.output, unit)

    @field_validator("output", mode="before")
    @classmethod
    def _known_model(cls, value: Any) -> Any:
        if isinstance(value, str) and value.startswith("fooof") and value not in FOOOF_OUTPUTS:
            raise SPYValueError(f"one of {', '.join(FOOOF_OUTPUTS)}", "output_fooof", repr(value))
        return value

    @model_validator(mode="after")
    def _known_options(self) -> Any:
        if self.fooof_opt is None:
            return self
        if not self.is_fooof:
            warnings.warn("`fooof_opt` has no effect without a fooof output", SPYWarning, stacklevel=2)
        FooofOptions.parse(self.fooof_opt)
        return self

    @property
    def is_fooof(self) -> bool:
        """Whether a model is asked for."""
        return self.output in FOOOF_OUTPUTS

    def fooof_fit(self, freqs: Array) -> FooofFit:
        """Make the stage that fits spectra at these frequencies.

        Raises
        ------
        SPYValueError
            If the frequencies do not suit: they must be above zero and equidistant.
        SPYError
            If the package specparam is missing.
        """
        if freqs[0] == 0:
            raise SPYValueError("a frequency range that does not include zero, for FOOOF", "foi/foilim", "0 Hz")
        if len(freqs) < 3 or not np.allclose(np.diff(freqs), freqs[1] - freqs[0]):
            raise SPYValueError("ascending, equidistant frequencies, three at least, for FOOOF", "foi", freqs.tolist())
        if importlib.util.find_spec("specparam") is None:
            raise SPYError(f"output '{self.output}' needs the package specparam: pip install 'syncopy[fooof]'")
        return FooofFit(self.output, FooofOptions.parse(self.fooof_opt or {}).model_dump())

    def finish(self, result: ContinuousData, outcome: Outcome) -> None:
        """Put the parameters of all fits into `info`: by name, trial and channel."""
        if not self.is_fooof:
            return
        for name in Fit._fields:
            result.info[name] = outcome.notes[name]
        missing = int(np.sum(~np.isfinite(np.concatenate(outcome.notes["r_squared"]))))
        if missing:
            warnings.warn(f"FOOOF found no model for {missing} spectra; they are NaN", SPYWarning, stacklevel=6)
