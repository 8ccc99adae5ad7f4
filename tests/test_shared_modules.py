"""Modules that several hosts share: what one host leaves out may be another one's business."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner

from hslint.cli import main

if TYPE_CHECKING:
    import pytest

FLAKE = """{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { nixpkgs, ... }: let system = modules: nixpkgs.lib.nixosSystem { inherit modules; }; in {
    nixosConfigurations = {
      HOSTS
    };
  };
}
"""
SETTINGS = """{
  services.headscale.settings.server_url = "https://hs.example.com";
  services.headscale.settings.dns.base_domain = "tail.example.net";
  services.headscale.settings.dns.nameservers.global = [ "9.9.9.9" ];
}
"""
ON = "{ services.headscale.enable = true; }"


def check(directory: Path, hosts: str, monkeypatch: pytest.MonkeyPatch) -> str:
    (directory / "flake.nix").write_text(FLAKE.replace("HOSTS", hosts))
    for name in ("base.nix", "own.nix"):
        if name in hosts:
            (directory / name).write_text(SETTINGS)
    monkeypatch.chdir(directory)
    return CliRunner().invoke(main, ["check"]).output


def test_a_module_that_another_host_uses_is_not_left_unused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The base module is there for the host that enables Headscale."""
    reported = check(tmp_path, f"server = system [ ./base.nix {ON} ]; laptop = system [ ./base.nix ];", monkeypatch)
    assert reported == "no problems found (1 host with Headscale)\n"


def test_hosts_on_which_headscale_is_off_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are not among the hosts with Headscale that the reader thinks of; nor does Headscale start there."""
    reported = check(
        tmp_path,
        f"server = system [ ./base.nix {ON} ]; laptop = system [ ./own.nix ]; desk = system [ ./own.nix ];",
        monkeypatch,
    )
    assert reported.splitlines()[:7] == [
        "warning: services.headscale is configured but never enabled; nothing is written and nothing starts [configured-but-disabled]",
        "  --> own.nix:3:35",
        ' 3 |   services.headscale.settings.dns.base_domain = "tail.example.net";',
        "   |                                   ^^^^^^^^^^^",
        "   = Headscale ignores this",
        "   = on desk and laptop",
        "   = fix: enable it (changes what Headscale does)",
    ]


def test_headscale_that_is_off_on_purpose_is_a_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a host shares the settings of one on which nobody enables it."""
    off = "{ services.headscale.enable = false; }"
    assert check(tmp_path, f"server = system [ ./own.nix {off} ];", monkeypatch).startswith("no problems found")
