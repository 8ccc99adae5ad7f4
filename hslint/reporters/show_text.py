"""`hslint show`: a host's Headscale configuration as Headscale would read it, each value with its origin beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from hslint.hosts.host import HEADSCALE, Host
from hslint.modules.configuration import split_path
from hslint.reporters.terminal import paths_from_here, printable
from hslint.reporters.values import one_line
from hslint.reporters.why import conditional, enabled_if, origin
from hslint.values.nesting import Walk
from hslint.values.value import Attrs, Bool, Failure, Lazy, List, Null, Path, String, Unknown, Value
from hslint.values.without_secrets import without_secrets

#: Column at which origins start, unless the value is longer.
_ORIGIN = 56


def lines(host: Host) -> Iterator[str]:
    """The host's settings as YAML with comments, and the unknown parts."""
    return (paths_from_here(host.project, line) for line in _lines(host))


def has_headscale(host: Host) -> bool:
    """Whether there is, or may be, a Headscale to show on a host."""
    return host.failure is not None or host.active


def _lines(host: Host) -> Iterator[str]:
    yield f"# {host.name}: {host.runs}"
    for opening in host.unresolved_imports:
        yield f"# possible only: {opening.unknown.reason}"
    failure = host.failure
    if failure is not None:
        first, *others = failure.message.strip().split("\n")
        yield f"# Nix refuses this configuration: {first}"
        yield from (f"# {line}".rstrip() for line in others)
        return
    enable = host.setting("enable").value
    if not isinstance(enable, Bool) or not enable.value:
        condition = enabled_if(host)
        said = "off" if isinstance(enable, Bool | None) else one_line(enable, ("enable",))
        yield f"# services.headscale.enable: {said if condition is None else f'true if {condition}'}"
        if not host.active:
            return
    for name in ("address", "port", "user", "group"):
        merged = host.configuration.setting(f"{HEADSCALE}.{name}")
        value = merged.value.outcome() if merged is not None else None
        if value is not None and not isinstance(value, Failure):
            yield _with_origin(f"# {name}: ", value, host, name, Walk())
    settings = Lazy(lambda _: host.configuration.config).outcome()
    for step in ("services", "headscale", "settings"):
        found = settings.get(step) if isinstance(settings, Attrs) else None
        settings = found.outcome() if found is not None else settings
    if isinstance(settings, Attrs):
        yield from _attrs(host, settings, "settings", 0, Walk())


def _attrs(host: Host, attrs: Attrs, option: str, depth: int, walk: Walk) -> Iterator[str]:
    stopped = walk.stops(attrs)
    if stopped is not None:
        yield f"{'  ' * depth}# {_stopped(stopped)}"
        return
    indent = "  " * depth
    for name, lazy in sorted(attrs.items.items()):
        path = f"{option}.{name if '.' not in name else json.dumps(name)}"
        outcome = lazy.outcome()
        if isinstance(outcome, Failure):
            yield f"{indent}{_key(name)}: # fails: {outcome.message.splitlines()[0]}"
        elif isinstance(outcome, Attrs) and outcome.get("outPath") is None and outcome.items:
            yield f"{indent}{_key(name)}:"
            yield from _attrs(host, outcome, path, depth + 1, walk)
        else:
            yield _with_origin(f"{indent}{_key(name)}: ", outcome, host, path, walk)
    walk.leave(attrs)
    if attrs.rest is not None:
        yield f"{indent}# and unknown ones: {attrs.rest.reason}"


def _with_origin(key: str, value: Value, host: Host, option: str, walk: Walk) -> str:
    """The line of an option below `services.headscale`; where its only definition may not hold, with that definition."""
    merged = host.configuration.setting(f"{HEADSCALE}.{option}")
    names = split_path(option)
    possible = conditional(merged, names) if isinstance(value, Unknown) and merged is not None else None
    line = key + (_yaml(without_secrets(value, names), walk) if possible is None else f"# unknown: {possible}")
    return (
        f"{line:<{_ORIGIN}} # {origin(host, merged, conditions=possible is None) if merged is not None else 'default'}"
    )


def _stopped(why: Failure | Unknown) -> str:
    return f"fails: {why.message.splitlines()[0]}" if isinstance(why, Failure) else f"unknown: {why.reason}"


def _yaml(value: Value, walk: Walk) -> str:
    match value:
        case Null():
            return "null"
        case Bool(truth):
            return "true" if truth else "false"
        case String(known=str(text)):
            return _quoted(text)
        case Path(path):
            return _quoted(path)
        case List() if value.rest is None:
            stopped = walk.stops(value)
            if stopped is not None:
                return f"# {_stopped(stopped)}"
            shown = "[" + ", ".join(_item(item, walk) for item in value.items) + "]"
            walk.leave(value)
            return shown
        case Unknown():
            return f"# unknown: {value.reason}"
        case _:
            return one_line(value, ())


def _key(name: str) -> str:
    """A name as YAML has it, quoted where it could be read as something else."""
    return name if re.fullmatch(r"[\w./-]+", name) else _quoted(name)


def _quoted(text: str) -> str:
    """A text as YAML has it, invisible characters by their number."""
    shown = json.dumps(text, ensure_ascii=False)
    return "".join(c if printable(c) == c else json.dumps(c)[1:-1] for c in shown)


def _item(lazy: Lazy, walk: Walk) -> str:
    outcome = lazy.outcome()
    return "# fails" if isinstance(outcome, Failure) else _yaml(outcome, walk)
