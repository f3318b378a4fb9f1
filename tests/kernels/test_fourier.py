"""Spectra of whole trials against sums over samples, closed forms of the normalisation, and FieldTrip."""

import tracemalloc

import numpy as np
import pytest
from scipy.signal import windows

from syncopy.kernels import fourier as fo
from syncopy.kernels import tapers as tp

FS = 500.0


def spectra_by_sum(trial, taper, padded, bins):
    """The definition: sum over samples of w x exp(-2 pi i k t / P)."""
    waves = np.exp(-2j * np.pi * np.multiply.outer(bins, np.arange(len(trial))) / padded)
    return waves @ (taper[:, None] * trial)


def noise(*shape, seed=0, dtype="f8"):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


# --- lengths and frequencies


@pytest.mark.parametrize(
    ("pad", "longest", "samplerate", "expected"),
    [
        ("maxperlen", 733, 1000, 733),
        ("nextpow2", 500, 500, 512),
        ("nextpow2", 512, 500, 512),
        ("nextpow2", 1, 500, 1),
        (2, 500, 500, 1000),
        (1.1, 500, 500, 550),
        (0.57, 50, 100, 57),  # 0.57 * 100 is 56.99999999999999
        (1.0, 500, 499.99999999999977, 500),
        (1.0019, 500, 500, 500),  # part of a sample is no sample
    ],
)
def test_fft_length(pad, longest, samplerate, expected):
    assert fo.fft_length(pad, longest, samplerate) == expected


def test_frequency_axis():
    np.testing.assert_allclose(fo.frequency_axis(5, 100), [0, 20, 40])
    np.testing.assert_allclose(fo.frequency_axis(8, 100), [0, 12.5, 25, 37.5, 50])


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({}, list(range(51))),
        ({"foi": [11, 20.2, 11, 7]}, [11, 20, 7]),
        ({"foi": [10.5, 10.49, 3.5000000001]}, [11, 10, 4]),  # ties go up
        ({"foi": 17.2}, [17]),
        ({"foi": [0, 50, 60]}, [0, 50]),
        ({"foilim": [3, 6]}, [3, 4, 5, 6]),
        ({"foilim": [6, 3]}, [3, 4, 5, 6]),
        ({"foilim": [2.9, 3.2]}, [3]),
        ({"foilim": [2.4, 2.6]}, []),
        ({"foilim": [47.5, np.inf]}, [48, 49, 50]),
    ],
)
def test_match_frequencies(request_, expected):
    got = fo.match_frequencies(fo.frequency_axis(100, 100), **request_)
    assert got.dtype.kind == "i"
    assert got.tolist() == expected


def test_match_frequencies_forgives_rounding():
    freqs = fo.frequency_axis(1000, 100.0)  # steps of 0.1
    assert fo.match_frequencies(freqs, foilim=[0.3, 0.7]).tolist() == [3, 4, 5, 6, 7]
    ties = [0.05 + 0.1 * k for k in range(400)]
    assert fo.match_frequencies(freqs, foi=ties).tolist() == list(range(1, 401))


# --- transforms


@pytest.mark.parametrize("padded", [90, 91, 128])
@pytest.mark.parametrize("bins", [np.arange(3, 20), np.array([7, 2, 40, 0, 45])])
@pytest.mark.parametrize(("dtype", "out"), [("f4", "c8"), ("f8", "c16"), ("i2", "c16")])
def test_spectra_equal_the_sum_over_samples(padded, bins, dtype, out):
    block = (noise(6, 90, 3) * 20).astype(dtype)
    before = block.copy()
    tapers = tp.dpss_tapers(90, 2.5, 4)
    scale = np.linspace(1, 2, len(bins))
    got = fo.tapered_spectra(block, tapers, padded, bins, scale)
    assert got.dtype == out
    assert got.shape == (6, 4, len(bins), 3)
    expected = [[spectra_by_sum(t, w, padded, bins) * scale[:, None] for w in tapers] for t in block.astype("f8")]
    np.testing.assert_allclose(got, expected, atol=(1e-6 if out == "c8" else 1e-13) * np.abs(expected).max(), rtol=0)
    np.testing.assert_array_equal(block, before)


