"""Spectra and time-frequency images."""

import numpy as np
import pytest

import syncopy as spy
from syncopy.plotting.images import edges


def test_power_is_drawn_in_decibels(power: spy.SpectralData) -> None:
    _, ax = power.singlepanelplot(channel=["Oz", "Pz"])
    for number, line in enumerate(ax.lines):
        np.testing.assert_array_equal(line.get_xdata(), power.freq)
        np.testing.assert_allclose(line.get_ydata(), 10 * np.log10(power.data[0, 0, :, number]))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("frequency (Hz)", "power (dB)")
    assert [line.get_label() for line in ax.lines] == ["Oz", "Pz"]


@pytest.mark.parametrize(
    ("options", "label", "log"),
    [
        ({"logscale": False}, "power (a.u.)", False),
        ({"logscale": True}, "power (dB)", False),
        ({"scale": "linear", "logscale": True}, "power (a.u.)", False),
        ({"scale": "log"}, "power (a.u.)", True),
        ({"scale": "dB"}, "power (dB)", False),
    ],
)
def test_scales(power: spy.SpectralData, options: dict[str, object], label: str, log: bool) -> None:
    for _, ax in (power.singlepanelplot(channel="Oz", **options), power.multipanelplot(channel="Oz", **options)):
        ax = np.ravel(ax)[0]
        assert ax.get_ylabel() == label
        assert (ax.get_yscale() == "log") == log
        expected = power.data[0, 0, :, 0]
        np.testing.assert_allclose(ax.lines[0].get_ydata(), 10 * np.log10(expected) if "dB" in label else expected)


def test_unit_of_the_object(power: spy.SpectralData) -> None:
    power.info["unit"] = "µV²"
    _, ax = power.singlepanelplot(logscale=False)
    assert ax.get_ylabel() == "power (µV²)"
    _, ax = power.singlepanelplot()
    assert ax.get_ylabel() == "power (dB re 1 µV²)"


@pytest.mark.parametrize(
    ("output", "label"), [("abs", "abs (a.u.)"), ("real", "real (a.u.)"), ("fooof_peaks", "power (dB)")]
)
def test_other_outputs(power: spy.SpectralData, output: str, label: str) -> None:
    power.cfg["freqanalysis"]["output"] = output
    _, ax = power.singlepanelplot(logscale=True)
    assert ax.get_ylabel() == label


def test_decibels_of_amplitudes(power: spy.SpectralData) -> None:
    power.cfg["freqanalysis"]["output"] = "abs"
    _, ax = power.singlepanelplot(channel=0, scale="dB")
    np.testing.assert_allclose(ax.lines[0].get_ydata(), 20 * np.log10(power.data[0, 0, :, 0]))


def test_angles_have_the_limits_of_a_circle(power: spy.SpectralData) -> None:
    power.cfg["freqanalysis"]["output"] = "angle"
    _, ax = power.singlepanelplot()
    assert ax.get_ylabel() == "angle (rad)"
    np.testing.assert_allclose(ax.get_ylim(), (-np.pi - 0.02, np.pi + 0.02))
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["−π", "−π/2", "0", "π/2", "π"]


def test_objects_without_history_are_drawn_as_they_are(power: spy.SpectralData) -> None:
    power.cfg = {}
    _, ax = power.singlepanelplot(channel=1)
    assert ax.get_ylabel() == "spectrum (a.u.)"
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), power.data[0, 0, :, 1])


def test_intertrial_coherence_and_variance_are_no_power(power: spy.SpectralData) -> None:
    power.cfg["itc"] = {}
    _, ax = power.singlepanelplot()
    assert ax.get_ylabel() == "inter-trial coherence"
    np.testing.assert_allclose(ax.get_ylim(), (-0.02, 1.02))
    del power.cfg["itc"]
    power.cfg["var"] = {}
    _, ax = power.singlepanelplot()
    assert ax.get_ylabel() == "variance of power (a.u.)"


def test_rounding_noise_does_not_set_the_scale(power: spy.SpectralData) -> None:
    values = power.data[()]
    values[0, 0, 0] = 1e-33
    noisy = spy.SpectralData(values, samplerate=100.0)
    noisy.cfg = power.cfg
    for scale, lowest in (("dB", -160), ("log", 1e-16)):
        _, ax = noisy.singlepanelplot(scale=scale)
        assert ax.get_ylim()[0] > lowest


