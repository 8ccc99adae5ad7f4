"""A host's network: the listeners of Headscale, the reverse proxies in front of it, and the firewall.

Facts about the whole NixOS configuration that several rules need. Each answers None where it is unknown.
"""

from hslint.hosts.network.address import (
    TAILNET,
    Address,
    Endpoint,
    Reach,
    Url,
    address,
    is_bare_ipv6,
    is_local,
    reach,
    url,
)
from hslint.hosts.network.derp_maps import DerpMap, derp_maps
from hslint.hosts.network.firewall import Firewall, Opened, firewall
from hslint.hosts.network.fronts import ports_of_others
from hslint.hosts.network.listeners import Listener, Listeners, Transport, listeners, may_not_use, privileges_arranged
from hslint.hosts.network.occupied import Occupied, occupied
from hslint.hosts.network.proxies import Proxy, proxies, proxy_programs
from hslint.hosts.network.public_suffix import Suffix, public_suffix
from hslint.hosts.network.site import Gate, Reply, Site
from hslint.hosts.network.sites import front_is_known, idle_sites, serving, sites, to_headscale
from hslint.hosts.network.tls import ServerUrl, Tls, server_url, tls

__all__ = [
    "TAILNET",
    "Address",
    "DerpMap",
    "Endpoint",
    "Firewall",
    "Gate",
    "Listener",
    "Listeners",
    "Occupied",
    "Opened",
    "Proxy",
    "Reach",
    "Reply",
    "ServerUrl",
    "Site",
    "Suffix",
    "Tls",
    "Transport",
    "Url",
    "address",
    "derp_maps",
    "firewall",
    "front_is_known",
    "idle_sites",
    "is_bare_ipv6",
    "is_local",
    "listeners",
    "may_not_use",
    "occupied",
    "ports_of_others",
    "privileges_arranged",
    "proxies",
    "proxy_programs",
    "public_suffix",
    "reach",
    "server_url",
    "serving",
    "sites",
    "tls",
    "to_headscale",
    "url",
]
