"""What becomes of a request for a path: Caddy's directives, nginx' locations, Traefik's routers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hslint.hosts import Options
from hslint.hosts.host import Host
from hslint.hosts.network import Reply, front_is_known, occupied, sites
from hslint.hosts.network.caddyfile import Unsure, parse, taker
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


def shown(reply: Reply | None) -> str:
    """Where a request ends, in a word: the target, what answers instead, "?" where that is unknown."""
    if reply is None:
        return "?"
    return reply.target.endpoint.text if reply.target is not None else reply.instead


UI, HS = "127.0.0.1:3000", "127.0.0.1:8080"


@pytest.mark.parametrize(
    ("caddyfile", "ends"),
    [
        (f"reverse_proxy {HS}", HS),
        (f"reverse_proxy /ts2021 {HS}\nreverse_proxy {UI}", HS),
        (f"reverse_proxy {UI}\nreverse_proxy /ts2021* {HS}", HS),
        (f"reverse_proxy /ts {HS}\nreverse_proxy {UI}", UI),
        (f"handle {{\nreverse_proxy {UI}\n}}\nhandle /ts* {{\nreverse_proxy {HS}\n}}", HS),
        (f"handle_path /ts2021* {{\nreverse_proxy {UI}\n}}\nhandle {{\nreverse_proxy {HS}\n}}", UI),
        (f"handle /api/* {{\nreverse_proxy {HS}\n}}", "an empty page"),
        (f"handle /ts2021 {{\nheader X y\n}}\nreverse_proxy {HS}", HS),
        (f"reverse_proxy {HS}\nredir /admin /admin/", HS),
        (f"reverse_proxy {HS}\nredir https://other.example.com", "a redirect"),
        (f"reverse_proxy {HS}\nrespond / hello", HS),
        (f"reverse_proxy {HS}\nrespond hello", "a text"),
        (f"route {{\nreverse_proxy {HS}\nrespond hello\n}}", HS),
        (f"@ui not path /ts2021 /key\nreverse_proxy @ui {UI}\nreverse_proxy {HS}", HS),
        (f"@here host hs.example.com\nreverse_proxy @here {HS}\nreverse_proxy {UI}", HS),
        (f"@api {{\npath /api/*\n}}\nreverse_proxy @api {HS}\nfile_server", "files"),
        (f"# reverse_proxy {UI}\nreverse_proxy {HS} # {UI}", HS),
        (f"reverse_proxy {{\nto {HS}\n}}", HS),
        (f"reverse_proxy {HS} {UI}", "?"),
        (f"@post method POST\nreverse_proxy @post {HS}\nreverse_proxy {UI}", "?"),
        (f"rewrite * /x\nreverse_proxy {HS}", "?"),
        (f"import snippet\nreverse_proxy {HS}", "?"),
        (f"reverse_proxy {HS} {{", "?"),
        ("respond <<END\n}\nEND", "?"),
    ],
)
def test_caddy_asks_its_directives_in_its_own_order(inspect: Inspect, caddyfile: str, ends: str) -> None:
    """By kind first, then by the longest path; `route` alone as they are written. What is not read is not guessed."""
    body = f"services.caddy = {{ enable = true; virtualHosts.\"hs.example.com\".extraConfig = ''\n{caddyfile}\n''; }};"
    (site,) = sites(inspect(body))
    assert shown(site.reply("hs.example.com", "/ts2021")) == ends


@pytest.mark.parametrize(
    ("locations", "ends"),
    [
        (f'"/".proxyPass = "http://{HS}";', HS),
        (f'"/".proxyPass = "http://{UI}"; "/ts".proxyPass = "http://{HS}";', HS),
        (f'"/".proxyPass = "http://{HS}"; "= /".return = "302 /web";', HS),
        (f'"= /ts2021".proxyPass = "http://{HS}"; "~ ^/".proxyPass = "http://{UI}";', HS),
        (f'"^~ /ts".proxyPass = "http://{HS}"; "~ ^/".proxyPass = "http://{UI}";', HS),
        (f'"/ts".proxyPass = "http://{HS}"; "~ ^/".proxyPass = "http://{UI}";', UI),
        (f'"/".proxyPass = "http://{HS}"; "~* ^/TS".proxyPass = "http://{UI}";', UI),
        (f'"/".extraConfig = "proxy_pass http://{HS};";', HS),
        ('"/".extraConfig = "proxy_pass http://$backend;";', "?"),
        (f'"/api".proxyPass = "http://{HS}";', "files"),
        (f'"/".return = "404"; "/api".proxyPass = "http://{HS}";', "an answer of nginx's own"),
        (f'"/".tryFiles = "$uri @hs"; "@hs".proxyPass = "http://{HS}";', "?"),
        (f'"~ ^/(a|b){{2}}".proxyPass = "http://{UI}"; "/".proxyPass = "http://{HS}";', "?"),
    ],
)
def test_nginx_chooses_a_location(inspect: Inspect, locations: str, ends: str) -> None:
    """`=`, then `^~`, then expressions, then the longest prefix."""
    body = f'services.nginx = {{ enable = true; virtualHosts."hs.example.com".locations = {{ {locations} }}; }};'
    (site,) = sites(inspect(body))
    assert shown(site.reply("hs.example.com", "/ts2021")) == ends


@pytest.mark.parametrize(
    ("rule", "ends"),
    [
        ("Host(`hs.example.com`)", HS),
        ("Host(`hs.example.com`, `b.example.com`)", HS),
        ("Host(`b.example.com`) || Host(`hs.example.com`)", HS),
        ("Host(`hs.example.com`) && PathPrefix(`/ts`)", HS),
        ("Host(`hs.example.com`) && PathPrefix(`/api`)", "404 of Traefik's own"),
        ("Host(`hs.example.com`) && Path(`/ts`)", "404 of Traefik's own"),
    ],
)
def test_traefik_compares_rules(inspect: Inspect, rule: str, ends: str) -> None:
    """Hosts and paths of a rule; where none takes a request, Traefik itself answers."""
    (site,) = sites(inspect(_traefik(rule)))
    assert shown(site.reply("hs.example.com", "/ts2021")) == ends


@pytest.mark.parametrize("rule", ["HostRegexp(`.*`)", "Host(`hs.example.com`) && Headers(`A`, `b`)", "!Host(`a`)"])
def test_routers_that_are_not_read_hide_all_of_traefik(inspect: Inspect, rule: str) -> None:
    """Any of them may take what another one would."""
    assert sites(inspect(_traefik(rule))) == ()


def _traefik(rule: str) -> str:
    return f"""services.traefik = {{ enable = true; dynamicConfigOptions.http = {{
      routers.hs = {{ rule = "{rule}"; service = "hs"; tls = {{ }}; }};
      services.hs.loadBalancer.servers = [ {{ url = "http://{HS}"; }} ];
    }}; }};"""


@pytest.mark.parametrize(
    "body",
    [
        "services.haproxy.enable = true;",
        "virtualisation.docker.enable = true;",
        'virtualisation.oci-containers.containers.a.image = "a";',
        "systemd.services.cloudflared-tunnel.enable = true;",
        'networking.firewall.extraCommands = "iptables -t nat -A PREROUTING -j REDIRECT";',
        'services.nginx.streamConfig = "server { listen 443; }";',
        "imports = [ <elsewhere> ];",
    ],
)
def test_what_may_stand_in_front(inspect: Inspect, body: str) -> None:
    """Programs, containers, tunnels, rules and modules that are not read may each let clients in."""
    assert front_is_known(inspect(""))
    assert not front_is_known(inspect(body))


def test_an_unknown_port_is_taken_by_no_program(inspect: Inspect) -> None:
    """Neither a service that may be off, nor an address that depends on something unknown, nor UDP for TCP."""
    host = inspect(
        """services.grafana = { enable = config.my.grafana; };
           services.code-server = { enable = true; port = 4444; host = config.my.address; };
           services.prometheus = { enable = true; port = 9095; };
           virtualisation.oci-containers.containers.a = { image = "a"; ports = [ "127.0.0.1:81:80" "82:82/udp" "83" ]; };"""
    )
    assert {(each.program, each.host, each.port, each.transport) for each in occupied(host)} == {
        ("prometheus", "", 9095, "tcp"),
        ("the container a", "127.0.0.1", 81, "tcp"),
        ("the container a", "", 82, "udp"),
    }


def test_caddyfiles_that_nest_too_deeply_are_not_read() -> None:
    """Depth is limited, and so is the recursion over it."""
    assert parse("handle {\n" * 50 + "}\n" * 50) is None
    with pytest.raises(Unsure):
        taker(parse("unheard_of") or (), "hs.example.com", "/")
