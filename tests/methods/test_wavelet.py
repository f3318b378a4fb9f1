"""Wavelet transforms of objects: against the kernel and plain convolution, true times, edges, FieldTrip."""

import numpy as np
import pytest

import syncopy as spy
from syncopy.kernels import wavelets
from syncopy.kernels.wavelets import DOG, Morlet, Paul, WaveletKernels
from tests.methods.fieldtrip import FS, assert_power, oracle, recording

RNG = np.random.default_rng(8)


def signals(lengths=(300, 300, 300), channels=2, fs=500.0, offset=-100, dtype="f4"):
    starts = np.cumsum([17, *(n + 11 for n in lengths[:-1])])
    values = RNG.standard_normal((starts[-1] + lengths[-1] + 5, channels)).astype(dtype)
    rows = [[start, start + n, offset, 7 + k] for k, (start, n) in enumerate(zip(starts, lengths, strict=True))]
    return spy.AnalogData(values, samplerate=fs, trialdefinition=rows)


def analyse(data, **kwargs):
    return spy.freqanalysis(data, method="wavelet", **kwargs)


def plain(trial, wavelet, freqs, fs=500.0):
    """(time, freq, channel) by numpy.convolve of the demeaned trial."""
    x = trial.astype("f8") - trial.mean(axis=0, dtype="f8")
    kernel_set = WaveletKernels(wavelet, tuple(freqs), fs)
    result = np.empty((len(x), len(freqs), x.shape[1]), complex)
    for index in range(len(freqs)):
        (kernel,) = kernel_set.kernels(index)
        for channel in range(x.shape[1]):
            full = np.convolve(x[:, channel], kernel)
            result[:, index, channel] = full[len(kernel) // 2 :][: len(x)]
    return result


def close(got, expected, tolerance=1e-5):
    assert got.dtype in ("f4", "c8")
    np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance * np.nanmax(np.abs(expected)))


@pytest.mark.parametrize(
    ("kwargs", "wavelet"),
    [
        ({}, Morlet(6)),
        ({"width": 9}, Morlet(9)),
        ({"wavelet": "Paul", "order": 5}, Paul(5)),
        ({"wavelet": "DOG", "order": 4}, DOG(4)),
        ({"wavelet": "Ricker"}, DOG(2)),
        ({"wavelet": "Mexican_hat"}, DOG(2)),
    ],
)
def test_every_wavelet_equals_convolution(kwargs, wavelet):
    data, freqs = signals((300, 211, 300)), [33.3, 12.0, 70.1]
    spec = analyse(data, foi=freqs, **kwargs)
    np.testing.assert_array_equal(spec.freq, freqs)
    assert spec.data.shape == (811, 1, 3, 2)
    for number, trial in enumerate(data.trials):
        close(spec.trials[number][:, 0], np.abs(plain(trial, wavelet, freqs)) ** 2)
        np.testing.assert_allclose(spec.time[number], data.time[number])
    np.testing.assert_array_equal(spec.trialinfo, data.trialinfo)


@pytest.mark.parametrize("output", ["fourier", "abs", "real", "imag", "absreal", "absimag", "angle", "complex"])
def test_outputs(output):
    data = signals((200, 200))
    z = plain(data.trials[1], Morlet(6), [20, 40])
    expected = {
        "abs": np.abs,
        "real": np.real,
        "imag": np.imag,
        "absreal": lambda z: np.abs(z.real),
        "absimag": lambda z: np.abs(z.imag),
        "angle": np.angle,
    }.get(output, lambda z: z)(z)
    spec = analyse(data, foi=[20, 40], output=output)
    got = spec.trials[1][:, 0]
    if output == "angle":
        got, expected = np.exp(1j * got), np.exp(1j * expected)
        np.testing.assert_allclose(got, expected, atol=1e-3)
    else:
        close(got, expected)


def test_times_of_interest_are_the_nearest_samples_of_the_whole_transform():
    data = signals((300, 280))
    whole = analyse(data, foi=[8, 30])
    for toi in ([0.0, 0.1, 0.2], np.arange(0, 0.31, 0.03), [0.3], [-0.2, 0.1]):
        spec = analyse(data, foi=[8, 30], toi=toi)
        samples = np.round(np.array(toi) * 500).astype(int) + 100
        for number in range(2):
            np.testing.assert_allclose(spec.time[number], toi, atol=1e-9)
            close(spec.trials[number], whole.trials[number][samples], 1e-6)
    dense = analyse(data, foi=[8, 30], toi=np.linspace(0, 0.1, 21))
    assert len(dense.info["toi"]) == 21


