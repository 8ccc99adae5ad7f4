"""Files that Nix cannot read."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, ProblemKind, rule


@rule(Effect.REFUSED, when_disabled=True)
def syntax_error(host: Host) -> Iterator[Problem]:
    """Nix cannot read a file of the configuration."""
    for problem in host.syntax_problems:
        if problem.kind is ProblemKind.SYNTAX:
            notes = tuple(Note(related.message, related.span) for related in problem.related)
            yield Problem(problem.message, at=problem.span, notes=notes, absent=("settings",))
