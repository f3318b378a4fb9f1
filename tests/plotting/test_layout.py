"""Figures: their number of panels, what they share, and what they leave alone."""

import subprocess
import sys
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest

import syncopy as spy
from syncopy.plotting.layout import grid_shape, shorten, thin_ticks

SHAPES = {1: (1, 1), 2: (1, 2), 3: (1, 3), 4: (2, 2), 5: (2, 3), 6: (2, 3), 7: (2, 4), 8: (2, 4), 9: (3, 3)}
SHAPES |= {11: (3, 4), 13: (2, 7), 15: (3, 5), 17: (3, 6), 22: (4, 6), 23: (4, 6), 25: (5, 5)}


@pytest.mark.parametrize(("n_panels", "shape"), SHAPES.items())
def test_grid(n_panels: int, shape: tuple[int, int]) -> None:
    assert grid_shape(n_panels) == shape


def test_panels_share_axes_and_outer_ones_are_labelled(signals: spy.AnalogData) -> None:
    fig, axs = signals.multipanelplot(trials=1)
    assert axs.shape == (2, 3)
    assert len(fig.axes) == 5
    assert axs[1, 2] not in fig.axes
    assert len({ax.get_ylim() for ax in fig.axes}) == len({ax.get_xlim() for ax in fig.axes}) == 1
    assert [ax.get_title() for ax in fig.axes] == signals.channel.tolist()
    assert [ax.get_ylabel() for ax in fig.axes] == ["signal (a.u.)", "", "", "signal (a.u.)", ""]
    # the panel above the empty place is the lowest of its column
    assert [ax.get_xlabel() for ax in fig.axes] == ["", "", "time (s)", "time (s)", "time (s)"]


def test_more_than_25_panels_are_refused(rng: np.random.Generator) -> None:
    data = spy.AnalogData(rng.standard_normal((10, 26)), samplerate=10.0)
    with pytest.raises(spy.SPYValueError, match=r"multipanelplot\(\): .*25 panels.*singlepanelplot.*; got 26"):
        data.multipanelplot()
    assert not plt.get_fignums()
    _, axs = data.multipanelplot(channel=range(25))
    assert axs.shape == (5, 5)


def test_lines_are_added_to_axes_that_exist(power: spy.SpectralData) -> None:
    own, axes = plt.subplots(1, 2)
    size = own.get_size_inches().tolist()
    fig, ax = power.singlepanelplot(channel=["Oz", "Pz"], ax=axes[1])
    assert fig is own
    assert ax is axes[1]
    power.singlepanelplot(channel="Fz", ax=axes[1])
    assert [line.get_label() for line in ax.lines] == ["Oz", "Pz", "Fz"]
    assert len({line.get_color() for line in ax.lines}) == 3
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Oz", "Pz", "Fz"]
    assert plt.get_fignums() == [own.number]
    assert own.get_size_inches().tolist() == size
    assert not axes[0].lines


def test_panels_on_axes_that_exist(power: spy.SpectralData) -> None:
    own, axes = plt.subplots(2, 3)
    fig, axs = power.multipanelplot(ax=axes)
    assert fig is own
    assert axs.shape == (2, 3)
    assert [ax.get_title() for ax in axs.flat] == [*power.channel, "", ""]
    for number, ax in enumerate(axs.flat[:4]):
        np.testing.assert_allclose(ax.lines[0].get_ydata(), 10 * np.log10(power.data[0, 0, :, number]))
    assert not axs[1, 2].lines
    with pytest.raises(spy.SPYValueError, match="axes for all 4 panels; got 2"):
        power.multipanelplot(ax=axes[0, :2])
    for plot in (power.multipanelplot, power.singlepanelplot):
        with pytest.raises(spy.SPYTypeError, match=r"axes of matplotlib, as in `fig, ax = plt\.subplots\(\)`"):
            plot(ax=3)


def test_labels_of_small_matrices_do_not_overlap(rng: np.random.Generator) -> None:
    values = rng.uniform(0, 1, (1, 1, 40, 40))
    data = spy.CrossSpectralData(values, samplerate=1.0)
    fig, axs = spy.plot([data, data, data])
    fig.canvas.draw()
    for ax in axs.flat:
        boxes = [tick.get_window_extent() for tick in ax.get_yticklabels() if tick.get_text() and tick.get_visible()]
        assert all(below.y1 <= above.y0 for above, below in pairwise(boxes))


@pytest.mark.parametrize("n_channels", [1, 5, 32, 60])
def test_every_line_has_its_own_colour_and_a_name(rng: np.random.Generator, n_channels: int) -> None:
    data = spy.AnalogData(rng.standard_normal((20, n_channels)), samplerate=10.0)
    fig, ax = data.singlepanelplot(shifted=False)
    assert len({tuple(np.atleast_1d(line.get_color()).tolist()) for line in ax.lines}) == n_channels
    if n_channels <= 40:
        assert [text.get_text() for text in ax.get_legend().get_texts()] == data.channel.tolist()
    else:
        names = [text.get_text() for text in fig.axes[1].get_yticklabels()]
        assert names[0] == data.channel[0]
        assert set(names) <= set(data.channel.tolist())


def test_labels_stay_different_when_they_are_shortened() -> None:
    assert shorten(["Oz", "Pz"]) == ["Oz", "Pz"]
    ends = shorten([f"probe {n} in a very deep structure, contact {n}" for n in range(3)])
    assert len(set(ends)) == 3
    assert ends[0].startswith("probe 0")
    middles = shorten([f"a very long name of an array with the number {n} at the left side of it" for n in range(12)])
    assert len(set(middles)) == 12
    assert max(map(len, ends + middles)) <= 28


def test_ticks_are_thinned_evenly() -> None:
    assert thin_ticks(5, 10).tolist() == [0, 1, 2, 3, 4]
    assert thin_ticks(25, 10).tolist() == [0, 3, 6, 9, 12, 15, 18, 21, 24]


def test_importing_does_not_import_matplotlib() -> None:
    code = "import sys, syncopy; syncopy.singlepanelplot, syncopy.plot; print('matplotlib' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_without_matplotlib_the_extra_is_named(signals: spy.AnalogData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(spy.SPYError, match=r"singlepanelplot\(\): .*pip install .syncopy\[plot\]"):
        signals.singlepanelplot(trials=0)


def test_figures_can_be_drawn(signals: spy.AnalogData, power: spy.SpectralData, timefreq: spy.SpectralData) -> None:
    for fig, _ in (
        signals.singlepanelplot(trials=0),
        spy.plot([signals, signals], trials=0, channel=[0, 1]),
        power.singlepanelplot(scale="log"),
        timefreq.multipanelplot(scale="log", channel=[0, 1]),
    ):
        fig.canvas.draw()
