"""Which module and which release a nixpkgs has of which nothing, or something very old, is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from released import LATEST, OWN_MODULE, READ, flake, hosts, lock, machine, runs

from hslint.hosts.lock import read_lock
from hslint.source import Project


def test_the_module_of_a_nixpkgs_since_july_is_checked_against_its_description(tmp_path: Path) -> None:
    """Of 26.11 and the moving branches: what Headscale 0.29 reads is typed there, and what it does not read no more."""
    flake(tmp_path, inputs='inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.11";')
    lock(tmp_path, "nixos-26.11", nixpkgs=1795000000)  # 18 November 2026
    (host,) = hosts(tmp_path).values()
    assert host.module.name == "nixpkgs-26.11" and host.module.headscale is None
    assert host.module.option("settings.dns.nameservers.split") and not host.module.option("settings.dns.split")
    assert host.setting("settings.node.ephemeral.inactivity_timeout").text == "30m"


def test_a_lock_from_before_all_that_is_known_means_the_oldest(tmp_path: Path) -> None:
    """Not the newest; and what stands in is said."""
    lock(flake(tmp_path, inputs='inputs.nixpkgs.url = "github:NixOS/nixpkgs";'), nixpkgs=1664582400)  # 2022-10-01
    said = "input nixpkgs: nixpkgs of 2022-10-01, older than all known; nixpkgs-24.05 stands in"
    assert runs(tmp_path) == f"Headscale 0.22.3 ({said}), module nixpkgs-24.05 ({said})"


@pytest.mark.parametrize("branch", ["nixos-22.11", "release-22.05", "nixos-22.11-small"])
def test_a_branch_from_before_all_that_is_known_means_the_oldest(tmp_path: Path, branch: str) -> None:
    """Also without a lock file."""
    flake(tmp_path, inputs=f'inputs.nixpkgs.url = "github:NixOS/nixpkgs/{branch}";')
    said = f"input nixpkgs: {branch}, older than all known; nixpkgs-24.05 stands in"
    assert runs(tmp_path) == f"Headscale 0.22.3 ({said}), module nixpkgs-24.05 ({said})"


def test_a_known_branch_counts_whatever_the_date(tmp_path: Path) -> None:
    """23.05 to 24.05 have one module."""
    lock(flake(tmp_path, inputs='inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-23.11";'), "nixos-23.11", nixpkgs=1)
    assert runs(tmp_path) == (
        "Headscale 0.22.3 (input nixpkgs: nixos-23.11), module nixpkgs-24.05 (input nixpkgs: nixos-23.11)"
    )


def test_headscales_flake_from_before_all_that_is_known_is_the_oldest(tmp_path: Path) -> None:
    """Its package is older than the oldest release known."""
    module = "services.headscale.package = inputs.headscale.packages.x86_64-linux.default;"
    inputs = 'inputs.nixpkgs.url = "nixpkgs"; inputs.headscale.url = "github:juanfont/headscale";'
    lock(flake(tmp_path, module, inputs=inputs), headscale=1664582400)
    assert runs(tmp_path).startswith(
        "Headscale 0.22.3 (input headscale: headscale of 2022-10-01, older than all known)"
    )


def test_a_machine_by_channels_has_the_module_of_nixpkgs(tmp_path: Path) -> None:
    """Nothing imports Headscale's own; the release stays unknown."""
    assert (
        runs(machine(tmp_path))
        == f"Headscale {LATEST}; settings as of {READ}, the last whose source was read (newest known), module nixpkgs-26.05 (newest known)"
    )


def test_a_lone_module_has_headscales_own(tmp_path: Path) -> None:
    """Where nothing names a nixpkgs, nor of a machine with channels."""
    machine(tmp_path).joinpath("configuration.nix").rename(tmp_path / "vpn.nix")
    assert (
        runs(tmp_path)
        == f"Headscale {LATEST}; settings as of {READ}, the last whose source was read (newest known), module {OWN_MODULE} (newest known)"
    )


def test_a_date_that_no_calendar_has_is_none(tmp_path: Path) -> None:
    """A lock file may hold any number."""
    for second in (10**30, -1):
        lock(flake(tmp_path), nixpkgs=second)
        assert read_lock(Project(str(tmp_path)), str(tmp_path)).inputs["nixpkgs"].modified is None
