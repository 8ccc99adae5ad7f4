"""Edits, diffs, and fixes that are taken back."""

import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hslint.checking import Request, check
from hslint.edits import Edit
from hslint.fixes import FixResult, apply, apply_fixes
from hslint.hosts.host import Host
from hslint.plugins import rules
from hslint.problem import Effect, Fix, Problem, Rule
from hslint.reporters.diff import Diff
from hslint.source import SourceFile, Span

Report = Callable[[SourceFile], Iterator[Problem]]


def edit(file: SourceFile, word: str, replacement: str) -> Edit:
    start = file.text.index(word.encode())
    return Edit(Span(file, start, start + len(word.encode())), replacement)


def insert(file: SourceFile, before: str, text: str) -> Edit:
    start = file.text.index(before.encode())
    return Edit(Span(file, start, start), text)


def applied(text: str, *replacements: tuple[tuple[str, str], ...]) -> str:
    """What fixes, each of (word, replacement) pairs, make of a text."""
    file = SourceFile("/p/a.nix", text.encode())
    fixes = [Fix("fix", tuple(edit(file, *pair) for pair in pairs)) for pairs in replacements]
    return apply(fixes).get("/p/a.nix", file.text).decode()


# -- edits ---------------------------------------------------------------------------------------------------------------


def test_edits_replace_exactly_their_bytes() -> None:
    """Wide characters before an edit do not move it."""
    assert applied('{ "ü港" = 1; b = 2; }', (("b", "longer"), ("1", ""))) == '{ "ü港" = ; longer = 2; }'


def test_of_two_fixes_that_overlap_the_first_counts() -> None:
    """The second is left for the next round, whole: none of its edits is applied."""
    assert applied("abcdef", (("abc", "x"),), (("cd", "y"), ("f", "z"))) == "xdef"


def test_a_fix_whose_own_edits_overlap_is_left_out() -> None:
    """Nobody can say what it means."""
    assert applied("abcdef", (("abc", "x"), ("cd", "y")), (("f", "z"),)) == "abcdez"


def test_what_is_inserted_where_another_edit_deletes_comes_before_it() -> None:
    """Both are kept, in whatever order they come."""
    file = SourceFile("/p/a.nix", b"{ a = 1; b = 2; }")
    edits = (insert(file, "a = 1", "c = 3; "), edit(file, "a = 1; ", ""))
    for order in (edits, edits[::-1]):
        assert apply([Fix("move", order)]) == {"/p/a.nix": b"{ c = 3; b = 2; }"}


def test_new_lines_end_as_those_of_the_file() -> None:
    """A file with CRLF stays one, and bytes that are no UTF-8 stay what they are."""
    file = SourceFile("/p/a.nix", b"{\r\n  # caf\xe9\r\n  a = 1;\r\n}\r\n")
    fixed = apply([Fix("add", (insert(file, "a = 1", "b = 2;\n  "),))])
    assert fixed == {"/p/a.nix": b"{\r\n  # caf\xe9\r\n  b = 2;\r\n  a = 1;\r\n}\r\n"}


# -- diffs ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a\nb\nc\n", b"a\nB\nc\n"),
        (b"a\nb", b"a\nB"),
        (b"a\nb", b"a\nb\n"),
        (b"a\r\nb\r\n", b"a\r\nB\r\n"),
        (b"form\x0cfeed\xe2\x80\xa8and more\nb\n", b"form\x0cfeed\xe2\x80\xa8and more\nB\n"),
    ],
)
def test_a_diff_is_what_git_applies(tmp_path: Path, before: bytes, after: bytes) -> None:
    """Line ends, and a last line without one, included."""
    (tmp_path / "a b.nix").write_bytes(before)
    path = str(tmp_path / "a b.nix")
    diff = Diff(str(tmp_path), {path: before}, {path: after})
    patch = "".join(f"{line}\n" for line in diff.lines(raw=True))
    subprocess.run(["git", "apply", "--unidiff-zero", "-"], input=patch.encode(), cwd=tmp_path, check=True)
    assert (tmp_path / "a b.nix").read_bytes() == after


# -- rounds --------------------------------------------------------------------------------------------------------------


def fake(name: str, effect: Effect, problems: Report) -> Rule:
    """A rule that looks at the text of a host's files."""

    def look(host: Host) -> Iterator[Problem]:
        for file in host.configuration.files:
            yield from problems(file)

    return Rule(name, "fake", effect, "A sentence.", look, when_disabled=True)


def replaces(name: str, old: str, new: str, *, effect: Effect = Effect.ADVICE, safe: bool = True) -> Rule:
    """A rule that reports a word, and fixes it by another."""

    def problems(file: SourceFile) -> Iterator[Problem]:
        if old.encode() in file.text:
            fixed = edit(file, old, new)
            yield Problem(f"{old} stands there", fixed.span, fix=Fix(f"write {new}", (fixed,), safe=safe))

    return fake(name, effect, problems)


def forbids(name: str, word: str) -> Rule:
    """A rule that calls a word an error, and knows no remedy."""

    def problems(file: SourceFile) -> Iterator[Problem]:
        if word.encode() in file.text:
            yield Problem(f"{word} stands there", edit(file, word, "").span)

    return fake(name, Effect.FAILS, problems)


