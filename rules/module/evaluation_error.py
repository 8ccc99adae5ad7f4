"""Whatever else Nix stops at while it evaluates a host."""

import re

from hslint.rule import Effect, Failure, Host, Iterator, Kind, Note, Problem, rule, shortened

# Those that have a rule of their own.
_ELSEWHERE = frozenset(
    (
        *(Kind.CONFLICT, Kind.NULL_CONFLICT, Kind.DECLARED_TWICE, Kind.RECURSION, Kind.SYNTAX),
        *(Kind.UNDEFINED_VARIABLE, Kind.UNKNOWN_OPTION),
    )
)


_UNDECLARED = re.compile(r"^no imported module declares (\S+)$")

# What fails whatever modules that could not be followed define.
_IN_ITSELF = frozenset((Kind.COERCION, Kind.TYPE, Kind.CALL))


@rule(Effect.REFUSED, when_disabled=True)
def evaluation_error(host: Host) -> Iterator[Problem]:
    """Nix stops while it evaluates the configuration."""
    told = set()
    opening = host.openings[0].unknown if host.openings else None
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
        notes = (*notes, *_not_imported(host, failure))
        yield Problem(_line(host, failure), at, notes, hangs_on=None if failure.kind in _IN_ITSELF else opening)
    whole = host.failure
    if whole is not None and whole.kind not in _ELSEWHERE and whole.span is not None and not _of_an_option(whole):
        if (whole.span.file.path, whole.span.start) not in told:
            yield Problem(_line(host, whole), at=whole.span, hangs_on=opening)


def _not_imported(host: Host, failure: Failure) -> tuple[Note, ...]:
    """Where a module that the host does not import declares the option that is missing."""
    missing = _UNDECLARED.search(failure.likely)
    places = host.declared_in(missing[1]) if missing is not None else ()
    return tuple(Note(f"{host.project.relative(at.file.path)} declares it, and is not imported", at) for at in places)[
        :1
    ]


def _of_an_option(failure: Failure) -> bool:
    """A value of the wrong type for an option: wrong-option-type."""
    return failure.kind is Kind.TYPE and failure.message.startswith("A definition for option")


def _line(host: Host, failure: Failure) -> str:
    message = host.project.shortened(failure.message).strip()
    first = message.splitlines()[0] if message else "Nix stops here"
    first = first if len(first) < 100 else f"{first[:96]}..."
    return shortened(first, failure.likely) if failure.likely else first
