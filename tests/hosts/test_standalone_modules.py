"""Modules that no host is seen to use: whatever sets `services.headscale` is evaluated, or named as not evaluated."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from hslint.checking import Checked, Request, check
from hslint.cli import main
from hslint.hosts.flake import Flake
from hslint.hosts.nixos import NixOS
from hslint.reporters import report

NIXPKGS = 'inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";'
PARTS = f'{{ {NIXPKGS} inputs.flake-parts.url = "github:hercules-ci/flake-parts"; inputs.other.url = "github:someone/infrastructure";'

#: What every module of these tests sets: a URL that no release takes.
SET = '{ services.headscale = { enable = true; settings.server_url = "htp://hs.example.com"; }; }'


def project(directory: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return directory.resolve()


def malformed(checked: Checked) -> list[str]:
    root = checked.inspection.project
    return [
        root.relative(finding.problem.at.file.path)
        for finding in checked.findings
        if finding.rule.name == "server-url-malformed"
    ]


@pytest.mark.parametrize(
    "text",
    [
        SET,
        f"{{ config, ... }}: {SET}",
        f"args: {SET}",
        f"inputs: {{ config, lib, ... }}: {SET}",
        f"{{ extra ? [ ] }}: {{ lib, ... }}: {SET}",
        f"pkgs: {SET}",
        f"{{ domain, port }}: {{ pkgs, ... }}: {SET}",
        f"let vpn = {SET}; in {{ flake.x = [ vpn ]; }}",
        f'{{ inputs, ... }}: let name = "x"; in {{ flake.features.vpn.nixos = {SET}; }}',
        f"{{ flake.features.vpn.nixos = {{ lib, ... }}: {{ config = lib.mkIf true {SET}; }}; }}",
        f"{{ flake.nixosModules.vpn = {SET}; }}",
        '{ flake.modules.nixos.vpn.services.headscale = { enable = true; settings.server_url = "htp://hs.example.com"; }; }',
        f"{{ clan.modules.vpn.roles.server.perInstance = {{ ... }}: {{ nixosModule = {SET}; }}; }}",
        f"{{ my.services.vpn.nixos = {SET}; }}",
        f'{{ machines.hub = {{ system = "x86_64-linux"; modules = [ {{ networking.hostName = "hub"; }} {SET} ]; }}; }}',
        f"{{ containers.vpn.config = {SET}; }}",
        f"{{ config, ... }}: {{ specialisation.vpn.configuration = {SET}; }}",
        f'rec {{ url = "unused"; nodes.hub = {{ ... }}: {SET}; }}',
        f"{{ lib, ... }}: {{ config = lib.mkMerge [ (lib.mkIf true {SET}) {{ }} ]; }}",
        '{ lib, ... }: { services = lib.mkIf true { headscale = { enable = true; settings.server_url = "htp://hs.example.com"; }; }; }',
        f"with builtins; {{ flake.aspects.vpn.nixos = if true then {SET} else {{ }}; }}",
    ],
)
@pytest.mark.parametrize("around", ["nothing", "a flake whose hosts are not read"])
def test_what_sets_headscale_is_evaluated_wherever_it_lies(tmp_path: Path, text: str, around: str) -> None:
    """In whatever attribute path, below whatever functions, where nothing that is read makes a host of it."""
    files = {"modules/vpn.nix": text}
    if around != "nothing":
        files["flake.nix"] = f"{PARTS} outputs = inputs: inputs.other.lib.make ./modules; }}"
    assert malformed(check([str(project(tmp_path, files))], Request())) == ["modules/vpn.nix"]


@pytest.mark.parametrize(
    "text",
    [
        "{ my.services.headscale.enable = true; }",
        '{ my.services.headscale = { enable = true; domain = "htp://x"; }; }',
        "{ lib, ... }: { options.services.headscale.mine = lib.mkOption { default = 1; }; }",
        '{ lib, ... }: { options = { a = 1; } // { services.headscale.mine = lib.mkEnableOption "it"; }; }',
        "{ config, ... }: { services.nginx.enable = config.services.headscale.enable; }",
        '{ lib, ... }: { services.headscale = lib.mkIf false { enable = true; settings.server_url = "htp://x"; }; }',
    ],
)
def test_what_only_looks_like_it_is_left_alone(tmp_path: Path, text: str) -> None:
    """Options of somebody's own, declarations, values that are read, and what is switched off."""
    checked = check(
        [str(project(tmp_path, {"a.nix": text, "b.nix": "{ }", "flake.nix": "{ outputs = _: { }; }"}))], Request()
    )
    assert (checked.findings, checked.inspection.skipped) == ((), ())


