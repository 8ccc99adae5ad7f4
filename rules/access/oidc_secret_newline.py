"""The newline at the end of a file with a secret, in 0.22."""

from hslint.rule import Effect, Host, Iterator, Problem, rule


@rule(Effect.ADVICE, until="0.22")
def oidc_secret_newline(host: Host) -> Iterator[Problem]:
    """Headscale 0.22 takes a newline at the end of the file for a part of the secret, which the provider then refuses."""
    setting = host.own("settings.oidc.client_secret_path")
    if setting.text and host.setting("settings.oidc.issuer").text:
        message = "until 0.22 a newline at the end of this file is part of the secret; write the file without one"
        yield Problem(message, at=setting.at)
