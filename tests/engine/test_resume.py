"""Interrupted calls go on where they ended, and give the bits of the call that nobody interrupted."""

import contextlib
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import syncopy as spy
from syncopy.api.parameters import load_methods
from syncopy.api.preparation import build_method, sources_of
from syncopy.engine import fingerprint, journal, plan, task
from syncopy.engine.execute import execute_together
from syncopy.engine.executors import Serial
from syncopy.engine.method import Method, Pipeline, Stage
from syncopy.errors import SPYWarning
from syncopy.methods.freq import mtmfft
from syncopy.methods.preproc.steps import SignalStep
from syncopy.storage import unfinished
from syncopy.storage.scratch import current_session, process_start, scratch_root
from syncopy.testing.laws import assert_same, sample, single_trial_blocks

TRIALS = 8
BLOCKS = TRIALS  # of a pass: every trial is one


def freqanalysis(**settings):
    return lambda data, **how: spy.freqanalysis(data, **settings, **how)


CALLS = {
    "kept": freqanalysis(tapsmofrq=4, output="fourier", keeptapers=True),
    "averaged": freqanalysis(tapsmofrq=4, keeptrials=False),
    "jackknife": lambda data, **how: spy.connectivityanalysis(data, method="coh", jackknife=True, tapsmofrq=4, **how),
    "timelock": lambda data, **how: spy.timelockanalysis(data, covariance=True, **how),
    "median": lambda data, **how: spy.median(data, dim="trials", **how),
    "filtered": lambda data, **how: spy.preprocessing(data, freq=20, **how),
}
# what a test runs that needs a process of its own: a call that writes a line for every block, and takes its time: where
# it computes, or, if others do, where it takes in what they found
PROGRAM = """
import os, sys, time
sys.path.insert(0, {root!r})
import syncopy as spy
from syncopy.engine import fingerprint, journal, task
from syncopy.methods.preproc.steps import SignalStep
from syncopy.testing.laws import single_trial_blocks
from tests.engine.test_resume import CALLS
journal._PAUSE = journal._SHARE = 0
fingerprint._versions = list  # sources may be worked on while tests run
SignalStep.releases_gil = not {processes}
place, name = (journal.Progress, "take") if {processes} else (task, "_run")
usual = getattr(place, name)
def slow(*args):
    time.sleep({pause})
    found = usual(*args)
    with open({log!r}, "a") as log:
        print("a block", file=log)
    return found
setattr(place, name, slow)
if {dask}:
    from distributed import Client, LocalCluster
    cluster = LocalCluster(1, threads_per_worker=1, processes=False, dashboard_address=":0")
    client = Client(cluster)
data = spy.load({path!r})
with single_trial_blocks(), spy.options(workers=2):
    CALLS[{name!r}](data, {how})
"""


@pytest.fixture(autouse=True)
def fast(tmp_path, monkeypatch):
    """A scratch folder of the test's own, and a record after every block."""
    monkeypatch.setattr(journal, "_PAUSE", 0)
    monkeypatch.setattr(journal, "_SHARE", 0)
    monkeypatch.setattr(fingerprint, "_versions", list)
    with spy.options(scratch=tmp_path / "scratch", workers=2), single_trial_blocks():
        yield


@pytest.fixture
def recording(tmp_path):
    """File of a recording."""
    rng = np.random.default_rng(2)
    data = spy.AnalogData(rng.standard_normal((TRIALS * 200, 3)).astype("f4"), samplerate=200)
    starts = np.arange(TRIALS) * 200
    data.trialdefinition = np.column_stack([starts, starts + 200, np.full(TRIALS, -100), np.arange(TRIALS)])
    data.save(filename=tmp_path / "recording")
    return next(tmp_path.glob("recording*.analog"))


@pytest.fixture
def data(recording):
    return spy.load(recording, mode="r")


