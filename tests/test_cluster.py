"""Workers of one's own: processes of this machine; SLURM's commands are played by small scripts."""

import numpy as np
import pytest

import syncopy as spy
from syncopy import cluster
from syncopy.cluster import local_cluster_setup, slurm_cluster_setup
from syncopy.engine.distributed import running_client

pytest.importorskip("distributed")


def play(folder, monkeypatch, **commands):
    """Put shell scripts of these names first on the search path."""
    for name, script in commands.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    partitions = 'case "$*" in *%P*) printf "8GBXS*\\n16GBXL\\nbig\\n";; *) printf "64000 16\\n32000 4\\n";; esac'
    play(tmp_path, monkeypatch, sinfo=partitions, squeue='echo "7 big PENDING Resources"')
    return tmp_path


def test_processes_of_this_machine(monkeypatch):
    monkeypatch.setenv("PATH", "")  # no SLURM
    client = spy.cluster_setup(n_jobs=1, cores_per_job=2, mem_per_job="1GB")
    try:
        workers = client.scheduler_info()["workers"]
        assert [(worker["nthreads"], worker["memory_limit"]) for worker in workers.values()] == [(2, 10**9)]
        assert running_client() is client
        # a second call finds what is running, by either name
        assert spy.cluster_setup(n_jobs=5) is client
        assert spy.esi_cluster_setup(partition="8GBXS", n_jobs=3, interactive=False) is client
        assert spy.esi_cluster_setup(start_client=False) is client.cluster
        data = spy.AnalogData(np.ones((20, 1)), samplerate=1)
        assert spy.freqanalysis(data).cfg.freqanalysis.parallel is None
    finally:
        spy.cluster_cleanup()
    assert client.status == client.cluster.status.name == "closed"
    assert running_client() is None


def test_threads_of_this_process_and_no_client():
    cluster = local_cluster_setup(1, start_client=False, processes=False)
    assert len(cluster.workers) == 1
    assert running_client() is None
    cluster.close()


def test_cleanup_of_nothing():
    with pytest.warns(spy.SPYWarning, match="no running client"):
        spy.cluster_cleanup()
    with pytest.raises(spy.SPYTypeError, match="`client`: expected a dask client; got str"):
        spy.cluster_cleanup("client")


@pytest.mark.parametrize("setup", [spy.cluster_setup, spy.esi_cluster_setup, slurm_cluster_setup])
@pytest.mark.parametrize(
    ("sinfo", "reason"),
    [
        (
            'echo "slurm_load_partitions: Unable to contact slurm controller" >&2; exit 1',
            "sinfo: slurm_load_partitions: Unable to contact slurm controller",
        ),
        ('echo "sinfo: fatal: Could not establish a configuration source" >&2; exit 1', "sinfo: fatal: Could not"),
        ('echo "sinfo: error: authentication failed" >&2', "sinfo: error: authentication failed"),
        ("exit 3", "sinfo: exit status 3"),
        ("", "sinfo: there are no partitions"),
        ("exec /bin/sleep 30", "sinfo: no answer for 1 s"),
        (None, "sinfo: Exec format error"),
    ],
)
def test_slurm_out_of_order(tmp_path, monkeypatch, setup, sinfo, reason):
    play(tmp_path, monkeypatch, sinfo=sinfo)
    monkeypatch.setenv("PATH", str(tmp_path))  # there may be a real one
    if sinfo is None:
        (tmp_path / "sinfo").write_bytes(b"\x7fELF of another machine")
    monkeypatch.setattr(cluster, "_ANSWER", 1 if "sleep" in str(sinfo) else 60)
    with pytest.raises(spy.SPYParallelError) as caught:
        setup()
    assert f"SLURM is there and out of order: {reason}" in str(caught.value)
    assert "; `syncopy.cluster.local_cluster_setup` starts workers on this machine" in str(caught.value)
    assert running_client() is None


def test_a_partition_without_nodes(tmp_path, monkeypatch):
    play(tmp_path, monkeypatch, sinfo='case "$*" in *%P*) printf "big*\nempty\n";; *) echo "n/a 0";; esac')
    with pytest.raises(spy.SPYParallelError, match="no nodes in partition empty; say `mem_per_job`"):
        spy.cluster_setup("empty")