def test_tapers_of_a_channel_are_lines(rng: np.random.Generator) -> None:
    data = spy.SpectralData(rng.uniform(1, 2, (1, 3, 10, 2)), samplerate=10.0)
    data.cfg["freqanalysis"] = {"output": "pow"}
    _, ax = data.singlepanelplot(channel=1)
    assert [line.get_label() for line in ax.lines] == data.taper.tolist()
    with pytest.raises(spy.SPYValueError, match=r"taper=0.*; got 2 channels and 3 tapers"):
        data.singlepanelplot()
    _, ax = data.singlepanelplot(taper=2)
    np.testing.assert_allclose(ax.lines[1].get_ydata(), 10 * np.log10(data.data[0, 2, :, 1]))
    fig, axs = data.multipanelplot()
    assert [len(panel.lines) for panel in axs.flat] == [3, 3]
    assert [text.get_text() for text in fig.legends[0].get_texts()] == data.taper.tolist()


def test_complex_spectra_are_refused(rng: np.random.Generator) -> None:
    data = spy.SpectralData(rng.standard_normal((1, 1, 10, 2)) * 1j, samplerate=10.0)
    for plot in (data.singlepanelplot, data.multipanelplot):
        with pytest.raises(spy.SPYValueError, match="output='pow'"):
            plot()


def test_latency_without_time_axis_warns(power: spy.SpectralData) -> None:
    with pytest.warns(spy.SPYWarning, match="`latency` has no effect") as caught:
        power.singlepanelplot(channel=0, latency=[-1, 0])
    assert caught[0].filename == __file__


def test_spectra_of_an_analysis(signals: spy.AnalogData) -> None:
    spec = spy.freqanalysis(signals, output="pow", keeptrials=False)
    _, ax = spec.singlepanelplot(channel=["Oz", "Pz"])
    assert ax.get_ylabel() == "power (dB)"
    np.testing.assert_allclose(ax.lines[0].get_ydata(), 10 * np.log10(spec.data[0, 0, :, 3]), rtol=1e-5)


def test_images_reach_half_a_bin_beyond_their_ends(timefreq: spy.SpectralData) -> None:
    fig, ax = timefreq.singlepanelplot(channel="Pz")
    (image,) = ax.images
    np.testing.assert_allclose(image.get_extent(), (-0.525, 0.975, 2.5, 42.5))
    np.testing.assert_array_equal(image.get_array(), timefreq.data[:, 0, :, 1].T)
    assert image.origin == "lower"
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("time (s)", "frequency (Hz)", "Pz")
    assert fig.axes[1].get_ylabel() == "power (a.u.)"
    _, ax = timefreq.singlepanelplot(channel="Pz", logscale=True)
    np.testing.assert_allclose(ax.images[0].get_array(), 10 * np.log10(timefreq.data[:, 0, :, 1].T))


def test_missing_numbers_are_not_coloured(timefreq: spy.SpectralData) -> None:
    values = timefreq.data[()]
    values[:3] = np.nan
    data = spy.SpectralData(values, samplerate=20.0)
    _, ax = data.singlepanelplot(channel=0)
    (image,) = ax.images
    assert image.get_array().mask[:, :3].all()
    assert not image.get_array().mask[:, 3:].any()
    assert image.cmap.get_bad()[3] == 0
    assert ax.patch.get_hatch()


def test_uneven_frequencies_are_drawn_where_they_are(rng: np.random.Generator) -> None:
    freqs = np.geomspace(2, 64, 6)
    data = spy.SpectralData(rng.uniform(1, 2, (20, 1, 6, 1)), samplerate=10.0, freq=freqs)
    _, ax = data.singlepanelplot()
    assert not ax.images
    grid = ax.collections[0].get_coordinates()
    np.testing.assert_allclose(grid[1:-1, 0, 1], (freqs[1:] + freqs[:-1]) / 2)
    np.testing.assert_allclose(ax.get_ylim(), (1.0, 80.0))


def test_edges() -> None:
    np.testing.assert_allclose(edges(np.array([1.0, 2.0, 4.0])), [0.5, 1.5, 3.0, 5.0])
    np.testing.assert_allclose(edges(np.array([3.0])), [2.5, 3.5])


