"""Spikes: rasters, peri-stimulus time histograms, and units that follow a rhythm.

    python examples/spikes.py --out DIR [--shared FOLDER]

Simulated head-direction units show that the analysis finds what is there; then come real ones, from
FOLDER/recordings/spikes_head_direction.nwb.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import gaussian_filter1d
from tutorial import arguments, save

import syncopy as spy
from syncopy.synthdata import locking_strength, phase_locked_spikes

RATE = 1000  # Hz, of the simulation
TURN = 90  # degrees per second, on average
PREFERRED = np.array([0, 90, 180])  # degrees, of three units


def simulate_turning(seconds=600, seed=3):
    """An animal that turns, always to the left but not evenly, and three units that each like a direction."""
    rng = np.random.default_rng(seed)
    speed = TURN + 15 * gaussian_filter1d(rng.standard_normal(seconds * RATE), RATE / 2) * np.sqrt(RATE)
    direction = np.cumsum(speed) / RATE  # degrees, not wrapped
    rate = 2 + 38 * np.exp(6 * (np.cos(np.radians(direction[:, None] - PREFERRED)) - 1))  # spikes per second
    sample, unit = np.nonzero(rng.random(rate.shape) < rate / RATE)
    spikes = spy.SpikeData(np.column_stack([sample, np.zeros_like(unit), unit]), samplerate=RATE)
    spikes.unit = [f"likes {angle}°" for angle in PREFERRED]
    return spikes, direction


def turning_trials(spikes, direction):
    crossing = np.flatnonzero(np.diff(np.floor(direction / 360)) == 1) + 1  # the head passes 0°
    crossing = crossing[(crossing > 2 * RATE) & (crossing < len(direction) - 4 * RATE)]
    events = spy.EventData(np.column_stack([crossing, np.ones_like(crossing)]), samplerate=RATE)
    spy.definetrial(spikes, events, pre=1, post=3, trigger=1)
    return spikes


def turning_psth(spikes):
    psth = spy.spike_psth(spikes, binsize=0.1, latency=[-1, 3], keeptrials=False)
    psth.channel = spikes.unit
    print(f"{len(spikes.trials)} crossings of 0° at {TURN}° per second")
    for unit, angle, rate in zip(psth.channel, PREFERRED, psth.avg[()].T, strict=True):
        print(f"  {unit}: peak at {psth.time[0][np.argmax(rate)]:5.2f} s, expected at {angle / TURN:4.2f} s")
    figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.6), layout="constrained")
    spikes.singlepanelplot(unit=1, trials=slice(60), ax=axes[0])
    axes[0].set_title(f"spikes of the unit that likes {PREFERRED[1]}°")
    psth.singlepanelplot(shifted=False, band=False, ax=axes[1])
    axes[1].set(title="time since the head passed 0°", ylabel="spikes per second")
    return figure


def import_units(recordings):
    units = spy.load(recordings / "spikes_head_direction.nwb")
    print(f"{len(units.data)} spikes of {', '.join(units.unit)} in {units.trialintervals[0, 1]:.0f} s")
    return units


def thin(units, seed=0):
    """Give every spike to one of two recordings, by tossing a coin."""
    rows = units.data[()]
    heads = np.random.default_rng(seed).random(len(rows)) < 0.5
    halves = [spy.SpikeData(rows[chosen], samplerate=units.samplerate) for chosen in (heads, ~heads)]
    for half in halves:
        half.unit = units.unit
    return halves


def find_bouts(units, unit, width=0.2):
    """Seconds at which a unit begins to fire: its smoothed rate rises above mean + 2 standard deviations."""
    psth = spy.spike_psth(spy.selectdata(units, unit=unit), binsize=0.02)
    rate = gaussian_filter1d(psth.trials[0][:, 0].astype(float), width * psth.samplerate)
    above = rate > rate.mean() + 2 * rate.std()
    times = psth.time[0][np.flatnonzero(above[1:] & ~above[:-1]) + 1]
    first = np.diff(times, prepend=-np.inf) > 2  # the others belong to the bout before
    return times[first & (times > 3) & (times < psth.time[0][-1] - 3)]


def bout_psth(units, times):
    sample = np.round(times * units.samplerate).astype(int)
    events = spy.EventData(np.column_stack([sample, np.ones_like(sample)]), samplerate=units.samplerate)
    spy.definetrial(units, events, pre=2, post=2, trigger=1)
    return spy.spike_psth(units, binsize=0.1, latency=[-2, 2], keeptrials=False)


def real_units(units):
    figure, axes = plt.subplots(1, 3, figsize=(10, 3.4), sharey=True, layout="constrained")
    defining, held_out = thin(units)
    for axis, unit in zip(axes, units.unit, strict=True):
        times = find_bouts(defining, unit)
        psth = bout_psth(held_out, times)
        chance = bout_psth(held_out, np.sort((times + 300) % 1080 + 3))
        for number, name in enumerate(units.unit):
            rate, error = 2 * psth.avg[:, number], 2 * np.sqrt(psth.var[:, number] / len(times))  # half the spikes
            axis.fill_between(psth.time[0], rate - error, rate + error, alpha=0.3, lw=0)
            axis.plot(psth.time[0], rate, label=name)
            if name == unit:
                early = rate[(psth.time[0] > 0) & (psth.time[0] < 0.3)].mean()
                level = 2 * chance.avg[:, number].mean()
                print(
                    f"{name}: {len(times)} bouts begin with {early:.1f} spikes per second; at other times {level:.1f}"
                )
        axis.set(title=f"bouts of {unit}", xlabel="time since the bout began (s)")
    axes[0].set_ylabel("spikes per second")
    axes[0].legend(frameon=False)
    return figure


def phase_locking(axis):
    field, spikes = phase_locked_spikes(freq=40, rate=20, concentration=1, preferred=np.pi / 2, nTrials=100, seed=4)
    phase = spy.freqanalysis(field, method="hilbert", foi=40, width=8, output="angle")
    angles = phase.data[:, 0, 0, 0][spikes.sample]  # field and spikes count the same samples
    mean = np.exp(1j * angles).mean()
    print(
        f"locking {abs(mean):.2f} at {np.angle(mean):.2f} rad, truth {locking_strength(1):.2f} at {np.pi / 2:.2f} rad"
    )
    axis.hist(angles, np.linspace(-np.pi, np.pi, 25), color="0.6")
    axis.set(xlabel="phase of the field (rad)", ylabel="spikes")
    axis.set_xticks([-np.pi, 0, np.pi], ["−π", "0", "π"])
    return field, spikes


def spike_field_coherence(field, spikes, axis):
    counts = spy.spike_psth(spikes, binsize=1 / field.samplerate, output="spikecount", latency="minperiod")
    both = (np.hstack(pair) for pair in zip(field.trials, counts.trials, strict=True))
    both = spy.AnalogData(both, samplerate=field.samplerate, channel=["field", "unit"])
    coh = spy.connectivityanalysis(both, method="coh", tapsmofrq=3, foilim=[10, 100])
    value = coh.show(channel_i="field", channel_j="unit")
    print(f"coherence of spikes and field: {value.max():.2f} at {coh.freq[value.argmax()]:.0f} Hz")
    axis.plot(coh.freq, value)
    axis.set(xlabel="frequency (Hz)", ylabel="coherence of spikes and field", ylim=(0, 1))


def main():
    out, recordings = arguments(__doc__)
    save(turning_psth(turning_trials(*simulate_turning())), out / "spikes_turning.png")
    figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.2), layout="constrained")
    spike_field_coherence(*phase_locking(axes[0]), axes[1])
    save(figure, out / "spikes_locking.png")
    if recordings is not None:
        save(real_units(import_units(recordings)), out / "spikes_bouts.png")


if __name__ == "__main__":
    main()
