"""Every kind of figure, on an EEG recording and on spikes that are made here.

    python examples/plots.py --out DIR [--shared FOLDER]

The EEG is FOLDER/recordings/eeg_visual_fieldtrip.mat, 80 trials around a visual stimulus.
"""

import numpy as np
from tutorial import arguments, save

import syncopy as spy


def make_spikes(n_trials=40):
    """Three units; the first two answer at t = 0.1 s."""
    rng = np.random.default_rng(2)
    rows = []
    for trial in range(n_trials):
        for unit, (rate, answer) in enumerate(((10, 12), (25, 15), (5, 0))):
            samples = np.concatenate([rng.uniform(0, 1500, rng.poisson(1.5 * rate)), rng.normal(600, 60, answer)])
            rows += [(1500 * trial + int(sample), 0, unit) for sample in np.clip(samples, 0, 1499)]
    borders = [[1500 * trial, 1500 * (trial + 1), -500] for trial in range(n_trials)]
    return spy.SpikeData(np.array(rows), samplerate=1000, trialdefinition=borders, unit=["A", "B", "C"])


def rasters():
    spikes = make_spikes()
    yield "raster", spikes.singlepanelplot(unit="A", psth=0.025)
    yield "rasters", spikes.multipanelplot(on_yaxis="unit", trials=[0, 1, 2])


def signals(eeg):
    yield "traces", eeg.singlepanelplot(trials=0, channel=["F3", "Fz", "F4", "C3", "Cz", "C4", "P3", "Pz", "P4"])
    erp = spy.timelockanalysis(eeg, latency=[-0.3, 0.8])
    yield "average", erp.singlepanelplot(channel=["Fz", "Oz"], shifted=False, band=spy.sem(erp, dim="trials"))
    yield "topography", erp.topoplot(latency=[0.26, 0.3], names=True)


def spectra(eeg):
    trials = spy.freqanalysis(eeg, tapsmofrq=2, foilim=[2, 45])
    mean, error = spy.mean(trials, dim="trials"), spy.sem(trials, dim="trials")
    yield "spectra", mean.singlepanelplot(channel=["Fz", "Oz"], band=error)
    yield "alpha", mean.topoplot(frequency=[8, 12])
    halves = [
        spy.freqanalysis(eeg, tapsmofrq=2, foilim=[2, 45], keeptrials=False, select={"latency": window})
        for window in ([-1, -0.01], [0.2, 1.19])
    ]
    yield "conditions", spy.plot(halves, labels=["before", "after"], channel=["Fz", "Pz", "Oz"], scale="log")


def images(eeg):
    power = spy.freqanalysis(
        eeg, method="mtmconvol", t_ftimwin=0.5, toi=0.95, foilim=[4, 40], edges="nan", keeptrials=False
    )
    yield "timefreq", power.singlepanelplot(channel="Oz", scale="dB")
    waves = spy.freqanalysis(
        eeg, method="wavelet", foi=np.arange(3, 30, 0.5), output="fourier", select={"channel": ["Fz", "Oz"]}
    )
    yield "itc", spy.itc(waves).multipanelplot(zlim="zeromax")


def pairs(eeg):
    coherence = spy.connectivityanalysis(eeg, method="coh", tapsmofrq=2, foilim=[2, 45], jackknife=True)
    yield "coherence", coherence.singlepanelplot(channel_i="Oz", channel_j=["Pz", "Cz", "Fz"])
    yield "matrix", coherence.singlepanelplot(frequency=10)
    yield "seed", coherence.topoplot(channel_i="Oz", frequency=[8, 12])


def main():
    out, recordings = arguments(__doc__)
    for name, (figure, _) in rasters():
        save(figure, out / f"plots_{name}.png")
    if recordings is None:
        return
    raw = spy.load_ft_raw(recordings / "eeg_visual_fieldtrip.mat")["data"]
    eeg = spy.selectdata(raw, channel=["all", "-EOG*"])
    eeg.info["unit"] = "µV"
    for draw in (signals, spectra, images, pairs):
        for name, (figure, _) in draw(eeg):
            save(figure, out / f"plots_{name}.png")


if __name__ == "__main__":
    main()
