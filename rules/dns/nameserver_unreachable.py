"""Global nameservers that clients cannot reach, or that are no addresses."""

import ipaddress
import re

from hslint.rule import (
    Bool,
    Effect,
    Host,
    Iterator,
    List,
    Problem,
    Setting,
    Span,
    String,
    Value,
    go_url,
    rule,
)


@rule(Effect.BROKEN, since="0.23")
def nameserver_unreachable(host: Host) -> Iterator[Problem]:
    """A client whose only nameservers lie inside the tailnet, or on the client itself, has no DNS before it is connected."""
    for split in host.written("settings.dns.nameservers.split"):
        for text, at in _texts(split):
            message = _odd(text)
            if message is not None and at is not None:
                yield Problem(message, at=at, hangs_on=split.condition)
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


def _texts(split: Setting) -> Iterator[tuple[str, Span | None]]:
    """The resolvers of a domain; Headscale splits a text at white space."""
    match split.value:
        case String(known=str(text)):
            yield from ((part, split.at) for part in text.split() if "," not in part)
        case List(items=items):
            for lazy in items:
                entry = lazy.outcome()
                if isinstance(entry, String) and entry.known is not None:
                    yield entry.known, entry.span or split.at
        case _:
            return


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
    """Headscale (globalResolvers, splitResolvers) takes an address, else whatever Go's url.Parse accepts, and drops the rest
    with a warning.
    """
    try:
        ipaddress.ip_address(text)
    except ValueError:
        pass
    else:
        return None
    if "," in text or " " in text:
        return f'"{text[:40]}" is one entry; write every nameserver as an entry of its own'
    if go_url(text) is None:
        with_port = re.fullmatch(r"[0-9.]+:[0-9]+|\[[0-9A-Fa-f:.]+\]:[0-9]+", text)
        return f'"{text[:40]}" is dropped: ' + (
            "a nameserver is an address without a port" if with_port else "it is neither an address nor a URL"
        )
    if not text or text.startswith(("https://", "http://", "tls://")) or "/" in text or ":" in text:
        return None
    return f'"{text[:40]}" is a name; clients can use only addresses here'
