"""Measures of phase relations: loops over pairs of trials, known delays, mne-connectivity, FieldTrip's numbers."""

from itertools import combinations

import numpy as np
import pytest

import syncopy as spy
from tests.methods.test_mtmfft import oracle_cases, oracle_input

RNG = np.random.default_rng(31)
TRIALS, TIMES, TAPERS, FREQS, CHANNELS = 9, 3, 2, 5, 4
MEASURES = ["ppc", "plv", "ciplv", "pli", "pli2_unbiased", "dpli", "wpli", "wpli_debiased", "wppc"]


@pytest.fixture(scope="module")
def spectra():
    """Complex spectra over time with some phase locking."""
    shape = (TRIALS, TIMES, TAPERS, FREQS, CHANNELS)
    common = RNG.standard_normal(shape[:-1]) + 1j * RNG.standard_normal(shape[:-1])
    values = RNG.standard_normal(shape) + 1j * RNG.standard_normal(shape)
    values += common[..., None] * np.exp(1j * np.arange(CHANNELS))
    return spy.SpectralData([*values.astype("c16")], samplerate=10, freq=np.arange(FREQS) + 5)


def trial_csd(spectra):
    """Cross-spectra (trial, time, freq, i, j) of trials, tapers averaged."""
    return np.array([np.einsum("tkfi,tkfj->tfij", z, z.conj()) / z.shape[1] for z in spectra.trials])


def plain(method, csd):
    """Every measure by its definition, over all pairs of trials where it is one of pairs."""
    phasors, imaginary = csd / np.abs(csd), csd.imag
    pairs = list(combinations(range(len(csd)), 2))
    with np.errstate(invalid="ignore"):
        return {
            "ppc": lambda: np.mean([np.cos(np.angle(csd[s]) - np.angle(csd[t])) for s, t in pairs], axis=0),
            "plv": lambda: np.abs(phasors.mean(axis=0)),
            "ciplv": lambda: np.abs(phasors.mean(0).imag) / np.sqrt(1 - np.minimum(phasors.mean(0).real, 1) ** 2),
            "pli": lambda: np.abs(np.sign(imaginary).mean(axis=0)),
            "pli2_unbiased": lambda: np.mean([np.sign(imaginary[s] * imaginary[t]) for s, t in pairs], axis=0),
            "dpli": lambda: np.heaviside(imaginary, 0.5).mean(axis=0),
            "wpli": lambda: imaginary.sum(0) / np.abs(imaginary).sum(0),
            "wpli_debiased": lambda: (
                sum(imaginary[s] * imaginary[t] for s, t in pairs)
                / sum(np.abs(imaginary[s] * imaginary[t]) for s, t in pairs)
            ),
            "wppc": lambda: (
                sum((csd[s] * csd[t].conj()).real for s, t in pairs) / sum(np.abs(csd[s] * csd[t]) for s, t in pairs)
            ),
        }[method]()


OFF_DIAGONAL = ~np.eye(CHANNELS, dtype=bool)


@pytest.mark.parametrize("method", MEASURES)
def test_definitions_over_time(spectra, method):
    got = spy.connectivityanalysis(spectra, method=method)
    assert got.data.dtype == np.float32
    expected = plain(method, trial_csd(spectra))
    np.testing.assert_allclose(got.data[()][..., OFF_DIAGONAL], expected[..., OFF_DIAGONAL], atol=1e-5)
    np.testing.assert_array_equal(got.time[0], spectra.time[0])
    part = spy.connectivityanalysis(spectra, method=method, channelcmb=[["channel3"], ["channel1", "channel2"]])
    np.testing.assert_allclose(part.data[()], expected[:, :, [2]][..., [0, 1]], atol=1e-5)


@pytest.mark.parametrize("method", ["ppc", "wpli", "plv", "wppc"])
def test_signals_and_one_taper(method):
    trials = [RNG.standard_normal((60, CHANNELS)) for _ in range(TRIALS)]
    data = spy.AnalogData(trials, samplerate=60)
    spectra = spy.freqanalysis(data, output="fourier", keeptapers=True)
    csd = trial_csd(spectra)[:, 0, 3:-1]
    got = spy.connectivityanalysis(data, method=method).data[0, 3:-1]
    np.testing.assert_allclose(got[:, OFF_DIAGONAL], plain(method, csd)[:, OFF_DIAGONAL], atol=2e-5)


