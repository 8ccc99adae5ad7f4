"""`hslint why`: how one option came about, in the words that its users read."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hslint.cli import main

VPN = """{ config, lib, ... }:
let cfg = config.my.vpn; in {
  options.my.vpn = {
    enable = lib.mkEnableOption "it";
    domain = lib.mkOption { type = lib.types.str; default = "a.example"; };
    port = lib.mkOption { type = lib.types.port; default = 8085; };
  };
  config = lib.mkIf cfg.enable {
    services.headscale.enable = true;
    services.headscale.port = cfg.port;
    services.nginx.virtualHosts.${cfg.domain}.locations."/".proxyPass = "http://127.0.0.1:${toString cfg.port}";
    networking.firewall.allowedTCPPorts = [ 443 ];
  };
}
"""
MACHINE = """{ config, lib, ... }: {
  imports = [ ./vpn.nix ];
  my.vpn.enable = true;
  my.vpn.domain = lib.mkForce "hs.example";
  services.openssh.enable = true;
  networking.firewall.allowedTCPPorts = lib.mkIf (builtins.getEnv "WEB" == "1") [ 80 ];
  services.headscale.user = lib.mkIf false "other";
  services.headscale.settings.oidc.client_secret = "hunter2hunter2";
  services.fail2ban.enable = true;
}
"""
RUNS = "  Headscale 0.28.0 (--headscale), module nixpkgs-25.11 (--module)"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory: a machine, and an option module of its own."""
    (tmp_path / "vpn.nix").write_text(VPN)
    (tmp_path / "configuration.nix").write_text(MACHINE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hslint(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def why(*arguments: str) -> list[str]:
    done = hslint("why", *arguments, "--headscale", "0.28", "--module", "nixpkgs-25.11")
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout.splitlines()


def nothing(*arguments: str) -> str:
    done = hslint("why", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    return done.stderr.removeprefix("hslint: ").rstrip("\n")


@pytest.mark.parametrize("name", ["settings.listen_addr", "listen_addr", "services.headscale.settings.listen_addr"])
def test_a_value_of_the_module_leads_back_to_the_options_that_it_is_made_of(project: Path, name: str) -> None:
    assert why(name) == [
        'default: services.headscale.settings.listen_addr = "127.0.0.1:8085"',
        RUNS,
        '  wins   module nixpkgs-25.11  "127.0.0.1:8085"  mkDefault',
        '         made by the module of address ("127.0.0.1", default) and port (8085, vpn.nix:10:24)',
        "  part of services.headscale.settings, declared by the module",
    ]


def test_a_value_that_is_passed_on_leads_back_to_where_it_was_written(project: Path) -> None:
    """The default is not listed among the definitions that lost as well."""
    assert why("port") == [
        "default: services.headscale.port = 8085",
        RUNS,
        "  wins   vpn.nix:10:24  8085  plain  from vpn.nix:6:60",
        "  default 8080",
        "  declared by the module",
    ]


def test_an_option_of_ones_own_has_the_place_of_its_declaration(project: Path) -> None:
    assert why("my.vpn.domain") == [
        'default: my.vpn.domain = "hs.example"',
        '  wins   configuration.nix:4:10  "hs.example"  mkForce',
        '  default "a.example"',
        "  declared at vpn.nix:5:5",
    ]


def test_definitions_have_their_conditions_and_nixos_makes_some_of_them(project: Path) -> None:
    """Nothing is said of Headscale's release where it has nothing to do with the option."""
    assert why("networking.firewall.allowedTCPPorts") == [
        "default: networking.firewall.allowedTCPPorts = [ 22 443 … ]",
        "  wins   vpn.nix:12:25  [ 443 ]  plain",
        '  wins   configuration.nix:6:23  [ 80 ]  plain  if `builtins.getEnv "WEB" == "1"` holds',
        "  wins   NixOS  [ 22 ]  plain",
        "         made by NixOS of services.openssh.ports ([ 22 ], default)",
        "  default [ ]",
        "  declared by NixOS",
    ]


def test_something_in_an_option_is_shown_with_the_option_it_is_part_of(project: Path) -> None:
    assert why('services.nginx.virtualHosts."hs.example".locations."/".proxyPass') == [
        'default: services.nginx.virtualHosts."hs.example".locations."/".proxyPass = "http://127.0.0.1:8085"',
        '  wins   vpn.nix:11:61  "http://127.0.0.1:8085"  plain',
        "  part of services.nginx.virtualHosts, declared by NixOS",
    ]


def test_a_definition_whose_condition_is_false_is_listed(project: Path) -> None:
    assert why("user") == [
        'default: services.headscale.user = "headscale"',
        RUNS,
        '  unmet  configuration.nix:7:22  "other"  its condition is false',
        '  default "headscale", in effect',
        "  declared by the module",
    ]


def test_an_option_that_hslint_does_not_know_is_not_ascribed_to_nixos_for_certain(project: Path) -> None:
    assert why("services.fail2ban.enable") == [
        "default: services.fail2ban.enable = true",
        "  wins   configuration.nix:9:21  true  plain",
        "  declared by NixOS or another module that hslint does not read",
    ]


def test_a_set_of_options_is_the_list_of_what_is_set_in_it(project: Path) -> None:
    assert why("my.vpn") == [
        "default: my.vpn is a set of options",
        '  my.vpn.domain = "hs.example"  configuration.nix:4:10',
        "  my.vpn.enable = true  configuration.nix:3:10",
    ]


def test_a_setting_without_a_definition_is_headscales_own(project: Path) -> None:
    """In both formats."""
    assert why("cli.timeout") == [
        'default: services.headscale.settings.cli.timeout is not set; Headscale itself has the default "5s"',
        RUNS,
    ]
    (option,) = json.loads("\n".join(why("settings.cli.timeout", "--format", "json")))["options"]
    assert (option["value"], option["headscale_default"]) == (None, "5s")


def test_secrets_are_not_shown(project: Path) -> None:
    reported = why("oidc.client_secret")
    assert reported[0] == 'default: services.headscale.settings.oidc.client_secret = "<redacted>"'
    assert "hunter2" not in "".join(reported)


def test_paths_are_those_that_can_be_opened_from_here(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in the messages of Nix, and in values."""
    (project / "conflict.nix").write_text('{ services.headscale.settings.policy.path = "/x"; }')
    (project / "configuration.nix").write_text(
        "{ imports = [ ./conflict.nix ]; services.headscale.enable = true; services.headscale.settings.policy.path = ./acl; }"
    )
    (project / "acl").write_text("{}")
    (project / "below").mkdir()
    monkeypatch.chdir(project / "below")
    reported = why("..", "settings.policy.path")
    assert reported[1:3] == ["    - In `../configuration.nix': ../acl", '    - In `../conflict.nix\': "/x"']
    assert str(project) not in "".join(reported)


def test_an_option_of_the_full_name_goes_before_headscales_on_every_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the other one is named. A host without the former is left out, not answered with the latter."""
    (tmp_path / "flake.nix").write_text(
        """{ inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11"; outputs = { nixpkgs, ... }: { nixosConfigurations = {
  a = nixpkgs.lib.nixosSystem { modules = [ ({ lib, ... }: { options.port = lib.mkOption { default = 1; }; }) ]; };
  b = nixpkgs.lib.nixosSystem { modules = [ { services.headscale.enable = true; } ]; };
}; }; }"""
    )
    monkeypatch.chdir(tmp_path)
    assert why("port") == [
        "a: port = 1",
        "  default 1, in effect",
        "  declared at flake.nix:2:70",
        "  services.headscale.port is another option: give its full name to ask for it",
    ]
    assert [line for line in why("services.headscale.port") if not line.startswith(" ")] == [
        "a: services.headscale.port = 8080",
        "b: services.headscale.port = 8080",
    ]


def test_a_renamed_option_is_shown_under_both_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "configuration.nix").write_text(
        '{ services.headscale = { enable = true; serverUrl = "https://a.example"; }; }'
    )
    monkeypatch.chdir(tmp_path)
    assert why("settings.server_url")[2:4] == [
        '  wins   configuration.nix:1:41  "https://a.example"  plain',
        "         written as services.headscale.serverUrl, an earlier name of it",
    ]
    assert why("serverUrl")[-1] == "  now called settings.server_url"


def test_under_a_guard_that_cannot_be_decided_the_condition_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In words of the configuration, for the option and for Headscale as a whole."""
    (tmp_path / "configuration.nix").write_text(
        '{ lib, ... }: { services.headscale = lib.mkIf (builtins.getEnv "VPN" == "1") { enable = true; port = 8085; }; }'
    )
    monkeypatch.chdir(tmp_path)
    condition = '`builtins.getEnv "VPN" == "1"` holds'
    assert why("port")[2:] == [
        f"  Headscale is enabled if {condition}",
        f"  wins   configuration.nix:1:95  8085  plain  if {condition}",
        "  default 8080",
        "  declared by the module",
    ]
    shown = hslint("show").stdout.splitlines()
    assert shown[1] == f"# services.headscale.enable: true if {condition}"
    assert f"# port: # unknown: 8085 if {condition} # configuration.nix:1:95" in shown


def test_an_undeclared_option_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "configuration.nix").write_text("{ services.headscale.enable = true; my.vpn.x = 1; }")
    monkeypatch.chdir(tmp_path)
    assert why("my.vpn.x") == [
        "default: my.vpn.x fails: no imported module declares this option",
        "  wins   configuration.nix:1:44  1  plain",
        "  declared nowhere: Nix refuses it",
    ]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("my.vpn.domian", "my.vpn.domain"),
        ("prot", "port"),
        ("services.headscale.prot", "port"),
        ("setings.listen_adr", "settings.listen_addr"),
        ("listen_adr", "settings.listen_addr"),
        ("magic_dns", "settings.dns.magic_dns"),
        ("settings.base_domian", "settings.dns.base_domain"),
        ("networking.firewal.enable", "networking.firewall.enable"),
        ("services.ngnix.enable", "services.nginx.enable"),
        ("servces.fail2ban.enable", "services.fail2ban.enable"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_one_that_was_meant(project: Path, name: str, meant: str) -> None:
    """Once, and not with the name itself."""
    assert nothing(name) == f"{name}: no such option; did you mean {meant}?"


def test_a_word_when_there_is_nothing_to_show(project: Path) -> None:
    """What is no option, what NixOS may have, and a switch that nobody touches."""
    assert nothing("nonsense") == "nonsense: no such option"
    assert nothing("time.timeZone") == (
        "time.timeZone: nothing here sets this option; if NixOS has it, its default holds, which hslint does not know"
    )
    assert why("services.foo.enable") == [
        "default: services.foo.enable is not set; if NixOS has this option, it is false"
    ]


def test_the_path_may_be_left_out_or_stand_behind(project: Path) -> None:
    """A single argument is the option, unless it is a path that is there."""
    assert why("port") == why(".", "port") == why("configuration.nix", "port") == why("port", "configuration.nix")
    (project / "port").mkdir()
    assert why("port") == why(".", "port")
    done = hslint("why", "configuration.nix")
    assert done.exit_code == 2
    assert "configuration.nix is a path: which option of it? (hslint why configuration.nix OPTION)" in done.stderr
    assert nothing("missing.nix", "port") == "missing.nix: no such file or directory"


# -- show --------------------------------------------------------------------------------------------------------------


def test_show_says_where_a_value_comes_from_that_a_module_makes(project: Path) -> None:
    """The default of a module is told from what the module sets."""
    shown = {line.split(":")[0].strip(): line.partition(" # ")[2] for line in hslint("show").stdout.splitlines()}
    assert shown["listen_addr"] == "made of address (default) and port (vpn.nix:10:24)"
    assert shown["unix_socket"] == "set by the module"
    assert shown["server_url"] == "default"


def test_show_says_when_no_host_has_headscale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is no error; that nothing could be evaluated is."""
    (tmp_path / "configuration.nix").write_text("{ services.nginx.enable = true; }")
    monkeypatch.chdir(tmp_path)
    done = hslint("show")
    assert (done.exit_code, done.stdout.splitlines()[1:]) == (
        0,
        ["# services.headscale.enable: off", "# no host has Headscale"],
    )
    (tmp_path / "configuration.nix").unlink()
    (tmp_path / "flake.nix").write_text(
        '{ inputs.x.url = "github:a/b"; outputs = { x, ... }: { nixosConfigurations.a = x.lib.system { }; }; }'
    )
    done = hslint("show")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (2, "# no host that could be evaluated has Headscale")
    assert hslint("show", "--format", "json").exit_code == 2
