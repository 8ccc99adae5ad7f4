"""All output of the commands, without secrets, and without control sequences for a terminal or a log."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TextIO

import click

from hslint.reporters.terminal import Safe, Style, safe, style_for

if TYPE_CHECKING:
    from hslint.hosts.secrets import Secrets


def put(line: str, secrets: Secrets | None = None, *, errors: bool = False) -> None:
    """Print a line; `secrets` are those of the project that it speaks of."""
    if secrets is not None and not isinstance(line, Safe):  # a report is made of findings without secrets
        line = secrets.text(line)
    # click would take out escapes by itself: hslint's own, and those of a line in a patch.
    click.echo(safe(line), err=errors, color=True)


def put_all(lines: Iterable[str], secrets: Secrets | None = None, *, errors: bool = False) -> None:
    for line in lines:
        put(line, secrets, errors=errors)


def complain(message: str, secrets: Secrets | None = None) -> None:
    """Print an error on standard error, in one line."""
    put(f"hslint: {message}", secrets, errors=True)


def put_status(text: str) -> None:
    """Show a line on standard error in place of the one that is there; an empty text takes it away."""
    shown = safe(text)[: columns() - 1]
    sys.stderr.write(f"\r\x1b[K{shown}")
    sys.stderr.flush()


def clear() -> None:
    """Begin on an empty screen, where there is one."""
    if to_terminal():
        sys.stdout.write("\x1b[H\x1b[2J\x1b[3J")
        sys.stdout.flush()


def ask(question: str) -> str | None:
    """The user's answer to a question, in one line; None without a terminal."""
    if sys.stdin is None or not sys.stdin.isatty() or not to_terminal(errors=True):
        return None
    click.echo(f"{question} ", err=True, nl=False)
    answer = sys.stdin.readline()
    return " ".join(answer.split())


def pass_through(content: bytes) -> None:
    """Pass a file's contents on as they are: standard input, fixed, or the value that `eval` was asked for."""
    sys.stdout.buffer.write(content)


def put_markdown(text: str) -> None:
    """Print a page of hslint's own, laid out on a terminal."""
    if not to_terminal() or not style().unicode:  # its lines and bullets are Unicode
        put_all(text.split("\n"))
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown("\n".join(map(safe, text.split("\n")))))


def put_table(table: Any) -> None:
    """Print a table of hslint's own rules, on a terminal."""
    from rich.console import Console

    Console().print(table)


def may_be_patch() -> bool:
    """Whether standard output is taken by a file or a program, rather than by a terminal or the log of a workflow."""
    if to_terminal():
        return False
    try:
        return stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode) or not os.environ.get("GITHUB_ACTIONS")
    except (OSError, ValueError):  # no file behind it
        return not os.environ.get("GITHUB_ACTIONS")


def style(when: str = "auto", *, errors: bool = False) -> Style:
    """The style of text on standard output, or on standard error."""
    terminal = to_terminal(errors=errors)
    unicode = _speaks_unicode(sys.stderr if errors else sys.stdout, terminal=terminal)
    return style_for(terminal=terminal, when=when, width=columns() if terminal else None, unicode=unicode)


def _speaks_unicode(stream: TextIO, *, terminal: bool) -> bool:
    """Whether there is more than ASCII. Python speaks UTF-8 also where the locale is C; a terminal is believed to mean it."""
    encoding = (stream.encoding or "utf-8").lower().replace("-", "")
    locale = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return encoding.startswith("utf") and not (terminal and locale in ("C", "POSIX"))


def columns() -> int:
    """The width of the terminal in columns."""
    import shutil  # late: it knows archives, too

    return shutil.get_terminal_size().columns


def to_terminal(*, errors: bool = False) -> bool:
    return (sys.stderr if errors else sys.stdout).isatty()
