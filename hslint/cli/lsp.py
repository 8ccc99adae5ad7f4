"""`hslint lsp`: the language server on stdin and stdout."""

from __future__ import annotations

import os

import click


@click.command("lsp")
@click.option("--stdio", is_flag=True, help="The default, and the only way; editors like to say it.")
def lsp(stdio: bool) -> None:
    """Speak the Language Server Protocol on standard input and output."""
    try:
        from hslint.lsp.features import create
    except ImportError as error:
        raise click.UsageError("the language server needs the extra `lsp`: pip install 'hslint[lsp]'") from error
    server = create()
    server.start_io()
    # Nobody waits for an analysis that is still under way, nor for the end of an input that stays open.
    os._exit(0 if server.dismissed else 1)
