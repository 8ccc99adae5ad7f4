"""`hslint show PATH`: the effective configuration of every host."""

from __future__ import annotations

from itertools import chain

import click

from hslint.checking import Request, inspect
from hslint.cli.failing import plainly
from hslint.cli.output import put_all
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
        request = Request(headscale=headscale, module=module, alone=alone, host=host)
        put_all(with_deep_stack(_show, path, request, form))


def _show(path: str, request: Request, form: str) -> list[str]:
    inspection, _ = inspect([path], request)
    if inspection.cut_short:
        raise Interrupted
    secrets = inspection.secrets
    if form == "json":
        from hslint.reporters.json import dumped
        from hslint.reporters.show_json import document

        return [dumped(document(inspection), secrets, keep=frozenset())]
    from hslint.reporters.show_text import lines

    skipped = [f"# {inspection.describe(each)}" for each in inspection.skipped]
    return [secrets.text(line) for line in (*chain.from_iterable(map(lines, inspection.hosts)), *skipped)]
