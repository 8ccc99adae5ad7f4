"""Grants that Headscale does not take."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS, since="0.29")
def policy_bad_grant(host: Host) -> Iterator[Problem]:
    """A grant gives ports or apps, and has no ports in its destinations."""
    yield from policy.problems(host, policy.Matter.GRANT)
