"""Laws that every method obeys, as functions that raise AssertionError where one does not.

A test of a method, in this project or another, runs them over the method's `examples`::

    for law in LAWS:
        law(MyMethod, MyMethod.examples[0])
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import syncopy as spy
from syncopy.api.preparation import build_method, sources_of
from syncopy.data.continuous import AnalogData, ContinuousData, CrossSpectralData, SpectralData
from syncopy.data.spikes import SpikeData
from syncopy.engine import plan, task
from syncopy.engine.method import Method, Pipeline
from syncopy.engine.plan import Block
from syncopy.engine.task import Finding, Job
from syncopy.errors import SPYError, SPYWarning
from syncopy.storage.scratch import current_session

Array = NDArray[Any]
Law = Callable[[type[Method], dict[str, Any]], None]

_SAMPLERATE = 200.0
_TRIALS, _SAMPLES, _CHANNELS = 6, 160, 4
# Rounding of single precision, relative to the largest number of a result.
_ROUNDING = 1e-5


def sample(cls: type, complex_values: bool = False) -> Any:
    """Return a small object of a class: equal trials at different offsets, rhythms in noise, trialinfo, labels."""
    rng = np.random.default_rng(7)
    trialinfo = np.arange(2 * _TRIALS).reshape(_TRIALS, 2)

    def definition(length: int) -> Array:
        starts = np.arange(_TRIALS) * length
        return np.column_stack([starts, starts + length, -20 - np.arange(_TRIALS) % 2, trialinfo])

    if issubclass(SpectralData, cls) and cls is not ContinuousData:
        shape = (_TRIALS, 2, 9, _CHANNELS)
        values = rng.standard_normal(shape) + 1j * rng.standard_normal(shape) * complex_values
        dtype = np.complex64 if complex_values else np.float32
        kept = values.astype(dtype) if complex_values else np.abs(values).astype(dtype)
        return SpectralData(kept, samplerate=_SAMPLERATE, freq=np.arange(9) * 5.0, trialdefinition=definition(1))
    if issubclass(CrossSpectralData, cls) and cls is not ContinuousData:
        values = rng.standard_normal((_TRIALS, 5, 3, 3)).astype(np.float32)
        return CrossSpectralData(values, samplerate=_SAMPLERATE, trialdefinition=definition(1))
    if cls is SpikeData:
        fires = np.argwhere(rng.random((_TRIALS * _SAMPLES, 2, 3)) < 0.2)
        channel, unit = fires[:, 1] * 2, fires[:, 2] + 1  # numbers with gaps
        rows = np.column_stack([fires[:, 0], channel, unit])
        return SpikeData(rows, samplerate=_SAMPLERATE, trialdefinition=definition(_SAMPLES))
    time = np.arange(_TRIALS * _SAMPLES)[:, None] / _SAMPLERATE
    signal = np.cos(2 * np.pi * 20 * time + np.arange(_CHANNELS)) + rng.standard_normal((len(time), _CHANNELS))
    return AnalogData(signal.astype(np.float32), samplerate=_SAMPLERATE, trialdefinition=definition(_SAMPLES))


def run(method: type[Method], parameters: dict[str, Any], data: Any = None, **controls: Any) -> Any:
    """Call the method's verb on an object, by default on a sample of the first class it reads."""
    given = dict(parameters) if method.method_name is None else {"method": method.method_name, **parameters}
    source = sample(method.reads[0], method.complex_only) if data is None else data
    return getattr(spy, method.verb)(source, **given, **controls)


def bound(method: type[Method], parameters: dict[str, Any], data: Any) -> Pipeline:
    """Return the method's pipeline for an object."""
    built = build_method(method.verb, method.method_name, parameters)
    return built.bind(*sources_of(built, data))


def values(obj: Any) -> Array:
    """All numbers of an object."""
    return np.asarray(obj.data[()])


