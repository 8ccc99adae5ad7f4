"""A `server_url` that says the default port, with OIDC."""

import re

from hslint.rule import Effect, Fix, Host, Iterator, Problem, Setting, rule, write

#: Options of identity providers that hold the addresses of their clients.
_PROVIDERS = (
    "services.authelia.instances",
    "services.dex.settings.staticClients",
    "services.kanidm.provision.systems.oauth2",
)


@rule(Effect.BROKEN)
def oidc_redirect_port(host: Host) -> Iterator[Problem]:
    """The redirect address is `server_url` word for word; with a needless port, most providers take it for another one."""
    url, setting = host.setting("settings.server_url").text, host.setting("settings.server_url")
    if not url or not setting.written or setting.at is None or not host.setting("settings.oidc.issuer").text:
        return
    port = re.fullmatch(r"https://[^/]+:443/?|http://[^/]+:80/?", url)
    if port is None:
        return
    if _is_registered(host, f"{url.rstrip('/')}/oidc/callback"):
        return
    number = "443" if url.startswith("https") else "80"
    yield Problem(
        f"the OIDC redirect address gets the needless :{number}; the provider may not recognise it",
        at=setting.at,
        fix=_fix(setting, url, number),
    )


def _is_registered(host: Host, redirect: str) -> bool:
    """Whether a provider on the same host knows the very address."""
    return any(redirect in host.nixos(option).strings_within for option in _PROVIDERS)


def _fix(setting: Setting, url: str, number: str) -> Fix | None:
    edits = write(setting, f'"{url.replace(f":{number}", "")}"')
    return Fix(f"leave out :{number}", edits) if edits else None
