"""What users call for a figure."""

from __future__ import annotations

import difflib
import inspect
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from syncopy.data.base import BaseData
from syncopy.data.continuous import AnalogData, CrossSpectralData, SpectralData
from syncopy.data.discrete import DiscreteData
from syncopy.data.keywords import checked_call
from syncopy.data.selection import SELECTORS
from syncopy.data.timelock import TimeLockData
from syncopy.errors import SPYError, SPYTypeError, SPYValueError, SPYWarning
from syncopy.plotting.events import panels_of_events
from syncopy.plotting.images import Image, Matrix, share_colors
from syncopy.plotting.layout import Panel, draw_grid, draw_on, draw_single
from syncopy.plotting.lines import Curves, joined
from syncopy.plotting.pairs import panels_of_pairs
from syncopy.plotting.signals import panels_of_averages, panels_of_signals
from syncopy.plotting.spectra import panels_of_spectra
from syncopy.plotting.topography import Topography, panel_of_topography

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Maker = Callable[..., Sequence[Panel]]

# Class -> what makes its panels, `(data, selectors, together, **options)`; keyword-only parameters are its options.
_MAKERS: dict[type[BaseData], Maker] = {
    AnalogData: panels_of_signals,
    TimeLockData: panels_of_averages,
    SpectralData: panels_of_spectra,
    CrossSpectralData: panels_of_pairs,
    DiscreteData: panels_of_events,
}


@checked_call
def singlepanelplot(data: BaseData, *, ax: Axes | None = None, **options: Any) -> tuple[Figure, Axes]:
    """Draw one trial of an object on one panel.

    Signals are drawn as traces, time-locked ones as their average over trials if there is one. Spectra and quantities
    of channel pairs are drawn as lines over frequency (or time, or lag), and as an image where there are times and
    frequencies; quantities of pairs at one `frequency` as a matrix of all channels. Spikes and other events are drawn
    as rasters. Long axes are reduced to the minimum and maximum (images: the mean) of 4000 columns while they are read.
    The in-place selection holds if no selector is given.

    Parameters
    ----------
    data : Syncopy data object
        Of real numbers.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure. Lines are added to those that are there.
    **options
        The following, as far as they mean something for the class of `data`:
    trials, channel, latency, frequency, taper, unit, channel_i, channel_j : optional
        Selectors, as for `spy.selectdata`. One trial must be left.
    shifted : bool
        Signals: one channel above the other (default), or all on the same axis.
    band : bool or Syncopy data object, optional
        Band around lines. An object with the same axes, such as `spy.sem(trials, dim="trials")`, is half its width.
        True: what `data` carries, which is one standard deviation over trials of averages (TimeLockData) and the
        standard error of results with `jackknife=True`. By default True where there is something; False: no band.
    logscale : bool, optional
        Spectra: True shows power (not other outputs) in decibels, 10 log10; False shows numbers as they are. By
        default lines of power are in decibels and images are not.
    scale : "linear", "log" or "dB", optional
        Spectra: goes before `logscale`. "log" is a logarithmic axis; "dB" is 10 log10, and 20 log10 of amplitudes.
    zlim : (float, float), "maxmin", "maxabs", "zeromax" or "minzero", optional
        Images: limits of the colours; the words are FieldTrip's, for the range of the data or a part of it. By default
        those of the quantity, such as 0 to 1 for coherence, and otherwise the range of the data.
    on_yaxis : "trials", "unit", "channel" or "eventid"
        Rows of a raster: all trials of one unit (or event code), or all units (channels, codes) of one trial.
    psth : float or TimeLockData, optional
        Spikes with a row for every trial: the histogram above them, a result of `spy.spike_psth`, or the width of its
        bins in seconds.

    Returns
    -------
    fig : matplotlib.figure.Figure
    ax : matplotlib.axes.Axes

    Raises
    ------
    SPYValueError
        For complex numbers, several trials, or more than one panel can show.
    SPYError
        If matplotlib is not installed.

    Examples
    --------
    >>> data = spy.harmonic(freq=10, nTrials=20) + spy.white_noise(nTrials=20, seed=1)
    >>> spec = spy.freqanalysis(data, tapsmofrq=2, foilim=[1, 40], keeptrials=False)
    >>> fig, ax = spec.singlepanelplot(channel="channel1")
    >>> fig.savefig("spectrum.png")
    """
    with _context("singlepanelplot()"):
        (panel,) = _make_panels(data, True, options)
        return draw_single(panel, ax)


