"""Command line: `spy` or `python -m syncopy`."""

from syncopy.cli.commands import main, spy

__all__ = ["main", "spy"]
