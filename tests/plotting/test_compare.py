"""Objects compared with each other."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import syncopy as spy


def test_conditions_are_lines_on_one_panel(signals: spy.AnalogData) -> None:
    first = spy.mean(signals, dim="trials", select={"trials": [0]})
    second = spy.mean(signals, dim="trials", select={"trials": [1]})
    _, ax = spy.plot([first, second], labels=["attended", "ignored"], channel="Oz")
    assert [line.get_label() for line in ax.lines] == ["attended", "ignored"]
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), second.trials[0][:, 3])
    assert ax.get_title() == "Oz"
    fig, axs = spy.plot([first, second], labels=["attended", "ignored"])
    assert axs.shape == (2, 3)
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["attended", "ignored"]


def test_images_stand_beside_each_other_with_the_same_colours(timefreq: spy.SpectralData) -> None:
    other = spy.SpectralData(timefreq.data[()] * 3, samplerate=20.0, channel=timefreq.channel)
    _, axs = spy.plot([timefreq, other], labels=["a", "b"], channel=["Oz", "Pz"])
    assert [ax.get_title() for ax in axs.flat] == ["a: Oz", "b: Oz", "a: Pz", "b: Pz"]
    assert len({ax.images[0].get_clim() for ax in axs.flat}) == 1


def test_tapers_keep_their_names(rng: np.random.Generator) -> None:
    data = spy.SpectralData(rng.uniform(1, 2, (1, 2, 10, 1)), samplerate=10.0)
    _, ax = spy.plot([data, data], labels=["a", "b"])
    assert [line.get_label() for line in ax.lines] == ["a, taper1", "a, taper2", "b, taper1", "b, taper2"]


def test_one_object_is_drawn_as_on_a_single_panel(signals: spy.AnalogData) -> None:
    _, ax = spy.plot(signals, trials=0)
    assert len(ax.get_yticks()) == 5


def test_axes_that_exist(signals: spy.AnalogData) -> None:
    own, axes = plt.subplots()
    fig, ax = spy.plot([signals, signals], trials=0, channel=0, ax=axes)
    assert fig is own
    assert [line.get_label() for line in ax.lines] == ["data 1", "data 2"]
    with pytest.raises(spy.SPYValueError, match=r"plot\(\): .*one panel.*; got 5 panels"):
        spy.plot([signals, signals], trials=0, ax=axes)


def test_what_cannot_be_compared(signals: spy.AnalogData, power: spy.SpectralData) -> None:
    with pytest.raises(spy.SPYValueError, match="a name for each of 2 objects"):
        spy.plot([signals, signals], labels=["a"], trials=0)
    with pytest.raises(spy.SPYValueError, match="one at least"):
        spy.plot([])
    with pytest.raises(spy.SPYValueError, match="a name for each of 2 objects"):
        spy.plot([signals, signals], labels="ab", trials=0)
    with pytest.raises(spy.SPYValueError, match="None for one object"):
        spy.plot(signals, labels=["a"], trials=0)
    for nothing in (None, "recording.analog"):
        with pytest.raises(spy.SPYTypeError, match="a Syncopy data object, or a sequence of them"):
            spy.plot(nothing)
    other = spy.SpectralData(power.data[()], samplerate=100.0, channel=power.channel)
    with pytest.raises(spy.SPYValueError, match=r"units.*a\.u\. and dB"):
        spy.plot([power, other])
    other = spy.SpectralData(power.data[()], samplerate=100.0)
    with pytest.raises(spy.SPYValueError, match="same channels"):
        spy.plot([power, other], logscale=False)
