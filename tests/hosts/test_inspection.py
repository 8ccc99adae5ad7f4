"""Which hosts stand behind a path, and what is known of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hslint.hosts import CannotInspect, Inspection, Options
from hslint.hosts.host import Host
from hslint.hosts.network import firewall
from hslint.hosts.search import open_project
from hslint.values.budget import with_deep_stack
from hslint.values.value import Bool, Int, Unknown

HEADSCALE = """
{ config, ... }: {
  services.headscale = {
    enable = true;
    settings.server_url = "https://${config.networking.hostName}.example.com";
  };
}
"""

INPUTS = """
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  inputs.headscale.url = "github:juanfont/headscale/v0.28.0";
"""


def project(directory: Path, **files: str) -> Path:
    """Files by name; `__` in a name is a slash."""
    for name, text in files.items():
        path = directory / (name.replace("__", "/") + ".nix")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return directory


def inspect(*paths: Path, **options: object) -> Inspection:
    return with_deep_stack(open_project, [str(path) for path in paths], Options(**options))  # type: ignore[arg-type]


def urls(inspection: Inspection) -> dict[str, str | None]:
    return {host.name: with_deep_stack(host.setting, "settings.server_url").text for host in inspection.hosts}


def only(inspection: Inspection) -> Host:
    (host,) = inspection.hosts
    return host


def flake(outputs: str) -> str:
    return f"{{{INPUTS}\n  outputs = {outputs};\n}}\n"


def test_a_host_of_nixos_system_is_found(tmp_path: Path) -> None:
    """The plainest flake: one host, its modules in files."""
    project(
        tmp_path,
        headscale=HEADSCALE,
        flake=flake(
            "{ nixpkgs, ... }: { nixosConfigurations.alpha = nixpkgs.lib.nixosSystem {"
            ' system = "x86_64-linux"; modules = [ ./headscale.nix { networking.hostName = "alpha"; } ]; }; }'
        ),
    )
    assert urls(inspect(tmp_path)) == {"alpha": "https://alpha.example.com"}


def test_hosts_made_with_an_extended_library_are_found(tmp_path: Path) -> None:
    """`nixpkgs.lib.extend` keeps nixosSystem, and what is added sees it."""
    project(
        tmp_path,
        headscale=HEADSCALE,
        flake=flake(
            "{ nixpkgs, ... }: let lib = nixpkgs.lib.extend (final: prev: {"
            " my.host = name: final.nixosSystem { modules = [ ./headscale.nix { networking.hostName = name; } ]; }; });"
            " again = lib.extend (final: prev: { more = true; });"
            ' in { nixosConfigurations = { a = lib.my.host "a"; b = with again; nixosSystem {'
            ' modules = [ ./headscale.nix { networking.hostName = "b"; } ]; }; }; }'
        ),
    )
    inspection = inspect(tmp_path)
    assert inspection.skipped == ()
    assert urls(inspection) == {"a": "https://a.example.com", "b": "https://b.example.com"}


def test_hosts_made_by_a_function_in_another_file_are_found(tmp_path: Path) -> None:
    """`mkHost` lies in lib.nix and is mapped over a set of hosts."""
    project(
        tmp_path,
        headscale=HEADSCALE,
        lib="{ nixpkgs }: { mkHost = name: extra: nixpkgs.lib.nixosSystem { modules = [ ./headscale.nix { networking.hostName = name; } ] ++ extra; }; }",
        flake=flake(
            "inputs@{ nixpkgs, ... }: let inherit (import ./lib.nix { inherit nixpkgs; }) mkHost; in"
            " { nixosConfigurations = builtins.mapAttrs mkHost { a = [ ]; b = [ { services.headscale.port = 9000; } ]; }; }"
        ),
    )
    inspection = inspect(tmp_path)
    assert urls(inspection) == {"a": "https://a.example.com", "b": "https://b.example.com"}
    ports = [with_deep_stack(host.setting, "port").value for host in inspection.hosts]
    assert [port.value for port in ports if isinstance(port, Int)] == [8080, 9000]


def test_modules_of_flake_parts_that_are_not_read_may_declare_anything(tmp_path: Path) -> None:
    """What is set for them is no mistake; and options for each system may be declared beside them."""
    project(
        tmp_path,
        headscale=HEADSCALE,
        flake=(
            '{ inputs.nixpkgs.url = "github:NixOS/nixpkgs"; inputs.flake-parts.url = "github:hercules-ci/flake-parts";'
            ' inputs.tool.url = "github:somebody/tool";'
            " outputs = inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } ({ lib, flake-parts-lib, ... }: {"
            " imports = [ inputs.tool.flakeModule ]; config.tool.enable = true;"
            " options.perSystem = flake-parts-lib.mkPerSystemOption { options.more = lib.mkOption { default = 1; }; };"
            " config.flake.nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {"
            ' modules = [ ./headscale.nix { networking.hostName = "a"; } ]; }; }); }'
        ),
    )
    inspection = inspect(tmp_path)
    assert [(each.names, each.reason) for each in inspection.skipped] == [
        ((), "inputs.tool.flakeModule comes from a flake input that is not read")
    ]
    assert urls(inspection) == {"a": "https://a.example.com"}


def test_hosts_of_flake_parts_are_found(tmp_path: Path) -> None:
    """Through mkFlake, its imports, and a module that the flake exports."""
    project(
        tmp_path,
        headscale=HEADSCALE,
        parts__hosts=(
            "{ inputs, self, ... }: { flake.nixosConfigurations.gate = inputs.nixpkgs.lib.nixosSystem {"
            ' modules = [ self.nixosModules.control { networking.hostName = "gate"; } ]; }; }'
        ),
        flake=(
            '{ inputs.nixpkgs.url = "github:NixOS/nixpkgs"; inputs.flake-parts.url = "github:hercules-ci/flake-parts";'
            " outputs = inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } {"
            ' systems = [ "x86_64-linux" ]; imports = [ ./parts/hosts.nix ]; flake.nixosModules.control = ./headscale.nix; }; }'
        ),
    )
    assert urls(inspect(tmp_path)) == {"gate": "https://gate.example.com"}


def test_nodes_of_a_colmena_hive_are_found(tmp_path: Path) -> None:
    """`meta` and `defaults` are no nodes; the defaults hold for each."""
    project(
        tmp_path,
        headscale=HEADSCALE,
        flake=flake(
            "{ nixpkgs, ... }: { colmena = { meta.nixpkgs = import nixpkgs { }; defaults = { name, ... }: { networking.hostName = name; };"
            " control = { imports = [ ./headscale.nix ]; }; }; }"
        ),
    )
    assert urls(inspect(tmp_path)) == {"control": "https://control.example.com"}


def test_a_path_input_is_followed(tmp_path: Path) -> None:
    """A flake below the project gives its modules to the one above."""
    project(
        tmp_path,
        sub__headscale=HEADSCALE,
        sub__flake="{ outputs = _: { nixosModules.default = ./headscale.nix; }; }",
        flake=(
            '{ inputs.nixpkgs.url = "github:NixOS/nixpkgs"; inputs.sub.url = "path:./sub"; outputs = { nixpkgs, sub, ... }: {'
            ' nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [ sub.nixosModules.default { networking.hostName = "a"; } ]; }; }; }'
        ),
    )
    assert urls(inspect(tmp_path)) == {"a": "https://a.example.com"}


def test_the_module_of_the_headscale_flake_is_recognised_by_its_tag(tmp_path: Path) -> None:
    """Release and module come from different inputs: the package from nixpkgs, the module from Headscale's flake."""
    project(
        tmp_path,
        headscale=HEADSCALE,
        flake=flake(
            "{ nixpkgs, headscale, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem {"
            " modules = [ headscale.nixosModules.default ./headscale.nix ]; }; }"
        ),
    )
    release = only(inspect(tmp_path)).runs.release
    assert (str(release.value), release.because) == ("0.27.1", "input nixpkgs: nixos-25.11")
    module = only(inspect(tmp_path)).runs.module
    assert (module.value.name, module.because) == ("in-repo-v0.28.0", "inputs.headscale.nixosModules.default")


