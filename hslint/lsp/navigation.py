"""The definitions of options on hosts, and the options that a file sets."""

from __future__ import annotations

from collections.abc import Iterator

from hslint.hosts.host import HEADSCALE, Host
from hslint.hosts.setting import Setting
from hslint.lsp.analysis import Outcome
from hslint.record import Record
from hslint.source import Span


class Symbol(Record):
    """An option that a file sets: `whole` is its statement, `at` the name or value in it."""

    name: str
    detail: str
    whole: Span
    at: Span


def definitions(path: str, offset: int, outcome: Outcome) -> list[Span]:
    """The definitions of the option at an offset, on any host: the definitions that hold first, then those that lost."""
    found: dict[Span, None] = {}
    for host in outcome.hosts:
        for setting in _settings_at(host, path, offset):
            for definition in (*setting.definitions, *setting.losers):
                span = definition.place or definition.binding
                if span is not None and span.file.path.startswith("/"):
                    found[span] = None
    return list(found)


def _settings_at(host: Host, path: str, offset: int) -> Iterator[Setting]:
    for setting in host.defined(""):
        spans = (span for each in (*setting.definitions, *setting.losers) for span in (each.place, each.binding))
        if any(span is not None and span.file.path == path and span.start <= offset <= span.end for span in spans):
            yield setting


def symbols(path: str, outcome: Outcome) -> list[Symbol]:
    """The options of Headscale that a file defines, in the order of the text."""
    found: dict[tuple[str, int], Symbol] = {}
    for host in outcome.hosts:
        for setting in host.defined(""):
            for definition in (*setting.definitions, *setting.losers):
                at = definition.place or definition.binding
                if at is None or at.file.path != path:
                    continue
                whole = definition.binding if definition.binding is not None and definition.binding.contains(at) else at
                name = setting.option.removeprefix(f"{HEADSCALE}.")
                found.setdefault((name, at.start), Symbol(name, host.name, whole, at))
    return sorted(found.values(), key=lambda symbol: symbol.at.start)
