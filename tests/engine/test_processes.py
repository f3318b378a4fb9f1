"""Blocks in processes of this machine: chosen by the step, the numbers of the serial run, whatever dies."""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import syncopy as spy
from syncopy.engine import executors
from syncopy.engine.execute import execute
from syncopy.engine.executors import Cores, Processes, Serial
from syncopy.engine.journal import Progress
from syncopy.engine.method import Pipeline, Stage, TrialMean
from syncopy.methods.freq.fooof import FooofFit
from syncopy.storage.scratch import current_session
from syncopy.testing.laws import single_trial_blocks


@dataclass(frozen=True)
class Where(Stage):
    """Writes which process it ran in."""

    def infer(self, *trials):
        return trials[0].change(dtype=np.dtype("i8"))

    def apply(self, trial, *blocks):
        time.sleep(0.01)  # so that nobody does the work of all
        return np.full(blocks[0].shape, os.getpid())


class WhereInPython(Where):
    releases_gil = False


@dataclass(frozen=True)
class Deadly(Stage):
    """Adds 1; kills its process over trial 7, at most `times`, counted by files in a folder."""

    folder: Path
    times: int = 0

    def infer(self, *trials):
        return trials[0]

    def apply(self, trial, *blocks):
        if (blocks[0] == 7).any():
            count = len(list(self.folder.iterdir()))
            if count < self.times:
                (self.folder / str(count)).touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return blocks[0] + 1


@dataclass(frozen=True)
class Environment(Stage):
    """How many threads libraries would start."""

    def infer(self, *trials):
        return trials[0]

    def apply(self, trial, *blocks):
        from threadpoolctl import threadpool_info

        return np.full(blocks[0].shape, max(pool["num_threads"] for pool in threadpool_info()), blocks[0].dtype)


@pytest.fixture
def data():
    # lengths alternate, so that every trial is a block of its own
    trials = [np.full((30 + number % 2, 2), number, "f4") for number in range(20)]
    return spy.AnalogData(trials, samplerate=100)


def run(data, stage, executor, **kwargs):
    return execute(Pipeline((stage,), spy.AnalogData, **kwargs), [data.view()], executor, "test()")


def numbers(outcome):
    return outcome.store.dataset("data")[()]


def places(data, stage, executor):
    return set(numbers(run(data, stage, executor)).flat)


def exists(process):
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


def test_a_step_chooses(data):
    assert places(data, Where(), Cores(2)) == {os.getpid()}
    assert places(data, WhereInPython(), Serial()) == {os.getpid()}
    used = places(data, WhereInPython(), Cores(2))
    assert len(used) == 2
    assert os.getpid() not in used
    # the next call finds them at work still
    assert places(data, WhereInPython(), Cores(2)) == used


def test_a_call_that_ends_early_leaves_no_process_at_work(data, monkeypatch):
    used = places(data, Where(), Processes(2))

    def fail(*args):
        raise RuntimeError("no more")

    monkeypatch.setattr(Progress, "take", fail)
    with pytest.raises(RuntimeError, match="no more") as caught:
        run(data, Where(), Processes(2))
    assert caught.tb is not None  # it keeps the frames of the call alive
    assert not any(map(exists, used))


def test_no_more_processes_than_memory(data):
    for limit, count in (("1GB", 3), ("450MB", 2), ("350MB", 1)):
        with spy.options(memory=limit):
            used = places(data, Where(), Processes(3))
        assert len(used) <= count
        assert (os.getpid() in used) == (count == 1)


def test_fits_take_processes_and_blocks_of_their_own():
    assert not FooofFit.releases_gil
    generator = np.random.default_rng(1)
    trials = [generator.standard_normal((200, 30)).cumsum(axis=0) for _ in range(50)]
    data = spy.AnalogData(trials, samplerate=200)
    usual = spy.freqanalysis(data, foilim=[2, 80], dry_run=True)
    plan = spy.freqanalysis(data, foilim=[2, 80], output="fooof", dry_run=True)
    assert plan.blocks > 10 * usual.blocks


def test_libraries_keep_to_one_thread(data):
    assert (numbers(run(data, Environment(), Processes(2))) == 1).all()


@pytest.mark.parametrize("reduction", [None, TrialMean()])
def test_a_process_is_killed(tmp_path, reduction):
    data = spy.AnalogData([np.full((30, 2), number / 7, "f4") for number in range(40, 60)], samplerate=100)
    with single_trial_blocks():
        outcome = run(data, Deadly(tmp_path, 1), Processes(2), reduction=reduction, keep=reduction is None)
        assert len(list(tmp_path.iterdir())) == 1
        serial = run(data, Deadly(tmp_path), Serial(), reduction=reduction, keep=reduction is None)
    np.testing.assert_array_equal(numbers(outcome), numbers(serial))
    assert outcome.notes == serial.notes


def test_processes_die_again_and_again(tmp_path, data, monkeypatch):
    folder = current_session().folder
    before, used = set(folder.iterdir()), places(data, Where(), Processes(2))
    monkeypatch.setattr(executors, "_MOST_DEATHS", 2)
    with pytest.raises(spy.SPYParallelError, match=r"processes died 2 times, at trial \d or soon after it"):
        run(data, Deadly(tmp_path, 99), Processes(2))
    assert set(folder.iterdir()) <= before
    assert not any(map(exists, used))
    assert executors._at_rest[os.getpid(), 2] == []


def test_a_run_that_is_left(data):
    used = places(data, Where(), Processes(2))

    class Impatient(Processes):
        def run(self, job, blocks):
            findings = super().run(job, blocks)
            yield next(findings)
            findings.close()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(data, Where(), Impatient(2))
    assert not any(map(exists, used))
