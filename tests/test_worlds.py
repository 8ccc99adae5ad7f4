"""What is certain, and what assumptions change: each assignment of the guards is a world, and a host under it is the host that has it written.

Configurations are made at random from settings, right and wrong ones, under guards of several forms.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_examples import PAGES, hosts_of

from hslint.checking import Request, inspect
from hslint.finding import Finding
from hslint.hosts.host import Host
from hslint.plugins import rules
from hslint.problem import Effect
from hslint.record import Record, replace
from hslint.runner import run
from hslint.values.assumptions import Assumptions
from hslint.values.budget import with_deep_stack
from hslint.values.conditions import Atom

pytestmark = pytest.mark.slow  # hundreds of configurations, in each of their worlds

#: Every rule, yielding to none: in a world there may be a cause that hides what is certain.
RULES = tuple(replace(rule, yields_to=()) for rule in rules())

World: TypeAlias = Mapping[str, bool]
#: The rule, and where.
Place: TypeAlias = tuple[str, int, int]


def place(finding: Finding) -> Place:
    return finding.rule.name, finding.problem.at.start, finding.problem.at.end


def reported(host: Host) -> Sequence[Finding]:
    report = run([host], RULES)
    assert report.crashes == ()
    assert not report.cut_short and not report.not_run
    return report.findings


def is_among(finding: Finding, others: Sequence[Finding]) -> bool:
    """Whether one of the others is of the same rule, at the same place or in the same words: what is missing is told where the rest of
    it is written, and that may be elsewhere in another world.
    """
    return any(
        other.rule.name == finding.rule.name
        and (place(other) == place(finding) or other.problem.message == finding.problem.message)
        for other in others
    )


# -- configurations ----------------------------------------------------------------------------------------------------

S = "services.headscale.settings"
STATEMENTS = [
    (option, value)
    for option, values in {
        f"{S}.server_url": ('"http://hs.example.com"', '"https://hs.example.com"', '"hs.example.com"'),
        f"{S}.dns.base_domain": ('"example.com"', '"tail.example.net"', '""'),
        f"{S}.dns.magic_dns": ("true", "false"),
        f"{S}.dns.nameservers.global": ("[ ]", '[ "9.9.9.9" ]', '[ "100.100.100.100" ]'),
        f"{S}.derp.server.enabled": ("true", "false"),
        f"{S}.derp.server.stun_listen_addr": ('"0.0.0.0:3478"', '"127.0.0.1:3478"'),
        f"{S}.derp.server.region_id": ("1", "999"),
        f"{S}.listen_addr": ('"0.0.0.0:8080"', '"::1:8080"'),
        f"{S}.prefixes.v4": ('"10.0.0.0/8"', '"100.64.0.0/10"'),
        f"{S}.log.level": ('"verbose"', '"info"'),
        f"{S}.tls_letsencrypt_hostname": ('"hs.example.com"',),
        f"{S}.tls_cert_path": ('"/var/lib/headscale/cert.pem"', "null"),
        f"{S}.unheard_of": ("1",),
        "services.headscale.port": ("443", "8080"),
        "services.coturn.enable": ("true", "false"),
        "networking.firewall.allowedTCPPorts": ("[ 443 ]", "[ 8080 ]"),
        "networking.firewall.allowedUDPPorts": ("[ 3478 ]",),
        'services.nginx.virtualHosts."hs.example.com".locations."/".proxyPass': ('"http://127.0.0.1:8080"',),
    }.items()
    for value in values
]

GUARDS = ("a", "b", "! a", "a && b", "a || b", "a && ! b")


class Part(Record):
    """Statements under a guard, in one of the forms; `others` hold where the guard does not."""

    form: str
    guard: str
    statements: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        body, others = written(self.statements), written(self.others)
        match self.form:
            case "plain":
                return f"{{ {body} }}"
            case "mkIf":
                return f"(lib.mkIf ({self.guard}) {{ {body} }})"
            case "value":
                return "{ " + " ".join(f"{o} = lib.mkIf ({self.guard}) ({v});" for o, v in self.statements) + " }"
            case "either":
                return "{ " + " ".join(f"{o} = if {self.guard} then {v} else null;" for o, v in self.statements) + " }"
            case "optionalAttrs":
                return f"{{ {S} = lib.optionalAttrs ({self.guard}) {{ {written(self.statements, f'{S}.')} }}; }}"
            case "if":
                then, otherwise = written(self.statements, f"{S}."), written(self.others, f"{S}.")
                return f"{{ {S} = if {self.guard} then {{ {then} }} else {{ {otherwise} }}; }}"
            case _:
                return f"(lib.mkMerge [ (lib.mkIf ({self.guard}) {{ {body} }}) (lib.mkIf (! ({self.guard})) {{ {others} }}) ])"


def written(statements: Sequence[tuple[str, str]], below: str = "") -> str:
    """The statements, or those below an option."""
    found = {option: value for option, value in statements if option.startswith(below)}
    return " ".join(f"{option.removeprefix(below)} = {value};" for option, value in found.items())


STATEMENT = st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=4).map(tuple)
PART = st.builds(
    Part,
    st.sampled_from(("plain", "plain", "mkIf", "value", "either", "optionalAttrs", "if", "mkMerge")),
    st.sampled_from(GUARDS),
    STATEMENT,
    STATEMENT,
)

#: Where the guards come from: options of a module by itself, or what only the machine can tell.
SOURCES = {
    "options": {"a": "config.my.a.enable", "b": "config.my.b.enable"},
    "environment": {"a": 'builtins.getEnv "A" == "1"', "b": 'builtins.getEnv "B" == "1"'},
}


def configuration(parts: Sequence[Part], source: str, world: World | None = None) -> str:
    """The module, with its guards as they are or, at the same places, decided."""
    conditions = {
        name: (text if world is None else str(world[name]).lower().rjust(len(text)))
        for name, text in SOURCES[source].items()
    }
    options = " ".join(f'options.my.{name}.enable = lib.mkEnableOption "{name}";' for name in SOURCES[source])
    bindings = " ".join(f"{name} = {text};" for name, text in conditions.items())
    merged = "\n  ".join(part.text for part in parts)
    return (
        f"{{ config, lib, ... }}: let {bindings} in {{\n {options}\n config = lib.mkMerge [\n"
        f"  {{ services.headscale.enable = true; }}\n  {merged}\n ];\n}}\n"
    )


def host_of(text: str, source: str, directory: str) -> Host:
    path = Path(directory, "configuration.nix")
    path.write_text(text, "utf-8")
    inspection, _ = inspect([str(path)], Request(headscale="0.28", module="nixpkgs-25.11", alone=source == "options"))
    (host,) = inspection.hosts
    return host


def atom(name: str, source: str) -> Atom:
    text = SOURCES[source][name]
    return Atom(text.removeprefix("config."), is_expression=source == "environment")


def worlds() -> Iterator[World]:
    for truths in itertools.product((True, False), repeat=2):
        yield dict(zip("ab", truths, strict=True))


def assumed(host: Host, world: World, source: str) -> Host:
    found = host.assuming(Assumptions({atom(name, source): holds for name, holds in world.items()}))
    assert found is not None
    return found


QUICK = settings(
    max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
CONFIGURATION = st.lists(PART, min_size=1, max_size=4)


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_certain_is_found_in_every_world(source: str) -> None:
    """That Nix takes: at the same place, or in the same words."""

    @QUICK
    @given(CONFIGURATION)
    def holds(parts: Sequence[Part]) -> None:
        with tempfile.TemporaryDirectory() as directory:
            host = host_of(configuration(parts, source), source, directory)
            certain = [finding for finding in reported(host) if not finding.condition]
            for world in worlds():
                there = reported(assumed(host, world, source))
                if any(finding.effect is Effect.REFUSED for finding in there):
                    continue  # what fails in a world is presumed not to be
                assert [finding for finding in certain if not is_among(finding, there)] == [], world

    with_deep_stack(holds)


@pytest.mark.parametrize("source", SOURCES)
def test_a_decided_condition_is_like_the_same_one_assumed(source: str) -> None:
    """`mkIf true` finds what `mkIf config.my.a.enable` does where that is assumed, and certainly what is certain there."""

    @QUICK
    @given(CONFIGURATION)
    def holds(parts: Sequence[Part]) -> None:
        with tempfile.TemporaryDirectory() as directory:
            host = host_of(configuration(parts, source), source, directory)
            for world in worlds():
                decided = host_of(configuration(parts, source, world), source, directory)
                assert told(assumed(host, world, source)) == told(decided), world

    with_deep_stack(holds)


def told(host: Host) -> set[tuple[Place, str, str]]:
    return {(place(finding), finding.problem.message, finding.condition) for finding in reported(host)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_an_assumption_that_decides_nothing_changes_nothing(page: Path, tmp_path: Path) -> None:
    """On the first example of each rule's page."""

    def check() -> None:
        _, hosts = next(iter(hosts_of(page, tmp_path)))
        for host in hosts:
            for holds in (True, False):
                other = host.assuming(Assumptions({Atom("some.other.enable"): holds}))
                assert other is not None
                assert told(other) == told(host)

    with_deep_stack(check)