@checked_call
def multipanelplot(data: BaseData, *, ax: Any = None, **options: Any) -> tuple[Figure, NDArray[Any]]:
    """Draw one trial of an object with a panel for each channel or pair of channels, 25 of them at the most.

    Rasters have a panel for each unit (or event code) if their rows are trials, else for each trial.

    Parameters
    ----------
    data : Syncopy data object
        Of real numbers.
    ax : sequence or array of matplotlib.axes.Axes, optional
        Where to draw, one for each panel; by default a new figure.
    **options
        Selectors and options of `singlepanelplot`, but for `shifted`.

    Returns
    -------
    fig : matplotlib.figure.Figure
    axs : ndarray of matplotlib.axes.Axes, shape (n_rows, n_columns)
        Axes share their limits, and images their colours.

    Raises
    ------
    SPYValueError
        For complex numbers, several trials, or more than 25 panels.
    SPYError
        If matplotlib is not installed.

    Examples
    --------
    >>> fig, axs = data.multipanelplot(trials=0, latency=[-0.9, -0.7])
    """
    with _context("multipanelplot()"):
        panels = _make_panels(data, False, options)
        return draw_grid(panels) if ax is None else draw_on(panels, ax)


@checked_call
def plot(
    data: BaseData | Sequence[BaseData],
    labels: Sequence[str] | None = None,
    *,
    ax: Axes | None = None,
    **options: Any,
) -> tuple[Figure, Any]:
    """Draw one object, or compare several: lines of the same channel on one panel, images side by side.

    Parameters
    ----------
    data : Syncopy data object, or a sequence of them
        Several objects hold the same channels.
    labels : sequence of str, optional
        A name for each object of a sequence.
    ax : matplotlib.axes.Axes, optional
        Where to draw, if there is one panel.
    **options
        Selectors and options of `singlepanelplot`; `band` may be a sequence with an object for each of `data`.

    Returns
    -------
    fig : matplotlib.figure.Figure
    ax : matplotlib.axes.Axes, or ndarray of them, shape (n_rows, n_columns)
        An array if there are several panels.

    Raises
    ------
    SPYValueError
        If there is not one name for each object, or the objects do not fit on the same panels.
    SPYError
        As for `singlepanelplot`.

    Examples
    --------
    >>> ignored = spy.white_noise(nTrials=20, seed=1)
    >>> attended = ignored + spy.harmonic(freq=10, nTrials=20)
    >>> spectra = [spy.freqanalysis(item, foilim=[1, 40], keeptrials=False) for item in (attended, ignored)]
    >>> fig, ax = spy.plot(spectra, labels=["attended", "ignored"], channel="channel1")
    """
    with _context("plot()"):
        if isinstance(data, BaseData):
            _refuse_labels(labels)
            (panel,) = _make_panels(data, True, options)
            return draw_single(panel, ax)
        names = _names_of(data, labels)
        bands = options.pop("band", None)
        each = bands if isinstance(bands, list | tuple) else [bands] * len(names)
        if len(each) != len(names):
            raise SPYValueError(f"one for each of {len(names)} objects", "band", f"{len(each)} of them")
        given = [options if band is None else options | {"band": band} for band in each]
        conditions = [_make_panels(item, False, own) for item, own in zip(data, given, strict=True)]
        panels = _compare(conditions, names)
        if len(panels) == 1:
            return draw_single(panels[0], ax)
        if ax is not None:
            raise SPYValueError("one panel where `ax` is given; select one channel", "ax", f"{len(panels)} panels")
        return draw_grid(panels)


