"""What Nix refuses anywhere on a host with Headscale: told where it stands, once, and without what only follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hslint.hosts import Options
from hslint.hosts.search import open_project
from hslint.plugins import rules
from hslint.runner import run
from hslint.values.budget import with_deep_stack

HEADSCALE = """
  services.headscale = {
    enable = true;
    settings = {
      server_url = "https://hs.example.com";
      dns.base_domain = "tail.example.net";
      dns.nameservers.global = [ "9.9.9.9" ];
    };
  };
"""


def findings(directory: Path, **files: str) -> list[str]:
    """The certain errors as `file: text: message [rule]`, the text being what is marked."""
    for name, text in files.items():
        (directory / f"{name}.nix").write_text(text)

    def found() -> list[str]:
        inspection = open_project([str(directory)], Options())
        return [
            f"{inspection.project.relative(f.problem.at.file.path)}: {f.problem.at.text}: {f.problem.message} [{f.rule.name}]"
            for f in run(inspection.hosts, rules()).findings
            if not f.depends_on
        ]

    return with_deep_stack(found)


def host(text: str, arguments: str = "{ config, lib, pkgs, ... }:") -> str:
    return f"{arguments} {{ {HEADSCALE} {text} }}"


#: What stands beside Headscale, and what is reported of it.
BESIDE: dict[str, list[str]] = {
    'services.nginx = { enable = true; virtualHosts.x.locations."/".proxyPass = "http://[::1]:${config.services.headscale.port}"; };': [
        "configuration.nix: config.services.headscale.port: cannot coerce an integer to a string [evaluation-error]"
    ],
    'services.nginx = { enable = true; virtualHosts.x.locations."/".proxyPass = "http://[::1]:" + config.services.headscale.port; };': [
        'configuration.nix: "http://[::1]:" + config.services.headscale.port: cannot coerce an integer to a string [evaluation-error]'
    ],
    'systemd.services.backup.script = "tar c ${lib.optionalString true 5}";': [
        "configuration.nix: lib.optionalString true 5: cannot coerce an integer to a string [evaluation-error]"
    ],
    'networking.hostName = "a"; imports = [ { networking.hostName = "b"; } ];': [
        ("configuration.nix: hostName: networking.hostName is defined differently in 2 places; Nix refuses it without lib.mkForce"
        " [conflicting-definitions]")
    ],
    "networking.hostName = 7;": [
        "configuration.nix: 7: networking.hostName must be of type string; Nix refuses it [wrong-option-type]"
    ],
    'environment.etc.motd.text = "on ${config.mine.name}";': [
        "configuration.nix: mine: attribute 'mine' missing; no imported module declares mine [evaluation-error]"
    ],
    "users.users.admin.home = let homes = { }; in homes.admin;": [
        "configuration.nix: admin: attribute 'admin' missing [evaluation-error]"
    ],
    "mine.enable = true;": ["configuration.nix: mine: no imported module declares mine; Nix refuses it [unknown-module-option]"],
    "sevices.openssh.enable = true;": [
        "configuration.nix: sevices: no imported module declares sevices; did you mean services? [unknown-module-option]"
    ],
}  # fmt: skip


@pytest.mark.parametrize("text", BESIDE)
def test_a_refusal_beside_headscale_is_reported(text: str, tmp_path: Path) -> None:
    """In what certainly goes into the system: enabled services, users, units, files in /etc."""
    assert findings(tmp_path, configuration=host(text)) == BESIDE[text]


#: What Nix does not evaluate, or may be right for all that is known.
FINE = [
    'services.nginx = { enable = false; virtualHosts.x.locations."/".proxyPass = "http://x:${5}"; };',
    'services.nginx.virtualHosts.x.locations."/".proxyPass = "http://x:${5}";',
    'services.thing = lib.mkIf config.services.nginx.enable { enable = true; port = "x${5}"; };',
    'boot.loader.grub.extraConfig = "x${5}";',
    'services.thing = { enable = true; a = "x"; }; imports = [ { services.thing.a = "y"; } ];',
    "services.thing = { enable = true; package = pkgs.thing; token = builtins.readFile ./not-here; };",
    "environment.systemPackages = [ pkgs.hello (pkgs.callPackage ./not-here.nix { }) ];",
    "services.thing = { enable = true; user = config.users.users.other.name; group = config.users.groups.other.name; };",
    ("services.a = lib.mkIf config.services.a.enable { b = 1; }; imports = [ { services.a.enable = true; } ];"
    ' environment.etc = lib.mkIf config.services.a.enable { a.text = "x"; };'),
    "services.thing = { enable = true; domain = config.services.other.domain; };",
    'systemd.services.a = { serviceConfig.ExecStart = pkgs.writeShellScript "x" "y"; path = [ pkgs.hello ]; };',
    "home-manager.users.a.home.x = config.home-manager.users.b.y;",
    'assertions = [ { assertion = true; message = "x${5}"; } ];',
]  # fmt: skip


@pytest.mark.parametrize("text", FINE)
def test_what_nix_need_not_evaluate_is_no_refusal(text: str, tmp_path: Path) -> None:
    """A service that is off, a definition that loses, options of NixOS that are only known in outline."""
    assert findings(tmp_path, configuration=host(text)) == []


def test_a_host_without_headscale_is_not_looked_at(tmp_path: Path) -> None:
    """What Nix refuses there has nothing to do with Headscale."""
    assert findings(tmp_path, configuration="{ networking.hostName = 7; mine.enable = true; }") == []


OPTION = """{ config, lib, ... }: {
  options.my.vpn = {
    enable = lib.mkEnableOption "the network";
    domain = lib.mkOption { type = lib.types.str; default = "example.com"; };
    unused = lib.mkOption { type = lib.types.str; };
  };
  config = lib.mkIf config.my.vpn.enable {
    services.headscale = {
      enable = true;
      settings.server_url = "https://hs.${config.my.vpn.domain}";
      settings.dns.base_domain = "tail.${config.my.vpn.domain}";
      settings.dns.nameservers.global = [ "9.9.9.9" ];
      settings.log_level = "info";
    };
  };
}
"""


@pytest.mark.parametrize(
    ("defined", "reported"),
    [
        (
            'my.vpn.enable = "yes";',
            [
                'configuration.nix: "yes": my.vpn.enable must be of type boolean; Nix refuses it [wrong-option-type]',
                "vpn.nix: log_level: log_level is not read; Headscale reads log.level [misplaced-setting]",
            ],
        ),
        (
            "my.vpn.enable = true; my.vpn.domain = 5;",
            [
                "configuration.nix: 5: my.vpn.domain must be of type string; Nix refuses it [wrong-option-type]",
                "vpn.nix: log_level: log_level is not read; Headscale reads log.level [misplaced-setting]",
            ],
        ),
        (
            'my.vpn.enable = true; my.vpn.domian = "x";',
            [
                (
                    "configuration.nix: domian: no imported module declares my.vpn.domian; did you mean my.vpn.domain?"
                    " [unknown-module-option]"
                ),
                "vpn.nix: log_level: log_level is not read; Headscale reads log.level [misplaced-setting]",
            ],
        ),
        (
            "my.vpn.enable = true; my.vpn.unused = 5;",
            ["vpn.nix: log_level: log_level is not read; Headscale reads log.level [misplaced-setting]"],
        ),
        (
            'my.vpn.enable = true; my.vpn.domain = "a"; imports = [ { my.vpn.domain = "b"; } ];',
            [
                (
                    "configuration.nix: domain: my.vpn.domain is defined differently in 2 places; Nix refuses it without lib.mkForce"
                    " [conflicting-definitions]"
                ),
                "vpn.nix: log_level: log_level is not read; Headscale reads log.level [misplaced-setting]",
            ],
        ),
    ],
)
def test_an_option_of_ones_own_is_refused_where_it_is_defined(
    defined: str, reported: list[str], tmp_path: Path
) -> None:
    """What depends on it is unknown; everything else is checked as always."""
    configuration = f"{{ config, ... }}: {{ imports = [ ./vpn.nix ]; }} // {{ {defined} }}"
    if "imports" in defined:
        configuration = f"{{ {defined.replace('imports = [', 'imports = [ ./vpn.nix')} }}"
    else:
        configuration = f"{{ imports = [ ./vpn.nix ]; {defined} }}"
    assert findings(tmp_path, vpn=OPTION, configuration=configuration) == reported


def test_an_argument_that_is_not_passed_is_named_where_it_is_asked_for(tmp_path: Path) -> None:
    """The place is the module's head; the option that needs it is a note."""
    text = host('services.headscale.settings.policy.path = "${secrets}/policy";', "{ secrets, ... }:")
    assert findings(tmp_path, configuration=text) == [
        (
            "configuration.nix: secrets: attribute 'secrets' missing; no specialArgs and no _module.args give the argument secrets"
            " [evaluation-error]"
        )
    ]