def test_what_the_user_says_goes_before_what_is_inferred(tmp_path: Path) -> None:
    """--headscale and --module."""
    project(tmp_path, configuration=HEADSCALE)
    host = only(inspect(tmp_path / "configuration.nix", headscale="0.26", module="nixpkgs-25.05"))
    assert (str(host.release), host.module.name) == ("0.26.1", "nixpkgs-25.05")


def test_a_configuration_file_is_a_closed_host(tmp_path: Path) -> None:
    """Whatever is absent is certainly not set."""
    project(tmp_path, configuration="{ imports = [ ./headscale.nix ]; }", headscale=HEADSCALE)
    host = only(inspect(tmp_path / "configuration.nix"))
    assert host.name == "default"
    assert not with_deep_stack(lambda: host.has_unresolved_imports)
    assert isinstance(with_deep_stack(host.setting, "settings.dns.magic_dns").value, Bool)


def test_an_import_from_an_unknown_flake_leaves_the_host_open(tmp_path: Path) -> None:
    """What is absent may be set there; what is written stays known."""
    project(
        tmp_path,
        headscale=HEADSCALE,
        flake=(
            '{ inputs.nixpkgs.url = "github:NixOS/nixpkgs"; inputs.other.url = "github:someone/infrastructure"; outputs = { nixpkgs, other, ... }: {'
            ' nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [ other.nixosModules.base ./headscale.nix { networking.hostName = "a"; } ]; }; }; }'
        ),
    )
    host = only(inspect(tmp_path))
    opening = with_deep_stack(lambda: host.unresolved_imports[0].unknown.reason)
    assert opening == "inputs.other.nixosModules.base comes from a flake input that is not read"
    assert isinstance(with_deep_stack(host.setting, "settings.dns.base_domain").value, Unknown)
    assert isinstance(with_deep_stack(host.setting, "enable").value, Bool)


