"""`hslint config`: what the settings are and where each comes from, and the JSON Schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import click

from hslint.cli import completing
from hslint.cli.errors import report_errors
from hslint.cli.output import put, put_all
from hslint.schemas import NAMES, schema


@click.group("config", short_help="Show the settings, or the schema of their file.")
def config() -> None:
    """Show the settings of a project, or the JSON Schema of the settings file."""


@config.command("show", short_help="Show each setting and where it comes from.")
@click.argument("path", default=".", shell_complete=completing.files)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def show(path: str, form: str) -> None:
    """Show each setting that holds for PATH (the current directory when none is named), and where it comes from."""
    with report_errors():
        from hslint.checking import settings_of  # late: `hslint config schema` inspects nothing
        from hslint.reporters.terminal import path_from_here

        found, project = settings_of(path)
        origins = found.origins
        if form == "json":
            listed = {
                key: {"value": value, "from": origins.get(key, "default")} for key, value in found.written().items()
            }
            document = {"version": 1, "root": project.root, "file": found.file or None, "settings": listed}
            put_all(json.dumps(document, indent=2).split("\n"))
            return
        put(f"# {path_from_here(project, found.file)}" if found.file else "# no settings file; the defaults hold")
        # As in the file, tables come last.
        for key, value in sorted(found.written().items(), key=lambda item: _is_table(*item)):
            if key == "assert":
                for rule, entry in zip(found.team_rules, value, strict=True):
                    put_all(_table("[[assert]]", entry, rule.place))
            else:
                put_all(_lines(key, value, origins.get(key, "default")))


def _is_table(key: str, value: Any) -> bool:
    return bool(value) and (isinstance(value, dict) or key == "assert")


def _table(header: str, members: Mapping[str, Any], origin: str) -> Iterator[str]:
    yield f"{header:<{_ORIGIN}}  # {origin}"
    yield from (f"{_toml_key(name)} = {_toml(each)}" for name, each in members.items())


def _lines(key: str, value: Any, origin: str) -> Iterator[str]:
    """A setting as TOML, what it is made of on lines of its own, and where it comes from."""
    if value is None:
        said = {"baseline": "none"}.get(key, "inferred")
        yield f"{f'# {key}: {said}':<{_ORIGIN}}  # {origin}"
    elif _is_table(key, value):
        yield from _table(f"[{key}]", value, origin)
    else:
        yield f"{f'{key} = {_toml(value)}':<{_ORIGIN}}  # {origin}"


#: Column at which origins start, unless the value is longer.
_ORIGIN = 32


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        members = ", ".join(f"{_toml_key(name)} = {_toml(each)}" for name, each in value.items())
        return f"{{ {members} }}" if members else "{ }"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value, ensure_ascii=False)


def _toml_key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)


@config.command("schema", short_help="Print a JSON Schema.")
@click.argument("name", type=click.Choice(NAMES), default="hslint")
def print_schema(name: str) -> None:
    """Print a JSON Schema: of the settings file (hslint), or of what a command prints as JSON."""
    put_all(schema(name).rstrip("\n").split("\n"))
