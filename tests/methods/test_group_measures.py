"""What several channels do together: partial coherence, and coupling of groups of channels."""

import numpy as np
import pytest

import syncopy as spy

RNG = np.random.default_rng(71)


@pytest.fixture(scope="module")
def data():
    """Channels a -> b, a -> c, a later a; d, e mixtures of b's source with others."""
    trials = []
    for _ in range(60):
        noise = RNG.standard_normal((205, 5))
        a = noise[:, 0]
        b, c = a + 0.7 * noise[:, 1], a + 0.7 * noise[:, 2]
        d = np.roll(b, 4) + noise[:, 3]
        trials.append(np.column_stack([a, b, c, d, d + noise[:, 4]])[5:])
    return spy.AnalogData(trials, samplerate=200, channel=list("abcde"))


def cross_spectra(data):
    return spy.connectivityanalysis(data, method="csd", tapsmofrq=5).data[0].astype("c16")


def test_partial_coherence_of_one_channel_in_closed_form(data):
    coherency = spy.connectivityanalysis(data, method="coh", output="complex", tapsmofrq=5).data[0].astype("c16")
    got = spy.connectivityanalysis(data, method="coh", output="complex", tapsmofrq=5, partchannel="a")
    assert got.channel_i.tolist() == got.channel_j.tolist() == list("bcde")
    rest = coherency[:, 1:, 1:] - coherency[:, 1:, :1] * coherency[:, :1, 1:]
    size = np.sqrt(1 - np.abs(coherency[:, 1:, 0]) ** 2)
    np.testing.assert_allclose(got.data[0], rest / size[:, :, None] / size[:, None, :], atol=2e-4)


def test_what_a_common_drive_explains_is_gone(data):
    plain = spy.connectivityanalysis(data, method="coh", tapsmofrq=5, output="pow").data[0, :, 1, 2].mean()
    partial = spy.connectivityanalysis(
        data, method="coh", tapsmofrq=5, output="pow", partchannel=["a"], channelcmb=[["b"], ["c"]]
    )
    assert plain > 0.3
    assert partial.data[()].mean() < 0.01
    assert partial.data.shape[2:] == (1, 1)


def test_given_all_other_channels(data):
    inverse = np.linalg.inv(cross_spectra(data))
    size = np.sqrt(np.abs(np.einsum("fii->fi", inverse)))
    got = spy.connectivityanalysis(data, method="coh", tapsmofrq=5, partchannel="all").data[0]
    np.testing.assert_allclose(got, np.abs(inverse) / size[:, :, None] / size[:, None, :], atol=2e-4)
    one = spy.connectivityanalysis(
        data, method="coh", tapsmofrq=5, partchannel=["a", "c", "e"], channelcmb=[["b"], ["d"]]
    )
    np.testing.assert_allclose(one.data[0, :, 0, 0], got[:, 1, 3], atol=2e-4)


@pytest.mark.parametrize("kwargs", [{"partchannel": list("abcde")}, {"partchannel": "a", "channelcmb": [["a"], ["b"]]}])
def test_explaining_channels_are_no_pairs(data, kwargs):
    with pytest.raises(spy.SPYValueError, match=r"partchannel.*neither senders nor receivers"):
        spy.connectivityanalysis(data, method="coh", **kwargs)


GROUPS = {"front": ["a", "b"], "back": ["d", "e"], "side": ["c"]}


def whiten(matrix):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors / np.sqrt(values)[..., None, :]) @ vectors.conj().swapaxes(-1, -2)


