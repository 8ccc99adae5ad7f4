"""The access that a policy allows: who may reach what, by which of its rules, without knowing the machines.

Selectors stay symbols: "tag:web" is all machines with that tag, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum

from hslint.catalogue.release import Release
from hslint.policy.meaning import EVERY_PROTOCOL, Default, Meaning, Selected
from hslint.policy.reach import Overlap, atoms, covered
from hslint.policy.selector import (
    ALL_PORTS,
    DANGER_ALL,
    MEMBER,
    NONROOT,
    PROTOCOLS,
    SELF,
    TAGGED,
    Kind,
    Misread,
    Ports,
    Selector,
    read_ports,
    read_selector,
)
from hslint.policy.tree import Node, Text
from hslint.record import Record

#: Protocols of a rule that names none, in every release.
_USUAL = ("", "tcp", "udp", "icmp", "ipv6-icmp")


class Login(Record):
    """The users that an SSH rule lets sources log in as, and whether they have to authenticate again ("check")."""

    users: tuple[str, ...]
    action: str


class Permission(Record):
    """The access that one rule allows one source at one destination. `rule` is None for what holds without rules."""

    source: Selector
    destination: Selector
    protocol: str = ""
    ports: tuple[Ports, ...] = (ALL_PORTS,)
    rule: Node | None = None
    login: Login | None = None
    apps: tuple[str, ...] = ()
    via: tuple[str, ...] = ()


def permissions(meaning: Meaning) -> tuple[Permission, ...]:
    """Everything that a policy allows, in the order of its text."""
    if meaning.default is Default.ALLOW_ALL:
        everything = Selector(Kind.AUTOGROUP, DANGER_ALL)
        return (Permission(everything, everything, EVERY_PROTOCOL), *_logins(meaning))
    return (*_rules(meaning), *_grants(meaning), *_logins(meaning))


def _rules(meaning: Meaning) -> Iterator[Permission]:
    for rule in meaning.rules:
        for source in rule.sources:
            for destination in rule.destinations:
                if destination.ports:
                    yield Permission(
                        source.selector, destination.selector, rule.protocol.lower(), destination.ports, rule.node
                    )


def _grants(meaning: Meaning) -> Iterator[Permission]:
    for grant in meaning.grants:
        traffic: dict[str, list[Ports]] = {}
        for protocol, ports in grant.traffic:
            traffic.setdefault(protocol, []).append(ports)
        for source in grant.sources:
            for destination in grant.destinations:
                ends = source.selector, destination.selector
                for protocol, ranges in traffic.items():
                    yield Permission(*ends, protocol, tuple(ranges), grant.node, via=grant.via)
                if grant.apps:
                    yield Permission(*ends, ports=(), rule=grant.node, apps=grant.apps, via=grant.via)


def _logins(meaning: Meaning) -> Iterator[Permission]:
    for rule in meaning.ssh:
        for source in rule.sources:
            for destination in rule.destinations:
                login = Login(rule.users, rule.action)
                yield Permission(source.selector, destination.selector, "ssh", (), rule.node, login)


# -- questions -----------------------------------------------------------------------------------------------------------


class Verdict(Enum):
    """The answer to whether a source may reach a destination. The value is for messages."""

    YES = "yes"
    PARTLY = "in part"
    UNKNOWN = "unknown without the machines"
    NO = "no"


class Question(Record):
    """A question of access: source, destination and ports. Without `ports` all are asked for; `protocol` "" is whichever of tcp, udp and icmp there is."""

    source: Selector
    destination: Selector
    ports: Ports | None = None
    protocol: str = ""


class Answer(Record):
    verdict: Verdict
    #: What allows it, or some of it.
    by: tuple[Permission, ...] = ()


def destination(text: str) -> tuple[Selector, Ports | None] | None:
    """A destination as `--to` takes it: a selector, or one with a port or a range of ports; None where it is neither."""
    whole = read_selector(text)
    if whole is not None and whole.kind is not Kind.HOST:
        name, colon, last = text.rpartition(":")
        if whole.network is not None or not colon or not last[:1].isdigit():
            return whole, None
        text = f"{name}:{last}"
    name, colon, last = text.rpartition(":")
    if not colon:
        return None if whole is None else (whole, None)
    found = read_selector(name.removeprefix("[").removesuffix("]"))
    try:
        ranges = read_ports(last, zero=False)
    except Misread:
        return None
    return None if found is None or len(ranges) != 1 else (found, None if ranges[0] == ALL_PORTS else ranges[0])


def answer(meaning: Meaning, release: Release, question: Question) -> Answer:
    """Whether a policy allows what is asked, by which of its rules. Logins by SSH are another question."""
    allowed = [each for each in permissions(meaning) if each.login is None and not each.apps]
    used: dict[int, Permission] = {}
    degrees: list[Overlap] = []
    for source in atoms(meaning, question.source):
        for target in atoms(meaning, question.destination):
            degree = Overlap.NONE
            for number, permission in enumerate(allowed):
                found = _degree(meaning, release, permission, source, target, question)
                degree = max(degree, found)
                if found is not Overlap.NONE:
                    used[number] = permission
            degrees.append(degree)
    return Answer(_verdict(degrees, complete=meaning.complete), tuple(used[number] for number in sorted(used)))


def _verdict(degrees: Sequence[Overlap], *, complete: bool) -> Verdict:
    if degrees and all(degree is Overlap.ALL for degree in degrees):
        return Verdict.YES
    if not complete:
        return Verdict.UNKNOWN
    if all(degree is Overlap.NONE for degree in degrees):
        return Verdict.NO
    return Verdict.PARTLY if any(degree >= Overlap.SOME for degree in degrees) else Verdict.UNKNOWN


def _degree(
    meaning: Meaning, release: Release, permission: Permission, source: Selector, target: Selector, question: Question
) -> Overlap:
    """The overlap of a permission with the access from one atom to another."""
    from_here = _best(meaning, release, source, permission.source)
    if from_here is Overlap.NONE:
        return Overlap.NONE
    if permission.destination.name == SELF:
        to_there = _own(source, target)
    elif target.name == SELF:
        to_there = _reached(meaning, release, source, permission.destination)
    else:
        to_there = _reached(meaning, release, target, permission.destination)
    by_way_of = (
        Overlap.UNKNOWN if permission.via else Overlap.ALL
    )  # of routers that only who knows the machines can name
    there = _ports(permission, question.ports), _protocol(permission, question.protocol)
    return min(from_here, to_there, by_way_of, *there)


def _reached(meaning: Meaning, release: Release, asked: Selector, selector: Selector) -> Overlap:
    """How much of a target a destination covers: `*` is every address there, in every release (`destinationsToNetPortRange`)."""
    return Overlap.ALL if selector.kind is Kind.WILDCARD else _best(meaning, release, asked, selector)


def _best(meaning: Meaning, release: Release, asked: Selector, selector: Selector) -> Overlap:
    return max((covered(asked, each, release) for each in atoms(meaning, selector)), default=Overlap.NONE)


def _own(source: Selector, target: Selector) -> Overlap:
    """The overlap of a target with what a source reaches by autogroup:self: its own machines without tags."""
    if target.name == SELF:
        return Overlap.ALL
    if target.kind is Kind.TAG or target.name == TAGGED:
        return Overlap.NONE
    if target.kind is Kind.USER and source.kind is Kind.USER:
        return Overlap.ALL if target.name == source.name else Overlap.NONE
    if target.network is not None:
        return Overlap.UNKNOWN
    return Overlap.SOME if target.kind in (Kind.USER, Kind.WILDCARD) or target.name == MEMBER else Overlap.NONE


def _ports(permission: Permission, asked: Ports | None) -> Overlap:
    first, last = asked or ALL_PORTS
    if any(begin <= first and last <= end for begin, end in permission.ports):
        return Overlap.ALL
    # Port 0 is none that anybody comes to.
    if asked is None and any(begin <= 1 and last <= end for begin, end in permission.ports):
        return Overlap.ALL
    return Overlap.SOME if any(begin <= last and first <= end for begin, end in permission.ports) else Overlap.NONE


def _protocol(permission: Permission, asked: str) -> Overlap:
    allowed = _named(permission.protocol)
    if allowed in (EVERY_PROTOCOL, asked):
        return Overlap.ALL
    if allowed == "":
        return Overlap.ALL if asked in _USUAL else Overlap.NONE
    return Overlap.ALL if asked == "" and allowed in _USUAL else Overlap.NONE


def _named(protocol: str) -> str:
    names = {str(number): name for name, number in PROTOCOLS.items()}
    return names.get(protocol, protocol)


# -- changes -------------------------------------------------------------------------------------------------------------


def opened(before: Meaning, after: Meaning, release: Release) -> tuple[Permission, ...]:
    """The permissions of a policy, by users, tags and addresses, that an earlier one does not allow wholly. The other way round it is
    what the change closes.
    """
    old = [each for permission in permissions(before) for each in _spelled_out(before, permission)]
    found: dict[Permission, None] = {}
    for permission in permissions(after):
        for each in _spelled_out(after, permission):
            if not any(_covers(wider, each, release) for wider in old):
                found[each] = None
    return tuple(found)


def _spelled_out(meaning: Meaning, permission: Permission) -> Iterator[Permission]:
    """A permission without groups and hosts, whose meaning may change with the policy, a range of ports and a user at a time."""
    for source in atoms(meaning, permission.source):
        for target in atoms(meaning, permission.destination):
            for ports in permission.ports:
                yield _between(permission, source, target, ports=(ports,))
            for user in permission.login.users if permission.login else ():
                yield _between(permission, source, target, login=Login((user,), permission.login.action))  # type: ignore[union-attr]
            for app in permission.apps:
                yield _between(permission, source, target, apps=(app,))


def _between(
    permission: Permission,
    source: Selector,
    target: Selector,
    ports: tuple[Ports, ...] = (),
    login: Login | None = None,
    apps: tuple[str, ...] = (),
) -> Permission:
    return Permission(source, target, permission.protocol, ports, permission.rule, login, apps, permission.via)


def _covers(wider: Permission, each: Permission, release: Release) -> bool:
    if covered(each.source, wider.source, release) is not Overlap.ALL or wider.via != each.via:
        return False
    if wider.destination.name == SELF or each.destination.name == SELF:
        to_there = (
            _own(each.source, each.destination)
            if wider.destination.name == SELF
            else covered(each.source, wider.destination, release)
        )
    elif wider.destination.kind is Kind.WILDCARD:
        to_there = Overlap.ALL
    else:
        to_there = covered(each.destination, wider.destination, release)
    if to_there is not Overlap.ALL or (wider.login is None) != (each.login is None):
        return False
    if each.login is not None and wider.login is not None:
        users = wider.login.users
        named = each.login.users[0] in users or (NONROOT in users and each.login.users[0] != "root")
        return named and wider.login.action in ("accept", each.login.action)
    if each.apps:
        return set(each.apps) <= set(wider.apps)
    protocol, wanted = _named(wider.protocol), _named(each.protocol)
    same = protocol in (EVERY_PROTOCOL, wanted) or (protocol == "" and wanted in _USUAL)
    return same and _ports(wider, each.ports[0]) is Overlap.ALL


# -- tests ---------------------------------------------------------------------------------------------------------------


class TestOutcome(Record):
    """The outcome of a test of the policy: `holds` is None where it depends on the machines. `by` is what allows it."""

    text: Text
    message: str
    holds: bool | None
    by: tuple[Permission, ...] = ()


def outcomes(meaning: Meaning, release: Release) -> Iterator[TestOutcome]:
    """The outcome of each line of `tests` and `sshTests` (`runPolicyTest`, `runSSHPolicyTest`)."""
    for test in meaning.tests:
        source = read_selector(test.source.value)
        if source is None:
            continue
        for wanted, lines in ((True, test.accept), (False, test.deny)):
            for line in lines:
                yield _outcome(meaning, release, source, line, test.protocol, wanted=wanted)
    for login in meaning.ssh_tests:
        source = read_selector(login.source.value.strip())
        if source is None:
            continue
        for action, users in (("accept", login.accept), ("check", login.check), ("deny", login.deny)):
            for user in users:
                yield _login_outcome(meaning, release, source, login.destinations, user, action)


def _outcome(
    meaning: Meaning, release: Release, source: Selector, line: Selected, protocol: str, *, wanted: bool
) -> TestOutcome:
    """A line holds, or does not, for every machine of its source; rules about one's own machines, and by way of others, do not count
    (`globalFilterRules`).
    """
    counted = [
        each
        for each in permissions(meaning)
        if not (each.login or each.apps or each.via) and each.destination.name != SELF
    ]
    question = Question(source, line.selector, line.ports[0] if line.ports else None, protocol)
    degrees = [
        max(
            (
                _degree(meaning, release, permission, start, target, question)
                for permission in counted
                for target in atoms(meaning, line.selector)
            ),
            default=Overlap.NONE,
        )
        for start in atoms(meaning, source)
    ]
    verdict = _verdict(degrees, complete=meaning.complete)
    if degrees and verdict in (Verdict.YES, Verdict.NO):
        said = f'"{source.name}" may{"" if verdict is Verdict.YES else " not"} reach "{line.text.value}"'
        by = answer(meaning, release, question).by if verdict is Verdict.YES else ()
        return TestOutcome(line.text, said, (verdict is Verdict.YES) is wanted, by)
    return TestOutcome(line.text, f'"{source.name}" may reach "{line.text.value}": {Verdict.UNKNOWN.value}', None)


def _login_outcome(
    meaning: Meaning,
    release: Release,
    source: Selector,
    destinations: Iterable[Selected],
    user: Text,
    action: str,
) -> TestOutcome:
    logins = [*_logins(meaning)]
    degrees = [
        max(
            (_login(meaning, release, each, start, target, user.value, action) for each in logins),
            default=Overlap.NONE,
        )
        for start in atoms(meaning, source)
        for destination in destinations
        for target in atoms(meaning, destination.selector)
    ]
    verdict = _verdict(degrees, complete=meaning.complete)
    wanted = action != "deny"
    how = " after proving to be it" if action == "check" else ""
    said = f'"{source.name}" may{"" if verdict is Verdict.YES else " not"} log in as "{user.value}"{how}'
    if verdict in (Verdict.YES, Verdict.NO):
        return TestOutcome(user, said, (verdict is Verdict.YES) is wanted)
    return TestOutcome(user, f'"{source.name}" may log in as "{user.value}": {verdict.value}', None)


def _login(
    meaning: Meaning,
    release: Release,
    permission: Permission,
    source: Selector,
    target: Selector,
    user: str,
    action: str,
) -> Overlap:
    login = permission.login
    if login is None or (action == "check" and login.action != "check"):
        return Overlap.NONE
    users = login.users
    if user not in users and not (NONROOT in users and user != "root"):
        # `localpart:*@example.com` and the like are names that Headscale makes of the source's own.
        return Overlap.UNKNOWN if any(":" in each for each in users) else Overlap.NONE
    from_here = _best(meaning, release, source, permission.source)
    if permission.destination.name == SELF:
        return min(from_here, _own(source, target))
    return min(from_here, _best(meaning, release, target, permission.destination))
