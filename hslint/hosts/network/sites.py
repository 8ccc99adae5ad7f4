"""The sites of the web servers of NixOS, and whether anything else may stand in front of Headscale."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hslint.hosts.host import Host
from hslint.hosts.network import caddy, nginx_sites, traefik
from hslint.hosts.network.cached_per_host import cached_per_host
from hslint.hosts.network.proxies import leads_to_headscale, proxy_programs
from hslint.hosts.network.reading import entries, is_closed, text
from hslint.hosts.network.site import Reply, Site, SiteProgram, answers
from hslint.values.value import Unknown

#: Programs whose sites are read.
_READ: tuple[SiteProgram, ...] = ("nginx", "caddy", "traefik")

#: Where these are set, something that is not read may pass requests on, or other sites may be served.
_ELSEWHERE = (
    "containers",
    "virtualisation.oci-containers.containers",
    "virtualisation.docker.enable",
    "virtualisation.podman.enable",
    "virtualisation.arion.projects",
    "services.cloudflared.tunnels",
    "services.nginx.streamConfig",
    "services.nginx.appendConfig",
    "services.nginx.appendHttpConfig",
    "services.nginx.httpConfig",
    "services.nginx.config",
    "services.caddy.configFile",
    "services.caddy.settings",
    "services.traefik.dynamicConfigFile",
    "services.traefik.dynamic",
    "services.traefik.staticConfigFile",
    "networking.nat.forwardPorts",
    "networking.nftables.ruleset",
    "networking.nftables.tables",
    "networking.firewall.extraCommands",
    "networking.firewall.extraInputRules",
    "systemd.sockets",
)
#: Services that pass connections on, beside the web servers.
_FORWARDERS = (
    "cloudflared",
    "haproxy",
    "httpd",
    "lighttpd",
    "h2o",
    "envoy",
    "pomerium",
    "angie",
    "sslh",
    "stunnel",
    "ghostunnel",
    "hitch",
    "varnish",
    "pangolin",
    "newt",
    "frp",
    "rathole",
    "sish",
    "k3s",
    "kubernetes",
    "zoraxy",
    "ngrok",
    "autossh",
    "bunkerweb",
    "skydns",
    "ferron",
    "openresty",
    "tailscale.serve",
)


@cached_per_host
def sites(host: Host) -> tuple[Site, ...]:
    """Every site that is read, of programs that are on or may be."""
    found: list[Site] = []
    for program, read in (("nginx", nginx_sites.sites), ("caddy", caddy.sites), ("traefik", traefik.sites)):
        enable = host.nixos(f"services.{program}.enable")
        if enable.flag or isinstance(enable.value, Unknown):
            found += read(host)
    return tuple(found)


@cached_per_host
def idle_sites(host: Host) -> tuple[Site, ...]:
    """Every site of a program that is off by default: it is never enabled, and not disabled either."""
    found: list[Site] = []
    for program, read in (("nginx", nginx_sites.sites), ("caddy", caddy.sites), ("traefik", traefik.sites)):
        enable = host.nixos(f"services.{program}.enable")
        if not enable.written and enable.is_null is not None and not enable.flag:
            found += read(host)
    return tuple(found)


@cached_per_host
def front_is_known(host: Host) -> bool:
    """Whether every web server, tunnel and forwarding rule of the machine is read, so that a name without a site is certainly not served."""
    if host.has_unresolved_imports or host.contained:
        return False
    if any(_is_set(host, path) for path in _ELSEWHERE) or any(_may_run(host, service) for service in _FORWARDERS):
        return False
    if any(not is_closed(host.nixos(f"services.{each}.virtualHosts").value) for each in ("nginx", "caddy")):
        return False
    if any(_may_run(host, each) and each not in proxy_programs(host) for each in _READ):
        return False
    if any(
        _WAYS_IN.search(name)
        for name in host.nixos("systemd.services").names
        if _is_set(host, f'systemd.services."{name}"')
    ):
        return False
    if "import" in (text(host.nixos("services.caddy.extraConfig").value) or ""):
        return False
    return "traefik" not in proxy_programs(host) or not _other_providers(host)


#: Units of one's own that may be a way in from outside.
_WAYS_IN = re.compile(r"tunnel|cloudflared|ngrok|frp|ssh|funnel|serve|proxy|socat|forward|gost|bore|zrok|pangolin|newt")


def _other_providers(host: Host) -> bool:
    return any(
        name != "file" for name, _ in entries(host.nixos("services.traefik.staticConfigOptions.providers").value)
    )


def _is_set(host: Host, path: str) -> bool:
    setting = host.nixos(path)
    return setting.written and setting.is_empty is not True and setting.flag is not False


def _may_run(host: Host, service: str) -> bool:
    for path in (f"services.{service}.enable", f"services.{service}"):
        setting = host.nixos(path)
        if path.endswith(".enable") and setting.written:
            return setting.flag is not False
        if not path.endswith(".enable") and service not in _READ and setting.written:
            return True
    return False


def serving(host: Host, name: str, *, path: str = "/ts2021") -> Iterator[tuple[Site, Reply]]:
    """The sites that certainly answer for a host name, and what each does with a request for a path, where that is known."""
    for site in sites(host):
        if site.answers(name):
            reply = site.reply(name, path)
            if reply is not None:
                yield site, reply


def to_headscale(host: Host, reply: Reply) -> bool | None:
    """Whether a request ends at Headscale; None where that is unknown."""
    return False if reply.target is None else leads_to_headscale(host, reply.target)


__all__ = ["Reply", "Site", "answers", "front_is_known", "idle_sites", "serving", "sites", "to_headscale"]
