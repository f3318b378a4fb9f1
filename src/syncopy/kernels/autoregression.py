"""Autoregressive networks: recursions that simulate them, and the spectra and Granger causality they truly have.

A network of order L is ``x[t] = sum_l coefficients[l] @ x[t - 1 - l] + e[t]`` with the array `coefficients`
(lag, to, from) and innovations `e` of the covariance `noise_covariance` (channel, channel). Frequencies are in cycles
per sample.
"""

import numpy as np
from scipy import linalg

from syncopy.kernels.arrays import Array


def simulate_ar2(noise: Array, coupling: Array, alphas: tuple[float, float]) -> Array:
    """Run a network of AR(2) nodes that drive each other with lag 1.

    Parameters
    ----------
    noise : Array
        Innovations (trial, time, channel), float64. The first two samples are taken as they are.
    coupling : Array
        Strength (from, to) of the drive.
    alphas : (float, float)
        Coefficients of every node for lag 1 and lag 2.

    Returns
    -------
    Array
        Shape (trial, time, channel), float32.

    Notes
    -----
    The state is rounded to single precision without and again with the innovation, and the coupling once. That is how
    the first generation of this toolbox computed it: equal seeds give equal data, bit by bit.
    """
    trials, samples, channels = noise.shape
    step = np.diag(np.full(channels, float(alphas[0]))) + coupling.T.astype(np.float32)
    decay = np.float32(alphas[1])
    innovations = np.ascontiguousarray(noise.swapaxes(0, 1))
    state = np.empty((samples, trials, channels), np.float32)
    state[:2] = innovations[:2]
    for t in range(2, samples):
        # One matrix times many vectors: a product of two matrices would add in another order.
        driven = (step @ state[t - 1][:, :, None])[:, :, 0]
        state[t] = driven + decay * state[t - 2]
        state[t] += innovations[t]
    return np.ascontiguousarray(state.swapaxes(0, 1))


def random_coupling(uniform: Array, probability: float, strength: float) -> Array:
    """Couple channels at random so that what drives a channel adds up to one strength.

    Parameters
    ----------
    uniform : Array
        Random numbers (from, to) between 0 and 1.
    probability : float
        Of a connection.
    strength : float
        Sum over all channels that drive a channel; 0 where there are none.

    Returns
    -------
    Array
        Shape (from, to), no channel drives itself.
    """
    present = (uniform < probability) & ~np.eye(len(uniform), dtype=bool)
    coupling: Array = present / np.maximum(present.sum(axis=0), 1) * strength
    return coupling


def companion(coefficients: Array) -> Array:
    """Matrix that takes the stacked state ``(x[t-1], ..., x[t-L])`` one sample further, apart from the innovation."""
    lags, channels, _ = coefficients.shape
    matrix = np.eye(lags * channels, k=-channels)
    matrix[:channels] = coefficients.swapaxes(0, 1).reshape(channels, -1)
    return matrix


def spectral_radius(coefficients: Array) -> float:
    """Largest modulus of the companion's eigenvalues: the network is stable below 1."""
    return float(np.abs(linalg.eigvals(companion(coefficients))).max())


def stationary_covariance(coefficients: Array, noise_covariance: Array) -> Array:
    """Covariance of the stacked state ``(x[t-1], ..., x[t-L])`` of a stable network, (lag x channel, lag x channel)."""
    covariance: Array = linalg.solve_discrete_lyapunov(
        companion(coefficients), _state_noise(coefficients, noise_covariance)
    )
    return covariance


def simulate_ar(coefficients: Array, noise_covariance: Array, noise: Array) -> Array:
    """Run a stable network of any order from a random state of its stationary distribution.

    Parameters
    ----------
    coefficients : Array
        Shape (lag, to, from).
    noise_covariance : Array
        Shape (channel, channel).
    noise : Array
        Standard normal numbers (trial, lag + time, channel); the first ones become the state before the first sample.

    Returns
    -------
    Array
        Shape (trial, time, channel), float64.
    """
    lags, channels, _ = coefficients.shape
    state = noise.astype(np.float64)
    initial = state[:, :lags].reshape(len(state), -1) @ _root(stationary_covariance(coefficients, noise_covariance)).T
    innovations = state[:, lags:] @ _root(noise_covariance).T
    # The state runs backwards in time, the rows of the array forwards.
    state[:, :lags] = initial.reshape(-1, lags, channels)[:, ::-1]
    weights = coefficients[::-1].transpose(0, 2, 1).reshape(lags * channels, channels)
    for t in range(lags, state.shape[1]):
        state[:, t] = state[:, t - lags : t].reshape(len(state), -1) @ weights + innovations[:, t - lags]
    return state[:, lags:]