def test_an_import_that_cannot_be_followed_may_declare_and_define_what_is_missing(tmp_path: Path) -> None:
    """Only what fails by itself is refused."""
    beside = 'mine.enable = true; environment.etc.a.text = config.mine.name; environment.etc.b.text = "x${5}";'
    text = host(f'imports = [ (fetchTarball "https://example.com/x.tar.gz") ]; {beside}')
    assert findings(tmp_path, configuration=text) == [
        "configuration.nix: 5: cannot coerce an integer to a string [evaluation-error]"
    ]


def test_options_declared_twice_do_not_hide_the_rest(tmp_path: Path) -> None:
    """A module of one's own declares an option of nixpkgs' module; a setting that nobody reads is reported all the same."""
    own = "{ lib, ... }: { options.services.headscale.port = lib.mkOption { type = lib.types.port; default = 1; }; }"
    text = host("imports = [ ./own.nix ]; mine.enable = true;")
    reported = findings(tmp_path, configuration=text, own=own)
    assert (
        "own.nix: port: services.headscale.port is declared here and by the module of nixpkgs; Nix refuses it [duplicate-module-import]"
        in reported
    )
    assert (
        "configuration.nix: mine: no imported module declares mine; Nix refuses it [unknown-module-option]" in reported
    )


def test_a_module_that_is_not_imported_is_named(tmp_path: Path) -> None:
    """It declares the option that is missing."""
    (tmp_path / "options.nix").write_text("{ lib, ... }: { options.mine.name = lib.mkOption { }; }")
    (tmp_path / "configuration.nix").write_text(host("networking.hostName = config.mine.name;"))

    def found() -> list[tuple[str, str]]:
        inspection = open_project([str(tmp_path)], Options())
        (finding,) = run(inspection.hosts, rules()).findings
        return [(note.message, note.at.text) for note in finding.problem.notes]

    assert with_deep_stack(found) == [
        ("the value is needed here", "hostName"),
        ("options.nix declares it, and is not imported", "options.mine"),
    ]


