"""`--add-ignores`: the reason, and the report of the comments that were added."""

from __future__ import annotations

from collections.abc import Sequence

from hslint.checking import Request
from hslint.cli.errors import CANNOT_RUN, CLEAN, FOUND, CliError
from hslint.cli.fixing import show_diff, write_files
from hslint.cli.output import ask, complain, put
from hslint.ignoring import add_ignores
from hslint.reporters.terminal import path_from_here


def write_ignores(paths: Sequence[str], request: Request, reason: str | None, color: str, *, diff: bool) -> int:
    """Add the comments, and return the exit status. Raises CliError without a reason."""
    why = " ".join((reason if reason is not None else ask("why are they ignored?") or "").split())
    if not why:
        raise CliError('--add-ignores needs a reason: --reason "why"')
    ignored = add_ignores(paths, request, why)
    if diff:
        show_diff(ignored.changes, color, otherwise="--add-ignores without --diff")
    complete = write_files(ignored.changes, summary=False)
    secrets = ignored.changes.secrets
    for finding in ignored.left:
        at = finding.problem.at
        place = f"{path_from_here(ignored.project, at.file.path)}:{at.file.position(at.start).line + 1}"
        complain(f"not suppressed: {place}: {finding.problem.message} [{finding.rule.name}]", secrets)
    if not complete:
        return CANNOT_RUN
    count, files = len(ignored.suppressed), len(ignored.changes.after)
    put(
        f"suppressed {count} {'finding' if count == 1 else 'findings'} in {files} {'file' if files == 1 else 'files'}",
        secrets,
    )
    return FOUND if ignored.left else CLEAN
