"""Traces."""

from itertools import pairwise

import numpy as np
import pytest

import syncopy as spy
from syncopy.plotting.lines import round_down


def test_functions_and_methods_draw_one_trial(signals: spy.AnalogData) -> None:
    for fig, ax in (signals.singlepanelplot(trials=1, channel="Cz"), spy.singlepanelplot(signals, trials=1, channel=1)):
        assert ax.figure is fig
        x, y = ax.lines[0].get_data()
        np.testing.assert_array_equal(y, signals.trials[1][:, 1])
        np.testing.assert_allclose(x, signals.time[1])
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (s)", "signal (a.u.)")
        assert ax.get_xlim() == (-1.0, 0.49)
        assert ax.get_legend().get_texts()[0].get_text() == "Cz"


def test_shifted_traces_stand_above_each_other_without_touching(signals: spy.AnalogData) -> None:
    _, ax = signals.singlepanelplot(trials=0)
    traces = [line.get_ydata() for line in ax.lines[:5]]
    for number, (above, below) in enumerate(pairwise(traces)):
        assert below.max() < above.min()
        shift = below - signals.trials[0][:, number + 1]
        np.testing.assert_allclose(shift, shift[0], atol=1e-12)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == signals.channel.tolist()
    np.testing.assert_allclose(ax.get_yticks(), [trace.mean() for trace in traces])


def test_shifted_traces_have_a_scale_bar_with_the_unit(signals: spy.AnalogData) -> None:
    signals.info["unit"] = "µV"
    _, ax = signals.singlepanelplot(trials=0)
    (text,) = ax.texts
    length = np.ptp(ax.lines[-1].get_ydata())
    assert text.get_text() == f"{length:g} µV"
    assert length in (1.0, 2.0, 5.0)


@pytest.mark.parametrize(("length", "bar"), [(1, 1), (4.99, 2), (7e-13, 5e-13), (1999, 1000), (0.1, 0.1)])
def test_scale_bars_are_round(length: float, bar: float) -> None:
    assert round_down(length) == pytest.approx(bar)


def test_overlaid_traces_are_the_data(signals: spy.AnalogData) -> None:
    signals.info["unit"] = "µV"
    _, ax = signals.singlepanelplot(trials=0, shifted=False, channel=["Oz", "Fz"], latency=[-0.5, 0.2])
    time = signals.time[0]
    inside = (time >= -0.5) & (time <= 0.2)
    for line, channel in zip(ax.lines, (3, 0), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), signals.trials[0][inside, channel])
    assert ax.get_ylabel() == "signal (µV)"


def test_flat_and_missing_traces_are_drawn(rng: np.random.Generator) -> None:
    values = rng.standard_normal((50, 4))
    values[:, 1], values[:, 2] = 3.0, np.nan
    data = spy.AnalogData(values, samplerate=10.0)
    _, ax = data.singlepanelplot()
    ticks = ax.get_yticks()
    assert (np.diff(ticks) < 0).all()
    assert np.isfinite(ticks).all()
    zeros = spy.AnalogData(np.zeros((50, 3)), samplerate=10.0)
    _, ax = zeros.singlepanelplot()
    assert len(set(ax.get_yticks())) == 3


def test_several_trials_are_refused_with_the_remedy(signals: spy.AnalogData) -> None:
    with pytest.raises(spy.SPYValueError, match=r"`trials=0`.*spy\.mean.*; got 2 trials"):
        signals.singlepanelplot()
    signals.singlepanelplot(trials=[0])


def test_the_in_place_selection_holds_without_selectors_and_stays(signals: spy.AnalogData) -> None:
    signals.selection = {"trials": 1, "channel": ["Oz"]}
    chosen = signals.selection
    _, ax = signals.singlepanelplot()
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), signals.trials[1][:, 3])
    with pytest.raises(spy.SPYValueError):
        signals.singlepanelplot(trials=5)
    assert signals.selection is chosen


def test_complex_signals_are_refused(rng: np.random.Generator) -> None:
    data = spy.AnalogData(rng.standard_normal((20, 2)) + 1j, samplerate=10.0)
    with pytest.raises(spy.SPYValueError, match=r"real numbers; .*hilbert='abs'.*; got complex128"):
        data.singlepanelplot()


def test_misspelt_and_meaningless_keywords(signals: spy.AnalogData) -> None:
    with pytest.raises(spy.SPYValueError, match="did you mean `channel`"):
        signals.singlepanelplot(trials=0, chanel="Oz")
    with pytest.raises(spy.SPYValueError, match="no `frequency` selection available for AnalogData"):
        signals.singlepanelplot(trials=0, frequency=3)
    with pytest.warns(spy.SPYWarning, match="`logscale` has no effect for AnalogData"):
        signals.singlepanelplot(trials=0, logscale=True)
    with pytest.raises(spy.SPYTypeError, match="shifted"):
        signals.singlepanelplot(trials=0, shifted=1)


def test_empty_objects_and_other_things_are_refused() -> None:
    with pytest.raises(spy.SPYValueError, match="non-empty"):
        spy.AnalogData(samplerate=10.0).singlepanelplot()
    with pytest.raises(spy.SPYTypeError, match="AnalogData"):
        spy.singlepanelplot(np.zeros(3))  # type: ignore[arg-type]


def test_shifting_is_for_channels_on_one_panel(signals: spy.AnalogData) -> None:
    for shifted in (True, False):
        with pytest.raises(spy.SPYValueError, match=r"multipanelplot\(\): .*`shifted`.*`singlepanelplot`"):
            signals.multipanelplot(trials=0, shifted=shifted)


def test_units_of_channels(signals: spy.AnalogData) -> None:
    signals.info["channel_unit"] = dict.fromkeys(["Fz", "Cz", "Pz", "Oz"], "V") | {"EOG": "mV"}
    for channel, label in ((["Fz", "Oz"], "signal (V)"), ("EOG", "signal (mV)"), (["Fz", "EOG"], "signal (a.u.)")):
        _, ax = signals.singlepanelplot(trials=0, channel=channel, shifted=False)
        assert ax.get_ylabel() == label


def test_a_recording_whose_file_is_gone(signals: spy.AnalogData, tmp_path) -> None:
    file = tmp_path / "there.analog"
    signals.save(filename=file)
    loaded = spy.load(file)
    file.rename(tmp_path / "elsewhere.analog")
    with pytest.raises(spy.SPYIOError, match=r"singlepanelplot\(\): .*there\.analog"):
        loaded.singlepanelplot(trials=0)