def test_a_channel_with_itself(spectra):
    for method, value in {"ppc": 1, "plv": 1, "wppc": 1, "pli": 0, "dpli": 0.5, "wpli": np.nan, "ciplv": 0}.items():
        got = spy.connectivityanalysis(spectra, method=method)
        np.testing.assert_allclose(np.einsum("tfii->tfi", got.data[()]), value, atol=1e-6)


@pytest.mark.parametrize("method", MEASURES)
@pytest.mark.parametrize("scale", [1e-13, 1e9])
def test_the_unit_does_not_matter(spectra, method, scale):
    scaled = spy.SpectralData([trial * scale for trial in spectra.trials], samplerate=10, freq=spectra.freq)
    a, b = (spy.connectivityanalysis(each, method=method).data[()] for each in (spectra, scaled))
    np.testing.assert_allclose(a, b, atol=1e-6)


def test_who_leads():
    """Channel 2 repeats channel 1 five samples later, in noise."""
    trials = []
    for _ in range(60):
        x = RNG.standard_normal(505)
        trials.append(np.column_stack([x[5:], x[:-5]]) + RNG.standard_normal((500, 2)))
    data = spy.AnalogData(trials, samplerate=500)
    for method, none in (("wpli", 0), ("dpli", 0.5)):
        got = spy.connectivityanalysis(data, method=method, tapsmofrq=3, foilim=[10, 40]).data[0]
        assert (got[:, 0, 1] > none).all()
        np.testing.assert_allclose(got[:, 0, 1] - none, none - got[:, 1, 0], atol=1e-6)


@pytest.mark.parametrize("method", MEASURES)
def test_single_trials_over_tapers(spectra, method):
    """Every taper counts as an observation."""
    several = [np.concatenate([trial, trial[:, ::-1] * 1j + 0.3, trial.conj()], axis=1) for trial in spectra.trials]
    data = spy.SpectralData(several, samplerate=10, freq=spectra.freq)
    got = spy.connectivityanalysis(data, method=method, keeptrials=True)
    assert len(got.trials) == TRIALS
    for number in (0, 5):
        z = several[number].swapaxes(0, 1)  # taper first
        csd = np.einsum("ktfi,ktfj->ktfij", z, z.conj())
        expected = plain(method, csd)
        np.testing.assert_allclose(got.trials[number][..., OFF_DIAGONAL], expected[..., OFF_DIAGONAL], atol=1e-5)
    one = spy.connectivityanalysis(data, method=method, keeptrials=True, select={"trials": 5})
    np.testing.assert_array_equal(one.data[()], got.trials[5])


def test_single_trials_need_several_tapers():
    data = spy.AnalogData([RNG.standard_normal((60, 2)) for _ in range(3)], samplerate=60)
    with pytest.raises(spy.SPYValueError, match=r"keeptrials.*more than one taper.*tapsmofrq"):
        spy.connectivityanalysis(data, method="ppc", keeptrials=True)
    with pytest.raises(spy.SPYValueError, match="multi-trial input data"):
        spy.connectivityanalysis(data, method="ppc", select={"trials": [1]})


def test_a_silent_channel_is_nan():
    trials = [np.column_stack([RNG.standard_normal(60), np.zeros(60)]) for _ in range(5)]
    data = spy.AnalogData(trials, samplerate=60)
    for method in ("ppc", "plv", "wpli", "wppc"):
        assert np.isnan(spy.connectivityanalysis(data, method=method).data[0, 2:-1, 0, 1]).all()


@pytest.mark.parametrize("method", ["ppc", "wpli_debiased", "pli2_unbiased", "wppc"])
def test_unbiased_measures_of_noise_are_zero_on_average(method):
    data = spy.AnalogData([RNG.standard_normal((100, 10)) for _ in range(8)], samplerate=100)
    got = spy.connectivityanalysis(data, method=method).data[0, 1:-1]
    values = got[:, *np.triu_indices(10, 1)]
    assert abs(values.mean()) < 4 * values.std() / np.sqrt(values.size / 2)


