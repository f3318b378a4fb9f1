"""Blocks on dask's workers: the numbers of the serial run, whatever happens to workers, client and folders."""

import os
import pickle
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import syncopy as spy
from syncopy.cluster import local_cluster_setup
from syncopy.engine import distributed as engine
from syncopy.engine.execute import execute
from syncopy.engine.executors import PROCESS_BYTES, Serial
from syncopy.engine.method import Pipeline, Stage
from syncopy.storage.scratch import current_session

dask = pytest.importorskip("distributed")


@dataclass(frozen=True)
class Haunted(Stage):
    """Adds 1; trials of the value `bad` do harm, at most `times`, counted by files in a folder."""

    folder: Path
    harm: str = "kill"
    bad: tuple = ()
    times: int = 1

    def infer(self, *trials):
        return trials[0]

    def apply(self, trial, *blocks):
        value = int(blocks[0].flat[0])
        if value in self.bad:
            count = len(list(self.folder.glob(f"{value}-*")))
            if count < self.times:
                (self.folder / f"{value}-{count}").touch()
                if self.harm == "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                if self.harm == "raise":
                    raise spy.SPYValueError("something else", "trial", value)
        if self.harm == "wait":
            time.sleep(0.1)
        return blocks[0] + 1


@pytest.fixture(scope="module")
def cluster():
    with local_cluster_setup(2, cores_per_job=1, start_client=False) as cluster:
        yield cluster


@pytest.fixture
def client(cluster):
    with dask.Client(cluster.scheduler_address) as client:
        yield client


@pytest.fixture
def data():
    # lengths alternate, so that every trial is a block of its own
    trials = [np.full((30 + number % 2, 2), number, "f4") for number in range(40)]
    return spy.AnalogData(trials, samplerate=100)


@pytest.fixture
def noise():
    generator = np.random.default_rng(1)
    trials = [generator.standard_normal((200 + 50 * (number > 3), 4)).astype("f4") for number in range(8)]
    return spy.AnalogData(trials, samplerate=200)


@pytest.fixture
def nothing_left(data):
    """Whatever a test does, scratch space and input are afterwards as they were."""
    folder, before = current_session().folder, data.data[()]
    names = set(folder.iterdir())
    yield
    assert set(folder.iterdir()) <= names
    np.testing.assert_array_equal(data.data[()], before)


def run(stage, data, executor):
    return execute(Pipeline((stage,), spy.AnalogData), [data.view()], executor, "haunt()")


def haunt(data, executor, *args, **kwargs):
    return run(Haunted(*args, **kwargs), data, executor)


def numbers(result):
    return result.data[()]


CALLS = {
    "kept": lambda data, **how: spy.freqanalysis(data, tapsmofrq=4, output="fourier", keeptapers=True, **how),
    "averaged": lambda data, **how: spy.freqanalysis(data, foi=[10, 20, 30], keeptrials=False, **how),
    "coherence": lambda data, **how: spy.connectivityanalysis(
        data, method="coh", select={"trials": range(4)}, tapsmofrq=4, **how
    ),
    "filtered": lambda data, **how: spy.preprocessing(data, freq=20, **how),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_same_numbers(client, noise, name):
    with spy.options(memory="300kB", workers=2):
        spread, serial = CALLS[name](noise), CALLS[name](noise, parallel=False)
    np.testing.assert_array_equal(numbers(serial), numbers(spread))
    assert "used_parallel = True" in spread._log
    assert "used_parallel = False" in serial._log


def test_tasks_carry_the_name_of_the_verb_and_are_released(client, noise):
    spy.freqanalysis(noise)
    assert "freqanalysis" in client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.task_prefixes))
    assert not client.futures


def test_kept_results_do_not_pass_through_the_scheduler(client):
    sizes = []

    class Weighed(engine.Dask):
        def run(self, job, blocks):
            for finding in super().run(job, blocks):
                sizes.append(len(pickle.dumps(finding)))
                yield finding

    big = spy.AnalogData([np.zeros((5000, 20), "f4") for _ in range(6)], samplerate=1000)
    outcome = execute(Pipeline((Haunted(Path()),), spy.AnalogData), [big.view()], Weighed(client), "haunt()")
    assert outcome.store.dataset("data").nbytes == 2_400_000
    assert sum(sizes) < 2000


