"""How trials get their seeds and come together in one object."""

import inspect

import numpy as np
import pytest

import syncopy as spy
from syncopy import synthdata
from syncopy.data.continuous import AnalogData
from syncopy.data.structdict import StructDict
from syncopy.errors import SPYValueError
from syncopy.synthdata import collect

GENERATORS = {
    "white_noise": {},
    "pink_noise": {},
    "linear_trend": {"y_max": 2.0},
    "harmonic": {"freq": 20},
    "phase_diffusion": {"freq": 20},
    "ar2_network": {},
    "red_noise": {"alpha": 0.9},
    "ar_network": {"coefficients": 0.5 * np.eye(2)},
}
RANDOM = sorted(set(GENERATORS) - {"linear_trend", "harmonic"})


def simulate(name, **kwargs):
    return getattr(synthdata, name)(**GENERATORS[name], nSamples=30, **kwargs)


@pytest.mark.parametrize("name", GENERATORS)
def test_every_generator_makes_trials(name):
    data = simulate(name, nTrials=3, samplerate=200, seed=1)
    assert isinstance(data, AnalogData)
    assert (data.data.dtype, data.data.shape, data.samplerate) == (np.float32, (90, 2), 200)
    np.testing.assert_array_equal(data.trialdefinition, [[0, 30, -200], [30, 60, -200], [60, 90, -200]])
    assert data.time[0][0] == -1
    alone = simulate(name, nTrials=None, samplerate=200, seed=1)
    assert (type(alone), alone.dtype, alone.shape) == (np.ndarray, np.float32, (30, 2))


@pytest.mark.parametrize("name", RANDOM)
def test_each_trial_has_a_seed_drawn_with_the_seed(name):
    data = simulate(name, nTrials=3, seed=7)
    seeds = np.random.default_rng(7).integers(1_000_000, size=3)
    for trial, seed in zip(data.trials, seeds, strict=True):
        np.testing.assert_array_equal(trial, simulate(name, nTrials=None, seed=seed))


@pytest.mark.parametrize("name", RANDOM)
def test_one_seed_for_all_trials(name):
    data = simulate(name, nTrials=3, seed=7, seed_per_trial=False)
    for trial in data.trials:
        np.testing.assert_array_equal(trial, simulate(name, nTrials=None, seed=7))


@pytest.mark.parametrize("name", RANDOM)
def test_no_seed_is_another_one_every_time(name):
    trials = [*simulate(name, nTrials=2).trials, simulate(name, nTrials=None), simulate(name, nTrials=None)]
    assert len({trial.tobytes() for trial in trials}) == 4


@pytest.mark.parametrize("name", GENERATORS)
def test_batches_do_not_change_the_numbers(name, monkeypatch):
    whole = simulate(name, nTrials=5, seed=3).data[()]
    monkeypatch.setattr(collect, "BATCH_BYTES", 2 * 30 * 2 * 4)
    np.testing.assert_array_equal(simulate(name, nTrials=5, seed=3).data[()], whole)


def test_batches_are_made_one_after_the_other(monkeypatch):
    monkeypatch.setattr(collect, "BATCH_BYTES", 2 * 30 * 2 * 4)
    sizes = []

    def make_trials(seeds):
        sizes.append(len(seeds))
        return np.zeros((len(seeds), 30, 2))

    data = collect.collect(make_trials, (30, 2), seed=1, nTrials=5, samplerate=10, seed_per_trial=True)
    assert sizes == [2, 2, 1]
    assert data.data.shape == (150, 2)


