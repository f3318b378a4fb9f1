"""Arithmetic of objects against NumPy, trial by trial."""

import operator
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import syncopy as spy
from syncopy.errors import SPYError, SPYTypeError, SPYValueError, SPYWarning
from syncopy.methods.arithmetic import Elementwise
from syncopy.methods.concat import Join
from syncopy.methods.select import Copy
from tests.data.objects import analog, cross, ramp, spectral

BINARY = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
TRL = [[3, 8, -1, 5], [8, 10, 0, 6], [0, 7, 2, 7]]


def signals(dtype="f8", samplerate=10, **more):
    """Overlapping trials of unequal length with positive numbers."""
    values = (ramp(12, 3) % 7 + 1).astype(dtype)
    return spy.AnalogData(values, samplerate=samplerate, trialdefinition=TRL, **more)


def check(result, function, *objects):
    """Whether a result holds what the function makes of every trial."""
    for number, found in enumerate(result.trials):
        expected = function(*(obj.trials[number] for obj in objects))
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("function", BINARY)
@pytest.mark.parametrize("dtype", ["i2", "f4", "f8", "c8"])
@pytest.mark.parametrize(
    "operand", [3, 2.5, 1 + 2j, np.float64(2), np.float32(2), np.int8(2), np.array([1, 2, 3]), [[2.0]], np.nan]
)
def test_operators_with_numbers_and_arrays_on_both_sides(function, dtype, operand):
    data = signals(dtype)
    constant = np.asarray(operand) if isinstance(operand, list) else operand
    with np.errstate(all="ignore"):
        check(function(data, operand), lambda trial: function(trial, constant), data)
        check(function(operand, data), lambda trial: function(constant, trial), data)


@pytest.mark.parametrize("function", BINARY)
@pytest.mark.parametrize(("one", "other"), [("f8", "f8"), ("i2", "i4"), ("f4", "f8"), ("i8", "f4"), ("c8", "c16")])
def test_operators_with_objects(function, one, other):
    left, right = signals(one), signals(other)
    check(function(left, right), function, left, right)


@pytest.mark.parametrize("function", [operator.neg, abs])
@pytest.mark.parametrize("dtype", ["i2", "f4", "c8"])
def test_signs(function, dtype):
    data = signals(dtype)
    check(function(data), function, data)


@pytest.mark.parametrize("name", ["square", "sqrt", "exp", "log", "log10"])
@pytest.mark.parametrize("dtype", ["f4", "f8", "c8"])
def test_functions(name, dtype):
    data = signals(dtype)
    check(spy.arithmetic(name, data), getattr(np, name), data)


@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize("make", [analog, spectral, cross])
def test_every_class_and_who_computes(make, parallel, monkeypatch):
    if parallel:
        from syncopy.api import derive
        from syncopy.engine.executors import Threads

        monkeypatch.setattr(derive, "choose_executor", lambda _: Threads(2))
    obj = make()
    result = obj - obj / 2
    assert type(result) is type(obj)
    assert result == obj * 0.5


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_arrays_broadcast_to_the_trials(data):
    dimord = data.draw(st.permutations(["time", "taper", "freq", "channel"]))
    sizes = {"time": 4, "taper": 2, "freq": 3, "channel": 5}
    shape = [sizes[dim] for dim in dimord]
    values = ramp(*[size * (3 if dim == "time" else 1) for dim, size in zip(dimord, shape, strict=True)])
    spec = spy.SpectralData(values, samplerate=1, dimord=dimord, trialdefinition=[[0, 4, 0], [8, 12, 1], [2, 6, 3]])
    kept = data.draw(st.integers(0, 4))
    array_shape = [size if data.draw(st.booleans()) else 1 for size in shape[4 - kept :]]
    array = ramp(*array_shape) + 1 if kept else np.array(2.0)
    result = spec * array
    assert result.dimord == spec.dimord
    check(result, lambda trial: trial * array, spec)
    check(1 - array / (result + 1), lambda trial: 1 - array / (trial + 1), result)


def test_metadata_and_history():
    data = signals(channel=["a", "b", "c"])
    data.cfg = {"preprocessing": {"order": 4}}
    data.log = "before"
    result = 2 - data
    np.testing.assert_array_equal(result.trialdefinition, [[0, 5, -1, 5], [5, 7, 0, 6], [7, 14, 2, 7]])
    assert result.channel.tolist() == ["a", "b", "c"]
    assert result.samplerate == 10
    assert result.cfg.preprocessing == {"order": 4}
    assert (result.cfg.arithmetic.operator, result.cfg.arithmetic.left) == ("-", 2)
    assert result.cfg.arithmetic.right["object"] == "AnalogData"
    assert "before" in result._log
    assert "arithmetic: called with settings\n\toperator = -" in result._log
    assert "arithmetic" not in data.cfg


def test_in_place_selections_of_both_sides_count():
    data, other = signals(), signals() * 10
    data.selection = {"trials": [2, 0], "channel": [2, 0]}
    other.selection = {"trials": [2, 0], "channel": [1, 1]}
    before = data.selection, other.selection
    result = data + other
    for number, trial in enumerate([2, 0]):
        expected = data.trials[trial][:, [2, 0]] + other.trials[trial][:, [1, 1]]
        np.testing.assert_array_equal(result.trials[number], expected)
    assert result.channel.tolist() == ["channel3", "channel1"]
    assert (data.selection, other.selection) == before
    np.testing.assert_array_equal((data * [1, 2]).trials[1], data.trials[0][:, [2, 0]] * [1, 2])


