"""Butterworth filters against SciPy and FieldTrip, and how they treat gaps."""

import numpy as np
import pytest
from scipy import signal

from syncopy.kernels import filters
from syncopy.kernels.filters import butterworth, design_butterworth, settling_time, twopass_padding

CASES = [(60, "lp", 4), (15, "hp", 3), ((20, 80), "bp", 4), ((45, 55), "bs", 2)]


@pytest.fixture(params=[3, 13], ids=["few signals", "many signals"])
def block(request):
    return np.random.default_rng(1).standard_normal((5, 400, request.param)).cumsum(axis=1) + 20


@pytest.mark.parametrize(("freq", "kind", "order"), CASES)
@pytest.mark.parametrize("dtype", ["f4", "f8", "i2"])
def test_equals_scipy(block, freq, kind, order, dtype):
    given = (100 * block).astype(dtype)
    before = given.copy()
    sos = design_butterworth(freq, kind, order, 500)
    for direction, run in (("onepass", signal.sosfilt), ("twopass", signal.sosfiltfilt)):
        got = butterworth(given, sos, direction)
        expected = run(sos, given.astype("f8"), axis=1)
        assert got.dtype == ("f4" if dtype == "f4" else "f8")
        tolerance = 1e-7 if dtype == "f4" else 1e-13
        np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance * np.abs(expected).max())
    np.testing.assert_array_equal(given, before)


@pytest.mark.parametrize("samples", [31, 32, 33, 64, 1001])
@pytest.mark.parametrize("direction", ["onepass", "twopass"])
def test_slabs_and_steps_leave_no_seam(monkeypatch, samples, direction):
    monkeypatch.setattr(filters, "SLAB_BYTES", 8 * samples * 9 * 4)
    block = np.random.default_rng(2).standard_normal((30, samples, 9))
    sos = design_butterworth((80, 120), "bp", 4, 1000)
    one_by_one = np.concatenate([butterworth(trial[None], sos, direction) for trial in block])
    np.testing.assert_allclose(butterworth(block, sos, direction), one_by_one, rtol=0, atol=1e-13)


@pytest.mark.parametrize(
    ("freq", "kind", "order"), [(0.1, "hp", 4), (1, "lp", 6), ((0.05, 0.5), "bp", 3), (300, "lp", 12)]
)
def test_extreme_filters_lose_little(freq, kind, order):
    block = np.random.default_rng(4).standard_normal((1, 5000, 40)) + 100
    sos = design_butterworth(freq, kind, order, 10000)
    for direction, run in (("onepass", signal.sosfilt), ("twopass", signal.sosfiltfilt)):
        expected = run(sos, block, axis=1)
        got = butterworth(block, sos, direction)
        rounding = 1e-9 * np.abs(block).max()  # of states as large as what came in, though little of it gets out
        np.testing.assert_allclose(got, expected, rtol=0, atol=rounding)


@pytest.mark.parametrize(("freq", "kind", "order"), CASES)
def test_gain_at_the_cutoff(freq, kind, order):
    impulse = np.zeros((1, 8001, 1))
    impulse[0, 4000] = 1
    sos = design_butterworth(freq, kind, order, 500)
    for direction, gain in (("onepass", np.sqrt(0.5)), ("twopass", 0.5)):
        response = butterworth(impulse, sos, direction)[0, :, 0]
        spectrum = np.exp(-2j * np.pi * np.outer(np.atleast_1d(freq), np.arange(8001) - 4000) / 500) @ response
        np.testing.assert_allclose(np.abs(spectrum), gain, rtol=1e-6)
        if direction == "twopass":
            np.testing.assert_allclose(spectrum.imag, 0, atol=1e-6)


@pytest.mark.parametrize(("freq", "kind", "order"), [*CASES, (60, "lp", 5), ((20, 80), "bp", 1)])
def test_padding_is_the_shortest_trial_scipy_refuses(freq, kind, order):
    sos = design_butterworth(freq, kind, order, 500)
    padding = twopass_padding(sos)
    trial = np.random.default_rng(3).standard_normal((1, padding + 1, 1))
    np.testing.assert_allclose(butterworth(trial, sos, "twopass"), signal.sosfiltfilt(sos, trial, axis=1), atol=1e-12)
    with pytest.raises(ValueError, match="padlen"):
        signal.sosfiltfilt(sos, trial[:, :padding], axis=1)


