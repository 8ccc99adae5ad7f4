"""The NixOS modules, version by version."""

import re
from datetime import date
from pathlib import Path

import pytest
from released import OWN_MODULE, READ

from hslint.catalogue import (
    MODULE_VERSIONS,
    Absent,
    Enum,
    ListOf,
    ModuleVersion,
    Needs,
    NotPartOf,
    NullOr,
    OnlyOneOf,
    Release,
    Scalar,
    Submodule,
    channel_of,
    module_version,
    packaged_in,
    unstable_at,
    version_in_repository,
)


def version(name: str) -> ModuleVersion:
    found = module_version(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("in-repo", OWN_MODULE),
        ("nixpkgs", "nixpkgs-unstable"),
        ("in-repo-v0.28.0", "in-repo-v0.28.0"),
        ("in-repo-v0.29.0", OWN_MODULE),
        ("in-repo-v0.31.0", OWN_MODULE),
        ("nixpkgs-25.11", "nixpkgs-25.11"),
        ("nixpkgs-23.11", "nixpkgs-24.05"),
        ("nixpkgs-26.11", "nixpkgs-26.11"),
        ("nixos-25.05", "nixpkgs-25.05"),
    ],
)
def test_a_name_leads_to_the_module_of_its_time(name: str, known: str) -> None:
    """Users name tags and channels; the text changed less often than those."""
    assert version(name).name == known


@pytest.mark.parametrize("name", ["", "nixpkgs-", "nixpkgs-22.05", "in-repo-v0.27.0", "in-repo-", "25.11", "mine"])
def test_what_names_no_module(name: str) -> None:
    """Headscale had no module of its own before 0.28, and nixpkgs' of 2022 is not in the catalogue."""
    assert module_version(name) is None


@pytest.mark.parametrize(
    ("branch", "channel"),
    [
        ("nixos-25.11", "25.11"),
        ("nixos-25.11-small", "25.11"),
        ("release-24.11", "24.11"),
        ("nixpkgs-25.05-darwin", "25.05"),
        ("nixos-unstable", "unstable"),
        ("nixpkgs-unstable", "unstable"),
        ("master", "unstable"),
        ("nixos-23.05", "24.05"),
        ("nixos-26.11", "unstable"),
        ("nixos-22.11", None),
        ("my-fork", None),
        ("", None),
    ],
)
def test_a_branch_of_nixpkgs_leads_to_a_nixos_release(branch: str, channel: str | None) -> None:
    """What stands in a flake's input or in its lock file."""
    assert channel_of(branch) == channel


def test_which_headscale_a_nixos_release_packages() -> None:
    """Stable to stable skips a series twice."""
    packaged = {
        channel: str(packaged_in(channel)) for channel in ("24.05", "24.11", "25.05", "25.11", "26.05", "unstable")
    }
    assert packaged == {
        "24.05": "0.22.3",
        "24.11": "0.23.0",
        "25.05": "0.25.1",
        "25.11": "0.27.1",
        "26.05": "0.28.0",
        "unstable": READ,
    }


@pytest.mark.parametrize(
    ("day", "held"),
    [
        ("2022-10-01", []),
        ("2024-04-06", ["0.22.3 nixpkgs-24.05"]),
        ("2024-10-23", ["0.23.0 nixpkgs-24.11"]),
        ("2025-04-27", ["0.25.1 nixpkgs-24.11"]),
        ("2025-06-05", ["0.25.1 nixpkgs-25.05", "0.26.1 nixpkgs-25.11"]),
        ("2025-10-15", ["0.26.1 nixpkgs-25.11"]),
        ("2025-12-25", ["0.27.1 nixpkgs-25.11"]),
        ("2026-07-02", ["0.28.0 nixpkgs-26.05", "0.28.0 nixpkgs-unstable", f"{READ} nixpkgs-unstable"]),
        ("2026-07-25", [f"{READ} nixpkgs-unstable", f"{READ} nixpkgs-26.11"]),
        ("2027-01-01", [f"{READ} nixpkgs-26.11"]),
    ],
)
def test_what_the_moving_branches_held_on_a_day(day: str, held: list[str]) -> None:
    """Near a change nobody can tell from the date alone which side a revision lies on, and before 2023 nothing is known."""
    assert [f"{each.headscale} {each.module}" for each in unstable_at(date.fromisoformat(day))] == held


def test_headscales_own_module_by_release() -> None:
    """For a flake input pinned to a tag."""
    assert version_in_repository(Release(0, 27, 1)) is None
    assert version_in_repository(Release(0, 28, 0)) == "in-repo-v0.28.0"
    assert version_in_repository(Release(0, 29, 1)) == OWN_MODULE


