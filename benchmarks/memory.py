"""Peak memory of every verb on recordings several times larger than the limit.

    python benchmarks/memory.py [--gigabytes 1] [--limit 200MB] [--parallel] [STEP ...]

Every step runs in a process of its own, first on a recording of a few trials, which loads what it needs, then on the
large one. Printed is what the second call added to the memory of the process at its peak, beside its time. A call that
no plan can fit must be refused, in words: then these are printed. The exit status counts steps above the limit.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

FS = 1000.0
# what a call needs however small its blocks are: modules loaded late, tables of trials, buffers of the allocator
ALLOWANCE = 30.0

# recording: samples and channels of a trial (None: one trial as long as it takes)
RECORDINGS = {"trials": (1000, 64), "long": (None, 64), "wide": (500, 512), "uneven": ((500, 1500), 64)}

FOI = "foi=np.arange(10, 100, 10.)"
THREE = "foi=np.arange(10, 100, 30.)"  # of which trials as long as the recording make results as large as it is
LAST = "[0, (data.sampleinfo[0, 1] - 10) / 1000]"  # almost all of it


def channels(count):
    return f"select={{'channel': slice(0, {count})}}"


# calls that are cut into blocks: recording, verb, parameters
CALLS = {
    # spectra
    "mtmfft": ("trials", "freqanalysis", "keeptrials=True"),
    "mtmfft_long": ("long", "freqanalysis", "keeptrials=True"),
    "mtmfft_wide": ("wide", "freqanalysis", "tapsmofrq=4"),
    "mtmfft_uneven": ("uneven", "freqanalysis", "tapsmofrq=4"),
    "mtmfft_uneven_padded": ("uneven", "freqanalysis", "tapsmofrq=4, pad=2"),
    "mtmfft_tapers": ("trials", "freqanalysis", "keeptapers=True, tapsmofrq=2, foilim=[1, 150]"),
    "mtmfft_fourier": ("trials", "freqanalysis", "keeptapers=True, output='fourier'"),
    "mtmfft_average": ("trials", "freqanalysis", "keeptrials=False, tapsmofrq=4"),
    "fooof": ("trials", "freqanalysis", f"keeptrials=False, output='fooof', foilim=[1, 100], {channels(4)}"),
    "welch": ("trials", "freqanalysis", "method='welch', t_ftimwin=0.2, toi=0.5"),
    "welch_long": ("long", "freqanalysis", "method='welch', t_ftimwin=2, toi=0.5"),
    "mtmconvol": ("trials", "freqanalysis", f"method='mtmconvol', {FOI}, t_ftimwin=0.2, toi=0.5"),
    "mtmconvol_all": (
        "trials",
        "freqanalysis",
        f"method='mtmconvol', {FOI}, t_ftimwin=0.2, toi='all', keeptrials=False",
    ),
    "mtmconvol_long": ("long", "freqanalysis", f"method='mtmconvol', {FOI}, t_ftimwin=0.2, toi=0.5"),
    "mtmconvol_long_all": (
        "long",
        "freqanalysis",
        f"method='mtmconvol', {THREE}, t_ftimwin=0.2, toi='all', {channels(8)}",
    ),
    "wavelet": ("trials", "freqanalysis", f"method='wavelet', {FOI}, toi='all', keeptrials=False"),
    "wavelet_long": ("long", "freqanalysis", f"method='wavelet', {THREE}, toi='all', {channels(8)}"),
    "superlet": ("trials", "freqanalysis", "method='superlet', foi=[20, 40, 60, 80], order_max=3, keeptrials=False"),
    "superlet_long": ("long", "freqanalysis", f"method='superlet', {THREE}, order_max=3, toi='all', {channels(8)}"),
    "hilbert": ("trials", "freqanalysis", "method='hilbert', foi=[20, 60], width=5, toi='all', keeptrials=False"),
    "hilbert_long": ("long", "freqanalysis", f"method='hilbert', {THREE}, width=5, toi='all', {channels(8)}"),
    "irasa": (
        "trials",
        "freqanalysis",
        f"method='irasa', output='fractal', keeptrials=False, foilim=[1, 100], {channels(4)}",
    ),
    # preprocessing
    "butterworth": ("trials", "preprocessing", "filter_type='bp', freq=[1, 100]"),
    "butterworth_long": ("long", "preprocessing", "filter_type='bp', freq=[1, 100]"),
    "butterworth_wide": ("wide", "preprocessing", "filter_type='bp', freq=[1, 100]"),
    "butterworth_uneven": ("uneven", "preprocessing", "filter_type='bp', freq=[1, 100]"),
    "firws_long": ("long", "preprocessing", "filter_class='firws', filter_type='lp', freq=50"),
    "rectify_reference": ("trials", "preprocessing", "filter_class=None, rectify=True, reref=True"),
    "zscore_long": ("long", "preprocessing", "filter_class=None, zscore=True, polyremoval=1"),
    "hilbert_transform": ("long", "preprocessing", "filter_type='bp', freq=[8, 12], hilbert='abs'"),
    "downsample": ("long", "resampledata", "method='downsample', resamplefs=250, lpfreq=100"),
    "resample": ("trials", "resampledata", "resamplefs=300"),
    "resample_long": ("long", "resampledata", "resamplefs=300"),
    # connectivity
    "coherence": ("trials", "connectivityanalysis", "method='coh', tapsmofrq=3"),
    "coherence_wide": ("wide", "connectivityanalysis", "method='coh', foilim=[1, 100]"),
    "coherence_jackknife": ("trials", "connectivityanalysis", "method='coh', jackknife=True, foilim=[1, 100]"),
    "csd_kept": ("trials", "connectivityanalysis", f"method='csd', keeptrials=True, foilim=[1, 20], {channels(16)}"),
    "granger": ("trials", "connectivityanalysis", f"method='granger', tapsmofrq=4, {channels(16)}"),
    "granger_bivariate": (
        "trials",
        "connectivityanalysis",
        f"method='granger', sfmethod='bivariate', tapsmofrq=4, {channels(16)}",
    ),
    "pdc": ("trials", "connectivityanalysis", f"method='pdc', tapsmofrq=4, {channels(8)}"),
    "ppc": ("trials", "connectivityanalysis", f"method='ppc', {channels(32)}"),
    "plv": ("trials", "connectivityanalysis", f"method='plv', {channels(32)}"),
    "wpli": ("trials", "connectivityanalysis", f"method='wpli', {channels(32)}"),
    "psi": ("trials", "connectivityanalysis", "method='psi', tapsmofrq=4, bandwidth=10, foilim=[20, 80]"),
    "powcorr": ("trials", "connectivityanalysis", "method='powcorr', foilim=[1, 100]"),
    "powcorr_ortho": ("trials", "connectivityanalysis", f"method='powcorr_ortho', foilim=[1, 50], {channels(16)}"),
    "correlation": ("trials", "connectivityanalysis", f"method='corr', {channels(32)}"),
    "correlation_kept": ("trials", "connectivityanalysis", f"method='corr', keeptrials=True, {channels(8)}"),
    "correlation_long": ("long", "connectivityanalysis", f"method='corr', keeptrials=True, {channels(2)}"),
    "mim": (
        "trials",
        "connectivityanalysis",
        "method='mim', tapsmofrq=4, groups={'a': list(data.channel[:32]), 'b': list(data.channel[32:])}",
    ),
    # statistics
    "mean_trials": ("trials", "mean", "dim='trials'"),
    "mean_channels": ("long", "mean", "dim='channel'"),
    "mean_time": ("long", "mean", "dim='time'"),
    "var_trials": ("trials", "var", "dim='trials'"),
    "std_time": ("long", "std", "dim='time'"),
    "sem_trials": ("trials", "sem", "dim='trials'"),
    "median_trials": ("trials", "median", "dim='trials'"),
    "median_channels": ("long", "median", "dim='channel'"),
    "median_time": ("long", "median", "dim='time'"),
    "itc": ("fourier", "itc", ""),
    "timelock": ("trials", "timelockanalysis", "covariance=True"),
    "timelock_uneven": ("uneven", "timelockanalysis", "latency='minperiod', covariance=True"),
    "psth": ("spikes", "spike_psth", "binsize=0.01"),
    "psth_kept": ("spikes", "spike_psth", "binsize=0.01, keeptrials=True"),
}
# what has no blocks to share
OTHERS = {
    # selections, joining, numbers
    "select": ("trials", "spy.selectdata(data, trials=slice(0, None, 2))"),
    "select_channels": ("long", "spy.selectdata(data, channel=slice(0, None, 2))"),
    "select_latency": ("long", f"spy.selectdata(data, latency={LAST})"),
    "select_shuffled": ("wide", "spy.selectdata(data, channel=np.random.default_rng(0).permutation(512))"),
    "concat": ("long", "spy.concat(data, data)"),
    "concat_trials": ("long", "spy.concat(data, data, dim='trials')"),
    "arithmetic": ("long", "2 * data"),
    "arithmetic_two": ("trials", "data + data"),
    "arithmetic_complex": ("long", "data * 1j"),
    "equal": ("long", "data == data.copy()"),
    "copy": ("long", "spy.copy(data)"),
    "redefine": ("long", "spy.redefinetrial(data, trl=[[10, 100, 0], [0, 3000, 0]])"),
    "redefine_cut": ("trials", "spy.redefinetrial(data, begsample=10, endsample=900)"),
    "show_one_trial": ("trials", "data.show(trials=1)"),
    "text": ("trials", "str(data), data._repr_html_(), repr(data.selection)"),
    # files
    "save": ("long", "data.save(filename=folder + '/again.analog', overwrite=True)"),
    "save_selection": ("trials", "spy.selectdata(data, channel=[3, 1]).save(filename=folder + '/part.analog')"),
    "load": ("long", "spy.load(data.filename)"),
    "load_checked": ("long", "spy.load(data.filename, checksum=True)"),
    "create": ("none", "spy.AnalogData((np.ones((1000, 64), 'f4') for _ in range(count)), samplerate=1000)"),
    "join": ("trials", "spy.AnalogData([data, data])"),
    "save_ft": ("long", "data.save_ft(folder + '/data.mat')"),
    "load_ft": ("matfile", "spy.load_ft_raw(data)"),
    "save_nwb": ("long", "data.save_nwb(folder + '/data.nwb')"),
    "load_nwb": ("nwbfile", "spy.load_nwb(data)"),
    # figures
    "plot_trial": ("trials", "data.singlepanelplot(trials=1)"),
    "plot_long": ("long", "data.singlepanelplot(trials=0)"),
    "plot_panels": ("long", "data.multipanelplot(trials=0, channel=slice(0, 16))"),
    "plot_spectrum": ("power", "spy.singlepanelplot(data, trials=0, channel=0)"),
    # spikes and events
    "spikes_select": ("spikes", "spy.selectdata(data, unit=[1, 3], latency=[0, 0.3])"),
    "spikes_trials": ("spikes", "spy.selectdata(data, trials=slice(0, None, 2))"),
    "spikes_copy": ("spikes", "spy.copy(data)"),
    "spikes_save": ("spikes", "data.save(filename=folder + '/again.spike', overwrite=True)"),
    "spikes_load": ("spikes", "spy.load(data.filename)"),
    "spikes_join": ("spikes", "spy.SpikeData([data, data])"),
    "spikes_equal": ("spikes", "data == data.copy()"),
    "spikes_redefine": ("spikes", "spy.redefinetrial(data, toilim=[0, 0.3])"),
    "spikes_text": ("spikes", "str(data), data._repr_html_(), data.unit, data.channel"),
    "spikes_plot": ("spikes", "data.multipanelplot(trials=slice(0, 10), unit=slice(0, 8))"),
    "spikes_plot_all": ("spikes", "data.singlepanelplot(unit=0)"),
    "spikes_attach": ("spikes", "spy.SpikeData(data.data, samplerate=30000)"),
    "events_define": ("events", "data.definetrial(pre=0, post=0.2, trigger=1)"),
    "events_show": ("events", "data.show(trials=0)"),
}
STEPS = {
    name: (recording, f"spy.{verb}(data, parallel=parallel, {parameters})")
    for name, (recording, verb, parameters) in CALLS.items()
} | OTHERS


def trials(name, gigabytes):
    """Arrays of the trials of a recording."""
    n_samples, n_channels = RECORDINGS[name]
    total = int(gigabytes * 1e9 / (4 * n_channels))
    rng = np.random.default_rng(0)
    done = 0
    while done < total:
        n = n_samples if isinstance(n_samples, int) else rng.integers(*n_samples) if n_samples else 10_000
        yield rng.standard_normal((n, n_channels), dtype="f4")
        done += n


def rows(n_rows):
    """Spikes of 16 channels and 20 units, some at a time; trials of 200 spikes and some 0.4 s."""
    rng = np.random.default_rng(0)
    last = 0
    for start in range(0, n_rows, 1_000_000):
        count = min(1_000_000, n_rows - start)
        samples = last + np.cumsum(rng.integers(0, 120, count))
        last = int(samples[-1])
        yield np.column_stack([samples, rng.integers(0, 16, count), rng.integers(0, 20, count)])


def make(folder, name, gigabytes):
    """Write a recording and return its file."""
    import h5py

    import syncopy as spy

    path = f"{folder}/{name}"
    if name in ("spikes", "events"):
        columns, cls = (3, spy.SpikeData) if name == "spikes" else (2, spy.EventData)
        n_rows = int(gigabytes * 1e9 / (8 * columns))
        path += ".spike" if name == "spikes" else ".event"
        with h5py.File(path + ".h5", "w") as file:
            dataset, start = file.create_dataset("data", (n_rows, columns), "i8"), 0
            for block in rows(n_rows):
                dataset[start : start + len(block)] = block[:, :columns]
                start += len(block)
            edges = np.arange(0, block[-1, 0], 12_000)
            trl = np.column_stack([edges[:-1], edges[1:], 0 * edges[1:]])
            cls(dataset, samplerate=30_000.0, trialdefinition=trl).save(filename=path)
        Path(path + ".h5").unlink()
        return path
    if name in ("fourier", "power"):
        data = spy.AnalogData(trials("trials", gigabytes / 2), samplerate=FS)
        spy.freqanalysis(data, output="fourier" if name == "fourier" else "pow").save(filename=path + ".spectral")
        return path + ".spectral"
    if name in ("matfile", "nwbfile"):
        data = spy.AnalogData(trials("trials", gigabytes), samplerate=FS)
        path += ".mat" if name == "matfile" else ".nwb"
        data.save_ft(path, version="7.3") if name == "matfile" else data.save_nwb(path)
        return path
    path += ".analog"
    lengths = None
    if RECORDINGS[name][0] is None:
        lengths = [[0, sum(map(len, trials(name, gigabytes))), 0]]
    spy.AnalogData(trials(name, gigabytes), samplerate=FS, trialdefinition=lengths).save(filename=path)
    return path


def memory(field):
    """Megabytes of the process: `VmRSS` now, `VmHWM` at its peak."""
    return int(re.search(rf"{field}:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024


def run_step(name, path, small, limit, parallel, gigabytes):
    import matplotlib

    matplotlib.use("Agg")
    import syncopy as spy

    warnings.simplefilter("ignore")
    _, expression = STEPS[name]
    code = compile(expression, name, "eval")
    with tempfile.TemporaryDirectory(dir=Path(path).parent) as folder:
        names = {"spy": spy, "np": np, "folder": folder, "parallel": parallel, "count": 3}
        foreign = Path(path).suffix in (".mat", ".nwb", "")
        eval(code, {**names, "data": small if foreign else spy.load(small)})
        for file in Path(folder).iterdir():
            file.unlink()
        spy.options.memory = limit
        names |= {"count": int(gigabytes * 1e9 / 256_000), "data": path if foreign else spy.load(path)}
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
        before, start, refused = memory("VmRSS"), time.perf_counter(), ""
        try:
            result = eval(code, names)  # noqa: F841
        except spy.SPYError as error:
            refused = str(error)
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "added": memory("VmHWM") - before, "refused": refused}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("steps", nargs="*", default=list(STEPS))
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--limit", default="200MB")
    parser.add_argument("--parallel", action="store_true")
    parser.add_argument("--step", nargs=2, metavar="FILE", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.step:
        run_step(args.steps[0], *args.step, args.limit, args.parallel, args.gigabytes)
        return
    from syncopy.settings import parse_bytes

    most, above = parse_bytes(args.limit) / 2**20 + ALLOWANCE, 0
    with tempfile.TemporaryDirectory() as folder:
        made = {"none": (folder, folder)}
        print(f"{args.gigabytes:g} GB, limit {args.limit}, parallel={args.parallel}")
        for name in args.steps:
            recording = STEPS[name][0]
            if recording not in made:
                Path(folder, "small").mkdir(exist_ok=True)
                made[recording] = make(folder, recording, args.gigabytes), make(f"{folder}/small", recording, 0.003)
            command = [sys.executable, __file__, name, "--step", *made[recording], "--limit", args.limit]
            command += ["--gigabytes", str(args.gigabytes)] + ["--parallel"] * args.parallel
            run = subprocess.run(command, capture_output=True, text=True)
            if run.returncode:
                print(f"{name:22s} failed: {(run.stderr.splitlines() or ['no message'])[-1]}", flush=True)
                above += 1
                continue
            found = json.loads(run.stdout.splitlines()[-1])
            remark = "  above the limit" if found["added"] > most else found["refused"] and f"  {found['refused']}"
            above += found["added"] > most
            print(f"{name:22s} {found['seconds']:7.2f} s  {found['added']:7.0f} MiB{remark}", flush=True)
    sys.exit(above)


if __name__ == "__main__":
    main()