@pytest.mark.parametrize(
    "url", ["github:Mic92/sops-nix", "github:nix-community/disko", "github:nix-community/home-manager"]
)
@pytest.mark.parametrize("output", ["nixosModules.default", "outputs.nixosModules.default"])
def test_a_well_known_flake_leaves_nothing_open(tmp_path: Path, url: str, output: str) -> None:
    """Their modules are known not to define Headscale options."""
    project(
        tmp_path,
        headscale=HEADSCALE,
        flake=(
            f'{{ inputs.nixpkgs.url = "github:NixOS/nixpkgs"; inputs.other.url = "{url}"; outputs = {{ nixpkgs, other, ... }}: {{'
            " nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [ other.OUTPUT ./headscale.nix ]; }; }; }".replace(
                "OUTPUT", output
            )
        ),
    )
    host = only(inspect(tmp_path))
    assert with_deep_stack(lambda: host.unresolved_imports) == ()


def test_a_named_module_is_checked_on_the_hosts_that_use_it(tmp_path: Path) -> None:
    """And only what concerns it is shown."""
    project(
        tmp_path,
        headscale=HEADSCALE,
        flake=flake(
            '{ nixpkgs, ... }: { nixosConfigurations.alpha = nixpkgs.lib.nixosSystem { modules = [ ./headscale.nix { networking.hostName = "alpha"; } ]; }; }'
        ),
    )
    inspection = inspect(tmp_path / "headscale.nix")
    assert urls(inspection) == {"alpha": "https://alpha.example.com"}
    assert inspection.named == (str((tmp_path / "headscale.nix").resolve()),)


def test_a_module_can_be_checked_by_itself(tmp_path: Path) -> None:
    """With --alone its host knows nothing of the flake around it, and is open."""
    project(
        tmp_path,
        headscale=HEADSCALE,
        flake=flake(
            "{ nixpkgs, ... }: { nixosConfigurations.alpha = nixpkgs.lib.nixosSystem { modules = [ ./headscale.nix ]; }; }"
        ),
    )
    host = only(inspect(tmp_path / "headscale.nix", alone=True))
    assert host.alone
    assert with_deep_stack(lambda: host.has_unresolved_imports)


def test_a_file_that_no_host_uses_is_checked_by_itself(tmp_path: Path) -> None:
    """It bears its path as a name; files that do not speak of Headscale are left alone."""
    project(
        tmp_path,
        unused__headscale=HEADSCALE,
        unused__other="{ services.openssh.enable = true; }",
        flake=flake("{ nixpkgs, ... }: { nixosConfigurations.alpha = nixpkgs.lib.nixosSystem { modules = [ ]; }; }"),
    )
    assert [host.name for host in inspect(tmp_path).hosts] == ["alpha", "unused/headscale.nix"]


def test_a_module_that_is_switched_on_elsewhere_is_checked_all_the_same(tmp_path: Path) -> None:
    """What it defines is seen, and that a switch guards it."""
    project(
        tmp_path,
        flake="{ outputs = _: { nixosModules.default = ./module.nix; }; }",
        module=(
            '{ config, lib, ... }: { options.my.control.enable = lib.mkEnableOption "it";'
            " config = lib.mkIf config.my.control.enable { services.headscale.enable = true; services.headscale.settings.url = 1; }; }"
        ),
    )
    host = only(inspect(tmp_path))
    assert with_deep_stack(lambda: list(host.written())) == []
    (setting,) = with_deep_stack(lambda: list(host.defined()))
    assert setting.option == "services.headscale.settings.url"
    assert [atom.text for atom in host.guards] == ["my.control.enable"]


