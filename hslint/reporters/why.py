"""The provenance of one option: the definitions that made its value, those that lost, where it is declared, and its default."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from hslint.catalogue.keys import Key
from hslint.hosts.host import HEADSCALE, Host
from hslint.modules import Definition, Setting
from hslint.modules.computed import Computed
from hslint.modules.configuration import Declared, split_path
from hslint.modules.definition import (
    DEFAULT,
    FORCE,
    IMAGE_MEDIA_OVERRIDE,
    OPTION_DEFAULT,
    OUTLINE_FILE,
    PLAIN,
    UNKNOWN_FILE,
    VM_OVERRIDE,
    of_project,
)
from hslint.modules.evaluation import INTERNAL
from hslint.modules.show import show_option
from hslint.reporters.conditions import clause, clauses
from hslint.reporters.terminal import path_from_here, paths_from_here
from hslint.reporters.values import one_line
from hslint.source import Span
from hslint.values.value import Attrs, Failure, Kind, Lazy, Unknown, Value
from hslint.values.without_secrets import Names

_PRIORITIES = {
    OPTION_DEFAULT: "mkOptionDefault",
    DEFAULT: "mkDefault",
    PLAIN: "plain",
    IMAGE_MEDIA_OVERRIDE: "mkImageMediaOverride",
    FORCE: "mkForce",
    VM_OVERRIDE: "mkVMOverride",
}

#: Options of a group that are listed.
_LISTED = 60


def text(host: Host, setting: Setting) -> Iterator[str]:
    """The provenance of one option on one host, line by line."""
    for line in _lines(host, setting):
        yield paths_from_here(host.project, line)


def document(host: Host, setting: Setting) -> dict[str, Any]:
    """The same for programs."""
    names = split_path(setting.option)
    outcome = setting.value.outcome()
    declared = host.configuration.declaration(setting.option)
    return {
        "host": host.name,
        "option": setting.option,
        "value": None if isinstance(outcome, Failure) else one_line(outcome, names),
        "error": paths_from_here(host.project, outcome.message) if isinstance(outcome, Failure) else None,
        **_runs(host),
        "winners": [_json(host, definition, names) for definition in setting.winners],
        "losers": [_json(host, definition, names) for definition in setting.losers],
        "unmet": [_json(host, definition, names) for definition in host.configuration.unmet(setting.option)],
        "default": None if setting.default is None else _shown(setting.default.outcome(), names),
        "declared": None
        if declared is None
        else {"option": declared.option, "at": [_place(host, at) if at else file for file, at in declared.at]},
    }


def _runs(host: Host) -> dict[str, Any]:
    return {
        "release": host.runs.release_name,
        "release_checked_as": str(host.release),
        "release_from": host.runs.release.because,
        "module": host.module.name,
        "module_from": host.runs.module.because,
    }


def _lines(host: Host, setting: Setting) -> Iterator[str]:
    names = split_path(setting.option)
    outcome = setting.value.outcome()
    if _is_group(host, setting):
        yield f"{host.name}: {setting.option} is a set of options"
        yield from _about_host(host, setting.option)
        yield from _members(host, setting)
        return
    yield from _headline(host, setting.option, outcome)
    yield from _about_host(host, setting.option)
    for word, definitions in (("wins", setting.winners), ("loses", setting.losers)):
        for definition in definitions:
            if definition.value is not setting.default:
                yield f"  {word:<6} {_definition(host, definition, names)}"
                yield from _made_of(host, definition.value, definition.file)
    for definition in host.configuration.unmet(setting.option):
        shown = _shown(definition.value.outcome(), names)
        yield f"  unmet  {_where(host, definition)}  {shown}  its condition is false"
    if setting.default is not None:
        in_effect = all(definition.value is setting.default for definition in setting.winners)
        default = setting.default.outcome()
        shown = "fails" if in_effect and isinstance(default, Failure) else _shown(default, names)
        yield f"  default {shown}{', in effect' if in_effect else ''}"
        if in_effect:
            yield from _made_of(host, setting.default, _declaring_file(host, setting.option))
    yield f"  {_declaration(host, setting.option)}"
    successor = host.module.renamed.get(setting.option.removeprefix(f"{HEADSCALE}."))
    if successor is not None:
        yield f"  now called {successor}"
    if not any(definition.from_user for definition in setting.winners):
        yield from _doubt(host)


def _headline(host: Host, option: str, outcome: Value | Failure) -> Iterator[str]:
    match outcome:
        case Failure(kind=Kind.UNDEFINED_OPTION) if outcome.option in (None, split_path(option)):
            yield f"{host.name}: {option} is not set, and has no default"
        case Failure(kind=Kind.UNKNOWN_OPTION):
            yield f"{host.name}: {option} fails: no imported module declares this option"
            for span in host.declared_in(option):
                yield f"  {_place(host, span)} declares it, and is no module of this host"
        case Failure():
            first, *others = outcome.message.rstrip().split("\n")
            yield f"{host.name}: {option} fails: {first}"
            yield from (f"    {line}".rstrip() for line in others)
        case _:
            yield f"{host.name}: {option} = {one_line(outcome, split_path(option))}"


def _about_host(host: Host, option: str) -> Iterator[str]:
    """The host's release and module, where that has to do with the option."""
    if option != HEADSCALE and not option.startswith(f"{HEADSCALE}."):
        return
    yield f"  {host.runs}"
    enabled = enabled_if(host)
    if enabled is not None and option != f"{HEADSCALE}.enable":
        yield f"  Headscale is enabled if {enabled}"


