"""Scratch space: a folder per session for results that have not been saved.

Each process owns one folder `spy_<host>_<pid>_<session>` below the scratch root, stamped with who made it. A file goes
when the last object that uses it goes; the folder goes when the process ends. What a crashed process left is removed
by the next session that needs scratch space; the folder of a live process is never touched.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import secrets
import shutil
import socket
import stat
import time
import warnings
import weakref
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from syncopy.errors import SPYIOError, SPYWarning
from syncopy.settings import options

_STAMP = "session.json"
_ENTRY = re.compile(r"spy_.+_\d+_[0-9a-f]{4}|spy_[0-9a-f]{4}_[0-9a-f]{8}(\.\w+)?")
_MUCH = 10 * 10**9  # bytes of scratch files that are worth a warning


def scratch_root() -> Path:
    """Folder that holds the sessions' folders (not created by this call)."""
    if options.scratch is not None:
        return options.scratch
    if os.environ.get("SPYTMPDIR"):
        return Path(os.environ["SPYTMPDIR"]).expanduser().absolute()
    if os.environ.get("SPYDIR"):
        return Path(os.environ["SPYDIR"]).expanduser().absolute() / "tmp_storage"
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "syncopy"


@dataclass(frozen=True)
class Session:
    """A scratch folder and the process that owns it."""

    folder: Path
    host: str
    pid: int
    started: float | None

    @property
    def alive(self) -> bool | None:
        """Whether the owner still runs; None where that cannot be known (another host)."""
        if self.host != socket.gethostname():
            return None
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return self.started == process_start(self.pid)


class Usage(NamedTuple):
    """How much lies somewhere: number of files, bytes of them, hours since something was last written to one."""

    files: int
    bytes: int
    age: float

    @classmethod
    def of(cls, *places: Path) -> Usage:
        """Add up files, and folders with all that is in them."""
        files, total, newest = 0, 0, 0.0
        for path in (path for place in places for path in (place, *place.rglob("*"))):
            try:
                status = path.lstat()
            except (FileNotFoundError, NotADirectoryError):  # never there, or removed by its owner in the meantime
                continue
            newest = max(newest, status.st_mtime)
            if stat.S_ISREG(status.st_mode):
                files, total = files + 1, total + status.st_size
        return cls(files, total, (time.time() - newest) / 3600)

    def __str__(self) -> str:
        return f"{self.files} files, {self.bytes / 1e9:.2f} GB"


def process_start(pid: int) -> float | None:
    """Start time of a process in clock ticks since boot: tells a process from a later one with the same number."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return float(fields[19])


def scratch_entries() -> list[Path]:
    """Sessions' folders below the scratch root, and files that older versions of this package put there."""
    return [path for path in scratch_root().glob("spy_*") if _ENTRY.fullmatch(path.name)]


def in_scratch(path: Path) -> bool:
    """Whether a file belongs to a session, and ends with it."""
    return any(_ENTRY.fullmatch(part) for part in path.parts)


def list_sessions() -> list[Session]:
    """All sessions whose folders lie below the scratch root."""
    found = []
    for stamp in sorted(scratch_root().glob(f"spy_*/{_STAMP}")):
        try:
            entry = json.loads(stamp.read_text())
            found.append(Session(stamp.parent, entry["host"], int(entry["pid"]), entry["started"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # a stamp being written or removed at this moment
    return found


_sessions: dict[tuple[int, Path], Session] = {}


def current_session() -> Session:
    """Scratch folder of this process below the present root, created on first use."""
    key = (os.getpid(), scratch_root())
    session = _sessions.get(key)
    if session is None or not session.folder.is_dir():
        sweep()
        _warn_of_much()
        session = _sessions[key] = _open_session(key[1])
    return session


def _warn_of_much() -> None:
    usage = Usage.of(*scratch_entries(), scratch_root() / "unfinished")
    if usage.bytes > _MUCH:
        text = f"the scratch space {scratch_root()} holds {usage}; `spy.cleanup()` removes what is no longer in use"
        warnings.warn(text, SPYWarning, stacklevel=3)


def _open_session(root: Path) -> Session:
    pid, host = os.getpid(), socket.gethostname()
    folder = root / f"spy_{host}_{pid}_{secrets.token_hex(2)}"
    session = Session(folder, host, pid, process_start(pid))
    try:
        folder.mkdir(parents=True)
        partial = folder / f"{_STAMP}.part"
        partial.write_text(json.dumps({"host": host, "pid": pid, "started": session.started}))
        partial.rename(folder / _STAMP)
    except OSError as error:
        raise SPYIOError(
            folder, reason=f"no scratch space ({error.strerror}); set spy.options.scratch or SPYTMPDIR"
        ) from error
    atexit.register(_close_session, session)
    return session


def _close_session(session: Session) -> None:
    if session.pid == os.getpid():  # a forked child inherits the exit hook, not the folder
        shutil.rmtree(session.folder, ignore_errors=True)


def sweep() -> None:
    """Remove what dead processes of this host left."""
    remove(*(session.folder for session in list_sessions() if session.alive is False))


def remove(*places: Path) -> None:
    """Remove files, and folders with all that is in them; what cannot be removed stays."""
    for place in places:
        if place.is_dir():
            shutil.rmtree(place, ignore_errors=True)
        else:
            with suppress(OSError):
                place.unlink()


def forgotten_files() -> list[Path]:
    """Files in this process's own scratch folders that none of its objects uses."""
    used = tuple(file.path.name for file in _files)
    return [
        path
        for session in _sessions.values()
        if session.pid == os.getpid()
        for path in session.folder.glob("spy_*")
        if not path.name.startswith(used)  # nor a spool file beside one
    ]


class ScratchFile:
    """A file in scratch space that lives as long as this object.

    Parameters
    ----------
    suffix : str
        File extension with its dot.
    """

    def __init__(self, suffix: str) -> None:
        session = current_session()
        self.path = session.folder / f"spy_{session.folder.name.rpartition('_')[2]}_{secrets.token_hex(4)}{suffix}"
        _files.add(self)
        self._finalizer = weakref.finalize(self, _remove, self.path, os.getpid())

    def keep(self) -> None:
        """Give up ownership: the file stays when this object goes."""
        self._finalizer.detach()

    def remove(self) -> None:
        """Remove the file now."""
        self._finalizer()


_files: weakref.WeakSet[ScratchFile] = weakref.WeakSet()


def _remove(path: Path, pid: int) -> None:
    if pid == os.getpid():
        path.unlink(missing_ok=True)
