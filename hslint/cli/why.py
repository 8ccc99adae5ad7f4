"""`hslint why PATH OPTION`: how a value came about."""

from __future__ import annotations

import click

from hslint.checking import CannotInspect, Request, inspect
from hslint.cli.failing import plainly
from hslint.cli.output import put_all
from hslint.reporters import why as story
from hslint.reporters.json import dumped
from hslint.values.budget import Interrupted, with_deep_stack


@click.command("why")
@click.argument("path")
@click.argument("option")
@click.option("--host", help="Only this host.")
@click.option("--headscale", metavar="RELEASE", help="The release of Headscale, such as 0.28.")
@click.option("--module", metavar="MODULE", help="The NixOS module, such as in-repo or nixpkgs-25.11.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def why(path: str, option: str, host: str | None, headscale: str | None, module: str | None, form: str) -> None:
    """Tell how OPTION got its value in the configuration at PATH: what defined it, what lost, and what the default is.

    OPTION is named below services.headscale, as in settings.listen_addr, or in full.
    """
    with plainly():
        request = Request(headscale=headscale, module=module, host=host)
        put_all(with_deep_stack(_tell, path, option, request, form))


def _tell(path: str, option: str, request: Request, form: str) -> list[str]:
    inspection, _ = inspect([path], request)
    if inspection.cut_short:
        raise Interrupted
    hosts = inspection.hosts
    told = [(host, setting) for host in hosts if (setting := story.find(host, option)) is not None]
    if not told:
        near = story.nearest(hosts[0], option) if hosts else ()
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise CannotInspect(f"{option}: nobody declares or defines this option{hint}")
    if form == "json":
        options = [story.document(host, setting) for host, setting in told]
        return [dumped({"version": 1, "options": options}, inspection.secrets, keep=frozenset())]
    return [inspection.secrets.text(line) for host, setting in told for line in story.text(host, setting)]
