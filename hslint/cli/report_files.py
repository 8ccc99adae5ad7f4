"""`--output FORMAT=FILE`: reports that are written to files beside the one on standard output."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from hslint.cli.errors import CliError
from hslint.record import Record
from hslint.reporters import FORMATS
from hslint.reporters.terminal import Safe
from hslint.spelling import nearest

if TYPE_CHECKING:
    import click


class ReportFile(Record):
    """A report that was asked for: in a format, in a file."""

    form: str
    path: str


def report_files(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[ReportFile, ...]:
    """The values of `--output`. Raises CliError for what is none."""
    found = tuple(map(_report_file, values))
    paths = [os.path.realpath(each.path) for each in found]
    for number, each in enumerate(found):
        if paths[number] in paths[:number]:
            raise CliError(f"--output: two reports go to {each.path}")
    return found


def _report_file(value: str) -> ReportFile:
    form, sign, path = value.partition("=")
    if form not in FORMATS:
        near = nearest(form, FORMATS)
        hint = f"; did you mean {near}?" if near else f"; write FORMAT=FILE with one of {', '.join(FORMATS)}"
        raise CliError(f"--output: there is no format {form}{hint}")
    if not sign or not path:
        raise CliError(f"--output: {form} goes to no file; write {form}=FILE")
    return ReportFile(form, path)


def write_report(path: str, lines: Iterable[Safe]) -> None:
    """Write a report: as a whole or not at all, and never through a link, which a repository may hold. Raises CliError."""
    text = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
    try:
        if _is_device(path):
            with open(path, "wb") as stream:
                stream.write(text)
            return
        write_whole(path, text)
    except OSError as error:
        raise CliError(f"{path}: the report cannot be written: {error.strerror}") from None


def _is_device(path: str) -> bool:
    """Whether a path is no file and no link of a project: `/dev/stderr`, a pipe."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return False
    return path.startswith("/dev/") or not (stat.S_ISREG(mode) or stat.S_ISLNK(mode))


def write_whole(path: str, text: bytes) -> None:
    """Put a file of these bytes at a path, in place of a file or link that is there. Raises OSError."""
    import secrets  # late: it takes as long as the rest of this module

    directory, name = os.path.split(path)
    temporary = os.path.join(directory, f".{name}.{secrets.token_hex(8)}")
    mode = 0o666 & ~_umask()
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text)
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
