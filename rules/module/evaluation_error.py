"""Whatever else Nix stops at while it evaluates a host."""

import re
from itertools import islice

from hslint.rule import Effect, Host, Iterator, Note, Problem, nix, rule, shortened

# Those that have a rule of their own.
_ELSEWHERE = frozenset(
    (
        *(nix.Kind.CONFLICT, nix.Kind.NULL_CONFLICT, nix.Kind.DECLARED_TWICE, nix.Kind.RECURSION, nix.Kind.SYNTAX),
        *(nix.Kind.UNDEFINED_VARIABLE, nix.Kind.UNKNOWN_OPTION),
    )
)


_UNDECLARED = re.compile(r"^no imported module declares (\S+)$")

# What fails whatever modules that could not be followed define.
_IN_ITSELF = frozenset((nix.Kind.COERCION, nix.Kind.TYPE, nix.Kind.CALL))


@rule(Effect.REFUSED, when_disabled=True)
def evaluation_error(host: Host) -> Iterator[Problem]:
    """Nix stops while it evaluates the configuration."""
    reported = set()
    for refused in host.failures:
        failure = refused.failure
        if failure.kind in _ELSEWHERE or _of_an_option(failure):
            continue
        places = [d.place for d in refused.definitions if d.place is not None]
        at = failure.span or (places[0] if places else host.anchor)
        if (at.file.path, at.start) in reported:
            continue
        reported.add((at.file.path, at.start))
        notes = (Note("the value is needed here", places[0]),) if places and places[0] != at else ()
        notes = (*notes, *_not_imported(host, failure))
        # A module that could not be followed may give what is missing.
        if not host.has_unresolved_imports or failure.kind in _IN_ITSELF:
            yield Problem(_line(host, failure), at, notes)
    whole = host.failure
    if whole is None or host.has_unresolved_imports or whole.kind in _ELSEWHERE or _of_an_option(whole):
        return
    if whole.span is not None and (whole.span.file.path, whole.span.start) not in reported:
        yield Problem(_line(host, whole), at=whole.span)


def _not_imported(host: Host, failure: nix.Failure) -> tuple[Note, ...]:
    """Where a module that the host does not import declares the option that is missing."""
    missing = _UNDECLARED.search(failure.likely)
    places = host.declared_in(missing[1]) if missing is not None else ()
    said = (Note(f"{host.project.relative(at.file.path)} declares it, and is not imported", at) for at in places)
    return tuple(islice(said, 1))


def _of_an_option(failure: nix.Failure) -> bool:
    """A value of the wrong type for an option: wrong-option-type."""
    return failure.kind is nix.Kind.TYPE and failure.message.startswith("A definition for option")


def _line(host: Host, failure: nix.Failure) -> str:
    message = host.project.shortened(failure.message).strip()
    first = message.splitlines()[0] if message else "Nix stops here"
    first = first if len(first) < 100 else f"{first[:96]}..."
    return shortened(first, failure.likely) if failure.likely else first
