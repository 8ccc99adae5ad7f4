"""Autogroups that do not exist, or may not stand where they do."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS)
def policy_misplaced_autogroup(host: Host) -> Iterator[Problem]:
    """Each autogroup may stand in some places only, and more of them with every release."""
    yield from policy.problems(host, policy.Matter.AUTOGROUP)
