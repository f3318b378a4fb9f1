"""Times of samples: regular, from time stamps, with gaps."""

import numpy as np
import pytest

import syncopy as spy
from syncopy.io.clock import Clock, rate_of_times

RNG = np.random.default_rng(8)


def test_clock_of_time_stamps(monkeypatch):
    monkeypatch.setattr("syncopy.io.clock._STEP", 64)  # the gaps lie in different pieces, one on a border
    parts = [np.arange(129) / 32 + 1, np.arange(63) / 32 + 100, np.arange(200) / 32 + 200.01]
    times = np.concatenate(parts)
    clock = Clock.of_timestamps(times)
    assert clock.samplerate == 32
    assert clock.rows.tolist() == [0, 129, 192, 392]
    np.testing.assert_array_equal(clock.row(times), np.arange(392))
    np.testing.assert_array_equal(clock.row(times + 0.4 / 32), np.arange(392))
    assert clock.row(np.array([0.0, 50.0, 1000.0])).tolist() == [-32, 129, 392]


def test_time_stamps_that_are_none():
    with pytest.raises(spy.SPYValueError, match="ascending time stamps"):
        Clock.of_timestamps(np.array([1.0]))
    with pytest.raises(spy.SPYValueError, match="ascending time stamps"):
        Clock.of_timestamps(np.array([0.0, 1.0, 0.5]))


def test_rate_of_times():
    ticks = RNG.integers(0, 10**8, 500)
    for rate in (1000, 24414.0625, 30000):
        assert rate_of_times(ticks / rate) == rate
        assert rate_of_times(np.round(ticks / rate, 6)) == rate
    assert rate_of_times(ticks / 30000.77) == 1e6