@pytest.fixture
def computed(monkeypatch):
    """Numbers of the blocks that are computed; `computed.stop(n)` has the next call interrupted after n of them."""

    class Computed(list):
        limit, error = None, KeyboardInterrupt

        def stop(self, after, error=KeyboardInterrupt):
            self.clear()
            self.limit, self.error = after, error

        def go(self):
            self.clear()
            self.limit = None

    blocks, usual = Computed(), task._run

    def run(job, block):
        if blocks.limit is not None and len(blocks) >= blocks.limit:
            raise blocks.error("interrupted")
        found = usual(job, block)
        blocks.append(block.number)
        return found

    monkeypatch.setattr(task, "_run", run)
    return blocks


def left():
    """Folders of unfinished work."""
    root = unfinished.unfinished_root()
    return [path.name for path in root.iterdir()] if root.exists() else []


def interrupted(call, data, computed, after, error=KeyboardInterrupt, **how):
    computed.stop(after, error)
    with pytest.raises(error) as caught:
        call(data, resume=True, **how)
    computed.go()
    return caught.value


# -- in one process ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("after", [1, 5])
def test_the_first_unfinished_block(data, computed, name, after):
    whole, total = CALLS[name](data), CALLS[name](data, dry_run=True).blocks
    after = min(after, total - 1)
    error = interrupted(CALLS[name], data, computed, after)
    assert f"{after} of {total} blocks are finished and kept: the same call goes on from there" in error.__notes__
    assert len(left()) == 1
    passes = 2 if name == "jackknife" else 1
    assert_same(CALLS[name](data, resume=True), whole, exactly=True)
    assert len(computed) == passes * total - after
    assert left() == []


def test_a_second_pass(data, computed):
    whole = CALLS["jackknife"](data)
    interrupted(CALLS["jackknife"], data, computed, BLOCKS + 3)
    assert_same(CALLS["jackknife"](data, resume=True), whole, exactly=True)
    assert len(computed) == BLOCKS - 3


def test_again_and_again(data, computed):
    whole = CALLS["averaged"](data)
    for _ in range(3):
        interrupted(CALLS["averaged"], data, computed, 2)
    assert_same(CALLS["averaged"](data, resume=True), whole, exactly=True)
    assert computed == [6, 7]


@pytest.mark.parametrize("output", ["pow", "fourier"])
@pytest.mark.parametrize("keeptrials", [True, False])
def test_tiles(data, computed, output, keeptrials):
    settings = {"output": output, "keeptrials": keeptrials, "foi": np.arange(5, 90), "pad": 60}
    call = freqanalysis(**settings)
    with spy.options(memory="1MB"):
        plan = call(data, dry_run=True)
        assert plan.passes > 2
        whole = call(data)
        after = plan.blocks // 2 + 1
        interrupted(call, data, computed, after)
        assert_same(call(data, resume=True), whole, exactly=True)
    assert len(computed) == plan.blocks - after


def test_several_methods(data, computed):
    def call(data, **how):
        return spy.connectivityanalysis(data, method=["coh", "ppc"], tapsmofrq=4, **how)

    whole = call(data)
    interrupted(call, data, computed, 5)
    for name, result in call(data, resume=True).items():
        assert_same(result, whole[name], exactly=True)
    assert len(computed) == 3


def test_other_orders_of_axes(data, computed):
    def call(data, **how):
        return spy.preprocessing(turned, freq=20, **how)

    turned = spy.AnalogData(data.data[()].T, samplerate=200, dimord=["channel", "time"])
    turned.trialdefinition = data.trialdefinition
    whole = call(data)
    interrupted(call, data, computed, 5)
    assert_same(call(data, resume=True), whole, exactly=True)
    assert computed == [5, 6, 7]


def test_threads(data, computed):
    whole = CALLS["kept"](data)
    interrupted(CALLS["kept"], data, computed, 5, parallel=True)
    assert_same(CALLS["kept"](data, resume=True, parallel=True), whole, exactly=True)
    assert 3 <= len(computed) <= 3 + 2