def test_definitions(data):
    csd = cross_spectra(data)[1:-1]
    found = spy.connectivityanalysis(data, method=["mim", "mic", "cancoh"], tapsmofrq=5, groups=GROUPS)
    a, b = [0, 1], [3, 4]
    aa, ab, bb = csd[:, a][:, :, a], csd[:, a][:, :, b], csd[:, b][:, :, b]
    interaction = whiten(aa.real) @ ab.imag @ whiten(bb.real)
    sizes = np.linalg.svd(interaction, compute_uv=False)
    expected = {
        "mim": (sizes**2).sum(axis=1),
        "mic": sizes[:, 0],
        "cancoh": np.linalg.svd(whiten(aa) @ ab @ whiten(bb), compute_uv=False)[:, 0],
    }
    for name, values in expected.items():
        assert found[name].channel_i.tolist() == found[name].channel_j.tolist() == ["front", "back", "side"]
        np.testing.assert_allclose(found[name].data[0, 1:-1, 0, 1], values, atol=1e-4)
        np.testing.assert_array_equal(found[name].data[0, :, 1, 0], found[name].data[0, :, 0, 1])
        assert np.isnan(np.einsum("fii->fi", found[name].data[0])).all()


def test_real_eeg_against_mne_connectivity(shared):
    mne = pytest.importorskip("mne_connectivity")
    eeg = spy.load_ft_raw(shared / "recordings" / "eeg_visual_fieldtrip.mat")["data"]
    signals = np.array(list(eeg.trials), "f8").transpose(0, 2, 1)
    signals -= signals.mean(axis=-1, keepdims=True)
    front, back = [0, 1, 2], [20, 22, 24, 26]
    theirs = mne.spectral_connectivity_epochs(
        signals,
        method=["mim", "mic"],
        indices=([front], [back]),
        sfreq=128,
        mode="fourier",
        fmin=5,
        fmax=30,
        verbose="error",
    )
    for method, expected in zip(("mim", "mic"), theirs, strict=True):
        got = spy.connectivityanalysis(eeg, method=method, groups={"front": front, "back": back}, foilim=[5, 30])
        np.testing.assert_allclose(got.data[0, :, 0, 1], np.abs(expected.get_data()[0]), atol=2e-6, err_msg=method)


def test_groups_of_one_channel_are_channels(data):
    imaginary = spy.connectivityanalysis(data, method="coh", tapsmofrq=5, output="imag").data[0, 1:-1]
    absolute = spy.connectivityanalysis(data, method="coh", tapsmofrq=5).data[0, 1:-1]
    found = spy.connectivityanalysis(data, method=["mim", "mic", "cancoh"], tapsmofrq=5)
    assert found["mim"].channel_i.tolist() == list("abcde")
    apart = ~np.eye(5, dtype=bool)
    np.testing.assert_allclose(found["mim"].data[0, 1:-1][:, apart], imaginary[:, apart] ** 2, atol=1e-5)
    np.testing.assert_allclose(found["mic"].data[0, 1:-1][:, apart], np.abs(imaginary[:, apart]), atol=1e-5)
    np.testing.assert_allclose(found["cancoh"].data[0, 1:-1][:, apart], absolute[:, apart], atol=1e-5)


def test_mixing_the_channels_of_a_group_changes_nothing(data):
    mixing = np.eye(5)
    mixing[0, 1], mixing[3, 4], mixing[4, 3] = 0.8, -0.5, 2
    mixed = spy.AnalogData([trial @ mixing * 1e-9 for trial in data.trials], samplerate=200, channel=list("abcde"))
    for method in ("mim", "mic", "cancoh"):
        a, b = (
            spy.connectivityanalysis(each, method=method, tapsmofrq=5, groups=GROUPS, foilim=[5, 95]).data[0, :, 0, 1]
            for each in (data, mixed)
        )
        np.testing.assert_allclose(a, b, atol=1e-3)


@pytest.mark.parametrize(
    ("groups", "error"),
    [
        ({"all": list("abcde")}, spy.SPYValueError),
        ({"a": ["a", "b"], "b": ["b", "c"]}, spy.SPYValueError),
        ({"a": ["a"], "z": ["z"]}, spy.SPYValueError),
        ([["a"], ["b"]], spy.SPYTypeError),
    ],
)
def test_mistakes(data, groups, error):
    with pytest.raises(error, match="groups"):
        spy.connectivityanalysis(data, method="mic", groups=groups)
