"""Unverified email addresses as a filter."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, rule


@rule(Effect.ADVICE)
def oidc_email_unverified(host: Host) -> Iterator[Problem]:
    """Where addresses need not be verified, whoever may enter any address at the provider passes `allowed_domains` and `allowed_users`."""
    setting = host.own("settings.oidc.email_verified_required")
    if setting.flag is not False or "oidc.email_verified_required" not in host.schema.keys:
        return
    filters = [host.own(f"settings.oidc.{name}") for name in ("allowed_domains", "allowed_users")]
    given = next((each for each in filters if each.entries), None)
    if given is None or host.own("settings.oidc.allowed_groups").is_empty is not True:
        return
    name = host.key(given).removeprefix("oidc.")
    yield Problem(
        f"{name} trusts addresses that the provider has not verified; filter by groups, or require it",
        at=setting.at,
        notes=(Note(f"{name} is set here", given.at),),
    )