def test_nothing_outside_the_project_is_read(tmp_path: Path) -> None:
    """A module beside the project is unknown, not read."""
    (tmp_path / "outside.nix").write_text('{ services.headscale.settings.server_url = "https://secret.example"; }')
    inside = project(
        tmp_path / "inside", configuration="{ imports = [ ../outside.nix ]; services.headscale.enable = true; }"
    )
    (inside / ".git").mkdir()
    host = only(inspect(inside / "configuration.nix"))
    assert isinstance(with_deep_stack(host.setting, "settings.server_url").value, Unknown)


@pytest.mark.parametrize(
    ("name", "message"), [("missing.nix", "no such file or directory"), ("empty", "holds no .nix file")]
)
def test_what_cannot_be_inspected_is_named(tmp_path: Path, name: str, message: str) -> None:
    """One line with the path and the reason."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(CannotInspect, match=message):
        inspect(tmp_path / name)


def test_an_unknown_release_is_refused(tmp_path: Path) -> None:
    """With an example of how to write it."""
    project(tmp_path, configuration=HEADSCALE)
    with pytest.raises(CannotInspect, match=r"--headscale latest: not a release; write it like 0\.28 or 0\.28\.0"):
        inspect(tmp_path / "configuration.nix", headscale="latest")


def test_a_value_from_elsewhere_concerns_the_module_that_gives_it_to_headscale(tmp_path: Path) -> None:
    """The domain is written in the flake; the module named on the command line makes it the base domain."""
    project(
        tmp_path,
        headscale="{ domain, ... }: { services.headscale.enable = true; services.headscale.settings.dns.base_domain = domain; }",
        flake=flake(
            "{ nixpkgs, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem {"
            ' specialArgs.domain = "example.com"; modules = [ ./headscale.nix ]; }; }'
        ),
    )
    inspection = inspect(tmp_path / "headscale.nix")
    base = with_deep_stack(only(inspection).setting, "settings.dns.base_domain")
    assert base is not None
    assert base.at is not None
    assert base.at.file.path.endswith("flake.nix")
    assert with_deep_stack(inspection.concerns, base.at)


def test_files_outside_any_host_see_the_nixpkgs_that_is_dated(tmp_path: Path) -> None:
    """A registry's `nixpkgs` that says nothing of its age gives way to an input that does."""
    project(
        tmp_path,
        stray=HEADSCALE,
        flake='{ inputs.nixos.url = "github:nixos/nixpkgs/nixos-25.05"; outputs = { self, nixos, nixpkgs }: { }; }',
    )
    release = only(inspect(tmp_path)).runs.release
    assert (str(release.value), release.because) == ("0.25.1", "input nixos: nixos-25.05")


@pytest.mark.parametrize(
    ("secret", "alone"),
    [("config.age.secrets.oidc.path", True), ('"/run/secrets/oidc"', False)],
    ids=["declared elsewhere", "needs nothing"],
)
def test_a_module_that_reads_what_it_does_not_define_is_part_of_a_configuration(
    tmp_path: Path, secret: str, alone: bool
) -> None:
    """Nix would stop at a secret that nobody declares: other files declare it, and may set options that are absent here."""
    module = f"{{ config, ... }}: {{ services.headscale = {{ enable = true; settings.oidc.client_secret_path = {secret}; }}; }}"
    host = only(inspect(project(tmp_path, oidc=module) / "oidc.nix"))
    assert (host.alone, host.has_unresolved_imports) == (alone, alone)
    assert not any(failure for failure in with_deep_stack(lambda: host.failures))


def test_an_open_host_may_have_options_without_a_visible_declaration(tmp_path: Path) -> None:
    """A module that could not be followed may declare them: reading one is no error, and its value is unknown."""
    project(
        tmp_path,
        headscale="{ config, ... }: { services.headscale = { enable = true; port = config.services.headscale.proxy.port; }; }",
        flake=(
            '{ inputs.nixpkgs.url = "github:NixOS/nixpkgs"; inputs.other.url = "github:someone/infrastructure"; outputs = { nixpkgs, other, ... }: {'
            " nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [ ./headscale.nix other.nixosModules.base ]; }; }; }"
        ),
    )
    host = only(inspect(tmp_path))
    assert isinstance(with_deep_stack(host.setting, "port").value, Unknown)
    assert with_deep_stack(lambda: host.failures) == ()


def test_headscale_in_a_container_is_a_host_of_its_own(tmp_path: Path) -> None:
    """Named after the machine and the container; options of the machine do not reach into it."""
    project(
        tmp_path,
        configuration="""{
          networking.hostName = "alpha";
          containers.vpn.config = { config, ... }: {
            networking.hostName = "vpn";
            services.headscale = { enable = true; settings.server_url = "https://${config.networking.hostName}.example.com"; };
          };
          containers.web.config = { services.nginx.enable = true; };
        }""",
    )
    inspection = inspect(tmp_path)
    assert urls(inspection)["default/vpn"] == "https://vpn.example.com"
    assert {
        host.name: (host.contained, with_deep_stack(lambda host=host: host.active)) for host in inspection.hosts
    } == {
        "default": (False, False),
        "default/vpn": (True, True),
    }


