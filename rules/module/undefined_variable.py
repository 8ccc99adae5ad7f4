"""Names that nothing defines."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, ProblemKind, nix, rule


@rule(Effect.REFUSED, when_disabled=True)
def undefined_variable(host: Host) -> Iterator[Problem]:
    """Nix refuses a file that uses a name which nothing in scope defines."""
    places = set()
    for problem in host.syntax_problems:
        if problem.kind is ProblemKind.UNDEFINED_VARIABLE:
            places.add((problem.span.file.path, problem.span.start))
            notes = tuple(Note(related.message, related.span) for related in problem.related)
            yield Problem(problem.message, at=problem.span, notes=notes)
    for failure in host.all_failures:
        at = failure.span
        if failure.kind is nix.Kind.UNDEFINED_VARIABLE and at is not None and (at.file.path, at.start) not in places:
            places.add((at.file.path, at.start))
            yield Problem(failure.message.splitlines()[0], at=at)
