"""A module of a flake that git does not track."""

import shlex

from hslint.rule import Effect, Host, Iterator, Note, Problem, Span, rule, shortened


@rule(Effect.REFUSED)
def untracked_file(host: Host) -> Iterator[Problem]:
    """Nix sees only those files of a flake in a git repository that git tracks; importing another one fails."""
    for found in host.untracked:
        yield Problem(
            shortened(f"git does not track {found.name}; Nix will not see it", f"git add {shlex.quote(found.name)}"),
            at=found.at,
            notes=(Note("git add makes it part of the flake", Span(found.file, 0, 0)),),
        )
