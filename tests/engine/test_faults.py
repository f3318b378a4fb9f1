"""What happens when something goes wrong: clear errors, nothing left behind, nothing half done."""

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import syncopy as spy
from syncopy.engine.execute import execute
from syncopy.engine.executors import Processes, Serial, Threads
from syncopy.engine.method import Pipeline, Stage
from syncopy.methods.freq.mtmfft import TaperedSpectra
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
class Passes(Stage):
    """Changes nothing, and removes a folder with trial 20."""

    folder: Path | None = None

    def infer(self, *trials):
        return trials[0]

    def apply(self, trial, *blocks):
        if self.folder and (blocks[0] == 20).any():
            shutil.rmtree(self.folder)
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


@pytest.mark.parametrize(
    ("executor", "error"),
    [
        *((executor, error) for executor in (Serial(), Threads(3)) for error in (ValueError, KeyboardInterrupt)),
        *((executor, MemoryError) for executor in (Serial(), Threads(3), Processes(2))),
        (Processes(2), ValueError),
    ],
)
def test_an_error_in_one_trial(data, executor, error):
    folder = current_session().folder
    before, threads = set(folder.iterdir()), threading.active_count()
    with pytest.raises(error, match="kernel broke") as caught:
        execute(Pipeline((Fails(error),), spy.AnalogData), [data.view()], executor, "test()")
    if error is not KeyboardInterrupt:
        assert any("trial 37 of test()" in note for note in caught.value.__notes__)
        assert 'raise self.error("kernel broke")' in "".join(traceback.format_exception(caught.value))
    del caught
    assert set(folder.iterdir()) <= before
    patience = time.monotonic() + 10
    while threading.active_count() > threads and time.monotonic() < patience:  # what watched processes ends after them
        time.sleep(0.02)
    assert threading.active_count() == threads
    assert len(data.trials) == 50


@pytest.mark.parametrize("parallel", [False, True])
def test_an_error_tells_what_was_computed(monkeypatch, parallel):
    usual = TaperedSpectra.apply

    def apply(self, trial, *blocks):
        return Fails().apply(trial, *blocks) if (blocks[0] == 7).any() else usual(self, trial, *blocks)

    monkeypatch.setattr(TaperedSpectra, "apply", apply)
    # one block, of which the trial is the 18th
    data = spy.AnalogData([np.full((30, 2), 7 if number == 37 else 1, "f4") for number in range(50)], samplerate=100)
    with pytest.raises(ValueError, match="kernel broke") as caught:
        spy.freqanalysis(data, foi=[10, 20], keeptrials=False, select={"trials": range(20, 50)}, parallel=parallel)
    assert caught.value.__notes__ == [
        "while computing trial 37 of freqanalysis(method='mtmfft')",
        "with the parameters foi=[10.0, 20.0], keeptrials=False",
    ]


def test_a_stage_that_lies_about_its_shape(data):
    with pytest.raises(spy.SPYError, match="made trials of shape"):
        execute(Pipeline((Lies(),), spy.AnalogData), [data.view()], Serial(), "test()")


def test_a_source_that_is_cut_short(tmp_path):
    path = tmp_path / "cut.analog"
    data = spy.AnalogData(np.ones((1000, 50), "f4"), samplerate=100, filename=path)
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(spy.SPYIOError, match="the file ends before"):
        spy.freqanalysis(data)


def start(program, scratch, *arguments, **env):
    """Run a program, a file or a text, in a session of its own."""
    called = [program] if isinstance(program, Path) else ["-c", textwrap.dedent(program)]
    command = [sys.executable, *map(str, [*called, *arguments])]
    env = {**os.environ, "SPYTMPDIR": str(scratch), **env}
    return subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def output_of(process):
    try:
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 0, err
    assert err == "" or "distributed.worker" in err  # dask tells at length
    return out.strip()


