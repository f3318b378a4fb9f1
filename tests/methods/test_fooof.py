"""FOOOF outputs: known truth, specparam itself channel by channel, early checks, averages, real recordings."""

import importlib.util

import numpy as np
import pytest
from specparam import SpectralModel

import syncopy as spy
from syncopy.data.trials import TrialSpec
from syncopy.methods.freq.mtmfft import Mtmfft
from syncopy.testing import laws

RNG = np.random.default_rng(1)
SPECTRUM = {"foilim": [2, 60], "tapsmofrq": 2}
PARAMETERS = ("aperiodic_params", "peak_params", "gaussian_params", "n_peaks", "r_squared", "error")


def signals(n_trials=3, length=1000, fs=500.0, peaks=(10.0, 25.0)):
    """Noise with power 1/f and, in channel k, an oscillation at `peaks[k]`."""
    trials = []
    for _ in range(n_trials):
        freqs = np.fft.rfftfreq(length)
        freqs[0] = freqs[1]
        noise = np.fft.irfft(
            np.fft.rfft(RNG.standard_normal((length, len(peaks))), axis=0) / freqs[:, None] ** 0.5, axis=0
        )
        time = np.arange(length)[:, None] / fs
        wobble = np.cumsum(RNG.standard_normal((length, len(peaks))), axis=0) * 0.05
        trials.append((noise / noise.std() + np.cos(2 * np.pi * np.array(peaks) * time + wobble)).astype("f4"))
    return spy.AnalogData(trials, samplerate=fs)


def analyse(data, output="fooof", **kwargs):
    return spy.freqanalysis(data, output=output, **SPECTRUM | {"fooof_opt": {"max_n_peaks": 2}} | kwargs)


@pytest.fixture(scope="module")
def data():
    return signals()


def direct(freqs, power, max_n_peaks=2, **options):
    model = SpectralModel(verbose=False, max_n_peaks=max_n_peaks, tol=1e-8, **options)
    model.fit(np.asarray(freqs, "f8"), power.astype("f8"))
    full, background = (10 ** model.results.model.get_component(part) for part in ("full", "aperiodic"))
    return model, {"fooof": full, "fooof_aperiodic": background, "fooof_peaks": full - background + 1e-16 * background}


@pytest.mark.parametrize("scale", [2.0**-43, 2.0**30])
def test_peaks_do_not_depend_on_the_unit(data, scale):
    scaled = spy.AnalogData([trial * np.float32(scale) for trial in data.trials], samplerate=data.samplerate)
    got, expected = analyse(scaled, "fooof_peaks").data[()], analyse(data, "fooof_peaks").data[()]
    assert got.min() > 0
    np.testing.assert_allclose(got / scale**2, expected, rtol=1e-4, atol=1e-6 * expected.max())


@pytest.mark.parametrize(
    "options", [{"max_n_peaks": 3}, {"aperiodic_mode": "knee", "max_n_peaks": 2, "peak_width_limits": [1, 8]}]
)
def test_every_channel_and_trial_has_its_own_fit(data, options):
    power = spy.freqanalysis(data, **SPECTRUM)
    results = {part: analyse(data, part, fooof_opt=options) for part in ("fooof", "fooof_aperiodic", "fooof_peaks")}
    for trial in range(3):
        for channel in range(2):
            model, parts = direct(power.freq, power.trials[trial][0, 0, :, channel], **options)
            for part, spec in results.items():
                np.testing.assert_allclose(spec.trials[trial][0, 0, :, channel], parts[part], rtol=1e-4, atol=1e-12)
            info = results["fooof"].info
            np.testing.assert_allclose(
                info["aperiodic_params"][trial][channel], model.results.get_params("aperiodic"), rtol=1e-5
            )
            for name, version in (("peak_params", "converted"), ("gaussian_params", "fit")):
                expected = model.results.get_params("periodic", version=version)
                np.testing.assert_allclose(info[name][trial][channel], expected, rtol=1e-4)
            assert info["n_peaks"][trial][channel] == model.results.n_peaks
            assert info["r_squared"][trial][channel] == pytest.approx(model.results.metrics.results["gof_rsquared"])
            assert info["error"][trial][channel] == pytest.approx(model.results.metrics.results["error_mae"])
    found = [[row[0] for row in peaks] for peaks in results["fooof"].info["peak_params"][0]]
    assert min(abs(freq - 10) for freq in found[0]) < 1
    assert min(abs(freq - 25) for freq in found[1]) < 1


