"""Tags without an owner."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.ADVICE)
def policy_tag_without_owner(host: Host) -> Iterator[Problem]:
    """No user can give a machine a tag without owners: only who administers Headscale can."""
    meaning = policy.understood(host)
    for name, owners in meaning.owners.items() if meaning is not None else ():
        if not owners and meaning is not None:
            yield Problem(
                f'nobody owns "{name}": only the headscale command gives it to a machine',
                at=meaning.tags.known[name].span,
            )