OPEN_FILES = """
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    import numpy as np
    import syncopy as spy
    # lengths alternate, so that every trial is a block of its own
    trials = [np.random.default_rng(k).standard_normal((20 + k % 2, 2)) for k in range(2000)]
    data = spy.AnalogData(trials, samplerate=100)
    results = [spy.freqanalysis(data, keeptrials=True, parallel=parallel) for parallel in (True, False)]
    shown = [results[0].show(trials=k) for k in range(0, 2000, 5)]
    assert np.array_equal(results[0].data[()], results[1].data[()])
    print(len(results[0].trials), np.isfinite(results[0].data[()]).all())
    """

FILE_TOO_LARGE = """
    import pathlib, resource, signal
    import numpy as np
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    import syncopy as spy
    data = spy.AnalogData([np.ones((1000, 8), "f4") for _ in range(40)], samplerate=100)
    resource.setrlimit(resource.RLIMIT_FSIZE, (900_000, 900_000))
    folder = pathlib.Path(data.filename).parent
    before = sorted(folder.iterdir())
    for parallel in (False, True):
        try:
            spy.preprocessing(data, freq=20, parallel=parallel)
        except spy.SPYIOError as error:
            print("SPYIOError", sorted(folder.iterdir()) == before)
    """


@pytest.mark.parametrize(
    ("program", "output"), [(OPEN_FILES, "2000 True"), (FILE_TOO_LARGE, "SPYIOError True\nSPYIOError True")]
)
def test_limits_of_the_system(tmp_path, program, output):
    assert output_of(start(program, tmp_path)) == output


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if not sys.platform.startswith("linux") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user cannot mount a file system")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("executor", [Serial(), Threads(2), Processes(2)])
def test_a_full_disk(small_disk, executor):
    data = spy.AnalogData([np.full((1000 + number % 2, 2), number, "f4") for number in range(20)], samplerate=100)
    with spy.options(scratch=small_disk):
        folder = current_session().folder
        (small_disk / "rest").write_bytes(bytes(950_000))
        before = set(folder.iterdir())
        with pytest.raises(spy.SPYIOError, match="No space left on device"):
            execute(Pipeline((Passes(),), spy.AnalogData), [data.view()], executor, "test()")
        assert set(folder.iterdir()) == before
    assert data.trials[3][0, 0] == 3


@pytest.mark.parametrize("executor", [Serial(), Threads(2), Processes(2)])
def test_the_scratch_folder_goes_in_the_middle(tmp_path, data, executor):
    with spy.options(scratch=tmp_path / "scratch"):
        folder = current_session().folder
        with pytest.raises(spy.SPYIOError, match="the file is gone, or the folder it was in"):
            execute(Pipeline((Passes(folder),), spy.AnalogData), [data.view()], executor, "test()")
        assert not folder.exists()
        # the next call makes itself a new one
        assert len(spy.freqanalysis(data).trials) == 50
        assert folder != current_session().folder


def test_no_scratch_folder(tmp_path, data):
    (tmp_path / "file").touch()
    with spy.options(scratch=tmp_path / "file" / "scratch"), pytest.raises(spy.SPYIOError, match="no scratch space"):
        spy.freqanalysis(data)


INTERRUPTED = """
    import sys, time
    from dataclasses import dataclass
    from pathlib import Path
    import numpy as np
    import syncopy as spy
    from syncopy.engine.distributed import Dask
    from syncopy.engine.execute import execute
    from syncopy.engine.executors import Processes, Serial, Threads
    from syncopy.engine.method import Pipeline, Stage

    @dataclass(frozen=True)
    class Slow(Stage):
        folder: Path

        def infer(self, *trials):
            return trials[0]

        def apply(self, trial, block):
            (self.folder / f"{block[0, 0, 0]:.0f}").touch()
            time.sleep(0.2)
            return block

    def start_dask():
        from syncopy.cluster import local_cluster_setup
        return Dask(local_cluster_setup(2))

    if __name__ == "__main__":
        how = {"serial": Serial, "threads": lambda: Threads(2), "processes": lambda: Processes(2), "dask": start_dask}
        trials = [np.full((30 + k % 2, 2), k, "f4") for k in range(200)]
        data = spy.AnalogData(trials, samplerate=100)
        executor, folder = how[sys.argv[1]](), Path(data.filename).parent
        before = set(folder.iterdir())
        try:
            execute(Pipeline((Slow(Path(sys.argv[2])),), spy.AnalogData), [data.view()], executor, "test()")
        except KeyboardInterrupt:
            same = all((trial == number).all() for number, trial in enumerate(data.trials))
            print("interrupted", set(folder.iterdir()) <= before, same)
    """


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    """What programs did that a user stopped by Ctrl-C, which a terminal sends to all processes of a program."""
    folders = {how: tmp_path_factory.mktemp(how) for how in ("serial", "threads", "processes", "dask")}
    running = {}
    for how, folder in folders.items():
        (folder / "done").mkdir()
        (folder / "program.py").write_text(textwrap.dedent(INTERRUPTED))
        running[how] = start(folder / "program.py", folder / "scratch", how, folder / "done")
    try:
        for how, process in running.items():
            while process.poll() is None and len(list((folders[how] / "done").iterdir())) < 3:
                time.sleep(0.01)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
        yield {how: (process, folders[how]) for how, process in running.items()}
    finally:
        for process in running.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("how", ["serial", "threads", "processes", "dask"])
