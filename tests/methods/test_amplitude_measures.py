"""Correlation of amplitudes and powers over trials: NumPy's correlation, a plain loop, FieldTrip's numbers."""

import numpy as np
import pytest

import syncopy as spy
from tests.methods.test_mtmfft import oracle_cases, oracle_input

RNG = np.random.default_rng(61)


@pytest.fixture(scope="module")
def spectra():
    shape = (12, 2, 3, 4, 3)  # trial, time, taper, freq, channel
    values = RNG.standard_normal(shape) + 1j * RNG.standard_normal(shape)
    values *= np.exp(0.5 * RNG.standard_normal((12, 1, 1, 4, 1)))  # common fluctuations
    return spy.SpectralData([*values], samplerate=10, freq=[5, 6, 7, 8])


def power(spectra):
    return np.mean(np.abs(np.array(list(spectra.trials))) ** 2, axis=2)


@pytest.mark.parametrize(("method", "root"), [("powcorr", False), ("amplcorr", True)])
def test_pearson(spectra, method, root):
    values = np.sqrt(power(spectra)) if root else power(spectra)
    got = spy.connectivityanalysis(spectra, method=method)
    raw = spy.connectivityanalysis(spectra, method=method, removemean=False)
    for time in range(2):
        for freq in range(4):
            x = values[:, time, freq]
            np.testing.assert_allclose(got.data[time, freq], np.corrcoef(x.T), atol=1e-6)
            size = np.sqrt((x**2).sum(axis=0))
            np.testing.assert_allclose(raw.data[time, freq], x.T @ x / size / size[:, None], atol=1e-6)
    part = spy.connectivityanalysis(spectra, method=method, channelcmb=[["channel3"], ["channel1", "channel2"]])
    np.testing.assert_allclose(part.data[()], got.data[()][:, :, [2]][..., [0, 1]], atol=1e-6)


def test_orthogonal_parts(spectra):
    trials = np.array(list(spectra.trials))
    expected = np.zeros((2, 4, 3, 3))
    for i, j in [(0, 1), (0, 2), (1, 2)]:
        values = []
        for taper in range(3):
            x, y = trials[:, :, taper, :, i], trials[:, :, taper, :, j]
            both = []
            for a, b in ((x, y), (y, x)):
                rest = np.abs(np.imag(b * a.conj()) / np.abs(a))
                logs = np.log(np.abs(a) ** 2), np.log(rest**2)
                deviations = [each - each.mean(axis=0) for each in logs]
                sizes = [np.sqrt((each**2).sum(axis=0)) for each in deviations]
                both.append((deviations[0] * deviations[1]).sum(axis=0) / sizes[0] / sizes[1])
            values.append(np.mean(both, axis=0))
        expected[..., i, j] = expected[..., j, i] = np.mean(values, axis=0)
    got = spy.connectivityanalysis(spectra, method="powcorr_ortho")
    np.testing.assert_allclose(got.data[()], expected, atol=1e-5)
    part = spy.connectivityanalysis(spectra, method="powcorr_ortho", channelcmb=[["channel2"], ["channel1"]])
    np.testing.assert_allclose(part.data[..., 0, 0], expected[..., 1, 0], atol=1e-5)


def test_a_mixture_has_correlated_power_but_no_orthogonal_one():
    """Two channels that see the same source, without delay, and little else."""
    source = RNG.standard_normal((200, 100)) * np.exp(RNG.standard_normal((200, 1)))
    trials = [np.column_stack([s, 0.7 * s]) + 0.3 * RNG.standard_normal((100, 2)) for s in source]
    data = spy.AnalogData(trials, samplerate=100)
    plain, orthogonal = (
        spy.connectivityanalysis(data, method=method, foilim=[10, 40]).data[0, :, 0, 1].mean()
        for method in ("powcorr", "powcorr_ortho")
    )
    assert plain > 0.9
    assert abs(orthogonal) < 0.2


def test_orthogonal_parts_against_mne_connectivity(spectra):
    mne = pytest.importorskip("mne_connectivity")
    got = spy.connectivityanalysis(spectra, method="powcorr_ortho").data[0]
    one = np.array([trial[0] for trial in spectra.trials])  # trial, taper, freq, channel
    tapers = []
    for taper in range(one.shape[1]):
        signals = one[:, taper].transpose(1, 2, 0)  # a frequency is an epoch, a trial a sample
        theirs = mne.envelope_correlation(signals, log=True, absolute=False, orthogonalize="pairwise", verbose="error")
        tapers.append(theirs.get_data("dense")[..., 0])
    expected = np.mean(tapers, axis=0)
    apart = ~np.eye(expected.shape[-1], dtype=bool)
    np.testing.assert_allclose(got[:, apart], expected[:, apart], atol=1e-5)


@pytest.mark.parametrize("scale", [1e-13, 1e9])
def test_the_unit_does_not_matter(spectra, scale):
    scaled = spy.SpectralData([trial * scale for trial in spectra.trials], samplerate=10, freq=spectra.freq)
    for method in ("powcorr", "amplcorr", "powcorr_ortho"):
        a, b = (spy.connectivityanalysis(each, method=method).data[()] for each in (spectra, scaled))
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_three_trials_at_least(spectra):
    with pytest.raises(spy.SPYValueError, match="multi-trial input data, 3 trials"):
        spy.connectivityanalysis(spectra, method="powcorr", select={"trials": [0, 1]})


def test_fieldtrip_numbers(shared):
    data = oracle_input(shared, "net")
    tapers = {"dpss": {"tapsmofrq": 4}, "hanning": {"taper": "hanning"}}
    spectra = {
        name: spy.freqanalysis(data, output="fourier", keeptapers=True, foilim=[5, 100], ft_compat=True, **taper)
        for name, taper in tapers.items()
    }
    checked = 0
    for case in oracle_cases(shared, "conn"):
        method = case["cfg"]["method"]
        if method not in ("powcorr", "amplcorr", "powcorr_ortho"):
            continue
        source = spectra["hanning" if "hanning" in case["input"] else "dpss"]
        kwargs = {"removemean": False} if case["cfg"].get("removemean") == "no" else {}
        name = next(name for name in case["arrays"] if name.endswith("spctrm"))
        with np.load(shared / "oracle" / "conn.npz") as file:
            expected = file[case["arrays"][name]["key"]].transpose(2, 0, 1)
        got = spy.connectivityanalysis(source, method=method, **kwargs)
        np.testing.assert_allclose(got.data[0], expected, rtol=1e-5, atol=2e-6, err_msg=case["id"])
        checked += 1
    assert checked == 5