def enabled_if(host: Host) -> str | None:
    """The conditions under which the configuration enables Headscale, where they cannot be decided."""
    enable = host.configuration.setting(f"{HEADSCALE}.enable")
    if enable is None or not isinstance(enable.value.outcome(), Unknown):
        return None
    conditions = [d.condition for d in enable.winners if isinstance(d.condition, Unknown)]
    return clauses(conditions) if conditions else None


# -- sets of options ---------------------------------------------------------------------------------------------------


def _is_group(host: Host, setting: Setting) -> bool:
    """Whether a path is that of a set of options, rather than of an option or something in one."""
    return isinstance(setting.value.outcome(), Attrs) and host.configuration.is_level(setting.option)


def _members(host: Host, group: Setting) -> Iterator[str]:
    """The options of a set that are defined."""
    members = list(host.configuration.settings_below(group.option))
    for member in members[:_LISTED]:
        outcome = member.value.outcome()
        names = split_path(member.option)
        shown = (
            f"fails: {outcome.message.splitlines()[0]}" if isinstance(outcome, Failure) else one_line(outcome, names)
        )
        yield f"  {member.option} = {shown}  {origin(host, member)}"
    if len(members) > _LISTED:
        yield f"  and {len(members) - _LISTED} more"
    if not members:
        yield "  nothing in it is set"


# -- definitions -------------------------------------------------------------------------------------------------------


def _definition(host: Host, definition: Definition, names: Names) -> str:
    outcome = definition.value.outcome()
    parts = [_where(host, definition), _shown(outcome, names), _priority(definition)]
    written = _written_elsewhere(host, definition, outcome)
    if written is not None:
        parts.append(f"from {_place(host, written)}")
    if isinstance(definition.condition, Unknown):
        parts.append(f"if {clause(definition.condition)}")
    return "  ".join(parts)


def _json(host: Host, definition: Definition, names: Names) -> dict[str, Any]:
    outcome = definition.value.outcome()
    written = _written_elsewhere(host, definition, outcome)
    computed = definition.value if isinstance(definition.value, Computed) else None
    return {
        "at": _place(host, definition.place) if definition.place is not None else definition.file,
        "value": _shown(outcome, names),
        "priority": definition.priority,
        "condition": definition.condition.reason if isinstance(definition.condition, Unknown) else None,
        "if": clause(definition.condition) if isinstance(definition.condition, Unknown) else None,
        "from": _place(host, written) if written is not None else None,
        "made_of": [show_option(path) for path in computed.options] if computed is not None else [],
    }


def _written_elsewhere(host: Host, definition: Definition, outcome: Value | Failure) -> Span | None:
    """The place of a value that a definition of the project only passes on."""
    span, binding = (None if isinstance(outcome, Failure) else outcome.span), definition.binding
    if span is None or binding is None or binding.contains(span) or not host.project.contains(span.file.path):
        return None
    return span


def _made_of(host: Host, value: Lazy, file: str) -> Iterator[str]:
    """The options that a module makes a value of, each with its own origin."""
    if not isinstance(value, Computed):
        return
    if value.renamed:
        yield f"         written as {show_option(value.options[0])}, an earlier name of it"
        return
    sources = " and ".join(_source(host, path) for path in value.options)
    yield f"         made by {_module(host, file)} of {sources}"


def _source(host: Host, path: tuple[str, ...]) -> str:
    option = show_option(path)
    setting = host.configuration.setting(option)
    name = option.removeprefix(f"{HEADSCALE}.")
    if setting is None:
        return name
    if isinstance(setting.value.outcome(), Attrs):
        return f"{name} ({origin(host, setting)})"
    return f"{name} ({_shown(setting.value.outcome(), path)}, {origin(host, setting)})"


def conditional(setting: Setting, names: Names) -> str | None:
    """The value of the only definition and its condition, where that alone cannot be decided."""
    defined = [definition for definition in setting.winners if definition.value is not setting.default]
    outcome = defined[0].value.outcome() if len(defined) == 1 else None
    if outcome is None or isinstance(outcome, Unknown) or not isinstance(defined[0].condition, Unknown):
        return None
    return f"{_shown(outcome, names)} if {clause(defined[0].condition)}"


