"""`hslint upgrade`: what is new on the way to another release, the way itself, and the fixes that carry a configuration along."""

import json
import os
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from real_nix import RealNix
from released import LATEST, READ

from hslint.cli import main

FIXTURES = Path(__file__).parent / "fixtures" / "upgrade"

MODULE = """{
  services.headscale = {
    enable = true;
    settings = {
      server_url = "https://hs.example.com";
      dns.base_domain = "tailnet.example.net";
      dns.nameservers.global = [ "9.9.9.9" ];
      randomize_client_port = false;
      ephemeral_node_inactivity_timeout = "5m";
      oidc = {
        issuer = "https://sso.example.com";
        client_id = "headscale";
        client_secret_path = "/run/secrets/oidc";
        expiry = "30d";
      };
    };
  };
}
"""
READY = """{
  services.headscale = {
    enable = true;
    settings = {
      server_url = "https://hs.example.com";
      dns.base_domain = "tailnet.example.net";
      dns.nameservers.global = [ "9.9.9.9" ];
    };
  };
}
"""

Upgrade = Callable[..., Result]


@pytest.fixture
def upgrade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Upgrade:
    """The command on one module, or on whatever stands in the current directory."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, module: str | None = None) -> Result:
        if module is not None:
            (tmp_path / "configuration.nix").write_text(module)
        return CliRunner().invoke(main, ["upgrade", *arguments])

    return run


@pytest.fixture
def harbour(tmp_path: Path, upgrade: Upgrade) -> Path:
    """Three hosts of a flake from the time of Headscale 0.22."""
    shutil.copytree(FIXTURES / "before", tmp_path, dirs_exist_ok=True)
    return tmp_path


def document(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def settings(text: str) -> str:
    """The module that is ready for the newest release, with more settings."""
    return READY.replace("    };\n  };", f"      {text}\n    }};\n  }};")


# -- reports -------------------------------------------------------------------------------------------------------------


def test_the_text_says_what_to_do_at_which_release(upgrade: Upgrade) -> None:
    """What breaks comes first, then what goes silent; each with its place, its rule and its fix."""
    result = upgrade("--from", "0.28", module=MODULE)
    assert result.exit_code == 1
    assert (
        result.stdout
        == f"""default: Headscale 0.28.0 (--from) → {LATEST}, module nixpkgs-26.05 → nixpkgs-unstable

1. Headscale {LATEST} (in no NixOS release; nixpkgs-unstable from 2026-07-01 on, {READ} at first)
   Tailscale clients before 1.80 cannot connect any more
   closes 10 known vulnerabilities: hs-3146, hs-3312, hs-3180-oidc-identifier, hs-3180-fast-path, \
hs-3180-auth-cache, hs-3180-verify, hs-3180-confirm, hs-3393, hs-3157-headers, hs-3180-preauth-race
   breaks: configuration.nix:8:7: randomize_client_port keeps Headscale from starting from 0.29 on, even when false; \
delete it [removed-setting]
      fix: delete it
   breaks: configuration.nix:14:9: oidc.expiry keeps Headscale from starting from 0.29 on; write node.expiry \
[removed-setting]
      fix: write node.expiry (changes what Headscale does)
   goes silent: configuration.nix:9:7: ephemeral_node_inactivity_timeout is not used from 0.29 on; 120s applies \
[ephemeral-timeout-shadowed]
      fix: write node.ephemeral.inactivity_timeout (changes what Headscale does)