def test_phase_slope_of_a_delay_is_positive_for_the_leader_and_equals_a_plain_sum():
    trials = []
    for _ in range(40):
        x = RNG.standard_normal(405)
        trials.append(np.column_stack([x[5:], x[:-5], RNG.standard_normal(400)]))
    data = spy.AnalogData(trials, samplerate=400)
    got = spy.connectivityanalysis(data, method="psi", tapsmofrq=4, bandwidth=6)
    coherency = spy.connectivityanalysis(data, method="coh", output="complex", tapsmofrq=4).data[0]
    for k in (40, 90):
        terms = [(coherency[m].conj() * coherency[m + 1]).imag for m in range(k - 6, k + 7)]
        np.testing.assert_allclose(got.data[0, k], np.sum(terms, axis=0), atol=1e-4)
    assert (got.data[0, 10:-10, 0, 1] > 0.5).all()
    np.testing.assert_allclose(got.data[0], -got.data[0].transpose(0, 2, 1), atol=1e-5)
    with pytest.raises(spy.SPYValueError, match="evenly spaced"):
        spy.connectivityanalysis(data, method="psi", foi=[10.0, 20.0, 50.0])


def test_real_eeg_against_mne_connectivity(shared):
    mne = pytest.importorskip("mne_connectivity")
    eeg = spy.load_ft_raw(shared / "recordings" / "eeg_visual_fieldtrip.mat")["data"]
    channels = eeg.channel[[0, 5, 10, 15, 20, 25]]
    theirs = ["coh", "imcoh", "plv", "ciplv", "ppc", "pli", "pli2_unbiased", "dpli", "wpli2_debiased"]
    ours = ["coh", "plv", "ciplv", "ppc", "pli", "pli2_unbiased", "dpli", "wpli_debiased"]
    common = {"foilim": [5, 30], "select": {"channel": channels}}
    found = spy.connectivityanalysis(eeg, method=ours, **common)
    found["imcoh"] = spy.connectivityanalysis(eeg, method="coh", output="imag", **common)
    found["wpli2_debiased"] = found["wpli_debiased"]
    signals = np.array([trial[:, [0, 5, 10, 15, 20, 25]] for trial in eeg.trials], "f8").transpose(0, 2, 1)
    signals -= signals.mean(axis=-1, keepdims=True)
    estimates = mne.spectral_connectivity_epochs(
        signals, method=theirs, sfreq=128.0, mode="fourier", fmin=5, fmax=30, verbose="error"
    )
    i, j = np.tril_indices(6, -1)  # mne fills these
    for name, estimate in zip(theirs, estimates, strict=True):
        expected = estimate.get_data("dense").transpose(2, 0, 1)
        np.testing.assert_allclose(found[name].data[0][:, i, j], expected[:, i, j], atol=2e-6, err_msg=name)
        np.testing.assert_allclose(found[name].freq, estimate.freqs)
    theirs = mne.phase_slope_index(signals, sfreq=128.0, mode="fourier", fmin=7.9, fmax=14.4, verbose="error")
    slope = spy.connectivityanalysis(eeg, method="psi", bandwidth=3.0, **common)  # 20 bins from 8 Hz on, around 11 Hz
    centre = int(np.argmin(abs(slope.freq - 11)))
    np.testing.assert_allclose(slope.data[0, centre][i, j], theirs.get_data("dense")[i, j, 0], atol=2e-6)


def test_fieldtrip_numbers(shared):
    data = oracle_input(shared, "net")
    tapers = {"_5_100": {"tapsmofrq": 4}, "_hanning_5_100": {"taper": "hanning"}}
    spectra = {
        f"conn.input_fourier{name}": spy.freqanalysis(
            data, output="fourier", keeptapers=True, foilim=[5, 100], ft_compat=True, **taper
        )
        for name, taper in tapers.items()
    }
    checked = set()
    for case in oracle_cases(shared, "conn"):
        method = case["cfg"]["method"]
        known = method in (*MEASURES, "psi") and set(case["cfg"]) <= {"method", "bandwidth"}
        if case["function"] != "ft_connectivityanalysis" or case["input"] not in spectra or not known:
            continue
        with np.load(shared / "oracle" / "conn.npz") as file:
            expected = file[case["arrays"][f"{method}spctrm"]["key"]].transpose(2, 0, 1)
        got = spy.connectivityanalysis(spectra[case["input"]], **case["cfg"]).data[0]
        used = slice(0, -6) if method == "psi" else slice(None)  # FieldTrip leaves garbage in the last bins
        np.testing.assert_allclose(got[used], expected[used], rtol=2e-5, atol=2e-6, err_msg=case["id"])
        checked.add(case["case"])
    assert len(checked) >= 8
