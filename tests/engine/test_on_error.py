"""`on_error="skip"`: the result is that of the trials that did not fail, as if the others had not been selected."""

import os
import signal
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import syncopy as spy
from syncopy.api.preparation import Prepared
from syncopy.api.work import Manner, compute
from syncopy.engine.execute import TrialsFailedError, execute_together
from syncopy.engine.executors import Cores, Processes, Serial, Threads
from syncopy.engine.method import Method, Pipeline, Stage
from syncopy.errors import SPYError, SPYWarning
from syncopy.methods.freq import mtmfft
from syncopy.methods.preproc.steps import SignalStep
from syncopy.methods.timelock.moments import TrialMoments
from syncopy.storage.scratch import current_session
from syncopy.testing.laws import assert_same, single_trial_blocks

BAD = (3, 11)
MARK = 1e6  # a sample that no trial but those that are to fail has


@pytest.fixture
def data():
    rng = np.random.default_rng(5)
    trials = [rng.standard_normal((100 + 20 * (number > 8), 3)).astype("f4") for number in range(14)]
    for number in BAD:
        trials[number][50, 1] = MARK
    data = spy.AnalogData(trials, samplerate=100)
    numbers = np.arange(14)
    data.trialdefinition = np.column_stack([data.trialdefinition, numbers, numbers % 2])
    return data


@pytest.fixture
def breaks(monkeypatch):
    """Every stage raises for a marked trial; returns a function that sets the error."""
    kinds = {type: ValueError}
    raised = []

    def mark(stage_class):
        usual = stage_class.apply

        def apply(self, trial, *blocks):
            if any((np.abs(block) >= MARK).any() for block in blocks):
                raised.append(blocks[0].shape)
                raise kinds[type]("kernel broke")
            return usual(self, trial, *blocks)

        monkeypatch.setattr(stage_class, "apply", apply)

    mark(mtmfft.TaperedSpectra)
    mark(SignalStep)

    def error(kind):
        kinds[type] = kind

    error.raised = raised
    return error


CALLS = {
    "kept": lambda data, **how: spy.freqanalysis(data, tapsmofrq=4, **how),
    "padded": lambda data, **how: spy.freqanalysis(data, pad="maxperlen", output="fourier", keeptapers=True, **how),
    "averaged": lambda data, **how: spy.freqanalysis(
        data, foi=[10, 20, 30], keeptrials=False, **{"select": {"trials": range(9)}, **how}
    ),
    "coherence": lambda data, **how: spy.connectivityanalysis(
        data, method="coh", tapsmofrq=4, **{"select": {"trials": range(9)}, **how}
    ),
    "jackknife": lambda data, **how: spy.connectivityanalysis(
        data, method="coh", jackknife=True, **{"select": {"trials": range(9)}, **how}
    ),
    "filtered": lambda data, **how: spy.preprocessing(data, freq=20, **how),
}


def without_bad(name):
    last = 9 if name in ("averaged", "coherence", "jackknife") else 14
    return [number for number in range(last) if number not in BAD]


@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize("name", CALLS)
def test_skipping_is_not_selecting(data, breaks, name, parallel):
    wanted = CALLS[name](data, parallel=parallel, select={"trials": without_bad(name)})
    with pytest.warns(SPYWarning, match=r"skipped \d trials? that failed: 3 \(ValueError: kernel broke\)") as told:
        found = CALLS[name](data, parallel=parallel, on_error="skip")
    assert len(told) == 1
    assert_same(found, wanted, exactly=True)
    numbers = [number for number in BAD if number < (9 if len(wanted.trials) == 1 else 14)]
    assert found.info["skipped_trials"] == [{"trial": n, "error": "ValueError: kernel broke"} for n in numbers]
    assert breaks.raised


def test_a_block_of_several_trials_is_tried_trial_by_trial(data, breaks):
    with pytest.warns(SPYWarning, match="skipped"):
        spy.freqanalysis(data, on_error="skip")
    assert {shape[0] for shape in breaks.raised} > {1}


@pytest.mark.parametrize("memory", ["250kB", "1MB"])
def test_tiles(data, breaks, memory):
    # only one channel of a bad trial is, and it is missing from the tiles of all
    settings = {"output": "fourier", "foi": np.arange(5, 45), "pad": 40}
    with spy.options(memory=memory, workers=1):
        plan = spy.freqanalysis(data, **settings, dry_run=True)
        wanted = spy.freqanalysis(data, **settings, select={"trials": without_bad("kept")})
        with pytest.warns(SPYWarning, match="skipped"):
            found = spy.freqanalysis(data, **settings, on_error="skip")
    assert plan.passes > 1 or memory == "1MB"
    assert_same(found, wanted, exactly=True)


