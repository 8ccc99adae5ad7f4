"""What users and programs see of findings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from hslint.checking import Checked
from hslint.edits import Edit
from hslint.finding import Crash, Finding
from hslint.hosts import Inspection, SkippedHosts
from hslint.problem import Effect, Fix, PlacedNote, PlacedProblem, Rule
from hslint.record import replace
from hslint.reporters import report
from hslint.reporters.sarif import document as sarif
from hslint.settings import Settings
from hslint.source import Project, SourceFile, Span
from hslint.values.value import Failure, Kind, Unknown, Why

if TYPE_CHECKING:
    import pytest

TEXT = '{\n  services.headscale.settings = {\n\tserver_url = "http://hs.exämple.com";\n    dns.base_domain = "exämple.com";\n  };\n}\n'
RULE = Rule("base-domain-covers-server", "dns", Effect.FAILS, "One sentence.", lambda host: iter(()))


def span(word: str, text: str = TEXT, path: str = "/p/hosts/a.nix") -> Span:
    file = SourceFile(path, text.encode())
    start = file.text.index(word.encode())
    return Span(file, start, start + len(word.encode()))


def checked(*findings: Finding, crashes: tuple[Crash, ...] = (), possible: bool = False) -> Checked:
    return Checked(Inspection(Project("/p"), []), findings, crashes, Settings(), shows_possible=possible)


def covers(**more: object) -> Finding:
    problem = PlacedProblem(
        "hs.exämple.com lies inside base_domain exämple.com; Headscale does not start",
        span('"exämple.com"'),
        (PlacedNote("server_url is set here", span('"http://hs.exämple.com"')),),
        **more,  # type: ignore[arg-type]
    )
    return Finding(RULE, problem, ("alpha",))


def lines(form: str, *findings: Finding, possible: bool = False) -> list[str]:
    return list(report(form, checked(*findings, possible=possible)))


def test_text_shows_the_line_with_carets_under_the_exact_place() -> None:
    """Carets count terminal columns; a tab is shown as one blank; what follows stands below."""
    assert lines("text", covers()) == [
        "error: hs.exämple.com lies inside base_domain exämple.com; Headscale does not start [base-domain-covers-server]",
        "  --> /p/hosts/a.nix:4:23",
        ' 4 |     dns.base_domain = "exämple.com";',
        "   |                       ^^^^^^^^^^^^^",
        "  --> /p/hosts/a.nix:3:15",
        ' 3 |  server_url = "http://hs.exämple.com";',
        "   |               ^^^^^^^^^^^^^^^^^^^^^^^ server_url is set here",
        "   = Headscale does not start",
        "",
        "1 error in 1 file (0 hosts with Headscale)",
    ]


def test_text_counts_wide_characters_as_two_columns() -> None:
    """A terminal gives 港 two columns, so two carets stand below it."""
    text = '{ a = "港"; b = 1; }\n'
    problem = PlacedProblem("found", span("b = 1", text))
    shown = lines("text", Finding(RULE, problem, ()))
    assert shown[2] == ' 1 | { a = "港"; b = 1; }'
    assert shown[3] == "   |             ^^^^^"


def test_text_says_what_a_possible_finding_depends_on() -> None:
    """Such a finding is called possible, and names what must hold for it."""
    possible = replace(covers(), where=("`my.vpn.enable` is true",), depends_on=("`cfg.tls` is false",))
    shown = lines("text", possible, possible=True)
    assert shown[0].startswith("possible error: ")
    assert "   = where `my.vpn.enable` is true and `cfg.tls` is false" in shown


def test_text_counts_possible_findings_that_it_does_not_show() -> None:
    """Only what is certain is shown and decides, unless somebody asks."""
    shown = lines("text", replace(covers(), depends_on=("`cfg.tls` is false",)))
    assert shown[-1] == "1 more is possible: --possible shows it"
    assert not any("base-domain-covers-server" in line for line in shown)


def test_text_is_plain_unless_it_goes_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours and links on a terminal, none with NO_COLOR, colours in a pipe with FORCE_COLOR."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b" not in "".join(report("text", checked(covers())))
    shown = "".join(report("text", checked(covers()), terminal=True))
    assert "\x1b[1;31m" in shown
    assert "\x1b]8;;https://" in shown
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1;31m" in "".join(report("text", checked(covers())))
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in "".join(report("text", checked(covers()), terminal=True))


def test_text_never_passes_control_characters_on() -> None:
    """A file cannot steer the terminal of who reads about it."""
    text = '{ a = "\x1b[2Jx"; }\n'
    assert "\x1b" not in "".join(lines("text", Finding(RULE, PlacedProblem("found", span("a =", text)), ())))


def test_text_names_the_end_of_a_long_place() -> None:
    """A place of several lines shows its first one."""
    text = "{\n  a = {\n    b = 1;\n  };\n}\n"
    file = SourceFile("/p/a.nix", text.encode())
    start, end = file.text.index(b"{\n    b"), file.text.index(b"};") + 1
    shown = lines("text", Finding(RULE, PlacedProblem("found", Span(file, start, end)), ()))
    assert shown[2:4] == [" 2 |   a = {", "   |       ^ … to line 4"]


def test_text_cuts_long_lines_around_the_place() -> None:
    """Dots say where something was left out, and the carets still stand below the place."""
    text = f"{'x' * 1000} a = 1; {'y' * 1000}\n"
    at = span("a = 1", text)
    shown = lines("text", Finding(RULE, PlacedProblem("found", at), ()))
    assert shown[1].endswith(":1:1002")
    assert shown[2].startswith(" 1 | …xxx")
    assert shown[2].endswith("yyy…")
    column = shown[3].index("^")
    assert shown[2][column : column + 5] == "a = 1"
    at_the_end = lines("text", Finding(RULE, PlacedProblem("found", span("= 1", f"{'x' * 1000} a = 1")), ()))
    assert at_the_end[2].endswith(" a = 1")


def test_names_of_files_and_messages_cannot_steer_a_terminal() -> None:
    """Neither by escapes nor by line ends, in no format that people read."""
    path = "/p/a\x1b[2J\n.nix"
    finding = Finding(RULE, PlacedProblem("the name \x1b[31m\nis odd", span("a =", "{ a = 1; }", path)), ("\x1b[0m",))
    for form in ("text", "concise"):
        shown = lines(form, finding)
        assert not any("\x1b" in line or "\n" in line for line in shown)


def test_paths_can_be_opened_from_where_the_user_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above, below and beside the project."""
    root = tmp_path / "project"
    (root / "hosts").mkdir(parents=True)
    file = SourceFile(str(root / "modules" / "a.nix"), b"{ }")
    findings = Finding(RULE, PlacedProblem("found", Span(file, 0, 1)), ())
    checked = Checked(Inspection(Project(str(root)), []), (findings,), (), Settings())
    for here, expected in (
        (root, "modules/a.nix"),
        (root / "hosts", "../modules/a.nix"),
        (tmp_path, "project/modules/a.nix"),
        (Path(__file__).parent, str(root / "modules" / "a.nix")),
    ):
        monkeypatch.chdir(here)
        assert next(report("concise", checked)).startswith(f"{expected}:1:1: ")


