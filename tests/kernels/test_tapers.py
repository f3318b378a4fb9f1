"""Tapers against SciPy, the eigenproblem that defines the Slepian sequences, and closed forms."""

import inspect

import numpy as np
import pytest
from scipy.signal import windows

from syncopy.kernels import tapers as tp

OPTIONS = {
    "kaiser": {"beta": 8.6},
    "kaiser_bessel_derived": {"beta": 4.0},
    "gaussian": {"std": 9.0},
    "general_gaussian": {"p": 1.5, "sig": 8.0},
    "general_cosine": {"a": [0.42, 0.5, 0.08]},
    "general_hamming": {"alpha": 0.6},
    "chebwin": {"at": 80},
    "tukey": {"alpha": 0.3},
    "taylor": {"nbar": 4, "sll": 35, "norm": False},
}


def slepian_kernel(length, half_bandwidth_time):
    lag = np.subtract.outer(np.arange(length), np.arange(length))
    width = half_bandwidth_time / length
    return 2 * width * np.sinc(2 * width * lag)


@pytest.mark.parametrize("name", tp.TAPERS)
def test_is_the_symmetric_window_of_scipy_with_unit_energy(name):
    options = OPTIONS.get(name, {})
    assert set(tp.taper_parameters(name)) == set(options)
    taper = tp.make_taper(name, 64, options)
    assert taper.shape == (1, 64)
    assert taper.dtype == np.float64
    window = getattr(windows, name)(64, **options)
    np.testing.assert_allclose(taper[0], window / np.sqrt(np.sum(window**2)), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(taper, taper[:, ::-1], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(np.sum(taper**2), 1, rtol=1e-14)


def test_names_are_those_of_scipy_at_least():
    known = {name for name in windows.__all__ if "M" in inspect.signature(getattr(windows, name)).parameters}
    assert set(tp.TAPERS) <= known - {"exponential", "dpss"}
    assert len(tp.TAPERS) == 23


def test_no_name_is_boxcar():
    np.testing.assert_array_equal(tp.make_taper(None, 25), np.full((1, 25), 0.2))


def test_tapers_are_made_once_and_cannot_be_changed():
    first = tp.make_taper("general_cosine", 32, {"a": [0.5, 0.5]})
    assert tp.make_taper("general_cosine", 32, {"a": (0.5, 0.5)}) is first
    assert tp.make_taper("general_cosine", 32, {"a": np.array([0.54, 0.46])}) is not first
    for taper in (first, tp.dpss_tapers(50, 3, 2), tp.sine_tapers(50, 2), tp.fieldtrip_hanning(50)):
        with pytest.raises(ValueError, match="read-only"):
            taper[0, 0] = 1


@pytest.mark.parametrize(("length", "half_bandwidth_time", "count"), [(60, 2.0, 3), (101, 4.0, 7), (33, 3.5, 6)])
def test_slepian_tapers_are_the_best_concentrated_vectors(length, half_bandwidth_time, count):
    _, vectors = np.linalg.eigh(slepian_kernel(length, half_bandwidth_time))
    expected = vectors[:, ::-1][:, :count].T
    got = tp.dpss_tapers(length, half_bandwidth_time, count)
    signs = np.sign(np.sum(got * expected, axis=1, keepdims=True))
    np.testing.assert_allclose(got, signs * expected, atol=1e-7)
    np.testing.assert_allclose(got @ got.T, np.eye(count), atol=1e-10)
    assert np.all(got[::2].sum(axis=1) > 0)
    assert np.all(got[1::2, 1] > 0)


@pytest.mark.parametrize(
    ("length", "samplerate", "tapsmofrq", "half_bandwidth_time", "count"),
    [
        (500, 500.0, 4.0, 4.0, 7),
        (200, 1000.0, 10.0, 2.0, 3),
        (1000, 1000.0, 0.1, 1.0, 1),  # less than the length resolves: fs / N
        (100, 200.0, 500.0, (100 - 1 / 100) / 2, 98),  # more than there is: fs / 2 - 1 / N
        (600, 1000.0, 10 / 3, 2.0, 3),
        (300, 1000.0, 20 / 3 - 1e-13, 2.0, 3),  # 2.9999999 tapers are three
        (437.5, 500.0, 4.0, 3.5, 6),
    ],
)
def test_slepian_parameters(length, samplerate, tapsmofrq, half_bandwidth_time, count):
    got = tp.slepian_parameters(length, samplerate, tapsmofrq)
    assert got == (pytest.approx(half_bandwidth_time), count)
    assert tp.slepian_parameters(length, samplerate, tapsmofrq, 5) == (got[0], 5)


@pytest.mark.parametrize(
    ("length", "tapsmofrq", "count"), [(500, 4, 7), (380, 4, 5), (436, 4, 6), (492, 4, 7), (420, 4, 6), (50, 1, 1)]
)
def test_taper_count_of_fieldtrip(length, tapsmofrq, count):
    assert tp.fieldtrip_taper_count(length, 500, tapsmofrq) == count  # counts as in the FieldTrip fixtures


def test_hanning_of_fieldtrip_has_no_zeros():
    k = np.arange(1, 41)
    expected = 0.5 - 0.5 * np.cos(2 * np.pi * k / 41)
    np.testing.assert_allclose(tp.fieldtrip_hanning(40)[0], expected / np.linalg.norm(expected), rtol=1e-13)


def test_sine_tapers_are_orthonormal():
    got = tp.sine_tapers(57, 6)
    np.testing.assert_allclose(got @ got.T, np.eye(6), atol=1e-14)
    np.testing.assert_allclose(got[2], np.sqrt(2 / 58) * np.sin(3 * np.pi * np.arange(1, 58) / 58), atol=1e-14)
