"""All that a rule imports.

A rule is one function in one file, which takes a Host and yields Problems; its name is the file's name. Beside it stands its
page: the manual, and the examples that test it.

    @rule(Effect.FAILS, since="0.26")
    def override_needs_nameservers(host: Host) -> Iterator[Problem]:
        "Headscale does not start when override_local_dns is on and no global nameserver is given."
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from hslint import policy_problems as policy
from hslint.catalogue.eras import Absent, OnlyOneOf
from hslint.catalogue.go_url import go_url
from hslint.catalogue.keys import (
    Constraint,
    How,
    Key,
    Limit,
    Removal,
    Schema,
    environment_variable,
    first_release_reading,
    last_release_reading,
)
from hslint.catalogue.reading import (
    duration_problem,
    file_mode,
    go_duration,
    go_prefix,
    parse_bool,
    prometheus_duration,
    read_duration,
    read_int,
)
from hslint.catalogue.release import Release
from hslint.catalogue.spelling import nearest
from hslint.catalogue.term import AttrsOf, ListOf, NullOr, Plain, Term
from hslint.catalogue.term import Enum as EnumTerm
from hslint.edits import Carried, Edit, Names, carry, deletion, joint
from hslint.hosts.custody import SECRETS, unreadable
from hslint.hosts.host import HEADSCALE, Host
from hslint.hosts.network import (
    Firewall,
    Listener,
    Listeners,
    Proxy,
    Reach,
    firewall,
    listeners,
    privileges_arranged,
    proxies,
    proxy_programs,
    server_url,
    tls,
)
from hslint.hosts.setting import Setting
from hslint.hosts.unread import Standing, Unread
from hslint.modules.configuration import split_path
from hslint.modules.definition import Definition
from hslint.modules.refusals import OptionFailure
from hslint.modules.show import show_option
from hslint.problem import Effect, Fix, Note, Problem, Rule, Severity, rule, shortened
from hslint.source import Span
from hslint.syntax.problems import ProblemKind
from hslint.values.plain import Plainly, plain
from hslint.values.value import (
    Attrs,
    Bool,
    Failure,
    Float,
    Int,
    Kind,
    Lazy,
    List,
    Null,
    Path,
    String,
    Unknown,
    Value,
    Why,
)

__all__ = [
    "SECRETS",
    "Absent",
    "Attrs",
    "AttrsOf",
    "Bool",
    "Carried",
    "Constraint",
    "Definition",
    "Edit",
    "Effect",
    "EnumTerm",
    "Failure",
    "Firewall",
    "Fix",
    "Float",
    "Host",
    "How",
    "Int",
    "Iterator",
    "Key",
    "Kind",
    "Lazy",
    "Limit",
    "List",
    "ListOf",
    "Listener",
    "Listeners",
    "Note",
    "Null",
    "NullOr",
    "OnlyOneOf",
    "OptionFailure",
    "Path",
    "Plain",
    "Plainly",
    "Problem",
    "ProblemKind",
    "Proxy",
    "Reach",
    "Release",
    "Removal",
    "Rule",
    "Schema",
    "Setting",
    "Severity",
    "Span",
    "Standing",
    "String",
    "Term",
    "Unknown",
    "Unread",
    "Value",
    "Why",
    "add",
    "carry",
    "carry_settings",
    "delete",
    "duration_problem",
    "environment_variable",
    "file_mode",
    "firewall",
    "first_release_reading",
    "go_duration",
    "go_prefix",
    "go_url",
    "joint",
    "last_release_reading",
    "listeners",
    "missing_override",
    "move",
    "nearest",
    "parse_bool",
    "plain",
    "policy",
    "privileges_arranged",
    "prometheus_duration",
    "proxies",
    "proxy_programs",
    "read_duration",
    "read_int",
    "rename",
    "rule",
    "server_url",
    "shortened",
    "show_option",
    "tls",
    "unreadable",
    "write",
]


# -- edits ---------------------------------------------------------------------------------------------------------------


def carry_settings(
    host: Host,
    moves: Iterable[tuple[Setting, Names | None]],
    whole: Names | None = None,
    beside: tuple[Names, str] | None = None,
) -> tuple[Edit, ...]:
    """Give settings other names wherever they are defined, by `carry`; all names but the settings' are below `services.headscale`."""
    above = split_path(HEADSCALE)
    leaves: dict[Carried, None] = {}
    around: dict[Names, tuple[Span, ...]] = {}
    for setting, new in moves:
        old = split_path(setting.option)
        if old[:-1] not in around:
            sets = [host.nixos(show_option(old[:count])) for count in range(len(above), len(old))]
            around[old[:-1]] = tuple(d.binding for each in sets for d in (*each.definitions, *each.losers) if d.binding)
        for definition in (*setting.definitions, *setting.losers):
            if definition.binding is None:
                return ()
            within = tuple(span for span in around[old[:-1]] if span.contains(definition.binding))
            leaves[Carried(old, None if new is None else (*above, *new), definition.binding, within)] = None
    return carry(
        [*leaves],
        None if whole is None else (*above, *whole),
        None if beside is None else ((*above, *beside[0]), beside[1]),
    )


