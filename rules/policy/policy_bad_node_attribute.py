"""Attributes of nodes that Headscale does not have."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS, since="0.29")
def policy_bad_node_attribute(host: Host) -> Iterator[Problem]:
    """Headscale refuses attributes of nodes that it could not keep."""
    yield from policy.problems(host, policy.Matter.NODE_ATTRIBUTE)
