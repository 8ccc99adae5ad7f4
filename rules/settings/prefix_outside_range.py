"""Address ranges that Headscale does not support, or cannot read."""

import ipaddress
from typing import TypeAlias

from hslint.rule import Effect, Host, Iterator, Problem, go, net, rule, shortened

_RANGES = {f"prefixes.v{version}": network for version, network in net.TAILNET.items()}

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


@rule(Effect.BROKEN)
def prefix_outside_range(host: Host) -> Iterator[Problem]:
    """Clients reach nobody at addresses outside Tailscale's ranges, and Headscale does not start without a range."""
    if not host.release.reaches("0.23"):
        yield from _old(host)
        return
    empty = []
    for key, supported in _RANGES.items():
        setting = host.given(key)
        if not setting.written:
            continue
        text = host.reads(key)
        if text == "":
            empty.append(setting)
        found = _consequence(host, key, text, supported) if isinstance(text, str) and text else None
        if found is not None:
            effect, message = found
            yield Problem(message, at=setting.at, effect=effect)
    if len(empty) == len(_RANGES):
        yield Problem(
            "neither prefixes.v4 nor prefixes.v6 has a range; Headscale does not start",
            at=empty[0].at,
            effect=Effect.FAILS,
        )


def _old(host: Host) -> Iterator[Problem]:
    """0.22 has one list for both families (GetHeadscaleConfig); it panics at what is no range."""
    setting = host.given("ip_prefixes")
    if host.reads("ip_prefixes") == []:
        written = setting.at if setting.certainly_written else None
        yield Problem(
            f"ip_prefixes has no range; Headscale takes {net.TAILNET[4]}, without IPv6",
            at=written or host.anchor,
            effect=Effect.IGNORED if written is not None else Effect.ADVICE,
        )
    for text, at in setting.texts() if setting.written else ():
        found = _consequence(host, "ip_prefixes", text, _RANGES["prefixes.v6" if ":" in text else "prefixes.v4"])
        if found is not None:
            yield Problem(found[1], at=at, effect=found[0])


def _consequence(host: Host, key: str, text: str, supported: Network) -> tuple[Effect, str] | None:
    """A range outside only warns; Headscale drops the bits behind the length when it uses the range."""
    given = go.prefix(text)
    if given is None:
        return Effect.FAILS, f'{key} = "{text[:40]}" is no range such as {supported}; Headscale does not start'
    network = given.network
    if _crashes(host, text, network, supported.version):
        return Effect.FAILS, f"with MagicDNS, Headscale {host.release.series} crashes at {key} = {text}"
    if network.version != supported.version:
        family = "IPv6" if network.version == 6 else "IPv4"
        return Effect.BROKEN, f"{key} = {text} is an {family} range; {family} belongs in prefixes.v{network.version}"
    inside = network.prefixlen >= supported.prefixlen and network.network_address in supported
    if not inside:
        return Effect.BROKEN, shortened(
            f"{key} = {text} lies outside {supported}", "Tailscale clients do not support that", "clients fail"
        )
    if given.ip != network.network_address:
        return Effect.ADVICE, f"{key} = {text} means {network}: bits behind the length are dropped"
    return None


def _crashes(host: Host, text: str, network: Network, version: int) -> bool:
    """Whether making the names for reverse look-ups ends Headscale (in NewHeadscale, only with MagicDNS): before 0.29 at a range
    of one address (GenerateIPv4DNSRootDomain), and in every release at the empty part that a dot makes where
    GenerateIPv6DNSRootDomain expects a digit.
    """
    switch = "dns.magic_dns" if "dns.magic_dns" in host.schema.keys else "dns_config.magic_dns"
    if host.reads(switch) is not True:
        return False
    if version == 4:
        return network.prefixlen == network.max_prefixlen and not host.release.reaches("0.29")
    digits, rest = divmod(network.prefixlen, 4)
    return network.version == 4 and not rest and "." in text[:digits]