@pytest.mark.parametrize("name", MODULE_VERSIONS)
def test_what_every_module_has(name: str) -> None:
    """Seven options at the top, and four definitions under settings, of which one gives way."""
    module = version(name)
    for option in ("enable", "package", "user", "group", "address", "port", "settings"):
        assert module.option(option), option
    assert module.options["port"].type == Scalar("port")
    assert module.options["port"].default == 8080
    assert not module.options["settings"].has_default
    assert {path: fixed.priority for path, fixed in module.fixed.items()} == {
        "settings.disable_check_updates": 100,
        "settings.listen_addr": 1000,
        "settings.tls_letsencrypt_cache_dir": 100,
        "settings.unix_socket": 100,
    }
    assert module.fixed["settings.listen_addr"].template == "${address}:${port}"
    assert module.removed == ("openIdConnect.domainMap",)


def test_how_many_options_the_own_module_declares() -> None:
    """Counted in its text; the members of a DNS record count as part of their submodule."""
    assert len(version("in-repo-v0.28.0").options) == 49
    assert len(version(OWN_MODULE).options) == 54


def test_types_are_terms() -> None:
    """Down into the submodule of a list."""
    options = version("in-repo").options
    assert options["settings.database.postgres.port"].type == NullOr(Scalar("port"))
    assert options["settings.tls_letsencrypt_challenge_type"].type == Enum(("TLS-ALPN-01", "HTTP-01"))
    assert options["settings.dns.extra_records"].type == NullOr(
        ListOf(Submodule({"name": Scalar("str"), "type": Enum(("A", "AAAA")), "value": Scalar("str")}, defaults={}))
    )
    assert options["configFile"].read_only


def test_what_changed_between_the_modules() -> None:
    """Each of these has broken somebody's configuration."""
    assert version("nixpkgs-24.11").option("settings.derp.auto_update_enable")
    assert version("nixpkgs-25.05").option("settings.derp.auto_update_enabled")
    assert not version("nixpkgs-25.11").option("settings.dns.override_local_dns")
    assert version("nixpkgs-26.05").option("settings.dns.override_local_dns")
    assert version("nixpkgs-25.05").option("settings.oidc.strip_email_domain")
    assert not version("nixpkgs-25.11").option("settings.oidc.strip_email_domain")
    assert version("nixpkgs-unstable").drops_nulls
    assert not version("in-repo").drops_nulls
    assert not version("nixpkgs-24.05").config_argument
    assert version("nixpkgs-24.05").password_variable == "HEADSCALE_DB_PASS"


def test_renames_keep_the_order_of_the_module() -> None:
    """Nix prints the warnings in it."""
    assert next(iter(version("nixpkgs-24.05").renamed)) == "serverUrl"
    assert version("in-repo").renamed["ephemeralNodeInactivityTimeout"] == "settings.ephemeral_node_inactivity_timeout"
    assert "dns.nameservers" in version("nixpkgs-24.05").renamed
    assert "dns.nameservers" not in version("nixpkgs-24.11").renamed


def test_assertions_read_as_nix_prints_them() -> None:
    """They are compared with what real Nix says."""
    assertions = version("in-repo").assertions
    assert assertions[:2] == (
        Needs("settings.dns.magic_dns", "settings.dns.base_domain", "dns.base_domain must be set when using MagicDNS"),
        Needs(
            "settings.dns.override_local_dns",
            "settings.dns.nameservers.global",
            "dns.nameservers.global must be set when overriding local DNS",
        ),
    )
    assert assertions[2] == Absent(
        "settings.acl_policy_path",
        "The option `services.headscale.settings.acl_policy_path` was removed. Use `policy.path` instead.",
    )
    assert isinstance(version("nixpkgs-24.11").assertions[0], NotPartOf)
    assert version("nixpkgs-unstable").assertions[2] == OnlyOneOf(
        ("settings.dns.extra_records_path", "settings.dns.extra_records"),
        "dns.extra_records and dns.extra_records_path are mutually exclusive",
    )
    assert version("nixpkgs-24.05").assertions == ()


def test_the_assertion_that_a_setting_breaks() -> None:
    """The nearest one: dns_config.domains has its own, dns_config.magic_dns falls under dns_config."""
    module = version("in-repo")
    domains, magic_dns = module.refuses("settings.dns_config.domains"), module.refuses("settings.dns_config.magic_dns")
    assert domains is not None
    assert domains.path == "settings.dns_config.domains"
    assert magic_dns is not None
    assert magic_dns.path == "settings.dns_config"
    assert module.refuses("settings.db_pass") is None
    assert module.refuses("settings.dns") is None


def test_groups_of_options() -> None:
    """A set on the way to options, as `settings.derp`."""
    module = version("in-repo")
    assert module.is_group("settings.derp")
    assert not module.is_group("settings")
    assert not module.is_group("settings.server_url")
    assert {option.path for option in module.below("settings.log")} == {"settings.log.format", "settings.log.level"}


def test_every_option_of_the_newest_module_stands_in_an_example() -> None:
    """By its last name, somewhere among the pages of rules."""
    pages = "\n".join(page.read_text("utf-8") for page in (Path(__file__).parents[2] / "rules").rglob("*.md"))
    words = set(re.findall(r"[A-Za-z_][A-Za-z0-9_-]*", pages))
    newest = module_version("in-repo")
    assert newest is not None
    assert [path for path in newest.options if path.rpartition(".")[2] not in words] == []
