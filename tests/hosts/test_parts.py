"""NixOS modules inside modules of another kind, and hosts of flakes that are made of such modules."""

from __future__ import annotations

from pathlib import Path

import pytest

from hslint.hosts import Options
from hslint.hosts.host import Host
from hslint.hosts.search import open_project
from hslint.values.budget import with_deep_stack

MODULE = '{ config, ... }: { services.headscale = { enable = true; settings.server_url = "https://hs.example.com"; }; }'


def hosts(directory: Path) -> list[Host]:
    return list(with_deep_stack(open_project, [str(directory)], Options()).hosts)


@pytest.mark.parametrize(
    "text",
    [
        "_: { flake.nixosModules.vpn = %s; }",
        "{ inputs, ... }: { flake.modules.nixos.vpn = %s; }",
        "{ config.flake.nixosModules.vpn = %s; }",
        "{ flake.aspects.vpn.nixos = %s; }",
        "{ den, ... }: { den.aspects.services.vpn = { includes = [ den.aspects.nginx ]; nixos = %s; }; }",
    ],
)
def test_a_module_inside_a_module_that_no_host_uses_is_checked_by_itself(tmp_path: Path, text: str) -> None:
    """By the file's name; whatever the file is given may be anything."""
    (tmp_path / "headscale.nix").write_text(text % MODULE)
    (host,) = hosts(tmp_path)
    assert (host.name, host.alone) == ("headscale.nix", True)
    assert with_deep_stack(host.setting, "settings.server_url").text == "https://hs.example.com"


def test_several_modules_in_one_file_are_distinguished(tmp_path: Path) -> None:
    """Only those that have to do with Headscale are hosts."""
    others = "flake.nixosModules.idle = { }; flake.nixosModules.more = { services.headscale.port = 9; };"
    (tmp_path / "headscale.nix").write_text(f"{{ flake.nixosModules.vpn = {MODULE}; {others} }}")
    assert [host.name for host in hosts(tmp_path)] == ["headscale.nix: vpn", "headscale.nix: more"]


def test_what_only_looks_like_such_a_module_is_none(tmp_path: Path) -> None:
    """An option that is called `nixos` somewhere in NixOS makes no host of its own."""
    (tmp_path / "headscale.nix").write_text("{ documentation.nixos.enable = false; services.headscale.enable = true; }")
    (host,) = hosts(tmp_path)
    assert host.setting("enable") is not None


def test_modules_are_checked_by_themselves_where_no_host_is_known(tmp_path: Path) -> None:
    """The flake imports them, but what makes hosts of them is an input that nobody here reads."""
    (tmp_path / "flake.nix").write_text(
        '{ inputs.maker.url = "github:someone/maker"; outputs = inputs: inputs.maker.lib.make (import ./vpn.nix); }'
    )
    (tmp_path / "vpn.nix").write_text(f"{{ flake.nixosModules.headscale = {MODULE}; }}")
    (host,) = hosts(tmp_path)
    assert host.name == "vpn.nix"


@pytest.mark.parametrize("output", ["packages", "legacyPackages"])
def test_hosts_below_the_packages_of_a_system_are_found(tmp_path: Path, output: str) -> None:
    """Where `nix build .#nixosConfigurations.<host>` finds them; a flake without any is not blamed for its packages."""
    start = '{ inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11"; outputs = { nixpkgs, ... }: '
    (tmp_path / "flake.nix").write_text(
        f"{start} {{ {output}.x86_64-linux = {{ hello = 1; nixosConfigurations.a ="
        f" nixpkgs.lib.nixosSystem {{ modules = [ ({MODULE}) ]; }}; }}; }}; }}"
    )
    assert [host.name for host in hosts(tmp_path)] == ["a"]
    (tmp_path / "flake.nix").write_text(f'{start} {{ {output} = throw "not now"; }}; }}')
    inspection = with_deep_stack(open_project, [str(tmp_path)], Options())
    assert (inspection.hosts, inspection.skipped) == ([], ())


def test_options_for_each_system_may_be_declared_by_several_modules(tmp_path: Path) -> None:
    """`mkPerSystemOption` of flake-parts declares options inside `perSystem`, and its hosts are found all the same."""
    (tmp_path / "flake.nix").write_text(
        """
        {
          inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
          inputs.flake-parts.url = "github:hercules-ci/flake-parts";
          outputs = inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } ({ flake-parts-lib, lib, ... }:
            let declared = name: flake-parts-lib.mkPerSystemOption ({ system, ... }: {
              options.${name} = lib.mkOption { type = lib.types.str; default = "${name} on ${system}"; };
            });
            in {
              systems = [ "x86_64-linux" ];
              imports = [ { options.perSystem = declared "one"; } { options.perSystem = declared "two"; } ];
              perSystem = { config, ... }: { two = "given"; legacyPackages.names = "${config.one}, ${config.two}"; };
              flake.nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {
                modules = [ {
                  services.headscale.enable = true;
                  services.headscale.settings.server_url = inputs.self.legacyPackages.x86_64-linux.names;
                } ];
              };
            });
        }
        """
    )
    (host,) = hosts(tmp_path)
    assert with_deep_stack(host.setting, "settings.server_url").text == "one on x86_64-linux, given"


def test_what_extends_a_configuration_keeps_what_it_was_made_of(tmp_path: Path) -> None:
    """Unknown arguments may still be there, and so is the library that it was given."""
    (tmp_path / "flake.nix").write_text(
        """{
  inputs.nixpkgs.url = "nixpkgs";
  inputs.other.url = "github:somebody/else";
  outputs = { nixpkgs, other, ... }: let
    base = nixpkgs.lib.nixosSystem { specialArgs = other.arguments; lib = nixpkgs.lib // { mine = "mine"; }; modules = [ ]; };
    module = { lib, theirs, ... }: { services.headscale = { enable = true; user = lib.mine; group = theirs; }; };
  in { nixosConfigurations.a = base.extendModules { modules = [ module ]; }; };
}
"""
    )
    (host,) = hosts(tmp_path)
    assert with_deep_stack(lambda: [failure.message for failure in host.all_failures]) == []
    assert with_deep_stack(host.setting, "user").text == "mine"
