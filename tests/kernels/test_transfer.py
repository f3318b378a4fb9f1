"""Directed transfer function and partial directed coherence against FieldTrip and the structure of a model."""

import numpy as np
import pytest

from syncopy.kernels.granger import reconstruct
from syncopy.kernels.transfer import (
    direct_transfer_function,
    directed_transfer_function,
    partial_directed_coherence,
)


@pytest.fixture(scope="module")
def fieldtrip(shared):
    with np.load(shared / "oracle" / "granger.npz") as one, np.load(shared / "oracle" / "mvar.npz") as other:
        return dict(one) | dict(other)


def chain():
    """0 drives 1, 1 drives 2."""
    shift = np.exp(-1j * np.linspace(0, np.pi, 50))[:, None, None]
    noise = np.diag([1.0, 4.0, 0.25])
    return np.linalg.inv(np.eye(3) - 0.5 * shift * np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1]])), noise


def test_transfer_sees_indirect_paths_and_partial_coherence_direct_ones():
    transfer, noise = chain()
    everything = directed_transfer_function(transfer)
    direct = partial_directed_coherence(transfer)
    assert everything[:, 0, 2].min() > 0.01
    np.testing.assert_allclose(direct[:, 0, 2], 0, atol=1e-12)
    np.testing.assert_allclose(everything[:, [1, 2, 2], [0, 0, 1]], 0, atol=1e-12)
    assert direct[:, [0, 1], [1, 2]].min() > 0.1
    np.testing.assert_allclose(direct_transfer_function(transfer, reconstruct(transfer, noise))[:, 0, 2], 0, atol=1e-12)


def test_shares_are_complete():
    transfer, noise = chain()
    np.testing.assert_allclose((directed_transfer_function(transfer) ** 2).sum(axis=-2), 1)
    np.testing.assert_allclose((partial_directed_coherence(transfer) ** 2).sum(axis=-1), 1)
    np.testing.assert_allclose((partial_directed_coherence(transfer, noise) ** 2).sum(axis=-1), 1)


def test_generalised_form_knows_no_units():
    transfer, noise = chain()
    units = np.array([1, 1e-13, 30])
    scaled = transfer * units[:, None] / units, noise * units[:, None] * units
    plain = partial_directed_coherence(transfer, noise)
    np.testing.assert_allclose(partial_directed_coherence(*scaled), plain, atol=1e-12)
    assert abs(partial_directed_coherence(scaled[0]) - partial_directed_coherence(transfer)).max() > 0.1


def test_fieldtrip(fieldtrip):
    transfer, csd, dtf, pdc, gpdc, ddtf = (
        fieldtrip[key].transpose(2, 0, 1)
        for key in (
            "transfer_multivariate.transfer",
            "transfer_multivariate.crsspctrm",
            "dtf_nonparametric.dtfspctrm",
            "pdc_nonparametric.pdcspctrm",
            "gpdc_nonparametric.gpdcspctrm",
            "ddtf_nonparametric.ddtfspctrm",
        )
    )
    np.testing.assert_allclose(directed_transfer_function(transfer), dtf, atol=1e-12)
    np.testing.assert_allclose(partial_directed_coherence(transfer), pdc, atol=1e-12)
    noise = fieldtrip["transfer_multivariate.noisecov"]
    np.testing.assert_allclose(partial_directed_coherence(transfer, noise), gpdc, atol=1e-12)
    np.testing.assert_allclose(direct_transfer_function(transfer, csd), ddtf, atol=1e-12)


def test_fieldtrip_parametric(fieldtrip):
    transfer, dtf, pdc = (
        fieldtrip[key].transpose(2, 0, 1)
        for key in ("freq_mvar_bsmart_order2.transfer", "parametric_dtf.dtfspctrm", "parametric_pdc.pdcspctrm")
    )
    np.testing.assert_allclose(directed_transfer_function(transfer), dtf, atol=1e-12)
    np.testing.assert_allclose(partial_directed_coherence(transfer), pdc, atol=1e-12)
