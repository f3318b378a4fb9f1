"""Every method of `freqanalysis` on two local field potentials: beta of human motor cortex, theta of rat hippocampus.

    python examples/time_frequency.py --out DIR [--shared FOLDER]

FOLDER/recordings holds lfp_human_m1_1000hz.npy and lfp_rat_hippocampus_1000hz.npy (one channel each, 1000 Hz, from the
sample data of NeuroDSP).
"""

import matplotlib.pyplot as plt
import numpy as np
from tutorial import arguments, save

import syncopy as spy

FS = 1000.0


def load(folder, name, seconds=10):
    """The first seconds of a recording, from t = 0 on."""
    values = np.load(folder / name).reshape(-1, 1).astype("f4")[: int(seconds * FS)]
    return spy.AnalogData(values, samplerate=FS, channel=[name.split("_")[1]])


def cut(data, seconds):
    """Trials of so many seconds."""
    values, length = data.data[()], int(seconds * FS)
    pieces = [values[start : start + length] for start in range(0, len(values) - length + 1, length)]
    return spy.AnalogData(pieces, samplerate=FS)


def panels(data, title, rows=2):
    """A figure with the signal on top."""
    figure, axes = plt.subplots(
        rows, 1, figsize=(9, 2.4 * rows), sharex=True, layout="constrained", height_ratios=[1] + [2] * (rows - 1)
    )
    axes[0].plot(data.time[0], data.data[:, 0], lw=0.6, color="0.2")
    axes[0].set(title=title, ylabel="LFP (a.u.)", xlim=data.time[0][[0, -1]])
    axes[-1].set_xlabel("time (s)")
    return figure, axes


def image(axis, spec, label):
    """Power over time and frequency."""
    power = spec.trials[0][:, 0, :, 0].T
    mesh = axis.pcolormesh(
        spec.time[0], spec.freq, power, shading="nearest", vmax=np.nanquantile(power, 0.995), rasterized=True
    )
    axis.set(ylabel="frequency (Hz)")
    axis.figure.colorbar(mesh, ax=axis, label=label)


def mtmconvol(human, rat):
    figure, axes = panels(human, "mtmconvol: sliding windows of 0.5 s, 3 Slepian tapers, NaN at the edges")
    spec = spy.freqanalysis(
        human, method="mtmconvol", t_ftimwin=0.5, tapsmofrq=4, foilim=[4, 60], toi=0.95, edges="nan"
    )
    image(axes[1], spec, "power per bin (a.u.)")
    return figure


def wavelet(human, rat):
    figure, axes = panels(rat, "wavelet: Morlet, width 8, with its cone of influence")
    spec = spy.freqanalysis(rat, method="wavelet", foi=np.geomspace(1, 40, 60), width=8)
    image(axes[1], spec, "power (a.u.)")
    edge = np.array(spec.info["cone_of_influence"])
    for times in (edge, spec.time[0][-1] - edge):
        axes[1].plot(times, spec.freq, color="w", lw=1)
    axes[1].set(yscale="log", yticks=[1, 2, 4, 8, 16, 32], yticklabels=["1", "2", "4", "8", "16", "32"])
    return figure


def superlet(human, rat):
    figure, axes = panels(human, "superlet: adaptive orders 1 to 10, above Morlet wavelets of width 6", rows=3)
    foi = np.arange(8, 60, 0.5)
    image(axes[1], spy.freqanalysis(human, method="superlet", foi=foi, order_max=10, adaptive=True), "power (a.u.)")
    image(axes[2], spy.freqanalysis(human, method="wavelet", foi=foi), "power (a.u.)")
    return figure


