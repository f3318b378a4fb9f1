"""Workers of one's own: a SLURM cluster where there is one, the cores of this machine elsewhere.

Analyses find a running dask client by themselves; these functions start one, and stop it.
"""

from __future__ import annotations

import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from typing import Any

from syncopy.engine.distributed import running_client
from syncopy.errors import SPYParallelError, SPYTypeError, SPYValueError, SPYWarning
from syncopy.io.packages import need
from syncopy.settings import parse_bytes
from syncopy.storage.scratch import current_session

# Partitions are often named after the memory of their jobs: 8GBXS, 16GBXL.
_MEMORY_IN_NAME = re.compile(r"(\d+)GB", re.IGNORECASE)
_MEGABYTE = 2**20
# Seconds for one of SLURM's commands; they give up on a controller that does not answer after some ten themselves.
_ANSWER = 60.0


def cluster_setup(
    partition: str | None = None,
    n_jobs: int = 2,
    mem_per_job: int | str | None = None,
    cores_per_job: int = 1,
    timeout: float = 60,
    interactive: bool = False,
    start_client: bool = True,
    job_extra: Sequence[str] = (),
    **kwargs: Any,
) -> Any:
    """Start workers: jobs of SLURM on a host that has it, else processes on this machine.

    Parameters
    ----------
    partition : str, optional
        SLURM's partition, None for its default one; without SLURM it means nothing.
    n_jobs : int
        Number of workers.
    mem_per_job : int or str, optional
        Memory of a worker, in bytes or like "8GB". None: what the partition's name says (8 GB in 8GBXS), else the
        cores' share of a node's memory.
    cores_per_job : int
        Blocks that a worker computes at a time.
    timeout : float
        Seconds to wait for the first worker.
    interactive : bool
        On a terminal, ask whether to wait on if no worker is there in time.
    start_client : bool
        False: return the cluster, without a client that analyses would find.
    job_extra : sequence of str
        Further options of `sbatch`, such as "--account=lab".
    **kwargs
        Further arguments of `dask_jobqueue.SLURMCluster` or `distributed.LocalCluster`.

    Returns
    -------
    distributed.Client or cluster
        The running one, if there is one.

    Raises
    ------
    SPYValueError, SPYTypeError
        For numbers below 1, and a partition that does not exist.
    SPYParallelError
        If SLURM does not answer, has no partitions, or does not accept the jobs, or no worker is there in time. On a
        host whose SLURM is out of order, `syncopy.cluster.local_cluster_setup` starts workers nevertheless.

    Examples
    --------
    Two workers, which are threads of this process instead of processes of their own; on a host with SLURM, jobs would
    be asked for as in `spy.cluster_setup("8GBXS", n_jobs=10, cores_per_job=2)`:

    >>> client = spy.cluster_setup(n_jobs=2, mem_per_job="1GB", processes=False)
    >>> spec = spy.freqanalysis(data, parallel=True)
    >>> spy.cluster_cleanup(client)
    """
    _check_numbers(n_jobs=n_jobs, cores_per_job=cores_per_job, timeout=timeout)
    client = running_client()
    if client is not None:
        return client if start_client else client.cluster
    if shutil.which("sinfo") is None:
        return local_cluster_setup(n_jobs, mem_per_job, cores_per_job, start_client, **kwargs)
    return slurm_cluster_setup(
        partition, n_jobs, mem_per_job, cores_per_job, timeout, interactive, start_client, job_extra, **kwargs
    )


def esi_cluster_setup(
    partition: str | None = None,
    n_workers: int = 2,
    mem_per_worker: int | str | None = "auto",
    cores_per_worker: int | None = None,
    n_workers_startup: int = 1,
    timeout: float = 60,
    interactive: bool = True,
    interactive_wait: float = 120,
    start_client: bool = True,
    job_extra: Sequence[str] = (),
    mem_cushion: int = 100,
    **kwargs: Any,
) -> Any:
    """Start workers, by the parameter names of old scripts; new ones call `cluster_setup`.

    Parameters
    ----------
    partition, timeout, interactive, start_client, job_extra, **kwargs
        As for `cluster_setup`. `n_jobs`, `mem_per_job` and `cores_per_job` are understood as well.
    n_workers, mem_per_worker, cores_per_worker
        `n_jobs`, `mem_per_job` ("auto" is None) and `cores_per_job` (None is 1).
    n_workers_startup : int
        Workers to wait for.
    interactive_wait : float
        Seconds to wait for an answer on the terminal.
    mem_cushion : int
        Megabytes of a job that its worker keeps clear of, so that SLURM does not end it.

    Returns
    -------
    distributed.Client or cluster

    Raises
    ------
    SPYError
        As `cluster_setup`.

    Examples
    --------
    >>> client = spy.esi_cluster_setup("8GBXS", n_workers=1, processes=False)  # `processes`: not on SLURM
    >>> spy.cluster_cleanup(client)
    """
    n_jobs = kwargs.pop("n_jobs", n_workers)
    memory = kwargs.pop("mem_per_job", mem_per_worker)
    cores = kwargs.pop("cores_per_job", cores_per_worker) or 1
    if shutil.which("sinfo") is not None:
        kwargs |= {"startup": n_workers_startup, "interactive_wait": interactive_wait, "mem_cushion": mem_cushion}
    return cluster_setup(
        partition,
        n_jobs,
        None if memory == "auto" else memory,
        cores,
        timeout,
        interactive,
        start_client,
        job_extra,
        **kwargs,
    )