@pytest.mark.parametrize(
    ("calculate", "error", "text"),
    [
        (lambda a: a + "x", SPYTypeError, "Syncopy object, scalar or array-like; got str"),
        (lambda a: a + None, SPYTypeError, "got NoneType"),
        (lambda a: a + True, SPYTypeError, "got bool"),
        (lambda a: a * ["x"], SPYTypeError, "an array of numbers"),
        (lambda a: {} + a, SPYTypeError, "got dict"),
        (lambda a: a * np.inf, SPYValueError, "finite scalar"),
        (lambda a: a / 0, SPYValueError, "non-zero scalar for division"),
        (lambda a: a / 0.0, SPYValueError, "non-zero scalar for division"),
        (lambda a: a + np.ones(2), SPYValueError, r"compatible to trial shape \(2, 3\)"),
        (lambda a: a + np.ones((5, 3)), SPYValueError, r"compatible to trial shape \(2, 3\)"),
        (lambda a: a + np.ones((1, 1, 3)), SPYValueError, "compatible to trial shape"),
        (lambda a: a + spectral(), SPYTypeError, "expected AnalogData; got SpectralData"),
        (lambda a: a + spy.AnalogData(samplerate=10), SPYValueError, "non-empty"),
        (lambda a: spy.AnalogData() + 1, SPYValueError, "non-empty"),
        (lambda a: a + signals(samplerate=11), SPYValueError, "samplerate 10 Hz; got 11 Hz"),
        (lambda a: a + analog(lengths=(5, 2)), SPYValueError, r"same number of trials \(3\)"),
        (lambda a: a + analog(lengths=(5, 2, 6)), SPYValueError, r"\(7, 3\)\); got \(6, 3\) in trial 2"),
        (lambda a: a + analog(lengths=(5, 2, 7), n_channels=2), SPYValueError, "same shapes"),
        (lambda a: a + a * 1j, SPYTypeError, "two objects of real numbers or two of complex"),
        (lambda a: spy.arithmetic("%", a, 2), SPYValueError, "one of "),
        (lambda a: spy.arithmetic("abs", a, 2), SPYValueError, "one operand"),
        (lambda a: spy.arithmetic("+", 1, 2), SPYTypeError, "data object on one side"),
    ],
)
def test_operands_that_do_not_fit(calculate, error, text):
    with pytest.raises(error, match=text) as raised:
        calculate(signals())
    assert str(raised.value).startswith("arithmetic(")


def test_objects_of_another_order_of_axes_do_not_fit():
    turned = spy.AnalogData(ramp(3, 12), samplerate=10, trialdefinition=TRL, dimord=["channel", "time"])
    with pytest.raises(SPYValueError, match="dimord"):
        signals() + turned
    np.testing.assert_array_equal((turned + turned).data[()], 2 * turned.data[()][:, [*range(3, 10), *range(7)]])


def test_other_operators_are_not_there():
    data = signals()
    for function in (operator.floordiv, operator.mod, operator.matmul):
        with pytest.raises(TypeError, match="unsupported operand"):
            function(data, 2)
    with pytest.raises(TypeError, match="len"):
        len(data)


def test_in_place_operators_make_a_new_object():
    data = signals()
    same = data
    same += 1
    assert same is not data
    assert same == data + 1


def test_datasets_of_all_trials_are_left_out_with_a_warning():
    data = analog(lengths=(5, 5))
    data._register_dataset("avg", ramp(5, 3))
    with pytest.warns(SPYWarning, match="datasets avg belong to the original trials"):
        assert (data * 2).datasets == {}


def test_long_trials_and_memory():
    values = np.random.default_rng(1).standard_normal((50_000, 4)).astype("f4")
    data = spy.AnalogData(values, samplerate=1000, trialdefinition=[[0, 20_000, 0], [20_001, 50_000, 0]])
    ramp_in_time = np.linspace(0, 1, 20_000, dtype="f4")[:, None]
    with spy.options(memory="200kB", workers=1):
        result = 1 - data
        doubled = result + result
    data.selection = {"trials": 0}
    with spy.options(memory="500kB", workers=1):  # room for one channel of a trial
        tapered = data * ramp_in_time
    np.testing.assert_array_equal(result.trials[1], 1 - values[20_001:])
    np.testing.assert_array_equal(doubled.trials[0], 2 * (1 - values[:20_000]))
    np.testing.assert_array_equal(tapered.trials[0], values[:20_000] * ramp_in_time)


def test_an_error_leaves_nothing_behind():
    data = signals("i2")
    data.selection = {"channel": 0}
    before = data.selection
    with pytest.raises(ValueError, match="negative powers of whole numbers"):
        data**-1
    with pytest.raises(SPYError, match="finite"):
        data * np.inf
    assert data.selection is before
    assert data.cfg == {}


@pytest.mark.parametrize(
    "stage",
    [
        Copy(),
        Join("channel", np.array(["a"])),
        Elementwise(np.subtract, before=(np.ones((1, 3)),), varying=frozenset({"channel"})),
    ],
)
def test_steps_travel_to_workers(stage):
    twin = pickle.loads(pickle.dumps(stage))
    assert type(twin) is type(stage)
    assert twin.split == stage.split
