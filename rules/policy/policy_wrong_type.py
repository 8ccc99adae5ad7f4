"""Values of the wrong shape."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS)
def policy_wrong_type(host: Host) -> Iterator[Problem]:
    """Headscale does not start with a policy in which a value has the wrong type."""
    yield from policy.problems(host, policy.Matter.TYPE)
