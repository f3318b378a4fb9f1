"""The verbs: what users call to analyse data. Their methods, one file each, live in `syncopy.methods`."""

from __future__ import annotations

from typing import Any

from syncopy.api.call import verb
from syncopy.data.continuous import AnalogData, CrossSpectralData, SpectralData


@verb("mtmfft")
def freqanalysis(*args: Any, **kwargs: Any) -> SpectralData:  # type: ignore[empty-body]
    """Estimate spectra, or time-frequency representations, of signals.

    Returns a SpectralData object `(time, taper, freq, channel)`, float32 or complex64.
    """


@verb()
def preprocessing(*args: Any, **kwargs: Any) -> AnalogData:  # type: ignore[empty-body]
    """Filter, detrend and transform signals, all steps in one pass over the data.

    Returns an AnalogData object of the same trials, float32 (complex64 for complex Hilbert output).
    """


@verb("resample")
def resampledata(*args: Any, **kwargs: Any) -> AnalogData:  # type: ignore[empty-body]
    """Change the sample rate.

    Returns an AnalogData object of the same trials, their time axes starting where they did.
    """


@verb("coh")
def connectivityanalysis(*args: Any, **kwargs: Any) -> CrossSpectralData:  # type: ignore[empty-body]
    """Estimate how channels are related, for all pairs or the combinations asked for.

    Returns a CrossSpectralData object `(time, freq, channel_i, channel_j)`.
    """


@verb()
def mean(*args: Any, **kwargs: Any) -> Any:
    """Average over an axis of the data, or over trials.

    Returns an object of the class of the input.
    """
