"""Two programs that want one port."""

from itertools import combinations

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, nix, rule

#: Services of NixOS: the option that holds the port and its default, the option that holds the address (None: all interfaces), the transport.
_SERVICES: tuple[tuple[str, str | None, int, str | None, str], ...] = (
    ("prometheus", "port", 9090, "listenAddress", "tcp"),
    ("cockpit", "port", 9090, None, "tcp"),
    ("coturn", "listening-port", 3478, None, "udp"),
    ("unifi", None, 3478, None, "udp"),
    ("unifi", None, 8080, None, "tcp"),
    ("jenkins", "port", 8080, "listenAddress", "tcp"),
    ("tomcat", "port", 8080, None, "tcp"),
)


@rule(Effect.FAILS)
def port_clash(host: Host) -> Iterator[Problem]:
    """A port belongs to one program; Headscale is restarted for ever while another one has it."""
    own = [listener for listener in net.listeners(host) if listener.endpoint.port != 0]
    for first, second in combinations(own, 2):
        same_port = first.endpoint.same_port(second.endpoint) and first.transport == second.transport
        if same_port and _meet(first, second.endpoint.host):
            there, here = (first, second) if second.port_at is not None else (second, first)
            yield Problem(
                f"{first.name} and {second.name} both want port {here.endpoint.port_shown}; Headscale does not start",
                at=here.port_at,
                notes=(Note(f"{there.name} takes it here", there.port_at),),
            )
    for listener in net.listeners(host):
        yield from _others(host, listener)


def _others(host: Host, listener: net.Listener) -> Iterator[Problem]:
    at = listener.port_at or host.anchor
    if listener.port is None:
        return
    for service, port_option, default, address_option, transport in _SERVICES:
        enable = host.nixos(f"services.{service}.enable")
        if not enable.flag or transport != listener.transport:
            continue
        if host.is_open and listener.port_at is None:
            continue
        if _port(host, service, port_option, default) != listener.port:
            continue
        address = _address(host, service, address_option)
        if address is not None and _meet(listener, address):
            yield Problem(
                f"{service} has port {listener.port}, which {listener.name} wants; Headscale does not start",
                at=at,
                notes=(Note(f"{service} is on here", enable.at),),
            )
    if listener.port == 443 and listener.transport == "tcp" and listener.reach is net.Reach.EVERYWHERE:
        for program in ("nginx", "caddy"):
            site = next((p for p in net.proxies(host) if p.program == program and p.passing.tls), None)
            if program in net.proxy_programs(host) and site is not None and site.passing.at is not None:
                yield Problem(
                    f"{program} has port 443, which {listener.name} wants; one of them does not start",
                    at=at,
                    notes=(Note(f"{program} serves a site with TLS here", site.passing.at),),
                )


def _port(host: Host, service: str, option: str | None, default: int) -> int | None:
    """The port of a service; None where it cannot be told."""
    setting = host.nixos(f"services.{service}.{option or 'port'}")
    return default if option is None or setting.is_null else setting.number


def _address(host: Host, service: str, option: str | None) -> str | None:
    """Where a service listens: "" for all interfaces, None where it cannot be told."""
    setting = host.nixos(f"services.{service}.{option or 'address'}")
    if (
        option is None
        or setting.is_null
        or (setting.text is None and not isinstance(setting.value, nix.Unknown | nix.String))
    ):
        return ""
    return None if setting.text is None else setting.text.strip("[]")


def _meet(listener: net.Listener, other: str | None) -> bool:
    """Whether a listener and another address share one: all interfaces meet everything of their family."""
    mine = listener.endpoint.host
    if mine is None or other is None:
        return False
    first, second = net.address(mine or "::"), net.address(other or "::")
    if first is None or second is None:
        return mine == other
    if first.version != second.version:
        return any(each.version == 6 and each.is_unspecified for each in (first, second))
    return first == second or first.is_unspecified or second.is_unspecified
