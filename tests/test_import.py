"""Importing the package costs little and does nothing."""

import json
import os
import subprocess
import sys

import pytest

PROBE = """
import json, os, sys, time, threading
import numpy, scipy, h5py
import scipy.signal.windows, scipy.fft
before = dict(
    print_options={k: repr(v) for k, v in numpy.get_printoptions().items()},
    hook=sys.excepthook is sys.__excepthook__,
    windows=list(scipy.signal.windows.__all__),
    environ=dict(os.environ),
)
start = time.perf_counter()
import syncopy as spy
elapsed = time.perf_counter() - start
spy.AnalogData, spy.options.memory
after = dict(
    print_options={k: repr(v) for k, v in numpy.get_printoptions().items()},
    hook=sys.excepthook is sys.__excepthook__,
    windows=list(scipy.signal.windows.__all__),
    environ=dict(os.environ),
)
heavy = [name for name in ("matplotlib", "dask", "distributed", "mne", "pynwb", "neo", "pandas") if name in sys.modules]
print(json.dumps(dict(elapsed=elapsed, same=before == after, heavy=heavy, threads=threading.active_count())))
"""


def probe(tmp_path):
    env = {**os.environ, "HOME": str(tmp_path), "SPYTMPDIR": str(tmp_path / "scratch"), "SPYDIR": str(tmp_path / "spy")}
    env.pop("XDG_CACHE_HOME", None)
    run = subprocess.run(
        [sys.executable, "-c", PROBE], env=env, capture_output=True, text=True, check=True, cwd=tmp_path
    )
    return run


def test_import_does_nothing(tmp_path):
    run = probe(tmp_path)
    assert run.stderr == ""
    lines = run.stdout.splitlines()
    assert len(lines) == 1, "importing printed something"
    found = json.loads(lines[0])
    assert found["same"]
    assert found["heavy"] == []
    assert found["threads"] == 1
    assert list(tmp_path.iterdir()) == []


def test_import_is_fast(tmp_path):
    # the package's own share beyond numpy, scipy and h5py; the fastest of a few, since machines are busy
    assert min(json.loads(probe(tmp_path).stdout)["elapsed"] for _ in range(3)) < 0.5


def test_public_names_exist():
    import syncopy as spy

    for name in spy.__all__:
        assert getattr(spy, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        spy.nonsense  # noqa: B018
