"""`hslint man`: the manual page, made of the help."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from hslint import __version__
from hslint.cli.output import put_all

_ENVIRONMENT = {
    "NO_COLOR": "Set to anything: no colours.",
    "FORCE_COLOR, CLICOLOR_FORCE": "Set to anything but 0: colours also without a terminal.",
    "HSLINT_TRACEBACK": "Set to anything: show where hslint itself went wrong.",
}

_FILES = {
    "hslint.toml, pyproject.toml": "The settings; the nearest one up to the root of the project counts.",
    "hslint-baseline.json": "The baseline that check --write-baseline writes.",
}

_STATUS = {
    "0": "Nothing was found.",
    "1": "Something was found.",
    "2": "hslint could not run, or not look at everything.",
}


@click.command("man", short_help="Print the manual page.")
@click.pass_context
def man(ctx: click.Context) -> None:
    """Print the manual page, for man: hslint man | man -l -"""
    put_all(_page(ctx.find_root()))


def _page(root: click.Context) -> Iterator[str]:
    group = root.command
    assert isinstance(group, click.Group)
    yield f'.TH HSLINT 1 "" "hslint {__version__}" "User Commands"'
    yield from (".SH NAME", r"hslint \- find mistakes in Nix configurations that run Headscale")
    yield from (".SH SYNOPSIS", r".B hslint", r"\fICOMMAND\fR [\fIARGUMENT\fR...]")
    yield from (".SH DESCRIPTION", *_paragraphs(group.help or ""))
    yield ".SH COMMANDS"
    yield from _commands(group, root, "hslint")
    for title, table in (("EXIT STATUS", _STATUS), ("ENVIRONMENT", _ENVIRONMENT), ("FILES", _FILES)):
        yield f".SH {title}"
        for name, said in table.items():
            yield from (".TP", f".B {_roff(name)}", _roff(said))
    yield from (".SH SEE ALSO", r"hslint explain \fINAME\fR shows the page of a rule, a setting or a release.")


def _commands(group: click.Group, ctx: click.Context, above: str) -> Iterator[str]:
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=ctx)
        if isinstance(command, click.Group):
            yield from _commands(command, inner, f"{above} {name}")
            continue
        usage = " ".join(command.collect_usage_pieces(inner))
        yield f".SS {_roff(f'{above} {name} {usage}')}"
        yield from _paragraphs(command.help or "")
        for parameter in command.get_params(inner):
            record = parameter.get_help_record(inner)
            if record is not None and isinstance(parameter, click.Option) and "--help" not in parameter.opts:
                yield from (".TP", f".B {_roff(record[0])}", _roff(record[1]))


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        yield from (".PP", _roff(" ".join(paragraph.split())))


def _roff(text: str) -> str:
    """Text that troff takes as it is: hyphens are those of options, and no line begins with a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return f"\\&{text}" if text.startswith((".", "'")) else text
