"""A policy file beside a policy in the database."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, rule


@rule(Effect.IGNORED, since="0.23")
def policy_path_ignored(host: Host) -> Iterator[Problem]:
    """With `policy.mode = "database"` Headscale does not look at `policy.path`: the policy is what `headscale policy set` put there."""
    mode, path = host.given("policy.mode"), host.own("settings.policy.path")
    if host.reads("policy.mode") == "database" and path.written and path.is_empty is False:
        yield Problem(
            'policy.path is not read: policy.mode is "database", where `headscale policy set` puts the policy',
            at=path.at,
            notes=(Note("the mode is set here", mode.at),),
        )
