"""What a host does on the network: where Headscale listens, what stands in front of it, what the firewall lets through.

Facts about the whole NixOS configuration that several rules need. Each answers None where it cannot be told.
"""

from hslint.hosts.network.address import Endpoint, Reach, Url
from hslint.hosts.network.firewall import Firewall, Opened, firewall
from hslint.hosts.network.listeners import Listener, Listeners, listeners, privileges_arranged
from hslint.hosts.network.proxies import Proxy, proxies, proxy_programs
from hslint.hosts.network.tls import ServerUrl, Tls, server_url, tls

__all__ = [
    "Endpoint",
    "Firewall",
    "Listener",
    "Listeners",
    "Opened",
    "Proxy",
    "Reach",
    "ServerUrl",
    "Tls",
    "Url",
    "firewall",
    "listeners",
    "privileges_arranged",
    "proxies",
    "proxy_programs",
    "server_url",
    "tls",
]
