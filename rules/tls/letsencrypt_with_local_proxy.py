"""Headscale's own Let's Encrypt client beside a web server that owns its port."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, nix, rule

_PROGRAMS = ("nginx", "caddy")


@rule(Effect.FAILS, yields_to=("tls-source-conflict",))
def letsencrypt_with_local_proxy(host: Host) -> Iterator[Problem]:
    """Headscale and a web server cannot both listen on port 80, where Let's Encrypt asks for the proof."""
    acme, setting = net.listeners(host).acme, host.setting("settings.tls_letsencrypt_hostname")
    if not net.tls(host).letsencrypt or acme is None or acme.port != 80:
        return
    for program in net.proxy_programs(host):
        if program in _PROGRAMS and _owns_port_80(host, program):
            enable = host.nixos(f"services.{program}.enable")
            yield Problem(
                f"{program} has port 80, which Headscale needs for Let's Encrypt; Headscale stops",
                at=setting.at,
                notes=(Note(f"{program} is on here", enable.at),),
            )
            return


def _owns_port_80(host: Host, program: str) -> bool:
    """Whether a site is served there: with the usual ports, and without addresses of its own."""
    moved = (
        "services.nginx.defaultHTTPListenPort",
        "services.nginx.defaultListen",
        "services.caddy.globalConfig",
        "services.caddy.configFile",
    )
    if any(_is_set(host, option) for option in moved):
        return False
    sites = host.nixos(f"services.{program}.virtualHosts")
    for name in sites.names:
        site = sites.member(name).value
        if not isinstance(site, nix.Attrs):
            continue
        if program == "caddy":
            return ":" not in name
        if not any(option in site for option in ("listen", "listenAddresses", "onlySSL")):
            return True
    return False


def _is_set(host: Host, option: str) -> bool:
    setting = host.nixos(option)
    return setting.written and not setting.is_empty