2 things break, 1 goes silent up to Headscale {LATEST}
1 problem can be fixed with --fix
2 problems can be fixed with --fix --unsafe-fixes (look at --diff first)
"""
    )


def test_markdown_is_a_list_to_tick_off(upgrade: Upgrade) -> None:
    """Nothing of the user's can become markup, and each entry leads to its page."""
    result = upgrade(
        "--from",
        "0.28",
        "--format",
        "markdown",
        module=settings('oidc."a|b*c" = "x"; node.ephemeral.inactivity_timeout = "30m";'),
    )
    assert result.exit_code == 0
    result = upgrade(
        "--from",
        "0.28",
        "--format",
        "markdown",
        module=settings('randomize_client_port = false; node.ephemeral.inactivity_timeout = "30m";'),
    )
    assert result.exit_code == 1
    page = "https://github.com/hslint/hslint/blob/main/rules/settings/removed_setting.md"
    assert (
        result.stdout == rf"""# Upgrade to Headscale {LATEST}

- default: Headscale 0.28.0 (--from) → {LATEST}, module nixpkgs-26.05 → nixpkgs-unstable

## 1. Headscale {LATEST}

in no NixOS release; nixpkgs-unstable from 2026-07-01 on, {READ} at first

- [ ] Tailscale clients before 1.80 cannot connect any more
- [ ] closes 8 known vulnerabilities: hs-3146, hs-3312, hs-3180-fast-path, hs-3180-auth-cache, hs-3180-verify, hs-3393, hs-3157-headers, """
        rf"""hs-3180-preauth-race
- [ ] **breaks** `configuration.nix:8` randomize\_client\_port keeps Headscale from starting from 0.29 on, even when false; """
        rf"""delete it ([removed-setting]({page})); fix: delete it

1 thing breaks up to Headscale {LATEST}  
1 problem can be fixed with --fix  
"""  # noqa: W291 - two blanks end a line of Markdown
    )


def test_json_has_the_documented_fields(upgrade: Upgrade) -> None:
    """docs/json.md names them all, and there are no others."""
    found = document(upgrade("--from", "0.28", "--format", "json", module=MODULE))
    assert list(found) == ["version", "root", "to", "hosts", "steps", "entries", "summary"]
    assert (found["version"], found["to"]) == (1, LATEST)
    assert found["hosts"] == [
        {
            "name": "default",
            "from": "0.28.0",
            "from_why": "--from",
            "newer": False,
            "module": "nixpkgs-26.05",
            "module_after": "nixpkgs-unstable",
            "releases": [LATEST],
            "channels_skip": [],
        }
    ]
    assert found["steps"] == [
        {
            "release": LATEST,
            "hosts": ["default"],
            "nixos": [],
            "nixpkgs_unstable": ["2026-07-01", None],
            "required": None,
            "clients": "1.80",
            "duties": [],
            "closes": [
                *("hs-3146", "hs-3312", "hs-3180-oidc-identifier", "hs-3180-fast-path", "hs-3180-auth-cache"),
                *("hs-3180-verify", "hs-3180-confirm", "hs-3393", "hs-3157-headers", "hs-3180-preauth-race"),
            ],
            "open": [],
        }
    ]
    assert [(entry["kind"], entry["rule"], entry["fix"]) for entry in found["entries"]] == [
        ("breaks", "removed-setting", {"title": "delete it", "safe": True}),
        ("breaks", "removed-setting", {"title": "write node.expiry", "safe": False}),
        ("silent", "ephemeral-timeout-shadowed", {"title": "write node.ephemeral.inactivity_timeout", "safe": False}),
    ]
    assert found["summary"] == {
        "breaks": 2,
        "silent": 1,
        "default": 0,
        "rename": 0,
        "advice": 0,
        "fixable": 3,
        "already": 0,
        "crashes": [],
    }
    page = (Path(__file__).parents[1] / "docs" / "json.md").read_text(encoding="utf-8")
    for names in (found, found["hosts"][0], found["steps"][0], found["entries"][0], found["summary"]):
        for name in names:
            assert f"`{name}`" in page, name


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_no_report_holds_a_secret(upgrade: Upgrade, form: str) -> None:
    """A key that moves is named, its value is not."""
    result = upgrade("--from", "0.22", "--format", form, module=settings('db_pass = "hunter2"; db_type = "postgres";'))
    assert "db_pass" in result.stdout.replace("\\", "")
    assert "hunter2" not in result.output


def test_problems_of_long_standing_are_only_counted(upgrade: Upgrade) -> None:
    """An upgrade does not bring them; `hslint check` shows them."""
    result = upgrade("--from", "0.28", module=settings("no_such_setting = 1; randomize_client_port = false;"))
    assert "no_such_setting" not in result.stdout
    assert "1 problem more is there already: see hslint check" in result.stdout