def add(setting: Setting, option: str, value: str) -> tuple[Edit, ...]:
    """One more option (below `services.headscale`), in the set that a setting stands in, after it."""
    old = split_path(setting.option)
    if setting.binding is None:
        return ()
    beside = (*split_path(HEADSCALE), *option.split(".")), value
    return carry([Carried(old, old, setting.binding)], beside=beside)


_OVERRIDE = ("dns", "override_local_dns")


def missing_override(host: Host, keys: Collection[Names]) -> tuple[Names, str] | None:
    """What to write beside settings of DNS with these names, where no nameserver is among them.

    Clients kept their own resolvers until 0.25; from 0.26 on Headscale does not start unless it is told so, or has nameservers.
    """
    told = {*keys} & {_OVERRIDE, ("dns", "nameservers", "global")}
    written = (host.setting("settings." + ".".join(key)) for key in (_OVERRIDE, ("dns", "nameservers", "global")))
    if ".".join(_OVERRIDE) not in host.schema.keys or told or any(s.written for s in written):
        return None
    return ("settings", *_OVERRIDE), "false"


def rename(setting: Setting, old: str, new: str) -> tuple[Edit, ...]:
    """Write another key in a setting's place; empty where that takes more than one new name (a move between sets).

    Keys are dotted, below the same option. `a.b = 1` can become `a.c = 1` and `d = 1`; `a = { b = 1; }` only the former.
    """
    place, binding = setting.name_at, setting.binding
    if place is None or len({d.place for d in setting.definitions}) != 1:
        return ()
    before, after = old.split("."), new.split(".")
    shared = 0
    while shared < min(len(before) - 1, len(after) - 1) and before[shared] == after[shared]:
        shared += 1
    differing = before[shared:]
    start = place.start
    if len(differing) > 1:
        written = ".".join(differing).encode()
        start = place.end - len(written)
        if binding is None or binding.file is not place.file or start < binding.start:
            return ()
    text = place.file.text
    if text[start : place.end] not in (".".join(differing).encode(), f'"{differing[0]}"'.encode()):
        return ()
    if binding is not None and not text[binding.start : binding.end].rstrip().endswith(b";"):
        return ()  # `inherit name;`: the name is also that of a variable
    return (Edit(Span(place.file, start, place.end), ".".join(after[shared:])),)


def move(host: Host, setting: Setting, old: str, new: str) -> tuple[Edit, ...]:
    """Take a setting out of the set it stands in and write it, under another key, before that set; keys are below `settings`.

    Empty where that could change more than the key: a set under a condition, a `rec`, a value that comes from elsewhere.
    """
    expression = setting.expression
    names = old.split(".")
    for depth in range(len(names) - 1, 0, -1):
        group = host.setting("settings." + ".".join(names[:depth]))
        place, binding = group.name_at, group.binding
        if expression is None or place is None or binding is None or not binding.contains(expression):
            continue
        text = binding.file.text
        before = text[binding.start : place.start].decode()
        if not re.fullmatch(r"\s*=\s*\{", text[place.end : text.find(b"{", place.end) + 1].decode("utf-8", "replace")):
            return ()
        container = names[: max(0, depth - 1 - before.count("."))]
        if new.split(".")[: len(container)] != container:
            continue
        # Names of the path that lie above `settings` or the container are in front already.
        above = ".".join(before.rstrip(".").split(".")[: max(0, before.count(".") - (depth - 1 - len(container)))])
        key = ".".join(filter(None, (above, *new.split(".")[len(container) :])))
        return (
            Edit(Span(binding.file, binding.start, binding.start), f"{key} = {expression.text};{joint(binding)}"),
            *delete(setting),
        )
    return ()


def write(setting: Setting, literal: str) -> tuple[Edit, ...]:
    """Write a literal in place of the setting's own one; empty where the value comes from somewhere else."""
    at = setting.expression
    if at is None:
        return ()
    return (Edit(at, literal),) if re.fullmatch(r'"[^"$\\]*"|[0-9]+|true|false|null', at.text) else ()


def delete(setting: Setting) -> tuple[Edit, ...]:
    """Delete a setting's whole statement, and its line where it has one for itself."""
    binding = setting.binding
    if binding is None or len({d.place for d in setting.definitions}) != 1:
        return ()
    return (deletion(binding),) if binding.file.text[binding.start : binding.end].endswith(b";") else ()
