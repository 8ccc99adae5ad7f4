"""What grows with the input grows in proportion to it: counted in what is done, not in seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hslint.catalogue.reading import read_int
from hslint.checking import Request, check
from hslint.hosts import Options
from hslint.hosts.host import Host
from hslint.hosts.network.address import port_number
from hslint.hosts.search import open_project
from hslint.modules import evaluation, outline
from hslint.modules.configuration import split_path
from hslint.modules.show import show_option
from hslint.problem import Effect, Problem, Rule
from hslint.runner import run
from hslint.source import Encoding, Position, SourceFile
from hslint.spelling import distance, within
from hslint.values.budget import with_deep_stack


@pytest.fixture
def undated(tmp_path: Path) -> list[Host]:
    """Two hosts of which nobody can tell which release they run."""
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "configuration.nix").write_text("{ services.headscale.enable = true; }\n")
    return [*open_project([str(tmp_path)], Options()).hosts]


def test_a_rule_is_asked_once_for_each_host_and_release(undated: list[Host]) -> None:
    """However many problems it sees, each of which wants to know for which releases it holds."""
    asked: Counter[tuple[str, str]] = Counter()

    def check(host: Host) -> Iterator[Problem]:
        asked[host.name, str(host.release)] += 1
        for number in range(50):
            yield Problem(f"problem {number}", host.anchor)

    among = with_deep_stack(lambda: undated[0].runs.release.among)
    report = with_deep_stack(run, undated, [Rule("many", "test", Effect.ADVICE, "", check)])
    assert len(report.findings) == 100
    newest = str(among[-1])
    assert asked == Counter(
        {(host.name, str(release)): 1 + (str(release) == newest) for host in undated for release in among}
    )


def test_a_finding_is_not_compared_with_every_comment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Places are turned into lines once for each finding and each comment."""
    turned = 0
    position = SourceFile.position

    def counted(file: SourceFile, offset: int, encoding: Encoding = Encoding.UTF32) -> Position:
        nonlocal turned
        turned += 1
        return position(file, offset, encoding)

    comment = "# hslint: ignore[unknown-setting] -- mine"
    entries = "".join(f"    {comment}\n    unheard_of{number} = 1;\n" for number in range(100))
    text = f"{{\n  services.headscale = {{ enable = true; settings = {{\n{entries}  }}; }};\n}}\n"
    (tmp_path / "configuration.nix").write_text(text)
    monkeypatch.setattr(SourceFile, "position", counted)
    found = check([str(tmp_path)], Request(select=("unknown-setting", "suppressions"), headscale="0.28")).findings
    assert found == ()
    assert turned <= 500


def test_a_rule_that_fails_at_another_release_is_one_crash(undated: list[Host]) -> None:
    """The others, and what it sees at the release that the host is checked by, are reported."""

    def check(host: Host) -> Iterator[Problem]:
        if host.release != newest:
            raise ValueError("not for me")
        yield Problem("seen", host.anchor)
        yield Problem("seen as well", host.anchor)

    newest = with_deep_stack(lambda: undated[0].release)
    report = with_deep_stack(run, undated[:1], [Rule("picky", "test", Effect.ADVICE, "", check)])
    assert [finding.problem.message for finding in report.findings] == ["seen", "seen as well"]
    assert [(crash.rule.name, crash.error) for crash in report.crashes] == [("picky", "ValueError: not for me")]


def test_undeclared_names_are_compared_once_with_those_of_their_level(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are, and however often they are asked for."""
    compared: Counter[str] = Counter()

    def distance(one: str, other: str) -> int:
        compared[one] += 1
        return abs(len(one) - len(other))

    monkeypatch.setattr(evaluation, "distance", distance)
    entries = "".join(f"  headscale-port-{number} = {8000 + number};\n" for number in range(60))
    (tmp_path / "configuration.nix").write_text(f"{{\n  services.headscale.enable = true;\n{entries}}}\n")
    (host,) = open_project([str(tmp_path)], Options()).hosts
    assert len(with_deep_stack(lambda: host.failures)) == 60
    assert len(compared) == 60
    before = dict(compared)
    assert len(set(before.values())) == 1
    assert len(with_deep_stack(lambda: host.failures)) == 60
    assert dict(compared) == before


@pytest.mark.parametrize(
    ("name", "root"), [("enviroment", True), ("environment", True), ("servces", True), ("undeclared", False)]
)
def test_a_name_within_two_slips_of_a_root_is_a_misspelt_root(name: str, root: bool) -> None:
    assert outline._misspelt_root(name) is root


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [("", "", 0), ("abc", "abc", 0), ("abc", "acb", 2), ("kitten", "sitting", 3), ("aab", "baa", 2), ("", "ab", 2)],
)
def test_within_is_the_distance_up_to_a_limit(one: str, other: str, slips: int) -> None:
    assert distance(one, other) == slips
    assert [within(one, other, most) for most in range(5)] == [most >= slips for most in range(5)]


@pytest.mark.parametrize("name", ['"', '\\"', "a.b", 'a"b.c', "\\", "a\nb", "a\tb", "${x}", "$", "", "ä", "a b", "\\n"])
def test_the_path_of_an_option_leads_back_to_its_names(name: str) -> None:
    assert split_path(show_option(("services", name, "enable"))) == ("services", name, "enable")


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ('a."b.c', ("a", "b.c")),
        ('a."b\\', ("a", "b")),
        ('"' + '\\"' * 50_000, ('"' * 50_000,)),
    ],
    ids=["no end", "a lone backslash", "many quotes"],
)
def test_a_quote_without_an_end_goes_to_the_end(path: str, steps: tuple[str, ...]) -> None:
    assert split_path(path) == steps


def test_a_user_with_quotes_in_the_name_is_found(tmp_path: Path) -> None:
    user = r'services.headscale.user = "a\"b\\c"; '
    declared = r'users.users."a\"b\\c".isSystemUser = true; '
    (tmp_path / "configuration.nix").write_text(f"{{ services.headscale.enable = true; {user} }}")

    def rules() -> list[str]:
        found = check([str(tmp_path)], Request(select=("custom-user-undeclared",))).findings
        return [finding.rule.name for finding in found]

    assert rules() == ["custom-user-undeclared"]
    (tmp_path / "configuration.nix").write_text(f"{{ services.headscale.enable = true; {user} {declared} }}")
    assert rules() == []


@pytest.mark.parametrize("digits", ["1" * 5000, "9" * 30])
def test_a_number_of_many_digits_is_none(digits: str) -> None:
    """Python refuses to make an integer of more than 4300."""
    assert port_number(digits) is None
    assert read_int(digits) == 0


def test_zeros_in_front_of_a_port_do_not_count() -> None:
    assert port_number("0" * 5000 + "80") == 80
    assert port_number("0") == 0
    assert read_int("0" * 5000 + "17") == 15
