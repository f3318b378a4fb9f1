"""Blocks on the workers of a dask cluster.

Workers read their input and write their part of the result themselves, on a file system they share with this process;
through the scheduler go block coordinates, and the findings back: notes, and the states of a reduction. A kept result
never does. A worker that dies is made up for: a block that is computed again writes the same bytes to the same place.
"""

from __future__ import annotations

import secrets
import sys
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from syncopy.engine.executors import PROCESS_BYTES, run_block
from syncopy.engine.plan import Block
from syncopy.engine.task import Finding, Job
from syncopy.errors import SPYParallelError

# Seconds to go on waiting when there is no worker: one that died may be started again.
_PATIENCE = 60.0


def running_client() -> Any | None:
    """Return the dask client of this process, or None; dask is not imported to find out that there is none."""
    distributed = sys.modules.get("distributed")
    if distributed is None:
        return None
    try:
        return distributed.get_client()
    except ValueError:
        return None


def _itself(job: Job) -> Job:
    return job


def _unseen(paths: list[str]) -> list[str]:
    return [path for path in paths if not Path(path).exists()]


class Dask:
    """Runs blocks on a dask client.

    Parameters
    ----------
    client : distributed.Client
        Running client; whichever workers it has are used, and new ones as they come.
    """

    def __init__(self, client: Any) -> None:
        self.client = client

    def limit(self, memory: int, slots: int) -> int:
        """Memory for which every block fits the smallest worker."""
        workers: Any = self.client.scheduler_info(n_workers=-1)["workers"].values()
        shares = [
            (worker["memory_limit"] - PROCESS_BYTES) // worker["nthreads"]
            for worker in workers
            if worker["memory_limit"]
        ]
        return max(1, min([memory, *map(int, shares)]))

    def run(self, job: Job, blocks: Sequence[Block]) -> Generator[Finding]:
        """Yield the finding of each block, in the order of `blocks`.

        Raises
        ------
        SPYParallelError
            If workers do not see the files, blocks bring their workers down, there are no workers, or the client is
            closed. Errors of a block go on as they are.
        """
        waiting: deque[Any] = deque()
        most = 1
        # dask groups tasks by what stands before the first number of their names; no two runs may share a name
        name = f"{job.title.partition('(')[0]}-{secrets.token_hex(4)}"
        with self._explained():
            self._wait_for_workers()
            self._check_storage(job)
            # a task, not scattered data: those are gone with the worker that holds them
            shared = self.client.submit(_itself, job, key=f"{name}-job", pure=False)
            try:
                for count, block in enumerate(blocks):
                    if count % most == 0:  # workers come and go
                        most = 4 * max(1, sum(self.client.nthreads().values()))
                    key = f"{name}-{block.number}"
                    waiting.append(self.client.submit(run_block, shared, block, key=key, pure=False))
                    if len(waiting) >= most:
                        yield self._finding(waiting.popleft())
                while waiting:
                    yield self._finding(waiting.popleft())
            finally:
                if self.client.status == "running":
                    self.client.cancel([*waiting, shared])

    def _finding(self, future: Any) -> Finding:
        """Wait for a block, as long as there is somebody to compute it."""
        while True:
            try:
                finding: Finding = future.result(timeout=_PATIENCE)
                return finding
            except TimeoutError:
                if future.done():  # the block's own
                    raise
                self._wait_for_workers()

    def _wait_for_workers(self) -> None:
        try:
            self.client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError:
            raise SPYParallelError(f"no worker for {_PATIENCE:.0f} s", self.client) from None

    def _check_storage(self, job: Job) -> None:
        """Whether every worker sees the files: a missing mount would otherwise show as an obscure error of a block."""
        paths = [path for reader in job.readers for path in reader.paths] + ([job.sink.path] if job.sink else [])
        blind = {worker: unseen for worker, unseen in self.client.run(_unseen, paths).items() if unseen}
        if blind:
            path = next(iter(blind.values()))[0]
            raise SPYParallelError(
                f"workers {', '.join([*blind][:3])} cannot see {path}; put SPYTMPDIR (spy.options.scratch) and the "
                "data on a file system that all workers share",
                self.client,
            )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say in this package's words what dask's own errors mean."""
        from distributed import KilledWorker
        from distributed.client import ClosedClientError
        from distributed.comm.core import CommClosedError

        try:
            yield
        except KilledWorker as error:
            raise SPYParallelError(
                f"a block was given up: its workers died of it, most likely for lack of memory; lower "
                f"`spy.options.memory` or start workers with more ({error})",
                self.client,
            ) from error
        except (CancelledError, ClosedClientError, CommClosedError) as error:
            raise SPYParallelError(
                f"the dask client was closed, or lost its scheduler, in the middle of the work ({error})", self.client
            ) from error