@checked_call
def topoplot(
    data: BaseData | Sequence[BaseData],
    layout: Any = "standard_1005",
    labels: Sequence[str] | None = None,
    *,
    ax: Any = None,
    **options: Any,
) -> tuple[Figure, Any]:
    """Draw one number for each channel on a head, or on the plane of the electrodes.

    The numbers are means over the chosen times and frequencies; between the channels a thin-plate spline continues
    them. Contours, and the colours of the bar, are those of the scale.

    Parameters
    ----------
    data : AnalogData, TimeLockData, SpectralData or CrossSpectralData, or a sequence of them
        Of real numbers. Of averages (TimeLockData), the average is drawn; of quantities of channel pairs, those of one
        channel with the others: `channel_i="Oz"`. Objects of a sequence stand beside each other, in the same colours.
    layout : str, mne.Info, mne.channels.DigMontage, dict or array, shape (n_channels, 2) or (n_channels, 3)
        Where the channels are: the name of one of MNE's montages ("standard_1020", "biosemi64", ...; needs
        `pip install "syncopy[mne]"`), an object of MNE, or positions: by label, or in the order of `data.channel`. Two
        coordinates (to the right, to the front) are drawn as they are; three are laid flat on a head, whose circle is
        the equator through Fpz, T7, Oz and T8, or of the sphere nearest to all positions. Labels are compared without
        capitals, spaces, and dots at their end ("Fp1." is "FP1").
    labels : sequence of str, optional
        A name for each object of a sequence.
    ax : matplotlib.axes.Axes, or a sequence of them for a sequence of objects, optional
        Where to draw; by default a new figure.
    **options
        The following, as far as they mean something for the class of `data`:
    trials, channel, latency, frequency, taper, channel_i, channel_j : optional
        Selectors, as for `spy.selectdata`. One trial must be left.
    names : bool
        Whether labels are written beside the channels.
    scale, logscale, zlim : optional
        As for `singlepanelplot`, after the mean was taken; linear by default.

    Returns
    -------
    fig : matplotlib.figure.Figure
    ax : matplotlib.axes.Axes, or ndarray of them, shape (n_rows, n_columns)
        An array if there are several objects.

    Raises
    ------
    SPYValueError
        For channels without a position, or fewer than three of them.
    SPYImportError
        If matplotlib, or for a name of a montage MNE, is not installed.

    Examples
    --------
    >>> eeg = spy.white_noise(nTrials=20, nChannels=5, seed=1)
    >>> eeg.channel = ["Fz", "C3", "C4", "Oz", "EOG"]
    >>> spec = spy.freqanalysis(eeg, foilim=[1, 40], keeptrials=False)
    >>> fig, ax = spy.topoplot(spec, frequency=[8, 12], channel=["all", "-EOG*"])
    >>> evoked = spy.timelockanalysis(eeg)
    >>> plane = {"Fz": (0, 0.5), "C3": (-0.5, 0), "C4": (0.5, 0), "Oz": (0, -0.5)}
    >>> fig, ax = evoked.topoplot(plane, latency=[-0.9, -0.8], channel=[*plane])
    """
    with _context("topoplot()"):
        if isinstance(data, BaseData):
            _refuse_labels(labels)
            (panel,) = share_colors([_make_topography(data, layout, options)])
            return draw_single(panel, ax)
        conditions = zip(data, _names_of(data, labels), strict=True)
        named = [_make_topography(item, layout, options).of_condition(name) for item, name in conditions]
        if len({panel.colors.quantity.label for panel in named}) > 1:
            found = ", ".join(panel.colors.quantity.label for panel in named)
            raise SPYValueError("objects of the same quantity, which can share their colours", "data", found)
        panels = share_colors(named)
        return draw_grid(panels) if ax is None else draw_on(panels, ax)


