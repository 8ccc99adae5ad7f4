"""A secret that is not Headscale's to read."""

from hslint.rule import SECRETS, Effect, Host, Iterator, Note, Problem, rule, unreadable


@rule(Effect.FAILS)
def secret_not_readable(host: Host) -> Iterator[Problem]:
    """sops-nix and agenix leave secrets to root; Headscale runs under an account of its own and stops at one it cannot read."""
    for table in SECRETS:
        for found in unreadable(host, table):
            setting, secret = found.setting, found.kept
            yield Problem(
                f"{host.key(setting)} names a secret of {secret.owner}'s; {found.reader.user} may not read it",
                at=setting.here,
                notes=(Note(f'give it owner = "{found.reader.user}" here', secret.at),),
            )
