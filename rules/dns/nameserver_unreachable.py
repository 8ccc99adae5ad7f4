"""Global nameservers that clients cannot reach, or that are no addresses."""

import ipaddress
from urllib.parse import urlsplit

from hslint.rule import Bool, Effect, Host, Iterator, List, Problem, String, Value, rule


@rule(Effect.BROKEN, since="0.23")
def nameserver_unreachable(host: Host) -> Iterator[Problem]:
    """A client whose only nameservers lie inside the tailnet, or on the client itself, has no DNS before it is connected."""
    setting = host.setting("settings.dns.nameservers.global")
    if setting is None or not setting.written or not isinstance(setting.value, List):
        return
    servers = [lazy.outcome() for lazy in setting.value.items]
    known = [server for server in servers if isinstance(server, String) and server.known is not None]
    for server in known:
        message = _odd(server.known or "")
        if message is not None and server.span is not None:
            yield Problem(message, at=server.span, hangs_on=setting.condition)
    override: Value | None = host.value("settings.dns.override_local_dns")
    if setting.value.rest is not None or not known or len(known) != len(servers) or setting.at is None:
        return
    reaches = {_reach(server.known or "") for server in known}
    if reaches == {"loopback"}:
        yield Problem(
            "the only global nameserver is the client itself; clients that run none have no DNS",
            at=setting.at,
            hangs_on=setting.condition,
        )
    elif reaches <= {"tailnet", "loopback"} and not isinstance(override, Bool | None):
        return
    elif reaches <= {"tailnet", "loopback"} and not (isinstance(override, Bool) and not override.value):
        yield Problem(
            "every global nameserver lies in the tailnet; a client that is not connected yet has no DNS",
            at=setting.at,
            hangs_on=setting.condition,
        )


def _reach(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "elsewhere"
    if address.is_loopback:
        return "loopback"
    tailnet = ipaddress.ip_network("100.64.0.0/10" if address.version == 4 else "fd7a:115c:a1e0::/48")
    # Tailscale's own resolver address answers on every client.
    return "tailnet" if address in tailnet and text != "100.100.100.100" else "elsewhere"


def _odd(text: str) -> str | None:
    """Headscale (globalResolvers) takes an address, else whatever Go's url.Parse accepts, and drops the rest with a warning."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        pass
    else:
        return None
    if not text or text.startswith(("https://", "http://", "tls://")):
        return None
    if "," in text or " " in text:
        return f'"{text[:40]}" is one entry; write every nameserver as an entry of its own'
    host, _, port = text.rpartition(":")
    if port.isdigit() and host.replace(".", "").isdigit():
        return f'"{text[:40]}" is dropped: a nameserver is an address without a port'
    return (
        None
        if urlsplit(f"//{text}").port or "/" in text
        else f'"{text[:40]}" is a name; clients can use only addresses here'
    )
