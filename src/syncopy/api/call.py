"""Call conventions of all verbs, handled once: cfg, data, `select`, `parallel`, checks of names and values, history."""

from __future__ import annotations

import difflib
import functools
import importlib
import inspect
import pkgutil
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

import numpy as np
from pydantic import ValidationError
from pydantic_core import PydanticUndefined

from syncopy import methods
from syncopy.api.errors import translate
from syncopy.data.base import BaseData
from syncopy.data.cfg import unpack_cfg
from syncopy.data.continuous import ContinuousData
from syncopy.data.history import remember, settings_text
from syncopy.data.selection import SELECTORS
from syncopy.data.structdict import StructDict, to_plain
from syncopy.data.text import size_text
from syncopy.data.trialtable import hand_on_names
from syncopy.engine.distributed import Dask, running_client
from syncopy.engine.execute import Outcome, execute, execute_together
from syncopy.engine.executors import Executor, Serial, Threads
from syncopy.engine.method import Method, Pipeline
from syncopy.engine.parameters import kind_text
from syncopy.engine.plan import describe_plan, make_plan
from syncopy.errors import SPYError, SPYTypeError, SPYValueError, SPYWarning
from syncopy.settings import options
from syncopy.storage.scratch import scratch_root

F = TypeVar("F", bound=Callable[..., Any])

# How what users have becomes what verbs take.
_HOW_TO_MAKE = {
    str: " (`spy.load` reads files)",
    np.ndarray: " (`spy.AnalogData` takes an array and its samplerate)",
}

# Keywords every verb understands; `select` and `parallel` are recorded with the method's own parameters.
CONTROLS: dict[str, Any] = {"parallel": None, "select": None, "chan_per_worker": None, "dry_run": False}

# Parameters that come first in the signature of a verb; the others follow as its methods declare them.
_ORDER: dict[str, list[str]] = {}


def load_methods() -> None:
    """Import all modules of `syncopy.methods`, so that every method is registered."""
    for module in pkgutil.walk_packages(methods.__path__, f"{methods.__name__}."):
        importlib.import_module(module.name)


def methods_of(verb: str) -> dict[str | None, type[Method]]:
    """Return the methods registered for a verb, by name."""
    if verb not in Method.registry:
        load_methods()
    return Method.registry[verb]


def defaults_of(verb: str) -> dict[str, Any]:
    """Parameters of a verb, those of all its methods together, with their defaults."""
    found: dict[str, Any] = {}
    several = methods_of(verb)
    if None not in several:
        found["method"] = inspect.Parameter.empty
    for method in several.values():
        for name, field in method.model_fields.items():
            default = inspect.Parameter.empty if field.default is PydanticUndefined else field.default
            if found.get(name, inspect.Parameter.empty) is inspect.Parameter.empty:
                found[name] = default
    return {name: found[name] for name in dict.fromkeys([*_ORDER.get(verb, []), *found])}


@dataclass(frozen=True)
class Described:
    """A parameter of a verb in words.

    Attributes
    ----------
    name, kind, unit, text : str
        `text` also says which methods have it, if not all do.
    required : bool
    default : object
    """

    name: str
    kind: str
    unit: str
    text: str
    required: bool
    default: Any


def describe_parameters(verb: str) -> list[Described]:
    """Parameters of all methods of a verb, each as the first method that has it describes it."""
    several = methods_of(verb)
    found: dict[str, Described] = {}
    for method in several.values():
        for name, field in method.model_fields.items():
            if name in found:
                continue
            users = [str(other) for other, cls in several.items() if name in cls.model_fields]
            only = f" (methods: {', '.join(users)})" if len(users) < len(several) else ""
            unit = str((field.json_schema_extra or {}).get("unit") or "")  # type: ignore[union-attr]
            text = f"{field.description or ''}{only}"
            kind = kind_text(field.annotation)
            found[name] = Described(name, kind, unit, text, field.is_required(), field.default)
    return [*found.values()]