def test_numbers_of_both_signs_get_colours_around_zero(timefreq: spy.SpectralData) -> None:
    data = spy.SpectralData(timefreq.data[()] - 1.8, samplerate=20.0)
    _, ax = data.singlepanelplot(channel=0)
    low, high = ax.images[0].get_clim()
    assert low == -high
    assert high == pytest.approx(np.abs(data.data[..., 0]).max())


def test_image_panels_share_their_colours(timefreq: spy.SpectralData) -> None:
    fig, axs = timefreq.multipanelplot()
    values = timefreq.data[()]
    assert axs.shape == (1, 3)
    assert {ax.images[0].get_clim() for ax in axs.flat} == {(values.min(), values.max())}
    assert len(fig.axes) == 4


def test_images_need_one_channel_and_one_taper(timefreq: spy.SpectralData, rng: np.random.Generator) -> None:
    with pytest.raises(spy.SPYValueError, match=r"multipanelplot.*; got 3 channels"):
        timefreq.singlepanelplot()
    tapers = spy.SpectralData(rng.uniform(1, 2, (5, 2, 4, 1)), samplerate=10.0)
    with pytest.raises(spy.SPYValueError, match="got 2 tapers"):
        tapers.multipanelplot()


def test_one_frequency_or_one_time_of_an_image_is_a_line(timefreq: spy.SpectralData) -> None:
    _, ax = timefreq.singlepanelplot(frequency=20, logscale=False)
    np.testing.assert_array_equal(ax.lines[2].get_ydata(), timefreq.data[:, 0, 3, 2])
    np.testing.assert_allclose(ax.lines[2].get_xdata(), timefreq.time[0])
    assert ax.get_xlabel() == "time (s)"
    _, ax = timefreq.singlepanelplot(latency=0, logscale=False)
    np.testing.assert_array_equal(ax.lines[2].get_ydata(), timefreq.data[10, 0, :, 2])
    assert ax.get_xlabel() == "frequency (Hz)"


def test_values_of_options_are_checked(power: spy.SpectralData) -> None:
    with pytest.raises(spy.SPYValueError, match="'linear', 'log', 'dB'"):
        power.singlepanelplot(scale="decibel")
    with pytest.raises(spy.SPYTypeError, match="logscale"):
        power.singlepanelplot(logscale="yes")


def test_results_of_arithmetic_are_drawn_as_they_are(signals: spy.AnalogData) -> None:
    first = spy.freqanalysis(signals, select={"trials": [0]})
    second = spy.freqanalysis(signals, select={"trials": [1]})
    change = (first - second) / second
    _, ax = change.singlepanelplot(channel="Oz")
    assert ax.get_ylabel() == "spectrum (a.u.)"
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), change.data[0, 0, :, 3])
    assert ax.lines[0].get_ydata().min() < 0
    _, ax = spy.freqanalysis(signals * 1e6, keeptrials=False).singlepanelplot()
    assert ax.get_ylabel() == "power (dB)"


@pytest.mark.parametrize(
    ("zlim", "limits"),
    [([1.2, 1.5], (1.2, 1.5)), ("maxmin", (1, 2)), ("maxabs", (-2, 2)), ("zeromax", (0, 2)), ("minzero", (-2, 0))],
)
def test_limits_of_colours(timefreq: spy.SpectralData, zlim: object, limits: tuple[float, float]) -> None:
    values = timefreq.data[()]
    values[0, 0, 0, 0], values[1, 0, 0, 0] = 1, 2
    data = spy.SpectralData(-values if zlim == "minzero" else values, samplerate=20.0)
    _, axs = data.multipanelplot(zlim=zlim)
    assert {ax.images[0].get_clim() for ax in axs.flat} == {limits}
    _, ax = timefreq.singlepanelplot(channel=1, zlim=[0.5, 1.5], scale="log")
    assert ax.images[0].get_clim() == (0.5, 1.5)


def test_limits_that_are_none(timefreq: spy.SpectralData, power: spy.SpectralData) -> None:
    for zlim in ([1], [2, 1], "max", 3, [0, "a"]):
        with pytest.raises(spy.SPYValueError, match=r"`zlim`: expected \[low, high\], or one of 'maxmin'"):
            timefreq.singlepanelplot(channel=0, zlim=zlim)
    with pytest.raises(spy.SPYValueError, match="positive limits"):
        timefreq.singlepanelplot(channel=0, zlim=[0, 1], scale="log")
    with pytest.raises(spy.SPYValueError, match="None for lines"):
        power.singlepanelplot(zlim=[0, 1])
