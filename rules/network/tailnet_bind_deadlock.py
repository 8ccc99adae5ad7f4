"""A listener on an address that exists only inside the tailnet."""

from hslint.rule import Effect, Host, Iterator, Problem, go, net, rule


@rule(Effect.FAILS)
def tailnet_bind_deadlock(host: Host) -> Iterator[Problem]:
    """The machine has its tailnet address only after it logged in to this very server, which waits for the address."""
    nonlocal_bind = (host.nixos(f'boot.kernel.sysctl."net.{family}.ip_nonlocal_bind"') for family in ("ipv4", "ipv6"))
    if any(setting.is_null is not True for setting in nonlocal_bind):
        return
    base_domain = host.setting("settings.dns.base_domain").text
    for listener in net.listeners(host):
        if not listener.endpoint.host:
            continue
        if _in_tailnet(host, listener) or (base_domain and listener.endpoint.host.endswith(f".{base_domain}")):
            yield Problem(
                f"{listener.name} waits for {listener.endpoint.host}, which exists only once Headscale runs",
                at=listener.host_at,
            )


def _in_tailnet(host: Host, listener: net.Listener) -> bool:
    address = net.address(listener.endpoint.host or "")
    prefix = (
        go.prefix(host.setting(f"settings.prefixes.v{address.version}").text or "") if address is not None else None
    )
    return prefix is not None and address in prefix.network
