"""A `server_url` that says the default port, with OIDC."""

import re

from hslint.rule import Effect, Fix, Host, Iterator, Problem, edits, rule

#: Options of identity providers that hold the addresses of their clients.
_PROVIDERS = (
    "services.authelia.instances",
    "services.dex.settings.staticClients",
    "services.kanidm.provision.systems.oauth2",
)


@rule(Effect.ADVICE)
def oidc_redirect_port(host: Host) -> Iterator[Problem]:
    """The redirect address is `server_url` word for word; with a needless port, most providers take it for another one."""
    setting = host.own("settings.server_url")
    url = setting.text
    if not url or not host.setting("settings.oidc.issuer").text:
        return
    if not re.fullmatch(r"https://[^/]+:443/?|http://[^/]+:80/?", url):
        return
    if _is_registered(host, f"{url.rstrip('/')}/oidc/callback"):
        return
    port = ":443" if url.startswith("https") else ":80"
    yield Problem(
        f"the OIDC redirect address gets the needless {port}; the provider may not recognise it",
        at=setting.at,
        fix=Fix(f"leave out {port}", edits.write(setting, f'"{url.replace(port, "")}"')),
    )


def _is_registered(host: Host, redirect: str) -> bool:
    """Whether a provider on the same host knows the very address."""
    return any(redirect in host.nixos(option).strings_within for option in _PROVIDERS)
