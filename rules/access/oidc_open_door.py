"""OIDC with an issuer at which everybody has an account, and no filter."""

from hslint.rule import Effect, Host, Iterator, Problem, go, rule

# Issuers where anybody can make an account. Microsoft's issuers of one organisation have its identifier in the path.
_PUBLIC = frozenset(
    ("accounts.google.com", "gitlab.com", "appleid.apple.com", "login.yahoo.com", "oauth.id.jumpcloud.com")
)
_PUBLIC_PATHS = {"login.microsoftonline.com": ("/common", "/consumers", "/organizations")}

_FILTERS = ("allowed_domains", "allowed_users", "allowed_groups")


@rule(Effect.INSECURE, yields_to=("oidc-filter-as-parameter",))
def oidc_open_door(host: Host) -> Iterator[Problem]:
    """Everybody in the world may join the tailnet when the issuer is public and no `allowed_*` list filters."""
    issuer = host.setting("settings.oidc.issuer")
    name = _public(issuer.text) if issuer.text else None
    if name is None or host.reads_environment_file:
        return
    if all(host.setting(f"settings.oidc.{filters}").is_empty for filters in _FILTERS):
        yield Problem(
            f"everybody with an account at {name} may join; set allowed_users or allowed_domains",
            at=issuer.at,
            absent=tuple(f"settings.oidc.{name}" for name in _FILTERS),
        )


def _public(issuer: str) -> str | None:
    """The name of the host where anybody can make an account."""
    url = go.url(issuer)
    if url is None:
        return None
    name = url.hostname.lower()
    return name if name in _PUBLIC or url.path.startswith(_PUBLIC_PATHS.get(name, ("//",))) else None
