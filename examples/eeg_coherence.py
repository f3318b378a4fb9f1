"""Which channels oscillate together, and who leads: a network whose truth is known, and a real EEG.

    python examples/eeg_coherence.py --out DIR [--shared FOLDER]

The EEG is FOLDER/recordings/eeg_visual_fieldtrip.mat, 80 trials around a visual stimulus.
"""

import matplotlib.pyplot as plt
import numpy as np
from tutorial import arguments, save

import syncopy as spy
from syncopy.synthdata import ar_coherence, ar_granger, ar_network

RATE = 250
AREAS = ["V1", "V4", "S1", "M1"]
DELAY = 2  # samples from V1 to V4, 8 ms


def network():
    """Coefficients (lag, to, from): V1, S1 and M1 oscillate at 10 Hz, V1 drives V4, nothing else is coupled."""
    lags = np.zeros((DELAY, 4, 4))
    for area in (0, 2, 3):
        lags[0, area, area] = 2 * 0.9 * np.cos(2 * np.pi * 10 / RATE)
        lags[1, area, area] = -(0.9**2)
    lags[DELAY - 1, 1, 0] = 0.05
    return lags


def simulate():
    data = ar_network(network(), nSamples=2 * RATE, nTrials=1000, samplerate=RATE, seed=2)
    data.channel = AREAS
    return data


def coherence_with_errors(data, axis):
    coh = spy.connectivityanalysis(data, method="coh", tapsmofrq=1, foilim=[2, 50], jackknife=True)
    truth = np.abs(ar_coherence(network(), None, coh.freq, RATE))
    for number, pair in enumerate([("V1", "V4"), ("V1", "S1")]):
        i, j = map(AREAS.index, pair)
        value, error = coh.show(channel_i=i, channel_j=j), coh.jack_sem[0, :, i, j]
        axis.fill_between(coh.freq, value - 2 * error, value + 2 * error, color=f"C{number}", alpha=0.3, lw=0)
        axis.plot(coh.freq, value, f"C{number}", label=" and ".join(pair))
        axis.plot(coh.freq, truth[:, i, j], "k--", lw=1)
    at = coh.freq.searchsorted(10)
    print(f"V1-V4 at 10 Hz: {coh.data[0, at, 0, 1]:.3f} ± {coh.jack_sem[0, at, 0, 1]:.3f}, truth {truth[at, 0, 1]:.3f}")
    axis.set(xlabel="frequency (Hz)", ylabel="coherence", ylim=(-0.05, 1))
    axis.legend(frameon=False)


def direction(data, axis):
    granger = spy.connectivityanalysis(data, method="granger", tapsmofrq=1)
    truth = ar_granger(network(), None, granger.freq, RATE)
    for number, (sender, receiver) in enumerate([("V1", "V4"), ("V4", "V1")]):
        i, j = AREAS.index(sender), AREAS.index(receiver)
        value = granger.show(channel_i=sender, channel_j=receiver)
        axis.plot(granger.freq, value, f"C{number}", label=f"{sender} → {receiver}")
        axis.plot(granger.freq, truth[:, i, j], "k--", lw=1)
        at = granger.freq.searchsorted(10)
        print(f"Granger {sender} → {receiver} at 10 Hz: {value[at]:.2f}, truth {truth[at, i, j]:.2f}")
    axis.set(xlabel="frequency (Hz)", ylabel="Granger causality", xlim=(2, 50))
    axis.legend(frameon=False)


def volume_conduction(data):
    leak = np.kron(np.eye(2), [[1, 0.6], [0.6, 1]])  # electrodes see their neighbour's source, at once
    seen = spy.AnalogData((trial @ leak for trial in data.trials), samplerate=RATE, channel=["E1", "E2", "E3", "E4"])
    cfg = {"tapsmofrq": 1, "foilim": [2, 50]}
    measures = spy.connectivityanalysis(seen, method=["coh", "ciplv", "wpli_debiased"], **cfg)
    figure, axes = plt.subplots(1, 3, figsize=(9.5, 3.2), sharey=True, layout="constrained")
    for axis, (name, result) in zip(axes, measures.items(), strict=True):
        coupled = result.show(channel_i="E1", channel_j="E2")
        mixed = result.show(channel_i="E3", channel_j="E4")
        axis.plot(result.freq, coupled, label="E1, E2: coupled and mixed")
        axis.plot(result.freq, mixed, label="E3, E4: mixed only")
        axis.set(title=name, xlabel="frequency (Hz)", ylim=(-0.05, 1.05))
        at = result.freq.searchsorted(10)
        print(f"{name:13s} at 10 Hz: coupled {coupled[at]:.2f}, mixed only {mixed[at]:.2f}")
    axes[0].set_ylabel("strength of coupling")
    axes[0].legend(frameon=False, loc="center")
    return figure


def import_eeg(recordings):
    eeg = spy.load_ft_raw(recordings / "eeg_visual_fieldtrip.mat")["data"]
    return spy.selectdata(eeg, channel=["all", "-EOG*"])


def alpha(eeg):
    average = spy.preprocessing(eeg, filter_class=None, reref=True)  # reference: the average of all channels
    cfg = spy.get_defaults(spy.freqanalysis)
    cfg.tapsmofrq, cfg.foilim, cfg.keeptrials = 1, [2, 40], False
    for name, data in (("as recorded", eeg), ("average reference", average)):
        power = spy.freqanalysis(cfg, data).show(frequency=[8, 12]).mean(axis=0)
        order = np.argsort(power)[::-1][:4]
        print(f"alpha, {name}: {', '.join(data.channel[order])}")
    return average


def matrices(eeg, average):
    figure, axes = plt.subplots(1, 3, figsize=(13, 4.2), layout="constrained")
    cfg = {"tapsmofrq": 2, "foilim": [2, 40]}
    recorded = spy.connectivityanalysis(eeg, method="coh", **cfg)
    measures = spy.connectivityanalysis(average, method=["coh", "wpli_debiased"], **cfg)
    shown = {
        "coherence, as recorded": recorded,
        "coherence, average reference": measures["coh"],
        "debiased wPLI²": measures["wpli_debiased"],
    }
    for axis, (title, result) in zip(axes, shown.items(), strict=True):
        result.singlepanelplot(frequency=10, ax=axis)
        axis.set_title(title)
        neighbours, distant = (
            result.show(channel_i="FC1", channel_j=other, frequency=10).item() for other in ("Fz", "Oz")
        )
        print(f"{title:28s} at 10 Hz: FC1-Fz {neighbours:.2f}, FC1-Oz {distant:.2f}")
    return figure


def main():
    out, recordings = arguments(__doc__)
    data = simulate()
    figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.4), layout="constrained")
    coherence_with_errors(data, axes[0])
    direction(data, axes[1])
    save(figure, out / "coherence_network.png")
    save(volume_conduction(data), out / "coherence_mixing.png")
    if recordings is None:
        return
    eeg = import_eeg(recordings)
    save(matrices(eeg, alpha(eeg)), out / "coherence_alpha.png")


if __name__ == "__main__":
    main()
