"""hslint's own settings: where they are found, what they mean, and what is said of wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from hslint.rule import Effect, Severity
from hslint.settings import InvalidSettings, Settings, find_settings
from hslint.source import Project

RULES = ("server-url-unset", "secret-inline", "proxy-without-websockets")
SUBJECTS = ("network", "access")


def settings(directory: Path, start: Path | None = None) -> Settings:
    return find_settings(Project(str(directory)), str(start or directory), RULES, SUBJECTS)


def problem(directory: Path) -> str:
    with pytest.raises(InvalidSettings) as caught:
        settings(directory)
    return str(caught.value)


def test_without_a_file_every_rule_is_selected(tmp_path: Path) -> None:
    """The defaults select everything, ignore nothing and fail on notes."""
    found = settings(tmp_path)
    assert found.selects("server-url-unset", "network")
    assert found.fail_on is Severity.NOTE
    assert found.headscale is None


def test_the_nearest_file_counts_up_to_the_root(tmp_path: Path) -> None:
    """A file in a sub-directory hides the one above it; nothing above the project root is read."""
    root, inner = tmp_path / "project", tmp_path / "project" / "hosts"
    inner.mkdir(parents=True)
    (tmp_path / "hslint.toml").write_text('headscale = "0.22"\n')
    assert settings(root, inner).headscale is None
    (root / "hslint.toml").write_text('headscale = "0.27"\n')
    assert settings(root, inner).headscale == "0.27"
    (inner / "hslint.toml").write_text('headscale = "0.28"\n')
    assert settings(root, inner).headscale == "0.28"


def test_pyproject_counts_only_with_its_table(tmp_path: Path) -> None:
    """A pyproject.toml of somebody else's is passed over."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert settings(tmp_path).headscale is None
    (tmp_path / "pyproject.toml").write_text('[tool.hslint]\nheadscale = "0.27"\n')
    assert settings(tmp_path).headscale == "0.27"


def test_select_and_ignore_take_rules_and_subjects(tmp_path: Path) -> None:
    """A subject stands for its rules; ignoring goes before selecting."""
    (tmp_path / "hslint.toml").write_text('select = ["network"]\nignore = ["server-url-unset"]\n')
    found = settings(tmp_path)
    assert found.selects("proxy-without-websockets", "network")
    assert not found.selects("server-url-unset", "network")
    assert not found.selects("secret-inline", "access")


def test_rules_are_ignored_in_paths_that_match(tmp_path: Path) -> None:
    """Patterns are seen from the settings file; a star matches slashes too."""
    (tmp_path / "hslint.toml").write_text('[per-path-ignore]\n"tests/*" = ["access"]\n')
    found = settings(tmp_path)
    assert found.ignores_at("secret-inline", "access", str(tmp_path / "tests" / "a" / "b.nix"))
    assert not found.ignores_at("secret-inline", "access", str(tmp_path / "hosts" / "b.nix"))
    assert not found.ignores_at("server-url-unset", "network", str(tmp_path / "tests" / "b.nix"))


def test_a_severity_can_be_changed(tmp_path: Path) -> None:
    """The rule named gets the severity named, the others keep theirs."""
    (tmp_path / "hslint.toml").write_text('[severity]\nsecret-inline = "note"\n')
    found = settings(tmp_path)
    assert found.severity_of("secret-inline", Effect.INSECURE) is Severity.NOTE
    assert found.severity_of("server-url-unset", Effect.FAILS) is Severity.ERROR


def test_an_unknown_key_names_its_place_and_the_nearest_right_one(tmp_path: Path) -> None:
    """`ignores` is not a setting; `ignore` is."""
    (tmp_path / "hslint.toml").write_text('headscale = "0.28"\nignores = []\n')
    assert problem(tmp_path) == "hslint.toml:2:1: unknown setting ignores; did you mean ignore?"


def test_an_unknown_rule_names_its_place_and_the_nearest_right_one(tmp_path: Path) -> None:
    """Rules are checked against those that exist."""
    (tmp_path / "hslint.toml").write_text('ignore = ["server-url-unst"]\n')
    assert problem(tmp_path) == "hslint.toml:1:12: unknown rule server-url-unst; did you mean server-url-unset?"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('ignore = "secret-inline"\n', "hslint.toml:1:1: ignore must be a list of rule names"),
        ('fail-on = "fatal"\n', "hslint.toml:1:12: fatal is no severity; write error, warning or note"),
        ("headscale = 0.28\n", 'hslint.toml:1:1: headscale must be a string, such as "0.28"'),
        ("severity = []\n", "hslint.toml:1:1: severity must be a table"),
    ],
)
def test_a_wrong_value_says_what_to_write(tmp_path: Path, text: str, message: str) -> None:
    """Every kind of mistake has its place and its way out."""
    (tmp_path / "hslint.toml").write_text(text)
    assert problem(tmp_path) == message


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    """The reader's own message says where."""
    (tmp_path / "hslint.toml").write_text("ignore = [\n")
    assert problem(tmp_path).startswith("hslint.toml: is not valid TOML: ")
