"""One cause, one report: a rule yields to what another one says of its own cause, and to nothing else that rule says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hslint import plugins
from hslint.checking import Request, check
from hslint.hosts import Options
from hslint.hosts.host import Host
from hslint.hosts.search import open_project
from hslint.plugins import BrokenPlugin
from hslint.problem import Effect, Note, Problem, Rule
from hslint.runner import run
from hslint.source import Span
from hslint.values.budget import with_deep_stack

HEAD = """{
  services.headscale = {
    enable = true;
    settings = {
      server_url = "https://hs.example.com";
      dns.base_domain = "tailnet.example.net";
      dns.nameservers.global = [ "9.9.9.9" ];
"""


def reported(tmp_path: Path, settings: str) -> list[str]:
    """The rules and messages of a configuration with more settings, but for what is wrong with the release as such."""
    (tmp_path / "configuration.nix").write_text(f"{HEAD}{settings}\n    }};\n  }};\n}}\n")
    found = check([str(tmp_path)], Request(headscale="0.28")).findings
    return [f"{finding.rule.name}: {finding.problem.message}" for finding in found if not finding.rule.of_release]


def test_a_region_without_a_name_says_nothing_of_a_closed_port(tmp_path: Path) -> None:
    """A note about the relay's name, and a warning that clients do not reach its STUN port: neither is the other's cause."""
    relay = 'derp.server = { enabled = true; stun_listen_addr = "0.0.0.0:3478"; region_id = 999; private_key_path = "/var/lib/headscale/derp.key"; };'
    assert reported(tmp_path, relay) == [
        "derp-server-incomplete: derp.server is on without region_code and region_name; the region has no name",
        "stun-port-closed: nothing opens UDP port 3478 in the firewall; clients cannot use the relay's STUN",
    ]


def test_a_port_that_another_program_has_need_not_be_open(tmp_path: Path) -> None:
    """The clash is the cause, at the very place of the closed port."""
    relay = 'derp.server = { enabled = true; stun_listen_addr = "0.0.0.0:3478"; region_id = 999; };'
    clash = f"{relay} }}; }}; services.coturn = {{ enable = true; inner = {{"
    assert [reported.partition(":")[0] for reported in reported(tmp_path, clash) if "3478" in reported] == [
        "port-clash"
    ]


def test_an_unknown_option_explains_only_the_setting_that_it_was_meant_for(tmp_path: Path) -> None:
    """`dns.baseDomain` of former modules is why there is no base_domain; an option that nobody declares is not."""
    text = """{{
  services.headscale.enable = true;
  services.headscale.settings.server_url = "https://hs.example.com";
  services.headscale.settings.dns.override_local_dns = false;
  services.headscale.{option} = "tailnet.example.net";
}}
"""
    reported = []
    for option in ("dns.baseDomain", "privateKeyFile"):
        (tmp_path / "configuration.nix").write_text(text.format(option=option))
        checked = check([str(tmp_path)], Request(headscale="0.28", module="nixpkgs-25.11"))
        reported.append([finding.rule.name for finding in checked.findings if finding.effect is Effect.REFUSED])
    assert reported == [["unknown-module-option"], ["magicdns-without-base-domain", "unknown-module-option"]]


@pytest.fixture
def host(tmp_path: Path) -> Host:
    (tmp_path / "configuration.nix").write_text("{ services.headscale.enable = true; }\n")
    (host,) = open_project([str(tmp_path)], Options()).hosts
    return host


def _rule(name: str, effect: Effect, *problems: Problem, yields_to: tuple[str, ...] = ()) -> Rule:
    def check(host: Host) -> Iterator[Problem]:
        yield from problems

    return Rule(name, "test", effect, "", check, yields_to=yields_to)


def _names(host: Host, *rules: Rule) -> list[str]:
    return sorted(finding.rule.name for finding in with_deep_stack(lambda: run([host], rules)).findings)


def _at(host: Host, start: int, end: int) -> Span:
    return Span(host.configuration.files[0], start, end)


def test_a_cause_shares_a_place_with_what_follows_from_it(host: Host) -> None:
    """Its own or a note's, on either side; what stands elsewhere is something else."""
    whole, part, elsewhere = _at(host, 2, 20), _at(host, 4, 10), _at(host, 22, 30)
    follows = _rule("follows", Effect.BROKEN, Problem("x", part), yields_to=("cause",))
    noted = _rule("noted", Effect.BROKEN, Problem("x", elsewhere, (Note("here", part),)), yields_to=("cause",))
    assert _names(host, _rule("cause", Effect.FAILS, Problem("x", whole)), follows, noted) == ["cause"]
    assert _names(host, _rule("cause", Effect.FAILS, Problem("x", elsewhere)), follows) == ["cause", "follows"]
    # Among several reports of a rule one is enough.
    assert _names(host, _rule("cause", Effect.FAILS, Problem("x", elsewhere), Problem("x", whole)), follows) == [
        "cause",
        "cause",
    ]


def test_a_milder_report_is_no_cause(host: Host) -> None:
    """A note does not take an error's place; a form that is worse than the rule's others does."""
    at = _at(host, 2, 20)
    follows = _rule("follows", Effect.BROKEN, Problem("x", at), yields_to=("cause",))
    assert _names(host, _rule("cause", Effect.ADVICE, Problem("x", at)), follows) == ["cause", "follows"]
    assert _names(host, _rule("cause", Effect.ADVICE, Problem("x", at, effect=Effect.FAILS)), follows) == ["cause"]


def test_what_is_missing_is_shared_by_name(host: Host) -> None:
    """An option, or a set that it lies in."""
    at, elsewhere = _at(host, 2, 20), _at(host, 22, 30)
    for absent, left in ((("settings.dns",), ["cause"]), (("settings.dns.base",), ["cause", "follows"])):
        cause = _rule("cause", Effect.REFUSED, Problem("x", at, absent=absent))
        missing = Problem("x", elsewhere, absent=("settings.dns.base_domain",))
        assert _names(host, cause, _rule("follows", Effect.FAILS, missing, yields_to=("cause",))) == left


def test_what_is_not_reported_explains_nothing(host: Host) -> None:
    """The first yields to the second, which yields to the third: only what the third explains goes."""
    one, other, both = _at(host, 2, 8), _at(host, 10, 20), _at(host, 2, 20)
    first = _rule("first", Effect.FAILS, Problem("x", one), yields_to=("second",))
    second = _rule("second", Effect.FAILS, Problem("x", both), yields_to=("third",))
    third = _rule("third", Effect.FAILS, Problem("x", other))
    assert _names(host, first, second) == ["second"]
    assert _names(host, first, second, third) == ["first", "third"]


def test_of_rules_that_yield_to_each_other_one_is_reported(host: Host) -> None:
    at = _at(host, 2, 8)
    one = _rule("one", Effect.FAILS, Problem("x", at), yields_to=("other",))
    other = _rule("other", Effect.FAILS, Problem("x", at), yields_to=("one",))
    assert len(_names(host, one, other)) == 1


def test_a_rule_yields_to_rules_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is misspelt would be silent."""
    stray = _rule("stray", Effect.FAILS, yields_to=("no-such-rule",))
    monkeypatch.setattr(plugins, "_announced", lambda: [("extra", None)])
    own = plugins._rules_of
    monkeypatch.setattr(plugins, "_rules_of", lambda package: iter([stray]) if package == "extra" else own(package))
    with pytest.raises(BrokenPlugin, match="stray yields to no-such-rule, which is no rule"):
        plugins.rules.__wrapped__()


def test_the_cause_names_what_follows_from_it_elsewhere(tmp_path: Path) -> None:
    """The port is open for the relay that a misspelt key was to switch on: one finding, which leads to both places."""
    (tmp_path / "configuration.nix").write_text(
        f"{HEAD}derp.server.enable = true;\n    }};\n  }};\n  networking.firewall.allowedUDPPorts = [ 3478 ];\n}}\n"
    )
    (found,) = check(
        [str(tmp_path)], Request(headscale="0.28", select=("misplaced-setting", "stun-port-open-without-derp"))
    ).findings
    assert found.rule.name == "misplaced-setting"
    ((message, at),) = [(note.message, note.at.text) for note in found.problem.notes]
    assert message == "follows from it: UDP port 3478 is open, but Headscale's DERP and STUN server is off"
    assert at == "3478"