def test_times_outside_a_trial_are_nan_there():
    data = signals((300, 200))
    spec = analyse(data, foi=[30], toi=[0.0, 0.1, 0.2, 0.3])
    assert np.isfinite(spec.trials[0]).all()
    np.testing.assert_array_equal(np.isnan(spec.trials[1][:, 0, 0, 0]), [False, False, True, True])
    mean = analyse(data, foi=[30], toi=[0.0, 0.1, 0.2, 0.3], keeptrials=False)
    close(mean.data[2:], spec.trials[0][2:])
    close(mean.data[:2], (spec.trials[0][:2] + spec.trials[1][:2]) / 2)


def test_frequencies():
    data = signals((700, 600))
    assert analyse(data, foilim=[1, 5.5], toi=[0]).freq.tolist() == [1, 2, 3, 4, 5]
    assert analyse(data, foilim=[0, 2], toi=[0]).freq.tolist() == [1, 2]
    assert analyse(data, foi=[20, 7.25, 20], toi=[0]).freq.tolist() == [20, 7.25, 20]
    automatic = analyse(data, toi=[0]).freq
    np.testing.assert_allclose(automatic[1:] / automatic[:-1], 2**0.25)
    np.testing.assert_allclose(automatic, wavelets.automatic_frequencies(600, 500, Morlet(6).centre))
    with pytest.warns(spy.SPYWarning, match="0 Hz is left out"):
        assert analyse(data, foi=[0, 10], toi=[0]).freq.tolist() == [10]


def test_cone_of_influence_is_told_and_can_be_cut_out():
    data, freqs = signals((300, 300)), [10, 20, 80]
    plain_spec, cut = analyse(data, foi=freqs), analyse(data, foi=freqs, edges="nan")
    times = np.array(cut.info["cone_of_influence"])
    np.testing.assert_allclose(times, np.sqrt(2) * 6.082207 / (2 * np.pi * np.array(freqs)), rtol=1e-6)
    distance = np.minimum(np.arange(300), np.arange(300)[::-1]) / 500
    np.testing.assert_array_equal(np.isnan(cut.trials[1][:, 0, :, 1]), distance[:, None] < times)
    inside = np.isfinite(cut.data[()])
    np.testing.assert_array_equal(cut.data[()][inside], plain_spec.data[()][inside])
    mean = analyse(data, foi=freqs, edges="nan", keeptrials=False, output="fourier")
    np.testing.assert_array_equal(np.isnan(mean.data[:, 0, :, 0]), distance[:, None] < times)


@pytest.mark.parametrize("fs", [200.0, 500.0, 1111.0])
def test_amplitude_does_not_depend_on_the_sample_rate(fs):
    time = np.arange(int(2 * fs)) / fs
    data = spy.AnalogData((3 * np.cos(2 * np.pi * 30 * time))[:, None], samplerate=fs)
    spec = analyse(data, foi=[30], edges="nan", width=8)
    inside = np.isfinite(spec.data[()])
    assert 0.5 < inside.mean() < 1
    np.testing.assert_allclose(spec.data[()][inside], 4.5, rtol=0.16)  # at the border of the cone
    assert np.median(spec.data[()][inside]) == pytest.approx(4.5, rel=1e-3)


def test_little_memory_gives_the_same_numbers():
    data = signals((4000, 3000), channels=6)
    whole = analyse(data, foilim=[10, 29])
    with spy.options(memory="10MB", workers=1):  # one channel at a time
        close(analyse(data, foilim=[10, 29]).data[()], whole.data[()])


def test_nan_spoils_its_channel_and_trial():
    data = signals()
    data.data[17 + 311 + 5, 0] = np.nan
    with pytest.warns(spy.SPYWarning, match="NaN: 1"):
        spec = analyse(data, foi=[20, 40], polyremoval=1)
    assert np.isnan(spec.trials[1][..., 0]).all()
    assert np.isnan(spec.data[()]).sum() == spec.trials[1][..., 0].size


