"""Tests that Headscale refuses, or does not run."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS)
def policy_bad_test(host: Host) -> Iterator[Problem]:
    """A test is of one port of one machine; before 0.29 there are none."""
    yield from policy.problems(host, policy.Matter.TEST)
