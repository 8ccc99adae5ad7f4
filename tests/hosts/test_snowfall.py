"""Flakes whose outputs snowfall-lib makes out of directories."""

from __future__ import annotations

from pathlib import Path

import pytest

from hslint.hosts import Options
from hslint.hosts.host import Host
from hslint.hosts.search import open_project
from hslint.values.budget import with_deep_stack
from hslint.values.value import Bool

FLAKE = """
{{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  inputs.snowfall-lib.url = "github:snowfallorg/lib";
  outputs = inputs: {outputs};
}}
"""
OPTIONS = '{ inherit inputs; src = ./.; snowfall.namespace = "mine"; systems.hosts.harbour.specialArgs.domain = "example.com"; }'
DIRECT = f"inputs.snowfall-lib.mkFlake {OPTIONS}"
THROUGH_LIB = (
    'let lib = inputs.snowfall-lib.mkLib { inherit inputs; src = ./.; snowfall.namespace = "mine"; }; in'
    ' lib.mkFlake { systems.hosts.harbour.specialArgs.domain = "example.com"; }'
)


def write(directory: Path, **files: str) -> None:
    for name, text in files.items():
        path = directory / name.replace("__", "/") / "default.nix"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def hosts(directory: Path, outputs: str = DIRECT) -> dict[str, Host]:
    directory.joinpath("flake.nix").write_text(FLAKE.format(outputs=outputs))
    return {host.name: host for host in with_deep_stack(open_project, [str(directory)], Options()).hosts}


@pytest.mark.parametrize("outputs", [DIRECT, THROUGH_LIB])
def test_systems_modules_and_library_are_found_by_their_directories(tmp_path: Path, outputs: str) -> None:
    """Every system gets every module, the project's own library under its namespace, and the name of its directory as `host`."""
    write(
        tmp_path,
        lib__urls='{ lib, ... }: { url = host: "https://${host}." + lib.mine.zone; zone = "example.org"; }',
        modules__nixos__vpn=(
            "{ lib, config, host, namespace, ... }: {"
            ' options.${namespace}.vpn.enable = lib.mkEnableOption "vpn";'
            " config = lib.mkIf config.${namespace}.vpn.enable {"
            " services.headscale = { enable = true; settings.server_url = lib.mine.url host; }; }; }"
        ),
    )
    write(
        tmp_path,
        **{"systems__x86_64-linux__harbour": '{ domain, ... }: { mine.vpn.enable = domain == "example.com"; }'},
    )
    write(tmp_path, **{"systems__aarch64-linux__buoy": "{ }", "systems__aarch64-darwin__laptop": "{ }"})
    found = hosts(tmp_path, outputs)
    assert set(found) == {"harbour", "buoy"}
    assert with_deep_stack(found["harbour"].setting, "settings.server_url").text == "https://harbour.example.org"
    enabled = with_deep_stack(found["buoy"].setting, "enable").value
    assert isinstance(enabled, Bool)
    assert not enabled.value


def test_packages_and_users_may_decide_what_a_module_defines(tmp_path: Path) -> None:
    """Modules get packages from outside the configuration; a system's users are the homes of its name."""
    write(
        tmp_path,
        modules__nixos__vpn="{ lib, pkgs, ... }: with pkgs; lib.optionalAttrs stdenv.isLinux { services.headscale.enable = true; }",
    )
    write(
        tmp_path,
        **{
            "systems__x86_64-linux__harbour": (
                "{ config, lib, ... }: with lib.mine; with config.home-manager.users;"
                " { services.headscale.settings.server_url = address; }"
            ),
            "lib__address": '{ address = "https://hs.example.com"; }',
            "homes__x86_64-linux__ada@harbour": "{ }",
        },
    )
    (harbour,) = hosts(tmp_path).values()
    assert with_deep_stack(harbour.setting, "settings.server_url").text == "https://hs.example.com"
    assert with_deep_stack(lambda: harbour.failure) is None