def verb(default_method: str | None = None, order: str = "") -> Callable[[F], F]:
    """Make a public function of a stub: its parameters, signature and documentation come from its methods.

    Parameters
    ----------
    default_method : str, optional
        Method used when none is named.
    order : str
        Names of the parameters that come first, separated by spaces.
    """

    def decorate(stub: F) -> F:
        name = stub.__name__
        _ORDER[name] = order.split()

        def function(*args: Any, **kwargs: Any) -> Any:
            return call(name, default_method, args, kwargs)

        load_methods()
        parameters = defaults_of(name)
        if default_method is not None:
            parameters["method"] = default_method
        function.__name__ = function.__qualname__ = name
        function.__module__ = stub.__module__
        function.__signature__ = _signature(parameters, get_type_hints(stub)["return"])  # type: ignore[attr-defined]
        function.__doc__ = f"{inspect.getdoc(stub)}\n\n{_parameter_text(name)}"
        return function  # type: ignore[return-value]

    return decorate


def _signature(parameters: Mapping[str, Any], returns: Any) -> inspect.Signature:
    either = inspect.Parameter.POSITIONAL_OR_KEYWORD
    listed = [inspect.Parameter("data", either)]
    required = [name for name, default in parameters.items() if default is inspect.Parameter.empty]
    for name in [*required, *(name for name in parameters if name not in required)]:
        listed.append(inspect.Parameter(name, either, default=parameters[name]))
    only = inspect.Parameter.KEYWORD_ONLY
    listed += [inspect.Parameter(name, only, default=default) for name, default in CONTROLS.items()]
    return inspect.Signature(listed, return_annotation=returns)


def _parameter_text(name: str) -> str:
    lines = ["Parameters", "----------", "data : Syncopy data object"]
    several = methods_of(name)
    if None not in several:
        lines.append(f"method : {{{', '.join(map(repr, several))}}}")
        lines += [
            f"    {method}: {(inspect.getdoc(cls) or '').partition(chr(10))[0]}" for method, cls in several.items()
        ]
    for described in describe_parameters(name):
        unit = f", {described.unit}" if described.unit else ""
        default = "" if described.required else f", default {described.default!r}"
        lines.append(f"{described.name} : {described.kind}{unit}{default}")
        lines.append(f"    {described.text}")
    lines += [
        "parallel : bool, optional",
        "    None: on a running dask client, else one block after the other; True: also on this machine's cores;",
        "    False: one block after the other.",
        "select : dict or 'all', optional",
        "    Part of the data to use, for this call only; keys as for `spy.selectdata`.",
        "chan_per_worker : int, optional",
        "    Accepted for old scripts; blocks are cut by memory.",
        "dry_run : bool, optional",
        "    Compute nothing; print and return the plan: `blocks`, `passes` over the data, peak `memory` and size of",
        "    the `result` in bytes, and the `folder` its file would go to.",
        "cfg : dict, optional",
        "    Any of these parameters; the `cfg` of a result repeats its call.",
    ]
    return "\n".join(lines)


Prepared = tuple[Method, Any, Sequence[Any], Pipeline, dict[str, Any]]


# -- one call ----------------------------------------------------------------------------------------------------