def test_several_methods_in_one_pass(data, breaks):
    chosen = {"tapsmofrq": 4, "select": {"trials": range(9)}}
    wanted = {"tapsmofrq": 4, "select": {"trials": without_bad("coherence")}}
    with pytest.warns(SPYWarning, match="skipped 1 trials") as told:
        found = spy.connectivityanalysis(data, method=["coh", "csd", "ppc"], on_error="skip", **chosen)
    assert len(told) == len({result.info["skipped_trials"][0]["trial"] for result in found.values()})
    for name, result in found.items():
        assert_same(result, spy.connectivityanalysis(data, method=name, **wanted), exactly=True)


def test_selections_with_repetitions_and_other_orders(data, breaks):
    wanted = spy.freqanalysis(data, select={"trials": [5, 0, 5, 12], "latency": [-0.8, -0.2]})
    with pytest.warns(SPYWarning, match="skipped 1 trials"):
        found = spy.freqanalysis(data, on_error="skip", select={"trials": [5, 3, 0, 3, 5, 12], "latency": [-0.8, -0.2]})
    assert_same(found, wanted, exactly=True)
    assert found.cfg.freqanalysis.select["trials"] == [5, 3, 0, 3, 5, 12]


def test_an_in_place_selection_stays(data, breaks):
    data.selectdata(trials=[2, 3, 4], inplace=True)
    with pytest.warns(SPYWarning, match="skipped 1 trials"):
        found = spy.freqanalysis(data, on_error="skip")
    assert found.trialinfo[:, 0].tolist() == [2, 4]
    assert data.selection.trial_ids == [2, 3, 4]


def test_averages_count_the_trials_that_are_there(data, monkeypatch):
    stopped = {"latency": "minperiod"}
    wanted = spy.timelockanalysis(data, **stopped, select={"trials": [0, 1, 2, 4]})
    usual = TrialMoments.lift

    def lift(self, block, trial):
        if (np.abs(block) >= MARK).any():
            raise ArithmeticError("no")
        return usual(self, block, trial)

    monkeypatch.setattr(TrialMoments, "lift", lift)
    with pytest.warns(SPYWarning, match="skipped 1 trials"):
        found = spy.timelockanalysis(data, **stopped, select={"trials": range(5)}, on_error="skip")
    assert_same(found, wanted, exactly=True)
    assert np.unique(found.datasets["dof"][()]).tolist() == [4]


@pytest.mark.parametrize("error", [MemoryError, OSError, KeyboardInterrupt, spy.SPYIOError, spy.SPYParallelError])
@pytest.mark.parametrize("parallel", [False, True])
def test_errors_of_the_system_are_never_skipped(data, breaks, error, parallel):
    breaks(error)
    folder = current_session().folder
    before = set(folder.iterdir())
    with pytest.raises(error, match="kernel broke"):
        spy.freqanalysis(data, on_error="skip", parallel=parallel)
    assert set(folder.iterdir()) <= before


def test_all_trials_fail(data, breaks):
    folder = current_session().folder
    before = set(folder.iterdir())
    with pytest.raises(SPYError, match=r"freqanalysis\(.*all 2 trials failed; trial 11: ValueError: kernel broke"):
        spy.freqanalysis(data, on_error="skip", select={"trials": [11, 3]})
    assert set(folder.iterdir()) <= before


def test_an_error_that_no_trial_has_alone(data, monkeypatch):
    usual = mtmfft.TaperedSpectra.apply

    def apply(self, trial, *blocks):
        if len(blocks[0]) > 1:
            raise ValueError("together they break")
        return usual(self, trial, *blocks)

    monkeypatch.setattr(mtmfft.TaperedSpectra, "apply", apply)
    with pytest.raises(ValueError, match="together they break"):
        spy.freqanalysis(data, on_error="skip")


@dataclass(frozen=True)
class OnlyOnce(Stage):
    """Counts its calls."""

    count: ClassVar[list[Any]] = []

    def infer(self, *trials):
        return trials[0]

    def apply(self, trial, *blocks):
        self.count.append(len(blocks[0]))
        if (np.abs(blocks[0]) >= MARK).any():
            raise ValueError("kernel broke")
        return blocks[0]


@pytest.mark.parametrize("executor", [Serial(), Threads(3)])
def test_nothing_is_computed_twice_where_nothing_fails(data, executor):
    OnlyOnce.count.clear()
    view = data.view(data.resolve({"trials": without_bad("kept")}))
    with single_trial_blocks():
        execute_together([Pipeline((OnlyOnce(),), spy.AnalogData)], [view], executor, "test()", skips=True)
    assert OnlyOnce.count == [1] * 12


