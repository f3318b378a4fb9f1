"""Bands around lines."""

import numpy as np
import pytest
from matplotlib.collections import PolyCollection

import syncopy as spy
from syncopy.plotting.thinning import COLUMNS


@pytest.fixture
def trials(rng: np.random.Generator) -> spy.SpectralData:
    """Power of six trials, two channels, 1 to 20 Hz."""
    data = spy.SpectralData(list(rng.uniform(1, 3, (6, 1, 1, 20, 2))), samplerate=100.0, channel=["Oz", "Pz"])
    data.freq = np.arange(1.0, 21.0)
    data.cfg["freqanalysis"] = {"method": "mtmfft", "output": "pow"}
    return data


def borders(band: PolyCollection, n_points: int) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper border of a band over the points of its line."""
    vertices = band.get_paths()[0].vertices
    low = vertices[1 : n_points + 1, 1]
    high = vertices[n_points + 2 : 2 * n_points + 2, 1][::-1]
    return low, high


def test_standard_error_around_a_mean(trials: spy.SpectralData) -> None:
    mean, error = spy.mean(trials, dim="trials"), spy.sem(trials, dim="trials")
    values = np.array([trial[0, 0] for trial in trials.trials])
    middle, width = values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(6)
    _, ax = mean.singlepanelplot(band=error, scale="linear")
    assert len(ax.collections) == 2
    for channel, (line, band) in enumerate(zip(ax.lines, ax.collections, strict=True)):
        low, high = borders(band, 20)
        np.testing.assert_allclose(line.get_ydata(), middle[:, channel])
        np.testing.assert_allclose(low, middle[:, channel] - width[:, channel])
        np.testing.assert_allclose(high, middle[:, channel] + width[:, channel])
        np.testing.assert_allclose(band.get_facecolor()[0, :3], plt_color(line))


def plt_color(line) -> tuple[float, ...]:
    from matplotlib.colors import to_rgb

    return to_rgb(line.get_color())


def test_bands_in_decibels(trials: spy.SpectralData) -> None:
    mean, error = spy.mean(trials, dim="trials"), spy.sem(trials, dim="trials")
    _, axs = mean.multipanelplot(band=error)
    low, high = borders(axs.flat[1].collections[0], 20)
    middle, width = mean.data[0, 0, :, 1], error.data[0, 0, :, 1]
    np.testing.assert_allclose(low, 10 * np.log10(middle - width), rtol=1e-5)
    np.testing.assert_allclose(high, 10 * np.log10(middle + width), rtol=1e-5)


def test_a_band_below_zero_ends_a_decade_below_the_lowest_value_on_logarithmic_scales(trials: spy.SpectralData) -> None:
    mean = spy.mean(trials, dim="trials")
    for scale, lowest in (("dB", 10 * np.log10(mean.data[()].min()) - 10), ("log", mean.data[()].min() / 10)):
        _, ax = mean.singlepanelplot(band=mean * 2, scale=scale)
        for band in ax.collections:
            np.testing.assert_allclose(borders(band, 20)[0], lowest, rtol=1e-5)
        assert np.isfinite(ax.get_ylim()).all()


def test_a_band_follows_the_selection(trials: spy.SpectralData) -> None:
    mean, error = spy.mean(trials, dim="trials"), spy.sem(trials, dim="trials")
    mean.selection = {"channel": ["Pz"], "frequency": [5, 9]}
    _, ax = mean.singlepanelplot(band=error, scale="linear")
    low, _ = borders(ax.collections[0], 5)
    np.testing.assert_allclose(low, (mean.data[()] - error.data[()])[0, 0, 4:9, 1])
    # one trial of many, with a band of a single one
    _, ax = trials.singlepanelplot(trials=3, channel=0, band=error, scale="linear")
    low, _ = borders(ax.collections[0], 20)
    np.testing.assert_allclose(low, trials.trials[3][0, 0, :, 0] - error.data[0, 0, :, 0])


def test_signals_and_comparisons_have_bands(signals: spy.AnalogData) -> None:
    mean, error = spy.mean(signals, dim="trials"), spy.sem(signals, dim="trials")
    _, ax = mean.singlepanelplot(band=error)
    assert len(ax.collections) == 5
    _, ax = spy.plot([mean, mean * 2], labels=["a", "b"], band=[error, error * 2], channel="Oz")
    for factor, (line, band) in enumerate(zip(ax.lines, ax.collections, strict=True), start=1):
        low, high = borders(band, 150)
        np.testing.assert_allclose(line.get_ydata(), factor * mean.data[:, 3])
        np.testing.assert_allclose((high - low) / 2, factor * error.data[:, 3])
    _, ax = spy.plot([mean, mean], band=[error, False], channel="Oz")
    assert len(ax.collections) == 1
    with pytest.raises(spy.SPYValueError, match=r"plot\(\): .*one for each of 2 objects; got 1"):
        spy.plot([mean, mean], band=[error], channel="Oz")


def test_averages_take_another_band(rng: np.random.Generator) -> None:
    data = spy.AnalogData([rng.standard_normal((40, 2)) for _ in range(5)], samplerate=20.0)
    locked = spy.timelockanalysis(data)
    error = spy.sem(locked, dim="trials")
    _, ax = locked.singlepanelplot(channel=1, band=error)
    low, high = borders(ax.collections[0], 40)
    values = np.array([trial[:, 1] for trial in locked.trials])
    np.testing.assert_allclose((low + high) / 2, values.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose((high - low) / 2, values.std(axis=0, ddof=1) / np.sqrt(5), rtol=1e-5)


def test_jackknife_of_coherence_is_drawn_by_itself(signals: spy.AnalogData) -> None:
    data = spy.AnalogData([trial + 0.1 * k for k, trial in enumerate([*signals.trials] * 3)], samplerate=100.0)
    coh = spy.connectivityanalysis(data, method="coh", jackknife=True)
    _, ax = coh.singlepanelplot(channel_i=1, channel_j=[0, 3])
    for receiver, line, band in zip((0, 3), ax.lines, ax.collections, strict=True):
        low, high = borders(band, len(coh.freq))
        middle = coh.data[0, :, 1, receiver]
        np.testing.assert_allclose(line.get_ydata(), middle)
        np.testing.assert_allclose(high - middle, coh.jack_sem[0, :, 1, receiver], rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(middle - low, coh.jack_sem[0, :, 1, receiver], rtol=1e-4, atol=1e-6)
    _, ax = coh.singlepanelplot(channel_i=1, channel_j=0, band=False)
    assert not ax.collections
    _, axs = coh.multipanelplot(channel_i=[0, 1], channel_j=[2, 3])
    assert [len(ax.collections) for ax in axs.flat] == [1] * 4


def test_confidence_intervals_are_drawn_by_themselves(trials: spy.SpectralData) -> None:
    mean = spy.mean(trials, dim="trials")
    mean._update_dataset("boot_low", mean.data[()] - 0.1)
    mean._update_dataset("boot_high", mean.data[()] + 0.3)
    _, ax = mean.singlepanelplot(channel="Pz", frequency=[3, 12], scale="linear")
    low, high = borders(ax.collections[0], 10)
    np.testing.assert_allclose(low, mean.data[0, 0, 2:12, 1] - 0.1)
    np.testing.assert_allclose(high, mean.data[0, 0, 2:12, 1] + 0.3)


def test_confidence_intervals_of_averages(rng: np.random.Generator) -> None:
    data = spy.AnalogData([rng.standard_normal((40, 2)) for _ in range(5)], samplerate=20.0)
    locked = spy.timelockanalysis(data, bootstrap=30)
    _, ax = locked.singlepanelplot(channel=1, latency=[-0.5, 0.45])
    low, high = borders(ax.collections[0], 20)
    np.testing.assert_allclose(low, locked.boot_low[10:30, 1])
    np.testing.assert_allclose(high, locked.boot_high[10:30, 1])
    # of a single trial it is not
    for shifted in (True, False):
        _, ax = locked.singlepanelplot(trials=2, shifted=shifted)
        assert not ax.collections
    # a mean over trials is its own average
    mean = spy.mean(locked, dim="trials", bootstrap=30)
    _, ax = mean.selectdata(channel=1).singlepanelplot()
    np.testing.assert_allclose(borders(ax.collections[0], 40)[0], locked.boot_low[:, 1])
    _, ax = locked.singlepanelplot(channel=1, band=False)
    assert not ax.collections


def test_bands_of_long_signals_hold_every_value(rng: np.random.Generator) -> None:
    values, width = rng.standard_normal((50_000, 1)), rng.uniform(0, 1, (50_000, 1))
    data, half = spy.AnalogData(values, samplerate=1000.0), spy.AnalogData(width, samplerate=1000.0)
    _, ax = data.singlepanelplot(band=half)
    n_points = len(ax.lines[0].get_xdata())
    assert n_points <= 2 * COLUMNS
    low, high = borders(ax.collections[0], n_points)
    assert low.min() == (values - width).min()
    assert high.max() == (values + width).max()


def test_what_is_no_band(trials: spy.SpectralData, timefreq: spy.SpectralData) -> None:
    mean = spy.mean(trials, dim="trials")
    with pytest.raises(spy.SPYValueError, match=r"singlepanelplot\(\): .*spy\.sem.*jackknife=True"):
        mean.singlepanelplot(band=True)
    with pytest.raises(spy.SPYTypeError, match=r"`band`.*spy\.sem"):
        mean.singlepanelplot(band=0.1)
    other = spy.SpectralData(np.ones((1, 1, 7, 2)), samplerate=100.0, channel=["Oz", "Pz"])
    with pytest.raises(spy.SPYValueError, match=r"same axes.*time x taper x freq x channel.*; got SpectralData of 1"):
        mean.singlepanelplot(band=other)
    with pytest.raises(spy.SPYValueError, match=r"same axes.*; got SpectralData of 6 trials"):
        mean.singlepanelplot(band=trials)
    with pytest.raises(spy.SPYValueError, match="lines have a band: choose one frequency"):
        timefreq.singlepanelplot(channel=0, band=timefreq)
    _, ax = timefreq.singlepanelplot(channel=0, frequency=10, band=timefreq)
    assert len(ax.collections) == 1