@pytest.mark.parametrize("polyremoval", [None, 0, 1])
@pytest.mark.parametrize("demean_taper", [False, True])
def test_trend_and_mean_of_the_tapered_trial(polyremoval, demean_taper):
    block = noise(3, 80, 2) + np.linspace(0, 9, 80)[:, None]
    taper = tp.make_taper("hann", 80)
    got = fo.tapered_spectra(block, taper, 100, np.arange(51), 1.0, polyremoval=polyremoval, demean_taper=demean_taper)
    for trial, spectrum in zip(block, got, strict=True):
        if polyremoval is not None:
            fit = np.polynomial.polynomial.polyfit(np.arange(80), trial, polyremoval)
            trial = trial - np.polynomial.polynomial.polyval(np.arange(80), fit).T
        tapered = trial * taper.T
        tapered = tapered - demean_taper * tapered.mean(axis=0)
        np.testing.assert_allclose(spectrum[0], np.fft.rfft(tapered, 100, axis=0), atol=1e-11)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("keyword", [{}, {"polyremoval": 1}, {"demean_taper": True}])
def test_power_is_the_mean_over_tapers_of_squared_spectra(dtype, keyword):
    block = noise(40, 500, 20, dtype=dtype)  # several slabs
    tapers, bins = tp.dpss_tapers(500, 4, 7), np.arange(1, 60)
    scale = fo.bin_scale(bins, 500, 512, ft_compat=True)
    power = fo.tapered_power(block, tapers, 512, bins, scale, **keyword)
    spectra = fo.tapered_spectra(block, tapers, 512, bins, scale, **keyword).astype("c16")
    assert power.dtype == dtype
    assert power.shape == (40, 1, 59, 20)
    np.testing.assert_allclose(power, np.mean(np.abs(spectra) ** 2, axis=1, keepdims=True), rtol=1e-5)


def test_each_trial_alone_gives_the_same_bits():
    block = noise(23, 700, 16, dtype="f4")
    tapers, bins = tp.dpss_tapers(700, 3, 3), np.arange(40)
    for function in (fo.tapered_power, fo.tapered_spectra):
        together = function(block, tapers, 800, bins, 1.0, polyremoval=0)
        alone = [function(trial[None], tapers, 800, bins, 1.0, polyremoval=0)[0] for trial in block]
        np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-5)


def test_no_trials():
    block, taper = np.empty((0, 50, 3), "f4"), tp.make_taper("hann", 50)
    assert fo.tapered_spectra(block, taper, 50, np.arange(5), 1.0, polyremoval=1).shape == (0, 1, 5, 3)
    assert fo.tapered_power(block, taper, 50, np.arange(5), 1.0).shape == (0, 1, 5, 3)


def test_nan_stays_in_its_channel():
    block = noise(4, 64, 9, dtype="f4")
    taper, bins = tp.make_taper("hann", 64), np.arange(33)
    expected = fo.tapered_power(block, taper, 64, bins, 1.0, polyremoval=0)
    block[1, 10, 4] = np.nan
    got = fo.tapered_power(block, taper, 64, bins, 1.0, polyremoval=0)
    assert np.isnan(got[1, :, :, 4]).all()
    got[1, :, :, 4] = expected[1, :, :, 4]
    np.testing.assert_array_equal(got, expected)


def test_phase_offset_refers_phases_to_time_zero():
    bins, starts = np.arange(20), np.array([-30, 0, 17])
    t = np.arange(100) + starts[:, None]
    block = np.cos(2 * np.pi * 5 * t / 100 + 0.4)[:, :, None]
    boxcar = tp.make_taper(None, 100)
    got = fo.tapered_spectra(block, boxcar, 100, bins, 1.0, phase_offset=starts)
    np.testing.assert_allclose(np.angle(got[:, 0, 5, 0]), 0.4, atol=1e-12)
    first = fo.tapered_spectra(block[:1], boxcar, 100, bins, 1.0, phase_offset=-30)
    np.testing.assert_array_equal(first, got[:1])
    plain = fo.tapered_spectra(block[:1], boxcar, 100, bins, 1.0)
    np.testing.assert_allclose(np.angle(plain[0, 0, 5, 0]), np.angle(np.exp(1j * (0.4 - 2 * np.pi * 5 * 0.3))))


