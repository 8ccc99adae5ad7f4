"""Users that are written without @."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS)
def policy_user_without_at(host: Host) -> Iterator[Problem]:
    """From 0.26 on the name of a user has an @ wherever a policy speaks of it."""
    yield from policy.problems(host, policy.Matter.USER)
