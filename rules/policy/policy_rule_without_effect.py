"""Rules that no machine can match, or that say again what another rule says."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, policy, rule

#: More rules than this are not checked: each is compared with all others.
_MANY = 200


@rule(Effect.ADVICE)
def policy_rule_without_effect(host: Host) -> Iterator[Problem]:
    """A rule from nobody or to nobody allows nothing, and one inside another rule allows nothing more."""
    meaning = policy.understood(host)
    if meaning is None or len(meaning.rules) > _MANY:
        return
    for number, each in enumerate(meaning.rules):
        why = policy.matches_no_machine(meaning, each)
        if why is not None:
            yield Problem(f"the rule allows nothing: {why}", at=each.node.span)
            continue
        wider = next((other for other in meaning.rules[:number] if policy.covers(meaning, other, each)), None)
        wider = wider or next(
            (
                other
                for other in meaning.rules[number + 1 :]
                if policy.covers(meaning, other, each) and not policy.covers(meaning, each, other)
            ),
            None,
        )
        if wider is not None:
            yield Problem(
                "the rule allows nothing that another rule does not allow",
                at=each.node.span,
                notes=(Note("the other rule", wider.node.span),),
            )
