"""Time of the verbs against the bare kernels they cannot beat.

    python benchmarks/speed.py [--parallel] [--repeat 3] [NAME ...]

A bare kernel is a loop of scipy.fft, scipy.signal or BLAS over arrays in memory, in one thread, without files or
metadata. The ratio says how much reading, writing, planning and history cost on top. Machines are noisy: compare ratios
of one run.
"""

import argparse
import time

import numpy as np
from scipy import fft, signal
from threadpoolctl import threadpool_limits

import syncopy as spy

FS = 1000.0
RNG = np.random.default_rng(0)


def recording(n_trials, n_samples, n_channels):
    trials = (RNG.standard_normal((n_samples, n_channels), dtype="f4") for _ in range(n_trials))
    return spy.AnalogData(trials, samplerate=FS)


def batches(block, size=10):
    return (block[start : start + size] for start in range(0, len(block), size))


def bare_power(block, tapers):
    for part in batches(block):
        demeaned = part - part.mean(axis=1, keepdims=True)
        sum(np.abs(fft.rfft(demeaned * taper[:, None], axis=1)) ** 2 for taper in tapers)


def bare_coherence(block, tapers):
    total = 0
    for part in batches(block):
        spectra = np.stack([fft.rfft(part * taper[:, None], axis=1) for taper in tapers], axis=1)
        rows = spectra.transpose(2, 0, 1, 3).reshape(spectra.shape[2], -1, spectra.shape[3])
        total = total + rows.swapaxes(1, 2) @ rows.conj()


def bare_filter(block, _):
    sos = signal.butter(4, [20, 60], "bandpass", fs=FS, output="sos")
    for part in batches(block):
        signal.sosfiltfilt(sos, part.astype("f8"), axis=1).astype("f4")


HANN = signal.windows.hann(1000)[None].astype("f4")
SLEPIAN = signal.windows.dpss(1000, 5, Kmax=9).astype("f4")
SHORT = signal.windows.hann(250)[None].astype("f4")

# name: recording, call, bare kernel, its tapers
WORKLOADS = {
    "mtmfft_hann": ((400, 1000, 64), lambda d, **kw: spy.freqanalysis(d, foilim=[1, 150], **kw), bare_power, HANN),
    "mtmfft_dpss": ((200, 1000, 64), lambda d, **kw: spy.freqanalysis(d, tapsmofrq=5, **kw), bare_power, SLEPIAN),
    "mtmfft_short_trials": ((5000, 250, 16), lambda d, **kw: spy.freqanalysis(d, **kw), bare_power, SHORT),
    "butterworth": (
        (200, 1000, 64),
        lambda d, **kw: spy.preprocessing(d, filter_type="bp", freq=[20, 60], **kw),
        bare_filter,
        None,
    ),
    "coherence": (
        (100, 1000, 64),
        lambda d, **kw: spy.connectivityanalysis(d, method="coh", tapsmofrq=5, **kw),
        bare_coherence,
        SLEPIAN,
    ),
}


def fastest(call, repeat):
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=list(WORKLOADS))
    parser.add_argument("--parallel", action="store_true")
    parser.add_argument("--repeat", type=int, default=3)
    args = parser.parse_args()
    print(f"{'workload':22s} {'verb s':>8s} {'bare s':>8s} {'ratio':>6s}")
    for name in args.names:
        shape, call, bare, tapers = WORKLOADS[name]
        data = recording(*shape)
        block = data.data[()].reshape(shape)
        with threadpool_limits(1):
            limit = fastest(lambda bare=bare, block=block, tapers=tapers: bare(block, tapers), args.repeat)
        verb = fastest(lambda call=call, data=data: call(data, parallel=args.parallel), args.repeat + 1)
        print(f"{name:22s} {verb:8.3f} {limit:8.3f} {verb / limit:6.2f}", flush=True)


if __name__ == "__main__":
    main()
