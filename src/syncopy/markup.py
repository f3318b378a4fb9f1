"""HTML for notebooks: a titled table of facts, with longer texts folded away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

_LEFT = 'style="text-align:left;vertical-align:top"'


def card(title: str, rows: Mapping[str, Any], folded: Mapping[str, str] | None = None) -> str:
    """Table of names and values below a title.

    Parameters
    ----------
    title : str
    rows : dict
        Value of every line; a dict becomes a table in the table, of a long list some items are shown.
    folded : dict of str to str, optional
        Texts that unfold on a click on their name.
    """
    parts = [f"<div><b>{escape(title)}</b>", _table(rows)]
    for name, text in (folded or {}).items():
        parts.append(f"<details><summary>{escape(name)}</summary><pre>{escape(text)}</pre></details>")
    return "".join([*parts, "</div>"])


def _table(rows: Mapping[str, Any]) -> str:
    lines = "".join(f"<tr><th {_LEFT}>{escape(str(name))}</th>{_cell(value)}</tr>" for name, value in rows.items())
    return f"<table>{lines}</table>"


def _cell(value: Any) -> str:
    if isinstance(value, Mapping) and value:
        content = _table(value)
    else:
        content = escape(few(value) if isinstance(value, list | tuple) else str(value))
    return f"<td {_LEFT}>{content}</td>"


def few(items: Iterable[Any], most: int = 6) -> str:
    """The items, or the first of them and the last if there are many."""
    texts = [str(item) for item in items]
    return ", ".join(texts if len(texts) <= most else [*texts[: most - 1], "…", texts[-1]])