def test_scratch_stays_bounded():
    block = noise(60, 1000, 32, dtype="f4")
    tapers, bins = tp.dpss_tapers(1000, 3, 5), np.arange(30)
    limit = fo.spectra_scratch(60, 1024, 32, 4)
    assert limit < block.nbytes
    for function in (fo.tapered_power, fo.tapered_spectra):
        tracemalloc.start()
        result = function(block, tapers, 1024, bins, 1.0, polyremoval=1)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert limit / 4 < peak - result.nbytes < limit


# --- normalisation


@pytest.mark.parametrize("name", ["hann", "boxcar", "blackman", "flattop"])
@pytest.mark.parametrize("ft_compat", [False, True])
def test_cosine_sums_to_half_its_squared_amplitude(name, ft_compat):
    t = np.arange(400)
    block = (3 * np.cos(2 * np.pi * 50 * t / 400 + 1))[None, :, None]
    bins = np.arange(201)
    scale = fo.bin_scale(bins, 400, 400, ft_compat)
    power = fo.tapered_power(block, tp.make_taper(name, 400), 400, bins, scale)[0, 0, :, 0]
    np.testing.assert_allclose(power.sum(), 4.5, rtol=1e-6)
    if name == "boxcar":
        np.testing.assert_allclose(power[50], 4.5, rtol=1e-12)