@pytest.mark.parametrize("executor", [Serial(), Threads(3), Processes(2)])
def test_all_failing_trials_are_found_in_one_run(data, executor):
    with single_trial_blocks(), pytest.raises(TrialsFailedError) as caught:
        execute_together([Pipeline((OnlyOnce(),), spy.AnalogData)], [data.view()], executor, "test()", skips=True)
    assert caught.value.failed == dict.fromkeys(BAD, "ValueError: kernel broke")


@dataclass(frozen=True)
class Fragile(Stage):
    """Adds 1; raises for marked trials, and ends its process over the number `deadly` if it is the first one to."""

    deadly: float
    ended: Path

    releases_gil: ClassVar[bool] = False

    def infer(self, *trials):
        return trials[0]

    def apply(self, trial, *blocks):
        if (blocks[0] == self.deadly).any() and not self.ended.exists():
            self.ended.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if (np.abs(blocks[0]) >= MARK).any():
            raise ValueError("kernel broke")
        return blocks[0] + 1


class FragileMethod(Method):
    """`Fragile` as a verb would run it."""

    deadly: float
    ended: Path

    def bind(self, *views):
        return Pipeline((Fragile(self.deadly, self.ended),), spy.AnalogData)


@pytest.mark.parametrize("deadly", [0, 6, 12])  # before, among and behind those that raise
@pytest.mark.parametrize("parallel", [True, False])
def test_processes(data, tmp_path, deadly, parallel):
    """Trials that raise are left out; those over which a process dies are not."""
    method = FragileMethod(deadly=float(data.trials[deadly][9, 2]), ended=tmp_path / "ended")
    if not parallel:
        method.ended.touch()  # this process shall live
    prepared = Prepared(method, data, None, [data.view()], method.bind())
    manner = Manner(Cores(2) if parallel else Serial(), skips=True)
    with single_trial_blocks(), pytest.warns(SPYWarning, match=r"skipped 2 trials that failed: 3 \(ValueError: kernel"):
        (made,) = compute([prepared], "test()", manner)
    assert method.ended.exists()
    assert made.skipped == dict.fromkeys(BAD, "ValueError: kernel broke")
    wanted = np.concatenate([data.trials[number] + 1 for number in without_bad("kept")])
    assert np.array_equal(made.outcome.store.dataset("data")[()], wanted)


def test_dask(data):
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(1, threads_per_worker=2, processes=False, dashboard_address=":0")
    with cluster, distributed.Client(cluster), pytest.MonkeyPatch.context() as patch:
        usual = mtmfft.TaperedSpectra.apply

        def apply(self, trial, *blocks):
            if (np.abs(blocks[0]) >= MARK).any():
                raise ValueError("kernel broke")
            return usual(self, trial, *blocks)

        patch.setattr(mtmfft.TaperedSpectra, "apply", apply)
        wanted = spy.freqanalysis(data, select={"trials": without_bad("kept")}, parallel=False)
        with single_trial_blocks(), pytest.warns(SPYWarning, match="skipped 2 trials"):
            found = spy.freqanalysis(data, on_error="skip")
    assert "used_parallel = True" in found._log
    np.testing.assert_allclose(found.data[()], wanted.data[()], rtol=1e-5)
    assert found.trialinfo[:, 0].tolist() == without_bad("kept")


def test_it_is_recorded_and_replayed(data, breaks):
    with pytest.warns(SPYWarning, match="skipped"):
        first = spy.freqanalysis(data, {"tapsmofrq": 4, "on_error": "skip"})
    assert first.cfg.freqanalysis.on_error == "skip"
    with pytest.warns(SPYWarning, match="skipped"):
        assert_same(spy.freqanalysis(data, first.cfg), first, exactly=True)


def test_where_nothing_fails_nothing_is_said(data):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = spy.freqanalysis(data, on_error="skip")
    assert result.info["skipped_trials"] == []
    assert "skipped_trials" not in spy.freqanalysis(data).info


def test_it_is_checked_and_shown(data, capsys):
    with pytest.raises(spy.SPYValueError, match="`on_error`: expected 'raise' or 'skip'; got 'ignore'"):
        spy.freqanalysis(data, on_error="ignore")
    assert spy.freqanalysis(data, on_error="skip", dry_run=True).on_error == "skip"
    assert "trials that fail are skipped" in capsys.readouterr().out
    assert Manner.of({"parallel": False}).skips is False
