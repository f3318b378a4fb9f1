"""What steps of `preprocessing` and `resampledata` say they need is at least what they take."""

import tracemalloc

import numpy as np
import pytest

import syncopy as spy
from syncopy.methods.preproc.preprocessing import Preprocessing
from syncopy.methods.resample.downsample import Downsample
from syncopy.methods.resample.resample import Resample

STEPS = {
    "mean": Preprocessing(filter_class=None, polyremoval=0),
    "line": Preprocessing(filter_class=None, polyremoval=1),
    "zscore": Preprocessing(filter_class=None, zscore=True, rectify=True),
    "twopass": Preprocessing(filter_type="bp", freq=[5, 40]),
    "onepass": Preprocessing(freq=40, direction="onepass"),
    "firws": Preprocessing(filter_class="firws", freq=[5, 40], filter_type="bp", order=200),
    "edge": Preprocessing(filter_class="firws", freq=40, order=200, direction="onepass", padtype="edge"),
    "causal": Preprocessing(filter_class="firws", freq=40, order=200, direction="onepass-minphase"),
    "line_noise": Preprocessing(filter_class=None, dftfilter=True),
    "amplitude": Preprocessing(filter_class=None, hilbert="abs"),
    "analytic": Preprocessing(filter_class=None, hilbert="complex"),
    "average": Preprocessing(filter_class=None, reref=True),
    "median": Preprocessing(filter_class=None, reref=True, refmethod="median"),
    "baseline": Preprocessing(filter_class=None, baselinewindow=[-0.9, -0.5]),
    "resample": Resample(resamplefs=400, order=200),
    "upsample": Resample(resamplefs=1500, order=200),
    "downsample": Downsample(resamplefs=250, lpfreq=100, order=200),
}


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(("trials", "samples", "channels"), [(1, 200_000, 1), (1, 30_000, 8), (60, 3_000, 1)])
@pytest.mark.parametrize("name", STEPS)
def test_scratch_bounds_what_steps_take(name, trials, samples, channels, dtype):
    rng = np.random.default_rng(0)
    values = rng.standard_normal((trials * samples, channels)).astype(dtype)
    values[samples // 3, 0] = np.nan
    borders = samples * np.arange(trials)
    data = spy.AnalogData(
        values, samplerate=1000, trialdefinition=np.column_stack([borders, borders + samples, np.full(trials, -1000)])
    )
    view = data.view()
    spec, block = view.spec(0), view.read(0, trials)
    for stage in STEPS[name].bind(view).stages:
        result = stage.apply(spec, block)  # once before: what is cached or imported does not count
        tracemalloc.start()
        again = stage.apply(spec, block)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        output = trials * stage.infer(spec).nbytes
        assert peak <= output + stage.scratch(trials, spec) + 300_000, f"{type(stage).__name__}: {peak}"
        del again
        spec, block = stage.infer(spec), getattr(result, "block", result)