def origin(host: Host, setting: Setting, *, conditions: bool = True) -> str:
    """The origin of an option's value, in a few words: a place, its default, the module and what it makes the value of."""
    mine = [definition for definition in setting.winners if definition.from_user]
    if mine:
        undecided = [d.condition for d in mine if isinstance(d.condition, Unknown)]
        doubt = f" if {clauses(undecided)}" if conditions and len(undecided) == len(mine) else ""
        return f"{_where(host, mine[0])}{doubt}"
    for definition in setting.winners:
        if isinstance(definition.value, Computed) and not definition.value.renamed:
            return f"made of {' and '.join(_named_source(host, path) for path in definition.value.options)}"
    if any(definition.value is not setting.default for definition in setting.winners):
        return f"set by {_module(host, setting.winners[0].file)}"
    return "default"


def _named_source(host: Host, path: tuple[str, ...]) -> str:
    option = show_option(path)
    setting = host.configuration.setting(option)
    name = option.removeprefix(f"{HEADSCALE}.")
    return name if setting is None else f"{name} ({origin(host, setting)})"


def _priority(definition: Definition) -> str:
    return _PRIORITIES.get(definition.priority, f"mkOverride {definition.priority}")


def _shown(outcome: Value | Failure, names: Names) -> str:
    if isinstance(outcome, Failure):
        return f"fails: {outcome.message.splitlines()[0]}" if outcome.message else "fails"
    return one_line(outcome, names)


# -- places ------------------------------------------------------------------------------------------------------------


def _declaration(host: Host, option: str) -> str:
    declared = host.configuration.declaration(option)
    if declared is None:
        if host.configuration.undeclared(option):
            return "declared nowhere: Nix refuses it"
        return "declared by NixOS or another module that hslint does not read"
    whole = "" if declared.option == option else f"part of {declared.option}, "
    return f"{whole}declared {_declaring(host, declared)}"


def _declaring_file(host: Host, option: str) -> str:
    declared = host.configuration.declaration(option)
    return declared.at[0][0] if declared is not None else ""


def _declaring(host: Host, declared: Declared) -> str:
    sites = [
        f"at {_place(host, at)}" if at is not None and of_project(file) else f"by {_module(host, file)}"
        for file, at in declared.at
    ]
    return " and ".join(dict.fromkeys(sites))


def _module(host: Host, file: str) -> str:
    """The module of a file that is none of the project's."""
    if file == OUTLINE_FILE:
        return "NixOS"
    if file == INTERNAL:
        return "the module system"
    if of_project(file):
        return path_from_here(host.project, file) if file != UNKNOWN_FILE else "a module without a file"
    return "the module"


def _where(host: Host, definition: Definition) -> str:
    if definition.place is not None:
        return _place(host, definition.place)
    if definition.file.startswith("<module>/"):
        return f"module {definition.file.removeprefix('<module>/').removesuffix('.nix')}"
    return _module(host, definition.file) if definition.file == OUTLINE_FILE else definition.file


def _place(host: Host, span: Span) -> str:
    at = span.file.position(span.start)
    return f"{path_from_here(host.project, span.file.path)}:{at.line + 1}:{at.column + 1}"


# -- options without definitions -----------------------------------------------------------------------------------------


def default_of_headscale(host: Host, key: Key) -> Iterator[str]:
    """A setting that Headscale reads, and that neither the configuration nor the module has."""
    option = f"{HEADSCALE}.settings.{key.path}"
    own = "has no default" if key.default is None else f"has the default {json.dumps(key.default, ensure_ascii=False)}"
    yield f"{host.name}: {option} is not set; Headscale itself {own}"
    yield from _about_host(host, option)
    yield from _doubt(host)


def document_of_key(host: Host, key: Key) -> dict[str, Any]:
    """The same for programs."""
    return {
        "host": host.name,
        "option": f"{HEADSCALE}.settings.{key.path}",
        "value": None,
        "error": None,
        **_runs(host),
        "winners": [],
        "losers": [],
        "unmet": [],
        "default": None,
        "declared": None,
        "headscale_default": key.default,
    }


def off_by_default(host: Host, option: str) -> Iterator[str]:
    """The switch of a service of NixOS."""
    yield f"{host.name}: {option} is not set; if NixOS has this option, it is false"
    yield from _doubt(host)


def _doubt(host: Host) -> Iterator[str]:
    if host.unresolved_imports:
        yield f"  possible: {host.unresolved_imports[0].unknown.reason}"


# -- nothing to show ---------------------------------------------------------------------------------------------------


def nothing(hosts: Sequence[Host], option: str, near: Sequence[str], *, outlined: bool) -> str:
    """Why there is nothing to show of an option."""
    if not hosts:
        return f"{option}: there is no host that could be asked"
    opening = next((each.unknown.reason for host in hosts for each in host.unresolved_imports), None)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    if opening is not None:
        return f"{option}: nothing that was read sets or declares this option, but {opening}{hint}"
    if outlined and not near:
        return (
            f"{option}: nothing here sets this option; if NixOS has it, its default holds, which hslint does not know"
        )
    return f"{option}: no such option{hint}"