def local_cluster_setup(
    n_jobs: int = 2,
    mem_per_job: int | str | None = None,
    cores_per_job: int = 1,
    start_client: bool = True,
    **kwargs: Any,
) -> Any:
    """Start workers on this machine.

    Parameters
    ----------
    n_jobs, mem_per_job, cores_per_job, start_client
        As for `cluster_setup`; without `mem_per_job` the workers share the machine's memory.
    **kwargs
        Further arguments of `distributed.LocalCluster`.

    Returns
    -------
    distributed.Client or distributed.LocalCluster
    """
    _check_numbers(n_jobs=n_jobs, cores_per_job=cores_per_job)
    limit = "auto" if mem_per_job is None else parse_bytes(mem_per_job)
    distributed = need("distributed", "cluster")
    # a free port for the dashboard: the usual one may be another user's
    settings = {"memory_limit": limit, "dashboard_address": ":0"} | kwargs
    cluster = distributed.LocalCluster(n_workers=n_jobs, threads_per_worker=cores_per_job, **settings)
    return distributed.Client(cluster) if start_client else cluster


def slurm_cluster_setup(
    partition: str | None = None,
    n_jobs: int = 2,
    mem_per_job: int | str | None = None,
    cores_per_job: int = 1,
    timeout: float = 60,
    interactive: bool = False,
    start_client: bool = True,
    job_extra: Sequence[str] = (),
    *,
    startup: int = 1,
    interactive_wait: float = 120,
    mem_cushion: int = 0,
    **kwargs: Any,
) -> Any:
    """Start workers as jobs of SLURM; what they print goes to the folder of this session in the scratch space.

    Parameters
    ----------
    partition, n_jobs, mem_per_job, cores_per_job, timeout, interactive, start_client, job_extra
        As for `cluster_setup`.
    startup, interactive_wait, mem_cushion
        `n_workers_startup`, `interactive_wait` and `mem_cushion` of `esi_cluster_setup`.
    **kwargs
        Further arguments of `dask_jobqueue.SLURMCluster`.

    Returns
    -------
    distributed.Client or dask_jobqueue.SLURMCluster

    Raises
    ------
    SPYValueError, SPYTypeError, SPYParallelError
        As `cluster_setup`.
    """
    _check_numbers(n_jobs=n_jobs, cores_per_job=cores_per_job, timeout=timeout, n_workers_startup=startup)
    if isinstance(job_extra, str):
        raise SPYTypeError(job_extra, "job_extra", "a list of options of sbatch")
    partition = _existing_partition(partition)
    memory = _usual_memory(partition, cores_per_job) if mem_per_job is None else parse_bytes(mem_per_job)
    if memory <= mem_cushion * _MEGABYTE:
        raise SPYValueError(f"more than the cushion of {mem_cushion} MB", "mem_per_job", mem_per_job)
    jobqueue, distributed = need("dask_jobqueue", "cluster"), need("distributed", "cluster")
    settings: dict[str, Any] = {
        "queue": partition,
        "cores": cores_per_job,
        "processes": 1,
        "memory": f"{memory - mem_cushion * _MEGABYTE}B",
        "job_mem": f"{-(-memory // _MEGABYTE)}M",
        "job_extra_directives": list(job_extra),
        "log_directory": str(current_session().folder / "slurm"),
        "scheduler_options": {"dashboard_address": ":0"},
    }
    cluster = jobqueue.SLURMCluster(**settings | kwargs)
    try:
        _check_submission(
            cluster.job_script(), f"{cores_per_job} cores and {memory / 1e9:.1f} GB in partition {partition}"
        )
        cluster.scale(jobs=n_jobs)
        _wait_for_workers(cluster, min(startup, n_jobs), timeout, interactive_wait if interactive else 0)
    except BaseException:
        cluster.close()
        raise
    return distributed.Client(cluster) if start_client else cluster


