"""OIDC settings that are missing or exclude each other."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, nix, rule


@rule(Effect.BROKEN)
def oidc_incomplete(host: Host) -> Iterator[Problem]:
    """Nobody can log in while the issuer, the client's name or its secret is missing; two secrets stop Headscale."""
    secret, path = host.setting("settings.oidc.client_secret"), host.setting("settings.oidc.client_secret_path")
    has_secret, has_path = _given(host, "oidc.client_secret"), _given(host, "oidc.client_secret_path")
    if has_secret and has_path:
        yield Problem(
            "client_secret and client_secret_path exclude each other; Headscale does not start",
            at=path.at,
            notes=(Note("client_secret is set here", secret.at),),
            effect=Effect.FAILS,
        )
    issuer = host.setting("settings.oidc.issuer")
    if not issuer.text:
        return
    refused = host.release.reaches(
        "0.30"
    )  # validateOIDCConfig, of main; until then it starts, and fails when somebody logs in
    wrong = _malformed(issuer.text)
    if wrong is not None:
        soft = host.setting("settings.oidc.only_start_if_oidc_is_available").flag is False
        soft = soft and (not refused or issuer.text.startswith(("https://", "http://")))
        yield Problem(wrong, at=issuer.at, effect=Effect.BROKEN if soft else Effect.FAILS)
        return
    if host.reads_environment_file:
        return  # which may hold what is missing
    follows, effect = ("Headscale does not start", Effect.FAILS) if refused else ("nobody can log in", Effect.BROKEN)
    name = host.own("settings.oidc.client_id")
    if _given(host, "oidc.client_id") is False and not _meant(host, "oidc.client_id"):
        said = "client_id is empty" if name.text == "" else "oidc.issuer is set without client_id"
        yield Problem(f"{said}; {follows}", at=name.at if name.text == "" else issuer.at, effect=effect)
    elif (
        has_secret is False and has_path is False and not _meant(host, "oidc.client_secret", "oidc.client_secret_path")
    ):
        yield Problem(f"oidc.issuer is set without client_secret_path; {follows}", at=issuer.at, effect=effect)


def _given(host: Host, key: str) -> bool | None:
    """Whether a setting has a value that counts; None when it is unknown."""
    read = host.reads(key)
    if isinstance(read, nix.Unknown):
        return True if isinstance(host.setting(f"settings.{key}").value, nix.String) else None
    return read != ""


def _meant(host: Host, *keys: str) -> bool:
    """Whether one of the keys is there under a name that is not read, which has a report of its own."""
    return any(unread.meant is not None and unread.meant.path in keys for unread in host.ignored_settings)


def _malformed(issuer: str) -> str | None:
    if not issuer.startswith(("https://", "http://")):
        return f'oidc.issuer = "{issuer[:30]}" must begin with https://; Headscale cannot ask it'
    if "/.well-known/" in issuer:
        return "oidc.issuer ends before /.well-known: Headscale appends that itself"
    return None
