"""The files that git ignores: `.gitignore` in any directory of a repository, and `.git/info/exclude`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hslint.source import Project, SourceFile

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

#: The patterns of the directories around a place, the outermost first, each with the directory that they are relative to.
Patterns = tuple[tuple[str, "GitIgnoreSpec"], ...]


def repository_patterns(project: Project) -> Patterns:
    """The patterns of `.git/info/exclude`; none where the repository's directory lies elsewhere (a worktree)."""
    return _more((), project, project.root, os.path.join(project.root, ".git", "info", "exclude"))


def with_directory(patterns: Patterns, project: Project, directory: str) -> Patterns:
    """The patterns that hold in a directory with a `.gitignore`."""
    return _more(patterns, project, directory, os.path.join(directory, ".gitignore"))


def _more(patterns: Patterns, project: Project, directory: str, path: str) -> Patterns:
    file = project.open_once(path)
    if not isinstance(file, SourceFile):
        return patterns
    lines = file.text.decode("utf-8", "surrogateescape").splitlines()
    if not any(line.strip() and not line.startswith("#") for line in lines):
        return patterns
    # Late: many a project ignores nothing.
    from pathspec import GitIgnoreSpec

    known = []
    for line in lines:
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            continue  # git passes over a pattern that is none
        known.append(line)
    return (*patterns, (directory, GitIgnoreSpec.from_lines(known)))


def ignores(patterns: Patterns, path: str, *, directory: bool) -> bool:
    """Whether git ignores a path; the innermost file that says anything counts."""
    for around, spec in reversed(patterns):
        relative = os.path.relpath(path, around) + ("/" if directory else "")
        said = spec.check_file(relative).include
        if said is not None:
            return said
    return False
