"""SSH rules that Headscale does not take."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS)
def policy_bad_ssh_rule(host: Host) -> Iterator[Problem]:
    """SSH rules go from users, groups and tags to users and tags, and say as whom."""
    yield from policy.problems(host, policy.Matter.SSH)
