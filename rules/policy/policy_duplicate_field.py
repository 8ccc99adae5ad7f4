"""A name twice in one object."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS)
def policy_duplicate_field(host: Host) -> Iterator[Problem]:
    """Headscale refuses a name that stands twice in an object from 0.27 on; before, the last one counts."""
    yield from policy.problems(host, policy.Matter.DUPLICATE)
