"""Coherence: real EEG against a plain loop, a closed form, scale, pairs, time-resolved input, FieldTrip's numbers."""

import numpy as np
import pytest
from scipy.signal import windows

import syncopy as spy
from tests.methods.test_mtmfft import close, oracle_cases, oracle_input, plain_spectra

RNG = np.random.default_rng(5)


@pytest.fixture(scope="module")
def eeg(shared):
    return spy.load_ft_raw(shared / "recordings" / "eeg_visual_fieldtrip.mat")["data"]


@pytest.fixture(scope="module")
def mixture():
    """Channels a, b = g a + noise, c independent; doubles."""
    trials = []
    for _ in range(400):
        a, noise, c = RNG.standard_normal((3, 200))
        trials.append(np.column_stack([a, 0.5 * a + noise, c]))
    return spy.AnalogData(trials, samplerate=200, channel=["a", "b", "c"])


def plain_coherency(trials, tapers):
    total = 0
    for trial in trials:
        z = plain_spectra(trial, tapers)
        total = total + np.einsum("kfi,kfj->fij", z, z.conj())
    power = np.sqrt(np.einsum("fii->fi", total).real)
    return total / power[:, :, None] / power[:, None, :]


def test_coherence_of_real_eeg_equals_a_plain_loop(eeg):
    nw = 2 * 384 / 128
    coherency = plain_coherency(eeg.trials, windows.dpss(384, nw, Kmax=int(2 * nw - 1)))
    for output, expected in (("abs", np.abs(coherency)), ("complex", coherency), ("angle", np.angle(coherency))):
        coh = spy.connectivityanalysis(eeg, method="coh", tapsmofrq=2, output=output)
        if output == "angle":  # where there is no coherence, the angle is noise
            solid = np.abs(coherency) > 0.05
            turn = np.angle(np.exp(1j * (coh.data[0] - expected)))
            np.testing.assert_allclose(turn[solid], 0, atol=1e-4)
        else:
            close(coh.data[0], expected)
    np.testing.assert_array_equal(coh.channel_i, eeg.channel)
    np.testing.assert_array_equal(coh.channel_j, eeg.channel)


def test_alpha_coherence_of_real_eeg_equals_mne_connectivity(eeg):
    mne = pytest.importorskip("mne_connectivity")
    signals = np.array(list(eeg.trials), "f8").transpose(0, 2, 1)
    signals -= signals.mean(axis=-1, keepdims=True)
    band = {"fmin": 8, "fmax": 12, "faverage": True}
    theirs = mne.spectral_connectivity_epochs(signals, method="coh", sfreq=128, mode="fourier", verbose="error", **band)
    ours = spy.mean(spy.connectivityanalysis(eeg, method="coh", foilim=[8, 12]), dim="freq")
    i, j = np.tril_indices(32, -1)  # mne fills these
    np.testing.assert_allclose(ours.data[0, 0][i, j], theirs.get_data("dense")[i, j, 0], atol=2e-6)


def test_known_mixture(mixture):
    coh = spy.connectivityanalysis(mixture, method="coh", tapsmofrq=10, output="pow")
    between = coh.data[0, 5:-5]
    assert between[:, 0, 1].mean() == pytest.approx(0.25 / 1.25, abs=0.01)  # g^2 / (g^2 + 1)
    assert between[:, 0, 2].mean() < 0.002
    np.testing.assert_allclose(np.einsum("fii->fi", between), 1, atol=1e-6)


def test_a_delay_gives_a_linear_phase_and_the_leader_is_positive():
    trials = []
    for _ in range(50):
        x = RNG.standard_normal(1010)
        trials.append(np.column_stack([x[10:], x[:-10]]))  # channel 2 repeats channel 1 ten samples later
    data = spy.AnalogData(trials, samplerate=1000)
    angle = spy.connectivityanalysis(data, method="coh", tapsmofrq=3, output="angle", foilim=[5, 45])
    np.testing.assert_allclose(angle.data[0, :, 0, 1], 2 * np.pi * angle.freq * 0.01, atol=0.1)


