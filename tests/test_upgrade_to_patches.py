"""Upgrades from one patch release to another, what each step closes, and the preview of what is in the making."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from released import LATEST, READ, flake, hslint, machine, runs

from hslint.catalogue import NEWEST, PREVIEW, schema


def upgrade(directory: Path, *arguments: str) -> str:
    return hslint("upgrade", str(directory), *arguments).stdout


def steps(directory: Path, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(upgrade(directory, "--format", "json", *arguments))["steps"]
    return found


def test_a_patch_release_is_a_step_with_what_it_closes(tmp_path: Path) -> None:
    """Nothing changes in the configuration, so the exit status is 0."""
    machine(tmp_path, 'services.headscale.package = pkgs.headscale.overrideAttrs { version = "0.29.2"; };')
    result = hslint("upgrade", str(tmp_path))
    assert result.exit_code == 0
    assert result.stdout.splitlines()[:5] == [
        f"default: Headscale 0.29.2 (package headscale 0.29.2) → {LATEST}, module nixpkgs-26.05 → nixpkgs-unstable",
        "",
        f"1. Headscale {LATEST} (in no NixOS release; nixpkgs-unstable from 2026-07-01 on, {READ} at first)",
        "   Tailscale clients before 1.80 cannot connect any more",
        "   closes 3 known vulnerabilities: hs-0.29.7, hs-3393, hs-3391",
    ]


def test_whoever_runs_the_newest_patch_release_has_nothing_to_do(tmp_path: Path) -> None:
    """It is told from the one whose settings it has."""
    machine(tmp_path, f'services.headscale.package = pkgs.headscale.overrideAttrs {{ version = "{LATEST}"; }};')
    assert f"(default runs {LATEST})" in upgrade(tmp_path)


def test_each_step_closes_what_the_one_before_left_open(tmp_path: Path) -> None:
    """The fix of NixOS 25.05's package was closed before."""
    flake(tmp_path, inputs='inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";')
    closed = {step["release"]: step["closes"] for step in steps(tmp_path)}
    assert list(closed) == ["0.26.1", "0.27.1", "0.28.0", LATEST]
    assert closed["0.26.1"] == [] and closed["0.28.0"] == ["hs-2853"]
    assert "hs-3146" in closed[LATEST]
    assert steps(tmp_path, "--from", "0.25")[0]["closes"] == ["hs-2642"]


def test_what_the_target_leaves_open_is_said(tmp_path: Path) -> None:
    """Whoever stops before the newest release shall know."""
    machine(tmp_path)
    said = upgrade(tmp_path, "--from", "0.28", "--to", "0.29.2")
    assert f"leaves open 3 known vulnerabilities: hs-0.29.7, hs-3393, hs-3391; {LATEST} has none that is known" in said


def test_the_preview_is_named_as_unfinished(tmp_path: Path) -> None:
    """On the command line, for upgrades, and by explain."""
    machine(tmp_path)
    said = "Headscale 0.30-dev, unfinished: main as of 2026-07-21"
    assert runs(tmp_path, headscale="0.30-dev").startswith(f"{said} (--headscale), module ")
    result = hslint("upgrade", str(tmp_path), "--from", "0.29", "--to", "0.30-dev")
    assert "1. Headscale 0.30-dev (unfinished: main as of 2026-07-21)\n" in result.stdout
    assert "Tailscale clients before 1.84 cannot connect any more" in result.stdout
    assert f"--to: {said}\n" in result.stderr
    assert "0.30 as its main branch stood on 2026-07-21" in hslint("explain", "0.30-dev").stdout


@pytest.mark.parametrize("version", ["0.30-dev", "0.30.0", "0.30.0-beta.1"])
def test_nothing_is_taken_for_the_preview(tmp_path: Path, version: str) -> None:
    """A package of that series is checked against the newest release, and that is said."""
    package = f'services.headscale.package = pkgs.headscale.overrideAttrs {{ version = "{version}"; }};'
    assert runs(machine(tmp_path, package)).startswith(f"Headscale {version}, checked as {READ}, the newest ")
    refused = hslint("check", str(tmp_path), "--headscale", "0.30").stderr
    assert f"the nearest is {LATEST}, known are 0.22 to 0.29; 0.30-dev is 0.30 as it stood on 2026-07-21" in refused


def test_what_main_changed_until_july(tmp_path: Path) -> None:
    """Keys that came and went, and what its validation refuses now."""
    before, after = schema(NEWEST).keys, schema(PREVIEW).keys
    assert set(before) - set(after) == {"grpc_listen_addr", "grpc_allow_insecure", "oidc.enabled"}
    assert set(after) - set(before) == {"preauth_keys.revoked_retention"}
    (tmp_path / "configuration.nix").write_text(
        """{
  services.headscale.enable = true;
  services.headscale.settings = {
    server_url = "https://a.example.com:443";
    dns = { base_domain = "example.com"; override_local_dns = false; };
    oidc = { issuer = "https://id.example.com"; pkce.method = "s256"; };
    grpc_listen_addr = "127.0.0.1:50443";
  };
}
"""
    )
    found = json.loads(upgrade(tmp_path, "--from", "0.29", "--to", "0.30-dev", "--format", "json"))["entries"]
    assert sorted((entry["kind"], entry["rule"], entry["effect"]) for entry in found) == [
        ("breaks", "base-domain-covers-server", "fails"),
        ("breaks", "oidc-incomplete", "fails"),
        ("breaks", "value-out-of-range", "fails"),
        ("silent", "removed-setting", "ignored"),
    ]
