"""Where the house's certificates and its monitoring expect Headscale."""

from urllib.parse import urlsplit

from hslint.rule import Effect, Host, Iterator, Problem, rule

_ZONE = "example.com"


@rule(Effect.BROKEN, yields_to=("server-url-malformed",))
def server_url_elsewhere(host: Host) -> Iterator[Problem]:
    """A server outside of example.com has no certificate and is not watched."""
    setting = host.setting("settings.server_url")
    name = urlsplit(setting.text or "").hostname
    if name and name != _ZONE and not name.endswith(f".{_ZONE}"):
        yield Problem(f"{name} does not lie in {_ZONE}; there is no certificate for it", at=setting.at)
