"""An https `server_url` whose site answers plain HTTP only."""

from hslint.rule import Effect, Fix, Host, Iterator, Note, Problem, Setting, edits, net, rule


@rule(Effect.BROKEN, yields_to=("server-url-malformed", "server-url-unset", "server-url-port-mismatch"))
def proxy_no_tls(host: Host) -> Iterator[Problem]:
    """Nginx speaks TLS with `forceSSL`, `addSSL` or `onlySSL` alone, and Caddy does not under an `http://` name."""
    url = net.server_url(host)
    if url is None or url.scheme != "https" or not url.name or net.tls(host).on is not False:
        return
    serving = [(site, reply) for site, reply in net.serving(host, url.name) if net.to_headscale(host, reply)]
    if len(serving) != 1 or sum(site.answers(url.name) is not False for site in net.sites(host)) != 1:
        return
    ((site, reply),) = serving
    if site.tls is not False or url.port != 443 or not net.front_is_known(host):
        return
    certificate = _certificate(host, url.name) if site.program == "nginx" else None
    if certificate is None and not any(net.firewall(host).public(443, "tcp")):
        return  # TLS may end on another machine
    yield Problem(
        f"{url.name} has a certificate, but nginx does not use it without forceSSL; server_url is https"
        if certificate is not None
        else f"{site.program} serves {url.name} without TLS, but server_url is https; clients cannot connect",
        at=certificate.name_at if certificate is not None else site.at,
        notes=(Note("clients are given this address", url.at), Note("Headscale is reached here", reply.at)),
        fix=_fix(certificate),
    )


def _certificate(host: Host, name: str) -> Setting | None:
    """The option that asks for a certificate for a virtual host."""
    for option in ("enableACME", "useACMEHost", "sslCertificate"):
        setting = host.nixos(f'services.nginx.virtualHosts."{name}".{option}')
        if setting.flag or setting.text:
            return setting
    return None


def _fix(certificate: Setting | None) -> Fix | None:
    if certificate is None or certificate.binding is None:
        return None
    before, found, _ = certificate.binding.text.partition(certificate.option.rpartition(".")[2])
    if not found or "{" in before:
        return None
    return Fix("set forceSSL", edits.insert_after(certificate.binding, f"{before}forceSSL = true;"))
