"""From the laptop to the cluster: plans, memory, cores, workers, and what happens when something dies.

    python examples/cluster.py --out DIR

Everything is simulated; the cluster is two processes of this machine, or jobs of SLURM where there is one.
"""

import _thread
import threading

import h5py
import numpy as np
from dask.distributed import Client
from tutorial import arguments

import syncopy as spy
from syncopy.synthdata import white_noise


def analyse(data, **control):
    return spy.freqanalysis(data, method="superlet", foi=[10, 20, 40, 80], order_max=5, toi=[-0.5, -0.4], **control)


def look_ahead(out):
    with h5py.File(out / "long.h5", "w") as file:  # without numbers in it, it takes no space
        file.create_dataset("data", shape=(7_200_000, 512), dtype="f4")
    recording = spy.AnalogData(out / "long.h5", samplerate=1000)
    starts = np.arange(0, 7_200_000, 2000)
    spy.definetrial(recording, np.column_stack([starts, starts + 2000, np.zeros(len(starts))]))
    with spy.options(memory="1GB", workers=2):
        spectra = spy.freqanalysis(recording, tapsmofrq=2, foilim=[1, 100], dry_run=True)
        coherence = spy.connectivityanalysis(recording, method="coh", tapsmofrq=2, foilim=[1, 100], dry_run=True)
    for name, plan in {"spectra of 3600 trials": spectra, "coherence of 131,328 pairs": coherence}.items():
        print(f"{name}: a result of {plan.result / 1e6:.0f} MB from {plan.blocks} blocks, in {plan.passes} pass(es)")


def everywhere(data):
    serial = analyse(data)
    cores = analyse(data, parallel=True)
    with Client(n_workers=2, threads_per_worker=1, dashboard_address=None):
        cluster = analyse(data)  # finds the client
    for name, result in {"all cores": cores, "cluster": cluster}.items():
        same = np.array_equal(result.data[()], serial.data[()])
        print(f"{name}: {'the same bits' if same else 'other numbers'}")
    return serial


def interrupted(data, expected):
    ctrl_c = threading.Timer(0.2, _thread.interrupt_main)
    with spy.options(memory="4MB"):  # many small blocks
        ctrl_c.start()
        try:
            analyse(data, resume=True)
        except KeyboardInterrupt:
            print("interrupted")
        ctrl_c.cancel()
        result = analyse(data, resume=True)  # the same call
    same = np.array_equal(result.data[()], expected.data[()])
    print(f"after it went on: {'the same bits' if same else 'other numbers'}")


def main():
    out, _ = arguments(__doc__)
    look_ahead(out)
    data = white_noise(nSamples=1000, nChannels=4, nTrials=200, samplerate=1000, seed=1)
    interrupted(data, everywhere(data))


if __name__ == "__main__":
    main()
