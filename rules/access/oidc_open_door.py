"""OIDC with an issuer at which everybody has an account, and no filter."""

from urllib.parse import urlsplit

from hslint.rule import Effect, Host, Iterator, Problem, rule

# Issuers where anybody can make an account. Microsoft's issuers of one organisation have its identifier in the path.
_PUBLIC = frozenset(
    ("accounts.google.com", "gitlab.com", "appleid.apple.com", "login.yahoo.com", "oauth.id.jumpcloud.com")
)
_PUBLIC_PATHS = {"login.microsoftonline.com": ("/common", "/consumers", "/organizations")}


@rule(Effect.INSECURE)
def oidc_open_door(host: Host) -> Iterator[Problem]:
    """Everybody in the world may join the tailnet when the issuer is public and no `allowed_*` list filters."""
    issuer = host.setting("settings.oidc.issuer")
    if not issuer.text or not _public(issuer.text) or host.reads_environment_file:
        return
    if all(
        host.setting(f"settings.oidc.{name}").is_empty
        for name in ("allowed_domains", "allowed_users", "allowed_groups")
    ):
        yield Problem(
            f"everybody with an account at {urlsplit(issuer.text).hostname} may join; set allowed_users or allowed_domains",
            at=issuer.at,
        )


def _public(issuer: str) -> bool:
    try:
        parts = urlsplit(issuer)
        name = parts.hostname or ""
    except ValueError:
        return False
    return name in _PUBLIC or parts.path.startswith(_PUBLIC_PATHS.get(name, ("//",)))
