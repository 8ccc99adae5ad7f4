"""Baselines: what a project lives with is not reported, what is new is, and what is gone leaves the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hslint.cli import main

MODULE = """{
  services.headscale = {
    enable = true;
    settings = {
      server_url = "https://hs.example.com";
      dns.base_domain = "tailnet.example.net";
      dns.nameservers.global = [ "9.9.9.9" ];
      database.sqlite.write_ahead_log = false;
      metrics_listen_addr = "0.0.0.0:9090";
      oidc.client_secret = "hunter2x9";
    };
  };
}
"""

BASELINE = "hslint-baseline.json"
SETTINGS = f'baseline = "{BASELINE}"\n'
RULES = ["metrics-public", "secret-inline", "sqlite-without-wal"]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with a baseline of its three findings that the settings name."""
    (tmp_path / "configuration.nix").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    assert hslint("--write-baseline").exit_code == 0
    (tmp_path / "hslint.toml").write_text(SETTINGS)
    return tmp_path


def hslint(*arguments: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["check", "--format", "concise", *arguments], input=given)


def entries(tree: Path) -> list[dict[str, str | None]]:
    found: list[dict[str, str | None]] = json.loads((tree / BASELINE).read_text())["entries"]
    return found


def rules(tree: Path) -> list[str | None]:
    return sorted(entry["rule"] or "" for entry in entries(tree))  # type: ignore[return-value]


def complaint(*arguments: str) -> str:
    result = hslint(*arguments)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    return result.stderr.removeprefix("hslint: ").rstrip("\n")


def test_an_entry_is_a_rule_an_option_and_its_value(tree: Path) -> None:
    """Without lines, and without secrets."""
    assert entries(tree) == [
        {
            "rule": "metrics-public",
            "path": "configuration.nix",
            "option": "services.headscale.settings.metrics_listen_addr",
            "value": '"0.0.0.0:9090"',
        },
        {
            "rule": "secret-inline",
            "path": "configuration.nix",
            "option": "services.headscale.settings.oidc.client_secret",
            "value": '"*********"',
        },
        {
            "rule": "sqlite-without-wal",
            "path": "configuration.nix",
            "option": "services.headscale.settings.database.sqlite.write_ahead_log",
            "value": "false",
        },
    ]
    assert "hunter2x9" not in (tree / BASELINE).read_text()


@pytest.mark.usefixtures("tree")
def test_what_is_in_the_baseline_is_not_reported_and_does_not_fail() -> None:
    """It is counted."""
    result = hslint()
    assert (result.exit_code, result.output) == (0, "")
    text = CliRunner().invoke(main, ["check"]).output
    assert text == "no problems found (1 host with Headscale)\n3 more are in hslint-baseline.json\n"
    document = json.loads(hslint("--format", "json").stdout)
    assert (document["findings"], document["summary"]["baselined"]) == ([], 3)


def test_lines_may_move_and_files_may_be_renamed(tree: Path) -> None:
    """Formatting changes nothing either."""
    text = MODULE.replace("= false", "=\n\n        false").replace("{\n  services", "# a comment\n\n{\n  services", 1)
    (tree / "configuration.nix").write_text("{ imports = [ ./headscale.nix ]; }\n")
    (tree / "headscale.nix").write_text(text)
    assert (hslint().exit_code, rules(tree)) == (0, RULES)


def test_a_changed_value_is_new(tree: Path) -> None:
    """What was lived with was the other one."""
    (tree / "configuration.nix").write_text(MODULE.replace("0.0.0.0:9090", "0.0.0.0:9091"))
    result = hslint()
    assert result.exit_code == 1
    assert "[metrics-public]" in result.stdout and "[sqlite-without-wal]" not in result.stdout


def test_the_same_mistake_in_another_place_is_new(tree: Path) -> None:
    """And it is the new place that is reported."""
    (tree / "a").mkdir()
    (tree / "a" / "configuration.nix").write_text(MODULE)
    result = hslint()
    assert result.exit_code == 1
    assert [line.partition(":")[0] for line in result.stdout.splitlines()] == ["a/configuration.nix"] * 3


