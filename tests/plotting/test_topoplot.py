"""Topographies: where channels are, and what is drawn between them."""

import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import syncopy as spy
from syncopy.plotting.positions import find_positions
from syncopy.plotting.topography import interpolate, mean_of_channels, surface_outline

CIRCLE = {"Fpz": (0, 1), "T7": (-1, 0), "Oz": (0, -1), "T8": (1, 0), "Cz": (0, 0)}


def on_sphere(polar: float, azimuth: float) -> np.ndarray:
    """Point by its angle from the vertex, and its angle from the right towards the front, in degrees."""
    polar, azimuth = np.deg2rad([polar, azimuth])
    return np.array([np.sin(polar) * np.cos(azimuth), np.sin(polar) * np.sin(azimuth), np.cos(polar)])


HEAD = {"Fpz": on_sphere(90, 90), "Oz": on_sphere(90, -90), "T7": on_sphere(90, 180), "T8": on_sphere(90, 0)}
HEAD |= {"Cz": on_sphere(0, 0), "C4": on_sphere(45, 0), "F4": on_sphere(60, 50)}


@pytest.fixture
def power(rng: np.random.Generator) -> spy.SpectralData:
    """Power of seven electrodes, 1 to 20 Hz."""
    data = spy.SpectralData(rng.uniform(1, 2, (1, 1, 20, 7)), samplerate=100.0, channel=list(HEAD))
    data.freq = np.arange(1.0, 21.0)
    data.cfg["freqanalysis"] = {"method": "mtmfft", "output": "pow"}
    return data


def value_at(ax, x: float, y: float) -> float:
    """Number the image of a topography shows at a point."""
    (image,) = ax.images
    left, right, bottom, top = image.get_extent()
    values = image.get_array()
    column = (x - left) / (right - left) * (values.shape[1] - 1)
    row = (y - bottom) / (top - bottom) * (values.shape[0] - 1)
    return float(values[round(row), round(column)])


def test_angles_from_the_vertex_become_distances() -> None:
    found = find_positions(HEAD, list(HEAD), [])
    assert found.head
    expected = [*(CIRCLE[name] for name in ("Fpz", "Oz", "T7", "T8", "Cz")), (0.5, 0)]
    expected.append((60 / 90 * np.cos(np.deg2rad(50)), 60 / 90 * np.sin(np.deg2rad(50))))
    np.testing.assert_allclose(found.points, expected, atol=1e-12)


def test_it_does_not_matter_how_the_head_was_held() -> None:
    turn = Rotation.from_euler("xyz", [20, -35, 130], degrees=True)
    moved = {name: 0.09 * turn.apply(point) + [0.01, -0.02, 0.05] for name, point in HEAD.items()}
    names = list(HEAD)
    np.testing.assert_allclose(
        find_positions(moved, names, []).points, find_positions(HEAD, names, []).points, atol=1e-9
    )


def test_without_the_electrodes_of_the_equator_the_sphere_is_fitted() -> None:
    points = {f"E{k}": 3 + 2 * on_sphere(10 + 4 * k, 77 * k) for k in range(20)}
    found = find_positions(points, list(points), []).points
    np.testing.assert_allclose(np.hypot(*found.T), (10 + 4 * np.arange(20)) / 90, atol=1e-9)
    angle = np.arctan2(found[:, 1], found[:, 0])
    np.testing.assert_allclose(np.exp(1j * angle), np.exp(1j * np.deg2rad(77 * np.arange(20))), atol=1e-9)


def test_two_coordinates_stay_as_they_are() -> None:
    grid = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0]])
    found = find_positions(grid, ["c", "a"], ["a", "b", "c", "d"])
    assert not found.head
    np.testing.assert_array_equal(found.points, grid[[2, 0]])
    low, high = surface_outline(find_positions(grid, list("abcd"), list("abcd"))).T
    np.testing.assert_allclose([low.min(), low.max(), high.min(), high.max()], [-1, 3, -1, 3])


