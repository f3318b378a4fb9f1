"""The commonest mistakes, and what the package says to them: what was wrong, the rule, what was found, what to do."""

import re
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import syncopy as spy

TYPE, VALUE, IO, ANY = spy.SPYTypeError, spy.SPYValueError, spy.SPYIOError, spy.SPYError

CHANNELS = ["Fz", "Cz", "Oz", "EOG"]


def recording(**more):
    """Five trials of one second at 500 Hz, from -1 s on."""
    rng = np.random.default_rng(1)
    trials = [rng.standard_normal((500, 4)) for _ in range(5)]
    return spy.AnalogData(trials, **({"samplerate": 500, "channel": CHANNELS} | more))


@pytest.fixture(scope="module")
def things(tmp_path_factory):
    """What a user has at hand: objects `d`, `uneven`, `spectra`, ...; a folder of files."""
    folder = tmp_path_factory.mktemp("mistakes")
    (folder / "notes.txt").write_text("no recording")
    (folder / "broken.analog").write_text("cut off by a full disk")
    (folder / "broken.mat").write_text("no MATLAB file")
    data = recording()
    data.save(filename=folder / "there.analog")
    for name in ("gone", "closed"):
        recording().save(filename=folder / f"{name}.analog")
    deleted, closed = spy.load(folder / "gone.analog"), spy.load(folder / "closed.analog")
    (folder / "gone.analog").unlink()
    closed.data.file.close()
    selected = recording()
    selected.selection = {"trials": [0]}
    uneven = spy.AnalogData([np.ones((length, 2)) for length in (100, 200, 300)], samplerate=100)
    spikes = np.array([[1, 0, 0], [5, 1, 0], [300, 0, 1]])
    return SimpleNamespace(
        d=data,
        selected=selected,
        uneven=uneven,
        spectra=spy.freqanalysis(data),
        complex=spy.freqanalysis(data, output="fourier"),
        spikes=spy.SpikeData(spikes, samplerate=1000, trialdefinition=[[0, 400, 0]]),
        nameless=spy.AnalogData(np.ones((9, 2))),
        folder=folder,
        deleted=deleted,
        closed=closed,
    )


def with_memory(amount, call):
    with spy.options(memory=amount):
        return call()


