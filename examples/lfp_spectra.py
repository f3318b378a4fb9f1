"""Spectra of local field potentials, from the file to the rhythm.

    python examples/lfp_spectra.py --out DIR [--shared FOLDER]

Tapers are compared on a signal whose spectrum is known; the rest is done with recordings of FOLDER/recordings: theta of
rat hippocampus, beta of human motor cortex, line noise of an EEG amplifier.
"""

import matplotlib.pyplot as plt
import numpy as np
from tutorial import arguments, save

import syncopy as spy
from syncopy.synthdata import ar_network, ar_spectrum


def import_signals(recordings):
    theta = np.load(recordings / "lfp_rat_hippocampus_1000hz.npy", mmap_mode="r")  # int16, 150 s
    beta = np.load(recordings / "lfp_human_m1_1000hz.npy")  # float64, 10 s
    rat = spy.AnalogData(theta[:, None], samplerate=1000, channel=["CA1"])
    human = spy.AnalogData(beta[:, None], samplerate=1000, channel=["M1"])
    for data in (rat, human):
        data.trialdefinition = [[0, len(data.data), 0]]  # one trial; its first sample lies at t = 0
    return rat, human


def define_trials(data, seconds):
    length = int(seconds * data.samplerate)
    starts = np.arange(0, len(data.data) - length + 1, length)
    trials = spy.copy(data)
    spy.definetrial(trials, np.column_stack([starts, starts + length, np.zeros(len(starts))]))
    return trials


def find_artefacts(trials):
    size = np.array(spy.std(trials, dim="time").show()).ravel()  # one number per trial
    middle = np.median(size)
    spread = 1.4826 * np.median(np.abs(size - middle))  # a standard deviation that outliers do not move
    return np.flatnonzero(np.abs(size - middle) > 5 * spread)


def reject_artefacts(trials):
    values = [trial.astype("f4") for trial in trials.trials]
    values[10][500:520] += 20000  # so that there is something to find: a jump of the amplifier,
    values[42][:] = 0  # and a plug that came out
    spoilt = spy.AnalogData(values, samplerate=trials.samplerate, channel=trials.channel)
    bad = find_artefacts(spoilt)
    print(f"artefacts in trials {bad.tolist()}")
    return spy.selectdata(spoilt, trials=np.setdiff1d(np.arange(len(values)), bad))


def remove_line_noise(recordings):
    scalp = spy.selectdata(spy.load(recordings / "biosemi.edf"), channel=["A*"])  # one trial of 6 s
    fit = {"filter_class": None, "polyremoval": 0, "dftfilter": True, "dftfreq": [50, 100, 150]}
    versions = {
        "as recorded": define_trials(scalp, 1),
        "sines of 6 s removed": define_trials(spy.preprocessing(scalp, **fit), 1),
        "sines of 1 s removed": spy.preprocessing(define_trials(scalp, 1), **fit),
    }
    cfg = spy.get_defaults(spy.freqanalysis)
    cfg.tapsmofrq, cfg.foilim, cfg.keeptrials = 2, [30, 170], False
    spectra = [spy.mean(spy.freqanalysis(cfg, data), dim="channel") for data in versions.values()]
    for name, spectrum in zip(versions, spectra, strict=True):
        hum, beside = spectrum.show(frequency=50), spectrum.show(frequency=[40, 46]).mean()
        print(f"{name:21s} 50 Hz stand out by {10 * np.log10(hum / beside):4.1f} dB")
    figure, axis = spy.plot(spectra, labels=list(versions))
    axis.set_title(f"mean of {len(scalp.channel)} electrodes")
    return figure


def theta_spectrum(trials):
    spectra = spy.freqanalysis(trials, method="mtmfft", tapsmofrq=1, foilim=[1, 60])
    average, error = spy.mean(spectra, dim="trials"), spy.sem(spectra, dim="trials")
    theta = spy.selectdata(average, frequency=[4, 12])
    peak = theta.freq[theta.show().argmax()]
    power, width = average.show(frequency=peak), error.show(frequency=peak)
    print(f"theta at {peak:.1f} Hz: {power:.3g} ± {width:.2g} units² per bin")
    return average.singlepanelplot(band=error)[0]


RESONANCES = [(20, 0.98), (60, 0.95)]  # Hz, radius of the pole
RATE = 500


def known_network():
    """Coefficients (lag, to, from) of one channel with a pair of poles for each resonance."""
    poles = [radius * np.exp(sign * 2j * np.pi * freq / RATE) for freq, radius in RESONANCES for sign in (1, -1)]
    return -np.poly(poles).real[1:, None, None]


TAPERS = {
    "boxcar": {"taper": "boxcar"},
    "Hann": {"taper": "hann"},
    "7 Slepian tapers": {"tapsmofrq": 4},
}


