"""Plans without work: `dry_run=True` says what a call would do."""

from pathlib import Path

import numpy as np
import pytest

import syncopy as spy
from syncopy.storage.scratch import current_session

CALLS = {
    "freqanalysis": {"tapsmofrq": 4, "output": "fourier", "keeptapers": True},
    "connectivityanalysis": {"method": "csd"},
    "preprocessing": {"freq": 30},
    "resampledata": {"resamplefs": 100},
    "mean": {"dim": "trials"},
    "timelockanalysis": {},
}


@pytest.fixture
def data():
    rng = np.random.default_rng(3)
    return spy.AnalogData([rng.standard_normal((200, 3)).astype("f4") for _ in range(30)], samplerate=200)


@pytest.mark.parametrize("verb", CALLS)
def test_the_plan_is_what_a_call_does(verb, data, capsys):
    folder = current_session().folder
    before = set(folder.iterdir())
    function = getattr(spy, verb)
    with spy.options(memory="300kB", workers=2):
        plan = function(data, **CALLS[verb], dry_run=True)
        assert set(folder.iterdir()) == before
        assert data.cfg == {}
        printed = capsys.readouterr().out
        assert printed.startswith(f"{verb}(")
        assert f"{plan.blocks} blocks in {plan.passes} passes" in printed
        assert plan.memory <= 300_000
        assert Path(plan.folder) == folder.parent
        result = function(data, **CALLS[verb])
    if verb != "timelockanalysis":  # whose file also has the average and its variance
        assert plan.result == result.data.nbytes


def test_numbers_of_a_plan(data):
    # 30 trials of 2400 bytes each, and as much of the result and at work: few of them fit a third of the memory
    with spy.options(memory="120kB", workers=2):
        alone = spy.preprocessing(data, freq=30, dry_run=True)
        threads = spy.preprocessing(data, freq=30, dry_run=True, parallel=True)
    roomy = spy.preprocessing(data, freq=30, dry_run="yes")
    assert roomy.blocks == roomy.passes == 1
    assert roomy.memory >= 2 * 30 * 2400
    assert 4800 <= alone.memory <= 40_000
    assert (threads.blocks, threads.memory) == (alone.blocks, 2 * alone.memory)
    assert alone.blocks * alone.memory >= roomy.memory * 2 / 3
    assert alone.result == roomy.result == 30 * 2400


def test_plans_of_several_methods(data, capsys):
    plans = spy.connectivityanalysis(data, method=["coh", "csd"], dry_run=True)
    assert list(plans) == ["coh", "csd"]
    assert plans.coh.result * 2 == plans.csd.result  # float32 and complex64
    assert capsys.readouterr().out.count("\n") == 2


def test_a_plan_fails_as_the_call_would(data):
    with pytest.raises(spy.SPYValueError, match=r"freqanalysis\(method='mtmfft'\): .*`tapsmofrq`"):
        spy.freqanalysis(data, tapsmofrq=-1, dry_run=True)
    with pytest.raises(spy.SPYTypeError, match="`dry_run`: expected True or False; got int"):
        spy.freqanalysis(data, dry_run=3)


def test_no_record_of_it(data):
    result = spy.freqanalysis(data, {"tapsmofrq": 4, "dry_run": False})
    assert "dry_run" not in result.cfg.freqanalysis
    assert "dry_run" not in result._log
