"""Peak memory of the main job on a recording larger than the limit.

    python benchmarks/memory.py [--gigabytes 2] [--limit 400MB] [STEP ...]

Every step runs in a process of its own on a recording made beforehand; printed is what the step added to the process's
peak of resident memory, beside how long it took.
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

FS, SAMPLES, CHANNELS = 1000.0, 1000, 64

STEPS = {
    "filter": "spy.preprocessing(data, filter_type='bp', freq=[1, 100])",
    "mtmfft_kept": "spy.freqanalysis(data, tapsmofrq=3, keeptrials=True, output='pow')",
    "mtmfft_tapers_kept": "spy.freqanalysis(data, tapsmofrq=3, keeptrials=True, keeptapers=True, foilim=[1, 150])",
    "mtmfft_averaged": "spy.freqanalysis(data, tapsmofrq=3, keeptrials=False)",
    "coherence": "spy.connectivityanalysis(data, method='coh', tapsmofrq=3)",
    "mean_of_trials": "spy.mean(data, dim='trials')",
    "copy": "spy.copy(data)",
    "save": "spy.save(spy.selectdata(data, channel='all'), filename=folder + '/again.analog', overwrite=True)",
    "load": "spy.load(folder + '/big.analog')",
    "show_one_trial": "data.show(trials=7)",
    "plot_one_trial": "data.singlepanelplot(trials=7)",
}


def make(folder, gigabytes):
    import syncopy as spy

    n_trials = int(gigabytes * 1e9 / (SAMPLES * CHANNELS * 4))
    rng = np.random.default_rng(0)
    trials = (rng.standard_normal((SAMPLES, CHANNELS), dtype="f4") for _ in range(n_trials))
    spy.AnalogData(trials, samplerate=FS).save(filename=f"{folder}/big.analog")


def peak():
    """Megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run_step(folder, name, limit, parallel):
    import syncopy as spy

    spy.options.memory = limit
    data = spy.load(f"{folder}/big.analog")
    # modules load before the clock and the memory count start
    tiny = spy.AnalogData([np.zeros((64, 2), "f4"), np.ones((64, 2), "f4")], samplerate=FS)
    spy.freqanalysis(tiny, parallel=parallel)
    spy.connectivityanalysis(tiny, method="coh")
    before, start = peak(), time.perf_counter()
    expression = STEPS[name]
    if "analysis" in expression:
        expression = expression.replace("(data,", f"(data, parallel={parallel},")
    result = eval(expression, {"spy": spy, "data": data, "folder": folder})  # noqa: F841
    print(json.dumps({"step": name, "seconds": time.perf_counter() - start, "added_mb": peak() - before}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("steps", nargs="*", default=list(STEPS))
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--limit", default="400MB")
    parser.add_argument("--parallel", action="store_true")
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.folder:
        run_step(args.folder, args.steps[0], args.limit, args.parallel)
        return
    with tempfile.TemporaryDirectory() as folder:
        make(folder, args.gigabytes)
        size = Path(folder, "big.analog").stat().st_size / 1e9
        print(f"{size:.2f} GB, limit {args.limit}, parallel={args.parallel}")
        for name in args.steps:
            command = [sys.executable, __file__, name, "--folder", folder, "--limit", args.limit]
            run = subprocess.run(command + ["--parallel"] * args.parallel, capture_output=True, text=True)
            if run.returncode:
                print(f"{name:20s} failed: {run.stderr.strip().splitlines()[-1]}")
                continue
            found = json.loads(run.stdout.splitlines()[-1])
            print(f"{name:20s} {found['seconds']:7.2f} s  {found['added_mb']:7.0f} MB added", flush=True)


if __name__ == "__main__":
    main()