def test_a_module_that_a_host_has_seen_is_not_evaluated_again(tmp_path: Path) -> None:
    """Not the file, not what is in it, not what is switched off on the host."""
    root = project(
        tmp_path,
        {
            "flake.nix": f"{{ {NIXPKGS} outputs = {{ nixpkgs, ... }}: let vpn = {{ services.headscale.port = 1; }}; in"
            " { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [ vpn ./m.nix ./off.nix ./hub.nix ]; }; }; }",
            "m.nix": "{ services.headscale.enable = true; }",
            "off.nix": "{ lib, ... }: { config = lib.mkIf false { services.headscale.settings.x = 1; }; }",
            "hub.nix": f"{{ containers.vpn.config = {SET}; my.services.headscale.settings = {{ }}; options.my = {{ }}; }}".replace(
                "my.services.headscale.settings = { }; options.my = { };", ""
            ),
        },
    )
    assert [host.name for host in check([str(root)], Request()).inspection.hosts] == ["a", "a/vpn"]


def test_modules_of_one_list_belong_together(tmp_path: Path) -> None:
    """What makes a host of the list is not read: what a sibling sets is set, what it declares is declared."""
    root = project(
        tmp_path,
        {
            "flake.nix": f"{PARTS} outputs = inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} {{"
            " imports = [ inputs.other.flakeModule ]; hosts.h.modules = [ ./hs ./dns.nix ./acl.nix ]; }; }",
            "hs/default.nix": "{ services.headscale = { enable = true; settings = { declarative.tags = [ ];"
            ' server_url = "https://hs.example.com"; }; }; }',
            "dns.nix": '{ services.headscale.settings.dns = { base_domain = "t.example.net"; nameservers.global = [ "9.9.9.9" ]; }; }',
            "acl.nix": "{ lib, ... }: { options.services.headscale.settings.declarative.tags = lib.mkOption { default = [ ]; }; }",
        },
    )
    checked = check([str(root)], Request())
    assert [(host.name, host.alone) for host in checked.inspection.hosts] == [("flake.nix: hosts.h.modules", True)]
    assert checked.findings == ()


UNREADABLE = {
    "flake.nix": f"{PARTS} outputs = inputs: {{ nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {{ modules = [ ]; }};"
    " nixosConfigurations.b = inputs.other.lib.host ./x; }; }",
    "odd.nix": '{ lib, ... }: { flake.x.nixos = { imports = [ (throw "never") ]; services.headscale.enable = true; }; }',
}


def test_a_module_that_cannot_be_evaluated_is_named_with_the_reason(tmp_path: Path) -> None:
    """And a host, too; it is not said that no problems were found."""
    root = project(tmp_path, UNREADABLE)
    checked = check([str(root)], Request())
    reported = [checked.inspection.describe(each) for each in checked.inspection.skipped]
    assert reported == [
        "host b could not be evaluated: flake.nix:1: inputs.other.lib.host comes from a flake input that is not read",
        "module odd.nix could not be evaluated: odd.nix:1: never",
    ]
    assert list(report("text", checked))[-1] == (
        "nothing was found in what could be evaluated (0 hosts with Headscale; 1 host and 1 module could not be evaluated)"
    )
    assert [line.rpartition("/")[2] for line in report("concise", checked)] == [
        "flake.nix:1:290: warning: " + reported[0] + " [not-evaluated]",
        "odd.nix:1:48: warning: " + reported[1] + " [not-evaluated]",
    ]
    document = json.loads("".join(report("json", checked)))
    assert [(host["name"], host["error"]) for host in document["hosts"] if host["release"] is None] == [
        ("b", "inputs.other.lib.host comes from a flake input that is not read"),
        ("odd.nix", "never"),
    ]
    sarif = json.loads("".join(report("sarif", checked)))
    (invocation,) = sarif["runs"][0]["invocations"]
    assert [note["message"]["text"] for note in invocation["toolExecutionNotifications"]] == reported
    assert sum(line.startswith("::warning ") for line in report("github", checked)) == 2


