"""A proxy that serves Headscale under another name than the one that clients are given."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule


@rule(Effect.BROKEN, yields_to=("server-url-malformed", "server-url-unset"))
def proxy_name_mismatch(host: Host) -> Iterator[Problem]:
    """Clients come to the host of `server_url`; no site of the web server has that name."""
    url, main = net.server_url(host), net.listeners(host).main
    if url is None or main is None or not url.name or url.url.endpoint.reach is not None or net.is_local(url.name):
        return
    if not net.front_is_known(host) or any(site.answers(url.name) is not False for site in net.sites(host)):
        return
    if main.reach is not net.Reach.LOOPBACK and url.url.endpoint.same_port(main.endpoint) is not False:
        return  # clients come to Headscale itself
    leading = [site for site in net.sites(host) if _leads(host, site)]
    if len(leading) != 1 or not leading[0].only_by_name or leading[0].tls is False:
        return
    (site,) = leading
    yield Problem(
        f"Headscale is served as {site.names[0]}, but clients come to {url.name}, which no site answers",
        at=site.at,
        notes=(Note("clients are given this address", url.at),),
    )


def _leads(host: Host, site: net.Site) -> bool:
    """Whether a site leads to Headscale, under names that all of the internet may use."""
    if not site.names or any(net.is_local(name) or "*" in name for name in site.names):
        return False
    reply = site.reply(site.names[0], "/ts2021")
    return reply is not None and net.to_headscale(host, reply) is True
