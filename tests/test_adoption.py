"""Beginning with hslint: `hslint init`, and comments for what is found on the first day."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from hslint.cli import main

MODULE = """{
  services.headscale = {
    enable = true;
    settings = {
      server_url = "https://hs.example.com";
      dns.base_domain = "tailnet.example.net";
      dns.nameservers.global = [ "9.9.9.9" ];
      database.sqlite = { write_ahead_log = false; }; metrics_listen_addr = "0.0.0.0:9090";
    };
  };
}
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "configuration.nix").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hslint(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def complaint(*arguments: str) -> str:
    result = hslint(*arguments)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    return result.stderr.removeprefix("hslint: ").rstrip("\n")


def names(tree: Path) -> list[str]:
    return sorted(path.name for path in tree.iterdir())


# -- suppressions --------------------------------------------------------------------------------------------------------


def test_what_is_found_is_suppressed_with_a_reason(tree: Path) -> None:
    """A comment for each line, with all rules that speak of it."""
    result = hslint("check", "--add-ignores", "--reason", "until the\n move")
    assert (result.exit_code, result.output) == (0, "suppressed 2 findings in 1 file\n")
    before, _, after = MODULE.partition("      database")
    comment = "      # hslint: ignore[sqlite-without-wal, metrics-public] -- until the move\n"
    assert (tree / "configuration.nix").read_text() == f"{before}{comment}      database{after}"
    assert hslint("check").stdout == "no problems found (1 host with Headscale)\n"


def test_only_what_is_asked_for_is_suppressed(tree: Path) -> None:
    """And what would be written can be looked at."""
    arguments = ("check", "--select", "storage", "--add-ignores", "--reason", "x")
    shown = hslint(*arguments, "--diff")
    assert (shown.exit_code, shown.stdout.count("\n+")) == (1, 2)
    assert "+      # hslint: ignore[sqlite-without-wal] -- x\n" in shown.stdout
    assert (tree / "configuration.nix").read_text() == MODULE
    assert hslint(*arguments).exit_code == 0
    assert "[metrics-public]" in hslint("check").stdout


@pytest.mark.usefixtures("tree")
def test_there_is_no_suppression_without_a_reason() -> None:
    """Where nobody can be asked, it has to be given."""
    for arguments in ((), ("--reason", " ")):
        said = complaint("check", "--add-ignores", *arguments)
        assert said == '--add-ignores needs a reason: --reason "why"'
    assert complaint("check", "--reason", "x") == "--reason goes with --add-ignores"
    assert complaint("check", "--add-ignores", "--reason", "x", "--fix").startswith("--add-ignores goes with no fixes")


def on_a_terminal(tree: Path, answer: bytes, *arguments: str) -> tuple[int, bytes]:
    """The exit status of a command with somebody at a terminal, who gives one answer; and what they saw."""
    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-m", "hslint", *arguments], cwd=tree, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    os.write(ours, answer + b"\n")
    seen = b""
    while True:
        try:
            part = os.read(ours, 10_000)
        except OSError:  # the other side was closed
            break
        if not part:
            break
        seen += part
    os.close(ours)
    return done.wait(), seen


def test_at_a_terminal_the_reason_is_asked_for(tree: Path) -> None:
    status, seen = on_a_terminal(tree, b"a laboratory", "check", "--add-ignores")
    assert status == 0 and b"why are they ignored? " in seen
    assert "-- a laboratory\n" in (tree / "configuration.nix").read_text()


def test_a_comment_does_not_become_part_of_a_string(tree: Path) -> None:
    """There it speaks of the whole file, from its top."""
    text = MODULE.replace(
        "settings = {", "settings = {\n      unix_socket = ''\n        ${let x = { a = 1; a = 2; }; in \"\"}/run'';"
    )
    (tree / "configuration.nix").write_text(text)
    assert hslint("check", "--add-ignores", "--reason", "x").exit_code == 0
    assert (tree / "configuration.nix").read_text().startswith("# hslint: ignore-file[")


def test_policies_have_comments_of_their_own(tree: Path) -> None:
    (tree / "acl.hujson").write_text('{\n  "acls": [\n    {"action": "deny", "src": ["*"], "dst": ["*:*"]},\n  ],\n}\n')
    assert hslint("check", "acl.hujson").exit_code == 1
    hslint("check", "acl.hujson", "--add-ignores", "--reason", "x")
    assert "    // hslint: ignore[" in (tree / "acl.hujson").read_text()
    assert hslint("check", "acl.hujson").exit_code == 0


# -- init ----------------------------------------------------------------------------------------------------------------


def test_init_shows_before_it_writes(tree: Path) -> None:
    """Where nobody can be asked it writes nothing unless it is told to."""
    shown = hslint("init")
    assert (shown.exit_code, names(tree)) == (0, ["configuration.nix"])
    assert shown.stdout.endswith("nothing was written; --yes writes it\n")
    written = hslint("init", "--yes")
    assert written.exit_code == 0
    assert names(tree) == [".pre-commit-config.yaml", "configuration.nix", "hslint.toml"]
    for name in (".pre-commit-config.yaml", "hslint.toml"):
        assert (tree / name).read_text() in shown.stdout
        assert f"wrote {name}\n" in written.stdout


def test_what_init_writes_is_right(tree: Path) -> None:
    """Hslint takes the settings, commented ones included; the hook is one that pre-commit knows."""
    hslint("init", "--yes")
    text = (tree / "hslint.toml").read_text()
    assert tomllib.loads(text) == {"fail-on": "warning"}
    (tree / "hslint.toml").write_text(
        "".join(line.removeprefix("# ") if "=" in line or "[[" in line else line for line in text.splitlines(True))
    )
    assert hslint("config", "show").exit_code == 0
    ((repository,),) = yaml.safe_load((tree / ".pre-commit-config.yaml").read_text()).values()
    known = yaml.safe_load((Path(__file__).parent.parent / ".pre-commit-hooks.yaml").read_text())
    assert repository["hooks"] == [{"id": "hslint"}] and "hslint" in {hook["id"] for hook in known}


def test_init_changes_nothing_that_is_there(tree: Path) -> None:
    """It says what to add."""
    (tree / "hslint.toml").write_text("possible = true\n")
    (tree / ".pre-commit-config.yaml").symlink_to("elsewhere")
    result = hslint("init", "--yes")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "nothing to write")
    assert "# .pre-commit-config.yaml is there already; add what is below `repos:`\n" in result.stdout
    assert (tree / "hslint.toml").read_text() == "possible = true\n"


