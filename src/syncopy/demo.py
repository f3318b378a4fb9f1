"""The main job, end to end: a recording is filtered, its spectra and coherence are computed, saved and plotted.

Without a file, a synthetic recording is made whose truth is known: an autoregressive network in which V1 (alpha) drives
V4 10 ms later and PFC (gamma) drives FEF, and a channel Cz with an evoked response. The report then compares.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import syncopy as spy
from syncopy.errors import SPYValueError
from syncopy.synthdata import ar_coherence, ar_network, ar_spectrum

Array = NDArray[Any]

SAMPLERATE = 500.0
N_TRIALS, N_SAMPLES, ONSET = 80, 1000, -500
CHANNELS = ["V1", "V4", "PFC", "FEF", "Cz"]
DELAY = 5  # samples from V1 to V4
EVOKED_TIME, EVOKED_WIDTH, EVOKED_HEIGHT = 0.15, 0.03, 2.0

# A continuous recording is cut into segments of this many seconds, or shorter ones, so that there are some.
SEGMENT, FEWEST_SEGMENTS = 2.0, 4
MOST_PANELS = 16


@dataclass
class Report:
    """Lines a user reads, and whether every number is what it should be."""

    lines: list[str] = field(default_factory=list)
    passed: bool = True

    def say(self, text: str) -> None:
        """Add a line, and show it."""
        self.lines.append(text)
        print(text)

    def compare(self, what: str, expected: float, found: float, tolerance: float, unit: str = "") -> None:
        """Add a line that sets a number beside the truth."""
        fits = abs(found - expected) <= tolerance
        self.passed &= bool(fits)
        values = f"expected {expected:8.3f} {unit:3s} found {found:8.3f} {unit:3s}"
        self.say(f"  {what:42s} {values} {'ok' if fits else 'OFF'}")


def coefficients() -> Array:
    """Autoregressive coefficients (lag, to, from) of the synthetic recording."""
    lags = np.zeros((DELAY, len(CHANNELS), len(CHANNELS)))

    def resonance(channel: str, freq: float, radius: float) -> None:
        number = CHANNELS.index(channel)
        lags[0, number, number] = 2 * radius * np.cos(2 * np.pi * freq / SAMPLERATE)
        lags[1, number, number] = -(radius**2)

    resonance("V1", 10, 0.97)
    resonance("PFC", 60, 0.95)
    lags[DELAY - 1, CHANNELS.index("V4"), CHANNELS.index("V1")] = 0.06
    lags[1, CHANNELS.index("FEF"), CHANNELS.index("PFC")] = 0.2
    return lags


def synthetic_recording(seed: int = 1) -> spy.AnalogData:
    """Return the recording whose truth `compare_with_truth` knows."""
    network = ar_network(coefficients(), nSamples=N_SAMPLES, seed=seed, nTrials=N_TRIALS, samplerate=SAMPLERATE)
    time = (np.arange(N_SAMPLES) + ONSET) / SAMPLERATE
    bump = EVOKED_HEIGHT * np.exp(-0.5 * ((time - EVOKED_TIME) / EVOKED_WIDTH) ** 2)

    def trials() -> Iterator[Array]:
        for number in range(N_TRIALS):
            signals = np.array(network.show(trials=number))  # type: ignore[union-attr]
            signals[:, CHANNELS.index("Cz")] += bump
            yield signals

    data = spy.AnalogData(trials(), samplerate=SAMPLERATE, channel=CHANNELS)
    starts = np.arange(N_TRIALS) * N_SAMPLES
    data.trialdefinition = np.column_stack([starts, starts + N_SAMPLES, np.full(N_TRIALS, ONSET)])
    return data


def load_recording(path: Path) -> spy.AnalogData:
    """Load signals from any file this package reads.

    Of channels of several types, those of the most frequent one are kept: a trigger channel has no spectrum. A single
    trial is cut into segments.
    """
    loaded = spy.load(path)
    if isinstance(loaded, dict):
        loaded = next((item for item in loaded.values() if isinstance(item, spy.AnalogData)), None)
    if not isinstance(loaded, spy.AnalogData):
        raise SPYValueError("a file with signals (AnalogData)", "--data", path)
    types = loaded.info.get("channel_type", {})
    if len(set(types.values())) > 1:
        usual = Counter(types.values()).most_common(1)[0][0]
        loaded = loaded.selectdata(channel=[label for label in loaded.channel.tolist() if types.get(label) == usual])
    start, stop = loaded.sampleinfo[0].astype(int)
    length = min(round(SEGMENT * loaded.samplerate), (stop - start) // FEWEST_SEGMENTS)
    if len(loaded.trials) == 1 and length:
        starts = np.arange(start, stop - length + 1, length)
        loaded.trialdefinition = np.column_stack([starts, starts + length, np.zeros(len(starts))])
    return loaded


def run_demo(data_file: Path | None, out: Path) -> Report:
    """Run the main job and write its results to a folder.

    Parameters
    ----------
    data_file : Path or None
        A recording; None for the synthetic one.
    out : Path
        Folder for `.spy` results, figures and the report; made if it does not exist.
    """
    report = Report()
    out.mkdir(parents=True, exist_ok=True)
    data = synthetic_recording() if data_file is None else load_recording(data_file)
    lengths = np.diff(data.sampleinfo, axis=1)
    report.say(
        f"Recording: {data_file or 'synthetic'}: {len(data.trials)} trials of {lengths.min() / data.samplerate:g} s "
        f"or more, {len(data.channel)} channels at {data.samplerate:g} Hz"
    )
    low, high = 1.0, min(100.0, 0.4 * data.samplerate)
    clean = spy.preprocessing(data, filter_class="but", filter_type="bp", freq=[low, high])
    cfg = spy.get_defaults(spy.freqanalysis)
    cfg.method, cfg.tapsmofrq, cfg.foilim, cfg.keeptrials, cfg.parallel = "mtmfft", 2, [2 * low, high], False, True
    spec = spy.freqanalysis(cfg, clean)
    coh = spy.connectivityanalysis(clean, method="coh", tapsmofrq=2, foilim=[2 * low, high], parallel=True)
    report.say(f"Filtered to {low:g}-{high:g} Hz; {spec.freq.size} frequencies, {coh.data.shape[2]}² channel pairs")

    if data_file is None:
        compare_with_truth(report, data, spec, coh)
    pair = describe_findings(report, spec, coh)
    save_results(report, out, {"clean": clean, "spectra": spec, "coherence": coh})
    draw_figures(report, out, clean, spec, coh, pair)
    report.say(f"Replay: spy.freqanalysis(clean, spy.load({str(out / 'spectra.spy')!r}).cfg)")
    (out / "report.txt").write_text("\n".join(report.lines) + "\n")
    print(f"Report: {out / 'report.txt'}")
    return report


def compare_with_truth(report: Report, data: spy.AnalogData, spec: Any, coh: Any) -> None:
    """Set what was found beside what the synthetic recording truly has."""
    report.say("Compared with the truth of the synthetic recording:")
    network, freqs = coefficients(), spec.freq
    # density times the bandwidth of one bin: power per bin, as freqanalysis gives it
    power = np.einsum("fii->fi", ar_spectrum(network, None, freqs, SAMPLERATE)).real * SAMPLERATE / N_SAMPLES
    coherency = ar_coherence(network, None, freqs, SAMPLERATE)
    found = spec.show()
    for channel, low, high in (("V1", 5, 20), ("PFC", 40, 80)):
        number, band = CHANNELS.index(channel), (freqs >= low) & (freqs <= high)
        true_peak, peak = (freqs[band][np.argmax(values[band, number])] for values in (power, found))
        report.compare(f"rhythm of {channel}: peak", true_peak, peak, 1.5, "Hz")
        ratio = found[band, number].sum() / power[band, number].sum()
        report.compare(f"power of {channel} from {low} to {high} Hz: found/true", 1, ratio, 0.1)
    for one, other, freq in (("V1", "V4", 10), ("PFC", "FEF", 60), ("V1", "PFC", 10)):
        near = np.argmin(np.abs(freqs - freq))
        truth = np.abs(coherency[near, CHANNELS.index(one), CHANNELS.index(other)])
        value = coh.show(channel_i=one, channel_j=other, frequency=freqs[near])
        report.compare(f"coherence {one} - {other} at {freq} Hz", truth, float(value), 0.08)
    phase = spy.connectivityanalysis(data, tapsmofrq=2, output="angle", foilim=[5, 15])
    angle = phase.show(channel_i="V1", channel_j="V4")
    delay = np.mean(angle / (2 * np.pi * phase.freq)) * 1e3
    report.compare("delay from V1 to V4", DELAY / SAMPLERATE * 1e3, float(delay), 1.5, "ms")
    average = spy.mean(data, dim="trials").show(channel="Cz")
    time = data.time[0]
    report.compare("evoked response of Cz: time", EVOKED_TIME, time[np.argmax(average)], 0.02, "s")
    report.compare("evoked response of Cz: height", EVOKED_HEIGHT, average.max(), 0.4)


def describe_findings(report: Report, spec: Any, coh: Any) -> tuple[str, str]:
    """Say where the strongest rhythm and the strongest pair are; returns the labels of the pair."""
    power = spec.show(squeeze=False)[0, 0]
    freq, channel = np.unravel_index(np.argmax(power * spec.freq[:, None]), power.shape)
    report.say(f"Strongest rhythm above 1/f: {spec.freq[freq]:.2f} Hz in {spec.channel[channel]}")
    strength = coh.show(squeeze=False)[0].mean(axis=0)
    strength = np.where(np.isfinite(strength), strength, 0)
    np.fill_diagonal(strength, 0)
    i, j = np.unravel_index(np.argmax(strength), strength.shape)
    pair = str(coh.channel_i[i]), str(coh.channel_j[j])
    report.say(f"Strongest coherence on average: {pair[0]} - {pair[1]}, {strength[i, j]:.2f}")
    return pair


def save_results(report: Report, out: Path, results: dict[str, Any]) -> None:
    """Save every object to a container of its own."""
    for name, result in results.items():
        result.save(str(out / name), overwrite=True)
        report.say(f"Saved: {result.filename}")


def draw_figures(report: Report, out: Path, clean: Any, spec: Any, coh: Any, pair: tuple[str, str]) -> None:
    """Draw signals, spectra and coherence."""
    from syncopy.plotting.layout import import_pyplot

    pyplot = import_pyplot()
    panels = min(MOST_PANELS, len(spec.channel))
    drawings: dict[str, Callable[[], tuple[Any, Any]]] = {
        "signals": lambda: clean.singlepanelplot(trials=0, channel=range(panels)),
        "spectra": lambda: spec.singlepanelplot(channel=range(panels)),
        "spectra_per_channel": lambda: spec.multipanelplot(channel=range(panels)),
        "coherence": lambda: coh.singlepanelplot(channel_i=pair[0], channel_j=pair[1]),
    }
    if panels == 1:
        del drawings["spectra_per_channel"]
    for name, draw in drawings.items():
        figure, _ = draw()
        path = out / f"{name}.png"
        figure.savefig(path, dpi=110)
        pyplot.close(figure)
        report.say(f"Figure: {path}")
