"""Settings with values that nobody expects: no rule crashes, no host takes another along, and what ends early is reported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hslint.catalogue import resolve
from hslint.catalogue.keys import schema
from hslint.checking import Checked, Request, check
from hslint.hosts import Options
from hslint.hosts.host import Host
from hslint.hosts.search import open_project
from hslint.problem import Effect, Problem, Rule
from hslint.runner import run
from hslint.values.budget import with_deep_stack
from hslint.values.value import Failure, Kind, NotKnown, Unknown, Why

VALUES = (
    '"https://[x"',
    '"http://a:99999999"',
    '"postgres://[x"',
    '"http://%zz"',
    '"::1%"',
    '"[::1]:²"',
    '"1.2.3.4/²"',
    '"100.64.0.0/10/10"',
    '"٣"',
    '"9999999999999999999999h"',
    f'"{"9" * 5000}h"',
    f'"0x{"f" * 5000}"',
    f'"{"a." * 3000}"',
    '"a b"',
    '"\\n"',
    '""',
    '".."',
    "1.0e308 * 10",
    "(1.0e308 * 10) - (1.0e308 * 10)",
    "-1",
    "9223372036854775807",
    '[ "https://[x" 1 null { } [ ] ]',
    '{ a = "https://[x"; "b.c\\n" = [ "²" ]; }',
    '[ { name = "²"; type = "A"; value = "²"; } ]',
    "[ { name = 1; type = null; value = [ ]; } ]",
    "null",
    "{ }",
    "[ ]",
    "true",
    "/etc/x",
    '"${./x}"',
    '"${builtins.getEnv "X"}:²"',
    "(x: x)",
    "(let s = { a = s; }; in s)",
    "(let l = [ l ]; in l)",
)

#: Options beside Headscale's settings that rules read; V stands for the value.
BESIDE = """
  services.headscale = { address = V; port = V; user = V; group = V; package = V; configFile = V; };
  services.headscale.settings = { server_url = "https://h.example.com"; dns.base_domain = "example.net"; };
  services.nginx.virtualHosts.x = { serverName = V; listen = V; locations."/".proxyPass = V; };
  services.caddy.virtualHosts.y.extraConfig = V;
  systemd.services.headscale = { environment.HEADSCALE_LOG_LEVEL = V; serviceConfig.EnvironmentFile = V; };
  networking.firewall = { allowedTCPPorts = V; allowedTCPPortRanges = V; extraCommands = V; };
  services.tailscale.extraUpFlags = V;
"""


def _checked(tmp_path: Path, body: str, release: str | None = None) -> Checked:
    (tmp_path / "configuration.nix").write_text(f"{{ lib, ... }}: {{ services.headscale.enable = true;\n{body} }}\n")
    return check([str(tmp_path)], Request(headscale=release))


@pytest.mark.slow
@pytest.mark.parametrize("release", ["0.22", "0.29"])
@pytest.mark.parametrize("value", VALUES)
def test_no_rule_crashes_on_a_strange_value(tmp_path: Path, value: str, release: str) -> None:
    known = resolve(release)
    assert known is not None
    keys = "".join(f"  services.headscale.settings.{key} = {value};\n" for key in schema(known.known).keys)
    assert [*_checked(tmp_path, keys, release).troubles] == []
    assert [*_checked(tmp_path, BESIDE.replace("V", value), release).troubles] == []


@pytest.mark.parametrize(
    ("value", "option"),
    [("lib.types.str", "foo.check"), ("(let s = { a = s; }; in s)", "settings.foo.a")],
)
def test_what_nix_cannot_write_is_one_error(tmp_path: Path, value: str, option: str) -> None:
    """The first function in an option type, and the place where a set is inside itself; not every path of each."""
    checked = _checked(tmp_path, f"  services.headscale.settings.foo = {value};")
    refused = ("wrong-option-type", "infinite-recursion")
    errors = [finding.problem.message for finding in checked.findings if finding.rule.name in refused]
    assert len(errors) == 1 and option in errors[0]


SHARED = "(let f = n: if n == 0 then { x = 1; } else let b = f (n - 1); in { l = b; r = b; }; in f 40)"
ENDLESS_WORK = "(let f = n: if n == 0 then 1 else f (n - 1) + f (n - 1); in f 60)"


def test_a_set_that_unfolds_to_more_than_can_be_looked_at_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty levels with two names for the same set each: Nix would write 2⁴⁰ lines."""
    monkeypatch.setattr("hslint.values.budget.CALLS", 50_000)
    checked = _checked(tmp_path, f"  services.headscale.settings.foo = {SHARED};")
    assert [*checked.troubles] == [
        "host default could not be evaluated: takes more work to evaluate than hslint spends"
    ]
    assert checked.nothing_evaluated


def _two_machines(tmp_path: Path, first: str, second: str) -> Path:
    for name, body in (("a", first), ("b", second)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "configuration.nix").write_text(f"{{ services.headscale.enable = true; {body} }}\n")
    return tmp_path


#: What has a finding of its own.
PLAIN = 'services.headscale.settings.server_url = "http://[";'


