"""Command line: `spy` or `python -m syncopy`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from syncopy.errors import SPYError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="syncopy")
def spy() -> None:
    """Analyse electrophysiology recordings of any size."""


@spy.command()
@click.option("--data", type=click.Path(exists=True, path_type=Path), help="Recording: .mat (FieldTrip), .spy, .edf.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default="demo_output", show_default=True)
def demo(data: Path | None, out: Path) -> None:
    """Filter, compute spectra and coherence, save and plot: on a synthetic recording, or on yours."""
    from syncopy.demo import run_demo

    if not run_demo(data, out).passed:
        raise SystemExit("The synthetic recording's truth was not found: see the lines marked OFF.")


def main() -> None:
    """Run the command line; a user's error is a line, not a traceback."""
    try:
        spy()
    except SPYError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
