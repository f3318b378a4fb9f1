"""Recordings copied block by block, and the types in which scaled integers lose nothing."""

import numpy as np
import pytest

import syncopy as spy
from syncopy.io.signals import Scale, in_blocks, store_signals

RNG = np.random.default_rng(5)


@pytest.mark.parametrize(
    ("stored", "gain", "offset", "physical"),
    [
        ("i2", 0.195, 0.0, "f4"),
        ("u2", 0.195, -32768 * 0.195, "f4"),
        ("i2", np.array([1e-6, 3e-7, -2.5]), np.array([0.0, 1.0, 0.0]), "f4"),
        ("i2", 1e-9, 1.0, "f8"),  # the offset takes the digits
        ("i4", 1e-7, 0.0, "f8"),
        ("f4", 1e-6, 0.0, "f4"),
        ("f8", 1e-6, 0.0, "f8"),
        ("i2", 1.0, 0.0, "i2"),
        ("f8", 1.0, 0.0, "f8"),
    ],
)
def test_scaling_can_be_undone(stored, gain, offset, physical):
    dtype = np.dtype(stored)
    if dtype.kind == "f":
        numbers = RNG.standard_normal((50, 3)).astype(dtype)
    else:
        numbers = RNG.integers(np.iinfo(dtype).min, np.iinfo(dtype).max, (5000, 3), dtype, endpoint=True)
    scale = Scale(dtype, gain, offset)
    values = scale(numbers)
    assert scale.dtype == values.dtype == np.dtype(physical)
    np.testing.assert_allclose(values, numbers * np.asarray(gain) + offset, rtol=2e-7)
    if dtype.kind != "f":
        np.testing.assert_array_equal(np.round((values.astype("f8") - offset) / gain), numbers)


def test_blocks_are_consecutive_and_small():
    asked = []
    blocks = list(
        in_blocks(lambda start, stop: asked.append((start, stop)) or np.zeros(stop - start), 1000, 80, 8 * 800)
    )
    assert asked == [(start, min(start + 80, 1000)) for start in range(0, 1000, 80)]
    assert sum(map(len, blocks)) == 1000
    assert [len(block) for block in in_blocks(lambda a, b: np.zeros(b - a), 3, 10**9)] == [1, 1, 1]


def test_storing():
    signals = RNG.standard_normal((30, 2))
    data = store_signals(iter([signals[:20], signals[20:]]), [[0, 30, -7.5]], 100, ["a", "b"], 30)
    np.testing.assert_array_equal(data.data[()], signals)
    assert data.time[0][0] == -0.075
    assert data.channel.tolist() == ["a", "b"]
    with pytest.raises(spy.SPYValueError, match="recording with samples"):
        store_signals(iter([]), [[0, 0, 0]], 100, ["a"], 0)
