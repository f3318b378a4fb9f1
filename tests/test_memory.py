"""The memory limit holds for verbs, each in a process of its own, on recordings several times larger than it."""

import json
import re
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import syncopy as spy
from syncopy.engine.plan import block_bytes
from syncopy.methods.connectivity.corr import Corr
from syncopy.testing.laws import bound

LIMIT = 24_000_000
# what any call needs: tables of trials, modules loaded late, buffers that the C library keeps for itself
ALLOWANCE = 16_000_000
TRIALS, SAMPLES, CHANNELS = 400, 1000, 64  # 102 MB

# A verb, first on a few trials, so that modules are loaded; then the peak of memory is set back.
SCRIPT = """
import json, re, sys, warnings
from pathlib import Path
import numpy as np
import syncopy as spy

warnings.simplefilter("ignore")
call = eval("lambda data, parallel: " + sys.argv[3])

def memory(field):
    return int(re.search(field + r":\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024

small, large = (spy.load(name) for name in sys.argv[1:3])
parallel = sys.argv[4] == "parallel"
with spy.options(memory=int(sys.argv[5]), workers=2):
    call(small, parallel)
    Path("/proc/self/clear_refs").write_text("5")
    before = memory("VmRSS")
    result = call(large, parallel)
    print(json.dumps(memory("VmHWM") - before))
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs the memory figures of Linux")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A few trials and many of them; spikes alike."""
    folder = tmp_path_factory.mktemp("memory")
    pool = np.random.default_rng(0).standard_normal((7, SAMPLES, CHANNELS)).astype("f4")
    spikes = np.random.default_rng(1).integers(0, 12, (2_000_000, 3))
    found = {}
    for name, count, rows in (("small", 6, 10_000), ("large", TRIALS, len(spikes))):
        whole = np.concatenate([pool[number % 7] for number in range(count)])
        many = spy.AnalogData((pool[number % 7] for number in range(count)), samplerate=1000)
        one = spy.AnalogData(whole, samplerate=1000)
        spikes[:, 0] = 5 * np.arange(len(spikes))
        starts = np.arange(0, 5 * rows - 500, 500)
        trl = np.column_stack([starts, starts + 500, np.zeros_like(starts)])
        discrete = spy.SpikeData(spikes[:rows], samplerate=1000, trialdefinition=trl)
        for kind, data in (("trials", many), ("long", one), ("spikes", discrete)):
            found[kind, name] = str(folder / f"{kind}_{name}{data._suffix}")
            data.save(filename=found[kind, name])
    return found


