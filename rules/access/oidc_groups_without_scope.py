"""A filter by groups that the provider may never send."""

from hslint.rule import Effect, Host, Iterator, Problem, go, rule

#: Providers that send groups whatever the scope: by their hosts, or by paths of their issuers (Keycloak, Authentik, Okta, Cognito).
_SENDING_HOSTS = (
    "login.microsoftonline.com",
    "sts.windows.net",
    "auth0.com",
    "okta.com",
    "amazonaws.com",
    "google.com",
)
_SENDING_PATHS = ("/realms/", "/application/o/", "/oauth2/")


@rule(Effect.ADVICE)
def oidc_groups_without_scope(host: Host) -> Iterator[Problem]:
    """Most providers name a user's groups only when the scope asks for them; without the claim `allowed_groups` lets nobody in."""
    groups, issuer = host.own("settings.oidc.allowed_groups"), host.setting("settings.oidc.issuer").text
    scope = host.reads("oidc.scope")
    url = go.url(issuer) if issuer else None
    if not groups.entries or url is None or not isinstance(scope, list) or host.reads_environment_file:
        return
    if any("group" in word for word in scope) or _sends(url.hostname.lower(), url.path):
        return
    yield Problem('allowed_groups needs groups from the provider; most send them only for scope "groups"', at=groups.at)


def _sends(name: str, path: str) -> bool:
    return name.endswith(_SENDING_HOSTS) or any(part in path for part in _SENDING_PATHS)