def test_outputs_belong_together(mixture):
    get = {
        output: spy.connectivityanalysis(mixture, method="coh", output=output).data[()]
        for output in ("abs", "pow", "complex", "fourier", "angle", "real", "imag")
    }
    z = get["complex"]
    assert z.dtype == np.complex64
    np.testing.assert_array_equal(z, get["fourier"])
    for name, expected in {"abs": np.abs(z), "pow": np.abs(z) ** 2, "real": z.real, "imag": z.imag}.items():
        assert get[name].dtype == np.float32
        np.testing.assert_allclose(get[name], expected, atol=1e-6)


@pytest.mark.parametrize("scale", [1e-13, 1e10])
def test_the_unit_does_not_matter(mixture, scale):
    scaled = spy.AnalogData([trial * scale for trial in mixture.trials], samplerate=200)
    a, b = (spy.connectivityanalysis(d, method="coh", tapsmofrq=5).data[()] for d in (mixture, scaled))
    np.testing.assert_allclose(a, b, atol=1e-6)
    in_single = spy.AnalogData([(trial * scale).astype("f4") for trial in mixture.trials], samplerate=200)
    c = spy.connectivityanalysis(in_single, method="coh", tapsmofrq=5).data[()]
    np.testing.assert_allclose(a, c, atol=2e-5)


def test_meg_in_tesla(shared):
    mne = pytest.importorskip("mne")
    raw = mne.io.read_raw_fif(shared / "recordings" / "meg_kit_raw.fif", verbose="error")
    values = raw.get_data(picks="meg")[:20].T.astype("f4")
    assert np.abs(values).max() < 1e-10
    definition = np.column_stack([np.arange(0, 2000, 250), np.arange(250, 2001, 250), np.zeros(8)])
    tesla, scaled = (
        spy.AnalogData(values * np.float32(factor), samplerate=1000, trialdefinition=definition) for factor in (1, 1e13)
    )
    a, b = (spy.connectivityanalysis(d, method="coh", tapsmofrq=8).data[()] for d in (tesla, scaled))
    assert np.isfinite(a).all()
    np.testing.assert_allclose(a, b, atol=1e-4)


def test_channel_combinations(mixture):
    whole = spy.connectivityanalysis(mixture, method="coh", output="complex")
    part = spy.connectivityanalysis(mixture, method="coh", output="complex", channelcmb=[["c", "a"], ["b"]])
    assert part.channel_i.tolist() == ["c", "a"]
    assert part.channel_j.tolist() == ["b"]
    np.testing.assert_allclose(part.data[()], whole.data[()][:, :, [2, 0]][..., [1]], atol=1e-6)
    by_index = spy.connectivityanalysis(mixture, method="coh", output="complex", channelcmb=[np.array([2, 0]), 1])
    np.testing.assert_array_equal(by_index.data[()], part.data[()])


def test_selected_channels_keep_their_labels(mixture):
    whole = spy.connectivityanalysis(mixture, method="coh")
    part = spy.connectivityanalysis(mixture, method="coh", select={"channel": ["c", "a"]})
    assert part.channel_i.tolist() == part.channel_j.tolist() == ["c", "a"]
    np.testing.assert_allclose(part.data[()], whole.data[()][:, :, [2, 0]][..., [2, 0]], atol=1e-6)


def test_spectra_as_input_give_the_same(mixture):
    direct = spy.connectivityanalysis(mixture, method="coh", tapsmofrq=5)
    spectra = spy.freqanalysis(mixture, method="mtmfft", tapsmofrq=5, output="fourier", keeptapers=True)
    np.testing.assert_allclose(spy.connectivityanalysis(spectra, method="coh").data[()], direct.data[()], atol=1e-6)
    some = spy.connectivityanalysis(spectra, method="coh", select={"frequency": [20, 50]})
    np.testing.assert_allclose(some.freq, np.arange(20, 51))
    np.testing.assert_allclose(some.data[()], direct.data[:, 20:51], atol=1e-6)


def test_time_resolved_input():
    shape = (7, 2, 4, 3)
    trials = [(RNG.standard_normal(shape) + 1j * RNG.standard_normal(shape)).astype("c8") for _ in range(12)]
    spectra = spy.SpectralData(trials, samplerate=10, freq=[5, 10, 15, 20])
    coh = spy.connectivityanalysis(spectra, method="coh", output="complex")
    stacked = np.array(trials)
    csd = np.einsum("ntkfi,ntkfj->tfij", stacked, stacked.conj())
    power = np.sqrt(np.einsum("tfii->tfi", csd).real)
    close(coh.data[()], csd / power[..., :, None] / power[..., None, :])
    np.testing.assert_allclose(coh.time[0], spectra.time[0])


