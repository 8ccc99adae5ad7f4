"""Destinations without ports, or with ports that are none."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS)
def policy_bad_destination(host: Host) -> Iterator[Problem]:
    """A destination of an access rule is a selector, a colon and ports."""
    yield from policy.problems(host, policy.Matter.DESTINATION)
