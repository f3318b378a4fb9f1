"""Synthetic recordings with known ground truth."""

from syncopy.kernels.noise import locking_strength
from syncopy.synthdata.collect import collect_trials
from syncopy.synthdata.network_spectra import ar2_peak_freq, ar_coherence, ar_granger, ar_spectrum
from syncopy.synthdata.networks import ar2_coefficients, ar2_network, ar_network, mk_RandomAdjMat, red_noise
from syncopy.synthdata.signals import harmonic, linear_trend, phase_diffusion, pink_noise, white_noise
from syncopy.synthdata.spikes import phase_locked_spikes, poisson_noise

__all__ = [
    "ar2_coefficients",
    "ar2_network",
    "ar2_peak_freq",
    "ar_coherence",
    "ar_granger",
    "ar_network",
    "ar_spectrum",
    "collect_trials",
    "harmonic",
    "linear_trend",
    "locking_strength",
    "mk_RandomAdjMat",
    "phase_diffusion",
    "phase_locked_spikes",
    "pink_noise",
    "poisson_noise",
    "red_noise",
    "white_noise",
]
