"""Listeners, proxies and the firewall of whole configurations."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hslint.hosts import Options
from hslint.hosts.host import Host
from hslint.hosts.network import Proxy, Reach, firewall, listeners, privileges_arranged, proxies, server_url, tls
from hslint.hosts.search import open_project

Inspect = Callable[[str], Host]


@pytest.fixture
def inspect(tmp_path: Path) -> Inspect:
    """The host that a configuration's body makes."""

    def host(body: str) -> Host:
        path = tmp_path / "configuration.nix"
        path.write_text("{ config, lib, pkgs, ... }:\n{\n  services.headscale.enable = true;\n" + body + "\n}\n")
        (found,) = open_project([str(path)], Options()).hosts
        return found

    return host


def only_proxy(host: Host) -> Proxy:
    (proxy,) = proxies(host)
    return proxy


def test_the_main_listener_is_made_of_address_and_port(inspect: Inspect) -> None:
    """Each half is where it was written; what was not written has the module's default."""
    main = listeners(inspect("services.headscale.port = 8085;")).main
    assert main is not None
    assert (main.endpoint.host, main.port, main.reach) == ("127.0.0.1", 8085, Reach.LOOPBACK)
    assert main.port_at is not None
    assert main.port_at.text == "8085"
    assert main.host_at is None


def test_listen_addr_wins_over_address_and_port(inspect: Inspect) -> None:
    """Both halves are then where it was written."""
    main = listeners(inspect('services.headscale = { port = 1; settings.listen_addr = "[::]:8080"; };')).main
    assert main is not None
    assert (main.endpoint.host, main.port, main.reach) == ("::", 8080, Reach.EVERYWHERE)
    assert main.host_at == main.port_at


def test_listeners_that_are_off_are_none(inspect: Inspect) -> None:
    """Metrics without an address, STUN without DERP, the API without TLS, the challenge without Let's Encrypt."""
    known = listeners(inspect('services.headscale.settings.derp.server.stun_listen_addr = "0.0.0.0:3478";'))
    assert (known.metrics, known.stun, known.grpc, known.acme) == (None, None, None, None)
    assert [listener.name for listener in known] == ["listen_addr"]


def test_lets_encrypt_brings_two_listeners(inspect: Inspect) -> None:
    """The one for the challenge on port 80, and the API, which runs with TLS."""
    known = listeners(inspect('services.headscale.settings.tls_letsencrypt_hostname = "hs.example.com";'))
    assert known.acme is not None
    assert known.grpc is not None
    assert (known.acme.port, known.grpc.port, known.grpc.reach) == (80, 50443, Reach.EVERYWHERE)


def test_a_low_port_may_be_arranged_for_by_hand(inspect: Inspect) -> None:
    """By the unit's capabilities or by the kernel's limit."""
    assert not privileges_arranged(inspect(""))
    assert privileges_arranged(
        inspect('systemd.services.headscale.serviceConfig.AmbientCapabilities = [ "CAP_NET_BIND_SERVICE" ];')
    )
    assert privileges_arranged(inspect('boot.kernel.sysctl."net.ipv4.ip_unprivileged_port_start" = 80;'))


@pytest.mark.parametrize(
    ("settings", "on"),
    [
        ("", False),
        ('tls_letsencrypt_hostname = "";', False),
        ("tls_cert_path = null; tls_key_path = null;", False),
        ('tls_key_path = "/run/key.pem";', False),
        ('tls_cert_path = "/run/cert.pem";', True),
        ('tls_letsencrypt_hostname = "hs.example.com";', True),
        ("tls_cert_path = config.services.mine.certificate;", None),
    ],
)
def test_tls_is_on_with_a_certificate_from_anywhere(inspect: Inspect, settings: str, on: bool | None) -> None:
    """Empty and null are not given; what is unknown may be given."""
    assert tls(inspect(f"services.headscale.settings = {{ {settings} }};")).on is on


def test_the_servers_name_is_known_only_when_it_is_written(inspect: Inspect) -> None:
    """The default names no server; half a name is none."""
    assert server_url(inspect("")) is None
    half = server_url(inspect('services.headscale.settings.server_url = "https://hs.${config.services.mine.domain}";'))
    assert half is not None
    assert (half.scheme, half.name) == ("https", None)


