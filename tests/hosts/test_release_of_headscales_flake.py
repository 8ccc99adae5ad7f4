"""Headscale's flake at a release from before it had a NixOS module."""

from __future__ import annotations

from pathlib import Path

import pytest
from released import flake

from hslint.checking import Request, check


def refused(
    directory: Path, tag: str, module: str = "imports = [ inputs.headscale.nixosModules.default ];"
) -> list[str]:
    inputs = f'inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11"; inputs.headscale.url = "github:juanfont/headscale/{tag}";'
    flake(directory, module, inputs=inputs)
    found = check([str(directory)], Request()).findings
    return [f"{f.rule.name}: {f.problem.message}" for f in found if f.effect.value == "refused"]


@pytest.mark.parametrize("tag", ["v0.27.1", "v0.26.0", "v0.20.0"])
def test_a_release_without_a_module_is_refused_and_said(tmp_path: Path, tag: str) -> None:
    """Nix finds no such output, and the message says from which release on there is one."""
    (said,) = refused(tmp_path, tag)
    assert said == (
        "evaluation-error: attribute 'nixosModules' missing;"
        f" Headscale's flake has one from 0.28 on, and is of {tag[1:]}"
    )


@pytest.mark.parametrize("tag", ["v0.28.0", "v0.29.1", "main"])
def test_a_release_that_has_or_may_have_one_is_not(tmp_path: Path, tag: str) -> None:
    """A branch may hold any release."""
    assert refused(tmp_path, tag) == []


def test_its_package_and_a_fallback_are_no_mistakes(tmp_path: Path) -> None:
    """Only who asks for the module is refused; `or` takes what stands behind it."""
    assert refused(tmp_path, "v0.27.1", "imports = [ (inputs.headscale.nixosModules.default or { }) ];") == []
    package = "services.headscale.package = inputs.headscale.packages.x86_64-linux.default;"
    assert refused(tmp_path, "v0.27.1", package) == []
