"""Hosts of the frameworks that people use, each by a small project: which there are, and what they are configured with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hslint.checking import Request, check
from hslint.finding import Certainty
from hslint.hosts import Inspection, Options
from hslint.hosts.flake import Flake
from hslint.hosts.lock import read_lock
from hslint.hosts.release import Wanted
from hslint.hosts.search import open_project
from hslint.hosts.surroundings import Surroundings
from hslint.source import Project
from hslint.syntax.parse import parse
from hslint.values.budget import with_deep_stack
from hslint.values.evaluate import NixEvaluator
from hslint.values.value import Bool, Int, List, Value

NIXPKGS = 'inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11"; '
PARTS = NIXPKGS + 'inputs.flake-parts.url = "github:hercules-ci/flake-parts"; '
HOMES = 'inputs.home-manager.url = "github:nix-community/home-manager"; '

#: A module that says on which host it is.
MODULE = (
    "{ config, ... }: { services.headscale = { enable = true;"
    ' settings.server_url = "https://${config.networking.hostName}.example.com"; settings.log_level = "info"; }; }'
)


def parts(url: str, module: str, inputs: str = "") -> str:
    """A flake made with flake-parts and one framework more, whose input is called `frame`."""
    return (
        f'{{ {PARTS}inputs.frame.url = "{url}"; {inputs}'
        f" outputs = inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} ({module}); }}"
    )


def asked(directory: Path) -> list[Value]:
    """What the list `asked` among the outputs of a flake holds."""
    project = Project(str(directory), {})
    nixos = Surroundings(NixEvaluator(project, parse), Wanted(None, None, None))
    value = Flake(str(directory), read_lock(project, str(directory)), nixos).output("asked")
    assert isinstance(value, List)
    return [item.force() for item in value.items]


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
        {
            "one-x86_64-linux": "https://x86_64-linux.example.com",  # the outputs of the last system
            "two": "https://two.example.com",
        },
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
                "github:srid/nixos-unified",
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


def write(directory: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def inspect(directory: Path, files: dict[str, str]) -> Inspection:
    write(directory, files)
    return with_deep_stack(open_project, [str(directory)], Options())


@pytest.mark.parametrize("project", PROJECTS)
def test_every_host_of_a_framework_is_found_and_evaluated(tmp_path: Path, project: str) -> None:
    """By its name, with what its modules say, and nothing is passed over or left open."""
    files, expected = PROJECTS[project]
    inspection = inspect(tmp_path, files)
    assert [inspection.describe(each) for each in inspection.skipped] == []
    found = with_deep_stack(
        lambda: {host.name: host.setting("settings.server_url").text for host in inspection.hosts if host.written("")}
    )
    assert found == expected
    assert not [host.name for host in inspection.hosts if host.alone]
    assert with_deep_stack(lambda: [host.name for host in inspection.hosts if host.has_unresolved_imports]) == []


@pytest.mark.parametrize("project", [name for name in PROJECTS if name != "flake-utils: systems beyond the usual"])
def test_what_is_wrong_in_a_module_is_found_through_the_framework(tmp_path: Path, project: str) -> None:
    """Once, where it is written, however many hosts have the module."""
    write(tmp_path, PROJECTS[project][0])
    found = check([str(tmp_path)], Request(select=("misplaced-setting",))).findings
    texts = {(finding.problem.at.text, finding.certainty is Certainty.CERTAIN) for finding in found}
    assert texts == {("log_level", True)}
    assert len(found) == sum(text.count("log_level") for text in PROJECTS[project][0].values())


@pytest.mark.parametrize(
    ("outputs", "reason"),
    [
        (
            "inputs.flake-parts.lib.mkFlake { inherit inputs; } { imports = [ inputs.maker.flakeModule ]; }",
            "inputs.maker.flakeModule comes from a flake input that is not read",
        ),
        (
            "inputs.maker.lib.mkFlake { inherit inputs; }",
            "inputs.maker.lib.mkFlake comes from a flake input that is not read",
        ),
        (
            "{ nixosConfigurations.one = inputs.maker.lib.nixosSystem { modules = [ ./hs.nix ]; }; }",
            "inputs.maker.lib.nixosSystem comes from a flake input that is not read",
        ),
    ],
)
def test_hosts_of_a_framework_that_is_not_known_are_named_as_not_evaluated(
    tmp_path: Path, outputs: str, reason: str
) -> None:
    """An unread flake module may define hosts; its modules are checked by themselves."""
    write(
        tmp_path,
        {
            "hs.nix": MODULE,
            "flake.nix": f'{{ {PARTS}inputs.maker.url = "github:someone/maker"; outputs = inputs: {outputs}; }}',
        },
    )
    inspection = with_deep_stack(open_project, [str(tmp_path)], Options())
    assert reason in "\n".join(map(inspection.describe, inspection.skipped))
    assert [(host.name, host.alone) for host in inspection.hosts] == [("hs.nix", True)]


def test_an_unread_flake_module_is_named_beside_the_hosts_that_are_there(tmp_path: Path) -> None:
    """The outputs stay open, what is defined is evaluated."""
    inspection = inspect(
        tmp_path,
        {
            "hs.nix": MODULE,
            "flake.nix": parts(
                "github:someone/maker",
                "{ imports = [ inputs.frame.flakeModule ]; flake.nixosConfigurations.one = inputs.nixpkgs.lib.nixosSystem"
                ' { modules = [ ./hs.nix { networking.hostName = "one"; } ]; }; }',
            ),
        },
    )
    assert [(host.name, with_deep_stack(host.setting, "settings.server_url").text) for host in inspection.hosts] == [
        ("one", "https://one.example.com")
    ]
    (passed,) = inspection.skipped
    assert passed.names == ()
    assert "inputs.frame.flakeModule" in passed.reason


@pytest.mark.parametrize(
    "name",
    [
        "flake-utils",
        "flake-utils-plus",
        "haumea",
        "import-tree",
        "blueprint",
        "colmena",
        "den",
        "clan-core",
        "nixos-raspberrypi",
    ],
)
def test_what_a_framework_has_and_its_model_lacks_is_unknown_and_not_missing(tmp_path: Path, name: str) -> None:
    """A function that came later leaves the host open; nothing is refused."""
    inspection = inspect(
        tmp_path,
        {
            "hs.nix": MODULE,
            "flake.nix": f'{{ {NIXPKGS}inputs.{name}.url = "{name}"; outputs = inputs: {{ nixosConfigurations.one ='
            f" inputs.nixpkgs.lib.nixosSystem {{ modules = [ ./hs.nix (inputs.{name}.lib.cameLater or inputs.{name}.cameLater {{ }}) ]; }}; }}; }}",
        },
    )
    assert inspection.skipped == ()
    (host,) = inspection.hosts
    assert with_deep_stack(lambda: (host.has_unresolved_imports, host.failure)) == (True, None)


def test_a_framework_that_lies_in_the_project_is_read(tmp_path: Path) -> None:
    """What it does there is what counts, whatever others of its name do."""
    inspection = inspect(
        tmp_path,
        {
            "hs.nix": MODULE,
            "vendor/flake-utils/flake.nix": '{ outputs = _: { lib.mySystems = [ "one" ]; }; }',
            "flake.nix": f'{{ {NIXPKGS}inputs.flake-utils.url = "path:./vendor/flake-utils"; outputs = {{ nixpkgs, flake-utils, ... }}: {{'
            " nixosConfigurations = nixpkgs.lib.genAttrs flake-utils.lib.mySystems (name: nixpkgs.lib.nixosSystem {"
            " modules = [ ./hs.nix { networking.hostName = name; } ]; }); }; }",
        },
    )
    assert [(host.name, with_deep_stack(host.setting, "settings.server_url").text) for host in inspection.hosts] == [
        ("one", "https://one.example.com")
    ]


@pytest.mark.parametrize(("source", "refused"), [("nixpkgs", True), ("patched", False)])
def test_a_patched_nixpkgs_may_declare_more_options(tmp_path: Path, source: str, refused: bool) -> None:
    """An option that is not known is refused in nixpkgs as it is."""
    inspection = inspect(
        tmp_path,
        {
            "hs.nix": MODULE,
            "flake.nix": f"{{ {NIXPKGS}outputs = {{ nixpkgs, ... }}: let patched = nixpkgs.legacyPackages.x86_64-linux.applyPatches"
            ' { name = "p"; src = nixpkgs; patches = [ ./a.patch ]; }; in { nixosConfigurations.one ='
            f' import "${{{source}}}/nixos/lib/eval-config.nix" {{ modules = [ ./hs.nix {{ patchedFeature.enable = true; }} ]; }}; }}; }}',
        },
    )
    (host,) = inspection.hosts
    assert bool(with_deep_stack(lambda: list(host.all_failures))) is refused


def test_a_framework_brings_the_nixpkgs_that_is_locked_for_it(tmp_path: Path) -> None:
    """nixos-raspberrypi makes systems of its own nixpkgs, so that the module is that one's."""
    nodes = {
        "root": {"inputs": {"nixpkgs": "nixpkgs", "nixos-raspberrypi": "pi"}},
        "nixpkgs": {"original": {"type": "github", "owner": "NixOS", "repo": "nixpkgs", "ref": "nixos-24.05"}},
        "older": {"original": {"type": "github", "owner": "NixOS", "repo": "nixpkgs", "ref": "nixos-25.11"}},
        "pi": {
            "inputs": {"nixpkgs": "older"},
            "original": {"type": "github", "owner": "nvmd", "repo": "nixos-raspberrypi"},
        },
    }
    files = {
        **PROJECTS["nixos-raspberrypi: nixosSystem with modules of its own"][0],
        "flake.lock": json.dumps({"nodes": nodes, "root": "root", "version": 7}),
    }
    (host,) = inspect(tmp_path, files).hosts
    assert with_deep_stack(lambda: host.module.name) == "nixpkgs-25.11"