@pytest.mark.parametrize("name", GENERATORS)
def test_parameters_are_visible_and_others_refused(name):
    shown = inspect.signature(getattr(synthdata, name)).parameters
    assert {"nTrials", "samplerate", "seed", "seed_per_trial", "nSamples"} <= set(shown)
    with pytest.raises(ValueError, match=r"did you mean `nTrials`.*nTrails"):
        simulate(name, nTrails=3)


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({"nTrials": 0}, ValueError, "nTrials.*greater or equals 1"),
        ({"nTrials": 2.5}, TypeError, "nTrials"),
        ({"nTrials": True}, TypeError, "nTrials"),
        ({"nTrials": 3, "samplerate": 0}, ValueError, "samplerate"),
    ],
)
@pytest.mark.parametrize("name", GENERATORS)
def test_wrong_trials_are_refused(name, kwargs, error, text):
    with pytest.raises(error, match=text):
        simulate(name, **kwargs)


@pytest.mark.parametrize("kwargs", [{"nSamples": 0}, {"nChannels": -1}, {"nSamples": 0, "nTrials": None}])
def test_empty_trials_are_refused(kwargs):
    with pytest.raises(ValueError, match=next(iter(kwargs))):
        synthdata.white_noise(**kwargs)


# --- the decorator


@synthdata.collect_trials
def steps(height, nSamples=20, seed=None):
    return height * np.random.default_rng(seed).integers(2, size=(nSamples, 1)).cumsum(axis=0)


@synthdata.collect_trials
def clock(nSamples, samplerate):
    return np.arange(nSamples)[:, None] / samplerate


def test_decorated_function_gets_the_seeds_of_its_trials():
    data = steps(0.5, nTrials=4, seed=2, samplerate=100)
    seeds = np.random.default_rng(2).integers(1_000_000, size=4)
    assert (len(data.trials), data.samplerate) == (4, 100)
    for trial, seed in zip(data.trials, seeds, strict=True):
        np.testing.assert_array_equal(trial, steps(0.5, seed=seed, nTrials=None))
    np.testing.assert_array_equal(steps(0.5, 30, seed=2, nTrials=None), steps.__wrapped__(0.5, 30, 2))


def test_decorated_function_gets_the_samplerate_if_it_wants_it():
    data = clock(10, nTrials=2, samplerate=50)
    np.testing.assert_array_equal(data.trials[1][:, 0], np.arange(10) / 50)


def test_decorated_function_shows_all_parameters():
    assert (
        str(inspect.signature(steps))
        == "(height, nSamples=20, *, nTrials=100, samplerate=1000, seed=None, seed_per_trial=True)"
    )
    with pytest.raises(TypeError, match="wrong"):
        steps(1, wrong=2)


@pytest.mark.parametrize("name", GENERATORS)
def test_parameters_from_a_cfg(name):
    cfg = StructDict(GENERATORS[name], nSamples=25, nTrials=2, seed=4)
    function = getattr(synthdata, name)
    expected = function(**cfg)
    for data in (function(cfg), function(cfg=cfg), function({name: cfg, "other": {}})):
        np.testing.assert_array_equal(data.data[()], expected.data[()])
    with pytest.raises(SPYValueError, match="set in both"):
        function(cfg, nTrials=3)
    assert getattr(spy.synthdata, name) is function


def test_decorated_function_takes_a_cfg():
    expected = steps(0.5, nTrials=2, seed=2)
    np.testing.assert_array_equal(steps({"height": 0.5, "nTrials": 2}, seed=2).data[()], expected.data[()])
    np.testing.assert_array_equal(
        steps({"steps": {"height": 0.5, "nTrials": 2, "seed": 2}}).data[()], expected.data[()]
    )


def test_spikes_take_a_cfg():
    data = synthdata.poisson_noise({"nTrials": 3, "nSpikes": 100, "seed": 1})
    np.testing.assert_array_equal(data.data[()], synthdata.poisson_noise(3, 100, seed=1).data[()])


def test_classic_names_are_public():
    classic = ["white_noise", "linear_trend", "harmonic", "phase_diffusion", "ar2_network", "red_noise"]
    for name in [*classic, "ar2_peak_freq", "mk_RandomAdjMat", "poisson_noise", "collect_trials"]:
        assert getattr(spy, name) is getattr(synthdata, name)