def test_the_firewall_of_a_container_decides_nothing(tmp_path: Path) -> None:
    """Unless it has a network of its own, packets pass the firewall of the machine."""
    project(tmp_path, configuration="{ containers.vpn.config.services.headscale.enable = true; }")
    (_, vpn) = inspect(tmp_path).hosts
    assert with_deep_stack(lambda: firewall(vpn).allows(8080, "tcp")) is None


FLAKE_PARTS = """{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  inputs.flake-parts.url = "github:hercules-ci/flake-parts";
  inputs.other.url = "github:someone/flake-modules";
  outputs = inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } { imports = [ ./parts.nix ./more.nix ]; };
}
"""


def test_modules_that_flake_parts_keeps_by_name_come_together_from_several_files(tmp_path: Path) -> None:
    """`flake.modules.nixos.<name>` in two files is one module, once flake-parts' own module for that is imported."""
    project(
        tmp_path,
        flake=FLAKE_PARTS,
        parts="""{ inputs, config, ... }: {
          imports = [ inputs.flake-parts.flakeModules.modules ];
          flake.modules.nixos.vpn = { services.headscale.enable = true; };
          flake.nixosConfigurations.alpha = inputs.nixpkgs.lib.nixosSystem { modules = [ config.flake.modules.nixos.vpn ]; };
        }""",
        more='{ flake.modules.nixos.vpn.services.headscale.settings.server_url = "https://alpha.example.com"; }',
    )
    host = only(inspect(tmp_path))
    assert (host.name, with_deep_stack(lambda: host.active)) == ("alpha", True)
    assert with_deep_stack(host.setting, "settings.server_url").text == "https://alpha.example.com"


def test_options_of_a_flake_module_that_is_not_here_are_its_own_business(tmp_path: Path) -> None:
    """What it may declare is no unknown option; the hosts beside it are found."""
    project(
        tmp_path,
        flake=FLAKE_PARTS,
        headscale=HEADSCALE,
        parts="""{ inputs, ... }: {
          imports = [ inputs.other.flakeModule ];
          fleet.users = [ "admin" ];
          flake.nixosConfigurations.alpha = inputs.nixpkgs.lib.nixosSystem {
            modules = [ ./headscale.nix { networking.hostName = "alpha"; } ];
          };
        }""",
        more="{ lib, ... }: { options.flake.homeModules = lib.mkOption { type = lib.types.lazyAttrsOf lib.types.raw; default = { }; }; }",
    )
    inspection = inspect(tmp_path)
    assert urls(inspection) == {"alpha": "https://alpha.example.com"}
    assert [each.names for each in inspection.skipped] == [()]  # it is unknown which hosts it defines, if any


def test_a_hive_is_read_where_only_a_tool_makes_configurations_of_it(tmp_path: Path) -> None:
    """Colmena's own function is not here; what it is given is."""
    project(
        tmp_path,
        headscale=HEADSCALE,
        flake=(
            '{ inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11"; inputs.colmena.url = "github:zhaofengli/colmena";'
            " outputs = { self, nixpkgs, colmena, ... }: {"
            "   nixosConfigurations = self.colmenaHive.nodes; colmenaHive = colmena.lib.makeHive self.colmena;"
            '   colmena = { meta.nixpkgs = { }; beta = { networking.hostName = "beta"; imports = [ ./headscale.nix ]; }; };'
            " }; }"
        ),
    )
    inspection = inspect(tmp_path)
    assert urls(inspection) == {"beta": "https://beta.example.com"}
    assert inspection.skipped == ()


def test_the_library_that_flake_parts_forwards_makes_hosts(tmp_path: Path) -> None:
    """It is that of the flake's nixpkgs, with nixosSystem in it, and so is the release."""
    project(
        tmp_path,
        flake=FLAKE_PARTS,
        headscale=HEADSCALE,
        parts="""{ lib, ... }: {
          flake.nixosConfigurations.alpha = lib.nixosSystem { modules = [ ./headscale.nix { networking.hostName = "alpha"; } ]; };
        }""",
        more="{ }",
    )
    host = only(inspect(tmp_path))
    assert with_deep_stack(host.setting, "settings.server_url").text == "https://alpha.example.com"
    assert host.release.series == "0.27"