@pytest.mark.parametrize(
    ("location", "to_headscale", "websockets"),
    [
        ('{ proxyPass = "http://127.0.0.1:8080"; }', True, False),
        ('{ proxyPass = "http://localhost:8080/"; proxyWebsockets = true; }', True, True),
        ('{ proxyPass = "http://127.0.0.1:${toString config.services.headscale.port}"; }', True, False),
        ('{ proxyPass = "http://127.0.0.1:9999"; }', False, False),
        ('{ proxyPass = "http://10.1.1.1:8080"; }', None, False),
        ('{ proxyPass = "http://127.0.0.1:${toString config.services.mine.port}"; }', None, False),
        (
            '{ proxyPass = "http://127.0.0.1:8080"; extraConfig = "proxy_set_header Upgrade $http_upgrade;"; }',
            True,
            True,
        ),
        ('{ proxyPass = "http://127.0.0.1:8080"; extraConfig = config.services.mine.headers; }', True, None),
        ('{ proxyPass = "http://127.0.0.1:8080"; extraConfig = "include /etc/nginx/upgrade.conf;"; }', True, None),
    ],
)
def test_an_nginx_location_leads_somewhere(
    inspect: Inspect, location: str, to_headscale: bool | None, websockets: bool | None
) -> None:
    """To Headscale when the port is its own and the address this machine's; headers written by hand count."""
    proxy = only_proxy(inspect(f'services.nginx.virtualHosts."hs.example.com".locations."/" = {location};'))
    assert (proxy.to_headscale, proxy.route.websockets) == (to_headscale, websockets)


def test_the_same_unknown_port_is_the_same_port(inspect: Inspect) -> None:
    """Whatever `config.services.mine.port` is, Headscale listens on it and nginx passes requests on to it."""
    body = """
      services.headscale.port = config.services.mine.port;
      services.nginx.virtualHosts."hs.example.com".locations."/".proxyPass = "http://127.0.0.1:${toString config.services.mine.port}";
    """
    assert only_proxy(inspect(body)).to_headscale is True


def test_an_upstream_stands_for_its_server(inspect: Inspect) -> None:
    """With one server it is known where requests go."""
    body = """
      services.nginx.upstreams.headscale.servers."127.0.0.1:8080" = { };
      services.nginx.virtualHosts."hs.example.com".locations."/".proxyPass = "http://headscale";
    """
    assert only_proxy(inspect(body)).to_headscale is True


def test_a_virtual_host_answers_for_its_names(inspect: Inspect) -> None:
    """The option serverName stands before the attribute's name; aliases come besides."""
    body = """
      services.nginx.virtualHosts.hs = {
        serverName = "hs.example.com";
        serverAliases = [ "*.example.org" ];
        forceSSL = true;
        locations."/".proxyPass = "http://127.0.0.1:8080";
      };
    """
    route = only_proxy(inspect(body)).route
    assert route.answers("HS.example.com") is True
    assert route.answers("a.example.org") is True
    assert route.answers("hs") is False
    assert route.tls is True


@pytest.mark.parametrize(
    ("vhost", "guarded"),
    [
        ("", False),
        ('extraConfig = "allow 10.0.0.0/8; deny all;";', True),
        ('basicAuth.me = "x";', True),
        ("extraConfig = config.services.mine.guard;", None),
    ],
)
def test_a_virtual_host_may_be_guarded(inspect: Inspect, vhost: str, guarded: bool | None) -> None:
    """By addresses or by passwords; what cannot be read may guard it."""
    body = f"""
      services.nginx.virtualHosts."hs.example.com" = {{
        locations."/metrics".proxyPass = "http://127.0.0.1:9090";
        {vhost}
      }};
    """
    assert only_proxy(inspect(body)).route.guarded is guarded


def test_caddy_traefik_and_tunnels_are_proxies_too(inspect: Inspect) -> None:
    """Each in its own words."""
    body = """
      services.caddy.virtualHosts."hs.example.com".extraConfig = "reverse_proxy 127.0.0.1:8080";
      services.traefik.dynamicConfigOptions.http = {
        routers.hs = { rule = "Host(`hs.example.com`)"; service = "hs"; tls = { }; };
        services.hs.loadBalancer.servers = [ { url = "http://127.0.0.1:8080"; } ];
      };
      services.cloudflared.tunnels.home.ingress."hs.example.com" = "http://127.0.0.1:8080";
    """
    found = {proxy.program: proxy for proxy in proxies(inspect(body))}
    assert set(found) == {"caddy", "traefik", "cloudflared"}
    assert all(proxy.to_headscale and proxy.route.answers("hs.example.com") for proxy in found.values())


