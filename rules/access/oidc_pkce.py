"""PKCE that protects nothing."""

from hslint.rule import Effect, Fix, Host, Iterator, Problem, edits, rule


@rule(Effect.ADVICE, since="0.25")
def oidc_pkce(host: Host) -> Iterator[Problem]:
    """PKCE with the method plain sends the verifier itself; a method without `pkce.enabled` is not used."""
    method = host.own("settings.oidc.pkce.method")
    if not host.setting("settings.oidc.issuer").text or method.text is None:
        return
    enabled = host.reads("oidc.pkce.enabled")
    if enabled is False:
        message = "oidc.pkce.method is not used: oidc.pkce.enabled is not on"
        if not host.reads_environment_file:
            yield Problem(message, at=method.name_at, effect=Effect.IGNORED)
    elif enabled is True and method.text == "plain":
        message = "PKCE with the method plain sends the verifier itself and protects nothing; write S256"
        yield Problem(message, at=method.at, fix=Fix("write S256", edits.write(method, '"S256"')))