def call(name: str, default_method: str | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run a verb.

    Raises
    ------
    SPYError
        With the call in front of its text. Whatever was given is unchanged then, and nothing is left behind.
    """
    try:
        sources, given = collect(name, args, kwargs, _positional(name, default_method))
        if not isinstance(given.get("dry_run", False), bool):
            raise SPYTypeError(given["dry_run"], "dry_run", "True or False")
        settings = {**defaults_of(name), **given}
        method_name = settings.get("method", default_method)
        if "method" in defaults_of(name):
            method_name = default_method if method_name is inspect.Parameter.empty else method_name
            settings["method"] = method_name
    except SPYError as error:
        error.context = error.context or f"{name}()"
        raise
    title = f"{name}(method={method_name!r})" if method_name is not None else f"{name}()"
    try:
        if isinstance(method_name, list):
            return _run_several(name, method_name, sources, given)
        return _run(name, title, method_name, sources, settings, given)
    except SPYError as error:
        error.context = error.context or title
        raise


def conventions(function: F) -> F:
    """Give an ordinary function of one data object the call conventions: cfg, `data=`, 'yes'/'no', checked names."""
    name = function.__name__
    first, *parameters = inspect.signature(function).parameters

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        if first in kwargs:
            kwargs["data"] = kwargs.pop(first)
        try:
            sources, given = collect(name, args, kwargs, parameters)
            if len(sources) > 1:
                raise SPYValueError("one Syncopy data object", "data", f"{len(sources)} objects")
            check_keywords(given, parameters)
            return function(sources[0], **given)
        except SPYError as error:
            error.context = error.context or f"{name}()"
            raise

    return called  # type: ignore[return-value]


def check_keywords(given: Iterable[str], known: Sequence[str]) -> None:
    """Raise for the first keyword that is not known, with the nearest one that is."""
    for key in given:
        if key not in known:
            close = difflib.get_close_matches(str(key), known, 1)
            hint = f"did you mean `{close[0]}`?" if close else f"one of {', '.join(known)}"
            if key in SELECTORS and "select" in known:
                hint = f"parts of the data are chosen by select={{{key!r}: ...}}"
            raise SPYValueError(f"a known parameter ({hint})", "keyword", key)


def _positional(name: str, default_method: str | None) -> list[str]:
    parameters = defaults_of(name)
    required = [key for key, default in parameters.items() if default is inspect.Parameter.empty]
    if default_method is not None:
        required = []
    return [*required, *(key for key in parameters if key not in required)]


def collect(
    name: str, args: Iterable[Any], kwargs: Mapping[str, Any], positional: list[str]
) -> tuple[list[BaseData], dict[str, Any]]:
    """Sort out cfg, data objects and parameters of a call; nothing the caller passed is changed.

    Returns
    -------
    sources : list of BaseData
    given : dict
        Parameters in plain Python types, 'yes' and 'no' as bool.
    """
    rest, given = unpack_cfg(name, args, kwargs)
    sources = [arg for arg in rest if isinstance(arg, BaseData)]
    for key in ("data", "dataset"):
        if key in given:
            value = given.pop(key)
            if not isinstance(value, BaseData):
                raise SPYTypeError(value, key, "a Syncopy data object")
            if sources:
                raise SPYValueError("data either via `cfg`/keyword or positional arguments, and once only", key)
            sources.append(value)
    values = [arg for arg in rest if not isinstance(arg, BaseData)]
    if not sources and values:
        raise SPYTypeError(values[0], "data", f"a Syncopy data object{_HOW_TO_MAKE.get(type(values[0]), '')}")
    if not sources:
        raise SPYTypeError(None, "data", "a Syncopy data object (missing argument)")
    if len(values) > len(positional):
        raise SPYValueError(f"at most {len(positional)} positional parameters", "arguments", len(values))
    for key, value in zip(positional, values, strict=False):
        if key in given:
            raise SPYValueError("a value set once; it is given by position and by name", key)
        given[key] = value
    return sources, {key: value if key == "select" else to_plain(value, f"`{key}`") for key, value in given.items()}


def _run(
    name: str, title: str, method_name: Any, sources: list[BaseData], settings: dict[str, Any], given: dict[str, Any]
) -> Any:
    prepared = _prepare(name, method_name, sources, given)
    executor = choose_executor(given.get("parallel"))
    if given.get("dry_run"):
        return _show_plan(title, prepared, executor)
    outcome = execute(prepared[3], prepared[2], executor, title)
    return _complete(name, title, method_name, prepared, settings, executor, outcome)


def _run_several(name: str, method_names: list[Any], sources: list[BaseData], given: dict[str, Any]) -> StructDict:
    """Results of several methods by their names; those that begin alike go over the data together."""
    if not method_names or len(set(map(str, method_names))) < len(method_names):
        raise SPYValueError("one or more different methods", "method", method_names)
    classes = [methods_of(name)[method] for method in method_names if method in methods_of(name)]
    known = {key for cls in classes for key in cls.model_fields}
    # a parameter that only some of the methods know is no mistake
    shares = {
        method: {key: value for key, value in given.items() if key not in known or key in own.model_fields}
        for method, own in zip(method_names, classes, strict=False)
    }
    prepared = {method: _prepare(name, method, sources, shares.get(method, given)) for method in method_names}
    executor = choose_executor(given.get("parallel"))
    if given.get("dry_run"):
        return StructDict({each: _show_plan(f"{name}(method={each!r})", prepared[each], executor) for each in prepared})
    results, waiting = StructDict(), list(method_names)
    while waiting:
        method, _, views, pipeline, _ = prepared[waiting[0]]
        group = [waiting[0]] + [
            other
            for other in waiting[1:]
            if pipeline.runs_with(prepared[other][3]) and method.selectors() == prepared[other][0].selectors()
        ]
        title = f"{name}(method={', '.join(map(repr, group))})"
        outcomes = execute_together([prepared[each][3] for each in group], views, executor, title)
        for each, outcome in zip(group, outcomes, strict=True):
            own = defaults_of(name) | shares[each] | {"method": each}
            title = f"{name}(method={each!r})"
            results[each] = _complete(name, title, each, prepared[each], own, executor, outcome)
        waiting = [each for each in waiting if each not in group]
    return StructDict({method: results[method] for method in method_names})


def _complete(
    name: str,
    title: str,
    method_name: Any,
    prepared: Prepared,
    settings: dict[str, Any],
    executor: Executor,
    outcome: Outcome,
) -> Any:
    """Make the result object of what a run made: history, notes, warnings."""
    method, data, views, pipeline, selected = prepared
    settings = settings | selected
    spec = outcome.spec
    result = pipeline.writes.adopt(outcome.store, outcome.trialdefinition, spec.samplerate, spec.coords)
    result.info.update(pipeline.info)
    _warn_of_nan(title, outcome.notes["nan"], views[0].trial_ids, result)
    inherit(result, data)
    _remember(result, name, settings)
    used = {"method": method_name} if method_name is not None else {}
    used |= method.model_dump(mode="json") | {"used_parallel": not isinstance(executor, Serial)}
    result._record(name, f"computed {method_name or name} with settings\n{settings_text(used)}")
    method.finish(result, outcome)
    return result


def _prepare(name: str, method_name: Any, sources: list[BaseData], given: Mapping[str, Any]) -> Prepared:
    """Everything of a call but the work: its method, data, sources of blocks and pipeline, and what it selects."""
    method = build_method(name, method_name, given)
    data = _check_sources(method, sources)
    request = given.get("select")
    selection = data.resolve(request) if request is not None else data.selection
    if selection is not None and data.selection is not None and data.selection.select != selection.select:
        raise SPYError("the object has an in-place selection already; clear it before using `select`")
    views = sources_of(method, data, selection)
    selected = {} if selection is None else {"select": selection.select}
    return method, data, views, method.bind(*views), selected


def sources_of(method: Method, data: Any, selection: Any = None) -> Sequence[Any]:
    """What a method reads of a selection of an object, which its own parameters may narrow.

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
    return method.sources(data.view(data.resolve({**own, **asked}) if own else selection))


def build_method(name: str, method_name: Any, given: Mapping[str, Any]) -> Method:
    """Make the method of a verb from the parameters of a call.

    Raises
    ------
    SPYValueError, SPYTypeError
        For an unknown method, an unknown keyword, or a value against its parameter's rule.
    """
    several = methods_of(name)
    if method_name not in several:
        legal = ", ".join(map(repr, several))
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


def choose_executor(parallel: Any) -> Executor:
    """Who runs a call: None: a running client or this thread; True: a running client or threads; False: this thread."""
    if parallel is not None and not isinstance(parallel, bool):
        raise SPYTypeError(parallel, "parallel", "True, False or None")
    if parallel is False:
        return Serial()
    client = running_client()
    if client is not None:
        return Dask(client)
    return Threads(options.workers) if parallel and options.workers > 1 else Serial()


def inherit(result: BaseData, data: BaseData) -> None:
    """Hand the history of an object, and the names of its trial information, on to one made of it."""
    result._cfg = data.cfg.copy()
    result._log = data._log
    hand_on_names(result, data)


def record_call(result: BaseData, name: str, settings: Mapping[str, Any]) -> None:
    """Enter a call into the cfg and the log of an object."""
    _remember(result, name, settings)
    result._record(name, f"called with settings\n{settings_text(settings)}")


def _remember(result: BaseData, name: str, settings: Mapping[str, Any]) -> None:
    left_out = {key for key in CONTROLS if settings.get(key) is None} | {"dry_run"}
    told = {key: value for key, value in to_plain(settings).items() if key not in left_out}
    remember(result.cfg, name, StructDict({"parallel": None} | told))


def _warn_of_nan(title: str, has_nan: list[bool], trial_ids: Any, result: ContinuousData) -> None:
    trials = np.asarray(trial_ids)[np.asarray(has_nan, dtype=bool)].tolist()
    result.info["nan_trials"] = trials
    if trials:
        shown = ", ".join(map(str, trials[:10])) + (", ..." if len(trials) > 10 else "")
        warnings.warn(f"{title}: {len(trials)} trials hold NaN: {shown}", SPYWarning, stacklevel=6)


def get_defaults(obj: Callable[..., Any]) -> StructDict:
    """Return the parameters of a public function with their defaults, ready to be changed and passed as `cfg`.

    Raises
    ------
    SPYTypeError
        If `obj` cannot be called.

    Examples
    --------
    >>> import syncopy as spy
    >>> spy.get_defaults(spy.freqanalysis).taper
    'hann'
    """
    if not callable(obj):
        raise SPYTypeError(obj, "obj", "a function")
    return StructDict(
        {
            name: parameter.default
            for name, parameter in inspect.signature(obj).parameters.items()
            if parameter.default is not inspect.Parameter.empty and name not in ("cfg", "chan_per_worker", "dry_run")
        }
    )


def dry_run(name: str, method_name: str | None, data: BaseData, given: Mapping[str, Any]) -> str:
    """Return what a call in this thread would do as a line of text; nothing is computed.

    Raises
    ------
    SPYError
        As the call itself would.
    """
    title = f"{name}(method={method_name!r})" if method_name is not None else f"{name}()"
    try:
        return _plan_text(title, _plan(_prepare(name, method_name, [data], given), Serial()))
    except SPYError as error:
        error.context = error.context or title
        raise


def _show_plan(title: str, prepared: Prepared, executor: Executor) -> StructDict:
    plan = _plan(prepared, executor)
    print(_plan_text(title, plan))
    return plan


def _plan(prepared: Prepared, executor: Executor) -> StructDict:
    """What a call would do, in numbers."""
    _, _, views, pipeline, _ = prepared
    numbers = describe_plan(make_plan(pipeline, views, options.memory, options.workers), pipeline)
    at_once = min(executor.workers, numbers["blocks"]) if isinstance(executor, Threads) else 1
    # each block ends in a state; the sum of those before it is one more
    memory = at_once * (numbers["bytes_per_block"] + numbers["state_bytes"]) + numbers["state_bytes"]
    return StructDict(
        blocks=numbers["blocks"],
        passes=numbers["tiles"],
        memory=memory,
        result=numbers["result_bytes"],
        folder=str(scratch_root()),
    )


def _plan_text(title: str, plan: Mapping[str, Any]) -> str:
    return (
        f"{title}: {plan['blocks']} blocks in {plan['passes']} passes, {size_text(plan['memory'])} of memory, "
        f"result {size_text(plan['result'])} in a file below {plan['folder']}"
    )
