"""Time and peak memory of connectivity at scale.

    python benchmarks/connectivity.py [--parallel] [STEP ...]

Every step runs in a process of its own on white noise made beforehand; printed is how long it took and what it added to
the process's peak of resident memory, beside the limit it was given.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

FS, SAMPLES = 1000.0, 1000

# name: (trials, channels, memory limit, parameters)
STEPS = {
    "coherence_384_channels": (300, 384, "2GB", {"method": "coh", "tapsmofrq": 2.0}),
    "coherence_1024_channels": (100, 1024, "1GB", {"method": "coh"}),
    "ppc_128_channels": (200, 128, "2GB", {"method": "ppc"}),
    "ppc_128_channels_3_tapers": (200, 128, "2GB", {"method": "ppc", "tapsmofrq": 2.0}),
    "wpli_128_channels": (200, 128, "2GB", {"method": "wpli"}),
    "granger_of_2016_pairs": (100, 64, "2GB", {"method": "granger", "sfmethod": "bivariate", "tapsmofrq": 5.0}),
    "granger_of_64_channels": (100, 64, "2GB", {"method": "granger", "tapsmofrq": 5.0}),
    "coherence_with_jackknife": (100, 64, "2GB", {"method": "coh", "tapsmofrq": 2.0, "jackknife": True}),
    "coherence_with_bootstrap": (100, 32, "2GB", {"method": "coh", "bootstrap": 200}),
    "correlation_64_channels": (100, 64, "2GB", {"method": "corr"}),
    "three_measures_at_once": (100, 64, "2GB", {"method": ["coh", "ppc", "wpli"], "tapsmofrq": 2.0}),
}


def make(path, trials, channels):
    import syncopy as spy

    rng = np.random.default_rng(0)
    blocks = (rng.standard_normal((SAMPLES, channels), dtype="f4") for _ in range(trials))
    spy.AnalogData(blocks, samplerate=FS).save(filename=path)


def peak():
    """Megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run_step(path, name, parallel):
    import syncopy as spy

    _, _, limit, parameters = STEPS[name]
    spy.options.memory = limit
    data = spy.load(path)
    # modules load before the clock and the memory count start
    tiny = spy.AnalogData([np.random.default_rng(k).standard_normal((64, 2)) for k in range(9)], samplerate=FS)
    spy.connectivityanalysis(tiny, **{**parameters, "tapsmofrq": 50.0} if "tapsmofrq" in parameters else parameters)
    before, start = peak(), time.perf_counter()
    result = spy.connectivityanalysis(data, parallel=parallel, **parameters)  # noqa: F841
    print(json.dumps({"seconds": time.perf_counter() - start, "added_mb": peak() - before}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("steps", nargs="*", default=list(STEPS))
    parser.add_argument("--parallel", action="store_true")
    parser.add_argument("--file", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.file:
        run_step(args.file, args.steps[0], args.parallel)
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in args.steps:
            trials, channels, limit, _ = STEPS[name]
            path = Path(folder, f"{trials}_{channels}.analog")
            if not path.exists():
                make(path, trials, channels)
            command = [sys.executable, __file__, name, "--file", str(path)] + ["--parallel"] * args.parallel
            run = subprocess.run(command, capture_output=True, text=True)
            if run.returncode:
                print(f"{name:28s} failed: {run.stderr.strip().splitlines()[-1]}")
                continue
            found = json.loads(run.stdout.splitlines()[-1])
            print(f"{name:28s} {found['seconds']:7.2f} s  {found['added_mb']:7.0f} MB added of {limit}", flush=True)


if __name__ == "__main__":
    main()
