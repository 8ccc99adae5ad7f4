"""Two programs that want one port."""

from itertools import combinations

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule


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
    """Other programs that take the port; a web server has one report for all of its sites."""
    if listener.port in (None, 0) or (host.has_unresolved_imports and listener.port_at is None):
        return
    reported: set[str] = set()
    for other in net.occupied(host):
        if other.port != listener.port or other.transport != listener.transport or other.program in reported:
            continue
        if not _meet(listener, other.host) or (other.for_sites and listener.name == "tls_letsencrypt_listen"):
            continue  # letsencrypt-with-local-proxy says it
        reported.add(other.program)
        who = "one of them" if other.for_sites else "Headscale"
        yield Problem(
            f"{other.program} has port {listener.port}, which {listener.name} wants; {who} does not start",
            at=listener.port_at or host.anchor,
            notes=(Note(f"{other.program} takes it here", other.at),),
        )


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
