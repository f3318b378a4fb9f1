"""Verbs as commands: their options are the parameters of their methods."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

import syncopy as spy
from syncopy.api.parameters import describe_parameters, methods_of
from syncopy.cli import trials
from syncopy.cli.files import check_target, load_one, save_as
from syncopy.cli.values import join_numbers, read_value
from syncopy.data.base import BaseData
from syncopy.errors import SPYValueError
from syncopy.settings import options

# Functions of one object that are no verbs with methods; their parameters stand in their signatures.
FURTHER = ("selectdata", "redefinetrial", "definetrial")
# Parameters that make sense only where objects outlive a call (`out` of freqanalysis was an object to fill).
_OF_SESSIONS = ("inplace", "clear", "parallel", "out")


def verb_names() -> list[str]:
    """Names of all functions that make a result of one object."""
    return [name for name, module in spy._PUBLIC.items() if module == "syncopy.api.verbs" or name in FURTHER]


def function_of(verb: str) -> Callable[..., Any]:
    """Function that makes the result; `spy.definetrial` changes its object, and wants its events loaded."""
    function: Callable[..., Any] = trials.definetrial if verb == "definetrial" else getattr(spy, verb)
    return function


def has_methods(verb: str) -> bool:
    """Whether a function belongs to methods, whose fields are its parameters."""
    return verb not in FURTHER


def parameters_of(verb: str) -> list[str]:
    """Names of the parameters of a function that a file or a command line can set, without the common controls."""
    if has_methods(verb):
        method = [] if None in methods_of(verb) else ["method"]
        return [*method, *(item.name for item in describe_parameters(verb) if item.name not in _OF_SESSIONS)]
    return [item.name for item in _signature(verb)]


def _signature(verb: str) -> list[inspect.Parameter]:
    """Parameters of a function that is no verb with methods."""
    _, *listed = inspect.signature(function_of(verb)).parameters.values()
    return [item for item in listed if item.name not in _OF_SESSIONS]


def method_of(verb: str, given: Mapping[str, Any]) -> str | None:
    """Name of the method that a call means."""
    signature = inspect.signature(getattr(spy, verb)).parameters
    name = given.get("method", signature["method"].default if "method" in signature else None)
    return None if name is inspect.Parameter.empty else name


def read_values(verb: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """Parameters of a call from their texts; the method that is asked for knows their types."""
    if not has_methods(verb):
        return {name: read_value(text) for name, text in texts.items()}
    several = methods_of(verb)
    method = read_value(method_of(verb, texts) or "none")
    named = several.get(method[0] if isinstance(method, list) and method else method)
    found: dict[str, Any] = {} if method is None else {"method": method}
    for name, text in texts.items():
        if name in found:
            continue
        owner = next((cls for cls in (named, *several.values()) if cls and name in cls.model_fields), None)
        found[name] = read_value(text, owner.model_fields[name].rebuild_annotation() if owner else str)
    return found


class VerbCommand(click.Command):
    """A command whose options may have several numbers, or none where that means yes."""

    verb: str

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Bring the arguments into the form of one value per option."""
        switches = _switches(self.verb)
        several = [f"--{name}" for name in parameters_of(self.verb) if f"--{name}" not in switches]
        return super().parse_args(ctx, join_numbers(args, several, switches))


def _switches(verb: str) -> list[str]:
    if not has_methods(verb):
        return [f"--{item.name}" for item in _signature(verb) if isinstance(item.default, bool)]
    return [f"--{item.name}" for item in describe_parameters(verb) if item.kind == "bool"]


def make_command(verb: str) -> click.Command:
    """Return the command of a verb."""

    def run(source: Path, out: Path, overwrite: bool, memory: str | None, **rest: Any) -> None:
        named = ("parallel", "select", "on_error", "resume", "dry_run")
        controls = {name: rest.pop(name) for name in named if rest.get(name) is not None}
        given = read_values(verb, {name: text for name, text in rest.items() if text is not None})
        if "select" in controls:
            controls["select"] = _selection(controls["select"])
        several = isinstance(given.get("method"), list)
        check_target(out, overwrite, several)
        with options(**({"memory": memory} if memory else {})):
            result = function_of(verb)(load_one(source), **given, **controls)
            if controls.get("dry_run"):
                return
            results: dict[str | None, BaseData] = result if several else {None: result}
            for tag, each in results.items():
                click.echo(save_as(each, out, overwrite, tag))

    text = inspect.getdoc(function_of(verb)) or ""
    command = VerbCommand(
        verb,
        callback=run,
        params=[*_common(verb), *_own(verb)],
        help=f"{text.partition(chr(10))[0]}\n\nIN is a file or recording, OUT a folder .spy or a file.",
        short_help=text.partition("\n")[0],
    )
    command.verb = verb
    return command


def _selection(text: str) -> Any:
    value = read_value(text)
    if not isinstance(value, dict) and value != "all":
        raise SPYValueError('a JSON object of selectors, such as \'{"channel": ["V1"]}\'', "select", text)
    return value


def _common(verb: str) -> list[click.Parameter]:
    listed: list[click.Parameter] = [
        click.Argument(["source"], metavar="IN", type=click.Path(path_type=Path)),
        click.Option(["out", "-o", "--out"], metavar="OUT", type=click.Path(path_type=Path), required=True),
        click.Option(["overwrite", "--overwrite"], is_flag=True, help="Replace an existing result."),
        click.Option(["memory", "--memory"], help="Memory that may be used, e.g. 2GB."),
    ]
    if has_methods(verb):
        listed += [
            click.Option(["parallel", "--parallel/--no-parallel"], default=None, help="Use all cores."),
            click.Option(["select", "--select"], metavar="JSON", help="Part of the data to use."),
            click.Option(["on_error", "--on_error"], metavar="raise|skip", help="What trials that fail do."),
            click.Option(["resume", "--resume"], is_flag=True, default=None, help="Go on after an interruption."),
            click.Option(
                ["dry_run", "--dry-run"], is_flag=True, default=None, help="Check all, say what it would take."
            ),
        ]
    return listed


def _own(verb: str) -> list[click.Parameter]:
    """Options of the parameters of a function."""
    if not has_methods(verb):
        texts = _texts(inspect.getdoc(function_of(verb)) or "")
        return [click.Option([name, f"--{name}"], help=texts[name]) for name in parameters_of(verb)]
    own: list[click.Parameter] = []
    several = methods_of(verb)
    if None not in several:
        own.append(
            click.Option(
                ["method", "--method"],
                help=f"One of {', '.join(map(str, several))}; or several, with commas between them.",
            )
        )
    for item in describe_parameters(verb):
        if item.name in _OF_SESSIONS:
            continue
        unit = f" {item.unit}." if item.unit else ""
        default = "" if item.required or item.default is None else f" Default {item.default}."
        text = f"{item.text[:1].upper()}{item.text[1:]}.{unit}{default}"
        own.append(
            click.Option([item.name, f"--{item.name}"], metavar=_metavar(item.kind), required=item.required, help=text)
        )
    return own


def _texts(documentation: str) -> dict[str, str]:
    """Explanations of the parameters in a docstring."""
    section = documentation.partition("Parameters\n----------\n")[2].partition("\n\n")[0]
    found: dict[str, str] = {}
    for entry in re.split(r"\n(?=\S)", section):
        names, _, words = entry.partition("\n")
        found |= {name.strip(): " ".join(words.split()) for name in names.partition(" : ")[0].split(",")}
    return found


def _metavar(kind: str) -> str:
    return "VALUE" if len(kind) > 40 else kind.replace(" or None", "").replace(" or ", "|").replace(", ", "|")