def test_data_in_scratch_space(data, computed):
    def copy():
        copied = spy.AnalogData(data.data[()], samplerate=200)
        copied.trialdefinition = data.trialdefinition
        return copied

    copied = copy()
    whole = CALLS["averaged"](copied)
    interrupted(CALLS["averaged"], copied, computed, 5)
    assert_same(CALLS["averaged"](copy(), resume=True), whole, exactly=True)
    assert computed == [5, 6, 7]
    interrupted(CALLS["averaged"], copied, computed, 5)
    copied.data[700, 1] += 1
    CALLS["averaged"](copied, resume=True)
    assert len(computed) == BLOCKS


def test_a_file_that_is_open_for_writing(recording, computed):
    # HDF5 writes to it, and changes its time, when it is closed
    data = spy.load(recording)
    whole = CALLS["averaged"](data)
    for change in (False, True):
        interrupted(CALLS["averaged"], data, computed, 5)
        before = os.stat(recording).st_mtime_ns
        del data
        gc.collect()
        assert os.stat(recording).st_mtime_ns != before
        data = spy.load(recording)
        if change:
            data.data[700, 1] += 1
            with pytest.warns(SPYWarning, match="recording.analog has been changed"):
                CALLS["averaged"](data, resume=True)
            assert len(computed) == BLOCKS
        else:
            assert_same(CALLS["averaged"](data, resume=True), whole, exactly=True)
            assert computed == [5, 6, 7]


def test_opening_a_file_does_not_change_its_time(recording):
    before = os.stat(recording).st_mtime_ns
    data = spy.load(recording)
    assert data.mode == "r+"
    assert os.stat(recording).st_mtime_ns == before


def test_spikes(computed):
    rng = np.random.default_rng(4)
    rows = np.column_stack([np.sort(rng.integers(0, 1600, 400)), rng.integers(0, 3, 400), rng.integers(0, 2, 400)])
    spikes = spy.SpikeData(rows, samplerate=200)
    starts = np.arange(TRIALS) * 200
    spikes.trialdefinition = np.column_stack([starts, starts + 200, np.full(TRIALS, -100)])
    whole = spy.spike_psth(spikes)
    interrupted(spy.spike_psth, spikes, computed, 5)
    assert_same(spy.spike_psth(spikes, resume=True), whole, exactly=True)
    assert computed == [5, 6, 7]


def test_only_with_resume_something_is_left(data, computed):
    computed.stop(5)
    with pytest.raises(KeyboardInterrupt) as caught:
        CALLS["kept"](data)
    assert not hasattr(caught.value, "__notes__")
    assert left() == []
    assert not list(current_session().folder.glob("*.spectral"))


def test_without_resume_a_call_starts_afresh(data, computed):
    interrupted(CALLS["kept"], data, computed, 5)
    CALLS["kept"](data)
    assert len(computed) == BLOCKS
    assert left() == []


@pytest.mark.parametrize("error", [ValueError, OSError, MemoryError, spy.SPYParallelError])
def test_any_failure_leaves_what_is_finished(data, computed, error):
    whole = CALLS["averaged"](data)
    raised = interrupted(CALLS["averaged"], data, computed, 5, error)
    assert any("5 of 8 blocks are finished and kept" in note for note in raised.__notes__)
    assert_same(CALLS["averaged"](data, resume=True), whole, exactly=True)
    assert computed == [5, 6, 7]


@pytest.mark.parametrize("stage", [mtmfft.TaperedSpectra.apply, lambda self, trial, *blocks: blocks[0]])
def test_what_cannot_be_identified_is_not_gone_on_with(data, stage):
    @dataclass(frozen=True)
    class Own(Stage):
        function: object

        def infer(self, *trials):
            return trials[0]

        def apply(self, trial, *blocks):
            return blocks[0]

    view = data.view()
    log = journal.Journal("own()", [Pipeline((Own(stage),), spy.AnalogData)], [view], True)
    named = "<" not in stage.__qualname__
    with contextlib.nullcontext() if named else pytest.warns(SPYWarning, match="no way to identify a function"):
        execute_together([Pipeline((Own(stage),), spy.AnalogData)], [view], Serial(), "own()", None, log)
    assert left() == []


