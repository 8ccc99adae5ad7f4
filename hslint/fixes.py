"""Fixes: edits → new text, or a diff. What a fix leads to is judged again; one that makes things worse is taken back."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hslint.checking import Checked, Request, check
from hslint.finding import Finding
from hslint.rule import Edit, Fix, Severity
from hslint.source import SourceFile

#: Rounds of mending and judging again: a fix may uncover, or be in the way of, another one.
ROUNDS = 10


def apply(fixes: Iterable[Fix]) -> dict[str, bytes]:
    """The new text of every file that the fixes change, by path. Of fixes that overlap the first one counts."""
    files: dict[str, SourceFile] = {}
    taken: dict[str, list[Edit]] = {}
    for fix in fixes:
        if any(_overlaps(edit, other) for edit in fix.edits for other in taken.get(edit.span.file.path, ())):
            continue
        for edit in fix.edits:
            files[edit.span.file.path] = edit.span.file
            taken.setdefault(edit.span.file.path, []).append(edit)
    return {path: _edited(files[path].text, edits) for path, edits in taken.items()}


def _overlaps(one: Edit, other: Edit) -> bool:
    if (one.span.start, one.span.end) == (other.span.start, other.span.end):
        return True
    return one.span.start < other.span.end and other.span.start < one.span.end


def _edited(text: bytes, edits: Sequence[Edit]) -> bytes:
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.replacement.encode("utf-8") + text[edit.span.end :]
    return text


@dataclass(slots=True)
class Mended:
    """What mending made of the files."""

    root: str
    before: dict[str, bytes] = field(default_factory=dict)
    after: dict[str, bytes] = field(default_factory=dict)
    fixed: int = 0
    #: Titles of fixes that were taken back, with what they would have led to.
    withdrawn: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.after)

    def diff(self) -> Iterator[str]:
        for path, text in sorted(self.after.items()):
            name = os.path.relpath(path, self.root)
            old, new = _lines(self.before[path]), _lines(text)
            for line in difflib.unified_diff(old, new, f"a/{name}", f"b/{name}"):
                if line.endswith("\n"):
                    yield line[:-1]
                else:
                    yield line
                    yield "\\ No newline at end of file"

    def write(self) -> None:
        """Write the files, each at once: an interrupted run leaves the old text or the new one."""
        for path, text in self.after.items():
            directory = os.path.dirname(path)
            mode = os.stat(path).st_mode & 0o7777
            descriptor, temporary = tempfile.mkstemp(dir=directory, prefix=".hslint-")
            try:
                with os.fdopen(descriptor, "wb") as handle:
                    handle.write(text)
                os.chmod(temporary, mode)
                os.replace(temporary, os.path.realpath(path))
            except BaseException:
                os.unlink(temporary)
                raise

    def summary(self) -> str:
        problems = "1 problem" if self.fixed == 1 else f"{self.fixed} problems"
        files = "1 file" if len(self.after) == 1 else f"{len(self.after)} files"
        return f"fixed {problems} in {files}"


def _lines(text: bytes) -> list[str]:
    return text.decode("utf-8", "surrogateescape").splitlines(keepends=True)


def mend(paths: Sequence[str], request: Request, buffers: Mapping[str, bytes], *, unsafe: bool = False) -> Mended:
    """Apply fixes until nothing is left to mend. The files themselves are not touched."""
    current = dict(buffers)
    refused: set[tuple[str, str]] = set()
    checked = check(paths, request, current)
    mended = Mended(checked.inspection.project.root)
    for _ in range(ROUNDS):
        wanted = [f for f in checked.findings if _applies(f, unsafe=unsafe) and _key(f) not in refused]
        if not wanted:
            break
        changes = apply([f.problem.fix for f in wanted if f.problem.fix is not None])
        attempt = check(paths, request, {**current, **changes})
        if _worse(checked, attempt):
            if len(wanted) > 1:  # find out which one it is
                wanted, changes, attempt = _one_by_one(paths, request, current, wanted, refused, mended, checked)
                if not wanted:
                    continue
            else:
                refused.add(_key(wanted[0]))
                mended.withdrawn.append(wanted[0].problem.message)
                continue
        for path, text in changes.items():
            if path not in mended.before:
                mended.before[path] = _before(checked, path)
            mended.after[path] = text
        mended.fixed += len(wanted)
        current.update(changes)
        checked = attempt
    mended.after = {path: text for path, text in mended.after.items() if text != mended.before[path]}
    return mended


def _one_by_one(
    paths: Sequence[str],
    request: Request,
    current: dict[str, bytes],
    wanted: list[Finding],
    refused: set[tuple[str, str]],
    mended: Mended,
    checked: Checked,
) -> tuple[list[Finding], dict[str, bytes], Checked]:
    """The first fix that does no harm by itself; those before it are refused."""
    for finding in wanted:
        assert finding.problem.fix is not None
        changes = apply([finding.problem.fix])
        attempt = check(paths, request, {**current, **changes})
        if not _worse(checked, attempt):
            return [finding], changes, attempt
        refused.add(_key(finding))
        mended.withdrawn.append(finding.problem.message)
    return [], {}, checked


def _applies(finding: Finding, *, unsafe: bool) -> bool:
    fix = finding.problem.fix
    return fix is not None and (fix.safe or unsafe) and bool(fix.edits)


def _key(finding: Finding) -> tuple[str, str]:
    return finding.rule.name, finding.problem.message


def _before(checked: Checked, path: str) -> bytes:
    file = checked.inspection.project.read(path)
    return file.text if isinstance(file, SourceFile) else b""


def _worse(before: Checked, after: Checked) -> bool:
    """Whether mending led to an error that was not there."""
    known = {_key(finding) for finding in before.findings if finding.severity is Severity.ERROR}
    rules = {name for name, _ in known}
    new = [f for f in after.findings if f.severity is Severity.ERROR and _key(f) not in known]
    return any(f.rule.name not in rules for f in new) or len(new) > sum(
        1 for f in before.findings if f.severity is Severity.ERROR
    )
