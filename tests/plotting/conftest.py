"""Figures of tests are drawn without a screen and closed; no test may leave the global style changed."""

from collections.abc import Iterator

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

import syncopy as spy


@pytest.fixture(autouse=True)
def _clean_figures() -> Iterator[None]:
    plt.switch_backend("Agg")
    before = dict(mpl.rcParams)
    yield
    plt.close("all")
    assert dict(mpl.rcParams) == before


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def signals(rng: np.random.Generator) -> spy.AnalogData:
    """Two trials of five channels from -1 s on, at 100 Hz."""
    data = spy.AnalogData([rng.standard_normal((150, 5)) for _ in range(2)], samplerate=100.0)
    data.channel = ["Fz", "Cz", "Pz", "Oz", "EOG"]
    return data


@pytest.fixture
def power(rng: np.random.Generator) -> spy.SpectralData:
    """Power of one trial, four channels, 1 to 20 Hz."""
    data = spy.SpectralData(
        rng.uniform(1, 2, (1, 1, 20, 4)),
        samplerate=100.0,
        freq=np.arange(1.0, 21.0),
        channel=["Oz", "Pz", "Cz", "Fz"],
    )
    data.cfg["freqanalysis"] = {"method": "mtmfft", "output": "pow"}
    return data


@pytest.fixture
def timefreq(rng: np.random.Generator) -> spy.SpectralData:
    """Power over 30 times from -0.5 s on at 20 Hz, 8 frequencies in steps of 5 Hz, three channels."""
    data = spy.SpectralData(
        rng.uniform(1, 2, (30, 1, 8, 3)),
        samplerate=20.0,
        freq=np.arange(5.0, 45.0, 5.0),
        channel=["Oz", "Pz", "Cz"],
        trialdefinition=[[0, 30, -10]],
    )
    data.cfg["freqanalysis"] = {"method": "wavelet", "output": "pow"}
    return data
