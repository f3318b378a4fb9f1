"""What time-frequency methods share: times of interest, defaults, memory, cutting along two axes, old calls."""

import tracemalloc

import numpy as np
import pytest

import syncopy as spy
from syncopy.api.parameters import load_methods
from syncopy.data.trials import TrialSpec
from syncopy.engine.method import Method
from syncopy.engine.plan import make_plan
from syncopy.kernels import filterbank
from syncopy.methods.freq.hilbert import Hilbert
from syncopy.methods.freq.irasa import Irasa
from syncopy.methods.freq.mtmconvol import Mtmconvol
from syncopy.methods.freq.superlet import Superlet
from syncopy.methods.freq.toi import TimePoints
from syncopy.methods.freq.wavelet import Wavelet
from syncopy.methods.freq.welch import Welch

RNG = np.random.default_rng(6)


def trial(samples=500, fs=500.0, offset=-100.0):
    return TrialSpec(("time", "channel"), (samples, 1), np.dtype("f4"), fs, offset)


# -- times


@pytest.mark.parametrize("step", [1, 3, 7])
def test_steps_start_with_the_first_sample(step):
    points = TimePoints(step)
    np.testing.assert_array_equal(points.samples(trial(500)), np.arange(0, 500, step))
    assert points.axis(trial(500)) == (len(range(0, 500, step)), 500 / step, -100 / step)
    assert not points.outside(trial(500)).any()


@pytest.mark.parametrize(
    ("times", "samples", "axis"),
    [
        ((0.0, 0.1, 0.2), [100, 150, 200], (3, 10.0, 0.0)),
        ((-0.2, 0.798), [0, 499], (2, 500 / 499, -100 / 499)),
        ((0.3,), [250], (1, 500.0, 150.0)),
        ((0.1004, 0.1204), [150, 160], (2, 50.0, 5.0)),  # the times of the samples, not the ones asked for
        ((0.0, 0.0025, 0.005), [100, 101, 102], (3, 400.0, 0.0)),
    ],
)
def test_times_are_nearest_samples(times, samples, axis):
    points = TimePoints(times=times)
    assert points.samples(trial()).tolist() == samples
    assert points.axis(trial()) == pytest.approx(axis)
    assert points.equidistant


def test_decimal_times_do_not_drift():
    """Ten minutes at 1000 Hz, every 0.1 s, from decimal numbers."""
    times = tuple(np.round(np.arange(0, 600, 0.1), 1).tolist())
    points = TimePoints(times=times)
    count, rate, offset = points.axis(trial(600_000, 1000.0, 0.0))
    np.testing.assert_array_equal(points.samples(trial(600_000, 1000.0, 0.0)), 100 * np.arange(6000))
    assert (count, rate, offset) == (6000, 10.0, 0.0)


def test_fractional_offsets_are_kept():
    points = TimePoints(times=(0.0, 0.1))
    count, rate, offset = points.axis(trial(offset=-100.25))
    assert (np.arange(count) + offset) / rate == pytest.approx([-0.0005, 0.0995])
    data = spy.AnalogData([RNG.standard_normal((300, 1)) for _ in range(2)], samplerate=500)
    spec = spy.freqanalysis(data, method="mtmconvol", t_ftimwin=0.1, toi=0.3)
    assert spec.time[0][0] == -1
    assert spec.trialdefinition[0, 2] == -500 / 35
    with_fractions = spy.freqanalysis(data, method="wavelet", foi=[40], toi=[-0.9, -0.8, -0.7])
    np.testing.assert_allclose(with_fractions.time[1], [-0.9, -0.8, -0.7])


def test_results_with_fractional_offsets_are_saved(tmp_path):
    data = spy.AnalogData([RNG.standard_normal((300, 1)) for _ in range(2)], samplerate=500)
    spec = spy.freqanalysis(data, method="mtmconvol", t_ftimwin=0.1, toi=0.3)
    spec.save(str(tmp_path / "a"))
    again = spy.load(str(tmp_path / "a"))
    np.testing.assert_array_equal(again.trialdefinition, spec.trialdefinition)
    np.testing.assert_array_equal(again.time[1], spec.time[1])
    assert again.samplerate == spec.samplerate


def test_irregular_times_in_trials_of_fractional_offset():
    points, view = TimePoints(times=(0.0, 0.1, 0.3)), spy.AnalogData(np.zeros((900, 1)), samplerate=500).view()
    assert points.true_times(view) == [0.0, 0.1, 0.3]
    assert not points.equidistant


# -- parameters


def test_one_default_per_name():
    load_methods()
    for several in Method.registry.values():
        defaults = {}
        for method in several.values():
            for name, field in method.model_fields.items():
                assert defaults.setdefault(name, field.default) == field.default, f"{method.__name__}.{name}"


