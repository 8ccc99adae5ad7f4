"""A policy file beside a policy in the database."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.IGNORED, since="0.23")
def policy_not_read(host: Host) -> Iterator[Problem]:
    """With `policy.mode = "database"` Headscale does not read the file in `policy.path`."""
    setting = policy.setting_of(host)
    if policy.mode_of(host) is policy.Mode.DATABASE and setting.written and setting.is_empty is False:
        yield Problem('policy.mode is "database": Headscale does not read the file in policy.path', at=setting.at)
