"""Clients dial Headscale, or the web server in front of it, and the firewall does not let them in."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, Span, net, rule

#: Where these are in use, something in front of Headscale may live in them.
_CONTAINERS = (
    "virtualisation.oci-containers.containers",
    "virtualisation.docker.enable",
    "virtualisation.podman.enable",
    "containers",
)


@rule(
    Effect.BROKEN,
    yields_to=("server-url-malformed", "server-url-unset", "privileged-port-without-capability", "proxy-no-tls"),
)
def firewall_port_missing(host: Host) -> Iterator[Problem]:
    """NixOS closes every port that is not opened, and neither the Headscale module nor those of web servers open one."""
    url, main = net.server_url(host), net.listeners(host).main
    if url is None or main is None or not url.name or host.has_unresolved_imports or host.contained:
        return
    if net.proxy_programs(host) or net.proxies(host) or any(host.nixos(path).written for path in _CONTAINERS):
        yield from _proxied(host, url)
        return
    # Only where clients are sent to this very port is it certain that nothing in front of it takes them in.
    if main.port is None or url.port != main.port:
        return
    if main.reach not in (net.Reach.EVERYWHERE, net.Reach.PUBLIC, net.Reach.PRIVATE):
        return
    if net.firewall(host).allows(main.port, "tcp") is not False:
        return
    over_udp = _over_udp(host, main.port)
    yield Problem(
        f"port {main.port} is opened for UDP, but clients come over TCP; they time out"
        if over_udp is not None
        else f"nothing opens port {main.port} in the firewall; clients time out",
        at=over_udp or main.port_at or main.host_at or host.anchor,
        notes=(Note("clients are sent to this port here", url.at),),
    )


def _proxied(host: Host, url: net.ServerUrl) -> Iterator[Problem]:
    """The ports of the site under `server_url`'s name, where the configuration opens any ports at all."""
    firewall = net.firewall(host)
    shown = [opening.at for opening in firewall.opened if opening.at is not None]
    if not shown or not url.name or not net.front_is_known(host):
        return
    sites = [site for site, reply in net.serving(host, url.name) if net.to_headscale(host, reply)]
    if len(sites) != 1 or sites[0].program not in net.proxy_programs(host):
        return
    secure, site = url.scheme == "https", sites[0]
    if url.port != (443 if secure else 80) or site.tls is not secure:
        return
    allowed = host.nixos("networking.firewall.allowedTCPPorts")
    at, note = allowed.at if allowed.written else site.at, Note("clients are given this address", url.at)
    if firewall.allows(url.port, "tcp") is False:
        over_udp = _over_udp(host, url.port)
        yield Problem(
            f"port {url.port} is opened for UDP, but clients come to {url.name} over TCP; they time out"
            if over_udp is not None
            else f"nothing opens port {url.port} in the firewall; clients of {url.name} time out",
            at=over_udp or at,
            notes=(note,),
        )
    if secure and firewall.allows(80, "tcp") is False and _proves_over_http(host, site):
        yield Problem(
            f"nothing opens port 80 in the firewall; Let's Encrypt cannot ask for the proof of {url.name}",
            at=at,
            notes=(Note("the certificate is asked for here", site.at),),
        )


def _over_udp(host: Host, port: int) -> Span | None:
    """The place where the port alone is opened for UDP."""
    openings = net.firewall(host).public(port, "udp")
    return next(
        (opening.at for opening in openings if opening.first == opening.last == port and opening.at is not None), None
    )


def _proves_over_http(host: Host, site: net.Site) -> bool:
    """Whether NixOS proves the names of a virtual host of nginx to Let's Encrypt by HTTP-01."""
    if site.program != "nginx" or not site.only_by_name or not site.names:
        return False
    options = (
        f'services.nginx.virtualHosts."{site.names[0]}".acmeRoot',
        f'security.acme.certs."{site.names[0]}"',
        "security.acme.defaults.dnsProvider",
        "security.acme.defaults.server",
        "security.acme.defaults.listenHTTP",
    )
    return not any(host.nixos(option).written for option in options)
