"""`--fix`, `--unsafe-fixes` and `--diff`: the options, and how fixed files reach the disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hslint.cli.failing import CLEAN, FOUND, Failing
from hslint.reporters.terminal import printable

if TYPE_CHECKING:
    from hslint.fixes import Mended

Command = TypeVar("Command", bound=Callable[..., Any])


def fix_options(command: Command) -> Command:
    """The three options, in the order of the help."""
    options = (
        click.option("--fix", is_flag=True, help="Mend what can be mended safely, then report the rest."),
        click.option(
            "--unsafe-fixes", is_flag=True, help="With --fix or --diff: also fixes that change what Headscale does."
        ),
        click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def wants_fixes(fix: bool, unsafe_fixes: bool, diff: bool) -> bool:
    """Whether any of them was given. Raises Failing for options that do not go together."""
    if unsafe_fixes and not (fix or diff):
        raise Failing("--unsafe-fixes goes with --fix or --diff")
    return fix or diff


def tell_withdrawn(mended: Mended) -> None:
    for message in mended.withdrawn:
        click.echo(f"hslint: not fixed, as that would lead to another error: {printable(message)}", err=True)


def show_diff(mended: Mended) -> None:
    """Print the patch, and end with the status that says whether there is one."""
    for line in mended.diff():
        click.echo(line)
    raise SystemExit(FOUND if mended.changed else CLEAN)


def write_files(mended: Mended) -> bool:
    """Write the fixed files, and tell what came of it. Returns whether all of them could be written."""
    if not mended.changed:
        return True
    outcome = mended.write()

    def named(path: str) -> str:
        return printable(os.path.relpath(path, mended.root))

    for each in outcome.left:
        click.echo(f"hslint: {named(each.path)} was not changed: {each.reason}", err=True)
    if outcome.left:
        for path in outcome.written:
            click.echo(f"hslint: {named(path)} was changed", err=True)
    click.echo(mended.summary([each.path for each in outcome.left]), err=True)
    return not outcome.left
