"""`hslint why [PATH] OPTION`: the provenance of an option's value."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from hslint.checking import CannotInspect, Request, inspect
from hslint.cli import completing
from hslint.cli.colour import color_option
from hslint.cli.errors import report_errors
from hslint.cli.output import put_all, style
from hslint.hosts import option_names
from hslint.reporters import why as story
from hslint.reporters.highlight import highlighted
from hslint.reporters.json import dumped
from hslint.values.budget import Interrupted, with_deep_stack

if TYPE_CHECKING:
    from hslint.hosts import Inspection
    from hslint.hosts.host import Host
    from hslint.modules import Setting


@click.command("why", short_help="Show how an option got its value.", options_metavar="[OPTIONS]")
@click.argument("names", nargs=-1, metavar="[PATH] OPTION", shell_complete=completing.options)
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
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@color_option
def why(
    names: tuple[str, ...], host: str | None, headscale: str | None, module: str | None, form: str, color: str
) -> None:
    """Show how OPTION got its value in the configuration at PATH (the current directory when none is named): what defined it, what lost,
    where it is declared, and what the default is.

    OPTION is any option of NixOS or of the project, in full, or one of Headscale below services.headscale: settings.listen_addr,
    listen_addr, port. An option of the full name goes first. Exit status: 0, or 2 when there is nothing to show.
    """
    with report_errors():
        path, option = _path_and_option(names)
        request = Request(headscale=headscale, module=module, host=host)
        shown = with_deep_stack(_report, path, option, request, form)
        put_all(highlighted("why", shown, style(color)) if form == "text" else shown)


def _path_and_option(names: tuple[str, ...]) -> tuple[str, str]:
    """The path and the option among the arguments: a single one is the option; of two the first is the path, unless only the second exists."""
    match names:
        case (option,) if not _is_path(option):
            return ".", option
        case (path,):
            raise click.UsageError(f"{path} is a path: which option of it? (hslint why {path} OPTION)")
        case (option, path) if not _is_like_path(option) and not os.path.lexists(option) and os.path.lexists(path):
            return path, option
        case (path, option):
            return path, option
        case ():
            raise click.UsageError("Missing argument 'OPTION'.")
        case _:
            raise click.UsageError("There is one path at most, and one option.")


def _is_path(name: str) -> bool:
    """Whether an argument names something that is there, and no option that happens to be called like a directory."""
    return os.path.lexists(name) and _is_like_path(name)


def _is_like_path(name: str) -> bool:
    return os.sep in name or name.endswith(".nix") or name in (".", "..")


def _report(path: str, option: str, request: Request, form: str) -> list[str]:
    inspection, _ = inspect([path], request)
    if inspection.cut_short:
        raise Interrupted
    hosts = inspection.hosts
    found = option_names.find_option(hosts, option)
    keys = [] if found else [(host, key) for host in hosts if (key := option_names.key_of_headscale(host, option))]
    if form == "json":
        options = [story.document(host, setting) for host, setting in found]
        options += [story.document_of_key(host, key) for host, key in keys]
        if options:
            return [dumped({"version": 1, "options": options}, inspection.secrets, keep=frozenset())]
    lines = [line for host, setting in found for line in _story(host, setting, option)]
    lines += [line for host, key in keys for line in story.default_of_headscale(host, key)]
    if not lines:
        lines = _nothing(inspection, option, form)
    return [inspection.secrets.text(line) for line in lines]


def _nothing(inspection: Inspection, option: str, form: str) -> list[str]:
    """The report where no evaluated host has the option. Raises CannotInspect where that is nothing certain."""
    hosts = inspection.hosts
    if not hosts and inspection.skipped:
        raise CannotInspect(inspection.describe(inspection.skipped[0]))
    near = option_names.suggestions(hosts[0], option) if hosts else ()
    off = [] if near or form == "json" else [host for host in hosts if option_names.off_by_default(host, option)]
    if not off:
        raise CannotInspect(story.nothing(hosts, option, near, outlined=option_names.in_outline(option)))
    return [line for host in off for line in story.off_by_default(host, option)]


def _story(host: Host, setting: Setting, asked: str) -> Iterator[str]:
    yield from story.text(host, setting)
    other = option_names.also_named(host, asked, setting)
    if other is not None:
        yield f"  {other} is another option: give its full name to ask for it"