# What was done; the exception; parts of its text.
MISTAKES = {
    # names
    "misspelt parameter": (
        lambda t: spy.freqanalysis(t.d, tapsmofreq=2),
        VALUE,
        ["did you mean `tapsmofrq`?", "got tapsmofreq"],
    ),
    "misspelt method": (
        lambda t: spy.freqanalysis(t.d, method="mtmftt"),
        VALUE,
        ["`method`", "did you mean 'mtmfft'?"],
    ),
    "method of another verb": (
        lambda t: spy.freqanalysis(t.d, method="coh"),
        VALUE,
        ["`method`", "'mtmfft'", "'wavelet'", "got 'coh'"],
    ),
    "misspelt function": (lambda t: spy.freqanalysys(t.d), AttributeError, ["did you mean 'freqanalysis'?"]),
    "misspelt option": (lambda t: setattr(spy.options, "memmory", "1GB"), AttributeError, ["memmory"]),
    "misspelt selector": (lambda t: spy.selectdata(t.d, channels="Oz"), VALUE, ["did you mean `channel`?"]),
    "misspelt selector in select": (
        lambda t: spy.freqanalysis(t.d, select={"chan": "Oz"}),
        VALUE,
        ["`select`", "did you mean `channel`?"],
    ),
    "misspelt option of a plot": (
        lambda t: spy.singlepanelplot(t.d, trials=0, chanel="Oz"),
        VALUE,
        ["did you mean `channel`?"],
    ),
    "selector given to a verb": (
        lambda t: spy.freqanalysis(t.d, channel="Oz"),
        VALUE,
        ["select={'channel': ...}", "got channel"],
    ),
    "selector of another class": (
        lambda t: spy.selectdata(t.d, frequency=[1, 10]),
        VALUE,
        ["no `frequency` selection available for AnalogData", "latency"],
    ),
    "unknown channel": (
        lambda t: spy.selectdata(t.d, channel="oz"),
        VALUE,
        ["`channel`", "Fz, Cz, Oz, EOG", "did you mean 'Oz'?", "got 'oz'"],
    ),
    "unknown reference": (
        lambda t: spy.preprocessing(t.d, filter_class=None, reref=True, refchannel="Fpz"),
        VALUE,
        ["`refchannel`", "did you mean 'Fz'?"],
    ),
    "unknown channel of a pair": (
        lambda t: spy.connectivityanalysis(t.d, channelcmb=[["Fz", "Ox"]]),
        VALUE,
        ["`channelcmb`", "did you mean 'Oz'?"],
    ),
    "name of an axis": (
        lambda t: spy.mean(t.d, dim="trial"),
        VALUE,
        ["`dim`", "time, channel or 'trials'", "got 'trial'"],
    ),
    "FieldTrip's long filter names": (
        lambda t: spy.preprocessing(t.d, filter_type="bandpass", freq=[1, 10]),
        VALUE,
        ["'lp', 'hp', 'bp' or 'bs'", "got 'bandpass'"],
    ),
    "unknown window": (lambda t: spy.freqanalysis(t.d, taper="haning"), VALUE, ["`taper`", "hanning", "got 'haning'"]),
    "multitapering by name": (lambda t: spy.freqanalysis(t.d, taper="dpss"), VALUE, ["set `tapsmofrq`"]),
    # data that are none
    "array for object": (
        lambda t: spy.freqanalysis(np.zeros((10, 2))),
        TYPE,
        ["`spy.AnalogData` takes an array", "got ndarray"],
    ),
    "file name for object": (
        lambda t: spy.freqanalysis("there.analog"),
        TYPE,
        ["`spy.load` reads files", "got str 'there.analog'"],
    ),
    "no object": (lambda t: spy.freqanalysis(method="mtmfft"), TYPE, ["`data`", "missing argument"]),
    "two objects": (lambda t: spy.freqanalysis(t.d, t.d), VALUE, ["one Syncopy data object", "got 2 objects"]),
    "empty object": (lambda t: spy.freqanalysis(spy.AnalogData(samplerate=1)), VALUE, ["non-empty"]),
    "misspelt argument of a class": (
        lambda t: spy.AnalogData(np.ones((9, 2)), sample_rate=100),
        VALUE,
        ["AnalogData()", "did you mean `samplerate`?", "got sample_rate"],
    ),
    "misspelt argument of a function": (
        lambda t: spy.save(t.d, folder="there"),
        VALUE,
        ["save()", "container, tag, filename", "got folder"],
    ),
    "misspelt argument of a simulation": (
        lambda t: spy.white_noise(ntrials=3),
        VALUE,
        ["white_noise()", "did you mean `nTrials`?"],
    ),
    "no argument": (lambda t: spy.load(), TYPE, ["load()", "`filename`", "missing argument"]),
    "argument twice": (lambda t: spy.load("a", filename="b"), VALUE, ["`filename`", "by position and by name"]),
    "too many arguments": (lambda t: spy.white_noise(100, 2, 1, 30), VALUE, ["at most 3 positional", "got 4"]),
    "wrong class": (lambda t: spy.freqanalysis(t.spectra), TYPE, ["expected AnalogData", "got SpectralData"]),
    "spikes for signals": (lambda t: spy.timelockanalysis(t.spikes), TYPE, ["expected AnalogData", "got SpikeData"]),
    "signals for spikes": (lambda t: spy.spike_psth(t.d), TYPE, ["expected SpikeData", "got AnalogData"]),
    "power for coherence": (
        lambda t: spy.connectivityanalysis(t.spectra),
        VALUE,
        ["complex valued spectra", "output='fourier'"],
    ),
    "complex numbers for a plot": (
        lambda t: spy.singlepanelplot(t.complex, trials=0),
        VALUE,
        ["real numbers", "`output='pow'`"],
    ),
    "channels without a position": (
        lambda t: spy.topoplot(t.d, {"Fz": (0, 1), "cz.": (0, 0), "OZ": (0, -1)}, trials=0),
        VALUE,
        ["topoplot()", "channel=['all', '-EOG']", "got EOG"],
    ),
    "montage that there is not": (
        lambda t: spy.topoplot(t.d, "1020", trials=0),
        VALUE,
        ["`layout`", "biosemi64", "got '1020'"],
    ),
    "band of nothing": (
        lambda t: spy.singlepanelplot(t.d, trials=0, band=True),
        VALUE,
        ["`band`", "spy.sem(trials, dim='trials')"],
    ),
    "shifted panels": (
        lambda t: spy.multipanelplot(t.d, trials=0, shifted=True),
        VALUE,
        ["`shifted`", "`singlepanelplot`"],
    ),
    "figure for axes": (
        lambda t: spy.singlepanelplot(t.d, trials=0, ax="figure 1"),
        TYPE,
        ["`ax`", "plt.subplots()"],
    ),
    "unknown channel to show": (lambda t: spy.show(t.d, channel="oz"), VALUE, ["show()", "did you mean 'Oz'?"]),
    "array of three axes": (
        lambda t: spy.AnalogData(np.zeros((3, 4, 5)), samplerate=1),
        VALUE,
        ["2d-array (time x channel)", "got 3d-array"],
    ),
    "texts for numbers": (lambda t: spy.AnalogData(np.array([["1", "2"]]), samplerate=1), TYPE, ["numeric array"]),
    "lists for arrays": (
        lambda t: spy.AnalogData([[1, 2], [3, 4]], samplerate=1),
        TYPE,
        ["a list of NumPy arrays, one per trial"],
    ),
    "trials of different channels": (
        lambda t: spy.AnalogData([np.ones((9, 2)), np.ones((9, 3))], samplerate=1),
        VALUE,
        ["agree in all axes but the first", "(9, 2) and (9, 3)"],
    ),
    "labels for fewer channels": (
        lambda t: recording(channel=["Fz", "Cz"]),
        VALUE,
        ["exactly 4 labels", "got 2 labels"],
    ),
    "one label as text": (
        lambda t: recording(channel="Fz"),
        TYPE,
        ["`channel`", "a list or array of texts", "got str 'Fz'"],
    ),
    # rates, frequencies, times
    "no samplerate": (lambda t: spy.freqanalysis(t.nameless), VALUE, ["`samplerate`", "data.samplerate = 1000"]),
    "samplerate as text": (
        lambda t: recording(samplerate="500"),
        TYPE,
        ["`samplerate`", "samples per second", "got str '500'"],
    ),
    "frequency as text in a simulation": (lambda t: spy.harmonic("10"), TYPE, ["`freq`", "a number", "got str '10'"]),
    "seed that is none": (lambda t: spy.white_noise(seed=1.5), TYPE, ["`seed`", "whole number", "got float 1.5"]),
    "network that is none": (lambda t: spy.ar2_network("strong"), TYPE, ["`AdjMat`", "array of numbers"]),
    "padding in samples": (
        lambda t: spy.freqanalysis(t.d, pad=2e6),
        VALUE,
        ["`pad`", "at most 10000 times the longest trial, 10000 s", "got 2e+06 s"],
    ),
    "new rate far too high": (
        lambda t: spy.resampledata(t.d, resamplefs=1e9),
        VALUE,
        ["`resamplefs`", "at most 1000 times the sample rate"],
    ),
    "negative samplerate": (lambda t: recording(samplerate=-500), VALUE, ["> 0", "got -500"]),
    "number as text": (
        lambda t: spy.freqanalysis(t.d, tapsmofrq="2"),
        TYPE,
        ["`tapsmofrq`", "a number, in Hz", "got str '2'"],
    ),
    "switch as number": (
        lambda t: spy.freqanalysis(t.d, keeptrials=1),
        TYPE,
        ["`keeptrials`", "True or False", "got int 1"],
    ),
    "negative smoothing": (lambda t: spy.freqanalysis(t.d, tapsmofrq=-2), VALUE, ["`tapsmofrq`", ">= 0 Hz", "got -2"]),
    "frequencies above Nyquist": (
        lambda t: spy.freqanalysis(t.d, foilim=[10, 400]),
        VALUE,
        ["between 0 and 250 Hz, half the sample rate", "400"],
    ),
    "filter above Nyquist": (
        lambda t: spy.preprocessing(t.d, freq=300),
        VALUE,
        ["below 250 Hz, half the sample rate", "got 300"],
    ),
    "one frequency for a band": (
        lambda t: spy.preprocessing(t.d, filter_type="bp", freq=10),
        TYPE,
        ["[low, high] in Hz", "'bp'"],
    ),
    "a band for one frequency": (lambda t: spy.preprocessing(t.d, freq=[1, 10]), TYPE, ["one frequency in Hz", "'lp'"]),
    "filter without frequency": (lambda t: spy.preprocessing(t.d), TYPE, ["`freq`", "one frequency in Hz"]),
    "foi and foilim": (
        lambda t: spy.freqanalysis(t.d, foi=[10], foilim=[1, 5]),
        VALUE,
        ["either foi or foilim, not both"],
    ),
    "three limits": (lambda t: spy.freqanalysis(t.d, foilim=[1, 5, 10]), VALUE, ["an interval [low, high] in Hz"]),
    "window in ms": (
        lambda t: spy.freqanalysis(t.d, method="mtmconvol", t_ftimwin=500, foi=[10], toi=[-0.5]),
        VALUE,
        ["`t_ftimwin`", "to 1 s, the shortest trial", "500.0 s"],
    ),
    "no window": (
        lambda t: spy.freqanalysis(t.d, method="mtmconvol", foi=[10], toi=[-0.5]),
        TYPE,
        ["`t_ftimwin`", "in s"],
    ),
    "times in ms": (
        lambda t: spy.freqanalysis(t.d, method="mtmconvol", t_ftimwin=0.1, foi=[20], toi=[-500, -200]),
        VALUE,
        ["`toi`", "-1 to -0.002 s"],
    ),
    "overlap in percent": (
        lambda t: spy.freqanalysis(t.d, method="mtmconvol", t_ftimwin=0.1, foi=[20], toi=50),
        VALUE,
        ["`toi`", "overlap", "0 to 1"],
    ),
    "padding shorter than trials": (
        lambda t: spy.freqanalysis(t.d, pad=0.1),
        VALUE,
        ["`pad`", "the longest trial, 1 s", "got 0.1 s"],
    ),
    "baseline in ms": (
        lambda t: spy.preprocessing(t.d, filter_class=None, baselinewindow=[-200, 0]),
        VALUE,
        ["`baselinewindow`", "inside every trial", "5 trials do not cover it"],
    ),
    "latency in ms": (
        lambda t: spy.selectdata(t.d, latency=[-500, -100]),
        VALUE,
        ["`latency`", ">= -1 s, where the first trial starts"],
    ),
    "latency outside": (
        lambda t: spy.selectdata(t.d, latency=[2, 3]),
        VALUE,
        ["`latency`", "<= -0.002 s, where the last trial ends"],
    ),
    "latency the wrong way round": (lambda t: spy.selectdata(t.d, latency=[-0.1, -0.5]), VALUE, ["start <= end"]),
    "bins in ms": (lambda t: spy.spike_psth(t.spikes, binsize=50), VALUE, ["`binsize`", "s, the length of the window"]),
    "rate that does not divide": (
        lambda t: spy.resampledata(t.d, method="downsample", resamplefs=300),
        VALUE,
        ["divides 500 Hz", "use method 'resample'"],
    ),
    "no new rate": (lambda t: spy.resampledata(t.d), TYPE, ["`resamplefs`", "missing argument"]),
    # trials
    "trial that is not there": (lambda t: spy.selectdata(t.d, trials=[5]), VALUE, ["`trials`", "0 to 4", "got [5]"]),
    "one trial for coherence": (
        lambda t: spy.connectivityanalysis(t.d, select={"trials": 0}),
        VALUE,
        ["2 trials or more", "got 1 trial"],
    ),
    "average of uneven trials": (
        lambda t: spy.mean(t.uneven, dim="trials"),
        VALUE,
        ["trials of equal length", "select a common latency", "[100, 200, 300]"],
    ),
    "many trials on a plot": (lambda t: spy.singlepanelplot(t.d), VALUE, ["`trials=0`", "spy.mean", "got 5 trials"]),
    "trials outside the data": (
        lambda t: spy.definetrial(t.d, [[0, 3000, 0]]),
        VALUE,
        ["at most 2500 samples", "got 0 to 3000"],
    ),
    "trials in seconds": (lambda t: spy.definetrial(t.d, [[0.1, 0.5, 0]]), VALUE, ["whole numbers of samples (not s)"]),
    "trials of two columns": (
        lambda t: spy.definetrial(t.d, [[0, 50]]),
        VALUE,
        ["(no. of trials, 3+)", "got shape (1, 2)"],
    ),
    "trials without events": (
        lambda t: spy.definetrial(t.d, pre=0.1, post=0.2, trigger=1),
        VALUE,
        ["associated EventData object"],
    ),
    "offsets for other trials": (
        lambda t: spy.redefinetrial(t.d, offset=[1, 2]),
        VALUE,
        ["one for each of 5 trials", "got 2 values"],
    ),
    "infinite trial": (lambda t: spy.selectdata(t.d, trials=np.inf), TYPE, ["`trials`", "whole numbers", "inf"]),
    "trials as text": (
        lambda t: spy.redefinetrial(t.d, trl="all"),
        TYPE,
        ["`trl`", "numeric array of shape (no. of trials, 3+)", "got str 'all'"],
    ),
    "table for a window": (
        lambda t: spy.selectdata(t.d, latency=np.array([[1, 2], [3, 4]])),
        VALUE,
        ["`latency`", "[start, end] in seconds", "got [[1, 2], [3, 4]]"],
    ),
    "latency beyond the last sample": (
        lambda t: spy.selectdata(t.d, latency=[-1, 0]),
        VALUE,
        ["covering the latency window", "first sample at -1 s", "last one at -0.002 s", "got [-1, 0] s"],
    ),
    "trial number far away": (lambda t: spy.selectdata(t.d, trials=1e30), VALUE, ["`trials`", "0 to 4", "1e+30"]),
    "channel number far away": (lambda t: spy.selectdata(t.d, channel=[10**400]), VALUE, ["`channel`", "0 to 3"]),
    "trial definition far away": (
        lambda t: spy.definetrial(t.d, [[0, 10**400, 0]]),
        TYPE,
        ["numeric array of shape (no. of trials, 3+)"],
    ),
    # numbers without measure
    "sample rate without end": (lambda t: recording(samplerate=10**400), VALUE, ["`samplerate`", "finite", "> 0"]),
    "new rate of nothing": (
        lambda t: spy.resampledata(t.d, resamplefs=1e-30),
        VALUE,
        ["`resamplefs`", "at least 1 Hz, one sample in the longest trial", "got 1e-30 Hz"],
    ),
    "order of a Butterworth filter": (
        lambda t: spy.preprocessing(t.d, freq=10, order=1000),
        VALUE,
        ["`order`", "at most 100", "got 1000"],
    ),
    "band of no width": (
        lambda t: spy.preprocessing(t.d, filter_type="bp", freq=[10, 10 + 1e-12]),
        VALUE,
        ["`freq`", "cut-offs further apart", "order 4"],
    ),
    "band of no width around a frequency": (
        lambda t: spy.freqanalysis(t.d, method="hilbert", foi=20, width=1e-30),
        VALUE,
        ["`foi/width`", "cut-offs further apart", "[20.0, 20.0] Hz"],
    ),
    "period of a year": (
        lambda t: spy.freqanalysis(t.d, method="wavelet", foi=[1e-7, 10]),
        VALUE,
        ["`foi`", "at least 0.001 Hz", "[1e-07, 10.0]"],
    ),
    "window without end": (
        lambda t: spy.freqanalysis(t.d, method="mtmconvol", t_ftimwin=1e308, foi=[10], toi=[-0.5]),
        VALUE,
        ["`t_ftimwin`", "to 1 s, the shortest trial"],
    ),
    "window of IRASA without end": (
        lambda t: spy.freqanalysis(t.d, method="irasa", output="fractal", windowlength=1e308),
        VALUE,
        ["`windowlength`", "1 s, the shortest trial"],
    ),
    "factors of IRASA without measure": (
        lambda t: spy.freqanalysis(t.d, method="irasa", output="fractal", hset=[1.1, 1e30]),
        VALUE,
        ["`hset`", "<= 100", "1e+30"],
    ),
    "windows of IRASA without number": (
        lambda t: spy.freqanalysis(t.d, method="irasa", output="fractal", nwindow=1e30),
        VALUE,
        ["`nwindow`", "<= 1000000"],
    ),
    "lag without end": (
        lambda t: spy.connectivityanalysis(t.d, method="corr", maxlag=1e308),
        VALUE,
        ["`maxlag`", "less than the shortest trial, 1 s"],
    ),
    "more tapers than samples": (
        lambda t: spy.freqanalysis(
            t.uneven, tapsmofrq=45, ft_compat=True, keeptapers=True, output="fourier", polyremoval=None
        ),
        VALUE,
        ["`tapsmofrq`", "no more than 100 tapers"],
    ),
    "bins of nothing": (
        lambda t: spy.spike_psth(t.spikes, binsize=1e-30),
        VALUE,
        ["`binsize`", "at least 1e-05 s", "got 1e-30"],
    ),
    "window of a histogram without end": (
        lambda t: spy.spike_psth(t.spikes, latency=[0, 1e30]),
        VALUE,
        ["`latency`", "at most 10000 times as long as the trials", "0 to 0.4 s"],
    ),
    # calls
    "method that is no name": (lambda t: spy.freqanalysis(t.d, method={"mtmfft": 1}), TYPE, ["`method`", "'mtmfft'"]),
    "methods that are no names": (
        lambda t: spy.connectivityanalysis(t.d, method=["coh", 1]),
        TYPE,
        ["`method`", "a list of names of methods"],
    ),
    "operator that is none": (lambda t: spy.arithmetic(["+"], t.d, 1), TYPE, ["`operator`", "sqrt", "got list"]),
    "joined along an object": (lambda t: spy.concat(t.d, t.d, dim=t.d), TYPE, ["`dim`", "'channel' or 'trials'"]),
    "selection left in place": (
        lambda t: spy.freqanalysis(t.selected, select={"trials": [1]}),
        ANY,
        ["in-place selection already; clear it"],
    ),
    "cfg of another verb": (
        lambda t: spy.preprocessing(t.d, t.spectra.cfg),
        VALUE,
        ["`cfg`", "the parameters of preprocessing", "freqanalysis"],
    ),
    "parameter in cfg and call": (
        lambda t: spy.freqanalysis(t.d, {"foi": [10]}, foi=[20]),
        VALUE,
        ["cfg/foi", "set once"],
    ),
    "window without its parameter": (
        lambda t: spy.freqanalysis(t.d, taper="kaiser"),
        VALUE,
        ["`taper_opt`", "beta", "kaiser"],
    ),
    "phase of averaged tapers": (
        lambda t: spy.freqanalysis(t.d, tapsmofrq=2, output="fourier"),
        VALUE,
        ["keeptapers=True"],
    ),
    "objects of other rates": (lambda t: t.d + t.uneven, VALUE, ["samplerate 500 Hz", "got 100 Hz"]),
    "negative power of whole numbers": (
        lambda t: spy.AnalogData(np.ones((9, 2), int), samplerate=1) ** -1,
        VALUE,
        ["floats as negative powers of whole numbers", "got -1"],
    ),
    "array of another shape": (lambda t: t.d + np.zeros(3), VALUE, ["trial shape (500, 4)", "(3,)"]),
    "too little memory": (
        lambda t: with_memory(1000, lambda: spy.freqanalysis(t.d)),
        ANY,
        ["`spy.options.memory`", "fewer channels"],
    ),
    "memory as a word": (lambda t: with_memory("lots", lambda: None), VALUE, ["`memory`", "MB, GB", "got lots"]),
    # files
    "file that is not there": (
        lambda t: spy.load(t.folder / "nowhere.spy"),
        IO,
        ["cannot read", "nowhere.spy", "does not exist"],
    ),
    "folder that is no recording": (
        lambda t: spy.load(t.folder),
        IO,
        ["cannot access", "no folder of objects (.spy)"],
    ),
    "name of nothing": (lambda t: spy.AnalogData("", samplerate=1), IO, ["cannot access", "it is a folder"]),
    "file that was deleted": (lambda t: spy.freqanalysis(t.deleted), IO, ["gone.analog", "the file is gone"]),
    "copy of a file that was deleted": (lambda t: spy.copy(t.deleted), IO, ["gone.analog", "the file is gone"]),
    "file that was closed": (
        lambda t: spy.freqanalysis(t.closed),
        VALUE,
        ["an open file", "closed.analog has been closed"],
    ),
    "file of no known format": (
        lambda t: spy.load(t.folder / "notes.txt"),
        VALUE,
        [".analog", ".mat", "got notes.txt"],
    ),
    "damaged file": (lambda t: spy.load(t.folder / "broken.analog"), IO, ["broken.analog", "no readable HDF5 file"]),
    "damaged foreign file": (
        lambda t: spy.load(t.folder / "broken.mat"),
        VALUE,
        ["recognizable .mat file", "broken.mat"],
    ),
    "overwriting": (
        lambda t: t.d.copy().save(filename=t.folder / "there.analog"),
        IO,
        ["there.analog", "already exists", "overwrite=True"],
    ),
    "NUL in the name of a file": (
        lambda t: t.d.copy().save(filename="a\0b"),
        VALUE,
        ["`filename`", "the name of a file", "got 'a\\x00b'"],
    ),
    "file name without end": (lambda t: spy.load("a" * 5000), VALUE, ["`filename`", "too long", "got 'aaa"]),
    "NUL in a tag": (
        lambda t: t.d.copy().save(container=t.folder / "x", tag="\0"),
        VALUE,
        ["`tag`", "the name of a file"],
    ),
    "root of all files": (lambda t: spy.load("/"), VALUE, ["`filename`", "the name of a file (it is a folder)"]),
    "home of nobody": (
        lambda t: recording(filename="~no-such-user/data.analog"),
        VALUE,
        ["`filename`", "home", "got '~no-such-user/data.analog'"],
    ),
    "workers that are no switch": (
        lambda t: spy.selectdata(t.spikes, trials=0, parallel=4),
        TYPE,
        ["`parallel`", "True, False or None", "got int 4"],
    ),
    "saving nowhere": (lambda t: t.d.copy().save(), ANY, ["give a `container` or a `filename`"]),
    "saving as another class": (
        lambda t: t.d.copy().save(filename=t.folder / "x.spectral"),
        ANY,
        ["SpectralData", "expected .analog"],
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_answered_with_help(things, mistake):
    call, error, fragments = MISTAKES[mistake]
    with pytest.raises(error) as caught:
        call(things)
    assert type(caught.value) is error, "a more special class than was promised"
    text = str(caught.value)
    for fragment in fragments:
        assert fragment in text
    assert "\n" not in text
    assert things.d.selection is None
    assert things.d.cfg == {}, "a failed call leaves no trace"
    assert len(things.d.trials) == 5


# What was done that is not wrong enough for an error; the warning.
DOUBTS = {
    "parameter of another method": (
        lambda t: spy.freqanalysis(t.d, t_ftimwin=0.5),
        "`t_ftimwin` has no effect for method 'mtmfft'",
    ),
    "smoothing below what trials resolve": (
        lambda t: spy.freqanalysis(t.d, tapsmofrq=0.01),
        "`tapsmofrq` 0.01 Hz becomes 1 Hz",
    ),
    "tapers without smoothing": (
        lambda t: spy.freqanalysis(t.d, nTaper=3),
        "`nTaper` has no effect without `tapsmofrq`",
    ),
    "latency that some trials lack": (lambda t: spy.selectdata(t.uneven, latency=[-1, 0.5]), "discarded 1 of 3 trials"),
    "nothing to divide by": (
        lambda t: spy.std(t.d, dim="trials", ddof=5),
        "`ddof` 5 leaves nothing of 5 values to divide by: the result is NaN",
    ),
    "nothing to divide by over trials": (
        lambda t: spy.timelockanalysis(t.d, var_ddof=9),
        "`var_ddof` 9 leaves nothing of 5 values to divide by: the result is NaN",
    ),
    "spread of infinite numbers": (
        lambda t: spy.var(spy.AnalogData([np.array([[np.inf], [1]]), np.ones((2, 1))], samplerate=1), dim="time"),
        "1 trials hold NaN: 0",
    ),
    "slope over more than there is": (
        lambda t: spy.connectivityanalysis(t.d, method="psi", foilim=[10, 40], bandwidth=1e30),
        "`bandwidth` 1e+30 Hz becomes 30 Hz",
    ),
    "NaN": (lambda t: spy.freqanalysis(t.d * [1, np.nan, 1, 1]), "5 trials hold NaN: 0, 1, 2, 3, 4"),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_what_is_doubtful_is_told(things, doubt):
    call, text = DOUBTS[doubt]
    with pytest.warns(spy.SPYWarning, match=re.escape(text)):
        call(things)


def test_a_missing_package_is_named(tmp_path):
    program = (
        "import sys; sys.modules['mne'] = sys.modules['matplotlib'] = None\n"
        "import numpy as np, syncopy as spy\n"
        "data = spy.AnalogData(np.ones((9, 2)), samplerate=1)\n"
        "for call in (lambda: spy.raw_adata_to_mne_raw(data), lambda: data.singlepanelplot(trials=0)):\n"
        "    try: call()\n"
        "    except spy.SPYError as error: print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert re.findall(r"syncopy\[(\w+)\]", run.stdout) == ["mne", "plot"], run.stdout


def test_columns_of_tables_are_lists():
    pandas = pytest.importorskip("pandas")
    data = recording()
    spectra = spy.freqanalysis(data, foi=pandas.Series([10.0, 20.0]))
    assert spectra.freq.tolist() == [10, 20]
    part = spy.selectdata(data, channel=pandas.Index(["Oz", "Fz"]))
    assert part.channel.tolist() == ["Oz", "Fz"]


def test_an_object_whose_file_was_closed_can_be_shown(things):
    assert str(things.closed).startswith("Syncopy AnalogData object whose file has been closed: ")
    assert "closed.analog" in repr(things.closed)
    assert "closed.analog" in things.closed._repr_html_()


# Objects that cannot be made, in place of a file that is there.
FAILED = {
    "array of three axes": lambda name: spy.AnalogData(np.ones((2, 2, 2)), filename=name, overwrite=True),
    "labels of other channels": lambda name: recording(filename=name, overwrite=True, channel=["Fz"]),
    "trials outside the data": lambda name: recording(filename=name, overwrite=True, trialdefinition=[[0, 1e6, 0]]),
    "generator that ends badly": lambda name: spy.AnalogData(
        (np.ones((2, 2 + number)) for number in range(3)), filename=name, overwrite=True
    ),
    "its own file": lambda name: spy.AnalogData(name, filename=name, overwrite=True),
}


@pytest.mark.parametrize("failed", FAILED)
def test_a_file_outlives_what_failed_to_replace_it(failed, tmp_path):
    recording().save(filename=tmp_path / "there.analog")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(spy.SPYError):
        FAILED[failed](tmp_path / "there.analog")
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    if before != after:
        pytest.fail(f"{sorted(after)} in place of {sorted(before)}, or other bytes")


def test_a_file_of_an_object_that_failed_is_removed(tmp_path):
    with pytest.raises(spy.SPYValueError, match="exactly 4 labels"):
        recording(filename=tmp_path / "new.analog", channel=["Fz"])
    assert not list(tmp_path.iterdir())
