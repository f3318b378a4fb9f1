"""Files that are replaced whole or not at all: written under a draft's name, synced, renamed."""

from __future__ import annotations

import glob
import os
import time
from contextlib import nullcontext, suppress
from pathlib import Path

_STALE = 24 * 3600  # seconds after which a draft that nobody wrote to is what a crash left


def draft_of(path: Path, token: str) -> Path:
    """Name of the draft of a file; the token tells the drafts of different writers apart."""
    return path.with_name(f".{path.name}.{token}.draft")


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder as far as the file system can do that, are on the disk."""
    with suppress(OSError) if path.is_dir() else nullcontext():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def discard_stale_drafts(path: Path) -> None:
    """Remove drafts of a file that crashed writers left long ago."""
    for draft in path.parent.glob(f".{glob.escape(path.name)}.*.draft"):
        with suppress(FileNotFoundError):
            if time.time() - draft.stat().st_mtime > _STALE:
                draft.unlink()