@pytest.mark.parametrize(
    ("arguments", "settings", "status"),
    [((), "", 0), (("--fail-on-unevaluated",), "", 2), ((), "fail-on-unevaluated = true\n", 2)],
)
def test_a_host_that_was_not_evaluated_may_be_reason_to_fail(
    tmp_path: Path, arguments: tuple[str, ...], settings: str, status: int
) -> None:
    """By a flag, and by a setting."""
    root = project(tmp_path, UNREADABLE)
    if settings:
        (root / "hslint.toml").write_text(settings)
    assert CliRunner().invoke(main, ["check", *arguments, str(root)]).exit_code == status


def test_where_nothing_of_what_was_named_could_be_evaluated_the_check_has_not_run(tmp_path: Path) -> None:
    """Other hosts of the project are no excuse; one that may be made of what was named is reported as well."""
    root = project(tmp_path, UNREADABLE)
    result = CliRunner().invoke(main, ["check", str(root / "odd.nix")])
    assert result.exit_code == 2
    assert [line.split(" could")[0] for line in result.stderr.splitlines()] == [
        "hslint: host b",
        "hslint: module odd.nix",
    ]


def test_a_flake_module_that_is_not_read_may_define_hosts(tmp_path: Path) -> None:
    """It is named beside the hosts that were found; one of a flake that is known to define none is not."""
    outputs = (
        "outputs = inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } { imports = [ inputs.%s.flakeModule ];"
        " flake.nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem { modules = [ ]; }; }; }"
    )
    harmless = 'inputs.treefmt.url = "github:numtide/treefmt-nix"; '
    root = project(tmp_path, {"flake.nix": f"{PARTS} {harmless}{outputs % 'other'}"})
    assert [each.reason for each in check([str(root)], Request()).inspection.skipped] == [
        "inputs.other.flakeModule comes from a flake input that is not read"
    ]
    project(tmp_path, {"flake.nix": f"{PARTS} {harmless}{outputs % 'treefmt'}"})
    checked = check([str(root)], Request())
    assert ([host.name for host in checked.inspection.hosts], checked.inspection.skipped) == (["a"], ())


def test_a_configuration_of_a_flake_is_no_machine_of_its_own(tmp_path: Path) -> None:
    """What makes its host could not be read: its arguments may be anything, and no false recursion is reported."""
    root = project(
        tmp_path,
        {
            "flake.nix": f"{PARTS} outputs = inputs: {{ nixosConfigurations = inputs.other.lib.hosts ./hosts; }}; }}",
            "hosts/a/configuration.nix": f"{{ inputs, ... }}: {{ imports = [ inputs.self.nixosModules.x {SET} ]; }}",
        },
    )
    checked = check([str(root)], Request())
    assert [(host.name, host.alone) for host in checked.inspection.hosts] == [("hosts/a/configuration.nix", True)]
    assert {finding.rule.name for finding in checked.findings if not finding.depends_on} == {"server-url-malformed"}