def test_what_is_wrong_with_a_host_without_headscale_is_of_long_standing_too(upgrade: Upgrade, tmp_path: Path) -> None:
    """Nix refuses an option of a service that is off; it did so before."""
    (tmp_path / "off.nix").write_text("{ services.headscale.enable = false; services.headscale.dns.baseDomain = 1; }")
    (tmp_path / "configuration.nix").write_text(READY)
    (tmp_path / "flake.nix").write_text(
        """{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { nixpkgs, ... }: {
    nixosConfigurations.on = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; };
    nixosConfigurations.off = nixpkgs.lib.nixosSystem { modules = [ ./off.nix ]; };
  };
}
"""
    )
    found = document(upgrade("--format", "json"))
    assert [host["name"] for host in found["hosts"]] == ["on"]
    assert [entry for entry in found["entries"] if entry["rule"] == "unknown-module-option"] == []
    assert found["summary"]["already"] == 1


# -- the way -------------------------------------------------------------------------------------------------------------


def test_entries_come_in_the_order_of_the_releases_that_bring_them(upgrade: Upgrade) -> None:
    """The owner goes step by step, and what breaks first is to be fixed first."""
    module = settings('randomize_client_port = false; oidc.map_legacy_users = false; db_type = "sqlite3";')
    entries = document(upgrade("--from", "0.22", "--format", "json", module=module))["entries"]
    releases = [entry["release"] for entry in entries]
    assert releases == sorted(releases)
    broken = [(entry["release"], entry["message"].split()[0]) for entry in entries if entry["kind"] == "breaks"]
    assert broken == [("0.23.0", "db_type"), ("0.26.1", "oidc.map_legacy_users"), (LATEST, "randomize_client_port")]


def test_each_minor_release_is_a_step_and_0_25_may_not_be_skipped(upgrade: Upgrade) -> None:
    """0.28 has no migrations for databases from before 0.25, and says so only when it is too late."""
    result = upgrade("--from", "0.23", module=READY)
    steps = [line for line in result.stdout.splitlines() if line[:1].isdigit() and ". Headscale 0." in line]
    assert [line.split()[2] for line in steps] == ["0.24.3", "0.25.1", "0.26.1", "0.27.1", "0.28.0", LATEST]
    assert "   may not be skipped: 0.28 does not take over databases from before 0.25\n" in result.stdout
    assert result.exit_code == 1


@pytest.mark.parametrize("origin", ["0.25", "0.27"])
def test_a_database_from_0_25_on_is_taken_over_by_all(upgrade: Upgrade, origin: str) -> None:
    """The steps remain, as Headscale asks for them, but none is singled out."""
    result = upgrade("--from", origin, module=READY)
    assert "may not be skipped" not in result.stdout
    assert "none of which may be left out" in result.stdout


@pytest.mark.slow
def test_moves_between_nixos_releases_that_skip_a_release_are_named(harbour: Path, upgrade: Upgrade) -> None:
    """Two of them do; the release in between comes from nixpkgs of its time."""
    lines = upgrade().stdout.splitlines()
    assert "NixOS 24.11 → 25.05 skips Headscale 0.24: set services.headscale.package in between" in lines
    assert "NixOS 25.05 → 25.11 skips Headscale 0.26: set services.headscale.package in between" in lines
    assert "2. Headscale 0.24.3 (in no NixOS release; nixpkgs-unstable 2025-01-17 to 2025-02-10)" in lines
    assert not any("skips" in line for line in upgrade("--to", "0.23").stdout.splitlines())


def test_what_only_a_release_in_between_refuses_is_said_for_that_one(upgrade: Upgrade) -> None:
    """0.23 compares base_domain with the whole of server_url; later ones compare names."""
    module = READY.replace("hs.example.com", "mytailnet.example.net")
    result = upgrade("--from", "0.22", module=module)
    assert "      in 0.23 only: later releases take it\n" in result.stdout