def test_known_spectrum_is_found_again():
    """A signal made of its spectrum: the fit finds slope and peak."""
    freqs = np.fft.rfftfreq(4000, 1 / 500)
    shape = 10 ** (1.0 * np.exp(-((freqs - 20) ** 2) / (2 * 2.0**2))) / np.maximum(freqs, 0.1) ** 1.3
    phases = np.exp(2j * np.pi * RNG.random(len(freqs)))
    data = spy.AnalogData(np.fft.irfft(np.sqrt(shape) * phases)[:, None] * 100, samplerate=500)
    info = spy.freqanalysis(data, output="fooof", taper=None, foilim=[3, 100], fooof_opt={"max_n_peaks": 1}).info
    assert info["aperiodic_params"][0][0][1] == pytest.approx(1.3, abs=0.01)
    frequency, height, width = info["peak_params"][0][0][0]
    assert (frequency, height, width) == pytest.approx((20, 1, 4), rel=0.01)
    assert info["gaussian_params"][0][0][0][2] == pytest.approx(2, rel=0.01)
    assert info["r_squared"][0][0] > 0.999


def test_result_has_all_metadata_and_is_saved(data, tmp_path):
    spec, power = analyse(data), spy.freqanalysis(data, **SPECTRUM)
    assert spec.data.dtype == np.float32
    assert spec.data.shape == power.data.shape
    assert spec.taper.tolist() == ["dpss0"]
    np.testing.assert_array_equal(spec.freq, power.freq)
    np.testing.assert_array_equal(spec.trialdefinition, power.trialdefinition)
    np.testing.assert_allclose(spec.time[2], power.time[2])
    assert spec.trial_ids.tolist() == [0, 1, 2]
    spec.save(str(tmp_path / "model"))
    assert spy.load(str(tmp_path / "model")).info == spec.info


def test_the_fit_ends_where_that_of_fooof_does():
    freqs = np.arange(2, 91.0)
    peaks = 0.5 * np.exp(-((freqs - 10) ** 2) / 4.5) + 0.3 * np.exp(-((freqs - 35) ** 2) / 18)
    power = 10 ** (1 - 1.1 * np.log10(freqs) + peaks + 0.05 * np.cos(1.7 * freqs + 0.02 * freqs**2))
    trial = TrialSpec(("time", "taper", "freq", "channel"), (1, 1, 89, 1), np.dtype("f8"), 1.0, 0, {"freq": freqs})
    method = Mtmfft(output="fooof", fooof_opt={"max_n_peaks": 2, "peak_width_limits": [1, 12]})
    _, notes = method.fooof_fit(freqs).apply(trial, power[None, None, None, :, None])
    # numbers of the package fooof, version 1.1.1
    gaussians = [[10.01281476, 0.5088182066, 1.484067098], [35.02486321, 0.3103291858, 3.232743564]]
    np.testing.assert_allclose(notes["aperiodic_params"], [[[0.9929859642, 1.0976916797]]], rtol=1e-7)
    np.testing.assert_allclose(notes["gaussian_params"], [[gaussians]], rtol=1e-7)


def test_averages_are_taken_before_the_fit(data):
    power = spy.freqanalysis(data, **SPECTRUM, keeptrials=False)
    spec = analyse(data, keeptrials=False)
    assert spec.data.shape == power.data.shape
    for channel in range(2):
        model, parts = direct(power.freq, power.data[0, 0, :, channel])
        np.testing.assert_allclose(spec.data[0, 0, :, channel], parts["fooof"], rtol=1e-4)
        np.testing.assert_allclose(
            spec.info["aperiodic_params"][0][channel], model.results.get_params("aperiodic"), rtol=1e-5
        )
    assert [len(spec.info[name]) for name in PARAMETERS] == [1] * 6


@pytest.mark.parametrize("keeptrials", [True, False])
def test_parameters_are_complete_when_channels_are_cut(keeptrials):
    data = signals(2, 3000, peaks=(8.0, 12.0, 20.0, 30.0, 40.0))
    whole = analyse(data, keeptrials=keeptrials)
    with spy.options(memory="3MB", workers=1):
        cut = analyse(data, keeptrials=keeptrials)
    np.testing.assert_allclose(cut.data[()], whole.data[()], rtol=1e-4)
    for name in PARAMETERS:
        assert [len(entry) for entry in cut.info[name]] == [5] * (2 if keeptrials else 1)
    np.testing.assert_allclose(cut.info["aperiodic_params"], whole.info["aperiodic_params"], rtol=1e-4)


