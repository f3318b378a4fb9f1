"""Times that no sample rate describes: they stay true through all that is made of an object."""

import numpy as np
import pytest

import syncopy as spy

TOI = [0.0, 0.1, 0.25, 0.3]


@pytest.fixture
def spectra():
    rng = np.random.default_rng(3)
    data = spy.AnalogData([rng.standard_normal((400, 2)) for _ in range(3)], samplerate=500)
    data.trialdefinition = np.column_stack([np.arange(3) * 400, np.arange(1, 4) * 400, np.full(3, -100)])
    with pytest.warns(spy.SPYWarning, match="not equidistant"):
        return spy.freqanalysis(
            data, method="mtmconvol", t_ftimwin=0.1, toi=TOI, foi=[20, 40, 60], output="fourier", keeptapers=True
        )


def times(data):
    return [time.tolist() for time in data.time]


def test_an_object_that_lists_its_times(spectra):
    assert times(spectra) == [TOI] * 3
    np.testing.assert_array_equal(spectra.trialintervals, [[0, 0.3]] * 3)


@pytest.mark.parametrize(
    "make",
    [
        spy.copy,
        lambda spectra: spectra * 2,
        lambda spectra: spy.mean(spectra, dim="freq"),
        lambda spectra: spy.connectivityanalysis(spectra, method="csd", keeptrials=True),
        lambda spectra: spy.selectdata(spectra, channel=[1]),
        lambda spectra: spy.redefinetrial(spectra, trials=[2, 1, 0]),
    ],
    ids=["copy", "arithmetic", "statistic", "connectivity", "selection", "redefinition"],
)
def test_what_keeps_the_axis_keeps_the_times(spectra, make):
    assert times(make(spectra)) == [TOI] * 3


def test_averages_over_trials_keep_the_times(spectra):
    assert times(spy.mean(spectra, dim="trials")) == [TOI]
    assert times(spy.connectivityanalysis(spectra, method="coh")) == [TOI]
    assert times(spy.mean(spectra, dim="time")) == [[0.0]] * 3


def test_files_keep_the_times(spectra, tmp_path):
    spectra.save(tmp_path / "spectra")
    assert times(spy.load(tmp_path / "spectra.spy")) == [TOI] * 3


@pytest.mark.parametrize(
    ("latency", "picked"), [([0.05, 0.26], [1, 2]), ([0.0, 0.1], [0, 1]), (0.26, [2]), ("maxperiod", [0, 1, 2, 3])]
)
def test_latency_means_the_true_times(spectra, latency, picked):
    part = spy.selectdata(spectra, latency=latency, trials=[2, 0])
    assert times(part) == [[TOI[number] for number in picked]] * 2
    np.testing.assert_array_equal(part.trials[0], spectra.trials[2][picked])
    shown = spectra.resolve({"latency": latency, "trials": [1]})
    np.testing.assert_array_equal(shown.trialintervals, [[TOI[picked[0]], TOI[picked[-1]]]])


def test_a_window_between_two_times_is_a_mistake(spectra):
    with pytest.raises(spy.SPYValueError, match="holds one of the times"):
        spy.selectdata(spectra, latency=[0.12, 0.2])


def test_joined_trials_keep_each_its_own_times(spectra):
    late = spy.selectdata(spectra, latency=[0.2, 0.3])
    joined = spy.SpectralData([spectra, late])
    assert times(joined) == [TOI] * 3 + [[0.25, 0.3]] * 3
    assert times(spy.selectdata(joined, trials=[4, 0])) == [[0.25, 0.3], TOI]


def test_borders_and_offsets_stay_as_the_times_are(spectra):
    definition = spectra.trialdefinition
    spectra.trialdefinition = np.column_stack([definition, [5, 6, 7]])
    assert times(spectra) == [TOI] * 3
    definition[:, 2] += 1
    with pytest.raises(spy.SPYValueError, match="irregular times"):
        spectra.trialdefinition = definition
    with pytest.raises(spy.SPYValueError, match="irregular times"):
        spy.redefinetrial(spectra, shift=3)


def test_notes_of_a_user_are_no_times():
    data = spy.AnalogData(np.zeros((10, 1)), samplerate=10)
    regular = times(data)
    for note in ("early", [0.1, 0.2], [], [[1.0]], {"a": 1}):
        data.info["toi"] = note
        assert times(data) == regular


def test_pictures_and_exports_show_the_times(spectra):
    pytest.importorskip("xarray")
    np.testing.assert_array_equal(spy.to_xarray(spectra).coords["time"], TOI)
    view = spectra.view()
    np.testing.assert_array_equal(view.times(1), TOI)
    np.testing.assert_array_equal(view.intervals, [[0, 0.3]] * 3)