def cluster_cleanup(client: Any = None) -> None:
    """Stop workers, their cluster and its client.

    Parameters
    ----------
    client : distributed.Client, optional
        The running one by default; without one there is a warning.

    Raises
    ------
    SPYTypeError
        If `client` is none.

    Examples
    --------
    >>> client = spy.cluster_setup(n_jobs=1, processes=False)
    >>> spy.cluster_cleanup()
    >>> client.status
    'closed'
    """
    if client is None:
        client = running_client()
        if client is None:
            warnings.warn("cluster_cleanup(): there is no running client", SPYWarning, stacklevel=2)
            return
    if not isinstance(client, need("distributed", "cluster").Client):
        raise SPYTypeError(client, "client", "a dask client")
    cluster = client.cluster
    client.close()
    if cluster is not None:
        cluster.close()


def _check_numbers(**numbers: float) -> None:
    for name, value in numbers.items():
        whole = name != "timeout"
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            raise SPYTypeError(value, name, "a whole number" if whole else "a number of seconds")
        if value < 1:
            raise SPYValueError("at least 1", name, value)


def _ask_slurm(*command: str, answers: bool = True) -> str:
    """Answer of one of SLURM's commands; its own words are those of the error.

    Complaints instead of an answer are an error, too, unless the command `answers` by its exit status alone.
    """
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_ANSWER)
    except subprocess.TimeoutExpired:
        raise SPYParallelError(f"{command[0]}: no answer for {_ANSWER:.0f} s") from None
    except OSError as error:
        raise SPYParallelError(f"{command[0]}: {error.strerror}") from error
    said = answer.stderr.strip()
    if answer.returncode or (answers and said and not answer.stdout.strip()):
        said = said or answer.stdout.strip() or f"exit status {answer.returncode}"
        raise SPYParallelError(said if said.startswith(command[0]) else f"{command[0]}: {said}")
    return answer.stdout


def _existing_partition(partition: str | None) -> str:
    """Check a partition, or choose the default one, which `sinfo` marks with a star."""
    try:
        listed = _ask_slurm("sinfo", "--noheader", "--format=%P").split()
        if not listed:
            raise SPYParallelError("sinfo: there are no partitions")
    except SPYParallelError as error:
        remedy = "`syncopy.cluster.local_cluster_setup` starts workers on this machine"
        raise SPYParallelError(f"SLURM is there and out of order: {error}; {remedy}") from error
    names = [name.rstrip("*") for name in listed]
    if partition in names:
        return str(partition)
    default = next((name.rstrip("*") for name in listed if name.endswith("*")), None)
    if partition is not None or default is None:
        raise SPYValueError(f"one of SLURM's partitions {', '.join(sorted(set(names)))}", "partition", partition)
    return default


def _usual_memory(partition: str, cores: int) -> int:
    """Bytes that a job in a partition gets unless it asks for more or less."""
    named = _MEMORY_IN_NAME.match(partition)
    if named:
        return int(named[1]) * 10**9
    nodes = _ask_slurm("sinfo", "--noheader", f"--partition={partition}", "--Node", "--format=%m %c")
    shares = [int(size) * _MEGABYTE * cores // int(count) for size, count in re.findall(r"(\d+)\+? (\d+)", nodes)]
    if not shares:
        raise SPYParallelError(f"SLURM tells of no nodes in partition {partition}; say `mem_per_job`")
    return min(shares)


def _check_submission(script: str, what: str) -> None:
    """Ask SLURM whether it would take a job: errors of the later submissions show in a log only."""
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as file:
        file.write(script)
        file.flush()
        try:
            _ask_slurm("sbatch", "--test-only", file.name, answers=False)  # it tells of success as of an error
        except SPYParallelError as error:
            raise SPYParallelError(f"SLURM refuses a job of {what}: {error}") from None


def _wait_for_workers(cluster: Any, count: int, timeout: float, patience: float) -> None:
    """Wait until workers have come, and with patience for an answer on the terminal for as long as the user wants."""
    while True:
        start = time.monotonic()
        try:
            cluster.wait_for_workers(count, timeout=timeout)
            return
        except TimeoutError:
            waited = time.monotonic() - start
        if not (patience and sys.stdin.isatty() and _wants_to_wait(count, waited, patience)):
            raise SPYParallelError(
                f"fewer than {count} workers after {waited:.0f} s; SLURM says about the jobs:\n{_job_states(cluster)}"
            )


def _wants_to_wait(count: int, waited: float, patience: float) -> bool:
    """Ask on the terminal; no answer is a no."""
    print(f"fewer than {count} workers after {waited:.0f} s; wait on? [y/N] ", end="", flush=True)
    answered = select.select([sys.stdin], [], [], patience)[0]
    return bool(answered) and sys.stdin.readline().strip().lower() in ("y", "yes")


def _job_states(cluster: Any) -> str:
    """State of a cluster's jobs, and why they wait."""
    jobs = ",".join(str(worker.job_id) for worker in cluster.workers.values() if worker.job_id)
    return _ask_slurm("squeue", f"--jobs={jobs}", "--format=%i %P %T %r").strip() if jobs else "none was submitted"
