"""Tags with a name or an owner that Headscale does not take."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS)
def policy_bad_tag(host: Host) -> Iterator[Problem]:
    """The name of a tag begins with `tag:`, and its owners are users and groups, or from 0.28 on tags."""
    yield from policy.problems(host, policy.Matter.TAG)
