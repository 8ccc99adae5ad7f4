"""A rule from everywhere to everything."""

from hslint.rule import Effect, Host, Iterator, Problem, policy, rule


@rule(Effect.ADVICE)
def policy_allows_everything(host: Host) -> Iterator[Problem]:
    """A rule from `*` to `*:*` lets every machine reach every other on every port: other rules add nothing."""
    meaning = policy.understood(host)
    for each in meaning.rules if meaning is not None else ():
        source = next((s for s in each.sources if s.selector.kind is policy.Kind.WILDCARD), None)
        target = next((d for d in each.destinations if _is_everything(d)), None)
        if source is not None and target is not None and not each.protocol:
            rest = len(meaning.rules) - 1 if meaning is not None else 0
            adds = f": the other {'rule adds' if rest == 1 else f'{rest} rules add'} nothing" if rest else ""
            yield Problem(f"every machine may reach every other one on every port{adds}", at=target.text.span)


def _is_everything(destination: policy.Selected) -> bool:
    return destination.selector.kind is policy.Kind.WILDCARD and destination.ports == (policy.ALL_PORTS,)
