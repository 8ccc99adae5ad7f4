"""`tests` and `sshTests`, which Headscale has from 0.29 on: their shape (`validateTests`, `validateSSHTests`)."""

from __future__ import annotations

from hslint.policy.complaint import Matter, Outcome
from hslint.policy.decoding import raw
from hslint.policy.engine_v2_selectors import SelectorReader
from hslint.policy.meaning import AccessTest, Selected, SshTest
from hslint.policy.selector import DANGER_ALL, INTERNET, Kind, Misread, go_trimmed, read_protocol
from hslint.policy.tree import Array, Node, Null, Text, Untold


def read_tests(engine: SelectorReader, node: Node | None) -> tuple[AccessTest, ...]:
    decoder, complain = engine.decoder, engine.complain
    found: list[AccessTest] = []
    for item in decoder.items(node, "tests"):
        test = decoder.fields(item, ("src", "proto", "accept", "deny"), "a test")
        source = decoder.string(test.value("src"), "src")
        if source is not None:
            engine.used.append(source)
        proto, protocol = test.value("proto"), ""
        if proto is not None and not isinstance(proto, Untold):
            try:
                protocol = read_protocol(raw(proto), later=True)
                if protocol not in ("", "tcp", "udp", "sctp"):
                    complain(Matter.TEST, f'a test is of tcp, udp or sctp, not of "{protocol}"', proto)
            except Misread as why:
                complain(Matter.PROTOCOL, str(why), proto)
        accept, deny = (
            [_destination(engine, text) for text in decoder.strings(test.value(name), name)]
            for name in ("accept", "deny")
        )
        lists = [test.value("accept"), test.value("deny")]
        if test.complete and not isinstance(item, Untold) and all(_is_empty(each) for each in lists):
            complain(Matter.TEST, 'a test has neither "accept" nor "deny"', item)
        if source is not None:
            found.append(AccessTest(item, source, protocol, _known(accept), _known(deny)))
    return tuple(found)


def _known(destinations: list[Selected | None]) -> tuple[Selected, ...]:
    return tuple(each for each in destinations if each is not None)


def _destination(engine: SelectorReader, text: Text) -> Selected | None:
    found = engine.parse_destination(text, Matter.TEST, '"{}": {}')
    if found is None:
        return None
    engine.used.append(Text(found.selector.name, text.span))
    why = _no_test(engine, found)
    if why is not None:
        engine.complain(Matter.TEST, f'"{text.value}": {why}', text)
        return None
    return found


def _no_test(engine: SelectorReader, found: Selected) -> str | None:
    """The reason why a destination is not one port of one machine."""
    selector = found.selector
    if selector.kind is Kind.AUTOGROUP and selector.name not in engine.autogroups:
        return f'Headscale has no "{selector.name}"'
    if selector.name == INTERNET:
        return f"{INTERNET} cannot be tested"
    if len(found.ports) != 1 or found.ports[0][0] != found.ports[0][1]:
        return "a test is of one port"
    if selector.kind is Kind.NETWORK and "/" in found.text.value:
        return "a test is of one machine, not of a range"
    if selector.kind is Kind.HOST and _is_range(engine, selector.name):
        return f'the host "{selector.name}" is a range: a test is of one machine'
    return None


def _is_range(engine: SelectorReader, host: str) -> bool:
    network = engine.network(host)
    return network is not None and network.prefixlen < network.max_prefixlen


def read_ssh_tests(engine: SelectorReader, node: Node | None) -> tuple[SshTest, ...]:
    decoder, complain = engine.decoder, engine.complain
    found: list[SshTest] = []
    for item in decoder.items(node, "sshTests"):
        test = decoder.fields(item, ("src", "dst", "accept", "deny", "check"), "an SSH test")
        is_known = test.complete and not isinstance(item, Untold)
        source = test.value("src")
        text = decoder.string(source, "src")
        if text is not None and go_trimmed(text.value):
            _ssh_source(engine, text)
        elif is_known and not isinstance(source, Untold):
            complain(Matter.TEST, 'an SSH test has no "src"', test.place("src"))
        accept, deny, check = (tuple(decoder.strings(test.value(name), name)) for name in ("accept", "deny", "check"))
        if is_known and _is_empty(test.value("dst")):
            complain(Matter.TEST, 'an SSH test has no "dst"', test.place("dst"))
        destinations = engine.selectors(test.value("dst"), "dst", lambda each: _ssh_destination(engine, each))
        if text is not None:
            found.append(SshTest(item, text, tuple(destinations), accept, deny, check))
    return tuple(found)


#: A range of more addresses than that cannot be meant, and costs Headscale hundreds of megabytes.
_MANY = 1 << 20


def _ssh_source(engine: SelectorReader, text: Text) -> None:
    """Headscale makes a list of all addresses of a source when it starts (`runSSHPolicyTest`), however many there are."""
    found = engine.selected(text, go_trimmed(text.value))
    if found is None:
        return
    selector = found.selector
    network = selector.network or engine.network(selector.name if selector.kind is Kind.HOST else "")
    every = selector.kind is Kind.WILDCARD or selector.name in (INTERNET, DANGER_ALL)
    if every or (network is not None and network.num_addresses > _MANY):
        engine.complain(
            Matter.TEST,
            f'"{text.value}" has so many addresses that Headscale runs out of memory over this test',
            text,
            Outcome.REFUSED_MAKING,
        )


def _ssh_destination(engine: SelectorReader, found: Selected) -> None:
    selector, text = found.selector, found.text
    network = selector.network
    if selector.name == INTERNET:
        engine.complain(Matter.TEST, f"{INTERNET} cannot be in dst of an SSH test", text)
    elif network is not None and network.prefixlen < network.max_prefixlen:
        engine.complain(Matter.TEST, f'"{text.value}" is a range: an SSH test is of one machine', text)
    elif selector.kind is Kind.HOST and _is_range(engine, selector.name):
        engine.complain(Matter.TEST, f'the host "{selector.name}" is a range: an SSH test is of one machine', text)
    elif selector.kind is Kind.TAG:
        engine.references(selector, text)


def _is_empty(node: Node | None) -> bool:
    return node is None or isinstance(node, Null) or (isinstance(node, Array) and not node.items and node.complete)
