"""How much faster all cores are than one: `parallel=True` against `parallel=False`, taken in turn.

    python benchmarks/parallel.py [--workers 2] [--repeat 5] [NAME ...]

Every workload takes some seconds on one core. One core means what a user gets without `parallel`: one block after the
other, libraries of linear algebra in one thread. Printed are the medians of the wall times and their ratio, and the
ratio of the processor times of both, which tells work that is done twice from cores that wait. The machine should
have nothing else to do; `busy` is the load of other programs while the workload ran (cores).

`machine` is what the cores themselves allow: as many programs of their own, each making the call on one core, at the
same time, against one of them alone. Cores that share memory and clock are not as fast together as one by itself.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

import numpy as np
import psutil

import syncopy as spy

FS = 1000.0

# name: recording (trials, samples, channels), call
WORKLOADS = {
    "mtmfft": ((400, 2000, 64), lambda d, **how: spy.freqanalysis(d, tapsmofrq=4, foilim=[1, 150], **how)),
    "mtmfft, averaged": ((400, 2000, 64), lambda d, **how: spy.freqanalysis(d, tapsmofrq=4, keeptrials=False, **how)),
    "coherence": ((200, 1000, 64), lambda d, **how: spy.connectivityanalysis(d, method="coh", tapsmofrq=5, **how)),
    "superlet": (
        (120, 1000, 16),
        lambda d, **how: spy.freqanalysis(
            d, method="superlet", foi=np.arange(5, 100, 5), order_max=10, adaptive=True, toi="all", **how
        ),
    ),
    "filter, but": ((800, 2000, 64), lambda d, **how: spy.preprocessing(d, filter_type="bp", freq=[5, 60], **how)),
    "filter, firws": (
        (600, 2000, 64),
        lambda d, **how: spy.preprocessing(d, filter_class="firws", filter_type="bp", freq=[5, 60], **how),
    ),
    "fooof": (
        (20, 1000, 16),
        lambda d, **how: spy.freqanalysis(d, output="fooof", foilim=[2, 80], fooof_opt={"max_n_peaks": 3}, **how),
    ),
}


def recording(n_trials, n_samples, n_channels):
    """Noise with more power at low frequencies, as recordings have it."""
    generator = np.random.default_rng(0)
    trials = (generator.standard_normal((n_samples, n_channels), dtype="f4").cumsum(axis=0) for _ in range(n_trials))
    return spy.AnalogData(trials, samplerate=FS)


def processor_time():
    """Seconds of this process and of those it started."""
    family = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return sum(sum(process.cpu_times()[:2]) for process in family)


def machine_time():
    """Seconds that all cores of the machine were at work."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0) - getattr(times, "guest", 0)


def measure(call):
    """Wall time, processor time, and processor time of all other programs."""
    start = time.perf_counter(), processor_time(), machine_time()
    result = call()
    wall, own, all_of_it = (
        after - before
        for after, before in zip((time.perf_counter(), processor_time(), machine_time()), start, strict=True)
    )
    del result
    return wall, own, all_of_it - own


def at_the_same_time(name, count, repeat):
    """Median wall times of `count` programs that make a call on one core each, together."""
    command = [sys.executable, __file__, name, "--alone", "--repeat", str(repeat)]
    programs = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(count)
    ]
    for program in programs:
        program.stdout.readline()  # it is ready
    for program in programs:
        program.stdin.write("go\n")
        program.stdin.flush()
    answers = [program.communicate()[0] for program in programs]
    return [float(answer) for answer in answers]


def alone(name, repeat):
    """Make a call on one core again and again, once told to."""
    shape, call = WORKLOADS[name]
    data = recording(*shape)
    call(data, parallel=False)
    print("ready", flush=True)
    sys.stdin.readline()
    print(statistics.median(measure(lambda: call(data, parallel=False))[0] for _ in range(repeat)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {'; '.join(WORKLOADS)}")
    parser.add_argument("--workers", type=int, default=spy.options.workers)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.alone:
        alone(args.names[0], args.repeat)
        return
    spy.options.workers = args.workers
    print(f"{args.workers} workers, {os.cpu_count()} cores, Python {sys.version.split()[0]}, NumPy {np.__version__}")
    print(f"{'workload':18s} {'one s':>7s} {'all s':>7s} {'faster':>7s} {'work':>6s} {'busy':>6s} {'machine':>8s}")
    for name in args.names or WORKLOADS:
        shape, call = WORKLOADS[name]
        data = recording(*shape)
        call(data, parallel=True)  # processes start, libraries are loaded
        runs = {how: [] for how in (False, True)}
        for _ in range(args.repeat):
            for how, measured in runs.items():
                measured.append(measure(lambda how=how, data=data, call=call: call(data, parallel=how)))
        (one, work_one, _), (several, work_several, _) = (
            [statistics.median(values) for values in zip(*runs[how], strict=True)] for how in (False, True)
        )
        everything = [run for measured in runs.values() for run in measured]
        busy = sum(run[2] for run in everything) / sum(run[0] for run in everything)
        (by_itself,) = at_the_same_time(name, 1, args.repeat)
        machine = args.workers * by_itself / statistics.mean(at_the_same_time(name, args.workers, args.repeat))
        numbers = f"{one / several:7.2f} {work_several / work_one:6.2f} {busy:6.2f} {machine:8.2f}"
        print(f"{name:18s} {one:7.2f} {several:7.2f} {numbers}", flush=True)


if __name__ == "__main__":
    main()