def assert_same(a: Any, b: Any, exactly: bool = False) -> None:
    """Compare two results: axes, trials, and numbers, to rounding or bit by bit."""
    assert type(a) is type(b)
    np.testing.assert_array_equal(a.trialdefinition, b.trialdefinition)
    for dim in a._axis_selectors:
        np.testing.assert_array_equal(getattr(a, dim), getattr(b, dim))
    assert_close(values(a), values(b), exactly)
    assert a.datasets.keys() == b.datasets.keys()
    for name in a.datasets:
        assert_close(a.datasets[name][()], b.datasets[name][()], exactly)


def assert_close(a: Array, b: Array, exactly: bool = False) -> None:
    """Compare two arrays, to rounding relative to the largest number, or bit by bit."""
    assert a.shape == b.shape
    assert a.dtype == b.dtype
    if exactly:
        np.testing.assert_array_equal(a, b)
    else:
        finite = np.abs(b[np.isfinite(b)])
        np.testing.assert_allclose(a, b, rtol=_ROUNDING, atol=_ROUNDING * float(finite.max(initial=0)))


@contextlib.contextmanager
def single_trial_blocks() -> Iterator[None]:
    """Inside this block every trial is a block of its own, so that small data keep several workers busy."""
    usual = plan.BLOCK_BYTES
    plan.BLOCK_BYTES = 1
    try:
        yield
    finally:
        plan.BLOCK_BYTES = usual


def executors_agree(method: type[Method], parameters: dict[str, Any]) -> None:
    """Threads give the same bits as one block after the other."""
    with single_trial_blocks(), spy.options(workers=3):
        assert_same(run(method, parameters, parallel=False), run(method, parameters, parallel=True), exactly=True)


def memory_limits_agree(method: type[Method], parameters: dict[str, Any]) -> None:
    """The result does not depend on how the work is cut."""
    whole = run(method, parameters)
    tried = 0
    for limit in (30e3, 100e3, 1e6, 10e6, 25e6, 100e6):
        with contextlib.suppress(SPYError), spy.options(memory=limit, workers=1):  # a limit may be too small
            assert_same(run(method, parameters), whole)
            tried += 1
    assert tried, "no memory limit was large enough"


def input_is_untouched(method: type[Method], parameters: dict[str, Any]) -> None:
    """A call changes neither the numbers nor the metadata of its input."""
    data = sample(method.reads[0], method.complex_only)
    before = values(data), data.trialdefinition, dict(data.cfg), dict(data.info), data._log
    run(method, parameters, data)
    assert data.selection is None
    after = values(data), data.trialdefinition, dict(data.cfg), dict(data.info), data._log
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)


def cfg_replays(method: type[Method], parameters: dict[str, Any]) -> None:
    """The `cfg` of a result repeats the call."""
    data = sample(method.reads[0], method.complex_only)
    first = run(method, parameters, data)
    with warnings.catch_warnings():
        warnings.simplefilter("error", SPYWarning)
        again = getattr(spy, method.verb)(data, first.cfg)
    assert_same(again, first, exactly=True)
    assert again.cfg == first.cfg


def selections_commute(method: type[Method], parameters: dict[str, Any]) -> None:
    """Analysing part of the trials is selecting them from the analysis of all, for methods that keep trials."""
    data = sample(method.reads[0], method.complex_only)
    whole = run(method, parameters, data)
    if len(whole.trials) != len(data.trials):
        return
    wanted = [4, 1, 1]
    part = run(method, parameters, data, select={"trials": wanted})
    assert len(part.trials) == len(wanted)
    np.testing.assert_array_equal(part.trialinfo, data.trialinfo[wanted])
    for number, trial in enumerate(wanted):
        assert_close(part.trials[number], whole.trials[trial])
        np.testing.assert_array_equal(part.time[number], whole.time[trial])