def compare_tapers():
    coefficients = known_network()
    data = ar_network(coefficients, nSamples=RATE, nTrials=200, samplerate=RATE, seed=1)  # trials of 1 s
    figure, axes = plt.subplots(1, 3, figsize=(9.5, 3.3), sharey=True, layout="constrained")
    for axis, (name, options) in zip(axes, TAPERS.items(), strict=True):
        spectra = spy.freqanalysis(data, method="mtmfft", foilim=[1, 240], **options)
        density = spectra.data[:, 0, :, 0] * RATE / RATE  # per bin -> per Hz: samples of a trial / sample rate
        truth = ar_spectrum(coefficients, None, spectra.freq, RATE)[:, 0, 0].real
        bias = 10 * np.log10(density.mean(axis=0) / truth)
        scatter = 100 * density.std(axis=0) / density.mean(axis=0)
        peak, slope, floor = spectra.freq.searchsorted([20, 40, 200])
        print(
            f"{name:17s} off by {bias[peak]:5.1f} dB at 20 Hz, {bias[floor]:5.1f} dB at 200 Hz; "
            f"single trials scatter by {scatter[slope]:3.0f} % at 40 Hz"
        )
        for values, style in ((density[0], "0.75"), (density.mean(axis=0), "C0"), (truth, "k--")):
            axis.plot(spectra.freq, 10 * np.log10(values), style, lw=1)
        axis.set(title=name, xlabel="frequency (Hz)")
    axes[0].set_ylabel("power density (dB per Hz)")
    axes[0].legend(["one trial", "mean of 200", "truth"], frameon=False)
    return figure


def time_frequency(human):
    windows = spy.freqanalysis(
        human, method="mtmconvol", t_ftimwin=0.5, tapsmofrq=4, foilim=[6, 50], toi=np.arange(0, 10, 0.02), edges="nan"
    )
    superlets = spy.freqanalysis(human, method="superlet", foi=np.arange(6, 50.5, 0.5), order_max=10, adaptive=True)
    figure, axes = plt.subplots(3, 1, figsize=(8, 6.4), sharex=True, layout="constrained", height_ratios=[1, 2, 2])
    human.singlepanelplot(ax=axes[0])
    axes[0].get_legend().remove()
    windows.singlepanelplot(ax=axes[1])
    superlets.singlepanelplot(ax=axes[2])
    for axis, title in zip(
        axes, ("motor cortex", "windows of 0.5 s, 3 tapers", "superlets of order 1 to 10"), strict=True
    ):
        axis.set_title(title)
        axis.label_outer()
    return figure


def background(rat, human):
    window = 1.8  # s, of IRASA in trials of 2 s
    figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.6), layout="constrained")
    for axis, (name, trials) in zip(axes, {"rat hippocampus": rat, "human motor cortex": human}.items(), strict=True):
        cfg = {"foilim": [2, 50], "keeptrials": False}
        power = spy.freqanalysis(trials, tapsmofrq=1, **cfg)
        settings = {"max_n_peaks": 3, "peak_width_limits": [1, 12]}
        model = spy.freqanalysis(trials, tapsmofrq=1, output="fooof", fooof_opt=settings, **cfg)
        fractal = spy.freqanalysis(trials, method="irasa", output="fractal", windowlength=window, **cfg)
        offset, exponent = model.info["aperiodic_params"][0][0]
        peaks = [f"{freq:.1f} Hz" for freq, height, width in model.info["peak_params"][0][0]]
        print(f"{name}: 1/f^{exponent:.2f} and peaks at {', '.join(peaks)}")
        # power is per bin, and bins are as wide as trials or windows are short: in a common figure, power per Hz
        axis.loglog(power.freq, 2 * power.show(), color="0.6", lw=3, label="power")
        axis.loglog(model.freq, 2 * model.show(), label="FOOOF: model")
        axis.loglog(model.freq, 2 * 10**offset / model.freq**exponent, "--", label="FOOOF: background")
        axis.loglog(fractal.freq, window * fractal.show(), label="IRASA: fractal part")
        axis.set(title=name, xlabel="frequency (Hz)", ylabel="power density (units²/Hz)")
        axis.set_xticks([2, 5, 10, 20, 50], ["2", "5", "10", "20", "50"])
        axis.tick_params(which="minor", labelbottom=False)
    axes[0].legend(frameon=False)
    return figure


def main():
    out, recordings = arguments(__doc__)
    save(compare_tapers(), out / "lfp_tapers.png")
    if recordings is None:
        return
    save(remove_line_noise(recordings), out / "lfp_line_noise.png")
    rat, human = import_signals(recordings)
    trials = reject_artefacts(define_trials(rat, 2))
    save(theta_spectrum(trials), out / "lfp_theta.png")
    save(time_frequency(human), out / "lfp_beta.png")
    save(background(trials, define_trials(human, 2)), out / "lfp_background.png")


if __name__ == "__main__":
    main()
