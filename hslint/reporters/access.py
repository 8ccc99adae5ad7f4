"""The access that policies allow, as rows: `hslint access` in its three formats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hslint.policy.access import Answer, Permission, TestOutcome
from hslint.policy.meaning import EVERY_PROTOCOL, Meaning
from hslint.policy.selector import ALL_PORTS, DANGER_ALL, Kind, Ports, Selector
from hslint.policy.tree import Node, Text
from hslint.record import Record
from hslint.reporters.markdown import code
from hslint.reporters.terminal import path_from_here
from hslint.source import Project, Span

#: The version of the JSON form.
VERSION = 1

_NOT_KNOWN = "machines are not known: a user, a tag or an autogroup stands for all machines that it selects"


class Subject(Record):
    """A policy, and the hosts that have it. `meaning` is None where there is none that can be read; `why` says so."""

    hosts: tuple[str, ...]
    release: str
    project: Project
    meaning: Meaning | None
    why: str = ""


class Shown(Record):
    """The shown part of one policy: its permissions, an answer, or what a change opens and closes."""

    subject: Subject
    permissions: tuple[Permission, ...] = ()
    answer: Answer | None = None
    asked: str = ""
    opened: tuple[Permission, ...] | None = None
    closed: tuple[Permission, ...] | None = None
    #: Where the earlier policy lies.
    before: Project | None = None
    undecided: tuple[TestOutcome, ...] = ()


# -- rows ----------------------------------------------------------------------------------------------------------------


def _row(permission: Permission, project: Project) -> dict[str, Any]:
    """A permission as a row: lists for programs and, joined, text."""
    return {
        "from": _name(permission.source),
        "to": _name(permission.destination),
        "protocol": None if permission.login or permission.apps else permission.protocol or "tcp, udp, icmp",
        "ports": [list(ports) for ports in permission.ports],
        "users": list(permission.login.users) if permission.login else [],
        "action": permission.login.action if permission.login else "accept",
        "apps": list(permission.apps),
        "via": list(permission.via),
        "by": _place(permission.rule, project),
    }


def _name(selector: Selector) -> str:
    if selector.name == DANGER_ALL:
        return "everybody"
    if selector.kind is Kind.NETWORK and selector.network is not None and selector.name != str(selector.network):
        return (
            selector.name
            if "/" in selector.name or ":" in selector.name or selector.name[:1].isdigit()
            else f"{selector.name} ({selector.network})"
        )
    return selector.name


def _place(node: Node | None, project: Project) -> str | None:
    span = node.span if node is not None else None
    return None if span is None else place_of(span, project)


def place_of(span: Span, project: Project) -> str:
    """`path:line`, as it can be opened from here."""
    return f"{path_from_here(project, span.file.path)}:{span.file.position(span.start).line + 1}"


def _what(permission: Permission) -> str:
    if permission.login is not None:
        asked = ", proven anew" if permission.login.action == "check" else ""
        return f"SSH as {', '.join(permission.login.users) or 'nobody'}{asked}"
    via = f" by way of {', '.join(permission.via)}" if permission.via else ""
    if permission.apps:
        return f"apps {', '.join(permission.apps)}{via}"
    ports = ", ".join(map(_range, permission.ports))
    every = all(each == ALL_PORTS for each in permission.ports)
    if permission.protocol == EVERY_PROTOCOL:
        return f"everything{via}" if every else f"every protocol, port {ports}{via}"
    if every:
        return f"{f'all of {permission.protocol}' if permission.protocol else 'all ports'}{via}"
    return f"{permission.protocol or 'port'} {ports}{via}"


def _range(ports: Ports) -> str:
    first, last = ports
    return str(first) if first == last else f"{first}-{last}"


def _members(meaning: Meaning, permissions: Sequence[Permission]) -> Iterator[tuple[str, str]]:
    """Groups and hosts that the rows name, with what the policy says of them."""
    names = dict.fromkeys(
        selector.name
        for each in permissions
        for selector in (each.source, each.destination)
        if selector.kind in (Kind.GROUP, Kind.HOST)
    )
    for name in names:
        if name in meaning.addresses:
            yield name, meaning.addresses[name]
        elif name in meaning.members:
            yield name, ", ".join(_texts(meaning.members[name])) or "nobody"


def _texts(texts: Sequence[Text]) -> list[str]:
    return [text.value for text in texts]


# -- forms ---------------------------------------------------------------------------------------------------------------


def text_lines(shown: Sequence[Shown]) -> Iterator[str]:
    """As text, in columns."""
    for number, each in enumerate(shown):
        if number:
            yield ""
        yield from _text(each)


def _text(shown: Shown) -> Iterator[str]:
    subject = shown.subject
    yield f"# {_title(subject)}"
    if subject.meaning is None:
        yield subject.why
        return
    if shown.answer is not None:
        yield f"{shown.asked}: {shown.answer.verdict.value}"
        yield from _columns(shown.answer.by, subject.project)
    elif shown.opened is not None and shown.closed is not None:
        if not shown.opened and not shown.closed:
            yield "nothing that it allows has changed"
        yield from _columns(shown.opened, subject.project, "+ ")
        yield from _columns(shown.closed, shown.before or subject.project, "- ")
    else:
        yield from _columns(shown.permissions, subject.project)
        if not shown.permissions:
            yield "nothing is allowed"
    said = [*_members(subject.meaning, shown.permissions or (shown.answer.by if shown.answer else ()))]
    yield from (f"# {name}: {what}" for name, what in said)
    for outcome in shown.undecided:
        at = f"{place_of(outcome.text.span, subject.project)}: " if outcome.text.span else ""
        yield f"# test {at}{outcome.message}"
    yield f"# {_NOT_KNOWN}"


def _title(subject: Subject) -> str:
    whose = f"{', '.join(subject.hosts)}: " if subject.hosts else ""
    return f"{whose}the policy as Headscale {subject.release} reads it"


def _columns(permissions: Sequence[Permission], project: Project, sign: str = "") -> Iterator[str]:
    rows = [
        (_name(each.source), _name(each.destination), _what(each), _place(each.rule, project) or "without a rule")
        for each in permissions
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for source, target, what, by in rows:
        yield f"{sign}{source:<{widths[0]}} -> {target:<{widths[1]}}  {what:<{widths[2]}}  {by}"


def markdown_lines(shown: Sequence[Shown]) -> Iterator[str]:
    """As Markdown, in tables."""
    for each in shown:
        yield f"## {code(_title(each.subject))}"
        yield ""
        if each.subject.meaning is None:
            yield code(each.subject.why)
        elif each.opened is not None and each.closed is not None:
            yield from _tables(each)
        else:
            if each.answer is not None:
                yield f"{code(each.asked)}: **{each.answer.verdict.value}**"
                yield ""
            yield from _table(each.answer.by if each.answer else each.permissions, each.subject.project)
        yield ""
        yield f"{_NOT_KNOWN[0].upper()}{_NOT_KNOWN[1:]}."
        yield ""


def _tables(shown: Shown) -> Iterator[str]:
    if not shown.opened and not shown.closed:
        yield "Nothing that it allows has changed."
    for title, permissions, project in (
        ("Opened", shown.opened, shown.subject.project),
        ("Closed", shown.closed, shown.before or shown.subject.project),
    ):
        if permissions:
            yield f"**{title}**"
            yield ""
            yield from _table(permissions, project)
            yield ""


def _table(permissions: Sequence[Permission], project: Project) -> Iterator[str]:
    if not permissions:
        yield "Nothing is allowed."
        return
    yield "| from | to | what | by |"
    yield "| --- | --- | --- | --- |"
    for each in permissions:
        cells = (_name(each.source), _name(each.destination), _what(each), _place(each.rule, project) or "")
        yield f"| {' | '.join(code(cell) if cell else '' for cell in cells)} |"


def document(shown: Sequence[Shown]) -> dict[str, Any]:
    """As a JSON document."""
    return {"version": VERSION, "policies": [_json(each) for each in shown]}


def _json(shown: Shown) -> Mapping[str, Any]:
    subject = shown.subject
    project = subject.project

    def rows(permissions: Sequence[Permission], of: Project) -> list[dict[str, Any]]:
        return [_row(each, of) for each in permissions]

    about: dict[str, Any] = {"hosts": list(subject.hosts), "release": subject.release}
    if subject.meaning is None:
        return {**about, "error": subject.why}
    if shown.answer is not None:
        about |= {"asked": shown.asked, "answer": shown.answer.verdict.name.lower()}
        about["by"] = rows(shown.answer.by, project)
    elif shown.opened is not None and shown.closed is not None:
        about["opened"] = rows(shown.opened, project)
        about["closed"] = rows(shown.closed, shown.before or project)
    else:
        about["allowed"] = rows(shown.permissions, project)
    about["groups"] = {name: _texts(members) for name, members in subject.meaning.members.items()}
    about["addresses"] = dict(subject.meaning.addresses)
    about["undecided_tests"] = [outcome.message for outcome in shown.undecided]
    return about
