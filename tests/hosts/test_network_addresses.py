"""Addresses, ports and URLs out of strings that may be half known."""

import pytest

from hslint.hosts.network.address import Reach, endpoint, joined, reach, url
from hslint.hosts.network.caddy import blocks, directives, host_name
from hslint.hosts.network.nginx import passes_upgrade
from hslint.values.value import Int, String, Unknown, Value, Why

PORT = Unknown(Why.OPTION, "config.my.ports.headscale")


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:8080", "127.0.0.1", 8080),
        (":8080", "", 8080),
        (":http", "", 80),
        ("[::]:443", "::", 443),
        ("[::1]:9090", "::1", 9090),
        ("localhost:1", "localhost", 1),
    ],
)
def test_an_address_is_split_as_go_splits_it(text: str, host: str, port: int) -> None:
    """At the last colon, brackets aside; a port may have a name."""
    found = endpoint(String(text))
    assert found is not None
    assert (found.host, found.port) == (host, port)


@pytest.mark.parametrize("value", [String("8080"), String("::1:8080"), Int(8080)])
def test_what_go_refuses_is_no_endpoint(value: Value) -> None:
    """No colon, too many colons, no string."""
    assert endpoint(value) is None


def test_a_half_known_address_keeps_what_is_known() -> None:
    """The host is known, the port is not, and it is known why."""
    found = endpoint(String.of(["0.0.0.0:", PORT]))
    assert found is not None
    assert (found.host, found.port, found.port_name) == ("0.0.0.0", None, "${config.my.ports.headscale}")
    assert found.text == "0.0.0.0:…"


def test_two_unknown_ports_are_the_same_only_if_they_come_from_one_place() -> None:
    """The same option twice is one port, whatever it is; two options may be two ports."""
    first, second, third = (Unknown(Why.OPTION, f"my.ports.{name}") for name in ("hs", "hs", "web"))
    listener = joined(String("127.0.0.1"), first)
    same = url(String.of(["http://127.0.0.1:", second]))
    other = url(String.of(["http://127.0.0.1:", third]))
    assert listener is not None
    assert same is not None
    assert other is not None
    assert same.endpoint.same_port(listener) is True
    assert other.endpoint.same_port(listener) is None


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("", Reach.EVERYWHERE),
        ("0.0.0.0", Reach.EVERYWHERE),
        ("::", Reach.EVERYWHERE),
        ("127.0.0.53", Reach.LOOPBACK),
        ("localhost", Reach.LOOPBACK),
        ("192.168.1.5", Reach.PRIVATE),
        ("fe80::1%eth0", Reach.PRIVATE),
        ("100.64.0.1", Reach.TAILNET),
        ("fd7a:115c:a1e0::1", Reach.TAILNET),
        ("93.184.216.34", Reach.PUBLIC),
        ("hs.example.com", None),
    ],
)
def test_an_address_says_who_can_reach_it(name: str, who: Reach | None) -> None:
    """A name that only DNS can resolve says nothing."""
    assert reach(name) is who


@pytest.mark.parametrize(
    ("text", "scheme", "host", "port", "path"),
    [
        ("https://hs.example.com", "https", "hs.example.com", 443, ""),
        ("http://hs.example.com:8080/", "http", "hs.example.com", 8080, "/"),
        ("http://[::1]:8080/metrics", "http", "::1", 8080, "/metrics"),
        ("https://user:secret@hs.example.com", "https", "hs.example.com", 443, ""),
        ("http://hs.example.com:x", "http", "hs.example.com", None, ""),
    ],
)
def test_a_url_is_taken_apart(text: str, scheme: str, host: str, port: int | None, path: str) -> None:
    """The scheme gives the port where there is none."""
    found = url(String(text))
    assert found is not None
    assert (found.scheme, found.endpoint.host, found.endpoint.port, found.path) == (scheme, host, port, path)


def test_what_follows_an_unknown_host_is_unknown_too() -> None:
    """`https://${domain}` may hold a port: it has none that is known."""
    found = url(String.of(["https://", PORT]))
    assert found is not None
    assert (found.endpoint.host, found.endpoint.port) == (None, None)


@pytest.mark.parametrize(
    ("config", "targets"),
    [
        ("reverse_proxy localhost:8080", [("/", "localhost", 8080)]),
        ("  reverse_proxy http://[::1]:8085\n", [("/", "::1", 8085)]),
        (
            "reverse_proxy /admin* 127.0.0.1:3000\nreverse_proxy * :8080",
            [("/admin*", "127.0.0.1", 3000), ("/", "localhost", 8080)],
        ),
        ("reverse_proxy {\n  to 127.0.0.1:8080\n}", [("/", "127.0.0.1", 8080)]),
        ("handle /web* {\n  reverse_proxy 127.0.0.1:3000\n}", [(None, "127.0.0.1", 3000)]),
        ("@ui path /admin\nreverse_proxy @ui 127.0.0.1:3000", [(None, "127.0.0.1", 3000)]),
        ("# reverse_proxy localhost:1\nreverse_proxy unix//run/x.sock", []),
    ],
)
def test_reverse_proxy_directives_are_found_in_a_caddyfile(
    config: str, targets: list[tuple[str | None, str, int]]
) -> None:
    """With the path for which they hold, where that can be told."""
    found = [(path, target.endpoint.host, target.endpoint.port) for path, target in directives(config, None)]
    assert found == targets


def test_a_site_address_of_caddy_names_a_host() -> None:
    """Scheme, port and path aside."""
    assert host_name("https://HS.example.com:8443/x") == "hs.example.com"
    assert host_name(":80") == ""


def test_headers_by_hand_pass_upgrades_on() -> None:
    """However they are written; other headers do not."""
    assert passes_upgrade("proxy_set_header  Upgrade $http_upgrade;")
    assert passes_upgrade('proxy_set_header "upgrade" $http_upgrade;')
    assert not passes_upgrade("proxy_set_header Host $host;")


def test_the_sites_of_a_caddyfile_are_its_outer_blocks() -> None:
    """Snippets, global options and comments aside; a block inside belongs to its site."""
    caddyfile = "{\n  email me@example.com\n}\n(log) {\n  log\n}\n# a {\nhs.example.com, b.example.com {\n  handle /x {\n    respond 1\n  }\n}\n"
    ((heading, inside),) = blocks(caddyfile)
    assert heading == "hs.example.com, b.example.com"
    assert "respond 1" in inside
