"""Reductions: several at once, in further passes, of gathered trials; the same for every executor and every cut."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

import syncopy as spy
from syncopy.engine.execute import execute, execute_together
from syncopy.engine.executors import Serial, Threads
from syncopy.engine.gather import Gathered
from syncopy.engine.method import Pipeline, Reduction, TrialMean

RNG = np.random.default_rng(3)


@dataclass(frozen=True)
class Spread(Reduction):
    """Mean and, in a second pass, variance."""

    mean: object = None
    split = frozenset({"channel"})

    def infer(self, trial):
        return trial.change(dtype=np.dtype("f8"), offset=0.0)

    def lift(self, block, trial):
        if self.mean is None:
            return (block.sum(axis=0, dtype="f8"),)
        return (((block - self.mean) ** 2).sum(axis=0),)

    def again(self, state, n_trials, trial):
        return Spread(state[0] / n_trials) if self.mean is None else None

    def close(self, state, n_trials, trial):
        return {"data": self.mean, "var": state[0] / n_trials}

    def state_bytes(self, trial):
        return 8 * int(np.prod(trial.shape))


@dataclass(frozen=True)
class Middle(Reduction):
    """Median, which only all trials together have."""

    split = frozenset({"channel"})

    def infer(self, trial):
        return trial.change(offset=0.0)

    def lift(self, block, trial):
        return (np.median(block, axis=0),)

    def merge(self, a, b):
        raise AssertionError("medians cannot be merged")

    def close(self, state, n_trials, trial):
        return state[0].astype(trial.dtype)

    def state_bytes(self, trial):
        return trial.nbytes


@pytest.fixture(scope="module")
def data():
    return spy.AnalogData([RNG.standard_normal((50, 8)).astype("f4") for _ in range(20)], samplerate=50)


def pipeline(reduction):
    return Pipeline((), spy.AnalogData, reduction, keep=False)


@pytest.mark.parametrize("executor", [Serial(), Threads(3)])
@pytest.mark.parametrize("limit", [10**8, 50_000, 9_000])
def test_a_second_pass(data, executor, limit):
    outcome = execute(pipeline(Spread()), [data.view()], executor, "test()", limit)
    trials = np.array(list(data.trials), "f8")
    np.testing.assert_allclose(outcome.store.dataset("data")[()], trials.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(outcome.store.dataset("var")[()], trials.var(axis=0), atol=1e-12)


@pytest.mark.parametrize("executor", [Serial(), Threads(3)])
@pytest.mark.parametrize("limit", [10**8, 60_000, 15_000])
def test_gathered_trials(data, executor, limit):
    outcome = execute(pipeline(Gathered(Middle(), 20)), [data.view()], executor, "test()", limit)
    np.testing.assert_array_equal(outcome.store.dataset("data")[()], np.median(list(data.trials), axis=0))


def test_gathered_trials_that_do_not_fit_are_refused_with_numbers(data):
    with pytest.raises(spy.SPYError, match=r"all trials at once need .* of memory at least"):
        execute(pipeline(Gathered(replace(Middle()), 20)), [data.view()], Serial(), "test()", 3_000)


@pytest.mark.parametrize("executor", [Serial(), Threads(3)])
@pytest.mark.parametrize("limit", [10**8, 100_000, 40_000])
def test_several_at_once(data, executor, limit):
    reductions = [TrialMean(), Spread(), Gathered(Middle(), 20)]
    outcomes = execute_together([pipeline(each) for each in reductions], [data.view()], executor, "test()", limit)
    for reduction, outcome in zip(reductions, outcomes, strict=True):
        alone = execute(pipeline(reduction), [data.view()], Serial(), "test()")
        for name in ("data", *alone.store.extras):
            a, b = (each.store.dataset(name)[()] for each in (outcome, alone))
            np.testing.assert_allclose(a, b, atol=1e-6)
    assert [outcome.store.extras for outcome in outcomes] == [(), ("var",), ()]


def test_pipelines_run_together_if_their_stages_are_the_same(data):
    from syncopy.methods.connectivity.coh import Coh
    from syncopy.methods.connectivity.phase import Ppc

    view = data.view()
    coh, ppc, other = Coh(tapsmofrq=4.0).bind(view), Ppc(tapsmofrq=4.0).bind(view), Ppc(tapsmofrq=5.0).bind(view)
    assert coh.runs_with(ppc)
    assert not coh.runs_with(other)
    assert not coh.runs_with(Coh(tapsmofrq=4.0, keeptrials=True).bind(view))
