"""One call of a verb, from its arguments to its result."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_type_hints

from syncopy.api.conventions import CONTROLS, UNRECORDED, check_controls, collect
from syncopy.api.lookahead import show_plan
from syncopy.api.parameters import ORDER, defaults_of, document, load_methods, methods_of
from syncopy.api.preparation import prepare
from syncopy.api.work import Manner, complete, compute
from syncopy.data.base import BaseData
from syncopy.data.keywords import checked_call
from syncopy.data.structdict import StructDict
from syncopy.errors import SPYError, SPYTypeError, SPYValueError

F = TypeVar("F", bound=Callable[..., Any])


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
        ORDER[name] = order.split()

        def function(*args: Any, **kwargs: Any) -> Any:
            return call(name, default_method, args, kwargs)

        load_methods()
        parameters = defaults_of(name)
        if default_method is not None:
            parameters["method"] = default_method
        function.__name__ = function.__qualname__ = name
        function.__module__ = stub.__module__
        function.__signature__ = _signature(parameters, get_type_hints(stub)["return"])  # type: ignore[attr-defined]
        function.__doc__ = document(name, inspect.getdoc(stub) or "", default_method)
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


def call(name: str, default_method: str | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run a verb.

    Raises
    ------
    SPYError
        With the call in front of its text. Whatever was given is unchanged then, and nothing is left behind.
    """
    try:
        sources, given = collect(name, args, kwargs, _positional(name, default_method))
        check_controls(given)
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


def _positional(name: str, default_method: str | None) -> list[str]:
    parameters = defaults_of(name)
    required = [key for key, default in parameters.items() if default is inspect.Parameter.empty]
    if default_method is not None:
        required = []
    return [*required, *(key for key in parameters if key not in required)]


def _run(
    name: str, title: str, method_name: Any, sources: list[BaseData], settings: dict[str, Any], given: dict[str, Any]
) -> Any:
    prepared = prepare(name, method_name, sources, given)
    manner = Manner.of(given)
    if given.get("dry_run"):
        return show_plan(title, prepared, manner)
    (made,) = compute([prepared], title, manner)
    return complete(name, title, method_name, made, settings, manner)


def _run_several(name: str, method_names: list[Any], sources: list[BaseData], given: dict[str, Any]) -> StructDict:
    """Results of several methods by their names; those that begin alike go over the data together."""
    if not all(isinstance(method, str) for method in method_names):
        raise SPYTypeError(method_names, "method", "a list of names of methods")
    if not method_names or len(set(method_names)) < len(method_names):
        raise SPYValueError("one or more different methods", "method", method_names)
    classes = [methods_of(name)[method] for method in method_names if method in methods_of(name)]
    known = {key for cls in classes for key in cls.model_fields}
    # a parameter that only some of the methods know is no mistake
    shares = {
        method: {key: value for key, value in given.items() if key not in known or key in own.model_fields}
        for method, own in zip(method_names, classes, strict=False)
    }
    prepared = {method: prepare(name, method, sources, shares.get(method, given)) for method in method_names}
    manner = Manner.of(given)
    if given.get("dry_run"):
        return StructDict({each: show_plan(f"{name}(method={each!r})", prepared[each], manner) for each in prepared})
    results, waiting = StructDict(), list(method_names)
    while waiting:
        first = prepared[waiting[0]]
        group = [waiting[0]] + [other for other in waiting[1:] if first.runs_with(prepared[other])]
        title = f"{name}(method={', '.join(map(repr, group))})"
        made = compute([prepared[each] for each in group], title, manner)
        for each, result in zip(group, made, strict=True):
            own = defaults_of(name) | shares[each] | {"method": each}
            results[each] = complete(name, f"{name}(method={each!r})", each, result, own, manner)
        waiting = [each for each in waiting if each not in group]
    return StructDict({method: results[method] for method in method_names})


@checked_call
def get_defaults(obj: Callable[..., Any]) -> StructDict:
    """Return the parameters of a public function with their defaults, ready to be changed and passed as `cfg`.

    Parameters
    ----------
    obj : function
        A public function of this package.

    Returns
    -------
    StructDict
        Parameters by name, also as attributes: `cfg.taper = "hann"`.

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
            if parameter.default is not inspect.Parameter.empty and name not in ("cfg", "chan_per_worker", *UNRECORDED)
        }
    )
