"""The commands. Each is loaded when it is asked for, so that `hslint --version` costs next to nothing."""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from hslint import __version__
from hslint.catalogue.edition import AS_OF, NEWEST_KNOWN

#: Commands in the order of the help, each with its module and its function there.
_COMMANDS = {
    "check": ("hslint.cli.check", "command"),
    "show": ("hslint.cli.show", "show"),
    "why": ("hslint.cli.why", "why"),
    "upgrade": ("hslint.cli.upgrade", "upgrade"),
    "access": ("hslint.cli.access", "access"),
    "rules": ("hslint.cli.rules", "rules"),
    "explain": ("hslint.cli.explain", "explain"),
    "init": ("hslint.cli.init", "init"),
    "config": ("hslint.cli.config", "config"),
    "completions": ("hslint.cli.completions", "completions"),
    "man": ("hslint.cli.man", "man"),
    "lsp": ("hslint.cli.lsp", "lsp"),
    "eval": ("hslint.cli.eval", "eval_"),
}


class Commands(click.Group):
    """A group whose commands are imported one by one."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Names of files may be more than the terminal's encoding can say; closed streams are no reason to fail."""
        sys.stdout = _open(sys.stdout)
        sys.stderr = _open(sys.stderr)
        return super().main(*args, **extra)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _printable_complaints():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _printable_complaints():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            raise SystemExit(130) from None  # as hslint.cli.errors has it, which not every command loads

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        if cmd_name != "lsp":
            # A command ends before garbage matters, and looking for it took two fifths of the time of a large project.
            gc.set_threshold(1_000_000)
            # Garbage collection at the end of the process is a waste of time.
            atexit.register(gc.freeze)
        module, function = _COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), function)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """An unknown command names the one that looks like it."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from hslint.spelling import nearest  # late: only a misspelt command needs it

            near = nearest(args[0], _COMMANDS)
            hint = f"; did you mean {near}?" if near else ""
            raise click.UsageError(f"{error.message.rstrip('.')}{hint}", ctx) from None


@contextmanager
def _printable_complaints() -> Iterator[None]:
    """Click's messages repeat parts of the command line, which may be hostile names of files."""
    try:
        yield
    except getattr(click.exceptions, "NoArgsIsHelpError", ()):
        raise  # a group without a command: the help, which is hslint's own
    except click.UsageError as error:
        from hslint.reporters.terminal import printable  # late: only a complaint needs it

        raise click.UsageError(printable(error.format_message()), error.ctx) from None


def _open(stream: Any) -> Any:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")  # for the life of the process
    if isinstance(stream, io.TextIOWrapper):
        unicode = stream.encoding.lower().replace("-", "") == "utf8"
        stream.reconfigure(errors="surrogateescape" if unicode else "backslashreplace")
    return stream


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    __version__,
    prog_name="hslint",
    message=f"%(prog)s, version %(version)s\nknows Headscale up to {NEWEST_KNOWN} (catalogue of {AS_OF})",
)
def main() -> None:
    """Find mistakes in Nix configurations that run Headscale, before they are built."""
