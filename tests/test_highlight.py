"""Colours of `show`, `why`, `upgrade` and `--diff`: only where somebody looks, and never a word less."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from hslint.cli import main
from hslint.reporters.highlight import highlighted
from hslint.reporters.terminal import Style, cells

COMMANDS = {
    "show": ("show",),
    "why": ("why", "settings.server_url"),
    "upgrade": ("upgrade", "--from", "0.26"),
    "diff": ("check", "--diff", "--unsafe-fixes"),
}
MODULE = """{ lib, ... }: {
  services.headscale = {
    enable = true;
    settings = {
      server_url = lib.mkMerge [ (lib.mkDefault "https://other.example.com") "https://headscale.tailnet.example.net" ];
      dns.base_domain = "tailnet.example.net";
      dns.nameservers.global = [ "9.9.9.9" ];
      database.sqlite.write_ahead_log = false;
      metrics_listen_addr = "0.0.0.0:9090";
    };
  };
}
"""
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
NONE = dict.fromkeys(("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "GITHUB_ACTIONS"), None)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current directory, with a configuration that every command has something to say of."""
    (tmp_path / "configuration.nix").write_text(MODULE)
    monkeypatch.chdir(tmp_path)


def output(*arguments: str, **variables: str) -> str:
    return CliRunner().invoke(main, arguments, env={**NONE, **variables}).stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_colours_change_no_word(command: str) -> None:
    """In a pipe there are none, unless they are asked for."""
    plain = output(*COMMANDS[command])
    assert "\x1b" not in plain
    coloured = output(*COMMANDS[command], "--color", "always")
    assert coloured.count("\x1b[") > 5
    assert ESCAPE.sub("", coloured) == plain
    assert output(*COMMANDS[command], "--color", "never", FORCE_COLOR="1") == plain


@pytest.mark.parametrize("command", ["show", "why", "upgrade"])
def test_json_has_no_colours(command: str) -> None:
    assert "\x1b" not in output(*COMMANDS[command], "--format", "json", "--color", "always")


def test_a_patch_in_a_pipe_stays_a_patch() -> None:
    """Whatever the environment says of colours: git takes no coloured ones."""
    assert output(*COMMANDS["diff"], FORCE_COLOR="1") == output(*COMMANDS["diff"])


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize("command", ["show", "why", "upgrade"])
def test_no_line_is_wider_than_the_terminal(command: str, width: int) -> None:
    """But for single words; and no word is broken."""
    plain = output(*COMMANDS[command]).splitlines()
    shown = [*highlighted(command, plain, Style(width=width))]
    assert [line for line in shown if cells(line) > width and len(line.split()) > 2] == []
    assert " ".join(shown).split() == " ".join(plain).split()


def test_where_a_value_comes_from_moves_below_it() -> None:
    """Where there is no room beside it."""
    line = 'server_url: "https://vpn.example.com"' + " " * 20 + "# hosts/vpn.nix:3:5"
    assert [*highlighted("show", [line], Style(width=60))] == [
        'server_url: "https://vpn.example.com"  # hosts/vpn.nix:3:5'
    ]
    assert [*highlighted("show", [line], Style(width=50))] == [
        'server_url: "https://vpn.example.com"',
        "    # hosts/vpn.nix:3:5",
    ]