def test_duties_that_no_setting_shows_are_for_those_whom_they_concern(upgrade: Upgrade) -> None:
    """Accounts from OIDC move at login, policies in files are read anew."""
    login = "have every user log in once"
    policy = "write the users in the policy with an @"
    assert login in upgrade("--from", "0.23", module=settings('oidc.issuer = "https://sso.example.com";')).stdout
    assert policy in upgrade("--from", "0.22", module=settings('acl_policy_path = "/etc/p.hujson";')).stdout
    wildcard = 'look for "*" among the sources of the policy'
    assert wildcard in upgrade("--from", "0.28", module=settings('policy.path = "/etc/p.hujson";')).stdout
    plain = upgrade("--from", "0.22", module=READY).stdout
    assert login not in plain and policy not in plain and wildcard not in plain


def test_nothing_to_do_is_one_line(upgrade: Upgrade) -> None:
    """And no finding."""
    result = upgrade("--from", "0.29", module=READY)
    assert result.exit_code == 0
    assert result.stdout == f"nothing to do: this configuration is one for Headscale {LATEST} (default runs {LATEST})\n"


def test_an_unknown_release_is_said_to_be_unknown(upgrade: Upgrade) -> None:
    """What the target objects to is listed all the same; steps and defaults are not made up."""
    result = upgrade(module=MODULE)
    assert result.stdout.startswith(
        f"default: Headscale of an unknown release (say which with --from) → {LATEST}, module nixpkgs-26.05 → nixpkgs-unstable\n"
    )
    assert "randomize_client_port keeps Headscale from starting" in result.stdout
    assert "default-changed" not in result.stdout and "1. Headscale" not in result.stdout


def test_each_host_starts_from_its_own_release(tmp_path: Path, upgrade: Upgrade) -> None:
    """One problem on two hosts is one entry; a host that is ahead stays."""
    (tmp_path / "headscale.nix").write_text(settings("randomize_client_port = false;"))
    (tmp_path / "flake.nix").write_text(
        """{
  inputs.old.url = "github:NixOS/nixpkgs/nixos-25.11";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { nixpkgs, old, ... }: {
    nixosConfigurations.quay = old.lib.nixosSystem { modules = [ ./headscale.nix ]; };
    nixosConfigurations.pier = nixpkgs.lib.nixosSystem { modules = [ ./headscale.nix ]; };
  };
}
"""
    )
    found = document(upgrade("--format", "json"))
    assert {host["name"]: host["releases"] for host in found["hosts"]} == {
        "pier": [LATEST],
        "quay": ["0.28.0", LATEST],
    }
    broken = [entry for entry in found["entries"] if entry["kind"] == "breaks"]
    assert [(entry["rule"], sorted(entry["hosts"])) for entry in broken] == [("removed-setting", ["pier", "quay"])]
    said = "(pier runs 0.28.0, which is newer, quay runs 0.27.1)"
    assert upgrade("--to", "0.27").stdout == f"nothing to do: this configuration is one for Headscale 0.27.1 {said}\n"
    lines = upgrade("--to", "0.28").stdout.splitlines()
    assert "pier: runs Headscale 0.28.0 (input nixpkgs: nixos-26.05) already" in lines


# -- what is no upgrade --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--from", "0.28", "--to", "0.27"),
            "--from 0.28 is newer than --to 0.27: Headscale takes no database back to an earlier release",
        ),
        (
            ("--to", "0.31"),
            f"--to 0.31: hslint knows no such release of Headscale; the nearest is {LATEST}, known are 0.22 to 0.29",
        ),
        (
            ("--from", "0.9"),
            "--from 0.9: hslint knows no such release of Headscale; the nearest is 0.22.3, known are 0.22 to 0.29",
        ),
        (
            ("--to", "v027"),
            "--to v027: hslint knows no such release of Headscale; the nearest is 0.27, known are 0.22 to 0.29",
        ),
        (("--unsafe-fixes",), "--unsafe-fixes goes with --fix or --diff"),
    ],
)
def test_what_cannot_be_asked_for_is_one_clear_line(upgrade: Upgrade, arguments: tuple[str, ...], message: str) -> None:
    """With the way out, and without a change to any file."""
    result = upgrade(
        *arguments,
        "--fix" if "--unsafe-fixes" not in arguments else "--from",
        *(["0.28"] if "--unsafe-fixes" in arguments else []),
        module=MODULE,
    )
    assert (result.exit_code, result.stderr) == (2, f"hslint: {message}\n")
    assert Path("configuration.nix").read_text() == MODULE


