"""A web server that hands clients' requests to something else than Headscale."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule


@rule(Effect.BROKEN, yields_to=("server-url-malformed", "server-url-unset", "proxy-target-mismatch", "proxy-no-tls"))
def proxy_path_elsewhere(host: Host) -> Iterator[Problem]:
    """Clients ask for paths at the top of `server_url`; a proxy that passes on only a part of them leaves clients outside."""
    url = net.server_url(host)
    if url is None or not url.name or url.port not in (80, 443):
        return
    secure = url.scheme == "https"
    sites = [
        site for site in net.sites(host) if site.answers(url.name) is not False and not (secure and site.tls is False)
    ]
    if len(sites) != 1 or not sites[0].answers(url.name) or (not secure and sites[0].tls is not False):
        return
    way = next((p for p in net.proxies(host) if p.to_headscale and p.route.answers(url.name)), None)
    if way is None and not net.front_is_known(host):
        return
    missed = [path for path in _asked_for(host, url) if _ends_elsewhere(host, sites[0], url.name, path)]
    reply = sites[0].reply(url.name, missed[0]) if missed else None
    if reply is None or (way is None and reply.target is not None):
        return
    paths = " and ".join(missed[:2])
    where = reply.target.endpoint.text if reply.target is not None else reply.instead
    yield Problem(
        f"{paths} of {url.name} get {where} instead of Headscale; clients cannot {_purpose(missed[0])}"
        if reply.target is None
        else f"{paths} of {url.name} end at {where}, not at Headscale; clients cannot {_purpose(missed[0])}",
        at=reply.at,
        notes=(Note("this is all that Headscale gets", way.route.at),) if way is not None else (),
    )


def _ends_elsewhere(host: Host, site: net.Site, name: str, path: str) -> bool:
    reply = site.reply(name, path)
    return reply is not None and net.to_headscale(host, reply) is False


def _asked_for(host: Host, url: net.ServerUrl) -> Iterator[str]:
    """The paths that clients and their users request (hscontrol/app.go, createRouter). A path in `server_url` goes before all but the first."""
    yield "/ts2021"
    if url.url.path not in ("", "/"):
        return
    yield "/key"
    if host.setting("settings.oidc.issuer").text:
        yield from ("/register/0", "/oidc/callback")
    if host.setting("settings.derp.server.enabled").flag:
        yield "/derp"


def _purpose(path: str) -> str:
    return "use the relay" if path == "/derp" else "log in"
