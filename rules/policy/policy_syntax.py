"""A policy that is no HuJSON."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS)
def policy_syntax(host: Host) -> Iterator[Problem]:
    """Headscale does not start with a policy that is not valid HuJSON."""
    yield from policy.problems(host, policy.Matter.SYNTAX)
