"""How one option came about: the definitions that made its value, those that lost, and the default behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hslint.hosts.host import HEADSCALE, Host
from hslint.modules import Definition, Setting
from hslint.modules.configuration import split_path
from hslint.modules.definition import DEFAULT, FORCE, IMAGE_MEDIA_OVERRIDE, OPTION_DEFAULT, PLAIN, VM_OVERRIDE
from hslint.reporters.terminal import path_from_here
from hslint.reporters.values import one_line
from hslint.source import Span
from hslint.values.value import Failure, Unknown
from hslint.values.without_secrets import Names

_PRIORITIES = {
    OPTION_DEFAULT: "mkOptionDefault",
    DEFAULT: "mkDefault",
    PLAIN: "plain",
    IMAGE_MEDIA_OVERRIDE: "mkImageMediaOverride",
    FORCE: "mkForce",
    VM_OVERRIDE: "mkVMOverride",
}


def find(host: Host, option: str) -> Setting | None:
    """An option by the name people give it: in full, below `services.headscale`, or below its `settings`."""
    for path in (option, f"{HEADSCALE}.{option}", f"{HEADSCALE}.settings.{option}"):
        if path == option and not option.startswith(("services.", "networking.", "users.", "systemd.", "security.")):
            continue
        setting = host.configuration.setting(path)
        if setting is not None:
            return setting
    return None


def text(host: Host, setting: Setting) -> Iterator[str]:
    """The story of one option on one host, line by line."""
    outcome = setting.value.outcome()
    names = split_path(setting.option)
    value = outcome.message if isinstance(outcome, Failure) else one_line(outcome, names)
    state = "fails: " if isinstance(outcome, Failure) else "= "
    yield f"{host.name}: {setting.option} {state}{value}"
    yield f"  {host.runs}"
    for word, definitions in (("wins", setting.winners), ("loses", setting.losers)):
        for definition in definitions:
            yield f"  {word:<6} {_definition(host, definition, names)}"
    if setting.default is not None:
        default = setting.default.outcome()
        shown = default.message if isinstance(default, Failure) else one_line(default, names)
        yield f"  default {shown}" + ("" if setting.winners else ", in effect")
    if host.openings and not setting.winners:
        yield f"  possible: {host.openings[0].unknown.reason}"


def document(host: Host, setting: Setting) -> dict[str, Any]:
    """The same for programs."""
    names = split_path(setting.option)
    outcome = setting.value.outcome()
    return {
        "host": host.name,
        "option": setting.option,
        "value": None if isinstance(outcome, Failure) else one_line(outcome, names),
        "error": outcome.message if isinstance(outcome, Failure) else None,
        "release": host.runs.release_name,
        "release_judged_as": str(host.release),
        "release_from": host.runs.release.because,
        "module": host.module.name,
        "module_from": host.runs.module.because,
        "winners": [_json(host, definition, names) for definition in setting.winners],
        "losers": [_json(host, definition, names) for definition in setting.losers],
        "default": None if setting.default is None else _shown(setting.default.outcome(), names),
    }


def _definition(host: Host, definition: Definition, names: Names) -> str:
    parts = [_where(host, definition), _shown(definition.value.outcome(), names), _priority(definition)]
    if isinstance(definition.condition, Unknown):
        parts.append(f"if {definition.condition.reason}")
    return "  ".join(parts)


def _json(host: Host, definition: Definition, names: Names) -> dict[str, Any]:
    return {
        "at": _where(host, definition),
        "value": _shown(definition.value.outcome(), names),
        "priority": definition.priority,
        "condition": definition.condition.reason if isinstance(definition.condition, Unknown) else None,
    }


def _shown(outcome: Any, names: Names) -> str:
    return outcome.message if isinstance(outcome, Failure) else one_line(outcome, names)


def _where(host: Host, definition: Definition) -> str:
    span: Span | None = definition.place
    if span is None:
        return definition.file
    at = span.file.position(span.start)
    return f"{path_from_here(host.project, span.file.path)}:{at.line + 1}:{at.column + 1}"


def _priority(definition: Definition) -> str:
    return _PRIORITIES.get(definition.priority, f"mkOverride {definition.priority}")


def nearest(host: Host, option: str) -> Sequence[str]:
    """Names of options that look like one that does not exist."""
    from difflib import get_close_matches

    known = [*host.module.options, *(f"settings.{key}" for key in host.schema.keys)]
    return get_close_matches(option, known, 3) or get_close_matches(f"settings.{option}", known, 3)