@pytest.mark.parametrize(
    "call", [{"method": "wavelet"}, {"method": "superlet", "order_max": 2}, {"method": "hilbert"}, {"taper": None}]
)
def test_the_label_of_no_taper(call):
    data = spy.AnalogData([np.random.default_rng(0).standard_normal((200, 2))], samplerate=200)
    assert spy.freqanalysis(data, foi=[20], **call).taper.tolist() == ["None"]


def test_cfg_of_the_old_package_is_repeated(shared):
    folder = str(shared / "spy_files" / "fixture.spy")
    raw, old = spy.load(folder, tag="raw"), spy.load(folder, tag="tfr")
    new = spy.freqanalysis(raw, old.cfg)
    np.testing.assert_allclose(new.data[()], old.data[()], rtol=0, atol=2e-6 * old.data[()].max())
    np.testing.assert_array_equal(new.trialdefinition, old.trialdefinition)
    np.testing.assert_array_equal(new.freq, old.freq)
    np.testing.assert_array_equal(new.taper, old.taper)


# -- memory

FOI = [10.0, 20.0, 40.0, 80.0]
STAGES = [
    Wavelet(foi=FOI),
    Wavelet(foi=FOI, output="fourier", polyremoval=1, ft_compat=True),
    Superlet(foi=FOI, order_max=3),
    Superlet(foi=FOI, order_max=3, output="angle", toi=[0.1, 0.2, 0.3]),
    Mtmconvol(t_ftimwin=0.1, foilim=[10, 80]),
    Mtmconvol(t_ftimwin=0.1, foilim=[10, 80], output="abs", toi=0.5),
    Mtmconvol(t_ftimwin=0.1, foi=FOI, tapsmofrq=30, keeptapers=True, output="fourier", ft_compat=True, polyremoval=1),
    Mtmconvol(t_ftimwin=[0.2, 0.1, 0.1, 0.05], foi=FOI, toi=[0.1, 0.2, 0.3]),
    Hilbert(foi=FOI),
    Hilbert(foi=FOI, bpfilttype="firws", bpfiltord=200, output="fourier"),
    Welch(t_ftimwin=0.2, toi=0.5),
    Welch(t_ftimwin=0.2, toi=0.5, average="median"),
    Irasa(output="fractal", hset=[1.2, 1.6]),
]


@pytest.mark.parametrize("method", STAGES, ids=lambda method: f"{method.method_name}-{method.output}")
@pytest.mark.parametrize(("shape", "dtype"), [((1, 60_000, 1), "f4"), ((1, 30_000, 3), "f8"), ((12, 2000, 8), "f4")])
def test_scratch_bounds_what_stages_take(method, shape, dtype):
    count, samples, channels = shape
    rows = [[k * samples, (k + 1) * samples, 0] for k in range(count)]
    values = RNG.standard_normal((count * samples, channels)).astype(dtype)
    view = spy.AnalogData(values, samplerate=1000, trialdefinition=rows).view()
    (_, stage), spec, block = method.bind(view).stages, view.spec(0), view.read(0, count)
    filterbank._kept_banks.cache_clear()
    tracemalloc.start()
    result = stage.apply(spec, block)
    peak = tracemalloc.get_traced_memory()[1] - result.nbytes
    tracemalloc.stop()
    assert result.shape[1:] == stage.infer(spec).shape
    assert peak < stage.scratch(count, spec)


def test_trials_too_large_for_one_cut_are_cut_along_channels_and_frequencies():
    data = spy.AnalogData(RNG.standard_normal((200_000, 4)).astype("f4"), samplerate=1000)
    foi = np.arange(20.0, 60.0, 4.0).tolist()
    plan = make_plan(Wavelet(foi=foi).bind(data.view()), [data.view()], 24_000_000, 1)
    assert {tuple(cut.axis for cut in block.tile) for block in plan.blocks} == {("channel", "freq")}
    assert plan.bytes_per_block <= 12e6
    whole = spy.freqanalysis(data, method="wavelet", foi=foi).data[()]
    for keeptrials, limit in ((True, "24MB"), (False, "40MB")):  # a sum in double precision takes more
        with spy.options(memory=limit, workers=1):
            cut = spy.freqanalysis(data, method="wavelet", foi=foi, keeptrials=keeptrials)
        np.testing.assert_allclose(cut.data[()], whole, rtol=1e-5, atol=1e-6 * whole.max())


def test_nan_in_any_channel_is_told_when_channels_are_cut():
    data = spy.AnalogData([RNG.standard_normal((50_000, 4)).astype("f4") for _ in range(2)], samplerate=1000)
    data.data[60_000, 3] = np.nan
    with spy.options(memory="12MB", workers=1), pytest.warns(spy.SPYWarning, match="NaN: 1"):
        spec = spy.freqanalysis(data, method="wavelet", foi=FOI)
    assert spec.info["nan_trials"] == [1]
