"""Coupling of groups of channels against coherency, invariances and a search over mixtures."""

import numpy as np
import pytest

from syncopy.kernels.coherence import coherency
from syncopy.kernels.multivariate import canonical_coherence, mic, mim

FIRST, SECOND = np.array([0, 3, 1]), np.array([2, 4])
MEASURES = [mim, mic, canonical_coherence]


def random_csd(channels=5, seed=0):
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((3, channels, 12)) + 1j * rng.standard_normal((3, channels, 12))
    return a @ a.conj().swapaxes(-1, -2)


def test_groups_of_one_channel():
    csd = random_csd()
    value = coherency(csd)[:, 0, 2]
    one, other = np.array([0]), np.array([2])
    np.testing.assert_allclose(mim(csd, one, other), value.imag**2)
    np.testing.assert_allclose(mic(csd, one, other), abs(value.imag))
    np.testing.assert_allclose(canonical_coherence(csd, one, other), abs(value))


@pytest.mark.parametrize("measure", MEASURES)
def test_mixing_within_groups_and_units_change_nothing(measure):
    csd = random_csd()
    rng = np.random.default_rng(1)
    mixing = np.zeros((5, 5))
    mixing[FIRST[:, None], FIRST] = rng.standard_normal((3, 3))
    mixing[SECOND[:, None], SECOND] = rng.standard_normal((2, 2)) * 1e-13
    truth = measure(csd, FIRST, SECOND)
    np.testing.assert_allclose(measure(mixing @ csd @ mixing.T, FIRST, SECOND), truth, rtol=1e-8)
    np.testing.assert_allclose(measure(csd, SECOND, FIRST), truth)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_channel_without_news_changes_nothing(measure):
    csd = random_csd()
    wider = np.vstack([np.eye(5), [1, 0, 0, -2, 0]])  # a sixth channel, made of two of the first group
    result = measure(wider @ csd @ wider.T, np.append(FIRST, 5), SECOND)
    np.testing.assert_allclose(result, measure(csd, FIRST, SECOND), rtol=1e-6)


def test_no_mixture_exceeds_the_maximum_and_some_reach_it():
    csd = random_csd()[0]
    rng = np.random.default_rng(2)
    real = [rng.standard_normal((20000, len(group))) for group in (FIRST, SECOND)]
    complex_ = [weights + 1j * rng.standard_normal(weights.shape) for weights in real]
    for measure, (left, right), part in ((mic, real, np.imag), (canonical_coherence, complex_, np.asarray)):
        between = np.einsum("ni,ij,nj->n", left.conj(), csd[FIRST[:, None], SECOND], right)
        powers = [
            np.einsum("ni,ij,nj->n", w.conj(), csd[group[:, None], group], w).real
            for w, group in ((left, FIRST), (right, SECOND))
        ]
        found = abs(part(between)) / np.sqrt(powers[0] * powers[1])
        assert 0.9 * measure(csd, FIRST, SECOND) < found.max() <= measure(csd, FIRST, SECOND) + 1e-12


def test_bounds():
    csd = random_csd()
    assert np.all(mic(csd, FIRST, SECOND) ** 2 <= mim(csd, FIRST, SECOND))
    assert np.all(mic(csd, FIRST, SECOND) <= canonical_coherence(csd, FIRST, SECOND))
    assert np.all(canonical_coherence(csd, FIRST, SECOND) <= 1)
    np.testing.assert_allclose(mim(csd.real, FIRST, SECOND), 0)
