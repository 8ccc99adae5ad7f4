"""Fixes: edits → new text, or a diff. What a fix leads to is judged again; one that makes things worse is taken back."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from hslint.checking import Checked, Request, check
from hslint.finding import Finding
from hslint.record import Entity, replace
from hslint.root import Root
from hslint.rule import Edit, Fix, Severity
from hslint.source import SourceFile
from hslint.writing import NewText, Outcome, write

#: Rounds of mending and judging again: a fix may uncover, or be in the way of, another one.
ROUNDS = 10


def apply(fixes: Iterable[Fix]) -> dict[str, bytes]:
    """The new text of every file that the fixes change, by path. Of fixes that overlap the first one counts."""
    taken: dict[str, list[Edit]] = {}
    for fix in compatible(fixes):
        for edit in fix.edits:
            taken.setdefault(edit.span.file.path, []).append(edit)
    return {path: _edited(edits[0].span.file.text, edits) for path, edits in taken.items()}


def compatible(fixes: Iterable[Fix]) -> list[Fix]:
    """The fixes that can be applied together: no two of their edits touch the same bytes."""
    chosen: list[Fix] = []
    taken: dict[str, list[Edit]] = {}
    for fix in fixes:
        mine: dict[str, list[Edit]] = {}
        for edit in fix.edits:
            path = edit.span.file.path
            if any(_overlaps(edit, other) for other in (*taken.get(path, ()), *mine.get(path, ()))):
                break
            mine.setdefault(path, []).append(edit)
        else:
            chosen.append(fix)
            for path, edits in mine.items():
                taken.setdefault(path, []).extend(edits)
    return chosen


def _overlaps(one: Edit, other: Edit) -> bool:
    if (one.span.start, one.span.end) == (other.span.start, other.span.end):
        return True
    return one.span.start < other.span.end and other.span.start < one.span.end


def _edited(text: bytes, edits: Sequence[Edit]) -> bytes:
    """From the end to the start, so that offsets hold; what is inserted where another edit begins comes to stand before that."""
    ending = b"\r\n" if b"\r\n" in text else b"\n"
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end), reverse=True):
        written = edit.replacement.encode("utf-8", "surrogateescape").replace(b"\r\n", b"\n").replace(b"\n", ending)
        text = text[: edit.span.start] + written + text[edit.span.end :]
    return text


class Mended(Entity):
    """What mending made of the files."""

    root: str
    before: dict[str, bytes]
    after: dict[str, bytes]
    #: Titles of fixes that were taken back, with what they would have led to.
    withdrawn: list[str]
    #: The files that each fix changed.
    fixes: tuple[frozenset[str], ...] = ()
    #: Where the files lie, if that is more than the root.
    tree: Root | None = None

    @property
    def changed(self) -> bool:
        return bool(self.after)

    @property
    def fixed(self) -> int:
        return len(self.fixes)

    def diff(self) -> Iterator[str]:
        from difflib import unified_diff

        for path, text in sorted(self.after.items()):
            name = os.path.relpath(path, self.root)
            old, new = _lines(self.before[path]), _lines(text)
            for line in unified_diff(old, new, f"a/{name}", f"b/{name}"):
                if line.endswith("\n"):
                    yield line[:-1]
                else:
                    yield line
                    yield "\\ No newline at end of file"

    def write(self) -> Outcome:
        """Write the files, as far as they are still what was read."""
        texts = {path: NewText(self.before[path], text) for path, text in self.after.items()}
        return write(self.tree or Root(self.root), texts, self.fixes)

    def summary(self, left: Collection[str] = ()) -> str:
        """How many problems are fixed, in how many files, but for files that were left alone."""
        fixed = sum(paths.isdisjoint(left) for paths in self.fixes)
        written = len(self.after.keys() - set(left))
        problems = "1 problem" if fixed == 1 else f"{fixed} problems"
        files = "1 file" if written == 1 else f"{written} files"
        return f"fixed {problems} in {files}"


def _lines(text: bytes) -> list[str]:
    lines = text.decode("utf-8", "surrogateescape").split("\n")
    return [f"{line}\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]


#: Which findings of a check of files with these texts to mend.
Among: TypeAlias = Callable[[Mapping[str, bytes], Checked], Sequence[Finding]]


def mend(
    paths: Sequence[str],
    request: Request,
    buffers: Mapping[str, bytes],
    *,
    unsafe: bool = False,
    among: Among = lambda texts, checked: checked.findings,
) -> Mended:
    """Apply fixes until nothing is left to mend. The files themselves are not touched."""
    work = _Work(paths, request, buffers)
    project = work.checked.inspection.project
    mended = Mended(project.root, {}, {}, [], tree=project.tree)
    refused: set[tuple[str, str, str]] = set()
    states: list[Mapping[str, bytes]] = [work.texts]
    for _ in range(ROUNDS):
        found = among(work.texts, work.checked)
        candidates = [
            f for f in found if work.may_apply(f, unsafe=unsafe) and _key(f) not in refused and work.by_first_name(f)
        ]
        chosen = {id(fix) for fix in compatible(_fixes(candidates))}
        wanted = [finding for finding in candidates if id(finding.problem.fix) in chosen]
        kept = wanted if work.helps(wanted) else _one_by_one(work, wanted)
        for finding in wanted:
            if finding not in kept:
                refused.add(_key(finding))
                mended.withdrawn.append(finding.problem.message)
        if not kept:
            break
        changes = apply(_fixes(kept))
        if work.with_changes(changes) in states:
            break  # two fixes that undo each other
        for path, text in changes.items():
            mended.before.setdefault(path, work.text(path))
            mended.after[path] = text
        mended.fixes += tuple(frozenset(edit.span.file.path for edit in fix.edits) for fix in _fixes(kept))
        work.go_on_with(changes)
        states.append(work.texts)
    mended.after = {path: text for path, text in mended.after.items() if text != mended.before[path]}
    return mended


def _one_by_one(work: _Work, wanted: Sequence[Finding]) -> list[Finding]:
    """Those fixes that do no harm beside each other; the first ones count."""
    kept: list[Finding] = []
    for finding in wanted if len(wanted) > 1 else ():
        if work.helps([*kept, finding]):
            kept.append(finding)
    return kept


def _fixes(findings: Iterable[Finding]) -> list[Fix]:
    return [finding.problem.fix for finding in findings if finding.problem.fix is not None]


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.rule.name, finding.problem.at.file.path, finding.problem.message


class _Work:
    """The files as they are mended so far, what is found in them, and the errors that they have."""

    def __init__(self, paths: Sequence[str], request: Request, buffers: Mapping[str, bytes]) -> None:
        self.paths = paths
        self.request = request
        #: A fix is judged by every rule and in the whole project, whatever was asked for.
        self.everything = replace(request, select=(), ignore=(), whole_project=True)
        self.texts: Mapping[str, bytes] = dict(buffers)
        #: Which file of the disk each path leads to, and the name under which each file is mended: it may have several.
        self.identities: dict[str, tuple[int, int]] = {}
        self.first_names: dict[tuple[int, int], str] = {}
        self.checked = self._check(request)
        self.errors = self._errors(self.texts, self.checked)

    def _check(self, request: Request) -> Checked:
        checked = check(self.paths, request, self.texts)
        self.identities.update(checked.inspection.project.identities)
        return checked

    def text(self, path: str) -> bytes:
        file = self.checked.inspection.project.read(path)
        return file.text if isinstance(file, SourceFile) else b""

    def may_apply(self, finding: Finding, *, unsafe: bool) -> bool:
        """Only the project's own files are mended: hslint's models of foreign modules have places, too."""
        fix = finding.problem.fix
        project = self.checked.inspection.project
        if fix is None or not fix.edits or not (fix.safe or unsafe):
            return False
        return all(
            edit.span.file.path.startswith("/")
            and project.contains(edit.span.file.path)
            and project.read(edit.span.file.path) is edit.span.file
            for edit in fix.edits
        )

    def by_first_name(self, finding: Finding) -> bool:
        """Whether a fix changes files under the names that they were first changed by: a problem in a file with two names is found
        twice, and must not be mended twice.
        """
        assert finding.problem.fix is not None
        paths = (edit.span.file.path for edit in finding.problem.fix.edits)
        known = ((path, self.identities[path]) for path in paths if path in self.identities)
        return all(self.first_names.setdefault(identity, path) == path for path, identity in known)

    def with_changes(self, changes: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """The texts after changes, under every name of the changed files."""
        changed = {self.identities[path]: text for path, text in changes.items() if path in self.identities}
        others = {path: changed[identity] for path, identity in self.identities.items() if identity in changed}
        return {**self.texts, **others, **changes}

    def helps(self, findings: Sequence[Finding]) -> bool:
        """Whether no rule reports more errors with these fixes than without them."""
        if not findings:
            return False
        errors = self._errors(self.with_changes(apply(_fixes(findings))))
        return all(count <= self.errors[rule] for rule, count in errors.items())

    def go_on_with(self, changes: Mapping[str, bytes]) -> None:
        self.texts = self.with_changes(changes)
        self.checked = self._check(self.request)
        self.errors = self._errors(self.texts, self.checked)

    def _errors(self, texts: Mapping[str, bytes], known: Checked | None = None) -> Counter[str]:
        """How many errors each rule reports; `known` is the outcome of what was asked for, which may be all there is."""
        whole = not (self.request.select or self.request.ignore or (known is not None and known.inspection.named))
        checked = known if known is not None and whole else check(self.paths, self.everything, texts)
        return Counter(finding.rule.name for finding in checked.findings if finding.severity is Severity.ERROR)