def test_the_hook_can_be_git_s_own(tree: Path) -> None:
    """A script that git runs."""
    assert (
        complaint("init", "--yes", "--hook", "git")
        == f"{tree}: holds no .git directory for a hook; --hook pre-commit needs none"
    )
    (tree / ".git").mkdir()
    assert hslint("init", "--yes", "--hook", "git").exit_code == 0
    hook = tree / ".git" / "hooks" / "pre-commit"
    assert os.access(hook, os.X_OK)
    assert hook.read_text().splitlines()[0] == "#!/bin/sh"


def test_init_goes_to_the_root_of_the_project(tree: Path) -> None:
    (tree / "hosts").mkdir()
    (tree / "flake.nix").write_text("{ outputs = _: { }; }\n")
    hslint("init", "hosts", "--yes", "--hook", "none")
    assert (tree / "hslint.toml").exists() and names(tree / "hosts") == []


@pytest.mark.parametrize(("answer", "written"), [(b"y", True), (b"n", False), (b"", False)])
def test_at_a_terminal_init_asks(tree: Path, answer: bytes, written: bool) -> None:
    status, seen = on_a_terminal(tree, answer, "init", "--hook", "none")
    assert status == 0 and b"write hslint.toml? [y/N]" in seen
    assert (tree / "hslint.toml").exists() is written