@pytest.fixture
def fixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[str, FixResult]]:
    """What mending with some rules makes of a module."""

    def run(text: str, *known: Rule, unsafe: bool = False, select: tuple[str, ...] = ()) -> tuple[str, FixResult]:
        path = tmp_path / "configuration.nix"
        path.write_text(text)
        monkeypatch.setattr("hslint.checking.all_rules", lambda: known)
        outcome = apply_fixes([str(path)], Request(select=select), {}, unsafe=unsafe)
        return outcome.after.get(str(path), text.encode()).decode(), outcome

    return run


def real(name: str) -> Rule:
    return next(rule for rule in rules() if rule.name == name)


Run = Callable[..., tuple[str, FixResult]]


def test_fixing_goes_on_until_nothing_is_left(fixed: Run) -> None:
    """A fix may uncover the next one."""
    text, outcome = fixed("{ a = 1; }", replaces("one", "a =", "b ="), replaces("two", "b =", "c ="))
    assert (text, outcome.fixed, outcome.withdrawn) == ("{ c = 1; }", 2, [])


def test_fixing_twice_changes_nothing_more(fixed: Run) -> None:
    """What is fixed needs no further fix."""
    known = (replaces("one", "a =", "b ="), replaces("two", "1", "2"))
    once, _ = fixed("{ a = 1; }", *known)
    twice, outcome = fixed(once, *known)
    assert (once, twice, outcome.changed, outcome.fixed) == ("{ b = 2; }", once, False, 0)


def test_unsafe_fixes_are_applied_on_request_only(fixed: Run) -> None:
    """What changes Headscale's behaviour is for the user to decide."""
    known = replaces("one", "a =", "b =", safe=False)
    assert fixed("{ a = 1; }", known)[0] == "{ a = 1; }"
    assert fixed("{ a = 1; }", known, unsafe=True)[0] == "{ b = 1; }"


def test_a_fix_that_leads_to_another_error_is_taken_back(fixed: Run) -> None:
    """And it is said; the fixes beside it are applied."""
    known = (replaces("one", "a =", "bad ="), replaces("two", "1", "2"), forbids("three", "bad"))
    text, outcome = fixed("{ a = 1; }", *known)
    assert (text, outcome.withdrawn, outcome.fixed) == ("{ a = 2; }", ["a = stands there"], 1)


def test_a_fix_that_breaks_the_syntax_is_taken_back(fixed: Run) -> None:
    """The result is read again."""
    text, outcome = fixed("{ a = 1; }", replaces("one", "1;", "1"), real("syntax-error"))
    assert (text, outcome.withdrawn) == ("{ a = 1; }", ["1; stands there"])


def test_a_fix_is_checked_by_rules_that_were_not_asked_for(fixed: Run) -> None:
    """--select says what to report and fix, not what harm is."""
    known = (replaces("one", "a =", "bad ="), forbids("three", "bad"))
    assert fixed("{ a = 1; }", *known, select=("one",))[0] == "{ a = 1; }"


def test_an_error_may_stay_while_another_is_fixed(fixed: Run) -> None:
    """Only new ones count as harm."""
    known = (replaces("one", "a =", "b =", effect=Effect.FAILS), forbids("three", "bad"))
    assert fixed("{ a = 1; bad = 2; }", *known)[0] == "{ b = 1; bad = 2; }"


def test_fixes_that_undo_each_other_come_to_an_end(fixed: Run) -> None:
    """They are a defect of the rules, and no reason to hang."""
    text, _ = fixed("{ a = 1; }", replaces("one", "a =", "b ="), replaces("two", "b =", "a ="))
    assert text in ("{ a = 1; }", "{ b = 1; }")


def test_only_the_files_of_the_project_are_fixed(fixed: Run, tmp_path: Path) -> None:
    """A place in hslint's model of somebody else's module is nothing to write to."""
    outside = tmp_path.parent / "outside.nix"
    outside.write_text("{ a = 1; }")

    def problems(file: SourceFile) -> Iterator[Problem]:
        foreign = SourceFile(str(outside), b"{ a = 1; }")
        yield Problem("found", Span(file, 0, 1), fix=Fix("fix", (edit(foreign, "a", "b"),), safe=True))

    _, outcome = fixed("{ a = 1; }", fake("one", Effect.ADVICE, problems))
    assert not outcome.changed


# -- writing -------------------------------------------------------------------------------------------------------------


def test_writing_keeps_modes_and_links_and_leaves_nothing_else(tmp_path: Path) -> None:
    """A link to a file stays a link, and an executable stays executable."""
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "a.nix"
    target.write_text("{ }")
    target.chmod(0o750)
    link = tmp_path / "a.nix"
    link.symlink_to(target)
    FixResult(str(tmp_path), {str(link): b"{ }"}, {str(link): b"{ a = 1; }"}, []).write()
    assert link.is_symlink()
    assert target.read_text() == "{ a = 1; }"
    assert stat.S_IMODE(target.stat().st_mode) == 0o750
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.nix", "a.nix", "real"]


def test_fixing_itself_writes_nothing(fixed: Run, tmp_path: Path) -> None:
    """Whoever asked decides whether it becomes a patch or files."""
    fixed("{ a = 1; }", replaces("one", "a =", "b ="))
    assert (tmp_path / "configuration.nix").read_text() == "{ a = 1; }"


def test_every_error_is_gone_after_its_fix(fixed: Run, tmp_path: Path) -> None:
    """What was fixed is not found any more in the new text."""
    rule = replaces("one", "a =", "b =", effect=Effect.FAILS)
    text, _ = fixed("{ a = 1; }", rule)
    path = str(tmp_path / "configuration.nix")
    assert check([path], Request(), {path: text.encode()}).findings == ()
