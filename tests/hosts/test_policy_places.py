"""Wherever a policy lies, what is wrong with it is told where that was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from hslint.checking import Checked, Request, check
from hslint.finding import Finding
from hslint.problem import Severity

#: A group whose only member is written without @: 0.28 does not start with it.
POLICY = '{ "groups": { "group:dev": ["alice"] } }'
DATA = '{ groups."group:dev" = [ "alice" ]; }'
TEXT = f"''\n      // ours\n      {POLICY}\n    ''"


def configuration(path: str, more: str = "") -> str:
    return (
        "{ config, lib, pkgs, ... }:\n{\n  services.headscale = {\n    enable = true;\n    settings = {\n"
        '      server_url = "https://hs.example.com";\n      dns.base_domain = "tailnet.example.net";\n'
        '      dns.nameservers.global = [ "9.9.9.9" ];\n'
        f"      policy.path = {path};\n    }};\n  }};\n  {more}\n}}\n"
    )


def checked(directory: Path, text: str, path: str = "configuration.nix", release: str = "0.28") -> Checked:
    (directory / "configuration.nix").write_text(text)
    (directory / "acl.hujson").write_text(POLICY)
    (directory / "policy.nix").write_text(DATA)
    return check([str(directory / path)], Request(headscale=release))


def places(found: Checked) -> list[tuple[str, str, str]]:
    """The rule, the file and the text of each finding."""
    return [
        (f.rule.name, Path(f.problem.at.file.path).name, f.problem.at.text) for f in found.findings if _is_policys(f)
    ]


def _is_policys(finding: Finding) -> bool:
    return finding.rule.subject == "policy"


@pytest.mark.parametrize(
    ("path", "more", "file"),
    [
        ("./acl.hujson", "", "acl.hujson"),
        ('"${./acl.hujson}"', "", "acl.hujson"),
        ("toString ./acl.hujson", "", "acl.hujson"),
        (f'pkgs.writeText "acl.hujson" {TEXT}', "", "configuration.nix"),
        (f'"${{pkgs.writeText "acl.hujson" {TEXT}}}"', "", "configuration.nix"),
        (f'builtins.toFile "acl.hujson" {TEXT}', "", "configuration.nix"),
        (f'pkgs.writeText "acl" (builtins.toJSON {DATA})', "", "configuration.nix"),
        (f'pkgs.writeText "acl" (lib.strings.toJSON {DATA})', "", "configuration.nix"),
        (f'(pkgs.formats.json {{ }}).generate "acl.json" {DATA}', "", "configuration.nix"),
        (f'pkgs.writers.writeJSON "acl.json" {DATA}', "", "configuration.nix"),
        ('pkgs.writeText "acl" (builtins.toJSON (import ./policy.nix))', "", "policy.nix"),
        ('pkgs.writeText "acl" (builtins.readFile ./acl.hujson)', "", "acl.hujson"),
        (
            '"/etc/headscale/acl.hujson"',
            'environment.etc."headscale/acl.hujson".source = ./acl.hujson;',
            "acl.hujson",
        ),
        (
            '"/etc/headscale/acl.hujson"',
            f'environment.etc."headscale/acl.hujson".text = {TEXT};',
            "configuration.nix",
        ),
        (
            '"/etc/headscale/acl.hujson"',
            f'environment.etc = {{ "headscale/acl.hujson" = {{ text = builtins.toJSON {DATA}; mode = "0640"; }}; }};',
            "configuration.nix",
        ),
    ],
)
def test_a_policy_is_found(path: str, more: str, file: str, tmp_path: Path) -> None:
    assert places(checked(tmp_path, configuration(path, more))) == [("policy-user-without-at", file, '"alice"')]


def test_what_surrounds_an_unknown_part_is_checked(tmp_path: Path) -> None:
    text = '\'\'{ "groups": { "group:dev": [ "${builtins.getEnv "WHO"}", "alice" ] } }\'\''
    found = checked(tmp_path, configuration(f'pkgs.writeText "acl.hujson" {text}'))
    assert places(found) == [("policy-user-without-at", "configuration.nix", '"alice"')]


def test_an_entry_points_at_the_expression_that_made_it(tmp_path: Path) -> None:
    path = 'pkgs.writeText "acl" (builtins.toJSON { groups."group:dev" = config.users.groups.wheel.members; })'
    found = checked(tmp_path, configuration(path, 'users.groups.wheel.members = [ "bob" ];'))
    assert places(found) == [("policy-user-without-at", "configuration.nix", '"bob"')]


def test_a_policy_in_the_database_is_not_the_file(tmp_path: Path) -> None:
    text = configuration("./acl.hujson").replace("policy.path", 'policy.mode = "database";\n      policy.path')
    assert [name for name, *_ in places(checked(tmp_path, text))] == ["policy-not-read"]


def test_a_policy_that_no_host_names_is_checked_by_itself(tmp_path: Path) -> None:
    found = checked(tmp_path, "{ }", "acl.hujson")
    assert places(found) == [("policy-user-without-at", "acl.hujson", '"alice"')]
    assert [finding.rule.subject for finding in found.findings] == ["policy"]
    assert not found.could_not_run


def test_a_named_policy_is_checked_by_the_hosts_that_use_it(tmp_path: Path) -> None:
    found = checked(tmp_path, configuration("./acl.hujson"), "acl.hujson")
    assert places(found) == [("policy-user-without-at", "acl.hujson", '"alice"')]
    assert [finding.hosts for finding in found.findings] == [("default",)]


def test_the_first_engine_takes_names_as_they_are(tmp_path: Path) -> None:
    old = checked(tmp_path, configuration("./acl.hujson").replace("policy.path", "acl_policy_path"), release="0.22")
    assert [name for name, *_ in places(old)] == ["policy-empty", "policy-unused-name"]


def test_the_option_of_old_modules_names_a_policy(tmp_path: Path) -> None:
    (tmp_path / "acl.hujson").write_text("{}")
    (tmp_path / "configuration.nix").write_text(
        "{ services.headscale = { enable = true; aclPolicyFile = ./acl.hujson; }; }"
    )
    found = check([str(tmp_path / "configuration.nix")], Request(headscale="0.22", module="nixpkgs-24.05"))
    assert places(found) == [("policy-empty", "acl.hujson", "{}")]


@pytest.mark.parametrize("text", ["", "{", "[[[", '{"acls": [{"action"', "\ufeff{}", "null", "5", '"x"', "[]"])
def test_anything_in_a_policy_ends_without_a_crash(text: str, tmp_path: Path) -> None:
    (tmp_path / "acl.hujson").write_text(text)
    for release in ("0.22", "0.25", "0.26", "0.29"):
        found = check([str(tmp_path / "acl.hujson")], Request(headscale=release))
        assert not found.crashes and not found.could_not_run


def test_a_comment_of_the_policy_takes_a_finding_away(tmp_path: Path) -> None:
    policy = '{\n  // hslint: ignore[policy-user-without-at] -- a machine of ours\n  "groups": { "group:dev": ["alice"] },\n}\n'
    (tmp_path / "acl.hujson").write_text(policy)
    found = check([str(tmp_path / "acl.hujson")], Request(headscale="0.28"))
    assert found.findings == ()


def test_a_comment_of_the_policy_that_takes_nothing_away_is_reported(tmp_path: Path) -> None:
    (tmp_path / "acl.hujson").write_text('{ "acls": [] } // hslint: ignore[policy-syntax] -- no\n')
    found = check([str(tmp_path / "acl.hujson")], Request(headscale="0.28"))
    assert [finding.rule.name for finding in found.findings] == ["policy-empty", "unused-suppression"]


def test_a_policy_from_standard_input_is_a_policy(tmp_path: Path) -> None:
    path = str(tmp_path / "acl.hujson")
    found = check([path], Request(headscale="0.28"), {path: POLICY.encode()})
    assert places(found) == [("policy-user-without-at", "acl.hujson", '"alice"')]


def test_a_policy_in_yaml_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "acl.yaml").write_text("acls:\n  - action: accept\n")
    module = configuration("./acl.yaml")
    old = checked(tmp_path, module.replace("policy.path", "acl_policy_path"), release="0.22")
    assert [(f.rule.name, f.severity) for f in old.findings if _is_policys(f)] == [("policy-syntax", Severity.NOTE)]
    assert places(checked(tmp_path, module)) == [("policy-syntax", "acl.yaml", "acls:")]
