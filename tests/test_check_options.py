"""How much `hslint check` shows, to whom, and what makes it fail."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hslint.cli import main

#: A warning (storage), an error (dns) and a note (network).
MODULE = """{
  services.headscale = {
    enable = true;
    settings = {
      server_url = "https://hs.tailnet.example.net";
      dns.base_domain = "tailnet.example.net";
      dns.nameservers.global = [ "9.9.9.9" ];
      database.sqlite.write_ahead_log = false;
      metrics_listen_addr = "0.0.0.0:9090";
    };
  };
}
"""

RULES = ["base-domain-covers-server", "sqlite-without-wal", "metrics-public"]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with a configuration of three mistakes."""
    (tmp_path / "configuration.nix").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hslint(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", "--select", ",".join(RULES), *arguments])


def rules(result: Result) -> list[str]:
    return [line.rpartition("[")[2].rstrip("]") for line in result.stdout.splitlines()]


def complaint(*arguments: str) -> str:
    result = hslint(*arguments)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    return result.stderr.removeprefix("hslint: ").rstrip("\n")


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(("severity", "kept"), [("note", RULES), ("warning", RULES[:2]), ("error", RULES[:1])])
def test_what_is_milder_than_asked_for_is_not_reported(severity: str, kept: list[str]) -> None:
    """In no format, JSON included."""
    assert rules(hslint("--min-severity", severity, "--format", "concise")) == kept
    document = json.loads(hslint("--min-severity", severity, "--format", "json").stdout)
    assert [finding["rule"] for finding in document["findings"]] == kept


def test_what_is_not_reported_does_not_fail_the_check(tree: Path) -> None:
    """Nobody could see why. The setting means the same, and the command line goes first."""
    (tree / "hslint.toml").write_text('min-severity = "error"\n')
    only_a_note = ("--ignore", "base-domain-covers-server,sqlite-without-wal")
    assert hslint(*only_a_note).exit_code == 0
    assert hslint(*only_a_note, "--min-severity", "note").exit_code == 1


def test_what_fails_can_be_said_for_one_run(tree: Path) -> None:
    """It goes before the settings file."""
    milder = ("--ignore", "base-domain-covers-server")
    assert hslint(*milder, "--fail-on", "error").exit_code == 0
    assert hslint(*milder, "--fail-on", "warning").exit_code == 1
    (tree / "hslint.toml").write_text('fail-on = "error"\n')
    assert hslint(*milder).exit_code == 0
    assert hslint(*milder, "--fail-on", "note").exit_code == 1


def test_findings_need_not_fail(tree: Path) -> None:
    """What keeps the check from running still does."""
    assert hslint("--exit-zero").exit_code == 0
    (tree / "flake.nix").write_text("{ outputs = _: { nixosConfigurations.a = throw 1; }; }\n")
    (tree / "configuration.nix").unlink()
    assert hslint("--exit-zero").exit_code == 2


@pytest.mark.usefixtures("tree")
def test_statistics_count_what_each_rule_reports() -> None:
    """Instead of the findings; as JSON, too. The exit status is that of the findings."""
    result = hslint("--statistics")
    assert (result.exit_code, result.stdout.splitlines()) == (
        1,
        [
            "1  error    base-domain-covers-server",
            "1  warning  sqlite-without-wal (1 fixable)",
            "1  note     metrics-public (1 fixable)",
        ],
    )
    assert json.loads(hslint("--statistics", "--format", "json").stdout) == {
        "version": 1,
        "statistics": [
            {"rule": "base-domain-covers-server", "severity": "error", "count": 1, "fixable": 0},
            {"rule": "sqlite-without-wal", "severity": "warning", "count": 1, "fixable": 1},
            {"rule": "metrics-public", "severity": "note", "count": 1, "fixable": 1},
        ],
    }
    assert complaint("--statistics", "--format", "sarif") == "--statistics goes with --format text or json"


def test_quiet_shows_findings_and_nothing_beside_them(tree: Path) -> None:
    """No summary, no hints; nothing at all where nothing was found."""
    shown = hslint("--quiet", "--select", "metrics-public", "--ignore", "dns,storage").stdout
    assert shown.startswith("note: metrics listen on 0.0.0.0:9090")
    assert shown.endswith("   = fix: listen on the loopback address (changes what Headscale does)\n")
    (tree / "configuration.nix").write_text("{ services.headscale.enable = true; }\n")
    assert hslint("--quiet", "--select", "metrics-public").output == ""


def test_quiet_does_not_hide_what_could_not_be_evaluated(tree: Path) -> None:
    """Silence would look like success."""
    (tree / "flake.nix").write_text("{ outputs = _: { nixosConfigurations.a = throw 1; }; }\n")
    assert "host a could not be evaluated" in hslint("--quiet").stderr
    assert complaint("--quiet", "--verbose") == "--quiet and --verbose do not go together"


def test_verbose_shows_what_was_looked_at(tree: Path) -> None:
    """On standard error, so that the report stays what it is."""
    (tree / "hslint.toml").write_text('headscale = "0.28"\nmodule = "nixpkgs-26.05"\n')
    (tree / "configuration.nix").write_text(MODULE.replace('"0.0.0.0:9090"', 'builtins.getEnv "LISTEN"'))
    (tree / "url.nix").write_text("{ }\n")
    result = hslint("--verbose", "--format", "concise")
    assert rules(result) == RULES[:2]
    reported = result.stderr.splitlines()
    assert reported[0].startswith(f"project {tree}: ")
    assert reported[1:4] == [
        "settings hslint.toml",
        "host default: Headscale 0.28.0 (hslint.toml), module nixpkgs-26.05 (hslint.toml)",
        "  1 file: configuration.nix",
    ]
    assert "  5 settings known, 1 unknown" in reported
    assert any(line.startswith("    settings.metrics_listen_addr: ") for line in reported)


# -- reports in files ----------------------------------------------------------------------------------------------------


def test_several_reports_of_one_check(tree: Path) -> None:
    """Each is what `--format` prints, and standard output has its own."""
    result = hslint("--output", "json=a.json", "--output", "junit=b.xml", "--format", "concise")
    assert rules(result) == RULES
    assert (tree / "a.json").read_text() == hslint("--format", "json").stdout
    assert (tree / "b.xml").read_text() == hslint("--format", "junit").stdout
    assert sorted(path.name for path in tree.iterdir()) == ["a.json", "b.xml", "configuration.nix"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("srif=x", "--output: there is no format srif; did you mean sarif?"),
        ("sarif", "--output: sarif goes to no file; write sarif=FILE"),
        ("sarif=", "--output: sarif goes to no file; write sarif=FILE"),
        ("sarif=missing/x", "missing/x: the report cannot be written: No such file or directory"),
        ("sarif=.", ".: the report cannot be written: "),
    ],
)
@pytest.mark.usefixtures("tree")
def test_a_report_that_cannot_be_written(value: str, said: str) -> None:
    """Is named, with the way out."""
    result = hslint("--output", value)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"hslint: {said}") and result.stderr.count("\n") == 1


@pytest.mark.usefixtures("tree")
def test_two_reports_do_not_go_to_one_file() -> None:
    """However it is spelled."""
    assert complaint("--output", "json=a", "--output", "sarif=./a") == "--output: two reports go to ./a"


def test_a_report_is_not_written_through_a_link(tree: Path) -> None:
    """The repository that is checked may hold one to a file of the user's."""
    (tree / "precious").write_text("mine")
    (tree / "report.json").symlink_to(tree / "precious")
    hslint("--output", "json=report.json")
    assert (tree / "precious").read_text() == "mine"
    assert json.loads((tree / "report.json").read_text())["version"] == 1
    assert not (tree / "report.json").is_symlink()


def test_a_report_may_go_to_a_pipe(tree: Path) -> None:
    """Which is written to, not replaced."""
    os.mkfifo(tree / "pipe")
    reader = os.open(tree / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    hslint("--output", "concise=pipe")
    assert os.read(reader, 100_000).decode().count("\n") == 3
    os.close(reader)
