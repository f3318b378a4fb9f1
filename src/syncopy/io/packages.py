"""Optional packages: imported when a format needs them, and quiet while they work."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from syncopy.errors import SPYError, SPYImportError, SPYIOError, SPYWarning


def need(package: str, extra: str) -> Any:
    """Import an optional package.

    Parameters
    ----------
    package : str
        Name of the module.
    extra : str
        Extra of this package that installs it.

    Raises
    ------
    SPYImportError
        If it is not installed.
    """
    try:
        return importlib.import_module(package)
    except ImportError as error:
        name = package.partition(".")[0]
        raise SPYImportError(f'this needs the package {name}: pip install "syncopy[{extra}]"') from error


@contextmanager
def working(path: Path, package: str) -> Iterator[None]:
    """Let another package read or write a file: its warnings are kept to itself, its errors say which file it was."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except (SPYError, MemoryError):
            raise
        except Exception as error:  # every format has errors of its own
            raise SPYIOError(path, reason=f"{package} gave up ({type(error).__name__}: {error})") from error
    for own in caught:
        if issubclass(own.category, SPYWarning):
            warnings.warn_explicit(own.message, own.category, own.filename, own.lineno)
