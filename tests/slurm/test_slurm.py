"""Analyses on jobs of a real SLURM; run.sh, beside this file, starts one."""

import os
import subprocess

import numpy as np
import pytest

import syncopy as spy
from syncopy.engine.distributed import running_client
from syncopy.storage.scratch import current_session

pytestmark = [
    pytest.mark.slurm,
    pytest.mark.skipif("SLURM_CONF" not in os.environ, reason="no SLURM; see tests/slurm/run.sh"),
]


@pytest.fixture(scope="module")
def client():
    client = spy.esi_cluster_setup(partition="16GBXL", n_jobs=2, interactive=False, interface="lo")
    client.wait_for_workers(2, timeout=60)
    yield client
    spy.cluster_cleanup(client)
    assert running_client() is None
    # jobs end with their cluster
    assert {"RUNNING", "PENDING"}.isdisjoint(jobs("%T"))


@pytest.fixture(scope="module")
def data():
    generator = np.random.default_rng(1)
    trials = [generator.standard_normal((400 + 100 * (number > 5), 8)).astype("f4") for number in range(12)]
    return spy.AnalogData(trials, samplerate=200)


def jobs(column):
    return subprocess.run(["squeue", "-h", "-o", column], capture_output=True, text=True, check=True).stdout.split()


CALLS = {
    "kept": lambda data, **how: spy.freqanalysis(data, tapsmofrq=4, output="fourier", keeptapers=True, **how),
    "averaged": lambda data, **how: spy.freqanalysis(data, foi=[10, 20, 30], keeptrials=False, **how),
    "coherence": lambda data, **how: spy.connectivityanalysis(
        data, method="coh", select={"trials": range(6)}, tapsmofrq=4, **how
    ),
}


@pytest.mark.parametrize("setup", [spy.cluster_setup, spy.esi_cluster_setup])
def test_what_slurm_refuses(setup):
    # before the other tests: a running client would be found and returned
    with pytest.raises(spy.SPYValueError, match="SLURM's partitions 16GBXL, 8GBXS; got 32GBXL"):
        setup("32GBXL", interactive=False)
    refused = r"SLURM refuses a job of {} in partition 8GBXS: sbatch: .*Requested node configuration is not available"
    with pytest.raises(spy.SPYParallelError, match=refused.format("1 cores and 900.0 GB")):
        setup("8GBXS", mem_per_job="900GB", interactive=False, interface="lo")
    with pytest.raises(spy.SPYParallelError, match=refused.format("5000 cores and 8.0 GB")):
        setup("8GBXS", cores_per_job=5000, interactive=False, interface="lo")
    assert running_client() is None
    assert jobs("%T") == []


@pytest.mark.parametrize("name", CALLS)
def test_the_same_numbers(client, data, name):
    with spy.options(memory="1MB", workers=2):
        spread, serial = CALLS[name](data), CALLS[name](data, parallel=False)
    assert "used_parallel = True" in spread._log
    np.testing.assert_array_equal(spread.data[()], serial.data[()])


def test_jobs(client):
    assert jobs("%P %T") == ["16GBXL", "RUNNING"] * 2
    assert sorted(jobs("%m")) == ["15259M"] * 2  # 16 GB
    for worker in client.scheduler_info()["workers"].values():
        assert worker["memory_limit"] == pytest.approx(16e9 - 100 * 2**20, rel=1e-3)
    assert list((current_session().folder / "slurm").iterdir())  # what the jobs print
