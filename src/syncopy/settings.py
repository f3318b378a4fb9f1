"""One object with the settings of a session: `spy.options`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from syncopy.errors import SPYTypeError, SPYValueError
from syncopy.markup import card

_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_AUTOMATIC_LIMIT = 4 * 10**9


def parse_bytes(value: int | float | str, name: str = "memory") -> int:
    """Turn `"400MB"`, `"2GiB"` or a number of bytes into an int.

    Raises
    ------
    SPYTypeError, SPYValueError
        If `value` is no positive amount of memory.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise SPYTypeError(value, name, "a number of bytes or a text like '400MB'")
    if isinstance(value, str):
        match = re.fullmatch(r"\s*([0-9.]+)\s*([a-zA-Z]*)\s*", value)
        if match is None or match[2].lower() not in _UNITS or match[1].count(".") > 1:
            raise SPYValueError("a number with one of the units B, kB, MB, GB, TB, KiB, MiB, GiB", name, value)
        value = float(match[1]) * _UNITS[match[2].lower()]
    if not 0 < value < float("inf"):
        raise SPYValueError("a positive, finite amount of memory", name, value)
    return int(value)


def available_memory() -> int:
    """Bytes of main memory that a new computation may count on."""
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        found = re.search(r"MemAvailable:\s+(\d+) kB", meminfo.read_text())
        if found:
            return int(found[1]) * 1024
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


class Options:
    """Settings that hold for all calls of this process.

    Attributes
    ----------
    memory : int
        Bytes that a call may add to the process. Assign a number or a text (`"400MB"`); None (default): a quarter of
        the memory that is free, 4 GB at the most.
    scratch : Path or None
        Folder for intermediate results. None: `$SPYTMPDIR`, else `$SPYDIR/tmp_storage`, else a cache folder of the
        user.
    progress : bool or None
        Progress bars; None (default): on a terminal only.
    workers : int
        Blocks that `parallel=True` computes at a time on this machine. None: as many as cores this process may use.

    Examples
    --------
    >>> import syncopy as spy
    >>> with spy.options(memory="400MB"):
    ...     spy.options.memory
    400000000
    """

    _names = ("memory", "scratch", "progress", "workers")
    __slots__ = tuple(f"_{name}" for name in _names)  # a misspelt setting is an error

    def __init__(self) -> None:
        self._memory: int | None = None
        self._scratch: Path | None = None
        self._progress: bool | None = None
        self._workers: int | None = None

    @property
    def memory(self) -> int:
        """Bytes that a call may add to the process."""
        return self._memory if self._memory is not None else min(available_memory() // 4, _AUTOMATIC_LIMIT)

    @memory.setter
    def memory(self, value: int | float | str | None) -> None:
        self._memory = None if value is None else parse_bytes(value)

    @property
    def scratch(self) -> Path | None:
        """Folder for intermediate results, None for the default place."""
        return self._scratch

    @scratch.setter
    def scratch(self, value: str | os.PathLike[str] | None) -> None:
        self._scratch = None if value is None else Path(value).expanduser().absolute()

    @property
    def progress(self) -> bool | None:
        """Whether to show progress bars; None: on a terminal only."""
        return self._progress

    @progress.setter
    def progress(self, value: bool | None) -> None:
        if value is not None and not isinstance(value, bool):
            raise SPYTypeError(value, "progress", "True, False or None")
        self._progress = value

    @property
    def workers(self) -> int:
        """Blocks that `parallel=True` computes at a time on this machine."""
        return self._workers if self._workers is not None else usable_cores()

    @workers.setter
    def workers(self, value: int | None) -> None:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise SPYTypeError(value, "workers", "a whole number or None")
        if value is not None and value < 1:
            raise SPYValueError("at least 1", "workers", value)
        self._workers = value

    @contextmanager
    def __call__(self, **settings: Any) -> Iterator[Options]:
        """Change settings inside a `with` block only."""
        unknown = set(settings) - set(self._names)
        if unknown:
            raise SPYValueError(f"one of {', '.join(self._names)}", "options", ", ".join(sorted(unknown)))
        before = {name: getattr(self, f"_{name}") for name in self._names}
        try:
            for name, value in settings.items():
                setattr(self, name, value)
            yield self
        finally:
            for name, value in before.items():
                setattr(self, f"_{name}", value)

    def __repr__(self) -> str:
        lines = [f"{name:>10} : {value}" for name, value in self._texts().items()]
        return "\n".join(["Syncopy options", "", *lines])

    def _repr_html_(self) -> str:
        return card("Syncopy options", self._texts())

    def _texts(self) -> dict[str, str]:
        """Values as they are shown."""
        texts = {name: str(getattr(self, name)) for name in self._names}
        return texts | {"memory": f"{self.memory} ({self.memory / 1e9:.3g} GB)"}


def usable_cores() -> int:
    """Cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


options = Options()
