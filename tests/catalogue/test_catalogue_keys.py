"""What each release reads, spot by spot, as its own loader does."""

import subprocess
import sys

import pytest
from released import READ

from hslint.catalogue import (
    NEWEST,
    RELEASES,
    AttrsOf,
    Enum,
    How,
    Limit,
    ListOf,
    Release,
    Scalar,
    Schema,
    first_release_reading,
    last_release_reading,
    resolve,
    schema,
)

# How many keys each release reads: viper getters in its configuration code, without those whose value it does not use.
NUMBER_OF_KEYS = (67, 84, 89, 89, 88, 92, 96, 99)


def of(text: str) -> Schema:
    resolved = resolve(text)
    assert resolved is not None
    return schema(resolved.known)


def test_each_release_has_as_many_keys_as_its_loader_reads() -> None:
    """Counted in the releases' sources."""
    assert tuple(len(schema(release).keys) for release in RELEASES) == NUMBER_OF_KEYS


@pytest.mark.parametrize(
    ("path", "first", "last"),
    [
        ("dns.override_local_dns", "0.26.1", READ),
        ("dns_config.override_local_dns", "0.22.3", "0.22.3"),
        ("dns.extra_records_path", "0.24.3", READ),
        ("oidc.expiry", "0.22.3", "0.28.0"),
        ("node.expiry", READ, READ),
        ("oidc.strip_email_domain", "0.22.3", "0.25.1"),
        ("oidc.map_legacy_users", "0.24.3", "0.25.1"),
        ("dns.use_username_in_magic_dns", "0.23.0", "0.23.0"),
        ("randomize_client_port", "0.22.3", "0.28.0"),
        ("derp.server.verify_clients", "0.27.1", READ),
        ("trusted_proxies", READ, READ),
        ("ip_prefixes", "0.22.3", "0.22.3"),
        ("prefixes.v4", "0.23.0", READ),
        ("server_url", "0.22.3", READ),
        ("tuning.register_cache_cleanup", "0.27.1", "0.28.0"),
    ],
)
def test_first_and_last_release_that_read_a_key(path: str, first: str, last: str) -> None:
    """Computed from the files: nobody writes the range a second time."""
    assert str(first_release_reading(path)) == first
    assert str(last_release_reading(path)) == last


@pytest.mark.parametrize(
    "path", ["dns.split", "derp.auto_update_enable", "log_level", "oidc.client_secret_file", "nonsense"]
)
def test_what_no_release_reads(path: str) -> None:
    """Names that NixOS modules or old tutorials spread, and that Headscale never asked for."""
    assert first_release_reading(path) is None
    assert last_release_reading(path) is None


@pytest.mark.parametrize(
    ("path", "release", "how", "replaced_by"),
    [
        ("acl_policy_path", "0.23", How.REFUSED_UNLESS_REPLACED, ("policy.path",)),
        ("dns_config.magic_dns", "0.29", How.WARNED, ("dns.magic_dns",)),
        ("dns_config.override_local_dns", "0.23", How.WARNED, ()),
        ("dns_config.override_local_dns", "0.26", How.WARNED, ("dns.override_local_dns",)),
        ("dns_config.extra_records", "0.23", How.WARNED, ("dns.extra_records",)),
        ("dns_config.extra_records", "0.24", How.REFUSED_UNLESS_REPLACED, ("dns.extra_records",)),
        ("dns.use_username_in_magic_dns", "0.24", How.REFUSED, ()),
        ("oidc.strip_email_domain", "0.26", How.REFUSED, ()),
        ("oidc.map_legacy_users", "0.27", How.REFUSED, ()),
        ("oidc.expiry", "0.29", How.REFUSED, ("node.expiry",)),
        ("randomize_client_port", "0.29", How.REFUSED, ()),
        ("ip_prefixes", "0.23", How.IGNORED, ("prefixes.v4", "prefixes.v6")),
        ("db_type", "0.23", How.IGNORED, ("database.type",)),
        ("private_key_path", "0.28", How.IGNORED, ()),
        ("ephemeral_node_inactivity_timeout", "0.29", How.WARNED, ("node.ephemeral.inactivity_timeout",)),
        ("dns.split", "0.28", How.IGNORED, ("dns.nameservers.split",)),
        ("log_level", "0.22", How.IGNORED, ("log.level",)),
    ],
)
def test_what_becomes_of_a_removed_key(path: str, release: str, how: How, replaced_by: tuple[str, ...]) -> None:
    """Refused, warned and ignored are three different troubles."""
    removal = of(release).removed(path)
    assert removal is not None
    assert (removal.how, removal.replaced_by) == (how, replaced_by)
    assert of(release).key(path) is None
    assert removal.instead
    assert removal.page.startswith("https://headscale.net/stable/ref/")


