"""Peri-stimulus time histograms: np.histogram trial by trial, FieldTrip's ft_spike_psth, and real units."""

import h5py
import numpy as np
import pytest

import syncopy as spy
from syncopy.engine.executors import Serial

RATE = 1000.0
# numbers with gaps, out of order, and a pair that is silent in some trials
PAIRS = [(0, 0), (0, 7), (3, 2), (12, 2)]
LABELS = [f"channel{channel}_unit{unit}" for channel, unit in PAIRS]


def spike_train(definition, rate=60.0, seed=2):
    """Random spikes of `PAIRS` over all trials; the last pair fires in even trials only."""
    rng = np.random.default_rng(seed)
    definition = np.asarray(definition)
    rows = []
    for channel, unit in PAIRS:
        sample = np.flatnonzero(rng.random(int(definition[:, 1].max())) < rate / RATE)
        if channel == 12:
            inside = [(sample >= start) & (sample < stop) for start, stop in definition[::2, :2]]
            sample = sample[np.any(inside, axis=0)]
        rows.append(np.column_stack([sample, np.full_like(sample, channel), np.full_like(sample, unit)]))
    rows = np.concatenate(rows)
    return spy.SpikeData(rows[rng.permutation(len(rows))], samplerate=RATE, trialdefinition=definition)


@pytest.fixture(scope="module")
def equal():
    starts = 30 + np.arange(6) * 700
    return spike_train(np.column_stack([starts, starts + 600, np.full(6, -200), np.arange(6) + 5]))


@pytest.fixture(scope="module")
def unequal():
    return spike_train([[0, 600, -200], [650, 1200, -150], [1300, 1900, -250], [2000, 2400, -200]])


def brute_force(data, edges, output="rate", pairs=PAIRS, trials=None):
    """Histogram every trial and pair by itself; bins that a trial does not cover are NaN."""
    rows, histograms = data.data[()], []
    for number in range(len(data.trials)) if trials is None else trials:
        start, stop, offset = data.trialdefinition[number, :3]
        begin, end = offset / RATE, (stop - start + offset) / RATE
        columns = []
        for pair in pairs:
            mine = rows[(rows[:, 1:] == pair).all(axis=1), 0]
            mine = mine[(mine >= start) & (mine < stop)]
            times = (mine - start + offset) / RATE
            # half a sample away from the edges, no rounding decides; right-open bins
            counts = np.histogram(times + 0.5 / RATE, edges)[0].astype(float)
            counts[(edges[:-1] < begin - 1e-9) | (edges[1:] > end + 1e-9)] = np.nan
            if output == "rate":
                counts /= np.diff(edges)
            elif output == "proportion":
                counts /= max(np.nansum(counts), 1)
            columns.append(counts)
        histograms.append(np.array(columns).T)
    return np.array(histograms)


def stack(result):
    return np.array(list(result.trials))


