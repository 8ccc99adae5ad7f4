"""Selectors as the second engine reads them in every section: names, addresses and autogroups, with or without ports."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hslint.catalogue.release import Release
from hslint.policy.complaint import Change, Matter, Outcome
from hslint.policy.decoding import Decoder
from hslint.policy.meaning import Names, Selected
from hslint.policy.selector import (
    DANGER_ALL,
    GROUP,
    INTERNET,
    MEMBER,
    NONROOT,
    SELF,
    TAG,
    TAGGED,
    USER_SIGN,
    WILDCARD,
    Kind,
    Misread,
    Network,
    Ports,
    Selector,
    go_trimmed,
    read_ports,
    read_prefix,
    read_selector,
    split_destination,
)
from hslint.policy.tree import Node, Text


class SelectorReader:
    """The reader of selectors, with the names of the policy that are known so far."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.strict = release.reaches("0.27")
        self.tags_own_tags = release.reaches("0.28")
        self.newest = release.reaches("0.29")
        self.decoder = Decoder(strict=self.strict)
        self.complain = self.decoder.complain
        self.used: list[Text] = []
        self.groups: dict[str, tuple[Text, ...]] = {}
        self.owners: dict[str, tuple[Text, ...]] = {}
        self.addresses: dict[str, str] = {}
        if self.newest:
            self.autogroups: tuple[str, ...] = (INTERNET, MEMBER, NONROOT, TAGGED, SELF, DANGER_ALL)
        else:
            self.autogroups = (INTERNET, MEMBER, NONROOT, TAGGED, SELF) if self.strict else (INTERNET,)
        self.source_autogroups = (MEMBER, TAGGED, DANGER_ALL)[: 3 if self.newest else 2 if self.strict else 0]
        self.destination_autogroups = (INTERNET, MEMBER, TAGGED, SELF)[: 4 if self.strict else 1]
        #: The names that the policy defines: known once its sections were read.
        self.group_names = Names({}, complete=True)
        self.hosts = Names({}, complete=True)
        self.tag_names = Names({}, complete=True)

    def defined(self, name: str, text: Text, names: Names, section: str) -> None:
        if not names.lacks(name):
            return
        self.complain(Matter.UNDEFINED, f'"{name}" is not in "{section}"', text)

    def selectors(
        self, node: Node | None, where: str, check: Callable[[Selected], None], *, trimmed: bool = True
    ) -> list[Selected]:
        """A list of selectors, each looked at by `check`."""
        found: list[Selected] = []
        for text in self.decoder.strings(node, where):
            selected = self.selected(text, go_trimmed(text.value) if self.newest and trimmed else text.value)
            if selected is not None:
                found.append(selected)
                check(selected)
        return found

    def selected(self, text: Text, name: str) -> Selected | None:
        selector = read_selector(name)
        if selector is None:
            self.complain(Matter.SELECTOR, f'"{text.value}" is no user, group, tag, host or address', text)
            return None
        self.used.append(Text(name, text.span))
        return Selected(selector, text)

    def source(self, selected: Selected) -> None:
        """A source of a rule or a grant."""
        selector, text = selected.selector, selected.text
        if selector.kind is Kind.AUTOGROUP and selector.name not in self.source_autogroups:
            self.misplaced(text, selector.name, "src", self.source_autogroups)
        self.references(selector, text)

    def target(self, selector: Selector, text: Text) -> None:
        """A destination of a rule or a grant."""
        if selector.kind is Kind.AUTOGROUP and selector.name not in self.destination_autogroups:
            self.misplaced(text, selector.name, "dst", self.destination_autogroups)
        self.references(selector, text)

    def references(self, selector: Selector, text: Text) -> None:
        """Names that must be defined."""
        match selector.kind:
            case Kind.GROUP:
                self.defined(selector.name, text, self.group_names, "groups")
            case Kind.TAG:
                self.defined(selector.name, text, self.tag_names, "tagOwners")
            case Kind.HOST if self.hosts.lacks(selector.name):
                self._no_host(selector.name, text)
            case _:
                pass

    def network(self, host: str) -> Network | None:
        """The range of a host of the policy."""
        address = self.addresses.get(host)
        return read_prefix(address) if address is not None else None

    def _no_host(self, name: str, text: Text) -> None:
        tail = text.value[len(name) :] if text.value.startswith(name) else None
        change: Change | None = None
        if tail is not None:
            for prefix, names in ((GROUP, self.group_names), (TAG, self.tag_names)):
                if f"{prefix}{name}" in names.known:
                    change = Change(f'write "{prefix}{name}"', text, f"{prefix}{name}{tail}")
            if change is None and is_user_name(name):
                change = Change(f'write "{name}@", if it is a user', text, f"{name}@{tail}", safe=False)
        self.complain(
            Matter.UNDEFINED,
            f'"{name}" is not in "hosts"; a user is written "{name}@"'
            if is_user_name(name)
            else f'"{name}" is not in "hosts"',
            text,
            change=change,
        )

    def misplaced(self, text: Text, name: str, where: str, allowed: Sequence[str]) -> None:
        may = f": only {', '.join(allowed)} may stand there" if allowed else ": none may stand there"
        if name not in self.autogroups and name not in (INTERNET, MEMBER, NONROOT, TAGGED, SELF, DANGER_ALL):
            self.complain(Matter.AUTOGROUP, f'Headscale has no "{name}"', text)
        else:
            self.complain(Matter.AUTOGROUP, f'"{name}" cannot be in {where}{may}', text)

    def parse_destination(self, text: Text, matter: Matter, form: str) -> Selected | None:
        said = text.value
        if ":" not in said and not self.strict:
            selector = read_selector(said)
            if selector is not None:
                self.complain(
                    matter,
                    form.format(said, "it has no ports, and makes no rule"),
                    text,
                    Outcome.IGNORED,
                    _all_ports(text),
                )
            return None if selector is None else Selected(selector, text)
        try:
            name, ports = split_destination(said, brackets=self.newest)
            read: tuple[Ports, ...] = read_ports(ports, zero=not self.strict)
        except Misread as why:
            self.complain(matter, form.format(said, why), text, change=self._with_ports(text))
            return None
        selector = read_selector(name)
        if selector is None:
            self.complain(matter, form.format(said, f'"{name}" is no user, group, tag, host or address'), text)
            return None
        return Selected(selector, text, read)

    def _with_ports(self, text: Text) -> Change | None:
        """`*`, `alice@`, `tag:web` and `group:dev` are destinations but for their ports."""
        said = text.value
        known = said in self.group_names.known or said in self.tag_names.known or said in self.hosts.known
        if (
            known
            or said == WILDCARD
            or said in self.destination_autogroups
            or (said.endswith(USER_SIGN) and ":" not in said)
        ):
            return _all_ports(text)
        return None

    def check_self_sources(
        self,
        sources: Sequence[Selected],
        destinations: Sequence[Selector],
        item: Node,
        matter: Matter,
        *,
        wildcard: bool,
    ) -> None:
        """The sources that may have autogroup:self as a destination, from 0.29."""
        if not any(selector.kind is Kind.AUTOGROUP and selector.name == SELF for selector in destinations):
            return
        for each in sources:
            selector = each.selector
            fits = (
                selector.kind in (Kind.USER, Kind.GROUP)
                or (selector.kind is Kind.AUTOGROUP and selector.name == MEMBER)
                or (selector.kind is Kind.WILDCARD and wildcard)
            )
            if not fits:
                self.complain(
                    matter,
                    f'"{each.text.value}" cannot go to {SELF}: only users, groups{", *" if wildcard else ""} and {MEMBER} can',
                    each.text,
                )


def _all_ports(text: Text) -> Change:
    return Change('add ":*" for all ports', text, f"{text.value}:*", safe=False)


def is_user_name(text: str) -> bool:
    return bool(text) and text == text.strip() and not any(character in text for character in ':*/ "\\')
