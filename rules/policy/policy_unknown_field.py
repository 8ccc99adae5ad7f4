"""Fields that Headscale does not have."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS)
def policy_unknown_field(host: Host) -> Iterator[Problem]:
    """Headscale refuses fields that it does not know from 0.27 on, and ignores them before."""
    yield from policy.problems(host, policy.Matter.FIELD)