def test_hosts_that_are_all_ahead_cannot_go_back(harbour: Path, upgrade: Upgrade) -> None:
    """The message names the release in use and what says so."""
    lock = harbour / "flake.lock"
    lock.write_text(lock.read_text().replace("nixos-24.05", "nixos-25.11"))
    result = upgrade("--to", "0.25")
    assert result.exit_code == 2
    assert result.stderr == (
        "hslint: --to 0.25.1: harbour runs 0.27.1 (input nixpkgs: nixos-25.11) already, and Headscale takes no database back "
        "to an earlier release: restore a copy from before the upgrade instead\n"
    )


# -- defaults ------------------------------------------------------------------------------------------------------------


def defaults(result: Result) -> list[str]:
    return [entry["message"] for entry in document(result)["entries"] if entry["rule"] == "default-changed"]


def test_a_changed_default_is_reported_where_it_matters(upgrade: Upgrade) -> None:
    """Relays that anybody could use, resolvers that clients kept, timeouts of the module; unless the setting is written."""
    relay = 'derp.server.enabled = true; derp.server.stun_listen_addr = "0.0.0.0:3478";'
    message = "derp.server.verify_clients is true by default from 0.27 on; anybody could use the relay before"
    json_of = ("--from", "0.26", "--to", "0.27", "--format", "json")
    assert defaults(upgrade(*json_of, module=settings(relay))) == [message]
    assert defaults(upgrade(*json_of, module=settings(relay + " derp.server.verify_clients = true;"))) == []
    assert defaults(upgrade(*json_of, module=READY)) == []


@pytest.mark.slow
def test_defaults_of_the_module_count_as_well_as_those_of_headscale(harbour: Path, upgrade: Upgrade) -> None:
    """Nixpkgs' module keeps writing the old name of the timeout, which Headscale 0.29 does not use."""
    messages = defaults(upgrade("--format", "json", "--host", "lighthouse"))
    assert messages == [
        'dns.nameservers.global is empty by default from 0.23 on, [ "1.1.1.1" ] before',
        "derp.auto_update_enabled is true by default from 0.25 on, false before; write it to keep that",
        "oidc.map_legacy_users is false by default from 0.25 on, true before; write it to keep that",
        "dns.override_local_dns is true by default from 0.26 on; clients kept their own resolvers before",
        "oidc.email_verified_required is true by default from 0.28 on; unverified users got in before",
        'node.ephemeral.inactivity_timeout is "120s" by default from 0.29 on, "30m" before',
    ]


# -- fixes ---------------------------------------------------------------------------------------------------------------


def nix_files(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): path.read_text()
        for path in sorted(root.rglob("*.nix"))
        if path.name != "flake.nix"
    }


@pytest.mark.slow
def test_a_configuration_from_0_22_is_carried_to_the_newest_release(harbour: Path, upgrade: Upgrade) -> None:
    """Sets in sets, one setting a line, mkIf and let, the module's options of 2022: comments and layout stay."""
    result = upgrade("--fix", "--unsafe-fixes")
    assert nix_files(harbour) == nix_files(FIXTURES / "after")
    assert result.stderr == "fixed 35 problems in 4 files\n"
    assert "breaks" not in result.stdout and "goes silent" not in result.stdout


@pytest.mark.slow
def test_what_was_carried_over_is_right_for_its_release_and_stays(harbour: Path, upgrade: Upgrade) -> None:
    """A check of the target finds no error, and a second run has nothing to fix."""
    upgrade("--fix", "--unsafe-fixes")
    once = nix_files(harbour)
    again = upgrade("--fix", "--unsafe-fixes")
    assert (nix_files(harbour), again.stderr) == (once, "")
    checked = CliRunner().invoke(
        main, ["check", "--headscale", "0.29", "--module", "nixpkgs-unstable", "--format", "json"]
    )
    assert [f for f in json.loads(checked.stdout)["findings"] if f["severity"] == "error"] == []


