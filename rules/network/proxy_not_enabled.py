"""A virtual host in front of Headscale, of a web server that is off."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule


@rule(Effect.BROKEN, yields_to=("server-url-malformed", "server-url-unset"))
def proxy_not_enabled(host: Host) -> Iterator[Problem]:
    """`services.nginx.virtualHosts` and `services.caddy.virtualHosts` alone start no web server."""
    url, main = net.server_url(host), net.listeners(host).main
    if url is None or main is None or not url.name or main.reach is not net.Reach.LOOPBACK:
        return
    if host.closed:
        return  # what is not read usually holds the web server
    if not net.front_is_known(host) or net.proxy_programs(host):
        return
    for site in net.idle_sites(host):
        reply = site.reply(url.name, "/ts2021") if site.answers(url.name) else None
        if reply is not None and net.to_headscale(host, reply):
            yield Problem(
                f"services.{site.program} is not enabled; nobody answers for {url.name}",
                at=site.at,
                notes=(Note("clients are given this address", url.at),),
            )
            return
