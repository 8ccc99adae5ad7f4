"""A policy without rules."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.FAILS)
def policy_empty(host: Host) -> Iterator[Problem]:
    """A policy without rules allows everything or nothing, or keeps Headscale from starting, depending on the release."""
    yield from policy.problems(host, policy.Matter.EMPTY)
    meaning, found = policy.understood(host), policy.policy_of(host)
    if meaning is not None and found is not None and meaning.default is not None:
        yield Problem(
            f"the policy has no rules: {meaning.default.value} in Headscale {host.release.series}",
            at=found.at,
            effect=Effect.ADVICE,
        )
