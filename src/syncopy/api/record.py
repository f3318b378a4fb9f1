"""What an object remembers of the calls it came from."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from syncopy.api.conventions import CONTROLS, UNRECORDED
from syncopy.data.base import BaseData
from syncopy.data.channels import hand_on_channels
from syncopy.data.continuous import ContinuousData
from syncopy.data.history import remember, settings_text
from syncopy.data.structdict import StructDict, to_plain
from syncopy.data.trialtable import hand_on_names
from syncopy.data.units import UnitRule, unknown
from syncopy.errors import SPYWarning


def inherit(result: BaseData, data: BaseData, *others: BaseData, rule: UnitRule = unknown) -> None:
    """Hand on what an object knows to one made of it (and of others).

    Parameters
    ----------
    result : BaseData
        Gets the history and the names of the trial information of `data`, and what all sources know of its channels.
    data, *others : BaseData
        Its sources.
    rule : callable
        Unit of its numbers for that of theirs.
    """
    result._cfg = data.cfg.copy()
    result._log = data._log
    hand_on_names(result, data)
    hand_on_channels(result, (data, *others), rule)


def record_call(result: BaseData, name: str, settings: Mapping[str, Any]) -> None:
    """Enter a call into the cfg and the log of an object."""
    enter_call(result, name, settings)
    result._record(name, f"called with settings\n{settings_text(settings)}")


def enter_call(result: BaseData, name: str, settings: Mapping[str, Any]) -> None:
    """Enter a call into the cfg of an object."""
    left_out = {key for key in CONTROLS if settings.get(key) is None} | {*UNRECORDED}
    told = {key: value for key, value in to_plain(settings).items() if key not in left_out}
    remember(result.cfg, name, StructDict({"parallel": None} | told))


def tell_of_nan(title: str, has_nan: list[bool], trial_ids: Any, result: ContinuousData) -> None:
    """Say which trials hold NaN."""
    trials = np.asarray(trial_ids)[np.asarray(has_nan, dtype=bool)].tolist()
    result.info["nan_trials"] = trials
    if trials:
        shown = few_of([str(trial) for trial in trials])
        warnings.warn(f"{title}: {len(trials)} trials hold NaN: {shown}", SPYWarning, stacklevel=7)


def tell_of_skipped(title: str, skipped: Mapping[int, str]) -> None:
    """Say which trials are missing, and why."""
    if skipped:
        shown = few_of([f"{trial} ({error})" for trial, error in skipped.items()])
        warnings.warn(f"{title}: skipped {len(skipped)} trials that failed: {shown}", SPYWarning, stacklevel=7)


def few_of(texts: list[str]) -> str:
    """The first ten of some texts."""
    return ", ".join(texts[:10]) + (", ..." if len(texts) > 10 else "")
