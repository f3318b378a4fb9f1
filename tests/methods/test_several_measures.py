"""Several measures in one call: the numbers of single calls, spectra computed once, histories that replay."""

import numpy as np
import pytest

import syncopy as spy
from syncopy.methods.freq.mtmfft import TaperedSpectra
from tests.methods.test_mtmfft import close

RNG = np.random.default_rng(91)


@pytest.fixture(scope="module")
def data():
    return spy.AnalogData([RNG.standard_normal((100, 4)) for _ in range(12)], samplerate=100)


@pytest.fixture
def transforms(monkeypatch):
    """Count the trials that are transformed."""
    counted = []
    apply = TaperedSpectra.apply

    def counting(self, trial, *blocks):
        counted.append(len(blocks[0]))
        return apply(self, trial, *blocks)

    monkeypatch.setattr(TaperedSpectra, "apply", counting)
    return counted


def test_each_is_what_a_single_call_gives(data):
    methods = ["coh", "csd", "ppc", "wpli", "granger", "corr", "powcorr"]
    found = spy.connectivityanalysis(data, method=methods, tapsmofrq=4)
    assert isinstance(found, spy.StructDict)
    assert list(found) == methods
    for method in methods:
        kwargs = {} if method == "corr" else {"tapsmofrq": 4}
        single = spy.connectivityanalysis(data, method=method, **kwargs)
        np.testing.assert_array_equal(found[method].data[()], single.data[()])
        np.testing.assert_array_equal(found[method].freq, single.freq)
        assert found[method].filename != found["coh" if method != "coh" else "csd"].filename
    assert found.granger.info["converged"] is True
    assert found.coh.dimord == ["time", "freq", "channel_i", "channel_j"]


def test_spectra_are_computed_once(data, transforms):
    spy.connectivityanalysis(data, method=["coh", "ppc", "wpli", "psi", "mic", "powcorr"], tapsmofrq=4)
    assert sum(transforms) == 12
    transforms.clear()
    spy.connectivityanalysis(data, method=["coh", "granger", "pdc", "ppc"], tapsmofrq=4)
    assert sum(transforms) == 24  # those of Granger causality are demeaned once more
    transforms.clear()
    spy.connectivityanalysis(data, method=["coh", "ppc"], jackknife=True)
    assert sum(transforms) == 24  # two passes


def test_single_trials_of_several_measures(data):
    found = spy.connectivityanalysis(data, method=["coh", "ppc"], tapsmofrq=4, keeptrials=True)
    assert [len(each.trials) for each in found.values()] == [12, 12]


def test_each_has_its_own_history(data):
    found = spy.connectivityanalysis(
        data, method=["coh", "psi"], bandwidth=10.0, output="pow", select={"trials": [0, 2]}
    )
    assert found.coh.cfg.connectivityanalysis["method"] == "coh"
    assert found.coh.cfg.connectivityanalysis["output"] == "pow"
    for each in found.values():
        again = spy.connectivityanalysis(data, each.cfg)
        np.testing.assert_array_equal(again.data[()], each.data[()])
        assert again.cfg == each.cfg
    assert "bandwidth" in found.psi._log
    assert "bandwidth" not in found.coh._log


def test_parameters_that_none_of_them_knows(data):
    with pytest.warns(spy.SPYWarning, match="`maxlag` has no effect"):
        spy.connectivityanalysis(data, method=["coh", "ppc"], maxlag=0.1)


@pytest.mark.parametrize(
    ("method", "text"), [([], "one or more different"), (["coh", "coh"], "different"), (["coh", "pcp"], "'ppc'")]
)
def test_mistakes(data, method, text):
    with pytest.raises(spy.SPYValueError, match=f"method.*{text}"):
        spy.connectivityanalysis(data, method=method)


def test_a_failure_leaves_nothing(data):
    from syncopy.storage.scratch import current_session

    silent = spy.AnalogData([trial * [1, 1, 1, 0] for trial in data.trials], samplerate=100)
    before = set(current_session().folder.iterdir())
    with pytest.raises(spy.SPYValueError, match="power in every channel"):
        spy.connectivityanalysis(silent, method=["pdc", "granger"])
    assert set(current_session().folder.iterdir()) <= before


def test_many_channels_and_few_trials_are_gathered(transforms):
    """Spectra of all trials are smaller than sums of all pairs: one pass instead of many."""
    data = spy.AnalogData([RNG.standard_normal((100, 60)).astype("f4") for _ in range(6)], samplerate=100)
    methods = ["coh", "ppc", "wpli"]
    whole = spy.connectivityanalysis(data, method=methods)
    transforms.clear()
    with spy.options(memory="20MB", workers=2):
        small = [spy.connectivityanalysis(data, method=methods, parallel=parallel) for parallel in (False, True)]
    assert sum(transforms) == 12
    for method in methods:
        close(small[0][method].data[()], whole[method].data[()], 2e-5)
        np.testing.assert_array_equal(small[0][method].data[()], small[1][method].data[()])
