"""What happens when something goes wrong: clear errors, nothing left behind, nothing half done."""

import os
import resource
import subprocess
import sys
import threading
from dataclasses import dataclass

import numpy as np
import pytest

import syncopy as spy
from syncopy.engine.execute import execute
from syncopy.engine.executors import Serial, Threads
from syncopy.engine.method import Pipeline, Stage
from syncopy.storage.scratch import current_session


@dataclass(frozen=True)
class Fails(Stage):
    """Raises in one trial, told by its value."""

    error: type = ValueError

    def infer(self, *trials):
        return trials[0]

    def apply(self, trial, *blocks):
        if (blocks[0] == 7).any():
            raise self.error("kernel broke")
        return blocks[0]


@dataclass(frozen=True)
class Lies(Stage):
    """Makes another shape than it announced."""

    def infer(self, *trials):
        return trials[0]

    def apply(self, trial, *blocks):
        return blocks[0][:, :-1]


@pytest.fixture
def data():
    # lengths alternate, so that every trial is a block of its own
    trials = [np.full((30 + number % 2, 2), number % 37 if number != 37 else 7, "f4") for number in range(50)]
    trials[7][:] = 1
    trials[44][:] = 1
    return spy.AnalogData(trials, samplerate=100)


@pytest.mark.parametrize("executor", [Serial(), Threads(3)])
@pytest.mark.parametrize("error", [ValueError, MemoryError, KeyboardInterrupt])
def test_an_error_in_one_trial(data, executor, error):
    folder = current_session().folder
    before, threads = set(folder.iterdir()), threading.active_count()
    with pytest.raises(error, match="kernel broke") as caught:
        execute(Pipeline((Fails(error),), spy.AnalogData), [data.view()], executor, "test()")
    if error is not KeyboardInterrupt:
        assert any("trial 37 of test()" in note for note in caught.value.__notes__)
    del caught
    assert set(folder.iterdir()) <= before
    assert threading.active_count() == threads
    assert len(data.trials) == 50


def test_a_stage_that_lies_about_its_shape(data):
    with pytest.raises(spy.SPYError, match="made trials of shape"):
        execute(Pipeline((Lies(),), spy.AnalogData), [data.view()], Serial(), "test()")


def test_a_source_that_is_cut_short(tmp_path):
    path = tmp_path / "cut.analog"
    data = spy.AnalogData(np.ones((1000, 50), "f4"), samplerate=100, filename=path)
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(spy.SPYIOError, match="the file ends before"):
        spy.freqanalysis(data)


OPEN_FILES = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
import numpy as np
import syncopy as spy
data = spy.AnalogData([np.random.default_rng(k).standard_normal((100 + k % 2, 2)) for k in range(400)], samplerate=100)
results = [spy.freqanalysis(data, tapsmofrq=4, keeptrials=True, parallel=parallel) for parallel in (True, False)]
assert len(results[0].trials) == 400
assert np.array_equal(results[0].data[()], results[1].data[()])
print(np.isfinite(results[0].data[()]).all())
"""

DISK_FULL = """
import resource, pathlib, sys
import numpy as np
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
import syncopy as spy
data = spy.AnalogData([np.ones((1000, 8), "f4") for _ in range(40)], samplerate=100)
resource.setrlimit(resource.RLIMIT_FSIZE, (900_000, 900_000))
folder = pathlib.Path(data.filename).parent
before = sorted(folder.iterdir())
try:
    spy.preprocessing(data, freq=20)
except spy.SPYIOError as error:
    print("SPYIOError", sorted(folder.iterdir()) == before)
"""


@pytest.mark.parametrize(("program", "output"), [(OPEN_FILES, "True"), (DISK_FULL, "SPYIOError True")])
def test_limits_of_the_system(tmp_path, program, output):
    env = {**os.environ, "SPYTMPDIR": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=120)
    assert run.stdout.strip() == output, run.stderr


def test_progress_is_shown_on_request_only(data, capsys, monkeypatch):
    monkeypatch.setattr("syncopy.engine.execute._PROGRESS_DELAY", 0)
    with spy.options(progress=True):
        spy.freqanalysis(data)
    assert "freqanalysis(method='mtmfft')" in capsys.readouterr().err
    spy.freqanalysis(data)  # no terminal here
    with spy.options(progress=False):
        spy.freqanalysis(data)
    shown = capsys.readouterr()
    assert shown.err == shown.out == ""


def test_no_open_files_are_left(data):
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else None
    for parallel in (True, False):
        spy.freqanalysis(data, parallel=parallel)
    if before is not None:
        assert len(os.listdir("/proc/self/fd")) <= before
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 0
