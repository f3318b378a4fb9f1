"""Quantities of channel pairs."""

from itertools import combinations

import numpy as np
import pytest

import syncopy as spy

LABELS = ["O1", "O2", "Pz", "Cz"]


def make_pairs(method: str, output: str = "abs", shape: tuple[int, int] = (1, 12), dtype: type = float):
    rng = np.random.default_rng(11)
    values = rng.uniform(0, 0.9, (*shape, 4, 4)).astype(dtype)
    freq = np.arange(shape[1]) * 2.0
    data = spy.CrossSpectralData(values, samplerate=50.0, channel_i=LABELS, channel_j=LABELS, freq=freq)
    data.cfg["connectivityanalysis"] = {"method": method, "output": output}
    return data


def test_one_pair() -> None:
    coh = make_pairs("coh")
    _, ax = coh.singlepanelplot(channel_i="O1", channel_j="Pz")
    (line,) = ax.lines
    np.testing.assert_array_equal(line.get_ydata(), coh.data[0, :, 0, 2])
    np.testing.assert_array_equal(line.get_xdata(), coh.freq)
    assert line.get_label() == "O1 - Pz"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("frequency (Hz)", "abs coherence")
    np.testing.assert_allclose(ax.get_ylim(), (-0.02, 1.02))


def test_pairs_without_direction_are_drawn_once() -> None:
    coh = make_pairs("coh")
    _, ax = coh.singlepanelplot()
    assert [line.get_label() for line in ax.lines] == [f"{i} - {j}" for i, j in combinations(LABELS, 2)]
    _, ax = coh.singlepanelplot(channel_i="Pz")
    assert [line.get_label() for line in ax.lines] == ["Pz - O1", "Pz - O2", "Pz - Cz"]
    np.testing.assert_array_equal(ax.lines[2].get_ydata(), coh.data[0, :, 2, 3])


def test_granger_has_direction_and_no_upper_limit() -> None:
    granger = make_pairs("granger")
    granger.data[0, 3, 1, 0] = 7.0
    _, ax = granger.singlepanelplot(channel_i=["O1", "O2"], channel_j=["O1", "O2"])
    assert [line.get_label() for line in ax.lines] == ["O1 → O2", "O2 → O1"]
    assert ax.get_ylabel() == "Granger causality"
    low, high = ax.get_ylim()
    assert -0.5 < low < 0
    assert high > 7
    _, axs = granger.multipanelplot(channel_i=["O1", "O2"], channel_j=["O1", "O2", "Pz"])
    assert [ax.get_title() for ax in axs.flat] == ["O1 → O2", "O1 → Pz", "O2 → O1", "O2 → Pz"]
    # the limits hold for all panels, not for the first one only
    assert {ax.get_ylim()[1] > 7 for ax in axs.flat} == {True}


def test_correlation_is_drawn_over_lags() -> None:
    corr = make_pairs("corr", shape=(20, 1))
    _, ax = corr.singlepanelplot(channel_i=0, channel_j=1)
    np.testing.assert_allclose(ax.lines[0].get_xdata(), np.arange(20) / 50)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("lag (s)", "correlation")
    np.testing.assert_allclose(ax.get_ylim(), (-1.02, 1.02))


@pytest.mark.parametrize(
    ("method", "output", "label", "limits"),
    [
        ("coh", "pow", "pow coherence", (-0.02, 1.02)),
        ("coh", "imag", "imag coherence", (-1.02, 1.02)),
        ("coh", "angle", "coherence angle (rad)", (-np.pi - 0.02, np.pi + 0.02)),
    ],
)
def test_outputs_of_coherence(method: str, output: str, label: str, limits: tuple[float, float]) -> None:
    _, ax = make_pairs(method, output).singlepanelplot(channel_i=0, channel_j=1)
    assert ax.get_ylabel() == label
    np.testing.assert_allclose(ax.get_ylim(), limits)


