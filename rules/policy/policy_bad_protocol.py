"""Protocols that Headscale does not know."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS)
def policy_bad_protocol(host: Host) -> Iterator[Problem]:
    """The protocol of a rule is one that Headscale knows, and only tcp, udp and sctp have ports."""
    yield from policy.problems(host, policy.Matter.PROTOCOL)