def test_real_nix_reads_what_was_carried_over(nix: RealNix) -> None:
    """Every file of the result is one that Nix accepts."""
    for path in sorted((FIXTURES / "after").rglob("*.nix")):
        assert nix.parses(path), path


@pytest.mark.slow
def test_one_release_after_the_other_leads_to_the_same(harbour: Path, upgrade: Upgrade) -> None:
    """What a release in between has no name for is kept for the one that has."""
    releases = ["0.22", "0.23", "0.24", "0.25", "0.26", "0.27", "0.28", "0.29"]
    for origin, target in pairwise(releases):
        result = upgrade("--from", origin, "--to", target, "--fix", "--unsafe-fixes")
        assert "breaks" not in result.stdout, target
    stepped, at_once = nix_files(harbour), nix_files(FIXTURES / "after")
    assert {name: sorted(text.splitlines()) for name, text in stepped.items()} == {
        name: sorted(text.splitlines()) for name, text in at_once.items()
    }


def test_safe_fixes_leave_what_changes_behaviour(upgrade: Upgrade) -> None:
    """Without --unsafe-fixes, a dead value is not woken up and nobody's expiry changes."""
    result = upgrade("--from", "0.28", "--fix", module=MODULE)
    assert Path("configuration.nix").read_text() == MODULE.replace("      randomize_client_port = false;\n", "")
    assert result.stderr == "fixed 1 problem in 1 file\n"
    assert "oidc.expiry keeps Headscale from starting" in result.stdout


def test_a_diff_changes_no_file(upgrade: Upgrade) -> None:
    """It shows what --fix would do, for the target asked for."""
    result = upgrade("--from", "0.28", "--diff", module=MODULE)
    assert result.exit_code == 1
    assert [line for line in result.stdout.splitlines() if line[:1] in "+-"] == [
        "--- a/configuration.nix",
        "+++ b/configuration.nix",
        "-      randomize_client_port = false;",
    ]
    assert Path("configuration.nix").read_text() == MODULE
    assert upgrade("--from", "0.27", "--to", "0.28", "--diff", module=MODULE).exit_code == 0


def test_what_check_would_fix_is_fixed_on_the_way(upgrade: Upgrade) -> None:
    """As far as that is safe: what changes Headscale's behaviour, and has nothing to do with the upgrade, stays."""
    module = settings('derp.server.enable = false; log_level = "debug"; randomize_client_port = false;')
    upgrade("--from", "0.28", "--fix", "--unsafe-fixes", module=module)
    expected = module.replace(" randomize_client_port = false;", "").replace("server.enable ", "server.enabled ")
    assert Path("configuration.nix").read_text() == expected


def test_what_was_wrong_already_does_not_keep_a_set_from_its_new_name(upgrade: Upgrade) -> None:
    """Where the old name is refused, nothing runs: the set gets its new names, and what is wrong in it is reported."""
    module = """{
  services.headscale = {
    enable = true;
    settings = {
      server_url = "https://hs.example.com";
      dns_config = { base_domain = "example.com"; magic_dns = true; nameservers = [ "9.9.9.9" ]; };
    };
  };
}
"""
    result = upgrade("--from", "0.22", "--fix", module=module)
    text = Path("configuration.nix").read_text()
    assert 'dns = { base_domain = "example.com"; magic_dns = true; nameservers.global = [ "9.9.9.9" ]; };' in text
    assert "lies inside base_domain example.com" in result.stdout


def test_a_named_file_is_what_is_upgraded(harbour: Path, upgrade: Upgrade) -> None:
    """The path may be a module of a flake; the release is that of the hosts that use it."""
    result = upgrade(os.path.join("hosts", "pier.nix"), "--to", "0.23")
    assert "hosts/pier.nix:8:5: there is no services.headscale.aclPolicyFile" in result.stdout
    assert "hosts/harbour.nix" not in result.stdout
