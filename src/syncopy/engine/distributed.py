"""Blocks on the workers of a dask cluster.

Workers read their input and write their part of the result themselves, on a file system they share with this process;
through the scheduler go block coordinates, and the small findings back.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from syncopy.engine.executors import Serial
from syncopy.engine.plan import Block
from syncopy.engine.task import Finding, Job
from syncopy.errors import SPYParallelError


def running_client() -> Any | None:
    """Return the dask client of this process, or None; dask is not imported to find out that there is none."""
    distributed = sys.modules.get("distributed")
    if distributed is None:
        return None
    try:
        return distributed.get_client()
    except ValueError:
        return None


def _run_block(job: Job, block: Block) -> Finding:
    return next(Serial().run(job, [block]))


def _sees(path: str) -> bool:
    return Path(path).exists()


class Dask:
    """Runs blocks on a dask client.

    Parameters
    ----------
    client : distributed.Client
        Running client; whichever workers it has are used, and new ones as they come.
    """

    def __init__(self, client: Any) -> None:
        self.client = client

    def run(self, job: Job, blocks: Iterable[Block]) -> Iterator[Finding]:
        """Yield the finding of each block, in the order of `blocks`."""
        self._check_storage(job)
        shared = self.client.scatter(job, broadcast=False, hash=False)
        waiting: deque[Any] = deque()
        most = 4 * max(1, sum(self.client.nthreads().values()))
        name = job.title.partition("(")[0]
        try:
            for block in blocks:
                key = f"{name}-{id(job):x}-{block.number}"
                waiting.append(self.client.submit(_run_block, shared, block, key=key, pure=False))
                if len(waiting) >= most:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            self.client.cancel(list(waiting))

    def _check_storage(self, job: Job) -> None:
        """Whether every worker sees the files: a missing mount would otherwise show as an obscure error of a block."""
        paths = [path for reader in job.readers for path in reader.paths] + ([job.sink.path] if job.sink else [])
        for path in paths:
            blind = [worker for worker, sees in self.client.run(_sees, path).items() if not sees]
            if blind:
                raise SPYParallelError(
                    f"workers {', '.join(blind[:3])} cannot see {path}; put SPYTMPDIR (spy.options.scratch) and the "
                    "data on a file system that all workers share",
                    self.client,
                )
