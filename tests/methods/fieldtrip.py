"""FieldTrip's numbers for the tests of time-frequency methods: inputs as objects, results by name."""

import json

import numpy as np

import syncopy as spy

# What FieldTrip makes of the time axis; its windows of 62.5 samples have 62 because of that.
FS = 499.99999999999977


def recording(shared, name="net", n_trials=3, fs=500.0):
    """The oracle's signals; trials of `net` have 500 samples from -0.2 s on."""
    with np.load(shared / "oracle" / "inputs.npz") as inputs:
        if name == "unequal":
            values, definition = inputs["unequal_data"].T, inputs["unequal_trl"]
        else:
            values = inputs[name].transpose(0, 2, 1).reshape(-1, 4)
            starts = 500 * np.arange(20)
            definition = np.column_stack([starts, starts + 500, np.full(20, -100)])
    data = spy.AnalogData(np.ascontiguousarray(values), samplerate=fs)
    data.trialdefinition = definition[:n_trials]
    return data


def oracle(shared, name):
    """Settings and arrays of a case, e.g. `tfr/wavelet7`."""
    cases = json.loads((shared / "oracle" / "cases.json").read_text())["cases"]
    (case,) = (case for case in cases if case["id"] == name)
    with np.load(shared / "oracle" / case["file"]) as file:
        return case["cfg"], {key: file[entry["key"]] for key, entry in case["arrays"].items()}


def power_of(result):
    """Average power as FieldTrip orders it, (channel, freq, time)."""
    return result.trials[0][:, 0].transpose(2, 1, 0)


def assert_power(result, expected):
    """Compare with the average power of a case; results are stored in single precision."""
    np.testing.assert_allclose(power_of(result), expected, rtol=2e-6, atol=3e-7 * np.nanmax(np.abs(expected)))