load_methods()
EVERY = [
    pytest.param(method, example, id=f"{verb}-{name}-{number}")
    for verb, methods in sorted(Method.registry.items())
    for name, method in methods.items()
    for number, example in enumerate(method.examples)
]
FOOOF = {"output": "fooof", "foilim": [5, 60], "fooof_opt": {"max_n_peaks": 2}}


@pytest.mark.parametrize(
    ("method", "parameters"),
    [*EVERY, (mtmfft.Mtmfft, FOOOF), (mtmfft.Mtmfft, FOOOF | {"keeptrials": False})],
)
def test_every_method_can_be_gone_on_with(method, parameters):
    prints = []
    for _ in range(2):
        example = sample(method.reads[0], method.complex_only)
        built = build_method(method.verb, method.method_name, parameters)
        views = sources_of(built, example)
        prints.append(fingerprint.fingerprint([built.bind(*views)], views, lambda source: source.name))
    assert prints[0] == prints[1]


def test_nothing_finished_nothing_left(data, computed):
    error = interrupted(CALLS["kept"], data, computed, 0)
    assert "no block was finished" in error.__notes__
    assert left() == []


def test_another_version_is_another_call(data, computed, monkeypatch):
    interrupted(CALLS["kept"], data, computed, 5)
    monkeypatch.setattr(fingerprint, "_versions", lambda: ["later"])
    CALLS["kept"](data, resume=True)
    assert len(computed) == BLOCKS


def test_another_parameter_selection_or_file_is_another_call(data, recording, computed):
    interrupted(CALLS["kept"], data, computed, 5)
    spy.freqanalysis(data, tapsmofrq=5, output="fourier", keeptapers=True, resume=True)
    assert len(computed) == BLOCKS
    computed.go()
    spy.freqanalysis(data, tapsmofrq=4, output="fourier", keeptapers=True, select={"channel": [0, 1]}, resume=True)
    assert len(computed) == BLOCKS
    computed.go()
    with open(recording, "r+b") as file:  # one sample
        file.seek(-4, os.SEEK_END)
        file.write(np.float32(3).tobytes())
    changed = spy.load(recording, mode="r")
    with pytest.warns(SPYWarning, match="recording.analog has been changed"):
        found = CALLS["kept"](changed, resume=True)
    assert len(computed) == BLOCKS
    assert_same(found, CALLS["kept"](changed), exactly=True)


