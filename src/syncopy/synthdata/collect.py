"""Trials of simulated signals: their seeds, and the object that collects them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.cfg import takes_cfg
from syncopy.data.continuous import AnalogData
from syncopy.errors import SPYTypeError, SPYValueError

Array = NDArray[Any]
Seed = Any  # whatever numpy.random.default_rng takes
MakeTrials = Callable[[list[Seed]], Iterable[Array]]

BATCH_BYTES = 16 * 1024 * 1024  # of the trials that are simulated together


def collect(
    make_trials: MakeTrials,
    shape: tuple[int, int] | None,
    *,
    seed: Seed,
    nTrials: int | None,
    samplerate: float,
    seed_per_trial: bool,
) -> AnalogData | Array:
    """Simulate trials batch by batch and write them to an object as they come.

    Parameters
    ----------
    make_trials : callable
        Makes the trials `(time, channel)` of a list of seeds.
    shape : (int, int) or None
        Shape of a trial, from which the size of a batch follows; None stands for trials made one by one.
    seed : int or None
        Of the whole simulation; None: another one every time.
    nTrials : int or None
        Number of trials; None: one, as an array.
    samplerate : float
        Samples per second.
    seed_per_trial : bool
        Whether every trial gets a seed of its own, drawn with `seed`; else all trials are the same.

    Returns
    -------
    AnalogData or ndarray
        Trials start at t = -1 s.
    """
    if shape is not None:
        check_count("nSamples", shape[0])
        check_count("nChannels", shape[1])
    check_seed(seed)
    if nTrials is None:
        return next(iter(make_trials([seed])))
    seeds = trial_seeds(seed, check_count("nTrials", nTrials), seed_per_trial)
    step = 1 if shape is None else max(1, BATCH_BYTES // (4 * shape[0] * shape[1]))

    def trials() -> Iterator[Array]:
        for first in range(0, nTrials, step):
            yield from make_trials(seeds[first : first + step])

    return AnalogData(trials(), samplerate=samplerate)


def collect_trials(trial_func: Callable[..., Array]) -> Callable[..., AnalogData | Array]:
    """Decorate a function that simulates one trial so that it returns an `AnalogData` of many.

    The decorated function takes the keywords `nTrials=100`, `samplerate=1000`, `seed=None` and `seed_per_trial=True`
    beside its own, and all of them from a cfg too. `seed` and `samplerate` are passed on if it has parameters of these
    names.

    Parameters
    ----------
    trial_func : callable
        Returns an array `(time, channel)`.

    Returns
    -------
    callable
        Returns AnalogData of `nTrials` trials that start at t = -1 s; the array itself if `nTrials` is None.

    Raises
    ------
    SPYTypeError
        If `trial_func` cannot be called.

    Examples
    --------
    >>> import numpy as np
    >>> from syncopy import synthdata
    >>> @synthdata.collect_trials
    ... def steps(height, nSamples=100, seed=None):
    ...     return height * np.random.default_rng(seed).integers(2, size=(nSamples, 1)).cumsum(axis=0)
    >>> len(steps(0.5, nTrials=7, seed=1).trials)
    7
    """
    if not callable(trial_func):
        raise SPYTypeError(trial_func, "trial_func", "a function that returns an array")
    signature = inspect.signature(trial_func)

    @wraps(trial_func)
    @takes_cfg
    def simulate(
        *args: Any,
        nTrials: int | None = 100,
        samplerate: float = 1000,
        seed: Seed = None,
        seed_per_trial: bool = True,
        **kwargs: Any,
    ) -> AnalogData | Array:
        if "samplerate" in signature.parameters:
            kwargs["samplerate"] = samplerate

        def make_trials(seeds: list[Seed]) -> Iterator[Array]:
            for each in seeds:
                own = {"seed": each} if "seed" in signature.parameters else {}
                yield trial_func(*args, **kwargs, **own)

        return collect(
            make_trials, None, seed=seed, nTrials=nTrials, samplerate=samplerate, seed_per_trial=seed_per_trial
        )

    extras = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
        for name, default in (("nTrials", 100), ("samplerate", 1000), ("seed", None), ("seed_per_trial", True))
    ]
    own = [p for name, p in signature.parameters.items() if name not in {extra.name for extra in extras}]
    simulate.__signature__ = signature.replace(parameters=own + extras)  # type: ignore[attr-defined]
    return simulate


def trial_seeds(seed: Seed, count: int, seed_per_trial: bool) -> list[Seed]:
    """List the seed of every trial."""
    if seed is None or not seed_per_trial:
        return [seed] * count
    return [int(each) for each in np.random.default_rng(seed).integers(1_000_000, size=count)]


def draw_normal(seeds: list[Seed], samples: int, channels: int) -> Array:
    """Draw standard normal numbers `(trial, time, channel)`, each trial with its seed."""
    noise = np.empty((len(seeds), samples, channels))
    for trial, seed in zip(noise, seeds, strict=True):
        np.random.default_rng(seed).standard_normal(out=trial)
    return noise


def check_count(name: str, value: Any) -> int:
    """Return a whole number that must be 1 or more."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise SPYTypeError(value, name, "a whole number")
    if value < 1:
        raise SPYValueError("value to be greater or equals 1", name, value)
    return int(value)


def check_number(name: str, value: Any, at_least: float | None = None) -> float:
    """Return a finite number, with a lower limit or without."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise SPYTypeError(value, name, "a number")
    if not np.isfinite(value) or (at_least is not None and value < at_least):
        raise SPYValueError("a finite number" + ("" if at_least is None else f" >= {at_least:g}"), name, value)
    return float(value)


def check_numbers(name: str, value: Any) -> Array:
    """Return an array of finite numbers in double precision."""
    values = np.asarray(value)
    if values.dtype.kind not in "iuf":
        raise SPYTypeError(value, name, "an array of numbers")
    if not np.isfinite(values).all():
        raise SPYValueError("finite numbers", name, values.tolist())
    return values.astype(np.float64)


def check_seed(seed: Seed) -> Seed:
    """Return what random numbers can start from."""
    try:
        np.random.default_rng(seed)
    except TypeError:
        raise SPYTypeError(seed, "seed", "a whole number, or None") from None
    except ValueError:
        raise SPYValueError("a whole number >= 0, or None", "seed", seed) from None
    return seed
