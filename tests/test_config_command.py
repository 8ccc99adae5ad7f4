"""`hslint config`: the settings that hold and where each comes from; the schema of the file."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft7Validator

from hslint import schemas
from hslint.cli import main
from hslint.settings import KEYS

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = json.loads(schemas.schema("hslint"))

SETTINGS = """# the release of production
headscale = "0.28"
time-limit = 120
baseline = "known.json"

[[assert]]
option = "settings.log.level"
condition = 'value != "debug"'
message = "debug says too much"
severity = "warning"

[severity]
storage = "note"

[hosts.vpn]
headscale = "0.27"

[per-path-ignore]
"tests/*" = ["dns"]
"""

WHERE = {
    "headscale": "2:1",
    "time-limit": "3:1",
    "baseline": "4:1",
    "assert": "6:3",
    "severity": "12:2",
    "hosts": "15:2",
    "per-path-ignore": "18:2",
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "configuration.nix").write_text("{ services.headscale.enable = true; }\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def config(*arguments: str) -> str:
    done = CliRunner().invoke(main, ["config", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_each_setting_is_shown_with_where_it_comes_from(tree: Path) -> None:
    """Its line, or that it is the default. The text is one that hslint.toml may have."""
    (tree / "hslint.toml").write_text(SETTINGS)
    shown = json.loads(config("show", "--format", "json"))
    assert (shown["version"], shown["root"], shown["file"]) == (1, str(tree), str(tree / "hslint.toml"))
    assert {*shown["settings"]} == {*KEYS}
    found = {key: each["from"] for key, each in shown["settings"].items() if each["from"] != "default"}
    assert found == {key: f"hslint.toml:{place}" for key, place in WHERE.items()}
    values = {key: each["value"] for key, each in shown["settings"].items()}
    assert (values["headscale"], values["module"], values["severity"]) == ("0.28", None, {"storage": "note"})

    text = config("show")
    assert text.startswith("# hslint.toml\n")
    assert re.search(r'^headscale = "0.28" +# hslint.toml:2:1$', text, re.MULTILINE)
    assert re.search(r"^# module: inferred +# default$", text, re.MULTILINE)
    assert re.search(r"^\[\[assert\]\] +# hslint.toml:7:1$", text, re.MULTILINE)
    again = tomllib.loads(text)
    written = tomllib.loads(SETTINGS)
    assert {key: again[key] for key in written if key != "assert"} == {
        k: v for k, v in written.items() if k != "assert"
    }
    (tree / "hslint.toml").write_text(text)
    (tree / "known.json").write_text('{"version": 1, "entries": []}')
    assert json.loads(config("show", "--format", "json"))["settings"]["assert"]["value"] == values["assert"]


def test_places_are_those_of_the_own_table(tree: Path) -> None:
    """Of a pyproject.toml."""
    (tree / "pyproject.toml").write_text(
        '[tool.other]\nignore = []\n[tool.hslint]\nignore = ["dns"]\n[tool.hslint.severity]\nstorage = "note"\n'
    )
    settings = json.loads(config("show", "--format", "json"))["settings"]
    assert settings["ignore"]["from"] == "pyproject.toml:4:1"
    assert settings["severity"]["from"] == "pyproject.toml:5:14"


def test_without_a_file_the_defaults_are_shown(tree: Path) -> None:
    assert config("show", str(tree)).startswith("# no settings file; the defaults hold\n")
    assert json.loads(config("show", "--format", "json"))["file"] is None


def test_config_without_a_command_is_its_help() -> None:
    done = CliRunner().invoke(main, ["config"])
    assert "Commands:\n" in done.output and "\ufffd" not in done.output


# -- the schema ----------------------------------------------------------------------------------------------------------


def errors(text: str) -> list[str]:
    return [error.message for error in Draft7Validator(SCHEMA).iter_errors(tomllib.loads(text))]


def test_the_schema_has_every_key_and_no_other() -> None:
    """In SchemaStore's form: draft 7, an address there, sorted keys, a description each, nothing that is not described."""
    Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == "https://json.schemastore.org/hslint.json"
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert [*SCHEMA["properties"]] == sorted(KEYS)

    def described(schema: Any) -> None:
        if schema.get("type") == "object":
            assert "additionalProperties" in schema
        for inner in (*schema.get("properties", {}).values(), *schema.get("definitions", {}).values()):
            assert inner["description"][0].isupper()
            described(inner)

    described(SCHEMA)


def test_the_schema_takes_what_hslint_takes() -> None:
    """The examples of the manual among it."""
    assert errors(SETTINGS) == []
    for page in ("settings.md", "team-rules.md"):
        for example in re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL):
            assert errors(example) == [], page


@pytest.mark.parametrize(
    "text",
    [
        "ignores = []",
        'ignore = "dns"',
        'fail-on = "fatal"',
        "headscale = 0.28",
        'headscale = "new"',
        "severity = []",
        "[severity]\ndns = 3",
        "time-limit = 0",
        "possible = 1",
        '[hosts]\na = "0.28"',
        '[hosts.a]\nheadscal = "0.28"',
        "assert = 1",
        '[[assert]]\noption = "port"',
        '[[assert]]\noption = "port"\ncondition = "true"\nmessage = "x"\nname = "My rule"',
        '[per-path-ignore]\n"a.nix" = "dns"',
    ],
)
def test_the_schema_refuses_what_hslint_refuses(tree: Path, text: str) -> None:
    """An editor says it before hslint does."""
    assert errors(text)
    (tree / "hslint.toml").write_text(text)
    assert CliRunner().invoke(main, ["config", "show"]).exit_code == 2


def test_the_schemas_are_printed() -> None:
    for name in schemas.NAMES:
        assert config("schema", name) == schemas.schema(name)
    assert config("schema") == schemas.schema("hslint")
