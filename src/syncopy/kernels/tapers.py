"""Tapers of unit energy: SciPy's windows, Slepian sequences, sine tapers, and FieldTrip's variants.

Every taper is scaled to a sum of squares of one, so that the power of white noise does not depend on its shape.
"""

import inspect
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.signal import windows

from syncopy.kernels.arrays import Array
from syncopy.kernels.kept import keep_latest

TAPERS = (
    "boxcar",
    "triang",
    "parzen",
    "bohman",
    "blackman",
    "nuttall",
    "blackmanharris",
    "flattop",
    "bartlett",
    "barthann",
    "hamming",
    "kaiser",
    "kaiser_bessel_derived",
    "gaussian",
    "general_gaussian",
    "general_cosine",
    "general_hamming",
    "chebwin",
    "cosine",
    "hann",
    "tukey",
    "taylor",
    "lanczos",
)
"""Names of the single tapers, as in `scipy.signal.windows`."""

ROUNDING = 1e-6
"""Slack for counts computed from floats: 2.9999999 tapers are three."""


@lru_cache
def taper_parameters(name: str) -> tuple[str, ...]:
    """Return the names of the shape parameters of a taper; every one of them has to be given.

    Parameters
    ----------
    name : str
        One of `TAPERS`.

    Returns
    -------
    tuple of str
        For instance ``("beta",)`` for kaiser, ``()`` for hann.
    """
    common = {"M", "sym", "xp", "device"}
    return tuple(key for key in inspect.signature(getattr(windows, name)).parameters if key not in common)


def make_taper(name: str | None, length: int, options: Mapping[str, Any] | None = None) -> Array:
    """Return one symmetric taper of unit energy.

    Parameters
    ----------
    name : str or None
        One of `TAPERS`; None is boxcar.
    length : int
        Number of samples.
    options : mapping, optional
        The shape parameters, see `taper_parameters`.

    Returns
    -------
    Array
        float64, (1, length), read-only.
    """
    given = options or {}
    frozen = tuple((key, tuple(value) if np.ndim(value) else value) for key, value in sorted(given.items()))
    return _scipy_taper(name or "boxcar", length, frozen)


@keep_latest
def _scipy_taper(name: str, length: int, options: tuple[tuple[str, Any], ...]) -> Array:
    return _unit_energy(getattr(windows, name)(length, sym=True, **dict(options)))


def vanishes(name: str, length: int, options: Mapping[str, Any] | None = None) -> bool:
    """Tell whether nothing is left of a window of `TAPERS`: hann, of two samples, has only its zero end points."""
    return bool(np.abs(getattr(windows, name)(length, sym=True, **(options or {}))).max() < ROUNDING)


@keep_latest
def dpss_tapers(length: int, half_bandwidth_time: float, count: int) -> Array:
    """Return the Slepian sequences (discrete prolate spheroidal sequences), best concentrated first.

    Parameters
    ----------
    length : int
        Number of samples N.
    half_bandwidth_time : float
        NW, half bandwidth in Hz times duration in seconds; less than N/2.
    count : int
        Number of tapers, at most N.

    Returns
    -------
    Array
        float64, (count, length), orthonormal, read-only; even tapers have a positive mean, odd ones a positive first
        lobe.

    References
    ----------
    Slepian (1978), Bell System Technical Journal 57:1371, doi:10.1002/j.1538-7305.1978.tb02104.x
    """
    return _unit_energy(windows.dpss(length, half_bandwidth_time, Kmax=count, sym=True))


def slepian_parameters(
    length: float, samplerate: float, tapsmofrq: float, tapers: int | None = None
) -> tuple[float, int]:
    """Return the time-half-bandwidth product and the number of Slepian tapers for a smoothing in Hz.

    Parameters
    ----------
    length : float
        Number of samples the tapers cover (the mean length where trials differ).
    samplerate : float
        In Hz.
    tapsmofrq : float
        Half bandwidth W in Hz; clipped to what the length can resolve, [fs / N, fs / 2 - 1 / N].
    tapers : int, optional
        Number of tapers; the default is the integer part of 2 NW - 1, at least 1.

    Returns
    -------
    half_bandwidth_time : float
        NW = W N / fs.
    count : int
        Number of tapers.

    References
    ----------
    Thomson (1982), Proceedings of the IEEE 70:1055, doi:10.1109/PROC.1982.12433
    """
    half_bandwidth = min(max(tapsmofrq, samplerate / length), samplerate / 2 - 1 / length)
    half_bandwidth_time = half_bandwidth * length / samplerate
    return half_bandwidth_time, tapers or max(1, int(2 * half_bandwidth_time - 1 + ROUNDING))


def fieldtrip_taper_count(length: int, samplerate: float, tapsmofrq: float) -> int:
    """Return how many tapers FieldTrip uses for a smoothing in Hz: round(2 N W / fs) - 1, from one to `length`."""
    return min(max(1, int(2 * length * tapsmofrq / samplerate + 0.5 + ROUNDING) - 1), length)


@keep_latest
def fieldtrip_hanning(length: int) -> Array:
    """Return FieldTrip's 'hanning': a Hann window without its zero end points, unit energy, float64, (1, length)."""
    return _unit_energy(windows.hann(length + 2, sym=True)[1:-1])


@keep_latest
def sine_tapers(length: int, count: int) -> Array:
    """Return the sine tapers sqrt(2 / (N + 1)) sin(pi k n / (N + 1)), k = 1 .. count.

    Parameters
    ----------
    length : int
        Number of samples N.
    count : int
        Number of tapers, at most N.

    Returns
    -------
    Array
        float64, (count, length), orthonormal, read-only.

    References
    ----------
    Riedel & Sidorenko (1995), IEEE Transactions on Signal Processing 43:188, doi:10.1109/78.365298
    """
    orders = np.arange(1, count + 1)[:, None]
    return _unit_energy(np.sin(np.pi * orders * np.arange(1, length + 1) / (length + 1)))


def _unit_energy(tapers: Array) -> Array:
    """Return tapers (time) or (taper, time) as read-only float64 rows with a sum of squares of one."""
    rows = np.atleast_2d(np.asarray(tapers, dtype=np.float64))
    scaled: Array = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    scaled.flags.writeable = False
    return scaled
