"""Results that kernels keep for the next block: the latest ones, within bounds."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock

from syncopy.kernels.arrays import Array

MOST_ARRAYS = 128
"""Results of a function that are kept at most."""

MOST_BYTES = 8 * 1024 * 1024
"""Bytes of a function's results that are kept at most, but for the latest, which always is."""


def keep_latest(function: Callable[..., Array]) -> Callable[..., Array]:
    """Make a function of hashable arguments return the same array again where it was called so before.

    Unlike `functools.lru_cache` this counts bytes: tapers for recordings of hours are not kept by the dozen.
    """
    kept: OrderedDict[tuple[Hashable, ...], Array] = OrderedDict()
    lock = Lock()

    @wraps(function)
    def remembered(*args: Hashable) -> Array:
        with lock:
            if args in kept:
                kept.move_to_end(args)
                return kept[args]
        result = function(*args)
        with lock:
            kept[args] = result
            while len(kept) > MOST_ARRAYS or (
                len(kept) > 1 and sum(each.nbytes for each in kept.values()) > MOST_BYTES
            ):
                kept.popitem(last=False)
        return result

    return remembered
