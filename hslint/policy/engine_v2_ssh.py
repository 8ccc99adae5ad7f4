"""SSH rules, as the second engine reads them (`SSH`, `SSHSrcAliases`, `SSHDstAliases`, `validateSSHSrcDstCombination`)."""

from __future__ import annotations

from collections.abc import Sequence

from hslint.catalogue.go import HOUR, duration, prometheus_duration
from hslint.policy.complaint import Change, Matter, Outcome
from hslint.policy.decoding import Fields, raw
from hslint.policy.engine_v2_selectors import SelectorReader
from hslint.policy.meaning import Selected, SshRule
from hslint.policy.selector import AUTOGROUP, MEMBER, NONROOT, SELF, TAGGED, WILDCARD, Kind, go_trimmed
from hslint.policy.tree import Array, Node, Null, Text, Untold, described, is_complete

_SOURCES = (Kind.USER, Kind.GROUP, Kind.TAG, Kind.AUTOGROUP)
_LONGEST = 168 * HOUR


class SshRules:
    def __init__(self, engine: SelectorReader) -> None:
        self.engine = engine
        self.decoder = engine.decoder
        self.complain = engine.complain
        self.autogroups = (MEMBER, TAGGED, SELF) if engine.strict else ()

    def read(self, node: Node | None) -> tuple[SshRule, ...]:
        found: list[SshRule] = []
        known = ["action", "src", "dst", "users", "checkPeriod", *(["acceptEnv"] if self.engine.newest else [])]
        for item in self.decoder.items(node, "ssh"):
            rule = self.decoder.fields(item, known, "an SSH rule")
            is_known = rule.complete and not isinstance(item, Untold)
            action = self._action(rule, is_known=is_known)
            users = self._users(rule, is_known=is_known)
            self._check_period(rule.value("checkPeriod"), action)
            if self.engine.newest:
                for text in self.decoder.strings(rule.value("acceptEnv"), "acceptEnv"):
                    if text.value == "":
                        self.complain(Matter.SSH, "an empty name in acceptEnv", text)
            sources = self.engine.selectors(rule.value("src"), "src", self._source)
            destinations = self.engine.selectors(rule.value("dst"), "dst", self._destination)
            if self.engine.tags_own_tags:
                self._together(sources, destinations, complete=_is_all(rule.value("src")))
            if action is not None:
                names = tuple(text.value for text in users)
                found.append(SshRule(item, action, tuple(sources), tuple(destinations), names, is_complete(item)))
        return tuple(found)

    def _action(self, rule: Fields, *, is_known: bool) -> str | None:
        """The action of an SSH rule; None where it is unknown."""
        value = rule.value("action")
        if isinstance(value, Untold):
            return None
        strict, newest = self.engine.strict, self.engine.newest
        if value is None or (isinstance(value, Null) and not strict):
            # 0.27 and 0.28 look at an action only where there is one.
            if is_known and (newest or not strict):
                self.complain(Matter.ACTION, 'an SSH rule has no "action": it must be "accept" or "check"', rule.node)
            elif is_known:
                self.complain(
                    Matter.ACTION,
                    'an SSH rule has no "action": it must be "accept" or "check"',
                    rule.node,
                    Outcome.REFUSED_LATER,
                )
            return "" if is_known else None
        if not strict and not isinstance(value, Text):
            self.decoder.misfit(value, "a string", "action")
            return None
        said = raw(value) if strict else value.value if isinstance(value, Text) else ""
        said = go_trimmed(said) if newest else said
        if said not in ("accept", "check"):
            shown = f'"{said}"' if isinstance(value, Text) else described(value)
            change = (
                Change(f'write "{said.lower()}"', value, said.lower()) if said.lower() in ("accept", "check") else None
            )
            self.complain(Matter.ACTION, f'the action must be "accept" or "check", not {shown}', value, change=change)
        return said

    def _users(self, rule: Fields, *, is_known: bool) -> list[Text]:
        value = rule.value("users")
        texts = self.decoder.strings(value, "users")
        if not self.engine.newest:
            for text in texts:
                if text.value.startswith(AUTOGROUP) and text.value != NONROOT:
                    self.complain(
                        Matter.AUTOGROUP, f'"{text.value}" cannot be in users: only {NONROOT} may stand there', text
                    )
            if is_known and not texts and (value is None or isinstance(value, Null) or _is_all(value)):
                self.complain(
                    Matter.SSH, 'an SSH rule without "users" lets nobody in', rule.place("users"), Outcome.ACCEPTED
                )
            return texts
        if (
            is_known
            and not texts
            and (value is None or isinstance(value, Null) or (_is_all(value) and not value_items(value)))
        ):
            self.complain(Matter.SSH, 'an SSH rule has no "users"', rule.place("users"))
        for text in texts:
            name = go_trimmed(text.value)
            if name in ("", WILDCARD):
                self.complain(Matter.SSH, f'"{name}" is no user to log in as', text)
            elif name.startswith(AUTOGROUP) and name != NONROOT:
                self.complain(
                    Matter.AUTOGROUP, f'"{name}" is taken for the name of a user to log in as', text, Outcome.ACCEPTED
                )
        return texts

    def _check_period(self, value: Node | None, action: str | None) -> None:
        if value is None or isinstance(value, Untold) or (isinstance(value, Null) and self.engine.newest):
            return
        if not self.engine.newest:
            text = self.decoder.string(value, "checkPeriod")
            if text is not None and prometheus_duration(text.value) is None:
                self.complain(Matter.SSH, f'"{text.value}" is no duration, as in 12h or 7d', text)
            return
        said = raw(value)
        if said == "always":
            period: int | None = 0
        else:
            period = duration(said)
        shown = f'"{said}"' if isinstance(value, Text) else described(value)
        if period is None:
            days = prometheus_duration(said)
            change = None
            if days is not None and days % HOUR == 0:
                change = Change(f'write "{days // HOUR}h"', value, f"{days // HOUR}h")
            self.complain(Matter.SSH, f"checkPeriod is a duration such as 12h, not {shown}", value, change=change)
        elif action not in ("check", None):
            self.complain(Matter.SSH, 'checkPeriod only goes with the action "check"', value)
        elif action is not None and period < 0:
            self.complain(Matter.SSH, f"checkPeriod must not be negative: {shown}", value)
        elif action is not None and period > _LONGEST:
            self.complain(Matter.SSH, f"checkPeriod must be 168h at most, not {shown}", value)

    def _source(self, selected: Selected) -> None:
        selector, text = selected.selector, selected.text
        if selector.kind not in _SOURCES:
            self.complain(
                Matter.SSH, f'"{text.value}" cannot be in src of an SSH rule: users, groups and tags can', text
            )
        elif selector.kind is Kind.AUTOGROUP and selector.name not in self.autogroups[:2]:
            self.engine.misplaced(text, selector.name, "src of an SSH rule", self.autogroups[:2])
        self.engine.references(selector, text) if selector.kind in _SOURCES else None

    def _destination(self, selected: Selected) -> None:
        selector, text, engine = selected.selector, selected.text, self.engine
        match selector.kind:
            case Kind.USER:
                pass
            case Kind.TAG:
                engine.references(selector, text)
            case Kind.AUTOGROUP if selector.name in self.autogroups:
                pass
            case Kind.AUTOGROUP:
                engine.misplaced(text, selector.name, "dst of an SSH rule", self.autogroups)
            case Kind.WILDCARD if not engine.tags_own_tags:
                pass
            case Kind.HOST if engine.strict and not engine.newest:
                if engine.hosts.lacks(selector.name):
                    self.complain(
                        Matter.UNDEFINED,
                        f'"{selector.name}" is not in "hosts": the rule reaches nobody',
                        text,
                        Outcome.IGNORED,
                    )
            case Kind.WILDCARD:
                self.complain(
                    Matter.SSH, f'"*" cannot be in dst of an SSH rule: {MEMBER}, {TAGGED}, tags and users can', text
                )
            case _:
                what = {Kind.HOST: "host", Kind.GROUP: "group"}.get(selector.kind, "address")
                self.complain(
                    Matter.SSH, f'the {what} "{text.value}" cannot be in dst of an SSH rule: tags and users can', text
                )

    def _together(self, sources: Sequence[Selected], destinations: Sequence[Selected], *, complete: bool) -> None:
        """The check of sources against destinations, from 0.28."""
        kinds = [each.selector for each in sources]
        tagged = any(s.kind is Kind.TAG or (s.kind is Kind.AUTOGROUP and s.name == TAGGED) for s in kinds)
        many = any(s.kind is Kind.GROUP or (s.kind is Kind.AUTOGROUP and s.name == MEMBER) for s in kinds)
        users = {s.name for s in kinds if s.kind is Kind.USER}
        for each in destinations:
            name, text = each.selector.name, each.text
            if each.selector.kind is Kind.USER:
                if tagged:
                    self.complain(Matter.SSH, f'tags cannot go to the machines of "{name}": only to tagged ones', text)
                elif many or (complete and users != {name}) or (users and users != {name}):
                    self.complain(
                        Matter.SSH, f'only "{name}" alone can go to the machines of "{name}": {SELF} is meant', text
                    )
            elif each.selector.kind is Kind.AUTOGROUP and tagged and name in (SELF, MEMBER):
                self.complain(Matter.SSH, f"tags cannot go to {name}: only to tagged machines", text)


def _is_all(value: Node | None) -> bool:
    """Whether all elements of a list are known."""
    if value is None or isinstance(value, Null):
        return True
    return isinstance(value, Array) and value.complete and not any(isinstance(item, Untold) for item in value.items)


def value_items(value: Node | None) -> tuple[Node, ...]:
    return value.items if isinstance(value, Array) else ()