@contextmanager
def _context(name: str) -> Iterator[None]:
    """Put the call in front of the text of errors."""
    try:
        yield
    except SPYError as error:
        error.context = error.context or name
        raise


def _names_of(data: Any, labels: Any) -> list[str]:
    """Names of several objects."""
    if not isinstance(data, Sequence) or isinstance(data, str):
        raise SPYTypeError(data, "data", "a Syncopy data object, or a sequence of them")
    names = [f"data {number + 1}" for number in range(len(data))] if labels is None else labels
    if isinstance(names, str) or len(names) != len(data) or not len(names):
        raise SPYValueError(f"a name for each of {len(data)} objects, one at least", "labels", repr(labels))
    return [str(name) for name in names]


def _refuse_labels(labels: Any) -> None:
    if labels is not None:
        raise SPYValueError("None for one object; names are for a sequence of objects", "labels", repr(labels))


def _make_topography(data: BaseData, layout: Any, given: Mapping[str, Any]) -> Topography:
    """Topography of one object; what was given is sorted into selectors and options."""
    own = _options_of(panel_of_topography)
    _check_known(given, own)
    options = {name: value for name, value in given.items() if name in own}
    selectors = {name: value for name, value in given.items() if name in SELECTORS}
    return panel_of_topography(data, selectors, layout, **options)


def _make_panels(data: BaseData, together: bool, given: Mapping[str, Any]) -> Sequence[Panel]:
    """Panels of one object; what was given is sorted into selectors and options of its class."""
    maker = next((maker for cls, maker in _MAKERS.items() if isinstance(data, cls)), None)
    if maker is None:
        raise SPYTypeError(
            data, "data", "a Syncopy data object; `spy.AnalogData` takes an array, `spy.load` reads files"
        )
    own = _options_of(maker)
    elsewhere = {name for other in _MAKERS.values() for name in _options_of(other)} - own - {*data._selectors}
    for name in elsewhere & set(given):
        warnings.warn(f"`{name}` has no effect for {type(data).__name__}", SPYWarning, stacklevel=4)
    _check_known(given, own, elsewhere)
    options = {name: value for name, value in given.items() if name in own}
    selectors = {name: value for name, value in given.items() if name in SELECTORS}
    return maker(data, selectors, together, **options)


def _check_known(given: Mapping[str, Any], own: set[str], elsewhere: Collection[str] = ()) -> None:
    """Raise for a name that is neither an option nor a selector."""
    known = {*own, *SELECTORS}
    for name in given:
        if name not in known and name not in elsewhere:
            close = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean `{close[0]}`?" if close else f"one of {', '.join(sorted(known))}"
            raise SPYValueError(f"a known parameter; {hint}", "keyword", name)


def _options_of(maker: Callable[..., Any]) -> set[str]:
    parameters = inspect.signature(maker).parameters.values()
    return {parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}


def _compare(conditions: Sequence[Sequence[Any]], names: Sequence[str]) -> Sequence[Panel]:
    """Panels of several objects: lines on common panels, images beside each other with the same colours."""
    titles = [[panel.title for panel in panels] for panels in conditions]
    kinds = {type(panel) for panels in conditions for panel in panels}
    units = {panel.unit for panels in conditions for panel in panels}
    if any(other != titles[0] for other in titles) or len(kinds) > 1 or len(units) > 1:
        actual = f"channels {titles}, in {' and '.join(sorted(units))}"
        legal = "objects of one kind with the same channels and units (where one is not known, `info['unit']` tells it)"
        raise SPYValueError(legal, "data", actual)
    named = [[panel.of_condition(name) for panel in panels] for panels, name in zip(conditions, names, strict=True)]
    together = zip(*named, strict=True)
    if kinds == {Curves}:
        return [joined(panels, panels[0].title) for panels in together]
    beside = [panel for panels in together for panel in panels]
    return share_colors(beside) if kinds <= {Image, Matrix} else beside