@pytest.mark.parametrize("harm", ["torn", "flipped", "empty", "no array", "cut array"])
def test_what_is_damaged_is_not_used(data, computed, harm):
    whole = CALLS["averaged" if harm == "flipped" else "kept"](data)
    call = CALLS["averaged" if harm == "flipped" else "kept"]
    interrupted(call, data, computed, 5)
    (folder,) = unfinished.unfinished_root().iterdir()
    record, array = folder / "record", folder / "result.0"
    if harm == "torn":
        record.write_bytes(record.read_bytes()[:-50])
    elif harm == "flipped":
        content = bytearray(record.read_bytes())
        content[len(content) // 2] ^= 1
        record.write_bytes(content)
    elif harm == "empty":
        record.write_bytes(b"")
    elif harm == "no array":
        array.unlink()
    else:
        os.truncate(array, array.stat().st_size // 2)
    with pytest.warns(SPYWarning, match="cannot go on with the unfinished work .* starts afresh: "):
        found = call(data, resume=True)
    assert_same(found, whole, exactly=True)
    assert len(computed) == BLOCKS
    assert left() == []


def test_a_draft_of_a_record_is_ignored(data, computed):
    whole = CALLS["averaged"](data)
    interrupted(CALLS["averaged"], data, computed, 5)
    (folder,) = unfinished.unfinished_root().iterdir()
    (folder / ".record.1234.draft").write_bytes(b"half")
    assert_same(CALLS["averaged"](data, resume=True), whole, exactly=True)
    assert computed == [5, 6, 7]


def test_another_memory_limit(data, computed):
    call = freqanalysis(tapsmofrq=4, pad=20)
    with spy.options(memory="50MB"):
        whole = call(data)
        interrupted(call, data, computed, 5)
    with spy.options(memory="60MB", workers=1):
        assert_same(call(data, resume=True), whole, exactly=True)
    assert computed == [5, 6, 7]
    with spy.options(memory="50MB"):
        interrupted(call, data, computed, 5)
    with spy.options(memory="300kB", workers=1), pytest.warns(SPYWarning, match="its blocks do not fit into"):
        call(data, resume=True)
    assert len(computed) > BLOCKS


def test_two_processes_at_once(data, computed):
    whole = CALLS["kept"](data)
    interrupted(CALLS["kept"], data, computed, 5)
    (folder,) = unfinished.unfinished_root().iterdir()
    before = sorted(path.name for path in folder.iterdir())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        stamp = {"host": socket.gethostname(), "pid": other.pid, "started": process_start(other.pid)}
        owner = max(int(path.suffix[1:]) for path in folder.glob("owner.*"))
        (folder / f"owner.{owner + 1}").write_text(json.dumps(stamp))
        with pytest.warns(SPYWarning, match="another process is at work"):
            assert_same(CALLS["kept"](data, resume=True), whole, exactly=True)
        assert len(computed) == BLOCKS
        assert sorted(path.name for path in folder.iterdir()) == sorted([*before, f"owner.{owner + 1}"])
        other.communicate(b"\n")
    computed.go()
    assert_same(CALLS["kept"](data, resume=True), whole, exactly=True)
    assert computed == [5, 6, 7]


def test_of_many_that_claim_a_folder_one_gets_it(tmp_path):
    claims = [unfinished.claim(tmp_path / "work", patient=True) for _ in range(3)]
    assert [claim is not None for claim in claims] == [True, False, False]
    claims[0].release()
    again = unfinished.claim(tmp_path / "work", patient=True)
    assert again is not None
    assert not claims[0].holds
    again.discard()
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize("lives", [True, False])
def test_an_owner_on_another_machine_is_watched(tmp_path, monkeypatch, lives):
    monkeypatch.setattr(unfinished, "_SILENCE", 0.4)
    monkeypatch.setattr(unfinished, "_BEAT", 0.1)
    monkeypatch.setattr("syncopy.storage.unfinished.socket.gethostname", lambda: "elsewhere")
    first = unfinished.claim(tmp_path / "work", patient=True)
    monkeypatch.setattr("syncopy.storage.unfinished.socket.gethostname", lambda: "here")
    if not lives:
        first._ended.set()
        time.sleep(0.2)
    assert unfinished.claim(tmp_path / "work", patient=False) is None
    second = unfinished.claim(tmp_path / "work", patient=True)
    assert (second is None) is lives
    first._ended.set()


def test_a_look_ahead(data, computed, capsys):
    with spy.options(memory="50MB"):
        interrupted(CALLS["averaged"], data, computed, 5)
        before = sorted(path.name for path in unfinished.unfinished_root().iterdir())
        for _ in range(2):
            plan = CALLS["averaged"](data, dry_run=True, resume=True)
            assert (plan.finished, plan.blocks) == (5, BLOCKS)
            assert "8 blocks (5 of them are finished) in 1 passes" in capsys.readouterr().out
        assert CALLS["averaged"](data, dry_run=True).finished == 0
        assert CALLS["kept"](data, dry_run=True, resume=True).finished == 0
        assert "finished" not in capsys.readouterr().out
    assert computed == []
    assert left() == before
    with spy.options(memory="60MB", workers=1):  # the plan is that of the interrupted call
        assert CALLS["averaged"](data, dry_run=True, resume=True).finished == 5
        CALLS["averaged"](data, resume=True)
    assert computed == [5, 6, 7]
    assert left() == []


def test_a_look_ahead_at_what_cannot_be_gone_on_with(data, computed):
    interrupted(CALLS["kept"], data, computed, 5)
    (folder,) = unfinished.unfinished_root().iterdir()
    (folder / "record").write_bytes(b"")
    with pytest.warns(
        SPYWarning, match="cannot go on with the unfinished work .* starts afresh: its record is damaged"
    ):
        plan = CALLS["kept"](data, dry_run=True, resume=True)
    assert (plan.finished, plan.blocks) == (0, BLOCKS)
    assert (folder / "record").exists()


@pytest.mark.parametrize("memory", ["50MB", "10kB"])
def test_a_look_ahead_at_a_call_that_skips(data, computed, monkeypatch, memory):
    """Blocks before the trials that fail are known are not finished: the call computes them again."""

    def call(**how):
        return spy.preprocessing(data, filter_class=None, rectify=True, on_error="skip", resume=True, **how)

    monkeypatch.setattr(SignalStep, "apply", fails_over(data.trials[2][7, 1], SignalStep.apply))
    with spy.options(memory=memory), monkeypatch.context() as patch:  # which ends before that of `fast`
        patch.setattr(plan, "BLOCK_BYTES", 2400 if memory == "50MB" else 10**6)
        blocks = call(dry_run=True).blocks
        assert (blocks == TRIALS) == (memory == "50MB")  # else trials are cut into pieces
        computed.stop(blocks // 2)
        with pytest.raises(KeyboardInterrupt):
            call()
        found = call(dry_run=True)
        assert (found.finished, found.blocks) == (0, blocks)
        computed.stop(blocks - 1)
        with pytest.raises(KeyboardInterrupt):
            call()
        computed.go()
        found = call(dry_run=True)
        assert 0 < found.finished < found.blocks < blocks
        with pytest.warns(SPYWarning, match="skipped 1 trials"):
            call()
    assert computed == list(range(found.finished, found.blocks))


def fails_over(value, usual):
    """`apply` of a stage that raises for blocks that hold a number."""

    def apply(self, trial, *blocks):
        if (blocks[0] == value).any():
            raise ValueError("kernel broke")
        return usual(self, trial, *blocks)

    return apply


def test_skipped_trials_are_remembered(data, computed, monkeypatch):
    usual = mtmfft.TaperedSpectra.apply
    monkeypatch.setattr(mtmfft.TaperedSpectra, "apply", fails_over(data.trials[2][7, 1], usual))
    with pytest.warns(SPYWarning, match="skipped"):
        whole = CALLS["averaged"](data, on_error="skip")
    # the trials are gone through, the bad one twice; then those that are left, of which the third is not finished
    interrupted(CALLS["averaged"], data, computed, TRIALS - 1 + 2, on_error="skip")
    with pytest.warns(SPYWarning, match="skipped"):
        found = CALLS["averaged"](data, on_error="skip", resume=True)
    assert_same(found, whole, exactly=True)
    assert len(computed) == TRIALS - 1 - 2
    assert left() == []


def test_trials_are_not_skipped_unasked(data, computed, monkeypatch):
    usual = mtmfft.TaperedSpectra.apply
    monkeypatch.setattr(mtmfft.TaperedSpectra, "apply", fails_over(data.trials[2][7, 1], usual))
    interrupted(CALLS["averaged"], data, computed, TRIALS - 1 + 2, on_error="skip")
    for _ in range(2):
        with pytest.raises(spy.SPYError, match=r"was to skip trials that fail, and 1 did; trial 2: .*on_error='skip'"):
            CALLS["averaged"](data, resume=True)
    with pytest.warns(SPYWarning, match="skipped"):
        CALLS["averaged"](data, on_error="skip", resume=True)
    assert len(computed) == TRIALS - 1 - 2


def test_short_calls_leave_no_trace_on_the_way(data, monkeypatch):
    monkeypatch.setattr(journal, "_PAUSE", 60)

    def fail(*args):
        raise AssertionError("a short call wrote to the journal")

    monkeypatch.setattr(journal.Journal, "save", fail)
    CALLS["kept"](data)
    CALLS["kept"](data, resume=True)
    assert not unfinished.unfinished_root().exists()


def test_it_is_checked_and_not_recorded(data):
    with pytest.raises(spy.SPYTypeError, match="`resume`: expected True or False; got int"):
        CALLS["kept"](data, resume=1)
    assert "resume" not in CALLS["kept"](data, resume=True).cfg.freqanalysis


def test_cleanup(data, computed, capsys):
    interrupted(CALLS["kept"], data, computed, 5)
    spy.cleanup(older_than=1, interactive=False)
    assert len(left()) == 1
    spy.cleanup(older_than=0, interactive=False)
    assert left() == []
    assert "freqanalysis(method='mtmfft'): 5 of 8 blocks" in capsys.readouterr().out


# -- in processes that die ---------------------------------------------------------------------------------------


def run_until(blocks, tmp_path, recording, name, how="", kill=signal.SIGKILL, **where):
    """Start a call in another process, and end that when so many blocks are finished."""
    log = tmp_path / "blocks"
    values = {"log": str(log), "path": str(recording), "name": name, "how": how, "pause": 0.15}
    values |= {"dask": False, "processes": False, **where}
    program = PROGRAM.format(root=str(Path(__file__).parents[2]), **values)
    env = {**os.environ, "SPYTMPDIR": str(scratch_root()), "PYTHONWARNINGS": "ignore"}
    said = tmp_path / "errors"
    with open(said, "w") as errors:
        process = subprocess.Popen([sys.executable, "-c", program], env=env, stderr=errors, start_new_session=True)
    while process.poll() is None and (not log.exists() or len(log.read_text().splitlines()) < blocks):
        time.sleep(0.01)
    process.send_signal(kill)
    process.wait(60)
    with contextlib.suppress(ProcessLookupError):  # processes of a process that was killed wait for another minute
        os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode != 0, "it ended before it was interrupted"
    return said.read_text()


@pytest.mark.parametrize("name", ["kept", "jackknife"])
def test_a_killed_process(tmp_path, recording, data, computed, name):
    whole = CALLS[name](data)
    computed.go()
    after = 10 if name == "jackknife" else 5
    run_until(after, tmp_path, recording, name)  # without `resume`: the input is a file
    (folder,) = unfinished.unfinished_root().iterdir()
    about = (folder / "about").read_text()
    assert about.startswith(("freqanalysis", "connectivityanalysis")) or not about  # it was killed as it wrote it
    assert_same(CALLS[name](data, resume=True), whole, exactly=True)
    total = 2 * BLOCKS if name == "jackknife" else BLOCKS
    assert total - after - 1 <= len(computed) <= total - after + 1  # the record of the last one may be missing
    assert computed == sorted(computed)
    assert left() == []


def test_a_killed_process_that_has_others(tmp_path, recording, data, computed, monkeypatch):
    whole = CALLS["filtered"](data)
    run_until(5, tmp_path, recording, "filtered", "parallel=True", processes=True)
    assert CALLS["filtered"](data, dry_run=True, resume=True).finished in (4, 5)
    computed.go()
    monkeypatch.setattr(SignalStep, "releases_gil", False)
    assert_same(CALLS["filtered"](data, resume=True, parallel=True), whole, exactly=True)
    assert computed == []  # by this process
    assert left() == []


@pytest.mark.parametrize(("name", "where"), [("kept", {}), ("filtered", {"processes": True}), ("kept", {"dask": True})])
def test_ctrl_c(tmp_path, recording, data, computed, name, where):
    whole = CALLS[name](data)
    computed.go()
    errors = run_until(4, tmp_path, recording, name, "resume=True, parallel=True", signal.SIGINT, **where)
    assert "KeyboardInterrupt" in errors
    assert "blocks are finished and kept: the same call goes on from there" in errors
    assert_same(CALLS[name](data, resume=True), whole, exactly=True)
    assert 1 <= len(computed) <= BLOCKS - 1


def test_ctrl_c_without_resume_leaves_nothing(tmp_path, recording):
    errors = run_until(4, tmp_path, recording, "kept", "", signal.SIGINT)
    assert "KeyboardInterrupt" in errors
    assert "kept" not in errors.partition("KeyboardInterrupt")[2]
    assert left() == []
    assert not list(scratch_root().rglob("*.spectral"))


def test_no_warnings(data, computed):
    interrupted(CALLS["averaged"], data, computed, 5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        CALLS["averaged"](data, resume=True)