def test_complex_numbers_are_refused() -> None:
    with pytest.raises(spy.SPYValueError, match="output='abs'"):
        make_pairs("coh", "complex", dtype=complex).singlepanelplot(channel_i=0, channel_j=1)


def test_one_frequency_is_a_matrix_of_channels() -> None:
    coh = make_pairs("coh")
    fig, ax = coh.singlepanelplot(frequency=6)
    (image,) = ax.images
    np.testing.assert_array_equal(image.get_array(), coh.data[0, 3])
    assert ax.get_title() == "6 Hz"
    assert [tick.get_text() for tick in ax.get_xticklabels()] == LABELS
    assert [tick.get_text() for tick in ax.get_yticklabels()] == LABELS
    assert ax.get_ylim() == (3.5, -0.5)
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("channel_i", "channel_j")
    assert image.get_clim() == (0, 1)
    assert fig.axes[1].get_ylabel() == "abs coherence"
    _, ax = make_pairs("granger").singlepanelplot(frequency=6)
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("from channel_i", "to channel_j")


def test_coherence_over_time_is_an_image() -> None:
    coh = make_pairs("coh", shape=(10, 12))
    fig, ax = coh.singlepanelplot(channel_i="O1", channel_j="O2")
    np.testing.assert_array_equal(ax.images[0].get_array(), coh.data[:, :, 0, 1].T)
    np.testing.assert_allclose(ax.images[0].get_extent(), (-0.01, 0.19, -1, 23))
    assert ax.get_title() == "O1 - O2"
    assert fig.axes[1].get_ylabel() == "abs coherence"
    with pytest.raises(spy.SPYValueError, match=r"one pair.*channel_i.*; got 6 pairs"):
        coh.singlepanelplot()
    _, axs = coh.multipanelplot()
    assert axs.shape == (2, 3)
    _, ax = coh.singlepanelplot(channel_i="O1", channel_j="O2", frequency=4)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), coh.data[:, 2, 0, 1])


def test_too_many_pairs_are_refused_with_the_remedy() -> None:
    rng = np.random.default_rng(0)
    coh = spy.CrossSpectralData(rng.uniform(size=(1, 5, 12, 12)), samplerate=10.0)
    with pytest.raises(spy.SPYValueError, match=r"64 pairs.*`frequency`.*; got 132 pairs"):
        coh.singlepanelplot()
    with pytest.raises(spy.SPYValueError, match="25 panels"):
        coh.multipanelplot()


def test_results_of_an_analysis(signals: spy.AnalogData) -> None:
    coh = spy.connectivityanalysis(signals, method="coh")
    _, ax = coh.singlepanelplot(channel_i="Oz", channel_j="Fz")
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), coh.data[0, :, 3, 0])


def test_differences_of_coherence_have_no_limits(signals: spy.AnalogData) -> None:
    coh = spy.connectivityanalysis(signals, method="coh")
    _, ax = (coh - 2.0).singlepanelplot(channel_i="Oz", channel_j="Fz")
    assert ax.get_ylabel() == "value"
    assert ax.get_ylim()[0] < -1.5


def test_pairs_that_were_not_computed_are_left_out(signals: spy.AnalogData) -> None:
    coh = spy.connectivityanalysis(signals, method="coh", channelcmb=[[0, 1], [2, 1], [3, 0]])
    _, ax = coh.singlepanelplot()
    assert [line.get_label() for line in ax.lines] == ["Fz - Cz", "Pz - Cz", "Oz - Fz"]
    for line in ax.lines:
        assert np.isfinite(line.get_ydata()).all()
    _, axs = coh.multipanelplot()
    assert axs.size == 3
    _, ax = coh.singlepanelplot(frequency=10)
    assert np.ma.getmaskarray(ax.images[0].get_array()).any()
    everything_missing = coh * np.nan
    _, ax = everything_missing.singlepanelplot(channel_i=[1, 2], channel_j=0)
    assert len(ax.lines) == 2
