"""Whatever else Nix stops at while it evaluates a host."""

from hslint.rule import Effect, Failure, Host, Iterator, Kind, Note, Problem, rule

# Those that have a rule of their own.
_ELSEWHERE = frozenset(
    (
        *(Kind.CONFLICT, Kind.NULL_CONFLICT, Kind.DECLARED_TWICE, Kind.RECURSION, Kind.SYNTAX),
        *(Kind.UNDEFINED_VARIABLE, Kind.UNKNOWN_OPTION),
    )
)


@rule(Effect.REFUSED, when_disabled=True)
def evaluation_error(host: Host) -> Iterator[Problem]:
    """Nix stops while it evaluates the configuration."""
    if host.is_open:
        return  # a module that could not be followed may give what is missing
    told = set()
    for refused in host.failures:
        failure = refused.failure
        if failure.kind in _ELSEWHERE or _of_an_option(failure):
            continue
        places = [d.place for d in refused.definitions if d.place is not None]
        at = failure.span or (places[0] if places else host.anchor)
        if (at.file.path, at.start) in told:
            continue
        told.add((at.file.path, at.start))
        notes = (Note("the value is needed here", places[0]),) if places and places[0] != at else ()
        yield Problem(_line(host, failure), at=at, notes=notes)
    whole = host.failure
    if whole is not None and whole.kind not in _ELSEWHERE and whole.span is not None and not _of_an_option(whole):
        if (whole.span.file.path, whole.span.start) not in told:
            yield Problem(_line(host, whole), at=whole.span)


def _of_an_option(failure: Failure) -> bool:
    """A value of the wrong type for an option: wrong-option-type."""
    return failure.kind is Kind.TYPE and failure.message.startswith("A definition for option")


def _line(host: Host, failure: Failure) -> str:
    message = host.project.shortened(failure.message).strip()
    first = message.splitlines()[0] if message else "Nix stops here"
    return first if len(first) < 100 else f"{first[:96]}..."
