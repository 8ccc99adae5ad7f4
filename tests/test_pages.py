"""The harness that runs rule pages: marks and reports must agree, both ways."""

from pathlib import Path

import pytest

from hslint.testing import Example, Mark, examples

pytest_plugins = ["pytester"]

# A rule that a third party might write. It reports every definition of `port`, and knows a remedy.
RULE = '''
from hslint.edits import Edit
from hslint.rule import Effect, Fix, Host, Iterator, Problem, rule


@rule(Effect.BROKEN)
def port_set(host: Host) -> Iterator[Problem]:
    """The port is set."""
    setting = host.setting("port")
    if setting is not None and setting.binding is not None and setting.expression.text != "8080":
        edits = (Edit(setting.expression, "8080"),)
        yield Problem("the port is set", setting.binding, fix=Fix("write 8080", edits, safe=True))
'''

GOOD = """# port-set

Why.

## Wrong

```nix
{
  services.headscale.enable = true;
  services.headscale.port = 8081;
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ port-set
}
```

```nix fixed
{
  services.headscale.enable = true;
  services.headscale.port = 8080;
}
```

## Right

```nix
{
  services.headscale.enable = true;
}
```
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> "Run":
    return Run(pytester, monkeypatch)


class Run:
    """Runs a page beside the rule, as a package of rules of its own would, and nothing else of hslint."""

    def __init__(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pytester = pytester
        self.monkeypatch = monkeypatch

    def __call__(self, page: str, rule: str = RULE) -> pytest.RunResult:
        import importlib.util
        import sys

        path = self.pytester.path / "rules" / "port_set.py"
        path.parent.mkdir()
        path.write_text(rule)
        path.with_suffix(".md").write_text(page, encoding="utf-8")
        spec = importlib.util.spec_from_file_location("foreign.ports.port_set", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        self.monkeypatch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
        for user in ("hslint.checking", "hslint.testing"):
            self.monkeypatch.setattr(f"{user}.all_rules", lambda: (module.port_set,))
        return self.pytester.runpytest_inprocess(
            "-p", "hslint.testing", "-p", "no:cacheprovider", "-p", "no:asyncio", "-q"
        )


def said(result: pytest.RunResult) -> str:
    return result.stdout.str()


def test_a_page_whose_marks_and_reports_agree_passes(run: Run) -> None:
    """Its heading, and each example, is a test."""
    run(GOOD).assert_outcomes(passed=3)


def test_an_unmarked_report_is_named_with_its_place(run: Run) -> None:
    """File, line and columns from 1, rule, message."""
    page = GOOD.replace("true;\n}\n```\n", "true;\n  services.headscale.port = 1;\n}\n```\n")
    result = run(page)
    result.assert_outcomes(passed=2, failed=1)
    assert "reported, not marked: configuration.nix:3:3-31 port-set: the port is set" in said(result)


def test_a_mark_without_a_report_fails(run: Run) -> None:
    """A rule that falls silent is noticed."""
    page = GOOD.replace("true;\n}\n```\n", "true;\n# ^^^ port-set\n}\n```\n")
    result = run(page)
    result.assert_outcomes(passed=2, failed=1)
    assert "marked, not reported: configuration.nix:2:3-6 port-set" in said(result)


def test_carets_one_column_off_fail(run: Run) -> None:
    """The exact place is part of the promise."""
    result = run(GOOD.replace("# ^^^", "#  ^^"))
    result.assert_outcomes(passed=2, failed=1)
    assert "marked, not reported" in said(result)
    assert "reported, not marked" in said(result)


def test_carets_to_the_end_of_the_line_mark_what_goes_on_below(run: Run) -> None:
    """The first line is all that can be underlined."""
    page = GOOD.replace(
        "## Right",
        """## More cases

```nix
{
  services.headscale.enable = true;
  services.headscale.port =
# ^^^^^^^^^^^^^^^^^^^^^^^^^ port-set
    8081;
}
```

## Right""",
    )
    run(page).assert_outcomes(passed=4)


def test_a_fix_that_yields_something_else_fails(run: Run) -> None:
    """What it yields is shown."""
    result = run(GOOD.replace("```nix fixed\n{", "```nix fixed\n# other\n{"))
    result.assert_outcomes(passed=2, failed=1)
    assert "the fix makes this of configuration.nix" in said(result)


def test_a_fix_that_would_go_on_for_ever_fails(run: Run) -> None:
    """What it yields must satisfy the rule."""
    page = GOOD.replace("port = 8080;", "port = 8081;")
    result = run(page, RULE.replace('"8080"),', '"8081"),'))
    result.assert_outcomes(passed=2, failed=1)
    assert "what the fix yields would be fixed again" in said(result)


def test_a_page_has_its_rule_s_name_and_both_sections(run: Run) -> None:
    """`hslint explain` relies on them."""
    result = run(GOOD.replace("# port-set\n\nWhy", "# ports\n\nWhy"))
    result.assert_outcomes(passed=2, failed=1)
    assert "the page must begin with '# port-set'" in said(result)


