"""`hslint show PATH`: the effective configuration of every host."""

from __future__ import annotations

from itertools import chain

import click

from hslint.checking import Request, inspect
from hslint.cli import completing
from hslint.cli.colour import color_option
from hslint.cli.errors import CANNOT_RUN, CLEAN, report_errors
from hslint.cli.output import put_all, style
from hslint.reporters.highlight import highlighted
from hslint.values.budget import Interrupted, with_deep_stack


@click.command("show", short_help="Show what Headscale would get on each host.")
@click.argument("path", default=".", shell_complete=completing.files)
@click.option("--host", shell_complete=completing.hosts, help="Only this host.")
@click.option(
    "--headscale", metavar="RELEASE", shell_complete=completing.releases, help="The release of Headscale, such as 0.28."
)
@click.option(
    "--module",
    metavar="MODULE",
    shell_complete=completing.modules,
    help="The NixOS module, such as in-repo or nixpkgs-25.11.",
)
@click.option("--alone", is_flag=True, help="Check a module by itself, not on the hosts that use it.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@color_option
def show(
    path: str, host: str | None, headscale: str | None, module: str | None, alone: bool, form: str, color: str
) -> None:
    """Show what Headscale would get on each host of PATH (the current directory when none is named), and where it comes from.

    Exit status: 0, also when no host has Headscale; 2 when nothing could be evaluated.
    """
    with report_errors():
        request = Request(headscale=headscale, module=module, alone=alone, host=host)
        shown, status = with_deep_stack(_show, path, request, form)
        put_all(highlighted("show", shown, style(color)) if form == "text" else shown)
    raise SystemExit(status)


def _show(path: str, request: Request, form: str) -> tuple[list[str], int]:
    """The printed lines, and the exit status."""
    inspection, _ = inspect([path], request)
    if inspection.cut_short:
        raise Interrupted
    secrets = inspection.secrets
    status = CANNOT_RUN if inspection.nothing_evaluated else CLEAN
    if form == "json":
        from hslint.reporters.json import dumped  # late: one form of the two
        from hslint.reporters.show_json import document

        return [dumped(document(inspection), secrets, keep=frozenset())], status
    from hslint.reporters.show_text import has_headscale, lines  # late: as above

    skipped = [f"# {inspection.describe(each)}" for each in inspection.skipped]
    shown = [*chain.from_iterable(map(lines, inspection.hosts)), *skipped]
    if not any(map(has_headscale, inspection.hosts)):
        shown.append(f"# no host{' that could be evaluated' if skipped else ''} has Headscale")
    return [secrets.text(line) for line in shown], status
