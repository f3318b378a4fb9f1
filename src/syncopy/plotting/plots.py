"""What users call for a figure."""

from __future__ import annotations

import difflib
import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from syncopy.data.base import BaseData
from syncopy.data.continuous import AnalogData, CrossSpectralData, SpectralData
from syncopy.data.discrete import DiscreteData
from syncopy.data.selection import SELECTORS
from syncopy.data.timelock import TimeLockData
from syncopy.errors import SPYError, SPYTypeError, SPYValueError, SPYWarning
from syncopy.plotting.events import panels_of_events
from syncopy.plotting.images import Image, Matrix, share_colors
from syncopy.plotting.layout import Panel, draw_grid, draw_single
from syncopy.plotting.lines import Curves, joined
from syncopy.plotting.pairs import panels_of_pairs
from syncopy.plotting.signals import panels_of_averages, panels_of_signals
from syncopy.plotting.spectra import panels_of_spectra

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
    trials, channel, latency, frequency, taper, unit, channel_i, channel_j : optional
        Selectors, as for `spy.selectdata`. One trial must be left.
    shifted : bool
        Signals: one channel above the other (default), or all on the same axis.
    band : bool
        Averages of time-locked signals: whether a band shows one standard deviation over trials (default).
    logscale : bool, optional
        Spectra: True shows power (not other outputs) in decibels, 10 log10; False shows numbers as they are. By
        default lines of power are in decibels and images are not.
    scale : "linear", "log" or "dB", optional
        Spectra: goes before `logscale`. "log" is a logarithmic axis; "dB" is 10 log10, and 20 log10 of amplitudes.

    on_yaxis : "trials", "unit", "channel" or "eventid"
        Rows of a raster: all trials of one unit (or event code), or all units (channels, codes) of one trial.

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
    """
    with _context("singlepanelplot()"):
        (panel,) = _make_panels(data, True, options)
        return draw_single(panel, ax)


def multipanelplot(data: BaseData, **options: Any) -> tuple[Figure, NDArray[Any]]:
    """Draw one trial of an object with a panel for each channel or pair of channels, 25 of them at the most.

    Rasters have a panel for each unit (or event code) if their rows are trials, else for each trial.

    Parameters
    ----------
    data : Syncopy data object
        Of real numbers.
    **options
        Selectors and options of `singlepanelplot`, but for `shifted` and `ax`.

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
    """
    with _context("multipanelplot()"):
        return draw_grid(_make_panels(data, False, options))


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
        Selectors and options of `singlepanelplot`.

    Returns
    -------
    fig : matplotlib.figure.Figure
    ax : matplotlib.axes.Axes, or ndarray of them, shape (n_rows, n_columns)
        An array if there are several panels.

    Examples
    --------
    >>> fig, ax = spy.plot([attended, ignored], labels=["attended", "ignored"], channel="Oz")  # doctest: +SKIP
    """
    with _context("plot()"):
        if isinstance(data, BaseData):
            (panel,) = _make_panels(data, True, options)
            return draw_single(panel, ax)
        names = [f"data {number + 1}" for number in range(len(data))] if labels is None else list(labels)
        if len(names) != len(data) or not names:
            raise SPYValueError(f"a name for each of {len(data)} objects, one at least", "labels", names)
        conditions = [_make_panels(item, False, options) for item in data]
        panels = _compare(conditions, names)
        if len(panels) == 1:
            return draw_single(panels[0], ax)
        if ax is not None:
            raise SPYValueError("one panel where `ax` is given; select one channel", "ax", f"{len(panels)} panels")
        return draw_grid(panels)


@contextmanager
def _context(name: str) -> Iterator[None]:
    """Put the call in front of the text of errors."""
    try:
        yield
    except SPYError as error:
        error.context = error.context or name
        raise


def _make_panels(data: BaseData, together: bool, given: Mapping[str, Any]) -> Sequence[Panel]:
    """Panels of one object; what was given is sorted into selectors and options of its class."""
    maker = next((maker for cls, maker in _MAKERS.items() if isinstance(data, cls)), None)
    if maker is None:
        raise SPYTypeError(data, "data", " or ".join(cls.__name__ for cls in _MAKERS))
    own = _options_of(maker)
    elsewhere = {name for other in _MAKERS.values() for name in _options_of(other)} - own - {*data._selectors}
    known = {*own, *SELECTORS}
    for name in given:
        if name in elsewhere:
            warnings.warn(f"`{name}` has no effect for {type(data).__name__}", SPYWarning, stacklevel=3)
        elif name not in known:
            close = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean `{close[0]}`?" if close else f"one of {', '.join(sorted(known))}"
            raise SPYValueError(f"a known parameter; {hint}", "keyword", name)
    options = {name: value for name, value in given.items() if name in own}
    selectors = {name: value for name, value in given.items() if name in SELECTORS}
    return maker(data, selectors, together, **options)


def _options_of(maker: Maker) -> set[str]:
    parameters = inspect.signature(maker).parameters.values()
    return {parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}


def _compare(conditions: Sequence[Sequence[Any]], names: Sequence[str]) -> Sequence[Panel]:
    """Panels of several objects: lines on common panels, images beside each other with the same colours."""
    titles = [[panel.title for panel in panels] for panels in conditions]
    kinds = {type(panel) for panels in conditions for panel in panels}
    units = {panel.unit for panels in conditions for panel in panels}
    if any(other != titles[0] for other in titles) or len(kinds) > 1 or len(units) > 1:
        actual = f"channels {titles}, in {' and '.join(sorted(units))}"
        raise SPYValueError("objects of one kind with the same channels and units", "data", actual)
    named = [[panel.of_condition(name) for panel in panels] for panels, name in zip(conditions, names, strict=True)]
    together = zip(*named, strict=True)
    if kinds == {Curves}:
        return [joined(panels, panels[0].title) for panels in together]
    beside = [panel for panels in together for panel in panels]
    return share_colors(beside) if kinds <= {Image, Matrix} else beside
