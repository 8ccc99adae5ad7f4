"""OIDC with an issuer at which everybody has an account, and no filter."""

from hslint.rule import Effect, Host, Iterator, List, Null, Problem, go_url, rule

# Issuers where anybody can make an account. Microsoft's issuers of one organisation have its identifier in the path.
_PUBLIC = frozenset(
    ("accounts.google.com", "gitlab.com", "appleid.apple.com", "login.yahoo.com", "oauth.id.jumpcloud.com")
)
_PUBLIC_PATHS = {"login.microsoftonline.com": ("/common", "/consumers", "/organizations")}


@rule(Effect.INSECURE)
def oidc_open_door(host: Host) -> Iterator[Problem]:
    """Everybody in the world may join the tailnet when the issuer is public and no `allowed_*` list filters."""
    issuer, text = host.setting("settings.oidc.issuer"), host.text("settings.oidc.issuer")
    if issuer is None or issuer.at is None or not text or host.reads_environment_file:
        return
    name = _public(text)
    if name is None:
        return
    if all(_empty(host, f"settings.oidc.{name}") for name in ("allowed_domains", "allowed_users", "allowed_groups")):
        yield Problem(
            f"everybody with an account at {name} may join; set allowed_users or allowed_domains",
            at=issuer.at,
            hangs_on=issuer.condition,
        )


def _public(issuer: str) -> str | None:
    """The name of the host where anybody can make an account."""
    url = go_url(issuer)
    if url is None:
        return None
    name = url.hostname.lower()
    return name if name in _PUBLIC or url.path.startswith(_PUBLIC_PATHS.get(name, ("//",))) else None


def _empty(host: Host, option: str) -> bool:
    match host.value(option):
        case None | Null():
            return True
        case List(items=items, rest=None):
            return not items
        case _:
            return False
