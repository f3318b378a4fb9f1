"""Who runs the blocks: this thread, or some threads of this process. Findings come back in the order of the blocks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Protocol

import numpy as np
from threadpoolctl import ThreadpoolController

from syncopy.engine.plan import Block
from syncopy.engine.task import Finding, Job, run_task


class Executor(Protocol):
    """Runs the blocks of a job, anywhere, and hands their findings back in order."""

    def run(self, job: Job, blocks: Iterable[Block]) -> Iterator[Finding]:
        """Yield the finding of each block, in the order of `blocks`."""
        ...


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


class Serial:
    """One block after the other in the calling thread."""

    def run(self, job: Job, blocks: Iterable[Block]) -> Iterator[Finding]:
        """Yield the finding of each block, in the order of `blocks`."""
        _settle_allocator()
        with _pools().limit(limits=1):
            for block in blocks:
                yield run_task(job, block)


class Threads:
    """Some blocks at a time: the kernels release Python's lock, and BLAS keeps to one thread per block.

    Parameters
    ----------
    workers : int
        Number of threads.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(self, job: Job, blocks: Iterable[Block]) -> Iterator[Finding]:
        """Yield the finding of each block, in the order of `blocks`; at most `workers` findings wait for their turn."""
        _settle_allocator()
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="syncopy")
        waiting: deque[Future[Finding]] = deque()
        try:
            with _pools().limit(limits=1):
                for block in blocks:
                    waiting.append(pool.submit(run_task, job, block))
                    if len(waiting) > self.workers:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
