"""Unfinished work: folders in scratch space that outlive the processes that work in them, one after the other.

Who works in a folder stands in its stamps `owner.0`, `owner.1`, ...: the last one counts. A stamp is made whole or not
at all, and a number is given once, so that of several processes that find a folder without an owner one gets it.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

from syncopy.storage.scratch import Session, process_start, remove, scratch_root

ABOUT = "about"  # name of the file that tells people what the work is
_BEAT = 5.0  # seconds between two signs of life of an owner
_SILENCE = 20.0  # seconds without one after which an owner on another machine is taken for dead


def unfinished_root() -> Path:
    """Folder that holds those of unfinished work (not created by this call)."""
    return scratch_root() / "unfinished"


def list_unfinished() -> dict[Path, bool | None]:
    """Folders of unfinished work, and whether somebody is at work there; None where that cannot be known."""
    owners = {folder: _last_owner(folder)[1] for folder in sorted(unfinished_root().glob("*"))}
    return {folder: owner.alive if owner else False for folder, owner in owners.items()}


def describe_unfinished(folder: Path) -> str:
    """What an unfinished piece of work is, and how far it came."""
    try:
        return (folder / ABOUT).read_text()
    except OSError:
        return folder.name


class Claim:
    """The right to work in a folder, for as long as this process lives or until it is given up.

    Attributes
    ----------
    folder : Path
    """

    def __init__(self, folder: Path, number: int) -> None:
        self.folder = folder
        self._number = number
        self._ended = threading.Event()
        threading.Thread(target=self._beat, name="syncopy-claim", daemon=True).start()

    def _beat(self) -> None:
        """Give signs of life, by which processes on other machines tell a live owner."""
        while not self._ended.wait(_BEAT):
            with suppress(OSError):
                os.utime(_stamp(self.folder, self._number))

    @property
    def holds(self) -> bool:
        """Whether nobody took this process for dead and the folder over."""
        return _last_owner(self.folder)[0] == self._number

    def release(self) -> None:
        """Leave the folder to whoever goes on with the work."""
        self._ended.set()
        _make_stamp(self.folder, self._number + 1, {})

    def discard(self) -> None:
        """Remove the folder: the work is done, or was given up."""
        self._ended.set()
        if self.holds:
            gone = self.folder.with_name(f"{self.folder.name}.{secrets.token_hex(4)}")
            with suppress(OSError):  # in one step, so that nobody finds half of it
                self.folder.rename(gone)
            remove(gone)


def claim(folder: Path, patient: bool) -> Claim | None:
    """Try to become the owner of a folder, which is made if it is not there.

    Parameters
    ----------
    folder : Path
    patient : bool
        Whether to wait for signs of life of an owner on another machine; else it counts as alive.

    Returns
    -------
    Claim or None
        None: another process works there.

    Raises
    ------
    OSError
        If the file system does not allow it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, owner = _last_owner(folder)
    if owner is not None and owner.alive is None and patient and not _moves(_stamp(folder, number)):
        owner = None
    if _is_at_work(owner):
        return None
    stamp = {"host": socket.gethostname(), "pid": os.getpid(), "started": process_start(os.getpid())}
    return Claim(folder, number + 1) if _make_stamp(folder, number + 1, stamp) else None


def _is_at_work(owner: Session | None) -> bool:
    return owner is not None and owner.alive is not False


def _last_owner(folder: Path) -> tuple[int, Session | None]:
    """Number of the last stamp, -1 if there is none, and who made it; None: it was released."""
    number = max((int(path.suffix[1:]) for path in folder.glob("owner.*")), default=-1)
    try:
        entry = json.loads(_stamp(folder, number).read_text())
    except OSError:  # none, or removed in the meantime
        return number, None
    return number, Session(folder, entry["host"], entry["pid"], entry["started"]) if entry else None


def _stamp(folder: Path, number: int) -> Path:
    return folder / f"owner.{number}"


def _make_stamp(folder: Path, number: int, entry: dict[str, object]) -> bool:
    """Make a stamp with all its content at once, unless another process was faster."""
    draft = folder / f"{secrets.token_hex(4)}.draft"
    draft.write_text(json.dumps(entry))
    try:
        os.link(draft, _stamp(folder, number))
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _moves(stamp: Path) -> bool:
    """Whether an owner gives a sign of life while we watch; clocks of two machines need not agree for that."""
    before, end = _touched(stamp), time.monotonic() + _SILENCE
    while time.monotonic() < end:
        time.sleep(min(1.0, _SILENCE / 4))
        if _touched(stamp) != before:
            return True
    return False


def _touched(stamp: Path) -> int:
    with open(stamp) as file:  # network file systems look again at what is opened
        return os.fstat(file.fileno()).st_mtime_ns
