"""Directed influence read off the transfer function of all channels together: transfer functions, partial coherence."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from syncopy.data.view import View
from syncopy.engine.method import Pipeline
from syncopy.kernels import transfer as kernels
from syncopy.methods.connectivity.factors import FactorParameters, Formula, Joint
from syncopy.methods.connectivity.parameters import SPECTRAL_INPUT

Array = NDArray[Any]


def dtf(transfer: Array, noise: Array, csd: Array) -> Array:
    """See `kernels.transfer.directed_transfer_function`."""
    return kernels.directed_transfer_function(transfer)


def ddtf(transfer: Array, noise: Array, csd: Array) -> Array:
    """See `kernels.transfer.direct_transfer_function`."""
    return kernels.direct_transfer_function(transfer, csd)


def pdc(transfer: Array, noise: Array, csd: Array) -> Array:
    """See `kernels.transfer.partial_directed_coherence`."""
    return kernels.partial_directed_coherence(transfer)


def gpdc(transfer: Array, noise: Array, csd: Array) -> Array:
    """See `kernels.transfer.partial_directed_coherence`, with the noise."""
    return kernels.partial_directed_coherence(transfer, noise)


class DirectedMeasure(FactorParameters):
    """A formula of the joint factors of all channels; `info` tells how well the factorisation went, as for granger."""

    reads: ClassVar[tuple[type, ...]] = SPECTRAL_INPUT
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"tapsmofrq": 6, "pad": "nextpow2", "channelcmb": [["channel3"], ["channel1", "channel2"]]},
    )
    formula: ClassVar[Formula]

    def bind(self, *views: View) -> Pipeline:
        """Spectra of single trials, their cross-spectra, and the factors of these."""
        (view,) = views
        channels = np.arange(len(view.coords["channel"]))
        quantity = Joint(self.choose_pairs(view), channels, **self.transform(view), formula=type(self).formula)
        return self.reduce(view, self.bind_spectra(view, demean_taper=True), quantity)


class Dtf(DirectedMeasure):
    """Directed transfer function: channel_i's share of what arrives at channel_j, in [0, 1].

    (Kaminski & Blinowska 1991, doi:10.1007/BF00198091)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "dtf"
    formula = dtf


class Ddtf(DirectedMeasure):
    """Direct directed transfer function, without influence through other channels.

    (Korzeniewska et al. 2003, doi:10.1016/S0165-0270(03)00052-9)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "ddtf"
    formula = ddtf


class Pdc(DirectedMeasure):
    """Partial directed coherence: channel_j's share of what leaves channel_i directly, in [0, 1].

    (Baccala & Sameshima 2001, doi:10.1007/PL00007990)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "pdc"
    formula = pdc


class Gpdc(DirectedMeasure):
    """Generalised partial directed coherence, which does not depend on the units of the channels.

    (Baccala, Sameshima & Takahashi 2007, doi:10.1109/ICDSP.2007.4288544)
    """

    verb: ClassVar[str] = "connectivityanalysis"
    method_name: ClassVar[str | None] = "gpdc"
    formula = gpdc