def test_no_partition_is_the_default_one(tmp_path, monkeypatch):
    play(tmp_path, monkeypatch, sinfo='printf "big\nempty\n"')
    with pytest.raises(spy.SPYValueError, match="`partition`: expected one of SLURM's partitions big, empty; got None"):
        spy.cluster_setup()


# SLURM tells that it would take a job as it tells errors
SBATCH = """case "$1" in
    --test-only) echo "sbatch: Job 5 to start at 2026-11-23T06:35:44 using 1 processors on nodes vm" >&2 ;;
    *) echo "Submitted batch job 7" ;;
esac"""


def test_there_is_no_sbatch(slurm, monkeypatch):
    monkeypatch.setenv("PATH", str(slurm))
    with pytest.raises(spy.SPYParallelError, match=r"SLURM refuses a job of .*: sbatch: No such file or directory"):
        spy.cluster_setup()


@pytest.mark.parametrize("setup", [spy.cluster_setup, slurm_cluster_setup])
@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"n_jobs": 0}, spy.SPYValueError, "`n_jobs`: expected at least 1; got 0"),
        ({"n_jobs": 1.5}, spy.SPYTypeError, "`n_jobs`: expected a whole number; got float"),
        ({"cores_per_job": 0}, spy.SPYValueError, "`cores_per_job`: expected at least 1"),
        ({"timeout": -1}, spy.SPYValueError, "`timeout`: expected at least 1"),
        ({"timeout": "long"}, spy.SPYTypeError, "`timeout`: expected a number of seconds"),
        ({"job_extra": "--account=lab"}, spy.SPYTypeError, "`job_extra`: expected a list"),
        ({"mem_per_job": "much"}, spy.SPYValueError, "MiB, GiB; got much"),
        ({"mem_per_job": "50MB", "mem_cushion": 100}, spy.SPYValueError, "more than the cushion of 100 MB; got 50MB"),
        ({"partition": "8GB"}, spy.SPYValueError, "partitions 16GBXL, 8GBXS, big; got 8GB"),
    ],
)
def test_arguments(slurm, setup, arguments, error, text):
    with pytest.raises(error, match=text):
        setup(**arguments)


@pytest.mark.parametrize(
    ("setup", "arguments", "partition", "memory"),
    [
        (spy.cluster_setup, {}, "8GBXS", "7630M"),
        (spy.cluster_setup, {"partition": "big", "cores_per_job": 2}, "big", "8000M"),  # the smaller share
        (spy.cluster_setup, {"partition": "16GBXL", "mem_per_job": "1GiB"}, "16GBXL", "1024M"),
        (spy.esi_cluster_setup, {"partition": "16GBXL", "mem_per_worker": "2GiB"}, "16GBXL", "2048M"),
    ],
)
def test_a_job_that_slurm_refuses(slurm, monkeypatch, setup, arguments, partition, memory):
    keep = f'cp "$2" {slurm}/script; echo "sbatch: error: Memory specification can not be satisfied" >&2; exit 1'
    play(slurm, monkeypatch, sbatch=keep)
    with pytest.raises(
        spy.SPYParallelError, match=f"{partition}: sbatch: error: Memory specification can not be satisfied"
    ):
        setup(**arguments, job_extra=["--account=lab"])
    script = (slurm / "script").read_text()
    for line in (f"-p {partition}", f"--mem={memory}", "--account=lab"):
        assert f"#SBATCH {line}\n" in script
    assert ("--memory-limit 1.90GiB" in script) == (setup is spy.esi_cluster_setup)  # less 100 MB
    assert running_client() is None


def test_workers_that_do_not_come(slurm, monkeypatch):
    play(slurm, monkeypatch, sbatch=SBATCH, scancel="exit 0")
    with pytest.raises(spy.SPYParallelError, match=r"fewer than 1 workers after 1 s.*\n7 big PENDING Resources"):
        spy.cluster_setup("big", n_jobs=1, timeout=1)
    assert running_client() is None