def test_labels_are_compared_as_people_write_them() -> None:
    found = find_positions(HEAD, ["FPZ.", "oz..", "c4 ", "F4"], []).points
    np.testing.assert_array_equal(found, find_positions(HEAD, ["Fpz", "Oz", "C4", "F4"], []).points)


@pytest.mark.parametrize("name", ["standard_1005", "standard_1020", "biosemi64"])
def test_montages_of_mne(name: str) -> None:
    pytest.importorskip("mne")
    labels = [label for label in CIRCLE if not (name == "biosemi64" and label == "Cz")]
    points = find_positions(name, labels, []).points
    np.testing.assert_allclose(points, [CIRCLE[label] for label in labels], atol=0.06)
    left, right = find_positions(name, ["F3", "P7"], []).points, find_positions(name, ["F4", "P8"], []).points
    np.testing.assert_allclose(left, right * [-1, 1], atol=0.05)
    assert (find_positions(name, ["AF3", "POz"], []).points[:, 1] * [1, -1] > 0.3).all()


def test_positions_agree_with_the_layout_mne_makes_of_them() -> None:
    mne = pytest.importorskip("mne")
    labels = ["Fp1", "F7", "F4", "C3", "Cz", "T8", "P3", "Pz", "P8", "O1", "Oz"]
    montage = mne.channels.make_standard_montage("biosemi64")
    info = mne.create_info([*labels, "STI"], 100.0, ["eeg"] * len(labels) + ["stim"])
    info.set_montage(montage)
    info["chs"][-1]["loc"][:3] = 7e15, 0, 0  # as files have it
    theirs = mne.channels.make_eeg_layout(info).pos[:, :2]
    with pytest.raises(spy.SPYValueError, match="got STI"):
        find_positions(info, ["STI"], [])
    for layout in (info, montage, "biosemi64"):
        ours = find_positions(layout, labels, []).points
        for axis in (0, 1):
            assert np.corrcoef(ours[:, axis], theirs[:, axis])[0, 1] > 0.995