def hilbert(human, rat):
    figure, axes = panels(human, "hilbert: band of 20 ± 5 Hz", rows=3)
    amplitude, wave = (
        spy.freqanalysis(human, method="hilbert", foi=[20], width=5, output=output, edges="nan").data[:, 0, 0, 0]
        for output in ("abs", "real")
    )
    axes[1].plot(human.time[0], np.sqrt(2) * wave, lw=0.6, color="0.6")
    axes[1].plot(human.time[0], np.sqrt(2) * amplitude, color="C3")
    axes[1].set(ylabel="band, amplitude (a.u.)")
    phase = spy.freqanalysis(human, method="hilbert", foi=[20], width=5, output="angle").data[:, 0, 0, 0]
    axes[2].plot(human.time[0], phase, ".", ms=1.5)
    axes[2].set(ylabel="phase (rad)", yticks=[-np.pi, 0, np.pi], yticklabels=["−π", "0", "π"], xlim=[2.5, 6])
    return figure


def spectra(human, rat, method, draw):
    """A figure with a panel of log-log spectra for each recording."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    axes[0].set(ylabel="power per bin (a.u.)")
    for axis, data, name in zip(axes, (human, rat), ("human motor cortex", "rat hippocampus"), strict=True):
        axis.set(title=f"{method}: {name}", xlabel="frequency (Hz)", xscale="log", yscale="log")
        draw(axis, data)
        axis.set_xticks([2, 5, 10, 20, 50], ["2", "5", "10", "20", "50"])
        axis.tick_params(which="minor", labelbottom=False)
        axis.legend(frameon=False)
    return figure


def mtmfft(human, rat):
    def draw(axis, data):
        for label, options in (("Hann window", {}), ("7 Slepian tapers, ± 2 Hz", {"tapsmofrq": 2})):
            spec = spy.freqanalysis(cut(data, 2), foilim=[2, 80], keeptrials=False, **options)
            axis.plot(spec.freq, spec.data[0, 0, :, 0], label=label)

    return spectra(human, rat, "mtmfft", draw)


def welch(human, rat):
    def draw(axis, data):
        for average in ("mean", "median"):
            spec = spy.freqanalysis(data, method="welch", t_ftimwin=2.0, toi=0.5, foilim=[1, 80], average=average)
            axis.plot(spec.freq, spec.data[0, 0, :, 0], label=average)

    return spectra(human, rat, "welch", draw)


def irasa(human, rat):
    def draw(axis, data):
        for part in ("original", "fractal"):
            spec = spy.freqanalysis(cut(data, 2), method="irasa", output=part, foilim=[2, 80], keeptrials=False)
            axis.plot(spec.freq, spec.data[0, 0, :, 0], label=part)

    return spectra(human, rat, "irasa", draw)


def fooof(human, rat):
    def draw(axis, data):
        for output, color in (("pow", "0.6"), ("fooof", "C3"), ("fooof_aperiodic", "C0")):
            options = {} if output == "pow" else {"fooof_opt": {"max_n_peaks": 4, "peak_width_limits": [1, 12]}}
            spec = spy.freqanalysis(
                cut(data, 2), output=output, tapsmofrq=1, foilim=[2, 55], keeptrials=False, **options
            )
            axis.plot(spec.freq, spec.data[0, 0, :, 0], color=color, label=output)
        peak = max(spec.info["peak_params"][0][0], key=lambda one: one[1])
        exponent = spec.info["aperiodic_params"][0][0][-1]
        axis.text(0.03, 0.05, f"peak {peak[0]:.1f} Hz\nexponent {exponent:.2f}", transform=axis.transAxes)

    return spectra(human, rat, "fooof", draw)


def main():
    out, recordings = arguments(__doc__)
    if recordings is None:
        return
    human, rat = load(recordings, "lfp_human_m1_1000hz.npy"), load(recordings, "lfp_rat_hippocampus_1000hz.npy")
    long = load(recordings, "lfp_rat_hippocampus_1000hz.npy", seconds=150)
    for draw, of_rat in (
        (mtmfft, long),
        (mtmconvol, rat),
        (wavelet, rat),
        (superlet, rat),
        (hilbert, rat),
        (welch, long),
        (irasa, long),
        (fooof, long),
    ):
        save(draw(human, of_rat), out / f"{draw.__name__}.png")


if __name__ == "__main__":
    main()
