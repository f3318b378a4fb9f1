"""Dictionaries of parameters and facts, and the plain form of values."""

import copy
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import syncopy as spy
from syncopy.data.structdict import SerializableDict, StructDict, from_plain, to_plain
from syncopy.errors import SPYError, SPYTypeError


def test_attributes_are_items():
    cfg = spy.StructDict(a=1)
    cfg.method = "mtmfft"
    cfg["foi"] = [1, 2]
    assert (cfg.a, cfg["method"], cfg.foi) == (1, "mtmfft", [1, 2])
    assert cfg == {"a": 1, "method": "mtmfft", "foi": [1, 2]}
    del cfg.a
    assert "a" not in cfg
    assert "foi" in dir(cfg)


def test_a_key_named_like_a_method_of_dict():
    cfg = StructDict(clear=True, items=3, copy=0)
    assert (cfg.clear, cfg.items, cfg.copy) == (True, 3, 0)
    assert copy.deepcopy(cfg) == cfg
    assert "items : 3" in str(cfg)
    del cfg.items
    assert list(cfg.items()) == [("clear", True), ("copy", 0)]


@pytest.mark.parametrize("access", [lambda cfg: cfg.b, lambda cfg: delattr(cfg, "b")])
def test_a_missing_field_is_an_attribute_error(access):
    with pytest.raises(AttributeError, match="no field 'b'"):
        access(StructDict(a=1))


@pytest.mark.parametrize(
    "duplicate",
    [
        StructDict.copy,
        StructDict.deepcopy,
        copy.copy,
        copy.deepcopy,
        lambda cfg: pickle.loads(pickle.dumps(cfg)),
        lambda cfg: cfg | {},
    ],
)
def test_copies_are_full_and_consistent(duplicate):
    cfg = StructDict(a=[1], b=StructDict(c=2))
    twin = duplicate(cfg)
    assert type(twin) is StructDict
    assert twin == cfg
    assert twin.a == [1]
    twin.a = 3
    assert (twin["a"], cfg.a) == (3, [1])


@pytest.mark.parametrize("duplicate", [StructDict.copy, StructDict.deepcopy, copy.deepcopy])
def test_deep_copies_share_nothing(duplicate):
    cfg = StructDict(a=[1], b=StructDict(c=2))
    twin = duplicate(cfg)
    twin.a.append(2)
    twin.b.c = 0
    assert cfg == {"a": [1], "b": {"c": 2}}
    assert type(twin.b) is StructDict


def test_text_of_a_structdict():
    assert str(StructDict()) == "{}"
    text = str(StructDict(a=1, method="x", inner=StructDict(b=2)))
    assert text.splitlines()[:5] == ["Syncopy StructDict", "", "     a : 1", "method : x", " inner : {'b': 2}"]
    assert text.endswith("Use `dict(cfg)` for copy-paste-friendly format")


# -- info ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fill",
    [
        lambda info, value: info.__setitem__("x", value),
        lambda info, value: info.update({"x": value}),
        lambda info, value: info.update(x=value),
        lambda info, value: info.setdefault("x", value),
        lambda info, value: info.__ior__({"x": value}),
    ],
)
def test_numpy_values_are_converted_on_every_way_in(fill):
    info = SerializableDict()
    fill(info, {"deep": [np.arange(2), np.float32(0.5)]})
    assert json.loads(json.dumps(info)) == {"x": {"deep": [[0, 1], 0.5]}}
    with pytest.raises(SPYError, match="expected serializable data type; got object"):
        fill(SerializableDict(), object())


@pytest.mark.parametrize("wrong", [{"a": 1, "b": object()}, {"a": 1, 2: "b"}, {"a": 1, "b": {3: 4}}])
def test_a_refused_update_changes_nothing(wrong):
    info = SerializableDict(z=0)
    with pytest.raises(SPYError, match="wrong type of"):
        info.update(wrong)
    assert info == {"z": 0}


def test_info_of_an_object():
    data = spy.AnalogData()
    data.info = {"lab": np.array([1, 2])}
    assert data.info == {"lab": [1, 2]}
    for wrong in (None, [1], "x"):
        with pytest.raises(SPYTypeError, match="expected dictionary-like"):
            data.info = wrong
    with pytest.raises(SPYError, match="lab"):
        data.info = {"lab": print}


# -- plain form ----------------------------------------------------------------------------------------------------

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(plain)
def test_plain_values_stay_as_they_are(value):
    assert to_plain(value) == value
    assert json.loads(json.dumps(to_plain(value))) == value


@given(st.lists(st.one_of(st.integers(-5, 5), st.floats(-5, 5)), min_size=1))
def test_every_element_is_converted_by_itself(values):
    assert to_plain(values) == values
    assert [type(item) for item in to_plain(values)] == [type(item) for item in values]
    assert to_plain(np.array(values)) == np.array(values).tolist()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([0, 0.5], [0, 0.5]),
        ([1.0, 1.5], [1.0, 1.5]),
        (range(3), [0, 1, 2]),
        ((1, (2, np.int8(3))), [1, [2, 3]]),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.array(["a", "b"]), ["a", "b"]),
        (Path("a") / "b", str(Path("a") / "b")),
        (StructDict(a=np.arange(2)), {"a": [0, 1]}),
    ],
)
def test_plain_form(value, expected):
    assert to_plain(value) == expected
    json.dumps(to_plain(value))


@pytest.mark.parametrize(
    "value", [slice(1, None, 2), 1 + 2j, [slice(3), {"a": 2j}], {"select": {"channel": slice(0, 4)}}]
)
def test_slices_and_complex_numbers_come_back(value):
    assert from_plain(json.loads(json.dumps(to_plain(value)))) == value
