"""Named trialinfo columns and conditions on them."""

import sys

import numpy as np
import pytest

import syncopy as spy
from syncopy.data.trialtable import evaluate
from tests.data.objects import analog

COLUMNS = {
    "trial": np.arange(5),
    "a": np.array([1.0, 2, 3, 4, np.nan]),
    "b": np.array([0.5, -0.5, 0, 2, 1]),
}
A, B, T = COLUMNS["a"], COLUMNS["b"], COLUMNS["trial"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("a == 2", A == 2),
        ("a != 2", A != 2),
        ("a > 1 and b < 1", (A > 1) & (B < 1)),
        ("a > 1 & b < 1", (A > 1) & (B < 1)),
        ("a > 3 | b < 0 | trial == 4", (A > 3) | (B < 0) | (T == 4)),
        ("not a > 1", ~(A > 1)),
        ("~(a > 1)", ~(A > 1)),
        ("1 < a <= 3", (A > 1) & (A <= 3)),
        ("a in [1, 4]", np.isin(A, [1, 4])),
        ("a not in (1, 4)", ~np.isin(A, [1, 4])),
        ("a * 2 - b / 2 >= 3", 2 * A - B / 2 >= 3),
        ("a % 2 == 1", A % 2 == 1),
        ("-b ** 2 < -0.2", -(B**2) < -0.2),
        ("1 / b > 1", np.array([True, False, True, False, False])),  # 1 / 0 is infinite
        ("trial < 2 and True", T < 2),
        ("9 ** 9 ** 9 > a", ~np.isnan(A)),
    ],
)
def test_conditions(condition, expected):
    np.testing.assert_array_equal(evaluate(condition, COLUMNS), expected)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("a", "true or false"),
        ("a +", "condition like"),
        ("", "condition like"),
        ("a == 'x'", "columns, numbers, comparisons"),
        ("A == 1", r"names of columns \(trial, a, b\)"),
        ("trail == 1", "did you mean 'trial'"),
        ("a.tofile(1) == 1", "columns, numbers, comparisons"),
        ("__import__('os').system('true') == 0", "columns, numbers, comparisons"),
        ("[x for x in a] == 1", "columns, numbers, comparisons"),
        ("(lambda: 1)() == 1", "columns, numbers, comparisons"),
        ("a is b", "columns, numbers, comparisons"),
        ("a @ b > 1", "columns, numbers, comparisons"),
        ("a := 1", "condition like"),
        ("-[1] == a", "condition like"),
        ("a == [1, 2]", "condition like"),
    ],
)
def test_what_is_no_condition(condition, text):
    with pytest.raises(spy.SPYValueError, match=text):
        evaluate(condition, COLUMNS)


@pytest.fixture
def data():
    data = analog(lengths=(6, 4, 5))
    trl = np.column_stack([data.trialdefinition, [0.31, 0.44, 0.29]])
    data.trialdefinition = trl
    data.info["trialinfo_columns"] = ["condition", "reaction"]
    return data


def test_table(data):
    table = data.trialtable
    assert list(table.columns) == ["start", "stop", "offset", "condition", "reaction"]
    assert table.index.name == "trial"
    np.testing.assert_array_equal(table.to_numpy(), data.trialdefinition)


def test_columns_without_names():
    assert list(analog().trialtable.columns) == ["start", "stop", "offset", "info1"]
    assert spy.AnalogData(samplerate=1).trialtable is None


def test_names_of_other_columns_are_not_used(data):
    data.trialdefinition = data.trialdefinition[:, :4]
    assert list(data.trialtable.columns)[3:] == ["info1"]


def test_without_pandas(data, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(spy.SPYError, match=r"pip install syncopy\[tables\]"):
        _ = data.trialtable
    assert data.resolve({"trials": "reaction < 0.4"}).trial_ids == [0, 2]


def test_assigning_a_changed_table(data):
    table = data.trialtable
    table["correct"] = [True, False, True]
    table["offset"] += 1
    data.trialtable = table.drop(columns="condition")
    np.testing.assert_array_equal(data.trialinfo, [[0.31, 1], [0.44, 0], [0.29, 1]])
    np.testing.assert_array_equal(data.trialdefinition[:, 2], [-1, -1, -1])
    assert data.info["trialinfo_columns"] == ["reaction", "correct"]


def test_assigning_columns(data):
    borders = data.sampleinfo
    data.trialtable = {"side": [1, 2, 1]}
    np.testing.assert_array_equal(data.trialdefinition[:, 3], [1, 2, 1])
    np.testing.assert_array_equal(data.sampleinfo, borders)
    assert data.resolve({"trials": "side == 1"}).trial_ids == [0, 2]


@pytest.mark.parametrize(
    ("table", "error"),
    [
        ([[1, 2, 3]], spy.SPYTypeError),
        ({1: [1, 2, 3]}, spy.SPYTypeError),
        ({"side": ["l", "r", "l"]}, spy.SPYTypeError),
        ({"side": [1, 2]}, spy.SPYValueError),
        ({"offset": [0, 0, 0.5]}, spy.SPYValueError),
    ],
)
def test_assigning_what_is_no_table(data, table, error):
    before = data.trialdefinition
    with pytest.raises(error):
        data.trialtable = table
    np.testing.assert_array_equal(data.trialdefinition, before)
    assert data.info["trialinfo_columns"] == ["condition", "reaction"]


def test_selecting_by_a_condition(data):
    part = data.selectdata(trials="condition > 0 and reaction < 0.4")
    np.testing.assert_array_equal(part.trials[0], data.trials[2])
    assert part.cfg["selectdata"]["trials"] == "condition > 0 and reaction < 0.4"
    assert len(spy.show(data, trials="offset == -2")) == 3
    with pytest.raises(spy.SPYValueError, match="one trial meets"):
        data.selectdata(trials="reaction > 1")


def test_names_travel(data, tmp_path):
    part = data.selectdata(trials=[2, 0])
    assert part.resolve({"trials": "reaction < 0.3"}).trial_ids == [0]
    spectra = spy.freqanalysis(data, select={"trials": "condition != 1"}, taper=None)
    assert spectra.resolve({"trials": "reaction < 0.3"}).trial_ids == [1]
    data.save(filename=tmp_path / "named.analog")
    assert spy.load(tmp_path / "named.analog").resolve({"trials": "reaction < 0.3"}).trial_ids == [2]
    assert spy.AnalogData([data, data]).resolve({"trials": "reaction < 0.3"}).trial_ids == [2, 5]
    assert "trialinfo_columns" not in spy.mean(data.selectdata(trials=[0, 0]), dim="trials").info


def test_printing_needs_no_pandas(data, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert "trialtable" not in repr(data)
