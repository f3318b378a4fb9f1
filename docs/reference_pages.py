"""Reference pages from the methods' models: a page per verb, a section per method, a table of its parameters."""

import inspect
import re
from pathlib import Path

import syncopy as spy
from syncopy.api.parameters import load_methods, methods_of
from syncopy.engine.method import Method

# Verbs in the order in which an analysis uses them; others follow by name.
ORDER = ["preprocessing", "resampledata", "freqanalysis", "connectivityanalysis", "timelockanalysis", "spike_psth"]

FIGURES = Path(__file__).parent / "figures"
METHODS = Path(__file__).parent / "methods"

OBJECTS = {
    "classes": ["AnalogData", "SpectralData", "CrossSpectralData", "TimeLockData", "SpikeData", "EventData"],
    "functions": [],
}


def write_reference(folder: Path) -> None:
    """Write all pages, replacing what an earlier build left."""
    folder.mkdir(exist_ok=True)
    load_methods()
    verbs = sorted(Method.registry, key=lambda verb: (ORDER.index(verb) if verb in ORDER else len(ORDER), verb))
    verbs = [verb for verb in verbs if verb in spy.__all__]
    for verb in verbs:
        write(folder / f"{verb}.md", verb_page(verb))
    write(folder / "objects.md", objects_page())
    write(folder / "functions.md", functions_page(set(verbs)))
    pages = "\n".join([*verbs, "objects", "functions"])
    write(folder / "index.md", f"# Reference\n\n```{{toctree}}\n:maxdepth: 2\n\n{pages}\n```\n")


def write(path: Path, text: str) -> None:
    """Write a page if it changed, so that an unchanged one is not built again."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def verb_page(verb: str) -> str:
    """Page of a verb: what it is for, then each method with its background and parameters."""
    function = getattr(spy, verb)
    parts = [f"# {verb}", inspect.getdoc(function).partition("\n\nParameters\n")[0]]
    parts += [f"**Returns** {text}" for text in [section(function, "Returns")] if text]
    parts += [
        f"```python\n{block}\n```" if block.startswith(">>>") else block
        for block in section(function, "Examples").split("\n\n")
    ]
    formulas = background(verb)
    for name, method in methods_of(verb).items():
        if name is not None:
            parts.append(f"## {verb}(method={name!r})")
        parts += [inspect.getdoc(method), formulas.get(name, "")]
        parts.append(parameter_table(method))
        if (FIGURES / f"{name}.png").exists():
            parts.append(f"![{name} of a real recording](../figures/{name}.png)")
    parts.append(
        "All verbs also take `parallel` (None, True, False), `select` (part of the data, for this call), `on_error` "
        "and `resume` (see [Parallel](../parallel.md)), `dry_run` and `cfg`."
    )
    return "\n\n".join(parts) + "\n"


def section(function, title: str) -> str:
    """Text below a title of a docstring: of Returns the class and what is in it, of Examples the program alone."""
    found = re.search(rf"\n{title}\n-+\n(.*?)(?=\n\n\w+\n---|\Z)", inspect.getdoc(function), re.DOTALL).group(1)
    if title == "Returns":
        name, _, text = found.partition("\n")
        return f"{name}, {' '.join(text.split())}"
    return found


def background(verb: str) -> dict[str | None, str]:
    """Formulas and advice written by hand, by method; the only method of a verb has no heading of its own."""
    path = METHODS / f"{verb}.md"
    if not path.exists():
        return {}
    only, *parts = re.split(r"^## (\w+)\n", path.read_text(), flags=re.MULTILINE)
    return {None: only.strip()} | {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}


def parameter_table(method: type[Method]) -> str:
    """Table of a method's fields."""
    rows = ["| parameter | default | unit | meaning |", "|---|---|---|---|"]
    for name, field in method.model_fields.items():
        default = "required" if field.is_required() else f"`{field.default!r}`"
        unit = (field.json_schema_extra or {}).get("unit", "")
        rows.append(f"| `{name}` | {default} | {unit} | {escape(field.description or '')} |")
    return "\n".join(rows)


def escape(text: str) -> str:
    """Keep a text inside its cell of a table."""
    return text.replace("|", r"\|")


def objects_page() -> str:
    """Page of the data classes."""
    blocks = [
        f"## {name}\n\n```{{eval-rst}}\n.. autoclass:: syncopy.{name}\n   :no-index:\n```"
        for name in OBJECTS["classes"]
        if name in spy.__all__
    ]
    return "# Data classes\n\n" + "\n\n".join(blocks) + "\n"


def functions_page(verbs: set[str]) -> str:
    """Page of the public functions that are no verbs."""
    names = [
        name
        for name in sorted(spy.__all__)
        if name not in verbs and inspect.isfunction(getattr(spy, name)) and not re.match("SPY", name)
    ]
    blocks = [f"## {name}\n\n```{{eval-rst}}\n.. autofunction:: syncopy.{name}\n   :no-index:\n```" for name in names]
    return "# Functions\n\n" + "\n\n".join(blocks) + "\n"