def test_a_silent_channel_is_nan_without_noise():
    trials = [np.column_stack([RNG.standard_normal(100), np.zeros(100)]) for _ in range(5)]
    coh = spy.connectivityanalysis(spy.AnalogData(trials, samplerate=100), method="coh")
    assert np.isnan(coh.data[0, :, 0, 1]).all()
    np.testing.assert_allclose(coh.data[0, 1:-1, 0, 0], 1, atol=1e-6)


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({"select": {"trials": 0}}, spy.SPYValueError, "multi-trial"),
        ({"keeptrials": True}, spy.SPYValueError, "keeptrials"),
        ({"output": "power"}, spy.SPYValueError, "output"),
        ({"channelcmb": [["a"], ["z"]]}, spy.SPYValueError, "channelcmb.*existing"),
        ({"channelcmb": [["a"]]}, spy.SPYValueError, "channelcmb"),
        ({"channelcmb": "a"}, spy.SPYTypeError, "channelcmb"),
        ({"jacknife": True}, spy.SPYValueError, "keyword"),
    ],
)
def test_mistakes(mixture, kwargs, error, text):
    with pytest.raises(error, match=text):
        spy.connectivityanalysis(mixture, method="coh", **kwargs)


def test_real_spectra_are_refused(mixture):
    power = spy.freqanalysis(mixture, method="mtmfft")
    with pytest.raises(spy.SPYValueError, match=r"complex valued spectra.*fourier"):
        spy.connectivityanalysis(power, method="coh")


def test_fieldtrip_numbers_over_time(shared):
    foi = np.arange(10.0, 81.0, 10.0)
    spectra = spy.freqanalysis(
        oracle_input(shared, "net"),
        method="mtmconvol",
        taper="hanning",
        foi=foi,
        t_ftimwin=5 / foi,
        toi=np.arange(-0.1, 0.71, 0.1),
        output="fourier",
        ft_compat=True,
    )
    with np.load(shared / "oracle" / "conn.npz") as file:
        expected = file["coh_tfr_hanning.cohspctrm"].transpose(3, 2, 0, 1)
    with pytest.warns(spy.SPYWarning, match="hold NaN"):  # windows that reach beyond the trials
        coh = spy.connectivityanalysis(spectra, method="coh")
    np.testing.assert_allclose(coh.time[0], np.arange(-1, 8) / 10)
    used = foi != 40  # where FieldTrip takes a sample less
    np.testing.assert_allclose(coh.data[:, used], expected[:, used], atol=1e-6)


def test_fieldtrip_numbers(shared):
    # FieldTrip's input: hanning or dpss spectra of all trials, as its `input_fourier` case says
    source = next(c for c in oracle_cases(shared, "conn") if c["case"] == "input_fourier_5_100")
    cfg = dict(source["cfg"])
    if cfg.pop("taper", "hanning") != "dpss":
        cfg["taper"] = "hanning"
    data = oracle_input(shared, "net")
    spectra = spy.freqanalysis(spy.StructDict(cfg | {"keeptapers": True, "keeptrials": True}), data, ft_compat=True)
    checked = 0
    for case in oracle_cases(shared, "conn"):
        if case["input"] != "conn.input_fourier_5_100" or case["function"] != "ft_connectivityanalysis":
            continue
        if (
            case["cfg"].get("method") != "coh"
            or case["cfg"].get("jackknife")
            or set(case["cfg"]) > {"method", "complex"}
        ):
            continue
        with np.load(shared / "oracle" / case["file"]) as file:
            expected = file[case["arrays"]["cohspctrm"]["key"]].transpose(2, 0, 1)
        output = {"abs": "abs", "angle": "angle", "complex": "complex", "imag": "imag", "real": "real"}.get(
            case["cfg"].get("complex", "abs")
        )
        if output is None or expected.shape[1:] != (4, 4):
            continue
        coh = spy.connectivityanalysis(spectra, method="coh", output=output)
        np.testing.assert_allclose(coh.data[0], expected, rtol=2e-5, atol=2e-6, err_msg=case["id"])
        checked += 1
    assert checked >= 4
