"""Addresses of the embedded DERP server that were copied from an example."""

import ipaddress

from hslint.rule import Effect, Host, Iterator, Problem, net, rule

_EXAMPLES = tuple(
    ipaddress.ip_network(each)
    for each in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "1.2.3.4/32")
)


@rule(Effect.BROKEN)
def derp_placeholder_address(host: Host) -> Iterator[Problem]:
    """Clients dial `derp.server.ipv4` and `ipv6` before any name: an address that is not the server's costs them the relay."""
    if not host.setting("settings.derp.server.enabled").flag:
        return
    for key, version in (("ipv4", 4), ("ipv6", 6)):
        setting = host.setting(f"settings.derp.server.{key}")
        wrong = _wrong(host, setting.text, version) if setting.text else None
        if wrong is not None:
            yield Problem(f"derp.server.{key} {setting.text} {wrong}", at=setting.at)


def _wrong(host: Host, text: str, version: int) -> str | None:
    address = net.address(text)
    if address is None:
        return "is no address; clients cannot dial it"
    if address.version != version:
        return f"is an IPv{address.version} address"
    if any(address in network for network in _EXAMPLES):
        return "is an example's address; clients dial it and lose the relay"
    if net.reach(text) is net.Reach.TAILNET:
        return "lies in the tailnet, which clients join only through the relay"
    if address.is_loopback or address.is_unspecified:
        return "leads each client to itself"
    return None if _local(host) or not address.is_private else "is private; clients on the internet cannot dial it"


def _local(host: Host) -> bool:
    """Whether the whole server is for a local network."""
    url = net.server_url(host)
    if url is None or url.name is None:
        return True
    return url.url.endpoint.reach is net.Reach.PRIVATE or net.is_local(url.name)
