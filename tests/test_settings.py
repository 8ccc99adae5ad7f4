"""hslint's own settings: where they are found, what they mean, and what is said of wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from hslint.problem import Effect, Severity
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


@pytest.mark.parametrize("pattern", ["tests", "tests/", "./tests", "tests/*", "te*", "*/b.nix"])
def test_a_directory_stands_for_what_lies_in_it(tmp_path: Path, pattern: str) -> None:
    """However it is written, and by whichever link one comes."""
    (tmp_path / "hslint.toml").write_text(f'[per-path-ignore]\n"{pattern}" = ["access"]\n')
    (tmp_path / "link").symlink_to(tmp_path)
    found = settings(tmp_path)
    assert found.ignores_at("secret-inline", "access", str(tmp_path / "tests" / "b.nix"))
    assert found.ignores_at("secret-inline", "access", str(tmp_path / "link" / "tests" / "b.nix"))
    assert not found.ignores_at("secret-inline", "access", str(tmp_path / "flake.nix"))


def test_a_severity_can_be_changed(tmp_path: Path) -> None:
    """That of a rule, or of all rules of a subject but those that are named themselves."""
    (tmp_path / "hslint.toml").write_text(
        '[severity]\naccess = "note"\nserver-url-unset = "warning"\nnetwork = "note"\n'
    )
    found = settings(tmp_path)
    assert found.severity_of("secret-inline", "access", Effect.INSECURE) is Severity.NOTE
    assert found.severity_of("server-url-unset", "network", Effect.FAILS) is Severity.WARNING
    assert found.severity_of("proxy-without-websockets", "network", Effect.BROKEN) is Severity.NOTE
    assert found.severity_of("sqlite-without-wal", "storage", Effect.BROKEN) is Severity.WARNING


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
        ("[severity]\nsecret-inline = 3\n", "hslint.toml:2:1: secret-inline must be error, warning or note"),
        ('[severity]\nacces = "note"\n', "hslint.toml:2:1: unknown rule acces; did you mean access?"),
        ('fail-on = ["error"]\n', "hslint.toml:1:1: fail-on must be error, warning or note"),
        ('[per-path-ignore]\n"a.nix" = "access"\n', "hslint.toml:2:2: a.nix must be a list of rule names"),
        ('headscale = "new"\n', "hslint.toml:1:14: new is no release; write it like 0.28 or 0.28.0"),
        ("# ignores nothing\nignores = []\n", "hslint.toml:2:1: unknown setting ignores; did you mean ignore?"),
        ('select = ["#acces", "acces"]\n', "hslint.toml:1:12: unknown rule #acces; did you mean access?"),
    ],
)
def test_a_wrong_value_says_what_to_write(tmp_path: Path, text: str, message: str) -> None:
    """Every kind of mistake has its place and its way out."""
    (tmp_path / "hslint.toml").write_text(text)
    assert problem(tmp_path) == message


def test_a_module_that_does_not_exist_is_named_with_those_that_do(tmp_path: Path) -> None:
    """The list is that of `--module`."""
    (tmp_path / "hslint.toml").write_text('module = "nixpkgs-19.03"\n')
    said = problem(tmp_path)
    assert said.startswith("hslint.toml:1:11: there is no module nixpkgs-19.03; known are in-repo, ")
    assert "nixpkgs-26.05" in said


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"ignore = [\n", "hslint.toml: is not valid TOML: Invalid value (at end of document)"),
        (b'ignore = ["\xff"]\n', "hslint.toml:1:12: is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    """Whatever is wrong with it."""
    (tmp_path / "hslint.toml").write_bytes(content)
    assert problem(tmp_path) == message


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    """Some editors write one."""
    (tmp_path / "hslint.toml").write_bytes(b'\xef\xbb\xbfheadscale = "0.27"\n')
    assert settings(tmp_path).headscale == "0.27"


def test_settings_that_are_no_file_of_the_project_are_not_passed_over(tmp_path: Path) -> None:
    """A directory, or a link to the outside, which hslint does not follow."""
    project = tmp_path / "project"
    (project / "hslint.toml").mkdir(parents=True)
    assert problem(project) == "hslint.toml: is a directory"
    (project / "hslint.toml").rmdir()
    (tmp_path / "other.toml").write_text('headscale = "0.27"\n')
    (project / "hslint.toml").symlink_to(tmp_path / "other.toml")
    assert problem(project) == "hslint.toml: lies outside the project"


def test_in_pyproject_only_the_own_table_counts(tmp_path: Path) -> None:
    """Other tools' tables and broken files are theirs; places are looked for in hslint's."""
    file = tmp_path / "pyproject.toml"
    file.write_text('[tool.other]\nignore = ["acces"]\n\n[tool.hslint]\nignore = ["acces"]\n')
    assert problem(tmp_path) == "pyproject.toml:5:12: unknown rule acces; did you mean access?"
    file.write_text("[tool]\nhslint = 3\n")
    assert problem(tmp_path) == "pyproject.toml:2:1: tool.hslint must be a table"
    for other in ("tool = 3\n", "[[[ broken"):
        file.write_text(other)
        assert settings(tmp_path).file == ""