def channels_commute(method: type[Method], parameters: dict[str, Any]) -> None:
    """Analysing some channels is selecting them from the analysis of all, for methods that treat each on its own."""
    data = sample(method.reads[0], method.complex_only)
    if isinstance(data, SpikeData) or "channel" not in data.dimord:
        return
    if "channel" not in bound(method, parameters, data).split:
        return
    whole = run(method, parameters, data)
    wanted = [2, 0]
    part = run(method, parameters, data, select={"channel": wanted})
    np.testing.assert_array_equal(part.channel, data.channel[wanted])
    picked = np.take(values(whole), wanted, axis=whole.dimord.index("channel"))
    assert_close(values(part), picked)


def averages_agree(method: type[Method], parameters: dict[str, Any]) -> None:
    """Averaging on the way is averaging the kept trials, for methods that offer both."""
    if "keeptrials" not in method.model_fields or method.model_fields["keeptrials"].annotation is not bool:
        return
    average = {**parameters, "keeptrials": False}
    if parameters.get("dim") == "trials" or bound(method, average, sample(method.reads[0], method.complex_only)).keep:
        return
    kept = run(method, {**parameters, "keeptrials": True})
    averaged = run(method, average)
    assert len(averaged.trials) == 1
    assert_close(averaged.trials[0], values(kept).reshape(len(kept.trials), -1, *kept.data.shape[1:]).mean(axis=0))


def failures_leave_nothing(method: type[Method], parameters: dict[str, Any]) -> None:
    """A failed call leaves no file behind and the object as it was."""
    data = sample(method.reads[0], method.complex_only)
    folder = Path(current_session().folder)
    before = set(folder.iterdir())
    for wrong in ({"no_such_parameter": 1}, {"select": {"trials": [99]}}, {"parallel": "fast"}):
        message = ""
        try:
            run(method, parameters, data, **wrong)
        except SPYError as error:
            message = str(error)
        assert method.verb in message, f"{wrong} was accepted or not explained: {message!r}"
    assert set(folder.iterdir()) <= before
    assert data.selection is None


@contextlib.contextmanager
def failing(trial: Array) -> Iterator[None]:
    """Inside this block the computation of a trial raises, told by its numbers as the first source has them."""
    usual = task._run

    def run(job: Job, block: Block) -> Finding:
        starts, stops = (borders[block.first : block.last] for borders in job.borders[0])
        if any(np.array_equal(other, trial, equal_nan=True) for other in job.readers[0].read(starts, stops)):
            raise ArithmeticError("a law made it fail")
        return usual(job, block)

    task._run = run
    try:
        yield
    finally:
        task._run = usual


def failures_are_skipped(method: type[Method], parameters: dict[str, Any]) -> None:
    """With `on_error="skip"` a trial that fails is left out as if it had not been selected."""
    if "trials" in parameters:
        return
    data = sample(method.reads[0], method.complex_only)
    bad, others = 2, [number for number in range(_TRIALS) if number != 2]
    source = sources_of(build_method(method.verb, method.method_name, parameters), data)[0]
    trial = source.reader.read(source.starts[bad : bad + 1], source.stops[bad : bad + 1])[0]
    wanted = run(method, parameters, data, select={"trials": others})
    with failing(trial), warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", SPYWarning)
        found = run(method, parameters, data, on_error="skip", parallel=False)
    assert_same(found, wanted, exactly=True)
    assert [entry["trial"] for entry in found.info["skipped_trials"]] == [bad]
    assert sum("skipped 1 trials" in str(warning.message) for warning in told) == 1


def temporaries_are_readable(method: type[Method], parameters: dict[str, Any]) -> None:
    """The data of a result can be read although nobody keeps the result."""
    assert run(method, parameters).data[()].size > 0


LAWS: tuple[Law, ...] = (
    executors_agree,
    memory_limits_agree,
    input_is_untouched,
    cfg_replays,
    selections_commute,
    channels_commute,
    averages_agree,
    failures_leave_nothing,
    failures_are_skipped,
    temporaries_are_readable,
)