@QUICK
@given(CONFIGURATION, st.booleans())
def test_an_assumption_about_something_else_changes_nothing(parts: Sequence[Part], holds: bool) -> None:
    """On configurations with guards of their own."""

    def check() -> None:
        with tempfile.TemporaryDirectory() as directory:
            host = host_of(configuration(parts, "options"), "options", directory)
            other = host.assuming(Assumptions({Atom("some.other.enable"): holds}))
            assert other is not None
            assert told(other) == told(host)

    with_deep_stack(check)


def test_the_other_branch_of_an_alternative_is_a_world(tmp_path: Path) -> None:
    """`a || b` fails only where both do; `a && b` where one does."""
    told = {}
    for operator in ("||", "&&"):
        guard = f"config.my.a.enable {operator} config.my.b.enable"
        url = f'if {guard} then "https://hs.example.com" else "hs.example.com"'
        part = f"{{ services.headscale.settings.server_url = {url}; }}"
        host = with_deep_stack(
            host_of, configuration([], "options").replace("mkMerge [", f"mkMerge [ {part}"), "options", str(tmp_path)
        )
        found = with_deep_stack(reported, host)
        told[operator] = [finding.condition for finding in found if finding.rule.name == "server-url-malformed"]
    assert told == {
        "||": ["where `my.a.enable` is false and `my.b.enable` is false"],
        "&&": ["where `my.a.enable` is false"],
    }