def transfer_function(coefficients: Array, freqs: Array) -> Array:
    """Response of the network to its innovations, complex128.

    Parameters
    ----------
    coefficients : Array
        Shape (lag, to, from).
    freqs : Array
        In cycles per sample.

    Returns
    -------
    Array
        Shape (freq, to, from).
    """
    lags, channels, _ = coefficients.shape
    delays = np.exp(-2j * np.pi * np.outer(freqs, np.arange(1, lags + 1)))
    response: Array = np.linalg.inv(np.eye(channels) - np.tensordot(delays, coefficients, axes=1))
    return response


def cross_spectral_density(coefficients: Array, noise_covariance: Array, freqs: Array) -> Array:
    """Two-sided cross-spectral density ``H noise_covariance H^*`` of a network, complex128.

    Parameters
    ----------
    coefficients, noise_covariance
        As for `simulate_ar`.
    freqs : Array
        In cycles per sample.

    Returns
    -------
    Array
        Shape (freq, channel, channel), in squared units of the data times samples; over the samplerate it is per Hz,
        and twice that the one-sided density. A positive phase means that the row leads.
    """
    response = transfer_function(coefficients, freqs)
    density: Array = response @ noise_covariance @ response.conj().swapaxes(1, 2)
    return density


def pairwise_granger(coefficients: Array, noise_covariance: Array, freqs: Array) -> Array:
    r"""Granger causality between every two channels of a network, each pair seen alone.

    .. math:: \ln \frac{S_{bb}}{S_{bb} - (Z_{aa} - Z_{ab}^2 / Z_{bb}) |H_{ba}|^2}

    (Geweke 1982, J Am Stat Assoc 77:304, doi:10.1080/01621459.1982.10477803) with the transfer function H and the noise
    covariance Z of the pair's own model. That model is of infinite order, and exact in its innovations form (Barnett &
    Seth 2015, Phys Rev E 91:040101, doi:10.1103/PhysRevE.91.040101).

    Parameters
    ----------
    coefficients, noise_covariance
        As for `simulate_ar`.
    freqs : Array
        In cycles per sample.

    Returns
    -------
    Array
        Shape (freq, from, to), float64, 0 on the diagonal.
    """
    channels = len(noise_covariance)
    granger = np.zeros((len(freqs), channels, channels))
    for a, b in zip(*np.triu_indices(channels, 1), strict=True):
        response, noise = marginal_model(coefficients, noise_covariance, np.array([a, b]), freqs)
        power = np.einsum("fij,jk,fik->fi", response, noise, response.conj()).real
        own = np.diagonal(noise) - noise[0, 1] ** 2 / np.diagonal(noise)[::-1]
        driven = own * np.abs(np.stack([response[:, 1, 0], response[:, 0, 1]], axis=1)) ** 2
        granger[:, [a, b], [b, a]] = np.log(power[:, ::-1] / (power[:, ::-1] - driven))
    return granger


def marginal_model(coefficients: Array, noise_covariance: Array, channels: Array, freqs: Array) -> tuple[Array, Array]:
    """Transfer function and noise covariance of some of a network's channels when the others are not observed.

    Parameters
    ----------
    coefficients, noise_covariance
        As for `simulate_ar`.
    channels : Array
        Which channels are observed.
    freqs : Array
        In cycles per sample.

    Returns
    -------
    response : Array
        Shape (freq, to, from), complex128, minimum phase, the identity in its lag 0.
    noise : Array
        Shape (channel, channel): covariance of the error of the best linear prediction from their own past.
    """
    step = companion(coefficients)
    observe = step[channels]
    crossed = np.zeros((len(step), len(channels)))
    crossed[: len(noise_covariance)] = noise_covariance[:, channels]
    inner = noise_covariance[np.ix_(channels, channels)]
    error = linalg.solve_discrete_are(step.T, observe.T, _state_noise(coefficients, noise_covariance), inner, s=crossed)
    noise = observe @ error @ observe.T + inner
    gain = np.linalg.solve(noise, (step @ error @ observe.T + crossed).T).T
    advance = np.exp(2j * np.pi * np.asarray(freqs))[:, None, None] * np.eye(len(step))
    response = np.eye(len(channels)) + observe @ np.linalg.solve(advance - step, gain[None])
    return response, noise


def _state_noise(coefficients: Array, noise_covariance: Array) -> Array:
    """Covariance of the innovations of the stacked state."""
    size = coefficients.shape[0] * coefficients.shape[1]
    noise = np.zeros((size, size))
    noise[: len(noise_covariance), : len(noise_covariance)] = noise_covariance
    return noise


def _root(covariance: Array) -> Array:
    """Matrix R with R R^T equal to a covariance, which may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    root: Array = vectors * np.sqrt(np.maximum(values, 0))
    return root
