"""`hslint lsp`: the language server on stdin and stdout."""

from __future__ import annotations

import os
import sys

import click

from hslint.cli.errors import CANNOT_RUN
from hslint.cli.output import complain


@click.command("lsp", short_help="Speak the Language Server Protocol.")
@click.option("--stdio", is_flag=True, help="The default, and the only way; editors like to say it.")
def lsp(stdio: bool) -> None:
    """Speak the Language Server Protocol on standard input and output."""
    try:
        from hslint.lsp.features import create  # late: pygls may not be installed, and takes long to load
        from hslint.lsp.framing import LostCount
    except ImportError as error:
        raise click.UsageError("the language server needs the extra `lsp`: pip install 'hslint[lsp]'") from error
    server = create()
    try:
        server.converse(sys.stdin.buffer)
        status = 0 if server.dismissed else 1
    except LostCount as error:
        complain(str(error))
        status = CANNOT_RUN
    # Do not wait for an analysis that is still under way, nor for the end of an input that stays open.
    os._exit(status)
