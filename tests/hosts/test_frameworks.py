"""Hosts of the frameworks that people use, each by a small project: which there are, and what they are configured with."""

from __future__ import annotations

from pathlib import Path

import pytest

from hslint.hosts import Inspection, Options, open_project
from hslint.values.budget import with_deep_stack

NIXPKGS = 'inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11"; '
PARTS = NIXPKGS + 'inputs.flake-parts.url = "github:hercules-ci/flake-parts"; '
HOMES = 'inputs.home-manager.url = "github:nix-community/home-manager"; '

#: A module that says on which host it is.
MODULE = (
    "{ config, ... }: { services.headscale = { enable = true;"
    ' settings.server_url = "https://${config.networking.hostName}.example.com"; }; }'
)


def parts(url: str, module: str, inputs: str = "") -> str:
    """A flake made with flake-parts and one framework more, whose input is called `frame`."""
    return (
        f'{{ {PARTS}inputs.frame.url = "{url}"; {inputs}'
        f" outputs = inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} ({module}); }}"
    )


#: By framework and what of it: the files of a project, and the hosts with their server_url.
PROJECTS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "flake-utils: systems beyond the usual": (
        {
            "flake.nix": f'{{ {NIXPKGS}inputs.flake-utils.url = "github:numtide/flake-utils";'
            " outputs = { self, nixpkgs, flake-utils }: with flake-utils.lib; eachSystem [ system.armv7l-linux system.riscv64-linux ] (system: {"
            ' packages.url = "https://${system}.example.com"; }) // {'
            " nixosConfigurations.one = nixpkgs.lib.nixosSystem { modules = [ { services.headscale.enable = true;"
            " services.headscale.settings.server_url = self.packages.armv7l-linux.url; } ]; }; }; }",
        },
        {"one": "https://armv7l-linux.example.com"},
    ),
    "flake-utils: pass through, meld": (
        {
            "flake.nix": f'{{ {NIXPKGS}inputs.flake-utils.url = "github:numtide/flake-utils";'
            " outputs = { self, nixpkgs, flake-utils }@inputs: with flake-utils.lib; meld inputs [ ./one.nix ./two.nix ]; }",
            "one.nix": "{ nixpkgs, flake-utils, ... }: flake-utils.lib.eachDefaultSystemPassThrough (system: { nixosConfigurations."
            '${"one-" + system} = nixpkgs.lib.nixosSystem { modules = [ ./hs.nix { networking.hostName = system; } ]; }; })',
            "two.nix": "{ nixpkgs, ... }: { nixosConfigurations.two = nixpkgs.lib.nixosSystem"
            ' { modules = [ ./hs.nix { networking.hostName = "two"; } ]; }; }',
            "hs.nix": MODULE,
        },
        {"one-x86_64-linux": "https://x86_64-linux.example.com", "two": "https://two.example.com"},
    ),
    "flake-utils-plus: defaults, channels and names with a domain": (
        {
            "flake.nix": f'{{ {NIXPKGS}inputs.frame.url = "github:gytis-ivaskevicius/flake-utils-plus";'
            " outputs = inputs@{ self, frame, ... }: frame.lib.mkFlake { inherit self inputs;"
            ' supportedSystems = [ "x86_64-linux" ]; channels.nixpkgs.overlaysBuilder = channels: [ (final: prev: { mine = "m"; }) ];'
            ' hostDefaults = { modules = [ ./hs.nix ]; extraArgs.zone = "example"; };'
            ' hosts.one.modules = [ ({ zone, pkgs, inputs, ... }: { services.headscale.settings.dns.base_domain = "${pkgs.mine}.${zone}"; }) ];'
            ' hosts."org.example.two" = { }; hosts.mac = { output = "darwinConfigurations"; builder = _: { }; }; }; }',
            "hs.nix": MODULE,
        },
        {"one": "https://one.example.com", "org.example.two": "https://two.example.com"},
    ),
    "import-tree: filters, and paths to leave out": (
        {
            "flake.nix": f'{{ {PARTS}inputs.import-tree.url = "github:vic/import-tree";'
            " outputs = inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; }"
            ' ((inputs.import-tree.filterNot (path: builtins.baseNameOf path == "skipped.nix")).map (path: path) ./parts); }',
            "parts/host.nix": "{ inputs, ... }: { flake.nixosConfigurations.one = inputs.nixpkgs.lib.nixosSystem"
            " { modules = [ (inputs.import-tree.addPath ./_nixos) ]; }; }",
            "parts/skipped.nix": '{ flake.nixosConfigurations.two = throw "no"; }',
            "parts/_hidden.nix": '{ flake.nixosConfigurations.three = throw "no"; }',
            "parts/_nixos/hs.nix": MODULE,
            "parts/_nixos/name.nix": '{ networking.hostName = "one"; }',
        },
        {"one": "https://one.example.com"},
    ),
    "haumea: modules of a directory, with what is beside them": (
        {
            "flake.nix": parts(
                "github:nix-community/haumea",
                "{ imports = builtins.attrValues (inputs.frame.lib.load { src = ./parts; inputs = { inherit inputs; }; }); }",
            ),
            "parts/hosts.nix": "{ inputs, super, root }: { flake.nixosConfigurations = builtins.mapAttrs (name: module:"
            " inputs.nixpkgs.lib.nixosSystem { modules = [ module super.shared { networking.hostName = name; } ]; }) root.machines; }",
            "parts/__shared.nix": MODULE.removeprefix("{ config, ... }:").replace(
                "${config.networking.hostName}", "any"
            ),
            "parts/_machines/one.nix": "{ services.headscale.port = 9; }",
        },
        {"one": "https://any.example.com"},
    ),
    "haumea: paths, and defaults lifted": (
        {
            "flake.nix": f'{{ {NIXPKGS}inputs.frame.url = "github:nix-community/haumea"; outputs = {{ nixpkgs, frame, ... }}: let'
            " found = frame.lib.load { src = ./tree; loader = frame.lib.loaders.path; transformer = frame.lib.transformers.liftDefault; }; in {"
            ' nixosConfigurations.one = nixpkgs.lib.nixosSystem { modules = [ found.vpn { networking.hostName = "one"; } ]; }; }; }',
            "tree/default/vpn.nix": MODULE,
        },
        {"one": "https://one.example.com"},
    ),
    "blueprint: hosts and modules of directories": (
        {
            "flake.nix": f'{{ {NIXPKGS}inputs.frame.url = "github:numtide/blueprint";'
            ' outputs = inputs: inputs.frame { inherit inputs; prefix = "nix"; }; }',
            "nix/hosts/one/configuration.nix": "{ flake, hostName, inputs, perSystem, ... }: {"
            " imports = [ flake.nixosModules.vpn inputs.self.nixosModules.port ]; networking.hostName = hostName; }",
            "nix/hosts/two/default.nix": '{ flake, inputs, hostName, ... }: { class = "nixos"; value = inputs.nixpkgs.lib.nixosSystem'
            " { modules = [ flake.nixosModules.vpn { networking.hostName = hostName; } ]; }; }",
            "nix/hosts/mac/darwin-configuration.nix": "{ }",
            "nix/modules/nixos/vpn.nix": MODULE,
            "nix/modules/nixos/port/default.nix": "{ flake, inputs }: { config, ... }: { services.headscale.port = 9; }",
        },
        {"one": "https://one.example.com", "two": "https://two.example.com"},
    ),
    "easy-hosts: a directory by processor and class": (
        {
            "flake.nix": parts(
                "github:tgirlcloud/easy-hosts",
                '{ systems = [ "x86_64-linux" ]; imports = [ inputs.frame.flakeModule ]; easy-hosts = { autoConstruct = true; path = ./hosts;'
                ' perClass = class: { modules = if class == "nixos" then [ ./hs.nix ] else [ ]; }; shared.specialArgs.zone = "z"; }; }',
            ),
            "hosts/x86_64-nixos/one/default.nix": "{ zone, inputs', ... }: { services.headscale.settings.dns.base_domain = zone; }",
            "hosts/aarch64-darwin/mac/default.nix": "{ }",
            "hs.nix": MODULE,
        },
        {"one": "https://one.example.com"},
    ),
    "easy-hosts: hosts by name": (
        {
            "flake.nix": parts(
                "github:tgirlcloud/easy-hosts",
                '{ systems = [ "x86_64-linux" ]; imports = [ inputs.frame.flakeModules.default ];'
                ' easy-hosts.hosts.one = { arch = "aarch64"; tags = [ "vpn" ]; }; easy-hosts.perTag = tag: { modules = [ (./tags + "/${tag}.nix") ]; }; }',
            ),
            "hosts/one/default.nix": "{ services.headscale.port = 9; }",
            "tags/vpn.nix": MODULE,
        },
        {"one": "https://one.example.com"},
    ),
    "ez-configs: files of directories, and a default for all": (
        {
            "flake.nix": parts(
                "github:ehllie/ez-configs",
                "{ systems = [ ]; imports = [ inputs.frame.flakeModule ]; ezConfigs = { root = ./.; globalArgs = { inherit inputs; };"
                " nixos.hosts.two.importDefault = false; }; }",
            ),
            "nixos-configurations/one.nix": "{ ezModules, inputs, ... }: { imports = [ ezModules.port ]; }",
            "nixos-configurations/two/default.nix": MODULE,
            "nixos-modules/default.nix": MODULE,
            "nixos-modules/port.nix": "{ services.headscale.port = 9; }",
        },
        {"one": "https://one.example.com", "two": "https://two.example.com"},
    ),
    "nixos-unified: wired by directories": (
        {
            "flake.nix": f'{{ {PARTS}{HOMES}inputs.frame.url = "github:srid/nixos-unified";'
            " outputs = inputs: inputs.frame.lib.mkFlake { inherit inputs; root = ./.; }; }",
            "modules/flake/toplevel.nix": "{ inputs, ... }: { imports = [ inputs.frame.flakeModules.default inputs.frame.flakeModules.autoWire ]; }",
            "configurations/nixos/one/default.nix": "{ flake, ... }: { imports = [ flake.inputs.self.nixosModules.vpn ];"
            ' networking.hostName = "one"; nixos-unified.sshTarget = "root@one"; }',
            "modules/nixos/vpn.nix": MODULE,
        },
        {"one": "https://one.example.com"},
    ),
    "nixos-unified: made by hand": (
        {
            "flake.nix": parts(
                "github:srid/nixos-flake",
                "{ self, ... }: { systems = [ ]; imports = [ inputs.frame.flakeModule ];"
                " flake.nixosConfigurations.one = self.nixos-unified.lib.mkLinuxSystem { home-manager = true; }"
                ' { imports = [ ./hs.nix ]; networking.hostName = "one"; }; }',
                HOMES,
            ),
            "hs.nix": MODULE,
        },
        {"one": "https://one.example.com"},
    ),
    "nixos-raspberrypi: nixosSystem with modules of its own": (
        {
            "flake.nix": f'{{ {NIXPKGS}inputs.nixos-raspberrypi.url = "github:nvmd/nixos-raspberrypi/main";'
            " outputs = inputs@{ nixos-raspberrypi, ... }: { nixosConfigurations.one = nixos-raspberrypi.lib.nixosSystem {"
            " specialArgs = inputs; modules = [ ./hs.nix ({ nixos-raspberrypi, ... }: {"
            ' imports = with nixos-raspberrypi.nixosModules; [ raspberry-pi-5.base raspberry-pi-5.bluetooth ]; networking.hostName = "one"; }) ]; }; }; }',
            "hs.nix": MODULE,
        },
        {"one": "https://one.example.com"},
    ),
    "colmena: arguments and packages of a node": (
        {
            "flake.nix": f"{{ {NIXPKGS}outputs = {{ nixpkgs, ... }}: {{ colmena = {{"
            ' meta = { nixpkgs = import nixpkgs { system = "x86_64-linux"; }; specialArgs.zone = "z"; nodeSpecialArgs.one.zone = "one"; };'
            " defaults = { name, zone, nodes, ... }: { networking.hostName = name; services.headscale.settings.dns.base_domain ="
            ' "${zone}.${toString (builtins.length (builtins.attrNames nodes))}"; };'
            ' one = { deployment.targetHost = "h"; imports = [ ./hs.nix ]; }; two = [ ./hs.nix ]; }; }; }',
            "hs.nix": MODULE,
        },
        {"one": "https://one.example.com", "two": "https://two.example.com"},
    ),
    "colmena: makeHive": (
        {
            "flake.nix": f'{{ {NIXPKGS}inputs.colmena.url = "github:zhaofengli/colmena"; outputs = {{ self, nixpkgs, colmena, ... }}: {{'
            " colmenaHive = colmena.lib.makeHive { meta.nixpkgs = nixpkgs.legacyPackages.x86_64-linux;"
            " one = { name, ... }: { imports = [ ./hs.nix ]; networking.hostName = name; }; }; }; }",
            "hs.nix": MODULE,
        },
        {"one": "https://one.example.com"},
    ),
    "den: aspects, their includes and namespaces": (
        {
            "flake.nix": parts(
                "github:vic/den",
                '{ den, eg, ... }: { systems = [ ]; imports = [ inputs.frame.flakeModule (inputs.frame.namespace "eg" true) ];'
                " den.hosts.x86_64-linux.one.users.ada = { };"
                " den.aspects.one = { includes = [ eg.vpn den.provides.hostname ({ host, ... }: { nixos.services.headscale.port = 9; }) ]; };"
                ' den.aspects.ada.nixos.services.headscale.settings.log.level = "debug"; den.default.nixos.time.timeZone = "UTC";'
                " eg.vpn.nixos = ./hs.nix; }",
            ),
            "hs.nix": MODULE,
        },
        {"one": "https://one.example.com"},
    ),
    "clan: directories, tags and services of one's own": (
        {
            "flake.nix": parts(
                "https://git.clan.lol/clan/clan-core/archive/main.tar.gz",
                '{ systems = [ ]; imports = [ inputs.frame.flakeModules.default ]; clan = { meta.name = "m"; inventory.machines.one.tags = [ "server" ];'
                ' inventory.instances.vpn = { module = { name = "vpn"; input = "self"; }; roles.control.tags.server = { }; roles.control.settings.zone = "z"; };'
                " inventory.instances.sshd.roles.server.tags.all = { }; modules.vpn = ./vpn.nix; }; }",
            ),
            "vpn.nix": '{ lib, ... }: { _class = "clan.service"; manifest.name = "vpn"; roles.control = {'
            " interface.options.zone = lib.mkOption { type = lib.types.str; };"
            " perInstance = { settings, machine, ... }: { nixosModule = { config, ... }: { imports = [ ./hs.nix ];"
            ' services.headscale.settings.dns.base_domain = "${machine.name}.${settings.zone}"; }; }; }; }',
            "machines/two/configuration.nix": MODULE,
            "hs.nix": MODULE,
        },
        {"one": "https://one.example.com", "two": "https://two.example.com"},
    ),
    "clan: by its function": (
        {
            "flake.nix": f'{{ {NIXPKGS}inputs.clan-core.url = "https://git.clan.lol/clan/clan-core/archive/main.tar.gz";'
            ' outputs = { self, clan-core, ... }: let clan = clan-core.lib.clan { inherit self; meta.name = "m";'
            ' machines.one = { clan-core, ... }: { imports = [ ./hs.nix ]; clan.core.networking.targetHost = "h"; }; }; in {'
            " inherit (clan.config) nixosConfigurations clanInternals; }; }",
            "hs.nix": MODULE,
        },
        {"one": "https://one.example.com"},
    ),
    "nixpkgs: pkgs.nixos": (
        {
            "flake.nix": f"{{ {NIXPKGS}outputs = {{ nixpkgs, ... }}: {{ nixosConfigurations.one = nixpkgs.legacyPackages.x86_64-linux.nixos"
            ' { imports = [ ./hs.nix ]; networking.hostName = "one"; }; nixosConfigurations.two ='
            ' (import nixpkgs { system = "x86_64-linux"; }).nixos [ ./hs.nix { networking.hostName = "two"; } ]; }; }',
            "hs.nix": MODULE,
        },
        {"one": "https://one.example.com", "two": "https://two.example.com"},
    ),
    "nixpkgs: patched": (
        {
            "flake.nix": f'{{ {NIXPKGS}outputs = {{ self, nixpkgs, ... }}: let pkgs = import nixpkgs {{ system = "x86_64-linux"; }};'
            ' patched = pkgs.applyPatches { name = "nixpkgs-patched"; src = nixpkgs; patches = [ ./a.patch ]; };'
            ' again = (import "${patched}/flake.nix").outputs { inherit self; }; in { nixosConfigurations = {'
            ' one = import "${patched}/nixos/lib/eval-config.nix" { modules = [ ./hs.nix { networking.hostName = "one"; } ]; };'
            ' two = again.lib.nixosSystem { modules = [ ./hs.nix { networking.hostName = "two"; } ]; };'
            ' three = import (patched + "/nixos/lib/eval-config.nix") { modules = [ ./hs.nix { networking.hostName = "three"; } ]; }; }; }; }',
            "hs.nix": MODULE,
        },
        {name: f"https://{name}.example.com" for name in ("one", "two", "three")},
    ),
    "flake-parts: a module of two files": (
        {
            "flake.nix": f"{{ {PARTS}outputs = inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} {{ systems = [ ];"
            " imports = [ ./a.nix ./b.nix ]; flake.nixosConfigurations.one = inputs.nixpkgs.lib.nixosSystem { modules = [ inputs.self.nixosModules.vpn ]; }; }; }",
            "a.nix": f"{{ flake.nixosModules.vpn = {MODULE}; }}",
            "b.nix": '{ flake.nixosModules.vpn.networking.hostName = "one"; }',
        },
        {"one": "https://one.example.com"},
    ),
    "flake-parts: flake modules for development leave hosts alone": (
        {
            "flake.nix": parts(
                "github:numtide/treefmt-nix",
                '{ withSystem, ... }: { systems = [ "x86_64-linux" ]; imports = [ inputs.frame.flakeModule ];'
                ' perSystem = { config, ... }: { treefmt.programs.nixfmt.enable = true; legacyPackages.name = "one"; };'
                " flake.nixosConfigurations.one = inputs.nixpkgs.lib.nixosSystem { modules = [ ./hs.nix"
                ' { networking.hostName = withSystem "x86_64-linux" ({ config, ... }: config.legacyPackages.name); } ]; }; }',
            ),
            "hs.nix": MODULE,
        },
        {"one": "https://one.example.com"},
    ),
}


def inspect(directory: Path, files: dict[str, str]) -> Inspection:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return with_deep_stack(open_project, [str(directory)], Options())


@pytest.mark.parametrize("project", PROJECTS)
def test_every_host_of_a_framework_is_found_and_evaluated(tmp_path: Path, project: str) -> None:
    """By its name, with what its modules say, and nothing is passed over or left open."""
    files, expected = PROJECTS[project]
    inspection = inspect(tmp_path, files)
    assert [inspection.told(each) for each in inspection.unjudged] == []
    found = {
        host.name: with_deep_stack(host.text, "settings.server_url") for host in inspection.hosts if host.written("")
    }
    assert {name: url for name, url in found.items() if name in expected} == expected
    assert not [host.name for host in inspection.hosts if host.alone]
    assert not [
        host.name for host in inspection.hosts if host.name in expected and with_deep_stack(lambda: host.is_open)
    ]