def test_concise_is_a_line_a_finding() -> None:
    """Path, line and column from 1, severity, message, rule."""
    assert lines("concise", covers()) == [
        (
            "/p/hosts/a.nix:4:23: error: hs.exämple.com lies inside base_domain exämple.com; Headscale does not start "
            "[base-domain-covers-server]"
        )
    ]


def test_concise_says_which_findings_are_only_possible() -> None:
    """A line says what it depends on behind the message."""
    (line,) = lines("concise", replace(covers(), depends_on=("`a` is true",)), possible=True)
    assert line.startswith("/p/hosts/a.nix:4:23: possible error: hs.exämple.com")
    assert line.endswith(" (where `a` is true) [base-domain-covers-server]")


def test_json_gives_places_in_characters_and_in_bytes() -> None:
    """Lines and columns from 1, columns in characters, the end exclusive, bytes from 0."""
    (text,) = lines("json", covers())
    (finding,) = json.loads(text)["findings"]
    assert finding["start"] == {"line": 4, "column": 23}
    assert finding["end"] == {"line": 4, "column": 36}
    assert TEXT.encode()[slice(*finding["bytes"])].decode() == '"exämple.com"'
    assert (finding["path"], finding["severity"], finding["effect"]) == ("hosts/a.nix", "error", "fails")
    assert (finding["certainty"], finding["hosts"]) == ("certain", ["alpha"])
    assert finding["notes"][0]["message"] == "server_url is set here"


