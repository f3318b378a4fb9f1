"""Fingerprints: a text that two calls share exactly if they compute the same from the same."""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import scipy

from syncopy.data.history import package_version
from syncopy.data.view import Source
from syncopy.engine.method import Pipeline
from syncopy.storage.arrays import ArraySource

Update = Callable[[bytes], None]
# Of an array on disk: what stands for its content.
Identify = Callable[[ArraySource], object]

_PLAIN = (type(None), bool, int, float, complex, str, bytes, slice, range, np.generic, np.dtype)


class UnidentifiableError(Exception):
    """Something among the parts of a call has no form that another process could tell or read."""


def fingerprint(pipelines: Sequence[Pipeline], views: Sequence[Source], identify: Identify) -> str:
    """Fingerprint of what is computed, from what, and by which version.

    Raises
    ------
    UnidentifiableError
        If a step holds something other than numbers, texts, arrays, collections, dataclasses and named functions.
    """
    trials = [(view.reader, view.starts, view.stops, view.offsets, view.trialinfo, view.spec(0)) for view in views]
    digest = hashlib.sha256()
    _enter((_versions(), pipelines, trials), digest.update, identify)
    return digest.hexdigest()[:32]


@functools.cache
def _versions() -> list[str]:
    """Versions of what computes; files of this package too, which may change without a new version."""
    numbers = [package_version(), np.__version__, scipy.__version__, sys.version, sys.platform]
    files = sorted(Path(__file__).parents[1].rglob("*.py"))
    return numbers + [f"{path.name} {path.stat().st_mtime_ns}" for path in files]


def sources_in(value: Any) -> list[ArraySource]:
    """Arrays on disk that a value is made of."""
    found: list[ArraySource] = []

    def collect(source: ArraySource) -> None:
        found.append(source)

    _enter(value, lambda text: None, collect)
    return found


def _enter(value: Any, update: Update, identify: Identify) -> None:
    """Feed a value into a digest: its type, then its parts, each with its length, so that no two values look alike."""
    update(f"{type(value).__module__}.{type(value).__qualname__}:".encode())
    if isinstance(value, ArraySource):
        update(repr((identify(value), value.name, value.shape, str(value.dtype))).encode())
    elif isinstance(value, _PLAIN):
        update(repr(value).encode())
    elif isinstance(value, np.ndarray) and value.dtype.hasobject:
        _enter_all(value.tolist(), update, identify)
    elif isinstance(value, np.ndarray):
        update(repr((value.shape, value.dtype.str)).encode())
        update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, Mapping):
        _enter_all((part for item in value.items() for part in item), update, identify)
    elif isinstance(value, tuple | list):
        _enter_all(value, update, identify)
    elif isinstance(value, set | frozenset):
        _enter_all(sorted(value, key=repr), update, identify)
    elif isinstance(value, type) or (isinstance(value, FunctionType) and "<" not in value.__qualname__):
        update(f"{value.__module__}.{value.__qualname__}".encode())
    elif isinstance(value, functools.partial):
        _enter_all((value.func, value.args, value.keywords), update, identify)
    elif is_dataclass(value):
        _enter_all((getattr(value, field.name) for field in fields(value)), update, identify)
    else:
        raise UnidentifiableError(f"there is no way to identify a {type(value).__qualname__}")


def _enter_all(parts: Iterable[Any], update: Update, identify: Identify) -> None:
    update(b"(")
    for part in parts:
        _enter(part, update, identify)
    update(b")")
