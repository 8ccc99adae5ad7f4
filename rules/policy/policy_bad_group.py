"""Groups that Headscale does not take."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS)
def policy_bad_group(host: Host) -> Iterator[Problem]:
    """The name of a group begins with `group:`, and its members are users."""
    yield from policy.problems(host, policy.Matter.GROUP)
