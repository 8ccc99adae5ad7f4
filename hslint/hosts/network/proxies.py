"""The web servers and tunnels of a host, and where they pass requests on to."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Literal

from hslint.hosts.host import Host
from hslint.hosts.network import caddy, cloudflared, nginx, traefik
from hslint.hosts.network.address import Reach, Url
from hslint.hosts.network.cached_per_host import cached_per_host
from hslint.hosts.network.listeners import Listener, listeners
from hslint.hosts.network.proxy_route import ProxyRoute
from hslint.record import Record

__all__ = ["Proxy", "ProxyRoute", "proxies", "proxy_programs"]

Program = Literal["nginx", "caddy", "traefik", "cloudflared"]


class Proxy(Record):
    """One place that passes requests on: an nginx location, a `reverse_proxy` of Caddy, a service of Traefik, a tunnel's rule.

    to_headscale  whether it leads to Headscale's main listener; None when that is unknown
    """

    program: Program
    route: ProxyRoute
    to_headscale: bool | None

    @property
    def target(self) -> Url:
        return self.route.target


#: The web servers that own ports 80 and 443 once they are on.
_WEB_SERVERS = ("nginx", "caddy", "traefik", "haproxy", "httpd", "lighttpd", "h2o", "envoy", "pomerium", "angie")


@cached_per_host
def proxy_programs(host: Host) -> tuple[str, ...]:
    """The web servers and proxies that are on, by the name of their service."""
    return tuple(name for name in _WEB_SERVERS if host.nixos(f"services.{name}.enable").flag)


@cached_per_host
def proxies(host: Host) -> tuple[Proxy, ...]:
    """Every place that passes requests on, of programs that are on or may be."""
    main = listeners(host).main
    found: Iterator[tuple[Program, ProxyRoute]] = chain(
        (("nginx", each) for each in nginx.locations(host)),
        (("caddy", each) for each in caddy.reverse_proxies(host)),
        (("traefik", each) for each in traefik.services(host)),
        (("cloudflared", each) for each in cloudflared.rules(host)),
    )
    return tuple(Proxy(program, each, _leads_to(each.target, main)) for program, each in found)


def leads_to_headscale(host: Host, target: Url) -> bool | None:
    """Whether a target is Headscale's main listener; None when that is unknown."""
    return _leads_to(target, listeners(host).main)


def _leads_to(target: Url, main: Listener | None) -> bool | None:
    """A target on this machine with Headscale's port is Headscale."""
    if main is None:
        return None
    same = target.endpoint.same_port(main.endpoint)
    if same is False:
        return False
    here = _is_here(target, main)
    return False if here is False else same if here else None


def _is_here(target: Url, main: Listener) -> bool | None:
    """Whether the target is the machine itself, at an address where Headscale may listen."""
    name = target.endpoint.host
    if name is None:
        return None
    if name == main.endpoint.host:
        return True
    match target.endpoint.reach:
        case Reach.LOOPBACK | Reach.EVERYWHERE:
            return True
        case _:
            return None