def test_an_example_of_several_files_is_checked_from_its_flake(run: Run) -> None:
    """A line with a name heads each block; the mark stands in the file where the report is."""
    page = GOOD.replace(
        "## Right",
        """## More wrong

`flake.nix`:

```nix
{
  outputs = { nixpkgs, ... }: {
    nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [ ./hosts/a.nix ]; };
  };
}
```

`hosts/a.nix`:

```nix
{
  services.headscale.enable = true;
  services.headscale.port = 8081;
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ port-set
}
```

## Right""",
    )
    run(page).assert_outcomes(passed=4)


EXCERPT = """# port-set

Why.

## Wrong

```nix config
  services.headscale.port = 8081;
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ port-set
```

```nix fixed
  services.headscale.port = 8080;
```

## Right

```nix settings
  listen_addr = "127.0.0.1:8080";
```
"""


def test_excerpts_are_checked_as_parts_of_a_module(run: Run) -> None:
    """Marks point at the excerpt's lines, and what a fix makes of it is an excerpt too."""
    run(EXCERPT).assert_outcomes(passed=3)


def test_a_report_in_an_excerpt_is_named_by_its_line_there(run: Run) -> None:
    """What stands around it is not counted."""
    result = run(EXCERPT.replace("# ^^^", "# not marked ^^^"))
    result.assert_outcomes(passed=1, failed=2)
    assert "reported, not marked: configuration.nix:1:3-34 port-set: the port is set" in said(result)


def test_a_report_around_an_excerpt_says_so(run: Run) -> None:
    """Nothing that the page shows is to blame."""
    rule = RULE.replace('host.setting("port")', 'host.setting("enable")')
    result = run(EXCERPT, rule)
    assert "reported, not marked: configuration.nix, outside of what is shown: port-set: the port is set" in said(
        result
    )


def test_a_wrong_fix_of_an_excerpt_is_shown_as_an_excerpt(run: Run) -> None:
    """So that it can be copied to the page."""
    result = run(EXCERPT.replace("port = 8080;", "port = 1;"))
    result.assert_outcomes(passed=2, failed=1)
    assert "the fix makes this of configuration.nix:\n  services.headscale.port = 8080;\n\n" in f"{said(result)}\n\n"


def test_a_word_that_no_example_begins_with_is_refused(run: Run) -> None:
    """Otherwise the example would never be run."""
    result = run(EXCERPT.replace("nix settings", "nix setings"))
    result.assert_outcomes(passed=1, failed=1)
    assert "'```nix setings' begins no example; after ```nix stands nothing, fixed, config or settings" in said(result)


# -- reading pages -------------------------------------------------------------------------------------------------------


def only(page: str) -> Example:
    (example,) = examples(page)
    return example


def test_marks_are_taken_out_of_the_text() -> None:
    """Lines count without them, so that real places are compared."""
    example = only("```nix\na\n# ^ one\nb\n```\n")
    assert example.files == {"configuration.nix": "a\nb\n"}
    assert example.marks == [Mark("configuration.nix", 0, 2, 3, "one")]


def test_an_excerpt_becomes_a_whole_file() -> None:
    """Marks and what a fix yields are moved along."""
    page = "```nix settings\n  log.level = 1;\n  #           ^ one\n```\n\n```nix fixed\n  log.level = 2;\n```\n"
    example = only(page)
    lines = example.files["configuration.nix"].splitlines()
    (mark,) = example.marks
    assert lines[mark.line - 1 :] == ["services.headscale.settings = {", "  log.level = 1;", "};", "}"]
    assert (mark.start, mark.end) == (14, 15)
    assert example.fixed == {"configuration.nix": example.files["configuration.nix"].replace("1;", "2;")}


def test_several_marks_may_speak_of_one_line() -> None:
    """One comment line for each report."""
    example = only("```nix\n  a b\n  # ^ one\n# ^ two\n```\n")
    assert [(mark.line, mark.start, mark.rule) for mark in example.marks] == [(0, 4, "one"), (0, 2, "two")]


def test_comments_that_are_no_marks_stay() -> None:
    """Only carets and a rule's name make a mark."""
    text = "a # ^ one\n# ^ is how it is marked\n# plain\n"
    assert only(f"```nix\n{text}```\n").files == {"configuration.nix": text}


@pytest.mark.parametrize(
    ("line", "release", "module"),
    [
        ("Headscale 0.26", "0.26", None),
        ("Headscale 0.26, module nixpkgs-25.05", "0.26", "nixpkgs-25.05"),
        ("Headscale 0.26.1, module in-repo.", "0.26.1", "in-repo"),
        ("module nixpkgs-25.11", None, "nixpkgs-25.11"),
        ("Headscale starts with this.", None, None),
    ],
)
def test_a_line_says_what_the_next_example_is_checked_against(
    line: str, release: str | None, module: str | None
) -> None:
    """And only the next one."""
    first, second = examples(f"{line}\n\n```nix\na\n```\n\n```nix\nb\n```\n")
    assert (first.release, first.module) == (release, module)
    assert (second.release, second.module) == (None, None)


def test_blocks_of_other_languages_are_no_examples() -> None:
    """YAML, a console."""
    assert list(examples("```yaml\na: 1\n```\n\n```\nplain\n```\n")) == []


def test_our_own_pages_are_collected(request: pytest.FixtureRequest) -> None:
    """The plugin is switched on where this project's tests run."""
    assert request.config.pluginmanager.hasplugin("hslint.testing")
    assert any(Path(request.config.rootpath, "rules").rglob("*.md"))
