"""Event-related potentials of two kinds of trials: the response to a stimulus after strong and after weak alpha.

    python examples/erp.py --out DIR [--shared FOLDER]

The EEG is FOLDER/recordings/eeg_visual_fieldtrip.mat, 80 trials around a visual stimulus.
"""

import matplotlib.pyplot as plt
import numpy as np
from tutorial import arguments, save

import syncopy as spy

WHERE = "POz"


def import_eeg(recordings):
    eeg = spy.load_ft_raw(recordings / "eeg_visual_fieldtrip.mat")["data"]
    return spy.selectdata(eeg, channel=["all", "-EOG*"])


def describe_trials(eeg):
    spectra = spy.freqanalysis(eeg, tapsmofrq=2, foilim=[8, 12], select={"latency": [-1, -0.01], "channel": WHERE})
    alpha = spectra.data[:, 0, :, 0].mean(axis=1)
    eeg.trialtable = {"alpha": alpha, "strong": alpha > np.median(alpha)}
    print(f"alpha before the stimulus, at {WHERE}: {alpha.min():.0f} to {alpha.max():.0f} µV² per bin")


def average(eeg):
    clean = spy.preprocessing(eeg, filter_class="but", filter_type="lp", freq=25, baselinewindow=[-0.2, 0])
    strong = spy.timelockanalysis(clean, latency=[-0.3, 0.8], select={"trials": "strong == 1"})
    weak = spy.timelockanalysis(clean, latency=[-0.3, 0.8], select={"trials": "strong == 0"})
    strong.info["unit"] = weak.info["unit"] = "µV"  # for the axes of figures
    return {"strong alpha": strong, "weak alpha": weak}


def compare(conditions):
    errors = [spy.sem(erp, dim="trials") for erp in conditions.values()]
    figure, axis = spy.plot(list(conditions.values()), labels=list(conditions), channel=WHERE, band=errors)
    axis.set_title(f"{WHERE}, mean ± standard error")
    for (name, erp), error in zip(conditions.items(), errors, strict=True):
        for what, window, extreme in (("N1", [0.2, 0.35], np.argmin), ("P3", [0.35, 0.55], np.argmax)):
            part = spy.selectdata(spy.mean(erp, dim="trials"), latency=window, channel=WHERE)
            at = extreme(part.show())
            width = error.show(latency=window, channel=WHERE)[at]
            print(f"{name}: {what} of {part.show()[at]:5.1f} ± {width:.1f} µV at {1000 * part.time[0][at]:.0f} ms")
    return figure


def maps(conditions):
    figure, axes = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
    for axis, (name, window) in zip(axes, {"N1": [0.26, 0.3], "P3": [0.4, 0.46]}.items(), strict=True):
        conditions["weak alpha"].topoplot("standard_1020", latency=window, zlim="maxabs", names=True, ax=axis)
        axis.set_title(f"{name}, {1000 * window[0]:.0f} to {1000 * window[1]:.0f} ms")
    return figure


def main():
    out, recordings = arguments(__doc__)
    if recordings is None:
        return
    eeg = import_eeg(recordings)
    describe_trials(eeg)
    conditions = average(eeg)
    save(compare(conditions), out / "erp_conditions.png")
    save(maps(conditions), out / "erp_maps.png")


if __name__ == "__main__":
    main()
