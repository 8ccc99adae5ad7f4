"""The formats of other programs and of hslint's own JSON: each is what its readers take, and shows the same as the text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from sample import CRASHING, FLAKE, MODULE

from hslint import schemas
from hslint.checking import Request, check
from hslint.cli import main
from hslint.reporters import report

ROOT = Path(__file__).resolve().parent.parent
SHOWCASE = ROOT / "examples" / "showcase"

#: A mistake, a host that cannot be evaluated, and a finding that depends on something.
BROKEN = FLAKE.replace("    nixos", '    nixosConfigurations.b = throw "not & today";\n    nixos')


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory: one host with a mistake, one that cannot be evaluated. No variables of a runner."""
    (tmp_path / "flake.nix").write_text(BROKEN)
    (tmp_path / "headscale.nix").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BUILD_SOURCESDIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def hslint(*arguments: str | Path) -> str:
    done = CliRunner().invoke(main, [str(each) for each in arguments])
    assert done.exit_code in (0, 1, 2), done.output
    return done.stdout


def in_format(form: str, path: str | Path = ".") -> str:
    return hslint("check", "--format", form, path)


def closed(schema: Any) -> Any:
    """A schema that allows no member that it does not describe: those that are printed are all documented."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(each) for name, each in schema.items()}
    if "properties" in schema and schema.get("type") == "object":
        inner.setdefault("additionalProperties", False)
    return inner


def validate(document: Any, schema: Any) -> None:
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)


# -- hslint's own JSON ---------------------------------------------------------------------------------------------------

COMMANDS = {
    "check": ("check", "{}"),
    "show": ("show", "{}"),
    "why": ("why", "{}", "settings.server_url"),
    "upgrade": ("upgrade", "{}", "--from", "0.22"),
}


@pytest.mark.parametrize("path", [".", str(SHOWCASE)], ids=["mistaken", "showcase"])
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.usefixtures("project")
def test_json_follows_the_published_schema(command: str, path: str) -> None:
    """Every member that is printed is described, and every one that is described as required is printed."""
    printed = hslint(*(word.format(path) for word in COMMANDS[command]), "--format", "json")
    document = json.loads(printed)
    assert document["version"] == 1
    validate(document, closed(json.loads(schemas.schema(command))))


def test_every_command_with_json_has_its_schema() -> None:
    """In the package, under an address of its own."""
    assert {*COMMANDS, "hslint"} == {*schemas.NAMES}
    assert len({json.loads(schemas.schema(name))["$id"] for name in schemas.NAMES}) == len(schemas.NAMES)


def test_what_is_unknown_is_described_too(tmp_path: Path) -> None:
    """A host in a container, and unknown values."""
    (tmp_path / "configuration.nix").write_text(
        "{ config, ... }: { services.headscale.enable = config.foo.on; services.headscale.settings.a = config.b; "
        "containers.c.config = { services.headscale.enable = true; }; warnings = throw 1; }\n"
    )
    document = json.loads(hslint("show", tmp_path, "--format", "json"))
    validate(document, closed(json.loads(schemas.schema("show"))))


def test_json_lines_hold_what_json_holds(project: Path) -> None:
    """An object a line, its kind named; nothing else is different."""
    whole = json.loads(in_format("json"))
    rows = [json.loads(line) for line in in_format("jsonl").splitlines()]
    assert [row.pop("type") for row in rows] == ["run", "finding", "host", "host", "summary"]
    assert rows[0] == {"version": 1, "root": str(project)}
    assert rows[1:] == [*whole["findings"], *whole["hosts"], whole["summary"]]


# -- those of others -----------------------------------------------------------------------------------------------------

_TEXT = {"type": "string", "minLength": 1}
_LINE = {"type": "integer", "minimum": 1}

#: What GitLab requires of a code quality report (docs.gitlab.com: "Code Quality report format").
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": _TEXT,
            "check_name": _TEXT,
            "fingerprint": _TEXT,
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^/.]"},
                    "lines": {"type": "object", "required": ["begin"], "properties": {"begin": _LINE}},
                },
            },
        },
    },
}

_PLACE: dict[str, Any] = {
    "type": "object",
    "required": ["path"],
    "additionalProperties": False,
    "properties": {
        "path": _TEXT,
        "range": {
            "type": "object",
            "required": ["start", "end"],
            "additionalProperties": False,
            "properties": {
                side: {
                    "type": "object",
                    "required": ["line", "column"],
                    "additionalProperties": False,
                    "properties": {"line": _LINE, "column": _LINE},
                }
                for side in ("start", "end")
            },
        },
    },
}

#: What reviewdog reads (its protocol buffer `DiagnosticResult`, as JSON).
RDJSON = {
    "type": "object",
    "required": ["source", "diagnostics"],
    "additionalProperties": False,
    "properties": {
        "source": {"type": "object", "required": ["name"], "properties": {"name": _TEXT, "url": _TEXT}},
        "diagnostics": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["message", "location", "severity"],
                "additionalProperties": False,
                "properties": {
                    "message": _TEXT,
                    "location": _PLACE,
                    "severity": {"enum": ["ERROR", "WARNING", "INFO"]},
                    "code": {"type": "object", "required": ["value"], "properties": {"value": _TEXT, "url": _TEXT}},
                    "suggestions": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["range", "text"],
                            "additionalProperties": False,
                            "properties": {"range": _PLACE["properties"]["range"], "text": {"type": "string"}},
                        },
                    },
                    "relatedLocations": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message", "location"],
                            "additionalProperties": False,
                            "properties": {"message": _TEXT, "location": _PLACE},
                        },
                    },
                },
            },
        },
    },
}


@pytest.mark.parametrize("path", [".", str(SHOWCASE)], ids=["mistaken", "showcase"])
@pytest.mark.parametrize(("form", "schema"), [("gitlab", GITLAB), ("rdjson", RDJSON)])
@pytest.mark.usefixtures("project")
def test_reports_in_json_are_what_their_readers_take(
    form: str, schema: Any, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Findings, and what could not be evaluated."""
    monkeypatch.setenv("CI_PROJECT_DIR", str(ROOT) if path != "." else "")
    validate(json.loads(in_format(form, path)), schema)


