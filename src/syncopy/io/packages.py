"""Optional packages: imported when a format needs them, and quiet while they work."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from syncopy.errors import SPYImportError


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
def quiet() -> Iterator[None]:
    """Keep to itself what another package warns of while it reads or writes a file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
