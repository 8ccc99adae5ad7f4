"""`lib.evalModules` and `import <nixpkgs>` inside a project: before, beside and instead of a NixOS configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from hslint.hosts import Inspection, Options
from hslint.hosts.search import open_project
from hslint.values.budget import with_deep_stack
from hslint.values.value import Int


def project(directory: Path, **files: str) -> Path:
    for name, text in files.items():
        (directory / f"{name}.nix").write_text(text)
    return directory


def inspect(path: Path) -> Inspection:
    return with_deep_stack(open_project, [str(path)], Options())


OPTION = "({ lib, ... }: { options.port = lib.mkOption { default = 8090; }; })"


def flake(outputs: str) -> str:
    return f'{{ inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05"; outputs = {{ nixpkgs, self }}: {outputs}; }}'


@pytest.mark.parametrize(
    "lib",
    [
        "(import <nixpkgs> { }).lib",
        "import <nixpkgs/lib>",
        "(import <nixpkgs> { }).pkgs.lib",
        '(import (fetchTarball "https://github.com/NixOS/nixpkgs/archive/nixos-26.05.tar.gz") { }).lib',
    ],
)
def test_a_module_evaluates_modules_of_its_own(lib: str, tmp_path: Path) -> None:
    """Without a host around it that would say which library it is."""
    module = f"""let e = ({lib}).evalModules {{ modules = [ {OPTION} ]; }}; in
      {{ services.headscale = {{ enable = true; port = e.config.port; }}; }}"""
    (host,) = inspect(project(tmp_path, module=module) / "module.nix").hosts
    assert isinstance(with_deep_stack(host.setting, "port").value, Int)
    assert with_deep_stack(lambda: host.setting("port").number) == 8090


@pytest.mark.parametrize("lib", ["nixpkgs.lib", "(import nixpkgs { }).lib", "(import <nixpkgs> { }).lib"])
def test_outputs_are_made_by_modules(lib: str, tmp_path: Path) -> None:
    """The machines are an option of modules that are evaluated before any machine."""
    made = f"""{{
      nixosConfigurations = ({lib}.evalModules {{
        modules = [
          ({{ lib, ... }}: {{ options.hosts = lib.mkOption {{ default = {{ }}; }}; }})
          {{ hosts.h = nixpkgs.lib.nixosSystem {{ modules = [ {{ services.headscale.port = 8091; }} ]; }}; }}
        ];
      }}).config.hosts;
    }}"""
    (host,) = inspect(project(tmp_path, flake=flake(made))).hosts
    assert host.name == "h"
    assert with_deep_stack(lambda: host.setting("port").number) == 8091


def test_a_project_without_hosts_that_evaluates_modules_has_none(tmp_path: Path) -> None:
    """No host and no crash."""
    made = f"{{ nixosConfigurations = (nixpkgs.lib.evalModules {{ modules = [ {OPTION} ]; }}).config.none or {{ }}; }}"
    assert list(inspect(project(tmp_path, flake=flake(made))).hosts) == []