def added(files, kind, call, parallel=False, limit=LIMIT):
    """Bytes that a call adds to a process at its peak."""
    arguments = [files[kind, "small"], files[kind, "large"], call, "parallel" if parallel else "serial", str(limit)]
    run = subprocess.run([sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


FAST = {
    "spectra": ("trials", "spy.freqanalysis(data, keeptrials=True, parallel=parallel)"),
    "filter of one long trial": (
        "long",
        "spy.preprocessing(data, filter_type='bp', freq=[1, 100], parallel=parallel, select={'channel': [0, 9, 5, 7]})",
    ),
    "selection": ("trials", "spy.selectdata(data, channel=slice(0, None, 2), parallel=parallel)"),
    "spikes": ("spikes", "spy.selectdata(data, unit=[1, 3], trials=slice(0, None, 2))"),
}

SLOW = {
    "tapers": ("trials", "spy.freqanalysis(data, tapsmofrq=3, foilim=[1, 150], parallel=parallel)"),
    "averaged": ("trials", "spy.freqanalysis(data, tapsmofrq=3, keeptrials=False, parallel=parallel)"),
    "welch": ("trials", "spy.freqanalysis(data, method='welch', t_ftimwin=0.2, toi=0.5, parallel=parallel)"),
    "time-frequency": (
        "trials",
        "spy.freqanalysis(data, method='mtmconvol', foi=[20, 40], t_ftimwin=0.2, toi=0.5, parallel=parallel)",
    ),
    "wavelet of one long trial": (
        "long",
        "spy.freqanalysis(data, method='wavelet', foi=[20.0, 40.0], toi='all', select={'channel': [0, 1]})",
    ),
    "filter": ("trials", "spy.preprocessing(data, freq=40, parallel=parallel)"),
    "resample": ("trials", "spy.resampledata(data, resamplefs=300, parallel=parallel)"),
    "coherence": ("trials", "spy.connectivityanalysis(data, method='coh', foilim=[1, 100], parallel=parallel)"),
    "ppc": ("trials", "spy.connectivityanalysis(data, method='ppc', foilim=[1, 30], parallel=parallel)"),
    "timelock": ("trials", "spy.timelockanalysis(data, covariance=True, parallel=parallel)"),
    "mean": ("trials", "spy.mean(data, dim='trials', parallel=parallel)"),
    "variance": ("trials", "spy.var(data, dim='trials', parallel=parallel)"),
    "median": ("trials", "spy.median(data, dim='trials', parallel=parallel)"),
    "arithmetic": ("long", "2 * data + data"),
    "concat": ("long", "spy.concat(data, data)"),
    "join": ("trials", "spy.AnalogData([data, data])"),
    "copy": ("long", "data.copy()"),
    "equal": ("trials", "data == data.copy()"),
    "save": ("long", "data.copy().save(filename=data.filename + str(len(data.trials)) + '.analog', overwrite=True)"),
    "load": ("long", "spy.load(data.filename, checksum=True)"),
    "text": ("trials", "str(data) + data._repr_html_()"),
    "spike histogram": ("spikes", "spy.spike_psth(data, binsize=0.05, parallel=parallel)"),
    "spikes joined": ("spikes", "spy.SpikeData([data, data])"),
    "spikes compared": ("spikes", "data == data.copy()"),
}


@pytest.mark.parametrize("name", FAST)
def test_calls_stay_within_the_limit(files, name):
    assert added(files, *FAST[name]) <= LIMIT + ALLOWANCE


@pytest.mark.slow
@pytest.mark.parametrize("parallel", [False, True], ids=["serial", "parallel"])
@pytest.mark.parametrize("name", FAST | SLOW)
def test_all_calls_stay_within_the_limit(files, name, parallel):
    kind, call = (FAST | SLOW)[name]
    if parallel and "parallel" not in call:
        pytest.skip("has no blocks to share")
    assert added(files, kind, call, parallel) <= LIMIT + ALLOWANCE


def test_the_limit_is_what_bounds(files):
    """With a higher limit, the same call takes more than what the others are held to."""
    assert added(files, *FAST["filter of one long trial"], limit=10**9) > LIMIT + ALLOWANCE


@pytest.mark.parametrize("count", [3, 100])
def test_correlations_of_trials_need_what_is_planned(count):
    """Cross-spectra of many trials are held at a time, where those of one are small."""
    noise = np.random.default_rng(0).standard_normal((count, 1000, 8), "f4")
    data = spy.AnalogData(list(noise), samplerate=1000)
    view = data.view()
    pipeline = bound(Corr, {"keeptrials": True}, data)
    need = block_bytes(pipeline, (view.spec(0),), ())(count)
    tracemalloc.start()
    block, trial = view.read(0, count), view.spec(0)
    for stage in pipeline.stages:
        block, trial = stage.apply(trial, block), stage.infer(trial)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert need / 3 < most <= need


def test_a_trial_gets_all_of_the_memory_if_it_needs_it():
    """Blocks at work at the same time are a wish, not a need: a limit is not refused because of the cores there are."""
    data = spy.AnalogData(np.random.default_rng(0).standard_normal((50_000, 2)).astype("f4"), samplerate=1000)
    with spy.options(memory="1GB", workers=1):
        alone = spy.freqanalysis(data)
    with spy.options(memory="4MB", workers=64):
        plan = spy.freqanalysis(data, dry_run=True, parallel=True)
        spectra = spy.freqanalysis(data, parallel=True)
    assert 2_000_000 < plan["memory"] <= 4_000_000
    assert plan["passes"] == 2
    np.testing.assert_array_equal(spectra.data[()], alone.data[()])


def test_what_cannot_fit_is_refused_with_the_numbers_and_what_to_change():
    data = spy.AnalogData(np.zeros((50_000, 2), "f4"), samplerate=1000)
    with spy.options(memory="500kB"):
        for dry_run in (False, True):
            with pytest.raises(spy.SPYError, match=r"'mtmfft'\): one trial needs .* MB .*are there.*options") as e:
                spy.freqanalysis(data, dry_run=dry_run)
            assert "select shorter trials, fewer channels" in str(e.value)
            assert len(re.findall(r"[\d.]+ [kM]B", str(e.value))) == 2


VERBS = [
    lambda data: spy.freqanalysis(data, dry_run=True),
    lambda data: spy.preprocessing(data, freq=10, dry_run=True),
    lambda data: spy.resampledata(data, resamplefs=50, dry_run=True),
    lambda data: spy.connectivityanalysis(data, method="coh", dry_run=True),
    lambda data: spy.timelockanalysis(data, dry_run=True),
    lambda data: spy.mean(data, dim="trials", dry_run=True),
    lambda data: spy.median(data, dim="channel", dry_run=True),
]


@pytest.mark.parametrize("call", VERBS)
def test_a_dry_run_tells_blocks_memory_result_and_file(call, capsys):
    data = spy.AnalogData([np.zeros((100, 3), "f4") for _ in range(4)], samplerate=200)
    plan = call(data)
    printed = capsys.readouterr().out
    for word in ("blocks", "passes", "of memory", "result", plan["folder"]):
        assert word in printed
    assert plan["blocks"] >= 1
    assert 0 < plan["memory"] <= spy.options.memory
    assert plan["result"] > 0