def test_a_web_server_that_is_off_passes_nothing_on(inspect: Inspect) -> None:
    """Its virtual hosts are only text."""
    body = """
      services.nginx.enable = false;
      services.nginx.virtualHosts."hs.example.com".locations."/".proxyPass = "http://127.0.0.1:8080";
    """
    assert proxies(inspect(body)) == ()


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        ("", False),
        ("networking.firewall.allowedTCPPorts = [ 8080 ];", True),
        ("networking.firewall.allowedUDPPorts = [ 8080 ];", False),
        ("networking.firewall.allowedTCPPortRanges = [ { from = 8000; to = 9000; } ];", True),
        ("networking.firewall.enable = false;", True),
        ("networking.firewall.enable = false; networking.nftables.enable = true;", None),
        ("networking.firewall.enable = false; services.firewalld.enable = true;", None),
        ("networking.firewall.enable = config.services.mine.firewall;", None),
        ("networking.firewall.interfaces.eth0.allowedTCPPorts = [ 8080 ];", None),
        ("networking.firewall.interfaces.eth0.allowedTCPPorts = [ 22 ];", False),
        ('networking.firewall.trustedInterfaces = [ "wg0" ];', None),
        ('networking.firewall.trustedInterfaces = [ "tailscale0" ];', False),
        ('networking.firewall.extraCommands = "iptables -A nixos-fw -p tcp --dport 8080 -j nixos-fw-accept";', None),
        ('networking.firewall.extraInputRules = "tcp dport 8000-8100 accept";', None),
        ('networking.firewall.extraInputRules = "tcp dport 22 accept";', False),
        ("networking.firewall.allowedTCPPorts = config.services.mine.ports;", None),
        ("networking.firewall.allowedTCPPorts = lib.mkIf config.services.mine.public [ 8080 ];", None),
        ("networking.firewall.allowedTCPPorts = [ 22 ] ++ config.services.mine.ports;", None),
        ('networking.nftables.ruleset = "tcp dport 8080 accept";', None),
        ("services.unifi = { enable = true; openFirewall = true; };", None),
    ],
)
def test_ports_are_opened_in_many_ways(inspect: Inspect, body: str, allowed: bool | None) -> None:
    """A port is called closed only where nothing may open it."""
    assert firewall(inspect(body)).allows(8080, "tcp") is allowed


def test_an_opening_is_where_the_port_was_written(inspect: Inspect) -> None:
    """In the list, or at the option's name when a variable holds the port."""
    body = "networking.firewall.allowedTCPPorts = [ 443 8080 ];"
    (opening,) = firewall(inspect(body)).public(8080, "tcp")
    assert opening.at is not None
    assert opening.at.text == "8080"
    body = "networking.firewall.allowedTCPPorts = let port = 8080; in [ port ];"
    (opening,) = firewall(inspect(body)).public(8080, "tcp")
    assert opening.at is not None
    assert opening.at.text == "allowedTCPPorts"


def test_what_an_unread_module_may_open_is_not_closed(tmp_path: Path) -> None:
    """An import that cannot be followed may set anything."""
    (tmp_path / "configuration.nix").write_text(
        '{ ... }: { imports = [ (builtins.fetchTarball "https://example.com/x.tar.gz") ]; services.headscale.enable = true; }'
    )
    (host,) = open_project([str(tmp_path / "configuration.nix")], Options()).hosts
    assert firewall(host).allows(8080, "tcp") is None


def test_ports_of_headscale_that_come_from_one_unknown_are_one_port(inspect: Inspect) -> None:
    """As a number and as text; what is reckoned from it need not be the same."""
    body = """
      services.headscale = {{
        port = config.services.mine.port;
        settings.metrics_listen_addr = "127.0.0.1:${{toString {port}}}";
      }};
    """
    for port, same in (("config.services.mine.port", True), ("(config.services.mine.port + 1)", None)):
        known = listeners(inspect(body.format(port=port)))
        assert known.main is not None
        assert known.metrics is not None
        assert known.main.endpoint.same_port(known.metrics.endpoint) is same