def test_the_surface_is_a_thin_plate_spline(rng: np.random.Generator) -> None:
    points, values = rng.uniform(-1, 1, (9, 2)), rng.standard_normal(9)
    x, y = np.linspace(-1, 1, 5), np.linspace(-1, 1, 4)

    def bending(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        distance = np.linalg.norm(a[:, None] - b, axis=2)
        return np.where(distance > 0, distance**2 * np.log(np.where(distance > 0, distance, 1)), 0)

    plane = np.column_stack([np.ones(9), points])
    system = np.block([[bending(points, points), plane], [plane.T, np.zeros((3, 3))]])
    weights = np.linalg.solve(system, [*values, 0, 0, 0])
    grid = np.array([(a, b) for b in y for a in x])
    expected = bending(grid, points) @ weights[:9] + np.column_stack([np.ones(20), grid]) @ weights[9:]
    np.testing.assert_allclose(interpolate(points, values, x, y).ravel(), expected, atol=1e-9)


def test_angles_are_interpolated_the_short_way() -> None:
    points = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    surface = interpolate(points, np.array([3.1, -3.1, 3.1, -3.1]), np.array([0.0]), np.array([0.0]), circular=True)
    np.testing.assert_allclose(abs(surface), np.pi, atol=1e-9)


def test_means_are_those_of_the_chosen_part(power: spy.SpectralData) -> None:
    fig, ax = power.topoplot(HEAD, frequency=[8, 12])
    means = power.data[0, 0, 7:12].mean(axis=0)
    points = find_positions(HEAD, list(HEAD), []).points
    for (x, y), mean in zip(points, means, strict=True):
        assert value_at(ax, x, y) == pytest.approx(mean, abs=0.05 * np.ptp(means))
    np.testing.assert_allclose(ax.images[0].get_clim(), (means.min(), means.max()))
    assert ax.get_title() == "8 to 12 Hz"
    assert fig.axes[1].get_ylabel() == "power (a.u.)"
    assert ax.images[0].get_cmap().name == "magma"
    drawn = next(line for line in ax.lines if line.get_marker() == "o")
    np.testing.assert_allclose(drawn.get_xydata(), points)
    assert not ax.axison
    fig, ax = power.topoplot(HEAD, frequency=[8, 12], scale="dB", names=True)
    np.testing.assert_allclose(ax.images[0].get_clim(), 10 * np.log10([means.min(), means.max()]))
    assert fig.axes[1].get_ylabel() == "power (dB)"
    assert [text.get_text() for text in ax.texts] == list(HEAD)


def test_long_signals_are_read_in_parts(rng: np.random.Generator) -> None:
    values = rng.standard_normal((5000, 7)).astype(np.float32)
    data = spy.AnalogData(values, samplerate=1000.0, channel=list(HEAD))
    with spy.options(memory="100kB"):
        _, ax = data.topoplot(HEAD, latency=[1.0, 3.0])
    means = values[1000:3001].mean(axis=0, dtype=float)
    most = abs(means).max()
    np.testing.assert_allclose(ax.images[0].get_clim(), (-most, most))
    assert ax.images[0].get_cmap().name == "RdBu_r"
    assert ax.get_title() == "1 to 3 s"


def test_averages_over_trials(rng: np.random.Generator) -> None:
    data = spy.AnalogData([rng.standard_normal((40, 7)) for _ in range(5)], samplerate=20.0, channel=list(HEAD))
    locked = spy.timelockanalysis(data)
    _, ax = locked.topoplot(HEAD, latency=[-0.5, 0.0])
    time = locked.time[0]
    means = locked.avg[()][(time >= -0.5) & (time <= 0)].mean(axis=0)
    assert value_at(ax, 0.5, 0) == pytest.approx(means[5], abs=0.05 * np.ptp(means))
    with pytest.raises(spy.SPYValueError, match=r"topoplot\(\): .*a single trial"):
        data.topoplot(HEAD)


def test_relations_with_one_channel() -> None:
    values = np.random.default_rng(3).uniform(0, 1, (1, 4, 7, 7))
    coh = spy.CrossSpectralData(values, samplerate=10.0, channel_i=list(HEAD), channel_j=list(HEAD))
    coh.cfg["connectivityanalysis"] = {"method": "coh", "output": "abs"}
    fig, ax = coh.topoplot(HEAD, channel_i="T8")
    means = values[0, :, 3].mean(axis=0)
    assert value_at(ax, 0.5, 0) == pytest.approx(means[5], abs=0.05)
    assert ax.get_title() == "with T8, 0 to 3 Hz"
    assert fig.axes[1].get_ylabel() == "abs coherence"
    # coherence of the channel with itself is no result
    blank = next(line for line in ax.lines if line.get_marker() == "x")
    np.testing.assert_allclose(blank.get_xydata(), [(1, 0)], atol=1e-9)
    with pytest.raises(spy.SPYValueError, match="one channel, whose relations"):
        coh.topoplot(HEAD)


def test_angles_have_mean_directions() -> None:
    values = np.array([[3.0, 0.1], [-3.0, 0.3]])
    np.testing.assert_allclose(np.abs(mean_of_channels([values], True)), [np.pi, 0.2])
    np.testing.assert_allclose(mean_of_channels([values[:1], values[1:]], False), [0, 0.2])


def test_missing_numbers(power: spy.SpectralData) -> None:
    values = power.data[()]
    values[..., 6] = np.nan
    data = spy.SpectralData(values, samplerate=100.0, channel=list(HEAD))
    _, ax = data.topoplot(HEAD)
    assert np.isfinite(ax.images[0].get_array()).all()
    blank = next(line for line in ax.lines if line.get_marker() == "x")
    assert len(blank.get_xdata()) == 1
    fig, ax = (data * np.nan).topoplot(HEAD)
    assert fig.axes[1].get_ylabel() == "spectrum (a.u.)"
    assert np.ma.getmaskarray(ax.images[0].get_array()).all() or np.isnan(ax.images[0].get_array()).all()
    assert ax.patches[0].get_hatch()
    fig.canvas.draw()


def test_conditions_share_their_colours(power: spy.SpectralData) -> None:
    double = power * 2
    double.cfg = power.cfg
    fig, axs = spy.topoplot([power, double], HEAD, labels=["a", "b"], frequency=10)
    assert axs.shape == (1, 2)
    assert [ax.get_title() for ax in axs.flat] == ["a: 10 Hz", "b: 10 Hz"]
    row = power.data[0, 0, 9]
    assert {ax.images[0].get_clim() for ax in axs.flat} == {(row.min(), 2 * row.max())}
    assert len(fig.axes) == 3
    with pytest.raises(spy.SPYValueError, match="same quantity"):
        spy.topoplot([power, power * 2], HEAD, frequency=10)


def test_axes_that_exist(power: spy.SpectralData) -> None:
    own, axes = plt.subplots(1, 2)
    fig, ax = power.topoplot(HEAD, ax=axes[0])
    assert fig is own
    assert ax is axes[0]
    _, axs = spy.topoplot([power, power], HEAD, ax=axes)
    assert axs[1] is axes[1]


def test_alpha_of_a_real_recording_is_at_the_back_of_the_head(shared) -> None:
    pytest.importorskip("mne")
    eeg = spy.load_ft_raw(shared / "recordings" / "eeg_visual_fieldtrip.mat")["data"]
    spec = spy.freqanalysis(eeg, tapsmofrq=2, foilim=[8, 12], keeptrials=False)
    _, ax = spec.topoplot(channel=["all", "-EOG*"])
    values = ax.images[0].get_array()
    left, _, bottom, top = ax.images[0].get_extent()
    row, column = np.unravel_index(np.argmax(values), values.shape)
    y, x = bottom + (top - bottom) * row / values.shape[0], left - 2 * left * column / values.shape[1]
    assert -1 < y < -0.4
    assert abs(x) < 0.5
    with pytest.raises(spy.SPYValueError, match=r"channel=\['all', '-EOG1', '-EOG2'\]; got EOG1, EOG2"):
        spec.topoplot()


def test_what_has_no_topography(power: spy.SpectralData) -> None:
    pytest.importorskip("mne")
    with pytest.raises(spy.SPYValueError, match="did you mean 'standard_1020'"):
        power.topoplot("standart_1020")
    with pytest.raises(spy.SPYValueError, match="two or three coordinates"):
        power.topoplot(np.zeros((3, 2)))
    with pytest.raises(spy.SPYTypeError, match="montage"):
        power.topoplot(object())
    with pytest.raises(spy.SPYValueError, match="three channels at least"):
        power.topoplot(HEAD, channel=["Cz", "Oz"])
    with pytest.raises(spy.SPYValueError, match="not all on a line"):
        power.topoplot({name: (k, 2 * k) for k, name in enumerate(HEAD)})
    with pytest.raises(spy.SPYValueError, match=r"different positions.*F4 where Cz is"):
        power.topoplot({**HEAD, "F4": HEAD["Cz"]})
    with pytest.raises(spy.SPYValueError, match="positions of shape"):
        power.topoplot(dict.fromkeys(HEAD, (1, 2, 3, 4)))
    with pytest.raises(spy.SPYValueError, match="did you mean `names`"):
        power.topoplot(HEAD, name=True)
    with pytest.raises(spy.SPYTypeError, match=r"`names`.*True or False"):
        power.topoplot(HEAD, names=1)
    with pytest.raises(spy.SPYValueError, match="take the power"):
        spy.SpectralData(np.ones((1, 1, 3, 7)) * 1j, samplerate=1.0, channel=list(HEAD)).topoplot(HEAD)
    with pytest.raises(spy.SPYTypeError, match="SpectralData"):
        spy.SpikeData(np.array([[1, 0, 0]]), samplerate=10.0).topoplot(HEAD)
    with pytest.raises(spy.SPYValueError, match="None for one object"):
        power.topoplot(HEAD, labels=["a"])


def test_without_mne_the_extra_is_named(power: spy.SpectralData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mne.channels", None)
    with pytest.raises(spy.SPYImportError, match=r"topoplot\(\): .*syncopy\[mne\].*`layout` as a dict"):
        power.topoplot("standard_1020")
    power.topoplot(HEAD)
