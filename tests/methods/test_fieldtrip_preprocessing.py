"""`preprocessing`, and cross-spectra of its results, against FieldTrip's numbers, through the public functions."""

import json

import numpy as np
import pytest
from scipy.signal import windows

import syncopy as spy
from syncopy.kernels.sinc import order_from_width, transition_width
from tests.methods.fieldtrip import oracle, recording

FS = 500.0


def compare(result, expected, tolerance=1e-6):
    """Trials (trial, channel, time) of FieldTrip; results are stored in single precision."""
    expected = expected.swapaxes(1, 2)
    for number, trial in enumerate(expected):
        np.testing.assert_allclose(
            result.trials[number], trial, rtol=tolerance, atol=tolerance * np.abs(expected).max()
        )


STEPS = {
    "demean": {"polyremoval": 0},
    "detrend": {"polyremoval": 1},
    "demean_baseline": {"baselinewindow": [-0.2, 0]},
    "rectify": {"rectify": True},
    "reref_avg": {"reref": True},
    "reref_ch2": {"reref": True, "refchannel": "channel2"},
    "reref_bipolar": {"reref": True, "refmethod": "bipolar"},
}


@pytest.mark.parametrize("case", STEPS)
def test_steps(shared, case):
    cfg, expected = oracle(shared, f"preproc/{case}")
    assert not cfg.get("demean") or case.startswith("demean")
    compare(spy.preprocessing(recording(shared, "prep"), filter_class=None, **STEPS[case]), expected["trial"])


def test_every_windowed_sinc_filter(shared):
    records = json.loads((shared / "oracle" / "cases.json").read_text())["cases"]
    names = [record["id"] for record in records if record["group"] == "preproc" and "firws" in record["case"]]
    assert len(names) == 21
    data = recording(shared, "prep")
    for name in names:
        cfg, expected = oracle(shared, name)
        kind = name.removeprefix("preproc/")[:2]
        settings = {key.removeprefix(kind): value for key, value in cfg.items()}
        freq, window = settings["freq"], settings.get("filtwintype", "hamming")
        order = settings.get("filtord", order_from_width(transition_width(freq, FS), FS, window))
        result = spy.preprocessing(
            data,
            filter_class="firws",
            filter_type=kind,
            freq=freq,
            order=order,
            window=window,
            direction=settings.get("filtdir", "onepass").removesuffix("-zerophase"),
            padtype="edge",
        )
        compare(result, expected["trial"])


def lower_triangle(csd, pairs):
    """Cross-spectra (..., channel, channel) as FieldTrip lists them: `pairs` of labels."""
    return np.stack([csd[..., int(one[2:]) - 1, int(other[2:]) - 1] for one, other in pairs], axis=-1)


PAIRS = [("ch2", "ch1"), ("ch3", "ch1"), ("ch4", "ch1"), ("ch3", "ch2"), ("ch4", "ch2"), ("ch4", "ch3")]


def test_cross_spectra_of_whole_trials(shared):
    cfg, expected = oracle(shared, "mtmfft/powandcsd_hanning")
    data = recording(shared, n_trials=20)
    spectra = spy.freqanalysis(data, output="fourier", taper="hanning", foilim=cfg["foilim"], ft_compat=True)
    csd = spy.connectivityanalysis(spectra, method="csd").data[0]
    wanted = expected["crsspctrm"].T
    np.testing.assert_allclose(lower_triangle(csd, PAIRS), wanted, rtol=1e-5, atol=1e-6 * np.abs(wanted).max())
    power = np.einsum("fcc->fc", csd).real
    np.testing.assert_allclose(power, expected["powspctrm"].T, rtol=1e-5)


def test_eigenvalues_weigh_single_tapers(shared):
    """FieldTrip's `mtmadapt='eig'`, which multiplies coefficients by the concentration, from our kept tapers."""
    cfg, expected = oracle(shared, "mtmfft/pow_dpss4_eig")
    single = spy.freqanalysis(
        recording(shared), tapsmofrq=cfg["tapsmofrq"], foilim=cfg["foilim"], keeptapers=True, ft_compat=True
    )
    ratios = windows.dpss(500, 4, Kmax=7, return_ratios=True)[1]
    power = np.average(np.mean([trial[0] for trial in single.trials], axis=0), axis=0, weights=ratios**2)
    np.testing.assert_allclose(power.T, expected["powspctrm"], rtol=2e-6)
