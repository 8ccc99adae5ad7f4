"""Completions for shells, the manual page, and help that is whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from hslint.cli import main
from hslint.cli.completions import SHELLS

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = main.list_commands(None)  # type: ignore[arg-type]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "flake.nix").write_text(
        "{ outputs = { nixpkgs, ... }: { nixosConfigurations = {\n"
        '  vpn = nixpkgs.lib.nixosSystem { modules = [ ]; };\n  "$(touch ran)" = nixpkgs.lib.nixosSystem { modules = [ ]; };\n}; }; }\n'
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def completed(line: str) -> list[str]:
    """What bash gets for a line, its last word incomplete."""
    words = line.split(" ")
    given = {"_HSLINT_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    shown = CliRunner().invoke(main, [], env=given, prog_name="hslint").stdout.splitlines()
    return [line for line in shown if line]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("hslint che", "plain,check"),
        ("hslint check --statis", "plain,--statistics"),
        ("hslint check --select sqlite-wi", "plain,sqlite-without-wal"),
        ("hslint check --ignore stor", "plain,storage"),
        ("hslint check --select dns,sqlite-wi", "plain,dns,sqlite-without-wal"),
        ("hslint check --headscale 0.22", "plain,0.22"),
        ("hslint upgrade --to 0.29.8", "plain,0.29.8"),
        ("hslint check --module nixpkgs-25.1", "plain,nixpkgs-25.11"),
        ("hslint check --format sar", "plain,sarif"),
        ("hslint check --output sar", "plain,sarif="),
        ("hslint why settings.dns.magic", "plain,settings.dns.magic_dns"),
        ("hslint explain dns.magic", "plain,dns.magic_dns"),
        ("hslint explain sqlite-wi", "plain,sqlite-without-wal"),
        ("hslint check fla", "file,fla"),
        ("hslint completions z", "plain,zsh"),
        ("hslint config sch", "plain,schema"),
    ],
)
@pytest.mark.usefixtures("tree")
def test_what_can_be_written_is_completed(line: str, offered: str) -> None:
    assert offered in completed(line)


@pytest.mark.usefixtures("tree")
def test_hosts_are_those_of_the_project() -> None:
    """But for names that a shell would make something of: anybody may have written them."""
    assert completed("hslint check --host ") == ["plain,vpn"]
    assert completed("hslint show . --host v") == ["plain,vpn"]


def test_a_project_that_cannot_be_evaluated_completes_nothing(tree: Path) -> None:
    (tree / "hslint.toml").write_text("broken [")
    assert completed("hslint check --host ") == []


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.usefixtures("tree")
def test_the_script_is_printed(shell: str) -> None:
    """Without asking the shell for anything."""
    script = CliRunner().invoke(main, ["completions", shell], env={"PATH": ""})
    assert (script.exit_code, script.stderr) == (0, "")
    assert f"_HSLINT_COMPLETE={shell}_complete" in script.stdout


def test_bash_completes_with_it(tree: Path) -> None:
    """In a real one."""
    script = CliRunner().invoke(main, ["completions", "bash"]).stdout
    (tree / "hslint").write_text(script)
    words = "COMP_WORDS=(hslint check --select sqlite-wi) COMP_CWORD=3"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [
            "bash",
            "-c",
            f'complete() {{ :; }}; . ./hslint; {words}; _hslint_completion hslint; echo "${{COMPREPLY[@]}}"',
        ],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("sqlite-without-wal\n", "")


@pytest.mark.needs_program("zsh")
def test_zsh_reads_it(tree: Path) -> None:
    _reads(tree, "zsh", "-n")


@pytest.mark.needs_program("fish")
def test_fish_reads_it(tree: Path) -> None:
    _reads(tree, "fish", "--no-execute")


def _reads(tree: Path, shell: str, only_read: str) -> None:
    (tree / "script").write_text(CliRunner().invoke(main, ["completions", shell]).stdout)
    done = subprocess.run([shell, only_read, tree / "script"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


# -- help ----------------------------------------------------------------------------------------------------------------


def test_the_manual_page_has_every_command_with_every_option() -> None:
    """In the form that man takes."""
    page = CliRunner().invoke(main, ["man"]).stdout
    assert page.startswith('.TH HSLINT 1 "" "hslint ')
    for name in COMMANDS:
        assert f".SS hslint {name} " in page, name
    for option in ("--baseline", "--to", "--host", "--hook"):
        assert f".B {option.replace('-', chr(92) + '-')}" in page


@pytest.mark.needs_program("man")
def test_man_shows_it_without_a_warning(tmp_path: Path) -> None:
    (tmp_path / "hslint.1").write_text(CliRunner().invoke(main, ["man"]).stdout)
    done = subprocess.run(
        ["man", "--warnings", "-l", tmp_path / "hslint.1"],
        env={**os.environ, "MANPAGER": "cat", "MANWIDTH": "80", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "--write-baseline" in done.stdout


@pytest.mark.parametrize(
    "command", [[], *([name] for name in COMMANDS), ["config", "show"], ["config", "schema"]], ids=" ".join
)
def test_no_help_is_cut_short(command: list[str]) -> None:
    """Neither a command's line in the list, nor an option's."""
    shown = CliRunner().invoke(main, [*command, "--help"]).stdout
    assert "..." not in shown.replace("]...", "").replace("[ARGS]...", "")


def test_names_of_rules_are_those_that_other_commands_take() -> None:
    """One a line in a pipe."""
    lines = CliRunner().invoke(main, ["rules"]).stdout.splitlines()
    names = [line.partition(":")[0] for line in lines]
    assert "sqlite-without-wal" in names
    assert CliRunner().invoke(main, ["explain", names[0]]).exit_code == 0
    assert CliRunner().invoke(main, ["check", "--select", ",".join(names), str(ROOT / "benchmarks")]).exit_code == 0


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_names_of_rules_are_whole_at_any_width(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr("hslint.cli.rules.to_terminal", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    shown = CliRunner().invoke(main, ["rules"]).stdout.split()
    assert {"sqlite-without-wal", "privileged-port-without-capability", "unused-suppression"} <= set(shown)
