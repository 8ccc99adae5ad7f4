"""A certificate that is renewed on disk only."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule

_CERTS = "security.acme.certs"
_STATE = "/var/lib/acme/"


@rule(Effect.BROKEN)
def certificate_renewal_without_restart(host: Host) -> Iterator[Problem]:
    """Headscale reads its certificate once, when it starts; a renewed one must restart it, or clients meet the expired one."""
    setting = host.setting("settings.tls_cert_path")
    text = setting.text
    if host.has_unresolved_imports or text is None or not text.startswith(_STATE):
        return
    if any(proxy.to_headscale is not False for proxy in net.proxies(host)):
        return  # clients see the proxy's certificate, and proxies rarely look at the one behind them
    name = text.removeprefix(_STATE).partition("/")[0]
    certificate = host.nixos(f'{_CERTS}."{name}"')
    if not certificate.written or _restarts(host, name) is not False:
        return
    yield Problem(
        f"nothing restarts Headscale when {name[:40]} is renewed; it goes on with the old one",
        at=setting.here,
        notes=(Note('add reloadServices = [ "headscale.service" ] here', certificate.name_at),),
    )


def _restarts(host: Host, name: str) -> bool | None:
    """Whether a renewal restarts the unit: reloadServices does try-reload-or-restart (nixos/modules/security/acme)."""
    option = f'{_CERTS}."{name}"'
    for path in (f"{option}.postRun", "security.acme.defaults.postRun"):
        if not host.nixos(path).is_empty:
            return None
    for path in (f"{option}.reloadServices", "security.acme.defaults.reloadServices"):
        services = host.nixos(path).strings
        if services is None:
            return None
        if any(unit.removesuffix(".service") == "headscale" for unit in services):
            return True
    return False