def test_trend_is_removed_from_whole_trials():
    data = signals((300,), dtype="f8")
    clean = analyse(data, foi=[5], polyremoval=1).data[()]
    data.data[:] = data.data[()] + 1000 + 3 * np.arange(len(data.data))[:, None]
    close(analyse(data, foi=[5], polyremoval=1).data[()], clean, 1e-4)
    assert analyse(data, foi=[5], polyremoval=0).data[()].max() > 100 * clean.max()


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({"wavelet": "Haar"}, spy.SPYValueError, "wavelet.*'Morlet'"),
        ({"width": 0.5}, spy.SPYValueError, "width.*1"),
        ({"width": "wide"}, spy.SPYTypeError, "width"),
        ({"wavelet": "Paul"}, spy.SPYTypeError, "order.*Paul"),
        ({"wavelet": "Paul", "order": 3}, spy.SPYValueError, "order.*4 or more"),
        ({"wavelet": "Paul", "order": 4.5}, spy.SPYValueError, "order.*whole"),
        ({"wavelet": "DOG", "order": 0}, spy.SPYValueError, "order.*1 or more"),
        ({"wavelet": "DOG", "order": 2, "ft_compat": True}, spy.SPYValueError, "wavelet.*Morlet"),
        ({"toi": 0.5}, spy.SPYValueError, "toi.*equidistant"),
        ({"toi": "50%"}, spy.SPYValueError, "toi"),
        ({"toi": "some"}, spy.SPYValueError, "toi"),
        ({"toi": [0.0, 0.1, 0.3]}, spy.SPYValueError, "toi.*equidistant"),
        ({"toi": [0.0, 5.0]}, spy.SPYValueError, r"toi.*0\.398"),
        ({"toi": None}, spy.SPYTypeError, "toi"),
        ({"foi": [0]}, spy.SPYValueError, "foi/foilim.*above 0"),
        ({"foi": [10, 251]}, spy.SPYValueError, "foi.*250"),
        ({"foi": [10], "foilim": [1, 2]}, spy.SPYValueError, "foi/foilim"),
        ({"edges": True}, spy.SPYValueError, "edges"),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:0 Hz is left out")
def test_mistakes_are_explained_before_any_work(kwargs, error, text):
    with pytest.raises(error, match=text):
        analyse(signals(), **kwargs)


@pytest.mark.parametrize(
    "kwargs",
    [
        {"order": 4},
        {"gwidth": 4.0},
        {"wavelet": "Ricker", "width": 7},
        {"t_ftimwin": 0.2},
        {"taper": "hamming"},
        {"pad": 3.0},
    ],
)
def test_parameters_without_effect_are_told(kwargs):
    with pytest.warns(spy.SPYWarning, match=f"{list(kwargs)[-1]}.*no effect"):
        analyse(signals(), foi=[20], toi=[0.0], **kwargs)


def test_real_wavelets_have_no_phase():
    with pytest.warns(spy.SPYWarning, match="Ricker.*real"):
        spec = analyse(signals(), foi=[20], wavelet="Ricker", output="imag")
    assert not spec.data[()].any()


# -- FieldTrip


@pytest.mark.parametrize("case", ["wavelet7", "wavelet5_gwidth4"])
def test_power_of_fieldtrip(shared, case):
    cfg, expected = oracle(shared, f"tfr/{case}")
    kwargs = {key: cfg[key] for key in ("toi", "foi", "width", "gwidth") if key in cfg}
    spec = analyse(recording(shared, n_trials=20, fs=FS), ft_compat=True, keeptrials=False, **kwargs)
    np.testing.assert_allclose(spec.freq, expected["freq"])
    np.testing.assert_allclose(spec.time[0], expected["time"], atol=1e-9)
    np.testing.assert_array_equal(np.isnan(spec.trials[0][:, 0].T), np.isnan(expected["powspctrm"]))
    assert_power(spec, expected["powspctrm"])


@pytest.mark.parametrize("case", ["wavelet7_fourier_alltoi", "wavelet7_fourier_pad2"])
def test_coefficients_of_fieldtrip(shared, case):
    cfg, expected = oracle(shared, f"tfr/{case}")
    pad = {"pad": cfg["pad"]} if "pad" in cfg else {}
    spec = analyse(
        recording(shared), ft_compat=True, toi=cfg["toi"], foi=cfg["foi"], width=cfg["width"], output="fourier", **pad
    )
    got = np.stack([spec.trials[k][:, 0] for k in range(3)]).transpose(0, 3, 2, 1)
    wanted = expected["fourierspctrm"].copy()
    if not pad:  # there, the first sample with even wavelets wraps around to the trial's last one
        assert np.isfinite(got[:, :, 0, 83]).all()
        wanted[:, :, 0, 83] = got[:, :, 0, 83]
    np.testing.assert_array_equal(np.isnan(got), np.isnan(wanted))
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-6 * np.nanmax(np.abs(wanted)))


def test_frequencies_of_fieldtrip_are_multiples_of_the_padding(shared):
    data = recording(shared)
    assert analyse(data, ft_compat=True, foi=[20.4, 30.6], toi=[0.2]).freq.tolist() == [20, 31]
    assert analyse(data, ft_compat=True, foi=[20.4, 30.6], toi=[0.2], pad=2).freq.tolist() == [20.5, 30.5]