@pytest.mark.parametrize(
    ("module", "port", "is_open"),
    [
        ("{ host, ... }: { nixos.services.headscale.port = 9; }", 9, False),
        ("{ host, ... }: { darwin.services.headscale.port = 9; homeManager = { }; }", 8080, False),
        ("{ home, ... }: { nixos.services.headscale.port = 9; }", 8080, False),
        ("{ host, user, ... }: { nixos.services.headscale.port = 9; }", None, True),
        ("den.provides.cameLater", None, True),
    ],
)
def test_an_aspect_of_den_gives_what_its_context_allows(
    tmp_path: Path, module: str, port: int | None, is_open: bool
) -> None:
    """Other classes give NixOS nothing; what is called for each user, or is not known, leaves the host open."""
    inspection = inspect(
        tmp_path,
        {
            "hs.nix": MODULE,
            "flake.nix": parts(
                "github:vic/den",
                "{ den, ... }: { systems = [ ]; imports = [ inputs.frame.flakeModule ]; den.hosts.x86_64-linux.one.users.ada = { };"
                f" den.aspects.one = {{ nixos = ./hs.nix; includes = [ ({module}) ]; }}; }}",
            ),
        },
    )
    host = next(host for host in inspection.hosts if host.name == "one")  # an aspect without use is a module by itself
    assert with_deep_stack(lambda: host.has_unresolved_imports) is is_open
    value = with_deep_stack(host.setting, "port").value
    assert (value.value if isinstance(value, Int) else None) == port