def test_json_carries_fixes_byte_for_byte() -> None:
    """A program can apply the edits without knowing Nix."""
    fix = Fix("write it right", (Edit(span('"exämple.com"'), '"tail.example.net"'),), safe=True)
    (text,) = lines("json", covers(fix=fix))
    edit = json.loads(text)["findings"][0]["fix"]["edits"][0]
    start, end = edit["bytes"]
    fixed = TEXT.encode()[:start] + edit["replacement"].encode() + TEXT.encode()[end:]
    assert fixed.decode() == TEXT.replace('"exämple.com"', '"tail.example.net"')


def test_json_of_nothing_is_still_a_report() -> None:
    """Version, lists and zeros."""
    (text,) = lines("json")
    report_ = json.loads(text)
    assert (report_["version"], report_["findings"], report_["hosts"]) == (1, [], [])
    assert report_["summary"]["errors"] == 0


def test_github_escapes_what_would_end_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Percent signs and line ends in messages, colons and commas in properties."""
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    text = "{ a = 1; }\n"
    finding = Finding(RULE, PlacedProblem("50% of it,\nor: less", span("a = 1", text, "/p/x,y:z.nix")), ())
    assert lines("github", finding) == [
        (
            "::error file=x%2Cy%3Az.nix,line=1,endLine=1,col=3,endColumn=8,title=hslint base-domain-covers-server"
            "::50%25 of it,%0Aor: less"
        )
    ]


def test_sarif_fingerprints_survive_moved_lines() -> None:
    """The same finding further down keeps its fingerprint; another one on an equal line has its own."""

    def fingerprints(text: str, count: int) -> list[str]:
        file = SourceFile("/p/a.nix", text.encode())
        places = [n for n in range(len(text)) if text.startswith("a = 1", n)]
        found = [Finding(RULE, PlacedProblem("found", Span(file, n, n + 5)), ()) for n in places]
        assert len(found) == count
        results = sarif(checked(*found))["runs"][0]["results"]
        return [result["partialFingerprints"]["hslint/v1"] for result in results]

    once = fingerprints("{\n  a = 1;\n}\n", 1)
    moved = fingerprints("# a comment\n\n{\n  a = 1;\n}\n", 1)
    twice = fingerprints("{\n  a = 1;\n}\n{\n  a = 1;\n}\n", 2)
    assert once == moved
    assert twice[0] == once[0]
    assert len(set(twice)) == 2


def test_sarif_names_crashed_rules() -> None:
    """A run in which a rule crashed was not successful."""
    run = sarif(checked(crashes=(Crash(RULE, "alpha", "KeyError: 'x'"),)))["runs"][0]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert "KeyError" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_hosts_that_could_not_be_evaluated_are_in_every_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """One without names, which is unknown as a whole, and one with its place."""
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    at = span("throw 1", "{ a = throw 1; }\n", "/p/flake.nix")
    skipped = (
        SkippedHosts((), Unknown(Why.INPUT, "inputs.x"), "inputs.x comes from a flake input that is not read"),
        SkippedHosts(("a", "b"), Failure(Kind.ERROR, "no: 1\nmore", at), "no: 1"),
    )
    checked = Checked(Inspection(Project("/p"), [], skipped=skipped), (), (), Settings())
    unknown = "hosts of the flake could not be evaluated: inputs.x comes from a flake input that is not read"
    failing = "hosts a, b could not be evaluated: flake.nix:1: no: 1"

    assert list(report("github", checked)) == [
        f"::warning title=hslint::{unknown}",
        f"::warning file=flake.nix,line=1,endLine=1,col=7,endColumn=14,title=hslint::{failing}",
    ]

    (invocation,) = sarif(checked)["runs"][0]["invocations"]
    assert [each["message"]["text"] for each in invocation["toolExecutionNotifications"]] == [unknown, failing]
    assert invocation["executionSuccessful"] is False

    (text,) = report("json", checked)
    document = json.loads(text)
    assert [(host["name"], host["error"], host["release"]) for host in document["hosts"]] == [
        (None, "inputs.x comes from a flake input that is not read", None),
        ("a", "no: 1", None),
        ("b", "no: 1", None),
    ]
    assert [host["at"] and host["at"]["bytes"] for host in document["hosts"]] == [None, [6, 13], [6, 13]]
    assert (document["summary"]["hosts"], document["summary"]["skipped"]) == (0, 3)

    assert list(report("text", checked)) == [
        "nothing was found in what could be evaluated (0 hosts with Headscale; 2 hosts could not be evaluated)"
    ]