@pytest.mark.parametrize(
    ("path", "since"),
    [
        ("oidc.expiry", Release(0, 29, 2)),
        ("oidc.strip_email_domain", Release(0, 26, 1)),
        ("ip_prefixes", Release(0, 23, 0)),
        ("dns_config.extra_records", Release(0, 24, 3)),
        ("log_level", Release(0, 22, 3)),
    ],
)
def test_since_when_a_key_is_treated_so(path: str, since: Release) -> None:
    """What a message says after `since`."""
    removal = schema(NEWEST).removed(path)
    assert removal is not None
    assert removal.since == since


def test_keys_that_are_read_are_not_removed_at_the_same_time() -> None:
    """0.22 reads ip_prefixes; 0.29 reads prefixes.v4."""
    assert of("0.22").key("ip_prefixes")
    assert of("0.22").removed("ip_prefixes") is None
    assert of("0.29").removed("prefixes.v4") is None


def test_letter_case_of_a_key_does_not_matter() -> None:
    """Every key of the file is lower-cased (viper)."""
    key = schema(NEWEST).key("DNS.Magic_DNS")
    assert key is not None
    assert key.path == "dns.magic_dns"


def test_defaults_change_with_releases() -> None:
    """None means that Headscale sets nothing and reads the empty value."""
    defaults = [
        (str(release), key.default) for release in RELEASES if (key := schema(release).key("derp.update_frequency"))
    ]
    assert [default for _, default in defaults] == [None, None, None, None, None, "3h", "3h", "3h"]
    magic_dns, map_legacy_users = of("0.29").key("dns.magic_dns"), of("0.24").key("oidc.map_legacy_users")
    assert magic_dns is not None
    assert magic_dns.default is True
    assert map_legacy_users is not None
    assert map_legacy_users.default is True


def test_types_and_limits_of_a_few_keys() -> None:
    """One of each kind."""
    newest = schema(NEWEST)
    assert newest.keys["dns.nameservers.global"].type == ListOf(Scalar("resolver"))
    assert newest.keys["oidc.extra_params"].type == AttrsOf(Scalar("str"))
    assert newest.keys["prefixes.allocation"].type == Enum(("sequential", "random"))
    ephemeral = newest.keys["node.ephemeral.inactivity_timeout"].constraint
    assert ephemeral is not None
    assert (ephemeral.limit, ephemeral.otherwise) == (Limit("above", "65s"), "refused")
    stun = newest.keys["derp.server.stun_listen_addr"].constraint
    assert stun is not None
    assert (stun.limit, stun.while_key) == (Limit("not_empty", True), "derp.server.enabled")
    sqlite = newest.keys["database.sqlite.path"].constraint
    assert sqlite is not None
    assert (sqlite.while_key, sqlite.while_values) == ("database.type", ("sqlite", "sqlite3"))


def test_a_wrong_policy_mode_is_refused_until_0_27_and_means_no_policy_from_0_28() -> None:
    """The same mistake with two outcomes."""
    outcomes = {}
    for text in ("0.23", "0.27", "0.28", "0.29"):
        constraint = of(text).keys["policy.mode"].constraint
        assert constraint is not None
        outcomes[text] = constraint.otherwise
    assert outcomes == {"0.23": "refused", "0.27": "refused", "0.28": "misread", "0.29": "misread"}


def test_below_the_users_own_maps_anything_goes() -> None:
    """Names below oidc.extra_params and dns.nameservers.split are the user's."""
    newest = schema(NEWEST)
    assert newest.is_open("oidc.extra_params")
    assert newest.is_open("oidc.extra_params.domain_hint")
    assert newest.is_open("dns.nameservers.split.corp.example.com")
    assert not newest.is_open("dns.nameservers")
    assert not newest.is_open("dns.nameservers.global.x")
    assert not newest.is_open("server_url")
    assert of("0.22").is_open("dns_config.restricted_nameservers.corp")


def test_groups_and_what_lies_below_them() -> None:
    """A group is a set on the way to keys."""
    newest = schema(NEWEST)
    assert newest.is_group("derp.server")
    assert not newest.is_group("server_url")
    assert {key.path for key in newest.below("policy")} == {"policy.mode", "policy.path"}
    assert "dns_config.domains" in {removal.path for removal in newest.removed_below("dns_config")}


def test_a_key_knows_its_environment_variable_its_meaning_and_its_page() -> None:
    """What messages and hovers are made of."""
    key = schema(NEWEST).keys["database.postgres.pass"]
    assert key.environment == "HEADSCALE_DATABASE_POSTGRES_PASS"
    assert key.what == "PostgreSQL password, in clear text"
    assert key.page == "https://headscale.net/stable/ref/configuration/"


def test_one_schema_costs_one_file() -> None:
    """Checking against the newest release reads no other release's file, no module and no description."""
    program = (
        "import hslint.catalogue as c; import sys; before = 'hslint.catalogue.keys' in sys.modules\n"
        "c.schema(c.NEWEST).key('server_url'); from hslint.catalogue.data import stored\n"
        "print(before, stored.cache_info().currsize, 'hslint.catalogue.module_versions' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "1", "False"]
