"""Groups, tags and hosts that are used and not defined."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS)
def policy_undefined_name(host: Host) -> Iterator[Problem]:
    """Headscale does not start with a policy that uses a group, tag or host which it does not define."""
    yield from policy.problems(host, policy.Matter.UNDEFINED)
