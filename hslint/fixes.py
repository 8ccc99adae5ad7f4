"""Fixes: edits → new text, or a diff. What a fix leads to is checked again; one that makes things worse is taken back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

from hslint.checking import CannotInspect, Checked, Request, check
from hslint.edits import Edit, EditedSpans
from hslint.finding import Finding
from hslint.hosts.secrets import Secrets
from hslint.problem import Effect, Fix, Severity
from hslint.record import Entity, Record, replace
from hslint.root import Root
from hslint.source import SourceFile
from hslint.syntax.parse import parse
from hslint.writing import NewText, Outcome, write

#: Rounds of fixing and checking again: a fix may uncover, or be in the way of, another one.
ROUNDS = 10


def apply(fixes: Iterable[Fix]) -> dict[str, bytes]:
    """The new text of every file that the fixes change, by path. Of fixes that overlap the first one counts."""
    return {path: _edited(edits[0].span.file.text, edits) for path, edits in edits_by_file(fixes).items()}


def edits_by_file(fixes: Iterable[Fix]) -> dict[str, list[Edit]]:
    """The edits of those fixes that can be applied together, by path; their lines end as those of the file do."""
    found: dict[str, list[Edit]] = {}
    for fix in compatible(fixes):
        for edit in fix.edits:
            ending = "\r\n" if b"\r\n" in edit.span.file.text else "\n"
            written = edit.replacement.replace("\r\n", "\n").replace("\n", ending)
            found.setdefault(edit.span.file.path, []).append(replace(edit, replacement=written))
    return found


def compatible(fixes: Iterable[Fix]) -> list[Fix]:
    """The fixes that can be applied together: no two of their edits touch the same bytes."""
    edited = EditedSpans()
    return [fix for fix in fixes if edited.add(fix.edits)]


def _edited(text: bytes, edits: Sequence[Edit]) -> bytes:
    """From the end to the start, so that offsets hold; what is inserted where another edit begins comes to stand before that."""
    pieces: list[bytes] = []
    end = len(text)
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end), reverse=True):
        written = edit.replacement.encode("utf-8", "surrogateescape")
        pieces += (text[edit.span.end : end], written)
        end = edit.span.start
    return text[:end] + b"".join(reversed(pieces))


class FixResult(Entity):
    """The outcome of applying fixes: the files before and after."""

    root: str
    before: dict[str, bytes]
    after: dict[str, bytes]
    #: Titles of fixes that were taken back, with what they would have led to.
    withdrawn: list[str]
    #: The files that each fix changed.
    fixes: tuple[frozenset[str], ...] = ()
    #: The projects that the files lie in, if there is more than the root.
    trees: tuple[Root, ...] = ()
    #: What must not be shown of them, beside what their own text gives away.
    secrets: Secrets | None = None

    @property
    def changed(self) -> bool:
        return bool(self.after)

    @property
    def fixed(self) -> int:
        return len(self.fixes)

    def write(self) -> Outcome:
        """Write the files, as far as they are still what was read."""
        trees = self.trees or (Root(self.root),)
        texts: dict[Root, dict[str, NewText]] = {tree: {} for tree in trees}
        for path, text in self.after.items():
            tree = next((tree for tree in trees if tree.contains(path)), trees[0])
            texts[tree][path] = NewText(self.before[path], text)
        outcomes = [write(tree, mine, self.fixes) for tree, mine in texts.items()]
        return Outcome(
            tuple(sorted(path for each in outcomes for path in each.written)),
            tuple(sorted((left for each in outcomes for left in each.left), key=lambda left: left.path)),
        )

    def summary(self, left: Collection[str] = ()) -> str:
        """How many problems are fixed, in how many files, but for files that were left alone."""
        fixed = sum(paths.isdisjoint(left) for paths in self.fixes)
        written = len(self.after.keys() - set(left))
        problems = "1 problem" if fixed == 1 else f"{fixed} problems"
        files = "1 file" if written == 1 else f"{written} files"
        return f"fixed {problems} in {files}"


#: The findings to fix, of a check of files with these texts.
FindingFilter: TypeAlias = Callable[[Mapping[str, bytes], Checked], Sequence[Finding]]


def apply_fixes(
    paths: Sequence[str],
    request: Request,
    buffers: Mapping[str, bytes],
    *,
    unsafe: bool = False,
    among: FindingFilter = lambda texts, checked: checked.certain,
) -> FixResult:
    """Apply fixes until nothing is left to fix. The files themselves are not touched."""
    work = _Work(paths, request, buffers)
    inspection = work.checked.inspection
    trees = tuple(project.tree for project in inspection.projects)
    result = FixResult(inspection.project.root, {}, {}, [], trees=trees, secrets=inspection.secrets)
    refused: set[tuple[str, str, str]] = set()
    states: list[Mapping[str, bytes]] = [work.texts]
    for _ in range(ROUNDS):
        found = among(work.texts, work.checked)
        candidates = _first_step(
            [f for f in found if work.may_apply(f, unsafe=unsafe) and _key(f) not in refused and work.by_first_name(f)]
        )
        chosen = {id(fix) for fix in compatible(_fixes(candidates))}
        wanted = [finding for finding in candidates if id(finding.problem.fix) in chosen]
        kept = wanted if work.helps(wanted) else _one_by_one(work, wanted)
        for finding in wanted:
            if finding not in kept:
                refused.add(_key(finding))
                result.withdrawn.append(finding.problem.message)
        if not kept:
            break
        changes = apply(_fixes(kept))
        if work.with_changes(changes) in states:
            break  # two fixes that undo each other
        for path, text in changes.items():
            result.before.setdefault(path, work.text(path))
            result.after[path] = text
        result.fixes += tuple(frozenset(edit.span.file.path for edit in fix.edits) for fix in _fixes(kept))
        work.go_on_with(changes)
        states.append(work.texts)
    result.after = {path: text for path, text in result.after.items() if text != result.before[path]}
    return result


def _first_step(findings: list[Finding]) -> list[Finding]:
    """Those whose fixes change what is written, if there are any: what is missing may only be misnamed, and is asked for again
    before it is added.
    """
    changing = [finding for finding in findings if not _only_adds(finding.problem.fix)]
    return changing or findings


def _only_adds(fix: Fix | None) -> bool:
    return fix is not None and all(edit.span.start == edit.span.end for edit in fix.edits)


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


#: What keeps Headscale from running: behind it nothing that is wrong can do any harm, or be seen.
_STOPPING = (Effect.REFUSED, Effect.FAILS)


class _Count(Record):
    """The number of reports of a rule on a host. `of_nix`: what it reports, Nix refuses."""

    errors: int
    problems: int
    of_nix: bool = False


_NONE = _Count(0, 0)


def _counted(checked: Checked) -> dict[tuple[str, str], _Count]:
    """What is certain and more than a note, by rule and host."""
    found: dict[tuple[str, str], _Count] = {}
    for finding in checked.certain:
        if finding.severity is Severity.NOTE:
            continue
        for host in finding.hosts:
            known = found.get((finding.rule.name, host), _NONE)
            errors = known.errors + (finding.severity is Severity.ERROR)
            of_nix = finding.rule.effect is Effect.REFUSED
            found[finding.rule.name, host] = _Count(errors, known.problems + 1, of_nix)
    return found


def _joined_late(text: bytes) -> int:
    """The number of sets that only Nix from 2.24 on merges into one."""
    return len(parse(SourceFile("", text)).joined_late)


class _Work:
    """The files as they are fixed so far, and what is found in them: what was asked for, and all there is."""

    def __init__(self, paths: Sequence[str], request: Request, buffers: Mapping[str, bytes]) -> None:
        self.paths = paths
        self.request = request
        #: A fix is checked by every rule and in the whole project, whatever was asked for.
        self.everything = replace(request, select=(), ignore=(), whole_project=True)
        self.texts: Mapping[str, bytes] = dict(buffers)
        #: Which file of the disk each path leads to, and the name under which each file is fixed: it may have several.
        self.identities: dict[str, tuple[int, int]] = {}
        self.first_names: dict[tuple[int, int], str] = {}
        self.checked = self._check(request)
        self.everything_found = self._find_everything(self.texts, self.checked)

    def _check(self, request: Request) -> Checked:
        checked = check(self.paths, request, self.texts)
        for project in checked.inspection.projects:
            self.identities.update(project.identities)
        return checked

    def text(self, path: str) -> bytes:
        owner = self.checked.inspection.owner(path)
        file = owner.read(path) if owner is not None else None
        return file.text if isinstance(file, SourceFile) else b""

    def may_apply(self, finding: Finding, *, unsafe: bool) -> bool:
        """Only the project's own files are fixed: hslint's models of foreign modules have places, too."""
        fix = finding.problem.fix
        if fix is None or not fix.edits or not (fix.safe or unsafe):
            return False
        return all(
            edit.span.file.path.startswith("/") and self.checked.inspection.read(edit.span.file.path, edit.span.file)
            for edit in fix.edits
        )

    def by_first_name(self, finding: Finding) -> bool:
        """Whether a fix changes files under the names that they were first changed by: a problem in a file with two names is found
        twice, and must not be fixed twice.
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
        """Whether the fixes do no harm: no new error, but for what only comes to light because what Nix or Headscale stopped at is
        gone; nothing new on a host that had none of the problems; and no set written twice, which Nix takes since 2.24 only.
        """
        if not findings:
            return False
        changes = apply(_fixes(findings))
        if any(_joined_late(text) > _joined_late(self.text(path)) for path, text in changes.items()):
            return False
        after = self._find_everything(self.with_changes(changes))
        concerned = {host for finding in findings for host in finding.hosts}
        stopped = {host for finding in findings if finding.effect in _STOPPING for host in finding.hosts}
        before = _counted(self.everything_found)
        for (rule, host), now in _counted(after).items():
            known = before.get((rule, host), _NONE)
            if host not in concerned and now.problems > known.problems:
                return False
            if now.errors > known.errors and (now.of_nix or host not in stopped):
                return False
        return True

    def go_on_with(self, changes: Mapping[str, bytes]) -> None:
        self.texts = self.with_changes(changes)
        self.checked = self._check(self.request)
        self.everything_found = self._find_everything(self.texts, self.checked)

    def _find_everything(self, texts: Mapping[str, bytes], known: Checked | None = None) -> Checked:
        """All that is found in the project; `known` is the outcome of what was asked for, which may be all there is."""
        whole = not (self.request.select or self.request.ignore or (known is not None and known.inspection.named))
        checked = known if known is not None and whole else check(self.paths, self.everything, texts)
        if checked.inspection.cut_short:
            raise CannotInspect("the time limit was reached before all fixes were tried; nothing was changed")
        return checked
