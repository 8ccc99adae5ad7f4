"""`hslint init`: the settings file and the commit hook of a project, shown before they are written."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

import click

from hslint import __version__
from hslint.cli import completing
from hslint.cli.errors import CANNOT_RUN, CLEAN, CliError, report_errors
from hslint.cli.output import ask, complain, put, put_all
from hslint.record import Record

_SETTINGS = """\
# Settings of hslint: https://github.com/hslint/hslint/blob/main/docs/settings.md
# `hslint config show` lists which of them hold, and where each comes from.

# The release of Headscale to check against; without it hslint infers it from the package and from what the project pins.
# headscale = "0.29"

# Notes are shown, and do not fail the check.
fail-on = "warning"

# Rules of your own: https://github.com/hslint/hslint/blob/main/docs/team-rules.md
# [[assert]]
# option = "settings.log.level"
# condition = 'value != "debug"'
# message = "logs are kept, and debug says too much"
"""

_PRE_COMMIT = f"""\
repos:
  - repo: https://github.com/hslint/hslint
    rev: v{__version__}
    hooks:
      - id: hslint
"""

_GIT_HOOK = """\
#!/bin/sh
# Refuses a commit while hslint finds something; git commit --no-verify goes past it.
exec hslint check
"""


class _NewFile(Record):
    """A file to write, or one that is there: then `advice` says what to do."""

    path: str
    text: str
    executable: bool = False
    advice: str = ""


@click.command("init", short_help="Write a first settings file and a commit hook.")
@click.argument("path", default=".", shell_complete=completing.files)
@click.option(
    "--hook",
    type=click.Choice(["pre-commit", "git", "none"]),
    default="pre-commit",
    help="The commit hook: an entry for pre-commit, a script in .git/hooks, or none.",
)
@click.option("-y", "--yes", is_flag=True, help="Write the files without asking.")
def init(path: str, hook: str, yes: bool) -> None:
    """Write hslint.toml and a commit hook for the project at PATH (the current directory when none is named), after showing them.

    Files that are there are never changed. Exit status: 0, or 2 when a file could not be written.
    """
    with report_errors():
        from hslint.hosts.discovery import project_root, target  # late: `--help` needs no project

        root = project_root(target(path).start).path
        files = [*_files(root, hook)]
        new = [file for file in files if not file.advice]
        for file in files:
            put_all(_shown(root, file))
        if not new:
            put("nothing to write")
            raise SystemExit(CLEAN)
        if not yes:
            answer = ask(f"write {' and '.join(_name(root, file) for file in new)}? [y/N]")
            if answer is None:
                put("nothing was written; --yes writes it")
                raise SystemExit(CLEAN)
            if answer.lower() not in ("y", "yes"):
                put("nothing was written")
                raise SystemExit(CLEAN)
        status = _write(root, new)
    raise SystemExit(status)


def _files(root: str, hook: str) -> Iterator[_NewFile]:
    settings = os.path.join(root, "hslint.toml")
    there = os.path.lexists(settings)
    yield _NewFile(settings, _SETTINGS, advice="is there already" if there else "")
    if hook == "none":
        return
    git = os.path.join(root, ".git")
    if hook == "pre-commit":
        path = os.path.join(root, ".pre-commit-config.yaml")
        advice = "is there already; add what is below `repos:`" if os.path.lexists(path) else ""
        yield _NewFile(path, _PRE_COMMIT, advice=advice)
        return
    # Of a worktree or a submodule .git is a file, and the hooks lie outside the project.
    if not os.path.isdir(git) or os.path.islink(git):
        raise CliError(f"{root}: holds no .git directory for a hook; --hook pre-commit needs none")
    path = os.path.join(git, "hooks", "pre-commit")
    advice = "is there already; add the last line" if os.path.lexists(path) else ""
    yield _NewFile(path, _GIT_HOOK, executable=True, advice=advice)


def _name(root: str, file: _NewFile) -> str:
    return os.path.relpath(file.path, root)


def _shown(root: str, file: _NewFile) -> Iterator[str]:
    yield f"# {_name(root, file)}{f' {file.advice}' if file.advice else ''}"
    if not file.advice or "add" in file.advice:
        yield from file.text.rstrip("\n").split("\n")
    yield ""


def _write(root: str, files: list[_NewFile]) -> int:
    status = CLEAN
    for file in files:
        try:
            os.makedirs(os.path.dirname(file.path), exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(file.path, flags, 0o666), "w", encoding="utf-8") as stream:
                stream.write(file.text)
                if file.executable:
                    mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
                    os.fchmod(stream.fileno(), mode | (mode & 0o444) >> 2)
            put(f"wrote {_name(root, file)}")
        except OSError as error:
            complain(f"{_name(root, file)} was not written: {error.strerror}")
            status = CANNOT_RUN
    if status == CLEAN:
        put("`hslint check` checks the project; `hslint check --write-baseline` begins with what is found today")
    return status
