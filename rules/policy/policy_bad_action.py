"""Actions other than accept."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS)
def policy_bad_action(host: Host) -> Iterator[Problem]:
    """The action of an access rule is accept, that of an SSH rule accept or check."""
    yield from policy.problems(host, policy.Matter.ACTION)
