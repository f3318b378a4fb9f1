"""Who runs the blocks: this thread, or the cores of this machine. Findings come back in the order of the blocks."""

from __future__ import annotations

import atexit
import os
import pickle
import signal
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Protocol

import cloudpickle
import numpy as np
from threadpoolctl import ThreadpoolController

from syncopy.engine.plan import Block, largest_block
from syncopy.engine.task import Finding, Job, run_task
from syncopy.errors import SPYIOError, SPYParallelError
from syncopy.settings import options
from syncopy.storage.scratch import ScratchFile

# Memory of a process before its first block: Python, NumPy, SciPy, HDF5, and what a step may import.
PROCESS_BYTES = 200 * 10**6
# Seconds for which processes wait for a next call: starting them takes longer than many a call.
_IDLE = 30
# Times that processes may die over the same block.
_MOST_DEATHS = 3
_ONE_THREAD = {
    f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM", "NUMEXPR")
}


class Executor(Protocol):
    """Runs the blocks of a job, anywhere, and hands their findings back in order."""

    def run(self, job: Job, blocks: Sequence[Block]) -> Generator[Finding]:
        """Yield the finding of each block, in the order of `blocks`."""
        ...

    def limit(self, memory: int, slots: int) -> int:
        """Bytes for which a run may be planned, of the `memory` it may use, if `slots` blocks are at work at a time."""
        ...


class Local:
    """What all executors of this machine have in common."""

    def limit(self, memory: int, slots: int) -> int:
        """All of the memory."""
        return memory


@cache
def _pools() -> ThreadpoolController:
    """BLAS libraries of this process; looking for them takes longer than many a block."""
    return ThreadpoolController()


@cache
def _settle_allocator() -> None:
    """Let the C library keep freed memory of the size of kernels' buffers.

    glibc returns large pieces to the system when they are freed, and every page faults when the next buffer is taken:
    up to a third of a kernel's time. Having freed one large piece once, it keeps them. Nothing is written to it.
    """
    np.empty(30 * 2**20, np.uint8)


class Serial(Local):
    """One block after the other in the calling thread."""

    def run(self, job: Job, blocks: Sequence[Block]) -> Generator[Finding]:
        """Yield the finding of each block, in the order of `blocks`."""
        _settle_allocator()
        with _pools().limit(limits=1):
            for block in blocks:
                yield run_task(job, block)


def run_block(job: Job, block: Block) -> Finding:
    """Compute one block in another process than the one that planned it, whatever brought it there."""
    (finding,) = Serial().run(job, [block])
    return finding


class Threads(Local):
    """Some blocks at a time: the kernels release Python's lock, and BLAS keeps to one thread per block.

    Parameters
    ----------
    workers : int
        Number of threads; fewer if the memory does not suffice for so many blocks.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(self, job: Job, blocks: Sequence[Block]) -> Generator[Finding]:
        """Yield the finding of each block, in the order of `blocks`; at most `workers` findings wait for their turn."""
        _settle_allocator()
        workers = min(self.workers, job.slots)
        pool = ThreadPoolExecutor(workers, thread_name_prefix="syncopy")
        waiting: deque[Future[Finding]] = deque()
        try:
            with _pools().limit(limits=1):
                for block in blocks:
                    waiting.append(pool.submit(run_task, job, block))
                    if len(waiting) > workers:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


class Cores(Local):
    """Some blocks at a time on this machine: on threads, or on processes where a step holds Python's lock.

    Parameters
    ----------
    workers : int
        Number of threads or processes.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(self, job: Job, blocks: Sequence[Block]) -> Generator[Finding]:
        """Yield the finding of each block, in the order of `blocks`."""
        executor = Threads(self.workers) if job.pipeline.releases_gil else Processes(self.workers)
        return executor.run(job, blocks)


