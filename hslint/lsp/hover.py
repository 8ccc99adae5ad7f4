"""What to say about an option or a setting under the cursor: what it does, and what it is on each host."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hslint.hosts.host import HEADSCALE, Host, Setting
from hslint.source import Span
from hslint.values.value import (
    Attrs,
    Bool,
    Closure,
    Float,
    Int,
    Lazy,
    List,
    Null,
    Path,
    Primitive,
    String,
    Unknown,
    Value,
)

#: Characters of a value that are shown.
_WIDTH = 120


@dataclass(frozen=True, slots=True)
class Hover:
    text: str
    span: Span


def at(path: str, offset: int, hosts: Sequence[Host]) -> Hover | None:
    """What stands at a byte offset of a file: a definition of an option of services.headscale, on its name or its value."""
    found: tuple[Setting, Span] | None = None
    lines: list[str] = []
    for host in hosts:
        for setting, span in _settings_at(host, path, offset):
            found = found or (setting, span)
            if setting.option == found[0].option:
                lines.append(f"- **{host.name}** (Headscale {host.release.series}): `{shown(setting.value)}`")
            break
    if found is None:
        return None
    setting, span = found
    name = setting.option.removeprefix(f"{HEADSCALE}.")
    text = [f"### {name}", "", _described(name, hosts), "", *lines]
    return Hover("\n".join(text), span)


def _settings_at(host: Host, path: str, offset: int) -> Iterator[tuple[Setting, Span]]:
    for setting in host.written(""):
        for definition in (*setting.definitions, *setting.losers):
            for span in (definition.place, definition.binding):
                if span is not None and span.file.path == path and span.start <= offset <= span.end:
                    yield setting, definition.place or span
                    break


def _described(name: str, hosts: Sequence[Host]) -> str:
    if not name.startswith("settings."):
        return "An option of the NixOS module."
    setting = name.removeprefix("settings.")
    for host in hosts:
        key = host.schema.key(setting)
        if key is not None:
            return f"{key.what}\n\n[Documentation]({key.page})"
        removal = host.schema.removed(setting)
        if removal is not None:
            return f"{removal.what} Headscale {host.release.series} does not read it: {removal.instead}."
    return "Headscale does not read this setting."


def shown(value: Value) -> str:
    """A value in one line, as Nix writes it."""
    text = _shown(value)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def _shown(value: Value) -> str:
    match value:
        case Null():
            return "null"
        case Bool(truth):
            return "true" if truth else "false"
        case Int(number) | Float(number):
            return str(number)
        case String(known=str(text)):
            return f'"{text}"'
        case String():
            return '"' + "".join(part if isinstance(part, str) else "…" for part in value.parts) + '"'
        case Path(path):
            return path
        case List():
            return "[ " + "".join(f"{_item(item)} " for item in value.items) + ("… " if value.rest else "") + "]"
        case Attrs():
            inner = "".join(f"{name} = {_item(item)}; " for name, item in list(value.items.items())[:8])
            return "{ " + inner + ("… " if value.rest or len(value.items) > 8 else "") + "}"
        case Unknown():
            return f"unknown: {value.reason}"
        case Closure() | Primitive():
            return "a function"


def _item(item: Lazy) -> str:
    outcome = item.outcome()
    return "an error" if isinstance(outcome, Exception) else _shown(outcome)