def test_a_configuration_beside_a_flake_without_hosts_is_a_machine(tmp_path: Path) -> None:
    """The flake is there for a shell, say; the machine goes by channels."""
    root = project(
        tmp_path,
        {
            "flake.nix": f"{{ {NIXPKGS} outputs = _: {{ devShells = {{ }}; }}; }}",
            "configuration.nix": f"{{ imports = [ {SET} ]; }}",
        },
    )
    assert [(host.name, host.alone) for host in check([str(root)], Request()).inspection.hosts] == [("default", False)]


def test_a_module_and_the_file_that_imports_it_are_one_host(tmp_path: Path) -> None:
    """What one sets is set for the other, also where the file that brings them together does not speak of Headscale."""
    files = {
        "flake.nix": f"{PARTS} outputs = inputs: inputs.other.lib.make ./.; }}",
        "vpn/default.nix": "{ imports = [ ./server.nix ./dns.nix ]; }",
        "vpn/server.nix": '{ services.headscale = { enable = true; settings.server_url = "https://hs.example.com"; }; }',
        "vpn/dns.nix": '{ services.headscale.settings.dns = { base_domain = "t.example.net"; nameservers.global = [ "9.9.9.9" ]; }; }',
    }
    root = project(tmp_path, files)
    checked = check([str(root)], Request())
    assert [(host.name, host.alone) for host in checked.inspection.hosts] == [("vpn/default.nix", True)]
    assert checked.findings == ()
    (root / "vpn/default.nix").write_text("{ }")
    (root / "vpn/server.nix").write_text(
        files["vpn/server.nix"].replace("{ services", "{ imports = [ ./dns.nix ]; services")
    )
    checked = check([str(root)], Request())
    assert [host.name for host in checked.inspection.hosts] == ["vpn/server.nix"]
    assert checked.findings == ()


@pytest.mark.parametrize("name", ["hive.nix", "network.nix", "default.nix"])
def test_a_module_with_the_name_of_a_hive_is_none(tmp_path: Path, name: str) -> None:
    """What it is called says nothing; what it holds does."""
    root = project(
        tmp_path, {"configuration.nix": f"{{ imports = [ ./{name} ]; }}", name: f"{{ config, lib, ... }}: {SET}"}
    )
    checked = check([str(root)], Request())
    assert ([host.name for host in checked.inspection.hosts], checked.inspection.skipped) == (["default"], ())
    assert malformed(checked) == [name]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hive.nix", "{ meta.nixpkgs = { }; defaults = { }; relay = { name, nodes, ... }: %s; }"),
        ("deploy/network.nix", '{ network.description = "x"; relay = { config, ... }: %s; }'),
        ("default.nix", "{ pkgs ? import <nixpkgs> { } }: { relay = import <nixpkgs/nixos> { configuration = %s; }; }"),
        (
            "default.nix",
            "{ nixosConfigurations.relay = import <nixpkgs/nixos/lib/eval-config.nix> { modules = [ %s ]; }; }",
        ),
    ],
)
def test_machines_without_a_flake_are_found(tmp_path: Path, name: str, text: str) -> None:
    """Hives, and what a default.nix gives by name."""
    checked = check([str(project(tmp_path, {name: text % SET}))], Request())
    assert [(host.name, host.alone) for host in checked.inspection.hosts] == [("relay", False)]
    assert malformed(checked) == [name]


def test_hosts_of_one_name_in_two_flakes_are_distinguished(tmp_path: Path) -> None:
    """The nested one is called as Nix would write it."""
    text = f"{{ {NIXPKGS} outputs = {{ nixpkgs, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [ {SET} ]; }}; }}; }}"
    checked = check([str(project(tmp_path, {"flake.nix": text, "infra/flake.nix": text}))], Request())
    assert [host.name for host in checked.inspection.hosts] == ["a", "infra#a"]
    assert [finding.hosts for finding in checked.findings if finding.rule.name == "server-url-malformed"] == [
        ("a",),
        ("infra#a",),
    ]