def test_an_entry_leaves_with_its_finding(tree: Path) -> None:
    """So that the mistake is new when it comes back."""
    (tree / "configuration.nix").write_text(MODULE.replace("= false", "= true"))
    result = hslint()
    assert result.stderr == f"hslint: {BASELINE}: 1 entry is not found any more and left it\n"
    assert rules(tree) == RULES[:2]
    (tree / "configuration.nix").write_text(MODULE)
    assert "[sqlite-without-wal]" in hslint().stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("--select", "network"),
        ("--ignore", "storage"),
        ("--headscale", "0.28"),
        ("--host", "default"),
        ("--min-severity", "error"),
        ("--alone",),
        ("other.nix",),
    ],
    ids=" ".join,
)
def test_a_look_at_a_part_takes_nothing_out(tree: Path, arguments: tuple[str, ...]) -> None:
    """What was not looked for may well be there."""
    (tree / "configuration.nix").write_text(MODULE.replace("= false", "= true"))
    (tree / "other.nix").write_text("{ services.headscale.enable = true; }\n")
    hslint(*arguments)
    assert rules(tree) == RULES


def test_nothing_is_taken_out_where_something_could_not_be_evaluated(tree: Path) -> None:
    """The finding may be on that host."""
    (tree / "configuration.nix").unlink()
    (tree / "flake.nix").write_text("{ outputs = _: { nixosConfigurations.a = throw 1; }; }\n")
    assert hslint().exit_code == 2
    assert rules(tree) == RULES
    assert "no baseline was written" in hslint("--write-baseline").stderr
    assert rules(tree) == RULES


def test_sarif_marks_what_is_in_the_baseline(tree: Path) -> None:
    """Code scanning keeps it closed; the rest is new."""
    (tree / "configuration.nix").write_text(MODULE.replace("0.0.0.0:9090", "0.0.0.0:9091"))
    results = json.loads(hslint("--format", "sarif").stdout)["runs"][0]["results"]
    marked = {each["ruleId"]: (each["baselineState"], "suppressions" in each) for each in results}
    assert marked == {
        "metrics-public": ("new", False),
        "secret-inline": ("unchanged", True),
        "sqlite-without-wal": ("unchanged", True),
    }
    (tree / "hslint.toml").unlink()
    assert all(
        "baselineState" not in each for each in json.loads(hslint("--format", "sarif").stdout)["runs"][0]["results"]
    )


def test_a_baseline_can_be_named(tree: Path) -> None:
    """And written anew, with what was fixed gone and what is new in it."""
    (tree / "hslint.toml").unlink()
    (tree / "configuration.nix").write_text(MODULE.replace("= false", "= true"))
    assert hslint("--baseline", "other.json", "--write-baseline").stdout == "wrote other.json: 2 entries\n"
    assert hslint("--baseline", "other.json").exit_code == 0
    assert hslint().exit_code == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON: line 1 column 2; --write-baseline makes it anew"),
        ("[]", "is no baseline; --write-baseline makes one"),
        (
            '{"version": 2, "entries": []}',
            "has a version that this hslint does not know; --write-baseline makes it anew",
        ),
        (
            '{"version": 1, "entries": [{"rule": "x"}]}',
            "entry 1 is none: it needs rule, path, option and value; --write-baseline makes it anew",
        ),
    ],
)
def test_a_file_that_is_no_baseline(tree: Path, text: str, said: str) -> None:
    """It is named, with the way out."""
    (tree / BASELINE).write_text(text)
    assert complaint() == f"{BASELINE}: {said}"
    assert hslint("--write-baseline").exit_code == 0
    assert hslint().exit_code == 0


def test_a_baseline_that_is_not_there(tree: Path) -> None:
    """Whoever names it."""
    (tree / BASELINE).unlink()
    assert complaint() == f"{BASELINE}: the baseline of the settings does not exist; --write-baseline makes it"
    assert complaint("--baseline", "x.json").startswith("x.json: no such baseline; --write-baseline --baseline x.json")


def test_settings_do_not_say_which_file_of_the_user_is_replaced(
    tree: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """They are the repository's."""
    outside = tmp_path_factory.mktemp("home") / "precious"
    outside.write_text("mine")
    (tree / "hslint.toml").write_text(f'baseline = "{outside}"\n')
    assert complaint().endswith("the baseline of the settings lies outside the project; --write-baseline makes it")
    assert complaint("--write-baseline").endswith("the baseline of the settings lies outside the project")
    (tree / "link").symlink_to(outside.parent)
    (tree / "hslint.toml").write_text('baseline = "link/precious"\n')
    assert complaint("--write-baseline").endswith("the baseline of the settings lies outside the project")
    assert outside.read_text() == "mine"


def test_standard_input_changes_no_baseline(tree: Path) -> None:
    """The text is not what is on the disk."""
    text = MODULE.replace("= false", "= true").encode()
    assert hslint("-", "--stdin-filename", "configuration.nix", given=text).exit_code == 0
    assert rules(tree) == RULES
    assert "does not go with standard input" in hslint("-", "--write-baseline", given=text).stderr