@pytest.mark.parametrize("padded", [300, 301, 450])
def test_power_of_fieldtrip_sums_to_the_mean_square_whatever_the_padding(padded):
    block = noise(2, 300, 2)  # Parseval, exact for a boxcar
    bins = np.arange(padded // 2 + 1)
    power = fo.tapered_power(block, tp.make_taper(None, 300), padded, bins, fo.bin_scale(bins, 300, padded, True))
    np.testing.assert_allclose(power.sum(axis=2)[:, 0], np.mean(block**2, axis=1), rtol=1e-12)


def test_white_noise_sums_to_its_variance():
    block = 2 * noise(300, 128, 8)
    for tapers in (tp.make_taper("hann", 128), tp.make_taper("flattop", 128), tp.dpss_tapers(128, 3, 5)):
        bins = np.arange(65)
        power = fo.tapered_power(block, tapers, 128, bins, fo.bin_scale(bins, 128, 128)).mean(axis=(0, 1, 3))
        np.testing.assert_allclose(power[1:-1].mean(), 2 * 4 / 128, rtol=0.01)
        np.testing.assert_allclose(power.sum(), 4 * 65 / 64, rtol=0.01)  # 0 Hz and Nyquist count like every bin


@pytest.mark.parametrize("name", ["hann", "boxcar"])
@pytest.mark.parametrize(("length", "padded"), [(300, 300), (300, 512), (251, 400)])
def test_default_equals_the_first_generation(name, length, padded):
    """For hann and boxcar: sqrt(2) times the transform of the window scaled by its sum, over sqrt(N P)."""
    window = getattr(windows, name)(length)
    correction = np.sqrt(4 / 3) if name == "hann" else 1
    scaled = correction * np.sqrt(padded / window.sum()) * window
    block, bins = noise(2, length, 3), np.arange(padded // 2 + 1)
    taper = tp.make_taper(name, length)
    expected = np.sqrt(2) / np.sqrt(length * padded) * np.fft.rfft(scaled[:, None] * block, padded, axis=1)
    got = fo.tapered_spectra(block, taper, padded, bins, fo.bin_scale(bins, length, padded))[:, 0]
    np.testing.assert_allclose(got, expected, atol=1e-13)


# --- output types


@pytest.mark.parametrize("dtype", ["c8", "c16"])
def test_conversions(dtype):
    z = np.array([[3 + 4j, -1 - 1j, -2 + 0j]]).astype(dtype)
    expected = {
        "pow": [25, 2, 4],
        "abs": [5, np.sqrt(2), 2],
        "real": [3, -1, -2],
        "imag": [4, -1, 0],
        "absreal": [3, 1, 2],
        "absimag": [4, 1, 0],
        "angle": [np.arctan2(4, 3), -0.75 * np.pi, np.pi],
    }
    for output, values in expected.items():
        got = fo.convert_spectra(z, output)
        assert got.dtype == {"c8": "f4", "c16": "f8"}[dtype]
        np.testing.assert_allclose(got[0], values, rtol=1e-6)
    for output in ("fourier", "complex"):
        assert fo.convert_spectra(z, output) is z


# --- FieldTrip


@pytest.fixture(scope="module")
def oracle(shared):
    return np.load(shared / "oracle" / "mtmfft.npz"), np.load(shared / "oracle" / "inputs.npz")


def fieldtrip_spectra(trial, taper, padded, freqs, first, polyremoval=0):
    """(trial, taper, freq, channel) of trials (trial, channel, time), FieldTrip's recipe in this module's terms."""
    block = np.ascontiguousarray(np.swapaxes(trial, 1, 2))
    length = block.shape[1]
    tapers = {
        "hanning": tp.fieldtrip_hanning(length),
        "dpss4": tp.dpss_tapers(length, length * 4 / FS, tp.fieldtrip_taper_count(length, FS, 4)),
    }.get(taper)
    tapers = tp.make_taper(taper, length) if tapers is None else tapers
    bins = fo.match_frequencies(fo.frequency_axis(padded, FS), foi=freqs)
    scale = fo.bin_scale(bins, length, padded, ft_compat=True)
    return fo.tapered_spectra(block, tapers, padded, bins, scale, polyremoval=polyremoval, phase_offset=first)


def close(got, expected):
    np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-10 * np.abs(expected).max())


@pytest.mark.parametrize(
    ("case", "taper", "padded"),
    [
        ("hanning_all", "hanning", 500),
        ("hanning_foi", "hanning", 500),
        ("hanning_pad2", "hanning", 1000),
        ("hanning_padnextpow2", "hanning", 512),
        ("boxcar", "boxcar", 500),
        ("blackman", "blackman", 500),
        ("hamming", "hamming", 500),
        ("dpss4", "dpss4", 500),
    ],
)
def test_power_of_fieldtrip(oracle, case, taper, padded):
    numbers, inputs = oracle
    freqs = numbers[f"pow_{case}.freq"]
    spectra = fieldtrip_spectra(inputs["net"], taper, padded, freqs, -100)
    close(np.mean(np.abs(spectra) ** 2, axis=(0, 1)).T, numbers[f"pow_{case}.powspctrm"])


@pytest.mark.parametrize(("case", "polyremoval"), [("prep_poly0", 0), ("prep_polym1", None)])
def test_power_of_fieldtrip_with_and_without_the_mean(oracle, case, polyremoval):
    numbers, inputs = oracle
    freqs = numbers[f"pow_hanning_{case}.freq"]
    spectra = fieldtrip_spectra(inputs["prep"][:3], "hanning", 500, freqs, -100, polyremoval)
    close(np.mean(np.abs(spectra) ** 2, axis=(0, 1)).T, numbers[f"pow_hanning_{case}.powspctrm"])


@pytest.mark.parametrize(
    ("case", "taper", "padded"),
    [
        ("hanning", "hanning", 500),
        ("dpss4", "dpss4", 500),
        ("dpss4_pad2", "dpss4", 1000),
        ("dpss4_padnextpow2", "dpss4", 512),
    ],
)
def test_coefficients_of_fieldtrip(oracle, case, taper, padded):
    numbers, inputs = oracle
    expected = numbers[f"fourier_{case}.fourierspctrm"]
    got = fieldtrip_spectra(inputs["net"][:3], taper, padded, numbers[f"fourier_{case}.freq"], -100)
    close(got.swapaxes(2, 3).reshape(expected.shape), expected)


def test_coefficients_of_fieldtrip_in_unequal_trials(oracle):
    numbers, inputs = oracle
    freqs = numbers["fourier_dpss4_unequal.freq"]
    spectra = []
    for start, stop, first in inputs["unequal_trl"][:4].astype(int):
        trial = inputs["unequal_data"][None, :, start:stop]
        spectra.append(fieldtrip_spectra(trial, "dpss4", 500, freqs, first)[0].swapaxes(1, 2))
    assert [len(tapers) for tapers in spectra] == numbers["fourier_dpss4_unequal.cumtapcnt"].tolist()
    close(np.concatenate(spectra), numbers["fourier_dpss4_unequal.fourierspctrm"])
