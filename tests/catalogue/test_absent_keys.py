"""A key that a release does not read is absent, for every rule: no release is known to read it, and none is told to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from page_examples import PAGES, hosts_of

from hslint.catalogue.keys import Key, Schema, schema
from hslint.catalogue.release import Release
from hslint.hosts import Options
from hslint.hosts import host as hosts
from hslint.hosts.host import Host
from hslint.hosts.search import open_project
from hslint.plugins import rules
from hslint.problem import Rule
from hslint.record import replace
from hslint.values.budget import with_deep_stack


class Asked(Mapping[str, Key]):
    """The keys of a release, and which of them somebody asked for."""

    def __init__(self, keys: Mapping[str, Key]) -> None:
        self.keys_of_release = keys
        self.asked: dict[str, None] = {}

    def __getitem__(self, path: str) -> Key:
        self.asked[path] = None
        return self.keys_of_release[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys_of_release)

    def __len__(self) -> int:
        return len(self.keys_of_release)


def without(keys: Mapping[str, Key], prefix: str) -> Mapping[str, Key]:
    """The keys but one, or those of a section."""
    return {path: key for path, key in keys.items() if path != prefix and not path.startswith(f"{prefix}.")}


def asks(rule: Rule, host: Host, keys: Mapping[str, Key], monkeypatch: pytest.MonkeyPatch) -> None:
    """What a rule sees on a host whose release reads these keys."""

    def reading(release: Release) -> Schema:
        return replace(schema(release), keys=keys)

    monkeypatch.setattr(hosts, "schema", reading)
    for _ in rule.check(replace(host)):
        pass


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_rule_takes_a_key_that_is_not_read_for_absent(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its page's examples, without each key that it asks for there, and without each section of them."""
    (own,) = (rule for rule in rules() if rule.name == page.stem.replace("_", "-"))
    failed: list[str] = []

    def ask(rule: Rule, host: Host, keys: Mapping[str, Key], reported: str) -> None:
        try:
            asks(rule, host, keys, monkeypatch)
        except Exception as error:  # noqa: BLE001 - that none is raised is what is tested
            failed.append(f"{reported}: {rule.name}: {error!r}")

    def check() -> None:
        for example, found in hosts_of(page, tmp_path):
            for host in found:
                asked = Asked(schema(host.release).keys)
                ask(own, host, asked, f"line {example.line}")
                paths = [path for path in asked.asked if path in asked.keys_of_release]
                for gone in dict.fromkeys((*paths, *(path.partition(".")[0] for path in paths))):
                    keys = without(asked.keys_of_release, gone)
                    ask(own, host, keys, f"line {example.line} without {gone}")

    with_deep_stack(check)
    assert failed == []


@pytest.mark.parametrize("section", ["", "dns", "derp", "database", "oidc", "prefixes", "node", "noise", "server_url"])
def test_no_rule_needs_a_section(section: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rule, on a configuration that sets something of all of them."""
    (tmp_path / "configuration.nix").write_text(
        """{
  services.headscale = {
    enable = true;
    address = "0.0.0.0";
    port = 443;
    settings = {
      server_url = "http://hs.example.com/vpn";
      dns = { base_domain = "example.com"; magic_dns = true; nameservers.global = [ ]; extra_records = [ { } ]; };
      derp.server = { enabled = true; region_id = 1; };
      derp.urls = [ ];
      database = { type = "postgres"; sqlite.path = "db"; };
      oidc = { issuer = "https://id.example.com"; client_id = "x"; client_secret = "y"; expiry = 1; };
      prefixes = { v4 = "10.0.0.0/8"; v6 = "fd00::/8"; };
      node.expiry = "x";
      ephemeral_node_inactivity_timeout = "1s";
      noise.private_key_path = "noise.key";
      tls_letsencrypt_hostname = "hs.example.com";
      grpc_listen_addr = "0.0.0.0";
      policy.path = "acl.hujson";
    };
  };
}
"""
    )

    def check() -> None:
        (host,) = open_project([str(tmp_path)], Options()).hosts
        keys = schema(host.release).keys
        for rule in rules():
            asks(rule, host, without(keys, section) if section else {}, monkeypatch)

    with_deep_stack(check)
