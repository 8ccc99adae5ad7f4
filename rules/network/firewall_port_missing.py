"""Clients dial Headscale itself, and the firewall does not let them in."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule

#: Where these are in use, something in front of Headscale may live in them.
_CONTAINERS = (
    "virtualisation.oci-containers.containers",
    "virtualisation.docker.enable",
    "virtualisation.podman.enable",
    "containers",
)


@rule(Effect.BROKEN, yields_to=("server-url-malformed", "privileged-port-without-capability"))
def firewall_port_missing(host: Host) -> Iterator[Problem]:
    """NixOS closes every port that nobody opens, and the Headscale module opens none."""
    url, main = net.server_url(host), net.listeners(host).main
    if url is None or main is None or main.port is None or host.is_open or host.contained:
        return
    # Only where clients are sent to this very port is it certain that nothing in front of it takes them in.
    if url.port != main.port or main.reach not in (net.Reach.EVERYWHERE, net.Reach.PUBLIC, net.Reach.PRIVATE):
        return
    if net.proxy_programs(host) or net.proxies(host) or any(host.nixos(path).written for path in _CONTAINERS):
        return
    if net.firewall(host).allows(main.port, "tcp") is not False:
        return
    yield Problem(
        f"nothing opens port {main.port} in the firewall; clients time out",
        at=main.port_at or main.host_at or host.anchor,
        notes=(Note("clients are sent to this port here", url.at),),
    )
