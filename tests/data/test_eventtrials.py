"""Trials found in sequences of events."""

import numpy as np
import pytest

import syncopy as spy
from syncopy.data.eventtrials import find_trials

CODES = np.array([1, 2, 3, 1, 2, 3, 2, 1, 3])
TIMES = np.array([0.1, 0.3, 0.5, 1.1, 1.3, 1.5, 2.1, 2.3, 2.5])
NAN = np.nan


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"pre": 0.05, "post": 0.1, "trigger": 2}, [(0.25, 0.4, 0.3), (1.25, 1.4, 1.3), (2.05, 2.2, 2.1)]),
        ({"start": 1, "stop": 3}, [(0.1, 0.5, NAN), (1.1, 1.5, NAN), (2.3, 2.5, NAN)]),
        ({"start": 1, "trigger": 2, "stop": 3}, [(0.1, 0.5, 0.3), (1.1, 1.5, 1.3), (2.3, 2.5, 2.1)]),
        (
            {"start": 1, "trigger": 2, "stop": 3, "pre": 0.05, "post": 0.1},
            [(0.05, 0.6, 0.3), (1.05, 1.6, 1.3), (2.25, 2.6, 2.1)],
        ),
        # one event may be start and trigger; stop and trigger are two
        ({"start": 1, "trigger": 1, "stop": 3}, [(0.1, 0.5, 0.1), (1.1, 1.5, 1.1), (2.3, 2.5, 2.3)]),
        ({"start": 1, "trigger": 2, "stop": 2, "post": 0.1}, [(0.1, 1.4, 0.3)]),
        ({"start": 1, "stop": 1}, [(0.1, 1.1, NAN)]),
        # without a start, the stop follows the trigger
        ({"pre": 0.05, "trigger": 2, "stop": 3}, [(0.25, 0.5, 0.3), (1.25, 1.5, 1.3), (2.05, 2.5, 2.1)]),
        ({"start": 1, "trigger": 2, "post": 0.4}, [(0.1, 0.7, 0.3), (1.1, 1.7, 1.3), (2.3, 2.5, 2.1)]),
        # an entry per trial
        ({"pre": 0.05, "post": [0.1, 0.2], "trigger": (2, 3)}, [(0.25, 0.4, 0.3), (0.45, 0.7, 0.5)]),
        (
            {"pre": [0.05, None], "post": [0.1, NAN], "start": [None, 1], "trigger": 2, "stop": [NAN, 3]},
            [(0.25, 0.4, 0.3), (1.1, 1.5, 1.3)],
        ),
        ({"pre": [0.05], "post": 0, "trigger": 3}, [(0.45, 0.5, 0.5)]),
        # the stop comes after the start, whatever came before
        ({"start": 2, "stop": 1}, [(0.3, 1.1, NAN), (1.3, 2.3, NAN)]),
    ],
)
def test_found_trials(rules, expected):
    np.testing.assert_allclose(find_trials(TIMES, CODES, **rules), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        ({"pre": 0.1, "post": 0.1, "trigger": 9}, "`trigger`: expected existing event-id"),
        ({"start": 9, "stop": 3}, "`start`: expected existing event-id"),
        ({"start": 3, "trigger": 1, "stop": 9}, "`stop`: expected existing event-id"),
        ({"pre": 0.1, "post": 0.1, "trigger": [2, 2, 2, 2]}, "existing event-id for trial 3"),
        ({"trigger": 2}, "`pre` or `start`, and `post` or `stop`"),
        ({"start": 1}, "got None for post, pre, stop, trigger"),
        ({"pre": 0.1, "start": 1, "stop": 3}, "non-None `trigger`"),
        ({"start": 1, "post": 0.1}, "non-None `trigger`"),
        ({"pre": [0.1, NAN], "post": 0.1, "trigger": 2}, "`pre` or `start`"),
        ({"pre": [0.1, 0.1], "post": [0.1], "trigger": 2}, "same length"),
        ({"pre": [], "post": 0.1, "trigger": 2}, "same length, 1 at least"),
        ({"pre": [[0.1]], "post": 0.1, "trigger": 2}, "finite number"),
        ({"pre": np.inf, "post": 0.1, "trigger": 2}, "finite number"),
        ({"pre": -0.2, "post": 0.1, "trigger": 2}, "trial-begin at 0.5 s, trial-end at 0.4 s"),
    ],
)
def test_rules_that_do_not_work(rules, text):
    with pytest.raises(spy.SPYValueError, match=text):
        find_trials(TIMES, CODES, **rules)


def test_codes_are_numbers():
    with pytest.raises(spy.SPYTypeError, match="trigger"):
        find_trials(TIMES, CODES, pre=0.1, post=0.1, trigger="go")


def test_code_zero_is_a_code():
    np.testing.assert_allclose(find_trials(TIMES, CODES - 1, start=0, stop=2)[0], [0.1, 0.5, NAN])
