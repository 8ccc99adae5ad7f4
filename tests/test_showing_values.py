"""Values as reports show them: however large or endless, the text is short and made of what is shown alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluated import evaluator, value_of

from hslint.hosts import Options
from hslint.hosts.search import open_project
from hslint.hosts.setting import strings_in
from hslint.modules.show import pretty
from hslint.reporters import show_json, show_text
from hslint.reporters.values import WIDTH, one_line
from hslint.values.budget import with_deep_stack
from hslint.values.nesting import Walk
from hslint.values.to_python import to_python
from hslint.values.value import Lazy, Unknown, Value, Why

CYCLES = ["let s = { a = s; }; in s", "let l = [ l l ]; in l", "let s = { a = [ s ]; b = s; }; in s"]
SHARED = "builtins.foldl' (a: b: { l = a; r = a; }) { x = 1; } (builtins.genList (x: x) 40)"


def _value(text: str) -> Value:
    return value_of(evaluator(), text)


@pytest.mark.parametrize("text", [*CYCLES, SHARED])
def test_a_line_ends_where_it_is_cut_off(text: str) -> None:
    line = one_line(_value(text), ("foo",))
    assert len(line) <= WIDTH and line.endswith("…")


def test_what_is_cut_off_is_not_looked_at() -> None:
    """The elements behind the edge of the line are not even forced."""
    behind = Lazy(lambda _: pytest.fail("nobody asked for it"))
    value = _value('[ "' + "x" * 200 + '" ]')
    value.items.append(behind)  # type: ignore[union-attr]
    assert one_line(value, ("foo",)).endswith("…")


@pytest.mark.parametrize("text", [*CYCLES, SHARED])
def test_a_message_shows_a_part_of_it(text: str) -> None:
    assert len(pretty(_value(text))) < 100_000


@pytest.mark.parametrize("text", CYCLES)
def test_what_contains_itself_has_no_value_in_python(text: str) -> None:
    found = to_python(_value(text))
    assert isinstance(found, Unknown) and "infinite recursion" in found.detail


def test_what_unfolds_without_an_end_has_none_either() -> None:
    found = to_python(_value(SHARED))
    assert isinstance(found, Unknown) and found.why is Why.BUDGET


@pytest.mark.parametrize("text", [*CYCLES[::2], SHARED])
def test_the_strings_in_it_are_not_without_an_end(text: str) -> None:
    assert len([*strings_in(_value(f'[ "a" ({text}) "b" ]'), Walk())]) < 200_000


def test_the_strings_in_a_value_are_those_of_its_lists_and_sets() -> None:
    assert [*strings_in(_value('{ a = [ "x" 1 { b = "y"; } ]; c = "z"; }'), Walk())] == ["x", "y", "z"]


def test_show_ends_at_a_set_that_contains_itself(tmp_path: Path) -> None:
    """As text and as JSON, the place is said to fail, as Nix does when it writes the file."""
    settings = "settings.foo = let s = { a = s; b = 1; }; in s;"
    (tmp_path / "configuration.nix").write_text(f"{{ services.headscale = {{ enable = true; {settings} }}; }}")

    def shown() -> tuple[str, dict[str, object]]:
        inspection = open_project([str(tmp_path)], Options())
        return "\n".join(show_text.lines(inspection.hosts[0])), show_json.document(inspection)

    text, document = with_deep_stack(shown)
    assert "foo:\n  a:\n    # fails: stack overflow (possible infinite recursion)\n  b: 1" in text
    settings_shown = document["hosts"]["default"]["headscale"]["settings"]  # type: ignore[index]
    assert settings_shown["foo"] == {"a": {"__error": "recursion"}, "b": 1}
