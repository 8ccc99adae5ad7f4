"""A key's value as Headscale gets it: through viper, with names in capitals or with dots, variables, and its own defaults."""

from collections.abc import Callable
from pathlib import Path

import pytest
from loader_agreement import no_module

from hslint.hosts import Options
from hslint.hosts.host import Host
from hslint.hosts.search import open_project
from hslint.values.value import Unknown

Inspect = Callable[..., Host]


@pytest.fixture
def inspect(tmp_path: Path) -> Inspect:
    """The host with these settings, which nothing adds to."""

    def host(settings: str, more: str = "") -> Host:
        path = tmp_path / "configuration.nix"
        head = "{ config, ... }:\n{\n  services.headscale.enable = true;\n"
        path.write_text(f"{head}  services.headscale.settings = {{ {settings} }};\n{more}\n}}\n")
        (found,) = open_project([str(path)], Options("0.29", no_module())).hosts
        return found

    return host


@pytest.mark.parametrize(
    ("settings", "key", "read"),
    [
        ("", "dns.magic_dns", True),
        ("", "database.type", ""),
        ("dns.magic_dns = null;", "dns.magic_dns", True),
        ('dns.magic_dns = "yes";', "dns.magic_dns", False),
        ('dns.magic_dns = "1";', "dns.magic_dns", True),
        ("listen_addr = 8080;", "listen_addr", "8080"),
        ('tuning.node_store_batch_size = "0x10";', "tuning.node_store_batch_size", 16),
        ('tuning.batch_change_delay = "1d";', "tuning.batch_change_delay", 0),
        ("tuning.batch_change_delay = 30;", "tuning.batch_change_delay", 30),
        ('dns.nameservers.global = "1.1.1.1 9.9.9.9";', "dns.nameservers.global", ["1.1.1.1", "9.9.9.9"]),
        ('server_url = "https://a"; SERVER_URL = "https://b";', "server_url", "https://b"),
        ('dns.base_domain = "a"; "dns.base_domain" = "b";', "dns.base_domain", "b"),
        ("dns = 5;", "dns.magic_dns", False),
        ("dns = null;", "dns.magic_dns", True),
        ("dns = { };", "dns.magic_dns", True),
    ],
)
def test_a_value_is_what_viper_makes_of_it(settings: str, key: str, read: object, inspect: Inspect) -> None:
    """Each was seen by running headscale 0.29.2."""
    assert inspect(settings).reads(key) == read


def test_a_variable_of_the_unit_goes_before_the_file(inspect: Inspect) -> None:
    """An empty one does not count."""
    unit = "systemd.services.headscale.environment"
    assert inspect('log.level = "info";', f'{unit}.HEADSCALE_LOG_LEVEL = "warn";').reads("log.level") == "warn"
    assert inspect('log.level = "info";', f'{unit}.HEADSCALE_LOG_LEVEL = "";').reads("log.level") == "info"


def test_a_variable_is_the_setting_that_it_overrides(inspect: Inspect) -> None:
    """With the variable's place, and a value such as a file would hold; what the file says is no setting any more."""
    unit = "systemd.services.headscale.environment"
    host = inspect(
        'dns.magic_dns = true; dns.base_domain = "a.example.net";',
        f'{unit} = {{ HEADSCALE_DNS_MAGIC_DNS = "false"; HEADSCALE_DNS_BASE_DOMAIN = "b.example.net"; }};',
    )
    switch, domain = host.setting("settings.dns.magic_dns"), host.own("settings.dns.base_domain")
    assert (switch.flag, switch.is_variable) == (False, True)
    assert domain.text == "b.example.net"
    assert domain.name_at is not None
    assert domain.name_at.text == "HEADSCALE_DNS_BASE_DOMAIN"
    assert [setting.text for setting in host.written("settings.dns.base_domain")] == ["b.example.net"]
    assert host.nixos("services.headscale.settings.dns.base_domain").text == "a.example.net"


def test_a_list_in_a_variable_has_the_places_of_its_parts(inspect: Inspect) -> None:
    """Split at white space, as viper does."""
    variable = "systemd.services.headscale.environment.HEADSCALE_DNS_NAMESERVERS_GLOBAL"
    servers = inspect("", f'{variable} = "9.9.9.9 1.1.1.1";').setting("settings.dns.nameservers.global")
    assert [(entry.text, entry.at.text) for entry in servers.entries if entry.at is not None] == [
        ("9.9.9.9", "9.9.9.9"),
        ("1.1.1.1", "1.1.1.1"),
    ]


def test_variables_that_are_not_seen_are_reported(inspect: Inspect) -> None:
    """A file of them, or a list of the unit's; other restrictions and credentials of the unit are none."""
    unit = "systemd.services.headscale.serviceConfig"
    assert inspect("", f'{unit}.EnvironmentFile = "/run/secrets/headscale.env";').reads_environment_file
    assert inspect("", f'{unit}.Environment = [ "HEADSCALE_LOG_LEVEL=warn" ];').reads_environment_file
    assert not inspect("", f'{unit}.LoadCredential = [ "oidc:/run/secrets/oidc" ];').reads_environment_file


def test_what_is_not_known_stays_unknown(inspect: Inspect) -> None:
    """And no limit is broken by it, nor by what depends on it."""
    host = inspect("database.type = config.services.mine.kind; database.sqlite.wal_autocheckpoint = -5;")
    assert isinstance(host.reads("database.type"), Unknown)
    assert not host.violates_constraint("database.type")
    assert host.constraint_applies("database.sqlite.wal_autocheckpoint") is None
    assert not host.violates_constraint("database.sqlite.wal_autocheckpoint")


def test_a_limit_is_broken_only_where_it_counts(inspect: Inspect) -> None:
    """SQLite's are of no concern to PostgreSQL."""
    limit = "database.sqlite.wal_autocheckpoint"
    assert inspect(f'database.type = "sqlite"; {limit} = -5;').violates_constraint(limit)
    assert not inspect(f'database.type = "postgres"; {limit} = -5;').violates_constraint(limit)


def test_a_key_that_the_release_does_not_read_is_absent(inspect: Inspect) -> None:
    """Whichever way it is asked for, and whether or not it is written."""
    host = inspect("no.such.key = 1;")
    for key in ("no.such.key", "no_such_key"):
        assert host.reads(key) is None
        assert host.constraint_applies(key) is False
        assert host.violates_constraint(key) is False
    assert host.given("no.such.key").number == 1
    assert host.given("no_such_key").value is None
    assert host.meant_for("no_such_key").value is None
