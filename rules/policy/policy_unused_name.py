"""Groups and hosts that nothing in the policy uses."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.ADVICE)
def policy_unused_name(host: Host) -> Iterator[Problem]:
    """A group or a host that no rule, owner or approver names has no effect."""
    meaning = policy.understood(host)
    if meaning is None:
        return
    used = {text.value for text in meaning.used}
    for kind, names in (("group", meaning.groups), ("host", meaning.hosts)):
        for name, place in names.known.items():
            if name not in used:
                yield Problem(f'nothing in the policy uses the {kind} "{name}"', at=place.span)
