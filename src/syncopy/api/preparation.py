"""Everything of a call but the work: its method, what it reads, what it runs, and who does."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from pydantic import ValidationError

from syncopy.api.conventions import CONTROLS
from syncopy.api.errors import translate
from syncopy.api.parameters import defaults_of, methods_of
from syncopy.data.base import BaseData
from syncopy.data.keywords import check_keywords
from syncopy.data.structdict import from_plain, to_plain
from syncopy.data.trialtable import pick_trials
from syncopy.engine.distributed import Dask, running_client
from syncopy.engine.executors import Cores, Executor, Serial
from syncopy.engine.method import Method, Pipeline
from syncopy.errors import SPYError, SPYTypeError, SPYValueError, SPYWarning
from syncopy.settings import options


@dataclass(frozen=True, eq=False)
class Prepared:
    """A call that is ready to be run.

    Attributes
    ----------
    method : Method
    data : BaseData
    selection : object or None
        Resolved selection; None: everything.
    views : sequence of Source
        What blocks are read from.
    pipeline : Pipeline
    """

    method: Method
    data: Any
    selection: Any
    views: Sequence[Any]
    pipeline: Pipeline

    @property
    def selected(self) -> dict[str, Any]:
        """What was asked for, as a cfg records it."""
        return {} if self.selection is None else {"select": self.selection.select}

    def runs_with(self, other: Prepared) -> bool:
        """Whether one pass over the data serves both calls."""
        return self.pipeline.runs_with(other.pipeline) and self.method.selectors() == other.method.selectors()

    def without(self, trials: Collection[int]) -> Self:
        """The same call, had these trials (numbers in the object) not been selected."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SPYWarning)  # they were given the first time
            views = sources_of(self.method, self.data, self.selection, trials)
            return replace(self, views=views, pipeline=self.method.bind(*views))


def prepare(name: str, method_name: Any, sources: list[BaseData], given: Mapping[str, Any]) -> Prepared:
    """Everything of a call but the work.

    Raises
    ------
    SPYError
        For anything that can be known to be wrong before the work.
    """
    method = build_method(name, method_name, given)
    data = _check_sources(method, sources)
    request = given.get("select")
    selection = data.resolve(request) if request is not None else data.selection
    if selection is not None and data.selection is not None and data.selection.select != selection.select:
        raise SPYError("the object has an in-place selection already; clear it before using `select`")
    views = sources_of(method, data, selection)
    return Prepared(method, data, selection, views, method.bind(*views))


def sources_of(method: Method, data: Any, selection: Any = None, without: Collection[int] = ()) -> Sequence[Any]:
    """What a method reads of a selection of an object, which its own parameters may narrow.

    Parameters
    ----------
    method : Method
    data : BaseData
    selection : object, optional
        Resolved selection; None: everything.
    without : collection of int
        Numbers of trials that are left out.

    Raises
    ------
    SPYValueError
        If a parameter was set and the selection speaks of the same.
    """
    asked = {} if selection is None else selection.select
    own = {key: value for key, value in method.selectors().items() if value is not None and value != "all"}
    for key in asked.keys() & own.keys():
        if own.pop(key) != type(method).model_fields[key].default:
            raise SPYValueError(f"either `{key}` or a selection of {key}, not both", key, asked[key])
    request = {**own, **asked}
    if without:
        chosen = pick_trials(data, from_plain(request.get("trials")))
        request["trials"] = chosen[~np.isin(chosen, list(without))]
    return method.sources(data.view(data.resolve(request) if own or without else selection))


def build_method(name: str, method_name: Any, given: Mapping[str, Any]) -> Method:
    """Make the method of a verb from the parameters of a call.

    Raises
    ------
    SPYValueError, SPYTypeError
        For an unknown method, an unknown keyword, or a value against its parameter's rule.
    """
    several = methods_of(name)
    legal = ", ".join(map(repr, several))
    if method_name is not None and not isinstance(method_name, str):
        raise SPYTypeError(method_name, "method", f"one of {legal}, or a list of them")
    if method_name not in several:
        close = difflib.get_close_matches(str(method_name), list(map(str, several)), 1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        raise SPYValueError(f"one of {legal}{hint}", "method", repr(method_name))
    parameters = defaults_of(name)
    check_keywords(given, [*parameters, *CONTROLS])
    cls = several[method_name]
    own = {key: value for key, value in given.items() if key in cls.model_fields}
    for key, value in given.items():
        if key in own or key in CONTROLS or key == "method" or value == to_plain(parameters[key]):
            continue
        warnings.warn(f"{name}: `{key}` has no effect for method {method_name!r}", SPYWarning, stacklevel=6)
    try:
        return cls(**own)
    except ValidationError as error:
        raise translate(error, cls) from None


def _check_sources(method: Method, sources: list[BaseData]) -> Any:
    if len(sources) > 1:
        raise SPYValueError("one Syncopy data object", "data", f"{len(sources)} objects")
    data = sources[0]
    if not isinstance(data, method.reads):
        names = " or ".join(cls.__name__ for cls in method.reads)
        raise SPYTypeError(data, "data", names)
    data._require_data()
    return data


def check_parallel(parallel: Any) -> None:
    """Raise for what says nothing about who runs a call."""
    if parallel is not None and not isinstance(parallel, bool):
        raise SPYTypeError(parallel, "parallel", "True, False or None")


def choose_executor(parallel: Any) -> Executor:
    """Who runs a call. None: a running client, else this thread; True: a client, else all cores; False: this thread."""
    check_parallel(parallel)
    if parallel is False:
        return Serial()
    client = running_client()
    if client is not None:
        return Dask(client)
    return Cores(options.workers) if parallel and options.workers > 1 else Serial()
