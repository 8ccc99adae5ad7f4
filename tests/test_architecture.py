"""The architecture: which package may import which, what files are called and how long they are."""

import ast
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest
from source_trees import nodes, tree

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = PYPROJECT["tool"]["importlinter"]["contracts"]

# Names that say nothing about what is inside, and so attract everything.
DRAWERS = {"utils", "util", "helpers", "helper", "common", "base", "core", "types", "manager", "managers", "misc"}

LONGEST_FILE = 700


def modules(*packages: str) -> Iterator[Path]:
    for package in packages:
        yield from sorted((ROOT / package).rglob("*.py"))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def rule_files() -> list[Path]:
    return [path for path in modules("rules") if path.name != "__init__.py"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree as an installation lays it out, which the import contracts are about: rules/ under hslint/."""
    site = tmp_path_factory.mktemp("site")
    only_python = shutil.ignore_patterns("__pycache__", "*.md", "*.json")
    shutil.copytree(ROOT / "hslint", site / "hslint", ignore=only_python)
    shutil.copytree(ROOT / "rules", site / "hslint" / "rules", ignore=only_python)
    return site


def test_the_import_contracts_hold(installed: Path) -> None:
    """Data flows one way; each foreign library is known to one package; a rule sees only hslint.rule."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", ROOT / "pyproject.toml"],
        cwd=installed,
        env={"PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_files_import_each_other_in_circles(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports for types and inside functions count: what they hide is a circle all the same."""
    monkeypatch.delitem(sys.modules, "hslint")  # grimp asks Python's import system where it is
    monkeypatch.syspath_prepend(installed)
    graph = grimp.build_graph("hslint", cache_dir=None)
    assert "hslint.rules" in graph.modules, "the installed tree is not the one that was read"
    circles = {circle for name in graph.modules if (circle := _circle(graph, name))}
    assert sorted(" ".join(sorted(circle)) for circle in circles) == []


def _circle(graph: grimp.ImportGraph, name: str) -> frozenset[str]:
    """What a module imports, through however many others, and what imports it: itself among them. Empty outside any circle."""
    around = graph.find_upstream_modules(name) & graph.find_downstream_modules(name)
    return frozenset({*around, name}) if around else frozenset()


def test_an_import_inside_a_function_says_why_it_comes_late() -> None:
    """The one reason is the time that a start takes: against a circle there are better means."""
    silent = []
    for path in modules("hslint"):
        lines = path.read_text().splitlines()
        functions = (node for node in nodes(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
        inside = {node for function in functions for node in ast.walk(function) if isinstance(node, ast.ImportFrom)}
        for late in inside:
            if (late.module or "").partition(".")[0] == "hslint":
                line, before = lines[late.lineno - 1], lines[late.lineno - 2].lstrip()
                if "  # late: " not in line and not before.startswith(("from ", "import ")):
                    silent.append(f"{relative(path)}:{late.lineno}")
    assert silent == []


def test_the_contract_for_rules_names_every_package_but_one() -> None:
    """A new package is out of bounds for rules without anybody having to think of it."""
    (contract,) = (each for each in CONTRACTS if each["id"] == "rules-see-one-module")
    packages = {f"hslint.{path.stem}" for path in (ROOT / "hslint").iterdir() if path.suffix == ".py" or path.is_dir()}
    packages -= {"hslint.__init__", "hslint.__pycache__", "hslint.rule"}
    assert set(contract["forbidden_modules"]) == packages


@pytest.mark.parametrize("path", rule_files(), ids=relative)
def test_a_rule_imports_the_standard_library_and_hslint_rule_only(path: Path) -> None:
    """Neither another rule nor a third party's library."""
    names = set()
    for node in nodes(path):
        match node:
            case ast.Import(names=aliases):
                names |= {alias.name for alias in aliases}
            case ast.ImportFrom(module=module, level=level):
                names.add("." * level + (module or ""))
            case _:
                pass
    foreign = {name for name in names if name.partition(".")[0] not in sys.stdlib_module_names}
    assert foreign <= {"hslint.rule"}


#: What a rule's author has to know by name.
LARGEST_FACADE = 40


def test_what_a_rule_imports_is_small_and_all_of_it_is_used() -> None:
    """A name that no rule uses goes; what belongs to a subject is reached through the subject's name."""
    import hslint.rule

    used = {
        alias.name
        for path in rule_files()
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and node.module == "hslint.rule"
        for alias in node.names
    }
    assert set(hslint.rule.__all__) == used
    assert len(used) <= LARGEST_FACADE


@pytest.mark.parametrize("path", rule_files(), ids=relative)
def test_a_rule_has_its_page_beside_it(path: Path) -> None:
    """The page's title is the rule's name, which is the file's name."""
    title = path.with_suffix(".md").read_text().splitlines()[0]
    assert title == "# " + path.stem.replace("_", "-")


def test_no_page_has_lost_its_rule() -> None:
    """A page without a rule would be a manual for something that does not exist."""
    pages = {path.with_suffix("") for path in (ROOT / "rules").rglob("*.md")}
    assert pages <= {path.with_suffix("") for path in rule_files()}


def test_no_file_is_a_drawer() -> None:
    """A file's name says what is inside."""
    named = [path for path in modules("hslint", "rules", "tests") if path.stem in DRAWERS]
    packages = [path.parent for path in modules("hslint", "rules") if path.parent.name in DRAWERS]
    assert [relative(path) for path in named + packages] == []


def test_no_file_is_too_long_to_hold_in_the_head() -> None:
    """There are no exceptions: a file that grows past the limit becomes a package."""
    lengths = {relative(path): len(path.read_bytes().splitlines()) for path in modules("hslint", "rules", "tests")}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_every_file_says_in_its_first_line_what_it_does() -> None:
    """A rule may say it in the docstring of its one function instead."""
    silent = [
        relative(path) for path in modules("hslint", "tests") if not (ast.get_docstring(tree(path)) or "").strip()
    ]
    assert silent == []


def test_no_start_pays_for_dataclasses() -> None:
    """hslint.record makes such classes for a thirtieth of the price, and reads the annotations as text."""
    pays, unread = [], []
    for path in modules("hslint", "rules"):
        imported = {node.module: node.names for node in nodes(path) if isinstance(node, ast.ImportFrom)}
        if "dataclasses" in imported and path.name != "testing.py":
            pays.append(relative(path))
        if "hslint.record" in imported and "__future__" not in imported:
            unread.append(relative(path))
    assert (pays, unread) == ([], [])