def test_selections(data):
    whole = analyse(data)
    part = analyse(data, select={"trials": [2, 0], "channel": [1]})
    np.testing.assert_allclose(part.trials[0][..., 0], whole.trials[2][..., 1], rtol=1e-5)
    assert part.info["aperiodic_params"][0][0] == pytest.approx(whole.info["aperiodic_params"][2][1], rel=1e-5)


def test_what_cannot_be_fitted_is_nan_and_told(data):
    broken = spy.copy(data)
    broken.data[100, 0] = np.nan
    broken.data[1000:2000, 1] = 0
    with (
        pytest.warns(spy.SPYWarning, match="NaN: 0"),
        pytest.warns(spy.SPYWarning, match="no model for 2 spectra"),
    ):
        spec = analyse(broken)
    bad = np.isnan(spec.data[:, 0]).all(axis=1)
    np.testing.assert_array_equal(bad, [[True, False], [False, True], [False, False]])
    assert spec.info["n_peaks"][0][0] == 0
    assert np.isnan(spec.info["aperiodic_params"][0][0]).all()
    assert np.isfinite(spec.info["aperiodic_params"][2][1]).all()


def test_beta_of_human_motor_cortex(shared):
    lfp = np.load(shared / "recordings" / "lfp_human_m1_1000hz.npy").reshape(-1, 1)
    data = spy.AnalogData([lfp[start : start + 2000] for start in range(0, 10_000, 2000)], samplerate=1000)
    info = analyse(data, foilim=[3, 60], keeptrials=False, fooof_opt={"max_n_peaks": 3}).info
    strongest = max(info["peak_params"][0][0], key=lambda peak: peak[1])
    assert 13 < strongest[0] < 30
    assert info["aperiodic_params"][0][0][1] > 0.5


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({"output": "fooofed"}, spy.SPYValueError, "output_fooof.*fooof_aperiodic"),
        ({"output": "fooof", "foilim": [0, 60]}, spy.SPYValueError, "frequency range that does not include zero"),
        ({"output": "fooof", "foilim": None}, spy.SPYValueError, "frequency range that does not include zero"),
        ({"output": "fooof", "foilim": None, "foi": [5, 10, 40]}, spy.SPYValueError, "foi.*equidistant"),
        ({"output": "fooof", "foilim": [10, 10.3]}, spy.SPYValueError, "foi.*three at least"),
        ({"output": "fooof", "keeptapers": True}, spy.SPYValueError, "keeptapers"),
        (
            {"output": "fooof", "method": "welch", "t_ftimwin": 1.0, "toi": 0.5, "fooof_opt": None},
            spy.SPYValueError,
            "output",
        ),
        ({"fooof_opt": {"peak_treshold": 2}}, spy.SPYValueError, "fooof_opt.*peak_treshold"),
        ({"fooof_opt": [2]}, spy.SPYTypeError, "fooof_opt"),
        ({"fooof_opt": {"aperiodic_mode": "bent"}}, spy.SPYValueError, "aperiodic_mode.*'knee'"),
        ({"fooof_opt": {"peak_threshold": -1}}, spy.SPYValueError, "peak_threshold"),
        ({"fooof_opt": {"peak_width_limits": [5, 1]}}, spy.SPYValueError, "peak_width_limits.*low < high"),
        ({"fooof_opt": {"peak_width_limits": 5}}, spy.SPYValueError, "peak_width_limits"),
    ],
    ids=str,
)
def test_mistakes_are_explained_before_any_work(data, kwargs, error, text):
    with pytest.raises(error, match=text):
        analyse(data, **kwargs)


def test_options_without_a_model_are_told(data):
    with pytest.warns(spy.SPYWarning, match="fooof_opt.*no effect"):
        spy.freqanalysis(data, fooof_opt={"max_n_peaks": 2})


def test_a_missing_package_is_named(data, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "specparam" else find(name))
    with pytest.raises(spy.SPYError, match=r"syncopy\[fooof\]"):
        analyse(data)


# Not the law on averages: the model of a mean is not the mean of models.
@pytest.mark.parametrize(
    "law", [laws.executors_agree, laws.cfg_replays, laws.selections_commute, laws.input_is_untouched]
)
def test_laws(law):
    law(Mtmfft, {"output": "fooof_aperiodic", "foilim": [5, 60], "fooof_opt": {"max_n_peaks": 1}})
