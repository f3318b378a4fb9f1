"""Alpha rhythm and coherence of an EEG recording in FieldTrip's format.

    python examples/eeg_alpha.py eeg_visual_fieldtrip.mat [FOLDER]

Writes the results (.spy) and two figures to FOLDER, by default `eeg_alpha`.
"""

import sys
from pathlib import Path

import syncopy as spy


def main(recording, folder="eeg_alpha"):
    out = Path(folder)
    out.mkdir(exist_ok=True)
    data = next(iter(spy.load_ft_raw(recording).values()))
    clean = spy.preprocessing(data, filter_class="but", filter_type="bp", freq=[1, 45])

    cfg = spy.get_defaults(spy.freqanalysis)
    cfg.method, cfg.tapsmofrq, cfg.foilim, cfg.keeptrials = "mtmfft", 2, [1, 45], False
    spec = spy.freqanalysis(cfg, clean)
    coh = spy.connectivityanalysis(clean, method="coh", tapsmofrq=2, foilim=[1, 45])

    alpha = spec.show(frequency=[8, 12]).mean(axis=0)
    strongest = str(spec.channel[alpha.argmax()])
    print(f"strongest alpha rhythm: {strongest}")
    spec.save(str(out / "spectra"), overwrite=True)
    coh.save(str(out / "coherence"), overwrite=True)
    spec.singlepanelplot(channel=strongest)[0].savefig(out / "spectrum.png")
    coh.singlepanelplot(frequency=10)[0].savefig(out / "coherence_at_10_Hz.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