class Processes(Local):
    """Some blocks at a time, each in a process of its own that reads its input and writes its part of the result.

    A process that dies (the system ends some where memory runs out) is made up for: the blocks that were under way are
    computed again, by new processes, and write the same bytes to the same place.

    Parameters
    ----------
    workers : int
        Number of processes; fewer if the memory does not suffice for all, and none at all if it does not for two.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(self, job: Job, blocks: Sequence[Block]) -> Generator[Finding]:
        """Yield the finding of each block, in the order of `blocks`; at most `workers` findings wait for their turn.

        Raises
        ------
        SPYParallelError
            If processes die over the same block again and again. Errors of a block go on as they are; their cause
            shows the traceback of the process.
        """
        from loky.process_executor import TerminatedWorkerError

        need = largest_block(job.pipeline, job.kinds, blocks)
        workers = min(self.workers, job.slots, len(blocks), (options.memory - need) // (PROCESS_BYTES + need))
        if workers < 2:
            yield from Serial().run(job, blocks)
            return
        waiting: deque[Block] = deque()
        following, deaths = iter(blocks), 0
        with _stored(job) as path:
            while True:
                try:
                    with closing(_findings(path, waiting, following, workers)) as findings:
                        for finding in findings:
                            deaths = 0
                            yield finding
                    return
                except TerminatedWorkerError as error:
                    deaths += 1
                    if deaths == _MOST_DEATHS:
                        raise SPYParallelError(
                            f"processes died {deaths} times, at trial {waiting[0].first} or soon after it, most likely "
                            "for lack of memory; lower `spy.options.memory` or `spy.options.workers`"
                        ) from error


# processes without work, by the process that started them and their number
_at_rest: dict[tuple[int, int], list[Any]] = {}


def _findings(path: Path, waiting: deque[Block], following: Iterator[Block], workers: int) -> Generator[Finding]:
    """Findings of blocks that wait for theirs, and of those that follow; `waiting` is kept up to date.

    Processes that have done their work wait a while for another call; those that failed, or were left, are ended.
    """
    from loky import ProcessPoolExecutor

    at_rest = _at_rest.setdefault((os.getpid(), workers), [])
    if at_rest:
        pool = at_rest.pop()
    else:
        pool = ProcessPoolExecutor(workers, timeout=_IDLE, initializer=_ignore_interrupts, env=_ONE_THREAD)
    try:
        futures = deque(pool.submit(_run_stored, path, block) for block in waiting)
        while True:
            while len(futures) <= workers and (block := next(following, None)) is not None:
                waiting.append(block)
                futures.append(pool.submit(_run_stored, path, block))
            if not futures:
                return
            finding: Finding = futures.popleft().result()
            waiting.popleft()
            yield finding
    finally:
        if waiting:
            pool.shutdown(wait=True, kill_workers=True)
        else:
            at_rest.append(pool)


@atexit.register
def _end_processes() -> None:
    """End what waits for another call, before the interpreter takes itself apart."""
    for (owner, _), at_rest in _at_rest.items():
        for pool in at_rest:
            if owner == os.getpid():  # a forked child inherits the exit hook, not the processes
                pool.shutdown(wait=True, kill_workers=True)


def _ignore_interrupts() -> None:
    """Leave Ctrl-C, which a terminal sends to all processes, to the one that started the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _stored(job: Job) -> Iterator[Path]:
    """Put a job where processes find it: it would be sent with every block otherwise."""
    file = ScratchFile(".job")
    try:
        try:
            file.path.write_bytes(cloudpickle.dumps(job))
        except OSError as error:
            raise SPYIOError(file.path, reason=error.strerror or str(error)) from error
        yield file.path
    finally:
        file.remove()


@lru_cache(maxsize=1)
def _load(path: Path) -> Job:
    try:
        job: Job = pickle.loads(path.read_bytes())
    except FileNotFoundError:
        raise SPYIOError(path, reason="the file is gone, or the folder it was in") from None
    return job


def _run_stored(path: Path, block: Block) -> Finding:
    return run_block(_load(path), block)
