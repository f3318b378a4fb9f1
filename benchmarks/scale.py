"""How time, memory and traffic grow: with the size of a recording, with trials, with channels, with workers.

    python benchmarks/scale.py [--gigabytes 10] [--limit 1GB] [--trials 100 100000] [--channels 4 1024] [PART ...]

Parts are `large`, `trials`, `channels` and `workers`. What is printed are the tables of docs/performance.md. Every
number is of a process of its own, which first makes the call on a few trials, so that everything is loaded.

Read and written is what passes through system calls (`rchar` and `wchar` of /proc), over the least possible: the input
once and the result once. Memory is what the call added to the process, at its peak.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

FS = 1000.0

VERBS = {
    "band-pass filter": "spy.preprocessing(data, filter_type='bp', freq=[1, 100], **how)",
    "multitaper spectra, kept": "spy.freqanalysis(data, tapsmofrq={smoothing}, foilim=[1, 150], **how)",
    "multitaper spectra, averaged": "spy.freqanalysis(data, tapsmofrq={smoothing}, keeptrials=False, **how)",
    "coherence": "spy.connectivityanalysis(data, method='coh', tapsmofrq={smoothing}, foilim=[1, 150], **how)",
    "selection of channels": "spy.selectdata(data, channel=[1, 3], **how)",
    "selection of trials": "spy.selectdata(data, trials=slice(0, None, 2), **how)",
    "average and variance": "spy.timelockanalysis(data, **how)",
    "save": "data.save(filename=folder + '/' + str(len(data.trials)) + '.analog')",
    "load, text, one trial": "str(spy.load(data.filename).trials[1])",
}

Row = dict[str, float]


def make(path: Path, n_trials: int, n_samples: int, n_channels: int) -> str:
    """Stream a recording of noise to a file."""
    import syncopy as spy

    pool = np.random.default_rng(0).standard_normal((23, n_samples, n_channels), dtype="f4")
    trials = (pool[number % 23] + pool[number * 7 % 19] for number in range(n_trials))
    spy.AnalogData(trials, samplerate=FS).save(filename=str(path))
    return str(path)


def memory(field: str) -> float:
    """Megabytes of the process: `VmRSS` now, `VmHWM` at its peak."""
    return int(re.search(rf"{field}:\s+(\d+)", Path("/proc/self/status").read_text())[1]) * 1024 / 1e6


def counters() -> dict[str, int]:
    """Bytes this process has read and written."""
    return {name: int(count) for name, count in re.findall(r"(\w+): (\d+)", Path("/proc/self/io").read_text())}


def start_count() -> dict[str, float]:
    """Memory and traffic before a call; the peak of memory starts anew."""
    Path("/proc/self/clear_refs").write_text("5")
    return {"rss": memory("VmRSS"), **counters()}


def count_since(before: dict[str, float]) -> Row:
    """Memory and traffic of a call."""
    now = counters()
    traffic = {"read": now["rchar"] - before["rchar"], "written": now["wchar"] - before["wchar"]}
    return {"memory": memory("VmHWM") - before["rss"], **traffic}


def run_step(step: dict) -> None:
    import syncopy as spy

    warnings.simplefilter("ignore")
    data, small, client = spy.load(step["file"]), spy.load(step["small"]), None
    how = {"parallel": step["parallel"] == "threads"}
    spy.options.memory, spy.options.workers = step["limit"], step["workers"]
    if step["parallel"] == "processes":
        from dask.distributed import Client

        client, how = Client(n_workers=step["workers"], threads_per_worker=1, dashboard_address=None), {}
    code = compile(VERBS[step["verb"]].format(smoothing=step["smoothing"]), step["verb"], "eval")
    with tempfile.TemporaryDirectory(dir=Path(step["file"]).parent) as folder:
        names = {"spy": spy, "how": how, "folder": folder}
        eval(code, {**names, "data": small})
        before = client.run(start_count) if client else start_count()
        start = time.perf_counter()
        result = eval(code, {**names, "data": data})
        found: Row = {"seconds": time.perf_counter() - start}
        if client:
            counts = [client.run(count_since, state, workers=[name])[name] for name, state in before.items()]
            found |= {"memory": max(each["memory"] for each in counts)}
            found |= {name: sum(each[name] for each in counts) for name in ("read", "written")}
            client.close()
        else:
            found |= count_since(before)
        found["result"] = result.data.nbytes if hasattr(result, "data") else data.data.nbytes * (step["verb"] == "save")
        found["input"] = data.data.nbytes
    print(json.dumps(found))


def measure(folder: Path, verb: str, shape: tuple[int, int, int], parallel: str, workers: int, limit: str) -> Row:
    """Run a verb in a new process; shape is trials, samples, channels."""
    n_trials, n_samples, n_channels = shape
    path, small = folder / f"{n_trials}_{n_samples}_{n_channels}.analog", folder / f"3_{n_samples}_{n_channels}.analog"
    for file, count in ((path, n_trials), (small, 3)):
        if not file.exists():
            subprocess.run(
                [sys.executable, __file__, "--make", str(file), str(count), *map(str, shape[1:])], check=True
            )
    step = {"verb": verb, "file": str(path), "small": str(small), "parallel": parallel, "workers": workers}
    step |= {"limit": limit, "smoothing": max(2.0, FS / n_samples)}
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"} if parallel == "processes" else None
    command = [sys.executable, __file__, "--step", json.dumps(step)]
    run = subprocess.run(command, capture_output=True, text=True, env=environment)
    if run.returncode:
        raise SystemExit(f"{verb}: {run.stderr}")
    return json.loads(run.stdout.splitlines()[-1])


def table(head: list[str], rows: list[list[str]]) -> None:
    """Print a table of Markdown."""
    print("| " + " | ".join(head) + " |")
    print("|" + " --- |" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def large(folder: Path, args: argparse.Namespace) -> None:
    """A recording many times larger than the limit."""
    shape = (max(3, int(args.gigabytes * 1e9 / (2000 * 64 * 4))), 2000, 64)
    print(f"### {args.gigabytes:g} GB ({shape[0]} trials of 2000 samples, 64 channels) under {args.limit}\n")
    rows = []
    for verb in ("band-pass filter", "multitaper spectra, kept", "coherence"):
        for workers in (1, 2):
            found = measure(folder, verb, shape, "threads" if workers > 1 else "none", workers, args.limit)
            speed = found["input"] / 1e6 / found["seconds"]
            read, written = found["read"] / found["input"], found["written"] / found["result"]
            numbers = [f"{found['seconds']:.0f}", f"{speed:.0f}", f"{found['memory']:.0f}", f"{read:.2f}"]
            # what a small result costs beside its numbers is no measure of anything
            numbers += [f"{written:.2f}" if found["result"] > 1e8 else f"{found['written'] / 1e6:.0f} MB"]
            rows.append([verb, str(workers), *numbers])
    head = ["", "threads", "time (s)", "input (MB/s)", "memory (MB)", "read / least", "written / least"]
    table(head, rows)
    for file in folder.glob(f"{shape[0]}_*"):
        file.unlink()


def trials(folder: Path, args: argparse.Namespace) -> None:
    """Many short trials."""
    steps = [count for count in (10**2, 10**3, 10**4, 10**5) if args.trials[0] <= count <= args.trials[1]]
    print("### Trials of 200 samples, 8 channels: time in s, and microseconds for each trial of the most\n")
    rows = []
    for verb in VERBS:
        times = [measure(folder, verb, (count, 200, 8), "none", 1, args.limit)["seconds"] for count in steps]
        rows.append([verb, *(f"{seconds:.3f}" for seconds in times), f"{1e6 * times[-1] / steps[-1]:.1f}"])
    table(["", *(f"{count} trials" for count in steps), "µs / trial"], rows)


def channels(folder: Path, args: argparse.Namespace) -> None:
    """Many channels."""
    steps = [count for count in (4, 16, 64, 256, 1024) if args.channels[0] <= count <= args.channels[1]]
    print("### Channels, 50 trials of 1000 samples: time in s, and memory in MB\n")
    rows = []
    for verb in ("band-pass filter", "multitaper spectra, kept", "coherence", "selection of channels"):
        found = [measure(folder, verb, (50, 1000, count), "none", 1, args.limit) for count in steps]
        rows.append([verb, *(f"{each['seconds']:.3f} ({each['memory']:.0f})" for each in found)])
    table(["", *(f"{count} channels" for count in steps)], rows)


def workers(folder: Path, args: argparse.Namespace) -> None:
    """Threads and processes."""
    shape = (max(3, int(args.gigabytes * 1e8 / (2000 * 64 * 4))), 2000, 64)
    print(f"### Workers, {shape[0]} trials of 2000 samples, 64 channels: time in s, and memory in MB of a process\n")
    ways = [("none", 1), ("threads", 2), ("processes", 1), ("processes", 2)]
    rows = []
    for verb in ("band-pass filter", "multitaper spectra, averaged", "coherence"):
        found = [measure(folder, verb, shape, way, count, args.limit) for way, count in ways]
        cells = [f"{each['seconds']:.2f} ({each['memory']:.0f})" for each in found]
        gain = [found[0]["seconds"] / found[1]["seconds"], found[2]["seconds"] / found[3]["seconds"]]
        rows.append([verb, *cells[:2], f"{gain[0]:.2f}", *cells[2:], f"{gain[1]:.2f}"])
    table(["", "serial", "2 threads", "gain", "1 dask worker", "2 dask workers", "gain"], rows)


PARTS = {part.__name__: part for part in (large, trials, channels, workers)}


def machine() -> str:
    """The computer, in a line."""
    total = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1]) * 1024
    cpu = re.search(r"model name\s+: (.*)", Path("/proc/cpuinfo").read_text())
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({cpu[1] if cpu else platform.machine()}), {total / 1e9:.0f} GB of memory, "
        f"Python {platform.python_version()}, NumPy {np.__version__}, load before {load:.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=list(PARTS), metavar="PART")
    parser.add_argument("--gigabytes", type=float, default=10.0, help="size of the large recording")
    parser.add_argument("--limit", default="1GB", help="memory a call may take")
    parser.add_argument("--trials", type=int, nargs=2, default=[10**2, 10**5], metavar=("FEWEST", "MOST"))
    parser.add_argument("--channels", type=int, nargs=2, default=[4, 1024], metavar=("FEWEST", "MOST"))
    parser.add_argument("--folder", help="where recordings go, by default the folder for temporary files")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--make", nargs=4, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.make:
        make(Path(args.make[0]), *map(int, args.make[1:]))
    elif args.step:
        run_step(json.loads(args.step))
    else:
        print(machine() + "\n")
        with tempfile.TemporaryDirectory(dir=args.folder) as folder:
            os.environ["SPYTMPDIR"] = folder
            for part in args.parts:
                PARTS[part](Path(folder), args)


if __name__ == "__main__":
    main()