@pytest.mark.parametrize("bad", [f"services.headscale.settings.foo = {ENDLESS_WORK};", f"imports = {ENDLESS_WORK};"])
def test_a_host_without_an_end_leaves_the_others_their_budget(
    tmp_path: Path, bad: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is reported, and what is found on the other host is what is found there alone."""
    monkeypatch.setattr("hslint.values.budget.CALLS", 20_000)
    checked = check([str(_two_machines(tmp_path, bad, PLAIN))], Request())
    reported = "host a could not be evaluated: takes more work to evaluate than hslint spends"
    assert reported in [*checked.troubles]
    assert "server-url-malformed" in {f.rule.name for f in checked.findings if f.hosts == ("b",)}


@pytest.mark.parametrize("imports", ["(_: m)", "(_: m) (_: m)"])
def test_imports_without_an_end_are_the_configurations_error(tmp_path: Path, imports: str) -> None:
    """A module that imports itself as ever new functions is no file that was seen before."""
    bad = f"imports = [ (let m = {{ imports = [ {imports} ]; }}; in m) ];"
    checked = check([str(_two_machines(tmp_path, bad, PLAIN))], Request())
    assert "infinite-recursion" in {f.rule.name for f in checked.findings if f.hosts == ("a",)}
    assert "server-url-malformed" in {f.rule.name for f in checked.findings if f.hosts == ("b",)}


def _hosts(tmp_path: Path) -> list[Host]:
    (tmp_path / "configuration.nix").write_text("{ services.headscale.enable = true; }\n")
    return [*open_project([str(tmp_path)], Options()).hosts]


def _rule(name: str, check: object) -> Rule:
    return Rule(name, "tests", Effect.BROKEN, "A rule of a test.", check)  # type: ignore[arg-type]


def _then(error: BaseException) -> object:
    def rule(host: Host) -> Iterator[Problem]:
        yield Problem("seen before", at=host.anchor)
        raise error

    return rule


#: What a rule may raise, and what is reported of it.
RAISED: list[tuple[BaseException, str]] = [
    (ValueError("no"), "ValueError: no"),
    (AssertionError(), "AssertionError"),
    (KeyError("dns"), "KeyError: 'dns'"),
    (RecursionError("maximum recursion depth exceeded"), "RecursionError: maximum recursion depth exceeded"),
    (MemoryError(), "MemoryError"),
    (SystemExit(3), "SystemExit: 3"),
    (Failure(Kind.TYPE, "stop"), "Failure: stop"),
    (NotKnown(Unknown(Why.CONDITION, "c")), "NotKnown: depends on a condition that cannot be decided: c"),
]


@pytest.mark.parametrize(("error", "reported"), RAISED, ids=lambda case: type(case).__name__)
def test_a_rule_that_crashes_keeps_what_it_had_found(tmp_path: Path, error: BaseException, reported: str) -> None:
    """One entry for the crash, its findings up to there, and the other rules go on."""
    rules = [_rule("crashing", _then(error)), _rule("other", lambda host: iter([Problem("x", host.anchor)]))]
    report = with_deep_stack(lambda: run(_hosts(tmp_path), rules))
    assert [(crash.rule.name, crash.error) for crash in report.crashes] == [("crashing", reported)]
    assert sorted(finding.problem.message for finding in report.findings) == ["seen before", "x"]
    assert report.cut_short == {}


def test_a_rule_that_calls_itself_without_end_crashes(tmp_path: Path) -> None:
    """Although there is no more of the stack, the host was evaluated, and the other rules go on."""

    def without_end(host: Host) -> Iterator[Problem]:
        yield from without_end(host)

    rules = [_rule("endless", without_end), _rule("other", lambda host: iter([Problem("x", host.anchor)]))]
    report = with_deep_stack(lambda: run(_hosts(tmp_path), rules))
    assert [(crash.rule.name, crash.error.partition(":")[0]) for crash in report.crashes] == [
        ("endless", "RecursionError")
    ]
    assert [finding.problem.message for finding in report.findings] == ["x"]
    assert report.cut_short == {}


@pytest.mark.parametrize(("given", "reported"), [(None, "TypeError"), (["text"], "AttributeError")])
def test_a_rule_that_gives_something_else_than_problems_crashes(tmp_path: Path, given: object, reported: str) -> None:
    report = with_deep_stack(lambda: run(_hosts(tmp_path), [_rule("odd", lambda host: given)]))
    assert [crash.error.partition(":")[0] for crash in report.crashes] == [reported]


@pytest.mark.slow
def test_a_host_that_nests_too_deeply_is_reported(tmp_path: Path) -> None:
    """It is no crash of the rule that happened to look, and the host does not look clean."""
    deep = "(builtins.foldl' (a: b: { x = b + a.x; }) { x = 1; } (builtins.genList (x: x) 100000)).x"
    (tmp_path / "configuration.nix").write_text(
        f"{{ lib, ... }}: {{\n  options.my.deep = lib.mkOption {{ }};\n  config.my.deep = {deep};\n"
        "  config.services.headscale.enable = true;\n}\n"
    )

    def looks(host: Host) -> Iterator[Problem]:
        merged = host.configuration.setting("my.deep")
        assert merged is not None
        yield Problem(f"{merged.value.force()}", at=host.anchor)

    hosts = open_project([str(tmp_path)], Options()).hosts
    report = with_deep_stack(lambda: run(hosts, [_rule("deep", looks)]))
    assert report.crashes == ()
    assert [*report.cut_short.values()] == ["nests more deeply than hslint can follow"]