@pytest.mark.usefixtures("project")
def test_gitlab_knows_a_finding_again() -> None:
    """The fingerprint is that of SARIF: it moves with the line."""
    mistake, skipped = json.loads(in_format("gitlab"))
    sarif = json.loads(in_format("sarif"))["runs"][0]["results"][0]
    assert mistake["fingerprint"] == sarif["partialFingerprints"]["hslint/v1"]
    assert (mistake["check_name"], mistake["severity"]) == ("misplaced-setting", "major")
    assert mistake["location"] == {"path": "headscale.nix", "lines": {"begin": 8, "end": 8}}
    assert (skipped["check_name"], skipped["location"]["path"]) == ("not-evaluated", "flake.nix")


def test_gitlab_gets_paths_from_the_root_of_the_repository(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the flake lies in a directory of it."""
    monkeypatch.setenv("CI_PROJECT_DIR", str(project.parent))
    assert json.loads(in_format("gitlab"))[0]["location"]["path"] == f"{project.name}/headscale.nix"


def test_gitlab_gets_a_list_also_of_nothing(tmp_path: Path) -> None:
    """An empty file would be an error to it."""
    (tmp_path / "configuration.nix").write_text(MODULE.replace("server.enable ", "server.enabled "))
    assert json.loads(in_format("gitlab", tmp_path)) == []


def test_reviewdog_counts_columns_in_bytes_and_gets_fixes(project: Path) -> None:
    """What stands before the mistake has more bytes than characters; what is suggested is what `--fix` writes."""
    (project / "headscale.nix").write_text(MODULE.replace("      derp", "      /* ü港 */ derp"))
    (mistake, _) = json.loads(in_format("rdjson"))["diagnostics"]
    start, end = mistake["location"]["range"]["start"], mistake["location"]["range"]["end"]
    line = (project / "headscale.nix").read_bytes().splitlines()[start["line"] - 1]
    assert line[start["column"] - 1 : end["column"] - 1] == b"enable"
    assert mistake["code"]["url"].endswith("/rules/settings/misplaced_setting.md")
    assert [each["text"] for each in mistake["suggestions"]] == ["enabled"]


@pytest.mark.usefixtures("project")
def test_checkstyle_lists_problems_by_file() -> None:
    """With lines, columns and severities of its own; text is text whatever is in it."""
    root = ET.fromstring(in_format("checkstyle"))
    assert (root.tag, [file.get("name") for file in root]) == ("checkstyle", ["flake.nix", "headscale.nix"])
    reported = [dict(error.attrib) for file in root for error in file]
    assert reported[1] == {
        "line": "8",
        "column": "19",
        "severity": "warning",
        "message": "derp.server.enable is not read; Headscale reads derp.server.enabled",
        "source": "hslint.misplaced-setting",
    }
    assert reported[0]["message"].endswith("not & today")
    assert {each.tag for each in root.iter()} == {"checkstyle", "file", "error"}


def junit(text: str) -> tuple[dict[str, str], list[tuple[str, list[str]]]]:
    """The counts of the suite, and each test with the elements inside, after a look at whether JUnit's form is kept."""
    root = ET.fromstring(text)
    (suite,) = root
    assert (root.tag, suite.tag) == ("testsuites", "testsuite")
    cases = [(case.get("name", ""), [each.tag for each in case]) for case in suite]
    assert all(case.tag == "testcase" and case.get("classname") for case in suite)
    for element, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert suite.get(count) == str(sum(tags.count(element) for _, tags in cases))
    assert suite.get("tests") == str(len(cases))
    return dict(suite.attrib), cases


def test_junit_fails_what_fails_the_check(project: Path) -> None:
    """What is milder passes and is reported; what could not be evaluated is skipped."""
    mistake, skipped = "misplaced-setting at headscale.nix:8:19", "not-evaluated at flake.nix:4:29"
    assert junit(in_format("junit"))[1] == [(mistake, ["failure"]), (skipped, ["skipped"])]
    (project / "hslint.toml").write_text('fail-on = "error"\n')
    assert junit(in_format("junit"))[1] == [(mistake, ["system-out"]), (skipped, ["skipped"])]


def test_junit_has_a_test_where_nothing_was_found(tmp_path: Path) -> None:
    """A suite without tests is taken for one that did not run."""
    (tmp_path / "configuration.nix").write_text(MODULE.replace("server.enable ", "server.enabled "))
    assert junit(in_format("junit", tmp_path))[1] == [("no problems found", [])]


def test_a_rule_that_crashes_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In JUnit's sense; other formats list it beside the findings."""
    monkeypatch.setattr("hslint.checking.all_rules", lambda: CRASHING)
    (tmp_path / "configuration.nix").write_text("{ services.headscale.enable = true; }\n")
    checked = check([str(tmp_path)], Request())
    _, cases = junit("\n".join(report("junit", checked)))
    assert [tags for _, tags in cases] == [["failure"], ["error"]]
    for form in ("gitlab", "rdjson", "checkstyle", "azure", "markdown"):
        assert "the rule crashing failed on default: ZeroDivisionError" in "\n".join(report(form, checked))


@pytest.mark.usefixtures("project")
def test_azure_gets_commands_that_text_cannot_end() -> None:
    """Properties and messages are escaped as Azure Pipelines reads them."""
    assert in_format("azure").splitlines() == [
        (
            "##vso[task.logissue type=warning;sourcepath=headscale.nix;linenumber=8;columnnumber=19;code=misplaced-setting;]"
            "derp.server.enable is not read; Headscale reads derp.server.enabled"
        ),
        (
            "##vso[task.logissue type=warning;sourcepath=flake.nix;linenumber=4;columnnumber=29;code=not-evaluated;]"
            "host b could not be evaluated: flake.nix:4: not & today"
        ),
    ]


def test_azure_escapes_names_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A semicolon would begin another property, a bracket the message."""
    monkeypatch.delenv("BUILD_SOURCESDIRECTORY", raising=False)
    directory = tmp_path / "a;b]c%"
    directory.mkdir()
    (tmp_path / ".git").mkdir()
    (directory / "configuration.nix").write_text(MODULE)
    (line,) = in_format("azure", directory).splitlines()
    assert ";sourcepath=a%3Bb%5Dc%AZP25/configuration.nix;" in line


@pytest.mark.usefixtures("project")
def test_markdown_is_a_table_with_what_there_is_to_know_beside_it() -> None:
    """For the summary of a job."""
    assert in_format("markdown").splitlines() == [
        "## hslint: 1 warning in 1 file (1 host with Headscale; 1 host could not be evaluated)",
        "",
        "| | where | what | rule |",
        "| --- | --- | --- | --- |",
        (
            "| warning | `headscale.nix:8` | derp.server.enable is not read; Headscale reads derp.server.enabled | "
            "[misplaced-setting](https://github.com/hslint/hslint/blob/main/rules/settings/misplaced_setting.md) |"
        ),
        "",
        "- host b could not be evaluated: flake.nix:4: not & today",
        "- 1 problem can be fixed with --fix",
    ]


def test_every_format_is_documented() -> None:
    """In the order of the help, a row each."""
    from hslint.reporters import FORMATS

    page = (ROOT / "docs" / "formats.md").read_text()
    assert tuple(re.findall(r"^\| `([a-z]+)` \|", page, re.MULTILINE)) == FORMATS
