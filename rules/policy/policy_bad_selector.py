"""Entries that select nothing."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS)
def policy_bad_selector(host: Host) -> Iterator[Problem]:
    """What stands in src and dst is a user, a group, a tag, an autogroup, a host, an address or `*`."""
    yield from policy.problems(host, policy.Matter.SELECTOR)
