"""What is left of long axes."""

import numpy as np
import pytest

import syncopy as spy
from syncopy.plotting.thinning import LongAxis, column_width, thin_extremes, thin_means


def read_from(data: np.ndarray):
    return lambda start, stop: data[start:stop]


@pytest.mark.parametrize("size", [1000, 1001, 1999, 4321, 30_001])
@pytest.mark.parametrize("step", [1, 70, 10_000])
def test_columns_are_the_extremes_of_their_part(size: int, step: int) -> None:
    data = np.random.default_rng(size).standard_normal((size, 3))
    x, y = thin_extremes(np.arange(size) / 10, read_from(data), step, columns=100)
    width = column_width(size, 100)
    parts = [slice(start, min(start + width, size)) for start in range(0, size, width)]
    assert 60 < len(parts) <= 100
    np.testing.assert_array_equal(y[::2], [data[part].min(axis=0) for part in parts])
    np.testing.assert_array_equal(y[1::2], [data[part].max(axis=0) for part in parts])
    np.testing.assert_allclose(x[::2], [np.mean([part.start, part.stop - 1]) / 10 for part in parts])
    np.testing.assert_array_equal(x[::2], x[1::2])


def test_short_axes_are_left_alone() -> None:
    data = np.random.default_rng(1).standard_normal((200, 2))
    x, y = thin_extremes(np.arange(200), read_from(data), 7, columns=100)
    np.testing.assert_array_equal(x, np.arange(200))
    np.testing.assert_array_equal(y, data)


def test_missing_numbers_show_only_where_a_column_has_no_others() -> None:
    data = np.zeros((1000, 1))
    data[500:510], data[3] = np.nan, np.nan
    _, y = thin_extremes(np.arange(1000), read_from(data), 1000, columns=100)
    assert np.flatnonzero(np.isnan(y[::2, 0])).tolist() == [50]
    _, means = thin_means(np.arange(1000), read_from(data), 1000, columns=100)
    assert np.flatnonzero(np.isnan(means[:, 0])).tolist() == [50]


@pytest.mark.parametrize("step", [1, 33, 5000])
def test_columns_of_images_are_means(step: int) -> None:
    data = np.random.default_rng(2).standard_normal((1000, 2, 3))
    x, means = thin_means(np.arange(1000.0), read_from(data), step, columns=100)
    np.testing.assert_allclose(means, data.reshape(100, 10, 2, 3).mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(x, np.arange(100) * 10 + 4.5)


def test_parts_of_an_axis_are_those_of_the_trial() -> None:
    values = np.random.default_rng(3).standard_normal((40, 2, 6, 5))
    data = spy.SpectralData(values, samplerate=10.0, trialdefinition=[[0, 20, -5], [20, 40, 3]])
    view = data.view(data.resolve({"trials": 1, "channel": [3, 0], "frequency": [2, 5], "latency": [0.5, 1.0]}))
    chosen = values[22:28, :, 2:6][..., [3, 0]]
    time = LongAxis(view, "time", "freq")
    np.testing.assert_allclose(time.values, [0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    np.testing.assert_array_equal(time.read(1, 4), chosen[1:4].transpose(0, 1, 3, 2))
    view = data.view(data.resolve({"trials": 1, "latency": 0.4}))
    freq = LongAxis(view, "freq", "time")
    np.testing.assert_array_equal(freq.values, np.arange(6))
    np.testing.assert_array_equal(freq.read(2, 5)[..., 0], values[21, :, 2:5].transpose(1, 0, 2))


def test_blocks_stay_within_the_memory_limit() -> None:
    data = spy.AnalogData(np.zeros((10_000, 25), dtype=np.float32), samplerate=100.0)
    with spy.options(memory="80kB"):
        assert LongAxis(data.view(), "time").step * 25 * 4 <= 10_000


def test_a_spike_in_a_long_recording_is_drawn() -> None:
    values = np.zeros((300_000, 2), dtype=np.float32)
    values[123_456, 1] = 7.0
    data = spy.AnalogData(values, samplerate=1000.0)
    _, ax = data.singlepanelplot(channel=1)
    x, y = ax.lines[0].get_data()
    assert len(x) < 10_000
    assert y.max() == 7.0
    assert abs(x[np.argmax(y)] - 123.456) < 0.1
