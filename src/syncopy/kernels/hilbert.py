"""Analytic signals: amplitude and phase from moment to moment."""

import numpy as np
from scipy import fft

from syncopy.kernels.arrays import Array, cache_slabs, complex_dtype
from syncopy.kernels.fourier import convert_spectra


def analytic_signal(block: Array) -> Array:
    """Add to each signal i times its Hilbert transform, the signal delayed by a quarter of a cycle at all frequencies.

    Negative frequencies vanish and positive ones double (`scipy.signal.hilbert`). The transform is circular over the
    trial. Its forward half is in double precision: an offset drops out and leaves no rounding errors behind.

    Parameters
    ----------
    block : Array
        (trial, time, channel); left untouched.

    Returns
    -------
    Array
        Shape of `block`; complex64 for float32 input, else complex128. The real part is `block`; the imaginary part of
        a signal that holds a NaN is NaN throughout.
    """
    samples = block.shape[1]
    analytic = np.empty(block.shape, complex_dtype(block))
    analytic.real = block
    for slab in cache_slabs(len(block), 8 * block[:1].size):
        spectrum = fft.rfft(block[slab].astype(np.float64), axis=1)
        spectrum *= -1j  # the inverse reads only real parts at 0 Hz and Nyquist: nothing is left of the two
        analytic.imag[slab] = fft.irfft(spectrum.astype(analytic.dtype, copy=False), samples, axis=1, overwrite_x=True)
    return analytic


def hilbert(block: Array, output: str) -> Array:
    """Return a part of the analytic signal.

    Parameters
    ----------
    block : Array
        (trial, time, channel); left untouched.
    output : {'abs', 'complex', 'real', 'imag', 'absreal', 'absimag', 'angle'}
        Amplitude, the signal itself, its parts, their moduli, or the phase in (-pi, pi] rad.

    Returns
    -------
    Array
        Shape of `block`; complex for 'complex', else real, precision of `analytic_signal`.
    """
    return convert_spectra(analytic_signal(block), output)