def test_workers_are_killed(client, data, tmp_path):
    # each dies in the middle of a block, with findings of earlier ones in its memory
    outcome = haunt(data, engine.Dask(client), tmp_path, bad=(3, 12))
    assert len(list(tmp_path.iterdir())) == 2
    serial = haunt(data, Serial(), tmp_path, bad=(3, 12))
    np.testing.assert_array_equal(outcome.store.dataset("data")[()], serial.store.dataset("data")[()])
    assert outcome.notes == serial.notes


@pytest.mark.usefixtures("nothing_left")
def test_a_block_that_kills_every_worker(client, data, tmp_path):
    client.run_on_scheduler(lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 0))  # 3 take long
    with pytest.raises(spy.SPYParallelError, match="workers died of it, most likely for lack of memory"):
        haunt(data, engine.Dask(client), tmp_path, bad=(20,), times=99)
    client.run_on_scheduler(lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 3))


@pytest.mark.usefixtures("nothing_left")
def test_an_error_in_a_block(client, data, tmp_path):
    with pytest.raises(spy.SPYValueError, match="`trial`: expected something else; got 20") as caught:
        haunt(data, engine.Dask(client), tmp_path, "raise", (20,))
    assert caught.value.__notes__ == ["while computing trial 20 of haunt()"]


@pytest.mark.usefixtures("nothing_left")
def test_the_client_is_closed(client, data, tmp_path):
    def close():
        while not (tmp_path / "5-0").exists():
            time.sleep(0.01)
        client.close()

    thread = threading.Thread(target=close)
    thread.start()
    with pytest.raises(spy.SPYParallelError, match="the dask client was closed, or lost its scheduler"):
        haunt(data, engine.Dask(client), tmp_path, "wait", (5,))
    thread.join()


@pytest.mark.usefixtures("nothing_left")
def test_a_worker_that_does_not_see_the_files(client, data, monkeypatch):
    one, process = next(iter(client.run(os.getpid).items()))

    def unseen(paths):
        return paths[-1:] if os.getpid() == process else []

    monkeypatch.setattr(engine, "_unseen", unseen)
    with pytest.raises(spy.SPYParallelError, match=rf"workers {one} cannot see .*spectral; put SPYTMPDIR") as caught:
        spy.freqanalysis(data)
    assert str(caught.value).startswith("freqanalysis(method='mtmfft'): ")


def test_files_that_are_not_there(tmp_path):
    (tmp_path / "here").touch()
    assert engine._unseen([str(tmp_path / "here"), str(tmp_path / "there")]) == [str(tmp_path / "there")]


@dataclass(frozen=True)
class Company(Stage):
    """Writes which thread it ran in; works on only when another one came along."""

    folder: Path

    def infer(self, *trials):
        return trials[0].change(dtype=np.dtype("i8"))

    def apply(self, trial, *blocks):
        (self.folder / str(threading.get_ident())).touch()
        for _ in range(3000):
            if len(list(self.folder.iterdir())) > 1:
                break
            time.sleep(0.01)
        return np.full(blocks[0].shape, threading.get_ident())


def test_a_worker_joins_in_the_middle(data, tmp_path):
    with local_cluster_setup(1, start_client=False, processes=False) as cluster, dask.Client(cluster) as client:

        def scale():
            while not list(tmp_path.iterdir()):
                time.sleep(0.01)
            cluster.scale(2)

        thread = threading.Thread(target=scale)
        thread.start()
        outcome = run(Company(tmp_path), data, engine.Dask(client))
        thread.join()
        assert len(np.unique(outcome.store.dataset("data")[()])) == 2


def test_blocks_fit_the_smallest_worker():
    with (
        local_cluster_setup(1, "300MB", 4, start_client=False, processes=False) as cluster,
        dask.Client(cluster) as client,
    ):
        executor = engine.Dask(client)
        share = (300 * 10**6 - PROCESS_BYTES) // 4
        assert executor.limit(10**7, 2) == 10**7
        assert executor.limit(10**12, 2) == share
        recording = spy.AnalogData([np.zeros((50_000, 100), "f4")], samplerate=1000)
        with spy.options(memory="100GB"):
            alone = spy.preprocessing(recording, freq=20, parallel=False, dry_run=True)
            plan = spy.preprocessing(recording, freq=20, dry_run=True)
        assert plan.memory < share < alone.memory


@pytest.mark.usefixtures("nothing_left")
def test_no_workers(data, monkeypatch):
    monkeypatch.setattr(engine, "_PATIENCE", 0.2)
    with (
        dask.LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as cluster,
        dask.Client(cluster),
        pytest.raises(spy.SPYParallelError, match="no worker for 0 s"),
    ):
        spy.freqanalysis(data)
