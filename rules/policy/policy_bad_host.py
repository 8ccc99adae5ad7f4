"""Hosts without a usable address."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS)
def policy_bad_host(host: Host) -> Iterator[Problem]:
    """A host is a name for an IP address or a range."""
    yield from policy.problems(host, policy.Matter.HOST)