def test_a_refused_setting_does_not_hide_what_is_wrong_with_the_others(tmp_path: Path) -> None:
    """Of `dns` itself, only that it is refused is reported; nothing is said to be missing."""
    text = """{
      services.headscale = {
        enable = true;
        settings = { server_url = "https://hs.example.com"; dns = "x"; log_level = "info"; };
      };
    }"""
    assert findings(tmp_path, configuration=text) == [
        "configuration.nix: \"x\": In module `configuration.nix', you're trying to define a value of type `string' [evaluation-error]",
        "configuration.nix: log_level: log_level is not read; Headscale reads log.level [misplaced-setting]",
    ]


def test_what_stands_under_a_removed_name_is_checked_as_if_it_were_renamed(tmp_path: Path) -> None:
    """The module refuses dns_config, and the value in it would be refused next."""
    text = """{
      services.headscale = {
        enable = true;
        settings = {
          server_url = "https://hs.example.com";
          dns_config = { base_domain = "example.com"; nameservers = [ "9.9.9.9" ]; };
        };
      };
    }"""
    assert findings(tmp_path, configuration=text) == [
        "configuration.nix: dns_config: dns_config was removed in 0.23 and the module refuses it; write dns [removed-setting]",
        (
            'configuration.nix: "example.com": hs.example.com lies inside base_domain example.com; Headscale does not start'
            " [base-domain-covers-server]"
        ),
    ]


def test_an_option_with_many_definitions_is_refused_all_the_same(tmp_path: Path) -> None:
    """One wrong expression among a hundred modules."""
    modules = " ".join("{ environment.systemPackages = [ ]; }" for _ in range(40))
    text = host(f'imports = [ {modules} {{ environment.systemPackages = [ pkgs.hello "a${{5}}" ]; }} ];')
    assert findings(tmp_path, configuration=text) == [
        "configuration.nix: 5: cannot coerce an integer to a string [evaluation-error]"
    ]


DOMAIN = "options.my.domain = lib.mkOption { type = lib.types.str; };"


def test_an_option_of_ones_own_without_a_value_is_reported_where_it_is_needed(tmp_path: Path) -> None:
    """On a machine of its own; an option of NixOS may have a default that hslint does not know."""
    module = f"{{ config, lib, ... }}: {{ {DOMAIN} config = {{ {HEADSCALE} users.users.a.description = config.my.domain; }}; }}"
    assert findings(tmp_path, configuration=module) == [
        (
            "configuration.nix: description: The option `my.domain' was accessed but has no value defined. Try setting the option."
            " [evaluation-error]"
        )
    ]


def test_an_option_of_a_lone_module_without_a_value_is_given_by_whoever_imports_it(tmp_path: Path) -> None:
    """It is unknown, and no refusal."""
    module = f"{{ config, lib, ... }}: {{ {DOMAIN} config = {{ {HEADSCALE} users.users.a.description = config.my.domain; }}; }}"
    assert findings(tmp_path, vpn=module) == []


def test_an_earlier_name_is_no_refusal_of_its_own(tmp_path: Path) -> None:
    """What stands under it is merged and checked under the new one."""
    under = "{ services.headscale.enable = true; services.headscale.serverUrl = VALUE; }"

    def refused(value: str) -> list[str]:
        (tmp_path / "configuration.nix").write_text(under.replace("VALUE", value))

        def options() -> list[str]:
            (host,) = open_project([str(tmp_path)], Options()).hosts
            return [each.option for each in host.failures]

        return with_deep_stack(options)

    assert refused('"https://hs.example.com"') == []
    assert refused("5") == ["services.headscale.settings.server_url"]