@pytest.mark.parametrize("output", ["rate", "spikecount", "proportion"])
@pytest.mark.parametrize("binsize", [0.05, 0.07, 0.001, 0.6])
def test_counts(equal, output, binsize):
    got = spy.spike_psth(equal, binsize=binsize, output=output)
    count = int(0.6 / binsize + 1e-9)
    edges = -0.2 + binsize * np.arange(count + 1)
    expected = brute_force(equal, edges, output)
    assert type(got) is spy.TimeLockData
    assert got.data.dtype == np.float32
    assert got.channel.tolist() == LABELS
    np.testing.assert_allclose(stack(got), expected, rtol=1e-6)
    np.testing.assert_allclose(got.avg, expected.mean(axis=0), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(got.var, expected.var(axis=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(got.time[0], edges[:-1] + binsize / 2, atol=1e-9)
    assert got.samplerate == pytest.approx(1 / binsize)
    np.testing.assert_array_equal(got.trialinfo, equal.trialinfo)
    assert got.cov is None


@pytest.mark.parametrize(("binsize", "count"), [("rice", int(2 * 600 ** (1 / 3)) - 1), ("sqrt", 24)])
def test_bins_by_trial_length(equal, binsize, count):
    got = spy.spike_psth(equal, binsize=binsize, output="spikecount")
    edges = np.linspace(-0.2, 0.399, count + 1)
    assert got.avg.shape == (count, 4)
    np.testing.assert_allclose(got.time[0], (edges[:-1] + edges[1:]) / 2, atol=1e-9)
    # nothing comes after the last sample of the window, so the last bin holds it
    edges[-1] += 0.5 / RATE
    closed = np.array([np.histogram(time, edges)[0].sum() for time in equal.time])
    np.testing.assert_array_equal(stack(got).sum(axis=(1, 2)), closed)
    assert not np.isnan(got.data[()]).any()


def test_default_is_rice(equal):
    assert spy.spike_psth(equal).avg.shape[0] == int(2 * 600 ** (1 / 3)) - 1


@pytest.mark.parametrize("output", ["rate", "spikecount", "proportion"])
def test_unequal_trials(unequal, output):
    """Bins cut at either end of a trial are NaN there, and the average is that of the others."""
    got = spy.spike_psth(unequal, binsize=0.03, output=output, var_ddof=1)
    edges = -0.25 + 0.03 * np.arange(22)
    expected = brute_force(unequal, edges, output)
    assert np.isnan(expected).any(axis=(1, 2)).all()
    np.testing.assert_allclose(stack(got), expected, rtol=1e-6)
    dof = (~np.isnan(expected)).sum(axis=0)
    np.testing.assert_array_equal(got.dof, dof)
    with np.errstate(all="ignore"):
        average = np.nansum(expected, axis=0) / dof
        spread = np.nansum((expected - average) ** 2, axis=0) / (dof - 1)
    np.testing.assert_allclose(got.avg, np.where(dof > 0, average, np.nan), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(got.var, np.where(dof > 1, spread, np.nan), rtol=1e-5, atol=1e-5)


def test_trials_that_do_not_cover_the_window(unequal):
    with pytest.warns(spy.SPYWarning, match="discarded 2 of 4 trials"):
        got = spy.spike_psth(unequal, binsize=0.05, latency=[-0.2, 0.3], vartriallen=False)
    edges = -0.2 + 0.05 * np.arange(11)
    np.testing.assert_allclose(stack(got), brute_force(unequal, edges, trials=[0, 2]), rtol=1e-6)
    assert not np.isnan(got.avg[()]).any()
    with pytest.raises(spy.SPYValueError, match="at least one trial"):
        spy.spike_psth(unequal, latency=[-0.25, 0.399], vartriallen=False)


@pytest.mark.parametrize(
    ("latency", "start", "stop"),
    [("maxperiod", -0.25, 0.4), ("minperiod", -0.15, 0.2), ("prestim", -0.25, 0.001), ("poststim", 0, 0.4)],
)
def test_named_windows(unequal, latency, start, stop):
    got = spy.spike_psth(unequal, binsize=0.05, latency=latency)
    edges = start + 0.05 * np.arange(int((stop - start) / 0.05 + 1e-9) + 1)
    np.testing.assert_allclose(stack(got), brute_force(unequal, edges), rtol=1e-6)


def test_average_alone(unequal):
    kept = spy.spike_psth(unequal, binsize=0.05)
    got = spy.spike_psth(unequal, binsize=0.05, keeptrials=False)
    assert len(got.trials) == 1
    np.testing.assert_array_equal(got.data[()], kept.avg[()])
    for name in ("avg", "var", "dof"):
        np.testing.assert_array_equal(getattr(got, name), getattr(kept, name))
    np.testing.assert_array_equal(got.time[0], kept.time[0])
    assert got.channel.tolist() == LABELS


def test_names_of_units_are_labels(equal):
    named = equal.copy()
    named.unit = ["A", "unit3", "noise"]
    labels = ["channel0_A", "channel0_noise", "channel3_unit2", "channel12_unit2"]
    assert spy.spike_psth(named, binsize=0.05).channel.tolist() == labels
    named.channel = ["Fz", "channel04", "EMG"]
    labels[:2] = ["Fz_A", "Fz_noise"]
    assert spy.spike_psth(named, binsize=0.05).channel.tolist() == labels
    # copies of a part label what is left of the numbers, with the same names
    assert spy.spike_psth(named.selectdata(unit=[0, 1]), binsize=0.05).channel.tolist() == [labels[0], *labels[2:]]
    assert spy.spike_psth(equal.selectdata(unit=[1, 2]), binsize=0.05).channel.tolist() == LABELS[1:]


def test_selections(equal):
    got = spy.spike_psth(equal, binsize=0.05, select={"channel": [1, 2], "trials": [4, 1]})
    edges = -0.2 + 0.05 * np.arange(13)
    assert got.channel.tolist() == LABELS[2:]
    np.testing.assert_allclose(stack(got), brute_force(equal, edges, pairs=PAIRS[2:], trials=[4, 1]), rtol=1e-6)
    assert got.trialinfo[:, 0].tolist() == [9, 6]
    # the last pair is silent in odd trials and has no column when only these are chosen
    odd = spy.spike_psth(equal, binsize=0.05, select={"trials": [1, 3]})
    assert odd.channel.tolist() == LABELS[:3]
    unit = spy.spike_psth(equal, binsize=0.05, select={"unit": "unit8", "latency": [0, 0.1]})
    assert unit.channel.tolist() == ["channel0_unit7"]
    np.testing.assert_allclose(stack(unit), brute_force(equal, np.array([0, 0.05, 0.1]), pairs=[(0, 7)]), rtol=1e-6)


def test_window_that_ends_with_the_trial():
    """Trials cut until 3 s have no sample at 3 s; their last bin is complete nevertheless."""
    rows = np.column_stack([np.arange(0, 8000, 10), np.zeros((800, 2), int)])
    data = spy.SpikeData(rows, samplerate=1000, trialdefinition=[[0, 4000, -1000], [4000, 8000, -1000]])
    got = spy.spike_psth(data, binsize=0.1, latency=[-1, 3])
    np.testing.assert_array_equal(got.avg, np.full((40, 1), 100.0))


def test_unit_outside_of_the_window():
    """Its proportions are 0, not NaN."""
    rows = np.array([[10, 0, 0], [20, 0, 0], [90, 1, 0]])
    data = spy.SpikeData(rows, samplerate=RATE, trialdefinition=[[0, 100, 0]])
    got = spy.spike_psth(data, binsize=0.025, latency=[0, 0.049], output="proportion")
    np.testing.assert_array_equal(got.trials[0], [[1, 0], [0, 0]])


def test_edges_between_samples_do_not_round():
    """Multiples of 0.1 s have no exact binary form; spikes on edges still belong to the right."""
    sample = np.arange(0, 30000, 3000)
    rows = np.column_stack([sample, np.zeros((10, 2), int)])
    data = spy.SpikeData(rows, samplerate=30000, trialdefinition=[[0, 30000, 0]])
    got = spy.spike_psth(data, binsize=0.1, output="spikecount")
    np.testing.assert_array_equal(got.trials[0], np.ones((10, 1)))


def test_overlapping_trials():
    rows = np.array([[50, 0, 0]])
    data = spy.SpikeData(rows, samplerate=RATE, trialdefinition=[[0, 100, 0], [40, 140, 0]])
    got = spy.spike_psth(data, binsize=0.05, output="spikecount")
    np.testing.assert_array_equal(stack(got)[:, :, 0], [[0, 1], [1, 0]])


def test_few_trials_at_a_time(equal, monkeypatch):
    whole = spy.spike_psth(equal, binsize=0.01)
    blocks = []

    def note(run):
        return lambda self, job, planned: blocks.extend(planned) or run(self, job, planned)

    monkeypatch.setattr(Serial, "run", note(Serial.run))
    with spy.options(memory="100kB", workers=1):
        pieces = spy.spike_psth(equal, binsize=0.01)
    assert len(blocks) > 2
    np.testing.assert_array_equal(pieces.data[()], whole.data[()])
    np.testing.assert_allclose(pieces.var, whole.var, rtol=1e-6)


def test_replay(unequal):
    got = spy.spike_psth(unequal, spy.StructDict(binsize=0.04, output="spikecount", select={"trials": [0, 2]}))
    again = spy.spike_psth(unequal, got.cfg)
    np.testing.assert_array_equal(again.data[()], got.data[()])
    assert again.cfg == got.cfg
    assert got.info["binsize"] == pytest.approx(0.04)


def test_fieldtrip(shared):
    inputs, oracle = np.load(shared / "oracle" / "inputs.npz"), np.load(shared / "oracle" / "spike.npz")
    rate = float(inputs["spike_rate"])
    first, last = round(-0.2 * rate), round(0.798 * rate)
    starts = np.arange(20) * (last - first + 1)
    relative = np.round(inputs["spike_time"] * rate).astype(int)
    trial = inputs["spike_trial"].astype(int)
    unit = inputs["spike_unit"].astype(int)
    rows = np.column_stack([starts[trial] + relative - first, np.zeros_like(unit), unit])
    definition = np.column_stack([starts, starts + last - first + 1, np.full(20, first)])
    data = spy.SpikeData(rows, samplerate=rate, trialdefinition=definition)
    cases = {
        "psth_20ms": {"binsize": 0.02},
        "psth_50ms_count_keeptrials": {"binsize": 0.05, "output": "spikecount"},
        "psth_scott": {"binsize": "scott"},
        "psth_sqrt_latency": {"binsize": "sqrt_spikes", "latency": [0, 0.6]},
    }
    for case, parameters in cases.items():
        got = spy.spike_psth(data, **parameters, var_ddof=1)
        np.testing.assert_allclose(got.time[0], oracle[f"{case}.time"], rtol=1e-9, atol=1e-9, err_msg=case)
        for name in ("avg", "var", "dof"):
            np.testing.assert_allclose(getattr(got, name)[()].T, oracle[f"{case}.{name}"], rtol=2e-6, err_msg=case)
    kept = spy.spike_psth(data, binsize=0.05, output="spikecount")
    np.testing.assert_array_equal(stack(kept).swapaxes(1, 2), oracle["psth_50ms_count_keeptrials.trial"])


def test_real_units(shared):
    """Head-direction cells: every spike of a unit within the trials is in its histogram."""
    with h5py.File(shared / "recordings" / "spikes_head_direction.nwb", "r") as file:
        ends = file["units/spike_times_index"][()]
        times = np.split(file["units/spike_times"][()], ends[:-1])
    rate, length = 20000, 5 * 20000
    rows = np.concatenate([np.column_stack([np.round(t * rate), 0 * t, 0 * t + n]) for n, t in enumerate(times)])
    starts = np.arange(0, rows[:, 0].max() - length, length)
    definition = np.column_stack([starts, starts + length, np.zeros(len(starts))])
    data = spy.SpikeData(rows.astype(np.int64), samplerate=rate, trialdefinition=definition)
    got = spy.spike_psth(data, binsize=0.25, keeptrials=False, output="spikecount")
    edges = np.arange(21) * 0.25
    last = starts[-1] + length
    for number, unit in enumerate(times):
        inside = np.round(unit * rate)[np.round(unit * rate) < last]
        expected = np.histogram((inside % length + 0.5) / rate, edges)[0] / len(starts)
        np.testing.assert_allclose(got.avg[:, number], expected, rtol=1e-6)
    assert got.channel.tolist() == ["channel0_unit0", "channel0_unit1", "channel0_unit2"]


@pytest.mark.parametrize(
    ("parameters", "error", "text"),
    [
        ({"binsize": 0}, spy.SPYValueError, "`binsize`.*> 0"),
        ({"binsize": -1.0}, spy.SPYValueError, "`binsize`"),
        ({"binsize": 0.61}, spy.SPYValueError, "`binsize`.*less or equals 0.6 s"),
        ({"binsize": "ice"}, spy.SPYValueError, "`binsize`.*rice"),
        ({"output": "density"}, spy.SPYValueError, "`output`.*'spikecount' or 'proportion'"),
        ({"latency": None}, spy.SPYTypeError, "latency"),
        ({"latency": "later"}, spy.SPYValueError, "one of"),
        ({"latency": [3, 4]}, spy.SPYValueError, "start of latency window"),
        ({"vartriallen": 2}, spy.SPYTypeError, "vartriallen"),
        ({"binsze": 0.1}, spy.SPYValueError, "did you mean `binsize`"),
        ({"select": {"unit": [99]}}, spy.SPYValueError, "unit"),
    ],
)
def test_mistakes(equal, parameters, error, text):
    with pytest.raises(error, match=text):
        spy.spike_psth(equal, **parameters)
    assert equal.selection is None


def test_no_spikes():
    data = spy.SpikeData(np.array([[500, 0, 0]]), samplerate=RATE, trialdefinition=[[0, 100, 0]])
    with pytest.raises(spy.SPYValueError, match="at least one spike"):
        spy.spike_psth(data, binsize=0.01)


def test_no_samplerate():
    data = spy.SpikeData(np.array([[50, 0, 0]]), trialdefinition=[[0, 100, 0]])
    with pytest.raises(spy.SPYValueError, match="samplerate"):
        spy.spike_psth(data, binsize=0.01)


def test_other_classes_are_refused():
    with pytest.raises(spy.SPYTypeError, match="SpikeData"):
        spy.spike_psth(spy.AnalogData(np.ones((5, 1)), samplerate=1))
