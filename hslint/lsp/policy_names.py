"""Hover, definitions, references and symbols of the names in a policy's text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hslint.catalogue.release import Release
from hslint.edits import Edit
from hslint.lsp.hover import Hover
from hslint.lsp.navigation import Symbol
from hslint.policy.hujson import parse
from hslint.policy.meaning import Meaning
from hslint.policy.reading import read_document
from hslint.policy.selector import (
    DANGER_ALL,
    GROUP,
    INTERNET,
    MEMBER,
    NONROOT,
    SELF,
    TAG,
    TAGGED,
    Kind,
    Selector,
    read_selector,
)
from hslint.policy.tree import Object, Text, every
from hslint.record import Record
from hslint.reporters.markdown import code
from hslint.source import SourceFile, Span

_AUTOGROUPS = {
    INTERNET: "Addresses of the public internet, by way of exit nodes.",
    MEMBER: "All machines that belong to a user and have no tag.",
    TAGGED: "All machines with a tag.",
    SELF: "The other machines of the user who asks, without tags.",
    NONROOT: "Every user of the machine but root.",
    DANGER_ALL: "Every address there is, also outside the tailnet.",
}


class Named(Record):
    """A selector in a policy's text, and its place."""

    selector: Selector
    at: Span


def hover(file: SourceFile, offset: int, release: Release) -> Hover | None:
    """The hover text of a name of a policy."""
    meaning, named = _at(file, offset, release)
    if named is None:
        return None
    about = _described(meaning, named.selector, release)
    return Hover(f"### {code(named.selector.name)}\n\n{about}", named.at) if about else None


def definitions(file: SourceFile, offset: int, release: Release) -> list[Span]:
    """The definitions of a group, a host or a tag."""
    meaning, named = _at(file, offset, release)
    name = named.selector.name if named is not None else ""
    found = (names.known.get(name) for names in (meaning.groups, meaning.hosts, meaning.tags))
    return [text.span for text in found if text is not None and text.span is not None]


def references(file: SourceFile, offset: int, release: Release) -> list[Span]:
    """All places of a name, its definition included."""
    _, named = _at(file, offset, release)
    if named is None:
        return []
    return [each.at for each in _named(file) if each.selector.name == named.selector.name]


def renamed(file: SourceFile, offset: int, release: Release, name: str) -> list[Edit]:
    """A group, a host or a tag under another name, everywhere; nothing for what the policy does not define. The prefix stays."""
    meaning, named = _at(file, offset, release)
    if named is None or named.selector.name not in {
        **meaning.groups.known,
        **meaning.hosts.known,
        **meaning.tags.known,
    }:
        return []
    prefix = next((each for each in (GROUP, TAG) if named.selector.name.startswith(each)), "")
    written = prefix + name.removeprefix(prefix)
    if written == prefix or read_selector(written) is None or not re.fullmatch(r"[^\s\"\\@*]+", written):
        return []
    return [Edit(span, written) for span in references(file, offset, release)]


def symbols(file: SourceFile) -> list[Symbol]:
    """The groups, hosts and tags that a policy defines, in the order of its text."""
    root = parse(file).root
    sections = root.members if isinstance(root, Object) else ()
    return [
        Symbol(member.name.value, section.name.value, member.span, member.name.span)
        for section in sections
        if section.name.value in ("groups", "hosts", "tagOwners") and isinstance(section.value, Object)
        for member in section.value.members
        if member.span is not None and member.name.span is not None
    ]


def _at(file: SourceFile, offset: int, release: Release) -> tuple[Meaning, Named | None]:
    meaning = read_document(parse(file), release)
    here = (each for each in _named(file) if each.at.start <= offset <= each.at.end)
    return meaning, next(here, None)


def _named(file: SourceFile) -> Iterator[Named]:
    """Every text that is a selector, with or without ports."""
    for node in every(parse(file).root):
        if not isinstance(node, Text) or node.span is None:
            continue
        selector = read_selector(node.value)
        if selector is None or (selector.kind in (Kind.TAG, Kind.GROUP, Kind.AUTOGROUP) and node.value.count(":") > 1):
            selector = read_selector(node.value.rpartition(":")[0])
        if selector is not None and selector.name:
            begin = node.span.start + 1
            yield Named(selector, Span(node.span.file, begin, begin + len(selector.name.encode())))


def _described(meaning: Meaning, selector: Selector, release: Release) -> str:
    name = selector.name
    match selector.kind:
        case Kind.GROUP if name in meaning.members:
            return f"Members: {_listed(meaning.members[name])}"
        case Kind.TAG if name in meaning.owners:
            return f"All machines with this tag. Owners: {_listed(meaning.owners[name])}"
        case Kind.HOST if name in meaning.addresses:
            return f"Address: {code(meaning.addresses[name])}"
        case Kind.USER:
            groups = [
                group for group, members in meaning.members.items() if any(each.value == name for each in members)
            ]
            inside = f" Member of {', '.join(map(code, groups))}." if groups else ""
            return f"The machines of this user that have no tag.{inside}"
        case Kind.AUTOGROUP:
            return _AUTOGROUPS.get(name, "")
        case Kind.WILDCARD if release.reaches("0.29"):
            return "As a destination every address; as a source the tailnet and approved routes."
        case Kind.WILDCARD:
            return "Every address."
        case _:
            return ""


def _listed(texts: tuple[Text, ...]) -> str:
    return ", ".join(code(text.value) for text in texts) or "nobody"