def test_a_defect_in_one_flake_takes_no_other_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, and the exit status says that the check was not complete."""
    from hslint.hosts import machines

    genuine = machines.of_flake

    def failing(flake: Flake, nixos: NixOS) -> Iterator[machines.Machines]:
        if flake.directory.endswith("/infra"):
            raise KeyError("x")
        return genuine(flake, nixos)

    monkeypatch.setattr(machines, "of_flake", failing)
    text = f"{{ {NIXPKGS} outputs = {{ nixpkgs, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [ {SET} ]; }}; }}; }}"
    checked = check([str(project(tmp_path, {"flake.nix": text, "infra/flake.nix": "{ }"}))], Request())
    assert list(checked.troubles) == ["hosts of infra could not be evaluated: internal-error: KeyError: 'x'"]
    assert ([host.name for host in checked.inspection.hosts], checked.could_not_run) == (["a"], True)


def names(directory: Path) -> list[str]:
    return [host.name for host in check([str(directory)], Request()).inspection.hosts]


def test_loose_modules_that_rival_each_other_are_configurations_of_their_own(tmp_path: Path) -> None:
    """Each turns Headscale on and sets its URL: what one leaves out, the other does not set for it."""
    relay = SET.replace("htp", "https").replace("enable = true;", "enable = true; settings.derp.server.enabled = true;")
    checked = check([str(project(tmp_path, {"a.nix": relay, "b.nix": relay.replace("hs.", "vpn.")}))], Request())
    assert names(tmp_path) == ["a.nix", "b.nix"]
    incomplete = [finding for finding in checked.findings if finding.rule.name == "derp-server-incomplete"]
    assert [finding.depends_on for finding in incomplete] == [(), ()]


def test_loose_modules_that_may_complete_each_other_are_parts(tmp_path: Path) -> None:
    """One of them sets what the other does not, or leaves it to the other to turn Headscale on: nothing is missing for certain."""
    relay = "{ services.headscale = { enable = true; settings.derp.server.enabled = true; }; }"
    region = "{ services.headscale = { enable = true; settings.derp.server.region_id = 999; }; }"
    for other in (region, region.replace("enable = true;", "settings.derp.server.enabled = true;")):
        checked = check([str(project(tmp_path, {"a.nix": relay, "b.nix": other}))], Request())
        assert [
            f.rule.name for f in checked.findings if f.rule.name == "derp-server-incomplete" and not f.depends_on
        ] == []


def test_two_modules_with_equal_guards_are_each_evaluated_where_these_hold(tmp_path: Path) -> None:
    """What was found in one says nothing of the other: they share names of options, and no file."""
    module = """{{ lib, config, ... }}: {{
  options.my.vpn = {{ enable = lib.mkEnableOption "Headscale"; relay = lib.mkEnableOption "DERP"; }};
  config = lib.mkIf config.my.vpn.enable {{
    services.headscale.enable = true;
    services.headscale.settings = lib.mkIf config.my.vpn.relay {{ {key} = true; }};
  }};
}}"""
    project(
        tmp_path,
        {name: module.format(key=key) for name, key in (("a.nix", "derp.server.enable"), ("b.nix", "derp.enabled"))},
    )
    found = check([str(tmp_path)], Request(possible=True, select=("misplaced-setting",))).findings
    depends = ("`my.vpn.relay` is true",)
    assert [(Path(f.problem.at.file.path).name, f.depends_on) for f in found] == [
        ("a.nix", depends),
        ("b.nix", depends),
    ]


def test_an_argument_that_names_options_comes_from_outside(tmp_path: Path) -> None:
    """With `specialArgs` Nix takes it; only from `_module.args` it would need the configuration for the configuration."""
    module = """{ domain, ... }: {
  config.${domain}.persist.directories = [ "/var/lib/headscale" ];
  config.services.headscale = { enable = true; settings.server_url = "htp://hs.example.com"; };
}"""
    project(tmp_path, {"headscale.nix": module})
    found = check([str(tmp_path)], Request(select=("infinite-recursion", "server-url-malformed"))).findings
    assert [finding.rule.name for finding in found] == ["server-url-malformed"]
