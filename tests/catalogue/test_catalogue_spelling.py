"""The nearest key, or rather none: a silly suggestion costs more trust than a missing one."""

import pytest

from hslint.catalogue import NEWEST, OLDEST, RELEASES, nearest, resolve, schema

SEEN_IN_REAL_CONFIGURATIONS = [
    ("derp.server.enable", "derp.server.enabled"),
    ("derp.enabled", "derp.server.enabled"),
    ("derp.server.urls", "derp.urls"),
    ("derp.server.paths", "derp.paths"),
    ("derp.server.auto_update_enabled", "derp.auto_update_enabled"),
    ("derp.auto_update_enable", "derp.auto_update_enabled"),
    ("derp.server.verify", "derp.server.verify_clients"),
    ("dns.domains", "dns.search_domains"),
    ("dns.baseDomain", "dns.base_domain"),
    ("dns.split", "dns.nameservers.split"),
    ("logtail.enable", "logtail.enabled"),
    ("log_level", "log.level"),
    ("oidc.client_secret_file", "oidc.client_secret_path"),
    ("oidc.scopes", "oidc.scope"),
    ("prefixes.ipv4", "prefixes.v4"),
    ("prefixes.ipv6", "prefixes.v6"),
    ("policy.file", "policy.path"),
    ("database.path", "database.sqlite.path"),
    ("database.postgres.password", "database.postgres.pass"),
    ("postgres.password", "database.postgres.pass"),
    ("tls_letsencrypt_email", "acme_email"),
    ("serverUrl", "server_url"),
    ("port", "listen_addr"),
    ("address", "listen_addr"),
]

OTHER_SPELLINGS = [
    ("magicDns", "dns.magic_dns"),
    ("dns.magicDns", "dns.magic_dns"),
    ("dns.magicdns", "dns.magic_dns"),
    ("dns.magic-dns", "dns.magic_dns"),
    ("listenAddr", "listen_addr"),
    ("listen_address", "listen_addr"),
    ("logLevel", "log.level"),
    ("log-level", "log.level"),
    ("oidc.clientId", "oidc.client_id"),
    ("metricsListenAddr", "metrics_listen_addr"),
    ("tls.cert_path", "tls_cert_path"),
    ("tls.letsencrypt.hostname", "tls_letsencrypt_hostname"),
    ("server.url", "server_url"),
    ("taildrop.enable", "taildrop.enabled"),
    ("oidc.pkce.enable", "oidc.pkce.enabled"),
    ("derp.enable", "derp.server.enabled"),
    ("dns.magic_dsn", "dns.magic_dns"),
]

OTHER_LEVELS = [
    ("base_domain", "dns.base_domain"),
    ("dns.global", "dns.nameservers.global"),
    ("override_local_dns", "dns.override_local_dns"),
    ("derp.region_id", "derp.server.region_id"),
    ("sqlite.path", "database.sqlite.path"),
    ("database.host", "database.postgres.host"),
    ("extra_records", "dns.extra_records"),
    ("ephemeral.inactivity_timeout", "node.ephemeral.inactivity_timeout"),
    ("dns.server.base_domain", "dns.base_domain"),
]

SLIPS = [
    ("sever_url", "server_url"),
    ("dns.nameserver.global", "dns.nameservers.global"),
    ("dns.nameservers.globl", "dns.nameservers.global"),
    ("dns.search_domain", "dns.search_domains"),
    ("derp.servers.enabled", "derp.server.enabled"),
    ("oidc.allow_users", "oidc.allowed_users"),
    ("unix_socket_permissions", "unix_socket_permission"),
    ("tls_letsencrypt_chalenge_type", "tls_letsencrypt_challenge_type"),
    ("policy.pth", "policy.path"),
    ("derp.update_freq", "derp.update_frequency"),
    ("tls_cert", "tls_cert_path"),
    ("noise.private_key", "noise.private_key_path"),
]

NOTHING_NEAR = [
    *(
        "",
        ".",
        "..",
        "x",
        "foo",
        "foo.bar",
        "users",
        "server",
        "enable",
        "enabled",
        "path",
        "name",
        "host",
        "level",
        "url_",
    ),
    *("prefixes.v5", "private_key", "policy", "derp", "dns.foo", "oidc.scope.foo", "server_url.foo", "a.b.c.d.e.f.g"),
    *("oidc.allowed", "derp.server.region", "randomizeClientPort", "tuning", "services.nginx.enabled_"),
]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [*SEEN_IN_REAL_CONFIGURATIONS, *OTHER_SPELLINGS, *OTHER_LEVELS, *SLIPS],
    ids=str,
)
def test_the_key_that_was_meant(wrong: str, right: str) -> None:
    """Checked against the newest release."""
    key = nearest(schema(NEWEST), wrong)
    assert key is not None
    assert key.path == right


@pytest.mark.parametrize("wrong", NOTHING_NEAR)
def test_no_key_is_suggested_for_what_is_near_none_or_near_several(wrong: str) -> None:
    """Ambiguous is as good as unknown."""
    assert nearest(schema(NEWEST), wrong) is None


@pytest.mark.parametrize("path", ["oidc.extra_params.domain_hnt", "dns.nameservers.split.base_domain"])
def test_nothing_is_suggested_below_the_users_own_maps(path: str) -> None:
    """There every name is right."""
    assert nearest(schema(NEWEST), path) is None


def test_keys_of_other_releases_lead_to_their_successor_or_to_nothing() -> None:
    """A key that another release reads is no typing error, however near another key may be."""
    for release in RELEASES:
        for other in RELEASES:
            for path in schema(other).keys:
                if schema(release).key(path):
                    continue
                key = nearest(schema(release), path)
                removal = schema(release).removed(path)
                successors = removal.replaced_by if removal is not None else ()
                assert key is None or (key.path,) == successors, f"{release}: {path}"


def test_every_key_is_its_own_nearest_spelling() -> None:
    """Written in capitals or with hyphens for underscores, each key of each release is found again."""
    for release in (OLDEST, NEWEST):
        for path in schema(release).keys:
            if "_" not in path or schema(release).is_open(path):
                continue
            key = nearest(schema(release), path.replace("_", "-"))
            assert key is not None, path
            assert key.path == path


def test_suggestions_follow_the_release() -> None:
    """0.22 reads dns_config.base_domain and nothing called verify_clients."""
    old = resolve("0.22")
    assert old is not None
    key = nearest(schema(old.known), "dns_config.baseDomain")
    assert key is not None
    assert key.path == "dns_config.base_domain"
    assert nearest(schema(old.known), "derp.server.verify") is None


def test_a_very_long_name_is_answered_at_once() -> None:
    """Whatever stands in somebody's file."""
    assert nearest(schema(NEWEST), "a" * 100_000) is None
    assert nearest(schema(NEWEST), ".".join("abc" for _ in range(5_000))) is None
