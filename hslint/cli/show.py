"""`hslint show PATH`: the effective configuration of every host."""

from __future__ import annotations

import json

import click

from hslint.checking import Request, inspect
from hslint.cli.failing import plainly
from hslint.reporters.terminal import printable
from hslint.values.budget import Interrupted, with_deep_stack


@click.command("show")
@click.argument("path", default=".")
@click.option("--host", help="Only this host.")
@click.option("--headscale", metavar="RELEASE", help="The release of Headscale, such as 0.28.")
@click.option("--module", metavar="MODULE", help="The NixOS module, such as in-repo or nixpkgs-25.11.")
@click.option("--alone", is_flag=True, help="Judge a module by itself, not on the hosts that use it.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def show(path: str, host: str | None, headscale: str | None, module: str | None, alone: bool, form: str) -> None:
    """Show what Headscale would get on each host of PATH, and where it comes from."""
    with plainly():
        for line in with_deep_stack(
            _show, path, Request(headscale=headscale, module=module, alone=alone, host=host), form
        ):
            click.echo(line)


def _show(path: str, request: Request, form: str) -> list[str]:
    inspection, _ = inspect([path], request)
    if inspection.cut_short:
        raise Interrupted
    if form == "json":
        from hslint.reporters.show_json import document

        return [json.dumps(document(inspection), indent=2)]
    from hslint.reporters.show_text import lines

    skipped = [f"# {printable(inspection.describe(each))}" for each in inspection.skipped]
    return [*(line for host in inspection.hosts for line in lines(host)), *skipped]
