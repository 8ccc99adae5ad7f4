"""`--fix`, `--unsafe-fixes` and `--diff`: the options, and how fixed files reach the disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hslint.cli.errors import CLEAN, FOUND, CliError
from hslint.cli.output import complain, may_be_patch, put_all, style
from hslint.reporters.highlight import highlighted

if TYPE_CHECKING:
    from hslint.fixes import FixResult

Command = TypeVar("Command", bound=Callable[..., Any])


def fix_options(command: Command) -> Command:
    """The three options, in the order of the help."""
    options = (
        click.option("--fix", is_flag=True, help="Apply the safe fixes, then report the rest."),
        click.option(
            "--unsafe-fixes", is_flag=True, help="With --fix or --diff: also fixes that change what Headscale does."
        ),
        click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def wants_fixes(fix: bool, unsafe_fixes: bool, diff: bool) -> bool:
    """Whether any of them was given. Raises CliError for options that do not go together."""
    if unsafe_fixes and not (fix or diff):
        raise CliError("--unsafe-fixes goes with --fix or --diff")
    return fix or diff


def tell_withdrawn(result: FixResult) -> None:
    for message in result.withdrawn:
        complain(f"not fixed, as that would lead to another problem: {message}")


def show_diff(result: FixResult, color: str = "auto", *, otherwise: str = "--fix") -> None:
    """Print what --fix would change: a patch, unless people read it as it comes, or it would show secrets. Ends with the status that
    says whether there is anything.
    """
    from hslint.reporters.diff import Diff  # late: few runs show a patch

    diff = Diff(result.root, result.before, result.after, result.secrets)
    patch = may_be_patch()
    lines = diff.lines(raw=patch)
    # FORCE_COLOR in a pipe would make a patch of it that nothing takes.
    put_all(lines if patch and color != "always" else highlighted("diff", lines, style(color)))
    if diff.masked:
        complain(f"lines with secrets are masked, so this is no patch; {otherwise} makes the changes")
    raise SystemExit(FOUND if result.changed else CLEAN)


def write_files(result: FixResult, *, summary: bool = True) -> bool:
    """Write the changed files, and report which. Returns whether all of them could be written."""
    if not result.changed:
        return True
    outcome = result.write()

    def named(path: str) -> str:
        return os.path.relpath(path, result.root)

    for each in outcome.left:
        complain(f"{named(each.path)} was not changed: {each.reason}")
    if outcome.left:
        for path in outcome.written:
            complain(f"{named(path)} was changed")
    if summary:
        put_all([result.summary([each.path for each in outcome.left])], errors=True)
    return not outcome.left