def test_interrupt(interrupted, how):
    process, folder = interrupted[how]
    assert output_of(process) == "interrupted True True"
    assert len(list((folder / "done").iterdir())) < 100
    assert not list((folder / "scratch").glob("spy_*"))
    for _ in range(500):  # helpers notice in their own time that they are not needed any more
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.02)
    else:
        pytest.fail("processes are left")


ANALYSIS = """
    import hashlib, os, sys
    import syncopy as spy

    data = spy.load(sys.argv[1], checksum=True)
    for number in range(5):
        spec = spy.freqanalysis(data, tapsmofrq=2, keeptrials=number % 2 == 0, parallel=number < 3)
        print(hashlib.sha256(spec.data[()].tobytes()).hexdigest())
        filtered = spy.preprocessing(data, freq=20)
        print(hashlib.sha256(filtered.data[()].tobytes()).hexdigest())
    spec.save(f"{sys.argv[1]}_{os.getpid()}")
    """


def test_programs_that_analyse_the_same_file(tmp_path):
    generator = np.random.default_rng(1)
    data = spy.AnalogData([generator.standard_normal((200, 4)) for _ in range(10)], samplerate=100)
    data.save(tmp_path / "a")
    before = Path(data.filename).read_bytes()
    # the object itself stays open here, writable; one program runs as on a file system without locks
    programs = [
        start(ANALYSIS, tmp_path, tmp_path / "a", HDF5_USE_FILE_LOCKING=locking) for locking in ("TRUE", "FALSE")
    ]
    first, second = map(output_of, programs)
    assert first == second
    assert len(first.split()) == 10
    if Path(data.filename).read_bytes() != before:
        pytest.fail("the file was changed")
    assert len(list(tmp_path.glob("a_*.spy"))) == 2


WRITER = """
    import sys
    import numpy as np
    import syncopy as spy

    for value in range(2, 20):
        data = spy.AnalogData([np.full((100 + 10 * value, 10), value, "f4")] * 3, samplerate=100)
        data.info["value"] = value
        data.save(sys.argv[1], overwrite=True)
    """


def test_reading_what_another_program_writes(tmp_path):
    path = tmp_path / "a"
    data = spy.AnalogData([np.full((110, 10), 1, "f4")] * 3, samplerate=100)
    data.info["value"] = 1
    data.save(path)
    old = spy.load(path)
    writer, seen = start(WRITER, tmp_path, path), set()
    while writer.poll() is None or not seen:
        try:
            now = spy.load(path)
            value = now.info["value"]
            assert {trial.shape for trial in now.trials} == {(100 + 10 * value, 10)}
            for numbers in (now.data, now.trials[1], spy.selectdata(now, trials=[0, 2]).data):
                assert (numbers[()] == value).all()
            seen.add(value)
        except spy.SPYIOError:  # replaced between two steps
            continue
    output_of(writer)
    with pytest.raises(spy.SPYIOError, match="was replaced since the object was loaded; load it again"):
        spy.selectdata(old, trials=[0, 2])
    assert (old.data[()] == 1).all()


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