@pytest.mark.parametrize("gap", [np.nan, -np.inf])
@pytest.mark.parametrize(("direction", "damaged"), [("onepass", slice(100, None)), ("twopass", slice(None))])
def test_a_gap_stays_in_its_channel_and_trial(block, direction, damaged, gap):
    sos = design_butterworth(60, "lp", 4, 500)
    intact = butterworth(block, sos, direction)
    block[2, 100, 1] = gap
    expected = intact.copy()
    expected[2, damaged, 1] = np.nan
    np.testing.assert_allclose(butterworth(block, sos, direction), expected, rtol=1e-11)


FIELDTRIP = [
    ("lp60_but4", 60, "lp", 4),
    ("lp60_but6", 60, "lp", 6),
    ("hp15_but4", 15, "hp", 4),
    ("hp15_but6", 15, "hp", 6),
    ("bp20_80_but4", (20, 80), "bp", 4),
    ("bp20_80_but6", (20, 80), "bp", 6),
    ("bs45_55_but4", (45, 55), "bs", 4),
    ("lp60_but_default_order", 60, "lp", 6),
]


@pytest.mark.parametrize(("case", "freq", "kind", "order"), FIELDTRIP)
def test_equals_fieldtrip_twopass(shared, case, freq, kind, order):
    data = np.load(shared / "oracle" / "inputs.npz")["prep"][:3].swapaxes(1, 2)
    expected = np.load(shared / "oracle" / "preproc.npz")[f"{case}.trial"].swapaxes(1, 2)
    sos = design_butterworth(freq, kind, order, 500)
    mean = data.mean(axis=1, keepdims=True)
    got = butterworth(data - mean, sos, "twopass", twopass_padding(sos) - 3) + (mean if kind in ("lp", "bs") else 0)
    np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-9 * np.abs(expected).max())


def test_equals_fieldtrip_in_unequal_trials(shared):
    inputs = np.load(shared / "oracle" / "inputs.npz")
    expected = np.load(shared / "oracle" / "preproc.npz")["lp60_but4_unequal.trial"]
    sos, filtered = design_butterworth(60, "lp", 4, 500), []
    for start, stop, *_ in inputs["unequal_trl"][:4].astype(int):
        trial = inputs["unequal_data"].T[None, start:stop]
        mean = trial.mean(axis=1, keepdims=True)
        filtered.append((butterworth(trial - mean, sos, "twopass", twopass_padding(sos) - 3) + mean)[0])
    np.testing.assert_allclose(np.concatenate(filtered).T, expected, rtol=1e-7, atol=1e-9 * np.abs(expected).max())


def test_equals_fieldtrip_onepass(shared):
    data = np.load(shared / "oracle" / "inputs.npz")["prep"][:3].swapaxes(1, 2)
    expected = np.load(shared / "oracle" / "preproc.npz")["bp20_80_but4_onepass.trial"].swapaxes(1, 2)
    got = butterworth(data - data[:, :1], design_butterworth((20, 80), "bp", 4, 500), "onepass")
    np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize(("freq", "kind", "order"), [(30, "lp", 4), (2, "hp", 4), ((20, 60), "bp", 6), (499, "lp", 1)])
def test_what_came_before_the_settling_time_is_forgotten(freq, kind, order):
    sos = design_butterworth(freq, kind, order, 1000)
    settled = settling_time(sos)
    response = np.abs(signal.sosfilt(sos, signal.unit_impulse(2 * settled)))
    assert response[settled:].max() < 1e-15 * response.max()
    # and not much more than that is kept
    assert settled < 2000 * 1000 / np.ptp(freq) if kind == "bp" else settled < 20_000


def test_a_filter_without_poles_settles_at_once():
    sos = np.array([[0.5, 0.5, 0, 1, 0, 0]])
    assert settling_time(sos) == twopass_padding(sos) + 1