@pytest.mark.parametrize(("source", "is_open"), [("null", False), ('"clan-core"', False), ('"elsewhere"', True)])
def test_a_service_of_clan_itself_does_nothing_to_headscale(tmp_path: Path, source: str, is_open: bool) -> None:
    """One of another input may do anything to the machines that have a role in it."""
    inspection = inspect(
        tmp_path,
        {
            "machines/one/configuration.nix": MODULE,
            "machines/two/configuration.nix": MODULE,
            "flake.nix": parts(
                "github:clan-lol/clan-core",
                "{ systems = [ ]; imports = [ inputs.frame.flakeModules.default ]; clan.inventory.instances.mesh ="
                f' {{ module = {{ name = "mesh"; input = {source}; }}; roles.peer.machines.one = {{ }}; }}; }}',
                'inputs.elsewhere.url = "github:someone/services";',
            ),
        },
    )
    assert with_deep_stack(lambda: {host.name: host.has_unresolved_imports for host in inspection.hosts}) == {
        "one": is_open,
        "two": False,
    }


def test_what_a_system_gives_is_computed_once_for_each_system(tmp_path: Path) -> None:
    """Whoever asks, and by whatever function, gets the same value."""
    write(
        tmp_path,
        {
            "flake.nix": f"{{ {PARTS}outputs = inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} ({{ getSystem, withSystem, config, ... }}: {{"
            ' systems = [ "x86_64-linux" ]; perSystem.legacyPackages.deep = { }; flake.asked = ['
            ' (getSystem "x86_64-linux").legacyPackages.deep config.allSystems.x86_64-linux.legacyPackages.deep'
            ' (withSystem "x86_64-linux" (all: all.config.legacyPackages.deep)) (getSystem "riscv64-linux").legacyPackages.deep'
            ' (getSystem "riscv64-linux").legacyPackages.deep ]; }); }',
        },
    )

    found = with_deep_stack(asked, tmp_path)
    assert found[0] is found[1] is found[2]
    assert found[3] is found[4]


def test_where_a_flake_lies_does_not_depend_on_outputs_that_are_not_known(tmp_path: Path) -> None:
    """`self + "/x"` asks for `__toString` first, which no flake has."""
    write(
        tmp_path,
        {
            "flake.nix": parts(
                "github:someone/maker",
                "{ imports = [ inputs.frame.flakeModule ]; flake.asked = [ (inputs.self ? __toString) (inputs.self ? nixosConfigurations) ]; }",
            )
        },
    )

    first, second = with_deep_stack(asked, tmp_path)
    assert isinstance(first, Bool)
    assert isinstance(second, Bool)
    assert (first.value, second.value) == (False, True)
