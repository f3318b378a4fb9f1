"""The command `spy` and those below it that are no verbs."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from syncopy.errors import SPYError, SPYValueError, SPYWarning

FILE = click.Path(path_type=Path)


class Commands(click.Group):
    """Commands and, looked up when they are needed, the verbs. What a user did wrong is a line, not a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Commands first, then the verbs."""
        from syncopy.cli.verbs import verb_names

        return [*super().list_commands(ctx), *verb_names()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command or a verb by its name."""
        from syncopy.cli.verbs import make_command, verb_names

        known = super().get_command(ctx, cmd_name)
        return make_command(cmd_name) if known is None and cmd_name in verb_names() else known

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; exit with 1 after an error in what the user asked for, 2 after one in how."""
        try:
            with _warnings_as_lines():
                return super().invoke(ctx)
        except (SPYError, OSError) as error:
            raise click.ClickException("\n".join([str(error), *getattr(error, "__notes__", [])])) from error


@contextmanager
def _warnings_as_lines() -> Iterator[None]:
    """Show warnings of this package without the place in its code; leave out those for programmers."""

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        click.echo(f"Warning: {message}", err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", SPYWarning)
        warnings.showwarning = show
        yield


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="syncopy")
def spy() -> None:
    """Analyse electrophysiology recordings of any size."""


@spy.command()
@click.argument("file", type=FILE)
def info(file: Path) -> None:
    """Tell what is in a file, a folder or a recording of any known format."""
    from syncopy.cli.files import load_all

    found = load_all(file)
    for name, obj in found.items():
        click.echo(f"{name}:\n{obj}\n" if len(found) > 1 else obj)


@spy.command()
@click.argument("source", metavar="IN", type=FILE)
@click.argument("out", metavar="OUT", type=FILE)
@click.option("--overwrite", is_flag=True, help="Replace existing files.")
def convert(source: Path, out: Path, overwrite: bool) -> None:
    """Read a recording of any known format, and write it: a folder .spy, a file of this package, .nwb, or .mat."""
    from syncopy.cli.files import check_target, load_all, save_as, target

    check_target(out, overwrite)
    found = load_all(source)
    if len({target(obj, out) for obj in found.values()}) < len(found):
        raise SPYValueError("objects of different classes; convert them one by one", "IN", ", ".join(found))
    for obj in found.values():
        click.echo(save_as(obj, out, overwrite))


@spy.command(context_settings={"ignore_unknown_options": True})
@click.argument("file", type=FILE)
@click.option("-o", "--out", metavar="FIGURE", type=FILE, required=True, help="Picture: .png, .pdf, .svg.")
@click.option("--panels", "kind", flag_value="multipanelplot", help="A panel for each channel or pair of channels.")
@click.option("--topo", "kind", flag_value="topoplot", help="One number for each channel, on a head.")
@click.argument("selectors", nargs=-1, type=click.UNPROCESSED)
def plot(file: Path, out: Path, kind: str | None, selectors: tuple[str, ...]) -> None:
    """Draw an object, or the part that SELECTORS choose.

    SELECTORS are those of spy.singlepanelplot with its other options: --trials 0 --channel V1,V4 --latency 0 0.5
    --frequency 4 40 --logscale no; with --topo those of spy.topoplot: --layout biosemi64 --frequency 8 12.
    """
    import syncopy
    from syncopy.cli.files import load_one
    from syncopy.cli.values import read_pairs

    os.environ.setdefault("MPLBACKEND", "Agg")  # a figure goes to a file: no window, no display needed
    draw = getattr(syncopy, kind or "singlepanelplot")
    figure, _ = draw(load_one(file), **read_pairs(selectors))
    try:
        figure.savefig(out, dpi=150)
    except ValueError as error:  # matplotlib's words for a kind of picture it does not know
        raise SPYValueError("a picture's file name, such as figure.png", "out", out.name) from error
    click.echo(out)


@spy.command()
@click.argument("result", type=FILE)
@click.option("-o", "--out", metavar="SCRIPT", type=FILE, help="File to write; by default the script is printed.")
@click.option("--input", "source", metavar="FILE", type=FILE, help="What the script loads.")
def replay(result: Path, out: Path | None, source: Path | None) -> None:
    """Write the Python script that made a result."""
    from syncopy.cli.files import load_one
    from syncopy.cli.replay import script

    text = script(load_one(result), str(source or "recording.spy"))
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text)
        click.echo(out)


@spy.command()
@click.argument("file", metavar="PIPELINE", type=FILE)
@click.option("--dry-run", is_flag=True, help="Check everything and say what would be done.")
@click.option("--parallel/--no-parallel", default=None, help="Use all cores.")
@click.option("--memory", help="Memory that may be used, e.g. 2GB.")
def run(file: Path, dry_run: bool, parallel: bool | None, memory: str | None) -> None:
    """Run a list of verbs from a file in YAML, each on the result of the one before.

    \b
    input: session.spy
    output: results
    steps:
      - definetrial: {trialdefinition: session.event, trigger: 7, pre: 0.5, post: 1}
      - preprocessing: {filter_type: bp, freq: [5, 40]}
      - freqanalysis: {method: mtmfft, tapsmofrq: 2}

    Names of files are relative to that of the list. `definetrial` cuts a continuous recording, here around events.

    Every result is saved in the folder of `output`. Steps that were finished by an earlier run of the same list on
    the same input are not done again; one that was interrupted goes on where it ended.
    """  # noqa: D301 - the backslash is click's mark for lines that stay as they are
    from syncopy.cli.pipeline import read_pipeline
    from syncopy.settings import options

    with options(**({"memory": memory} if memory else {})):
        pipeline = read_pipeline(file)
        for line in pipeline.plan() if dry_run else pipeline.run(parallel):
            click.echo(line)


@spy.command()
@click.option("--older-than", metavar="HOURS", type=float, default=24, show_default=True, help="Only older files.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def cleanup(older_than: float, yes: bool) -> None:
    """Remove scratch files that ended or crashed sessions left behind."""
    import syncopy

    syncopy.cleanup(older_than=older_than, interactive=not yes)


@spy.command()
@click.option("--data", type=click.Path(exists=True, path_type=Path), help="Recording: .mat (FieldTrip), .spy, .edf.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default="demo_output", show_default=True)
def demo(data: Path | None, out: Path) -> None:
    """Filter, compute spectra and coherence, save and plot: on a synthetic recording, or on yours."""
    from syncopy.demo import run_demo

    if not run_demo(data, out).passed:
        raise SPYError("the synthetic recording's truth was not found: see the lines marked OFF")


def main() -> None:
    """Run the command line."""
    spy()
