"""The file that holds an object's data: its name, how it is open, and what it is called after."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from syncopy.data.naming import as_path, container_of, info_path, tag_of
from syncopy.errors import SPYError, SPYIOError, SPYTypeError, SPYValueError
from syncopy.storage.durable import draft_of
from syncopy.storage.store import MODES, Store


@contextmanager
def set_aside(path: Path | None) -> Iterator[None]:
    """Let a file and its metadata make room for new ones; if these fail, they go, and the old ones come back."""
    files = [] if path is None else [path, info_path(path)]
    old = {file: draft_of(file, secrets.token_hex(8)) for file in files if file.exists()}
    for file, draft in old.items():
        os.replace(file, draft)
    try:
        yield
    except BaseException:
        for file in files:
            file.unlink(missing_ok=True)
        for file, draft in old.items():
            os.replace(draft, file)
        raise
    for draft in old.values():
        draft.unlink()


class FileOwner:
    """The part of a data object that knows its file."""

    _store: Store | None
    _filename: Path | None

    @property
    def _suffix(self) -> str:
        """File extension of the class, with its dot."""
        return f".{type(self).__name__.removesuffix('Data').lower()}"

    def _check_filename(self, value: Any, overwrite: bool = False) -> Path:
        path = as_path(value, "filename")
        if path.exists() and not overwrite:
            raise SPYIOError(path, exists=True, reason="pass overwrite=True to replace it")
        return path

    @property
    def filename(self) -> str | None:
        """Absolute path of the file that holds `data`."""
        path = self._store.path if self._store is not None else self._filename
        return None if path is None else str(path)

    @filename.setter
    def filename(self, value: Any) -> None:
        if self._store is not None:
            raise SPYError("cannot change the file of an object with data; save or copy it")
        with set_aside(path := self._check_filename(value)):
            self._filename = path

    @property
    def container(self) -> str | None:
        """Name of the `.spy` folder that holds the file, or None."""
        return None if self.filename is None else container_of(Path(self.filename))

    @property
    def tag(self) -> str | None:
        """What the file name adds to the name of its container, or None."""
        return None if self.filename is None else tag_of(Path(self.filename))

    @property
    def mode(self) -> str:
        """How the file is open: "r" or "r+"."""
        return "r+" if self._store is None else self._store.mode

    @mode.setter
    def mode(self, value: str) -> None:
        if not isinstance(value, str):
            raise SPYTypeError(value, "mode", "'r', 'r+' or 'w'")
        if value not in MODES or value == "c":
            raise SPYValueError("'r', 'r+' or 'w' (which keeps what is there, as 'r+')", "mode", repr(value))
        mode = "r" if value == "r" else "r+"
        if self._store is not None and self._store.mode != mode:
            self._store = self._store.reopen(mode)

    def clear(self) -> None:
        """Write what HDF5 still holds in memory to the file."""
        if self._store is not None and self._store.mode != "r" and self._store.is_open:
            self._store.file.flush()
