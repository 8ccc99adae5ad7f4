"""The hover text of an option or a setting: what it does, and its value on each host."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hslint.catalogue.term import AttrsOf
from hslint.hosts.host import HEADSCALE, Host
from hslint.hosts.setting import Setting
from hslint.lsp.analysis import Outcome
from hslint.modules.configuration import split_path
from hslint.record import Record
from hslint.reporters.markdown import code, plainly
from hslint.reporters.values import one_line
from hslint.source import Span


class Hover(Record):
    text: str
    span: Span


def at(path: str, offset: int, outcome: Outcome) -> Hover | None:
    """The hover at a byte offset of a file: a definition of an option of services.headscale, on its name or its value."""
    found: tuple[Setting, Span] | None = None
    lines: list[str] = []
    for host in outcome.hosts:
        for setting, span in _settings_at(host, path, offset):
            found = found or (setting, span)
            if setting.option == found[0].option and setting.value is not None:
                value = outcome.secrets.text(one_line(setting.value, split_path(setting.option)))
                lines.append(f"- **{plainly(host.name)}** (Headscale {host.release.series}): {code(value)}")
            break
    if found is None:
        return None
    setting, span = found
    name = setting.option.removeprefix(f"{HEADSCALE}.")
    title = name if re.fullmatch(r"[\w.-]+", name) else plainly(name)
    text = [f"### {title}", "", _described(name, outcome.hosts), "", *lines]
    return Hover("\n".join(text), span)


def _settings_at(host: Host, path: str, offset: int) -> Iterator[tuple[Setting, Span]]:
    for setting in host.defined(""):
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
        removal = host.schema.removed(setting)
        if removal is not None:
            return f"{removal.what} Headscale {host.release.series} does not read it: {removal.instead}."
        for path in _above(setting):
            key = host.schema.key(path)
            if key is not None and (path == setting or isinstance(key.type, AttrsOf)):
                return f"{key.what}\n\n[Documentation]({key.page})"
    return "Headscale does not read this setting."


def _above(setting: str) -> Iterator[str]:
    """The setting and the sets around it; a quoted name may hold dots."""
    names = re.findall(r'"[^"]*"|[^."]+', setting)
    for count in range(len(names), 0, -1):
        yield ".".join(names[:count])
