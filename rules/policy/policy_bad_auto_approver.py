"""Approvers of routes and exit nodes that Headscale does not take."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS)
def policy_bad_auto_approver(host: Host) -> Iterator[Problem]:
    """Routes are ranges, and users, groups and tags approve them; exit nodes have a list of their own."""
    yield from policy.problems(host, policy.Matter.APPROVER)
