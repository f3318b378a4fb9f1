"""What kernels keep of earlier results."""

import numpy as np

from syncopy.kernels import kept
from syncopy.kernels.kept import keep_latest


def counted(monkeypatch, most_arrays, most_bytes):
    """A function that makes arrays of so many bytes, and the list of what it was called with."""
    monkeypatch.setattr(kept, "MOST_ARRAYS", most_arrays)
    monkeypatch.setattr(kept, "MOST_BYTES", most_bytes)
    calls = []

    @keep_latest
    def make(size):
        calls.append(size)
        return np.zeros(size, np.int8)

    return make, calls


def test_the_same_array_again(monkeypatch):
    make, calls = counted(monkeypatch, 10, 1000)
    assert make(3) is make(3)
    assert calls == [3]


def test_the_oldest_goes_where_there_are_too_many(monkeypatch):
    make, calls = counted(monkeypatch, 2, 1000)
    for size in (1, 2, 1, 3, 1, 2):
        make(size)
    assert calls == [1, 2, 3, 2]


def test_bytes_are_bounded_but_the_latest_is_kept(monkeypatch):
    make, calls = counted(monkeypatch, 10, 100)
    for size in (60, 30, 60, 500, 500, 30):
        make(size)
    assert calls == [60, 30, 500, 30]
