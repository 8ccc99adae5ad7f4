"""`make rule`: what it writes passes every check as it is, and it writes over nothing."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from new_rule import UNWRITTEN, Refused, write

from hslint.plugins import rules

ROOT = Path(__file__).resolve().parent.parent
LONG = "a-relay-that-has-no-name-and-is-therefore-not-shown-to-clients"[:60]

pytest_plugins = ["pytester"]


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A directory of rules with two subjects and one rule."""
    for subject in ("dns", "network"):
        (tmp_path / "rules" / subject).mkdir(parents=True)
        (tmp_path / "rules" / subject / "__init__.py").write_text('"""Rules."""\n')
    (tmp_path / "rules" / "dns" / "port_set.py").write_text("")
    return tmp_path / "rules"


def refusal(empty: Path, subject: str, name: str) -> str:
    before = sorted(empty.rglob("*"))
    with pytest.raises(Refused) as refused:
        write(empty, subject, name)
    assert sorted(empty.rglob("*")) == before
    return str(refused.value)


def test_the_files_stand_beside_each_other(empty: Path) -> None:
    """Both have the rule's name; the page begins with it."""
    written = write(empty, "network", "relay-without-name")
    assert written == [empty / "network" / "relay_without_name.py", empty / "network" / "relay_without_name.md"]
    assert written[1].read_text().startswith("# relay-without-name\n")


def checked(*command: str | Path) -> str:
    """What a program says of a file, with this project's settings; nothing if it is content."""
    program = Path(sys.executable).with_name(str(command[0]))
    done = subprocess.run([program, *command[1:]], cwd=ROOT, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("name", ["short", LONG])
def test_a_new_rule_is_laid_out_as_the_others_are(empty: Path, name: str) -> None:
    """Whatever the length of its name."""
    module = write(empty, "network", name)[0]
    settings = ("--config", ROOT / "pyproject.toml", "--no-cache")
    assert checked("ruff", "check", *settings, module) == ""
    assert checked("ruff", "format", "--check", *settings, module) == ""


def test_a_new_rule_is_typed(empty: Path) -> None:
    """As strictly as everything else."""
    module = write(empty, "network", "relay-without-name")[0]
    assert checked("mypy", module) == ""


def test_a_new_rule_s_page_agrees_with_it(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside all other rules: no other reports its examples."""
    subject = pytester.path / "rules" / "network"
    subject.mkdir(parents=True)
    (subject / "__init__.py").write_text("")
    module, _ = write(pytester.path / "rules", "network", "relay-without-name")
    spec = importlib.util.spec_from_file_location("foreign.network.relay_without_name", module)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, loaded)
    spec.loader.exec_module(loaded)
    known = (*rules(), loaded.relay_without_name)
    for user in ("hslint.checking", "hslint.testing"):
        monkeypatch.setattr(f"{user}.all_rules", lambda: known)
    result = pytester.runpytest_inprocess("-p", "hslint.testing", "-p", "no:cacheprovider", "-p", "no:asyncio", "-q")
    result.assert_outcomes(passed=4)


def test_a_rule_that_exists_is_not_written_over(empty: Path) -> None:
    """Neither in another subject."""
    assert refusal(empty, "network", "port-set") == "port-set exists already: rules/dns/port_set.py"
    assert (
        refusal(empty, "dns", "unused-suppression") == "unused-suppression exists already: it looks after suppressions"
    )


def test_a_subject_that_does_not_exist_is_refused_with_those_that_do(empty: Path) -> None:
    """A new subject is made by hand."""
    assert refusal(empty, "derp", "relay") == "there is no subject derp; the subjects are dns, network"
    assert refusal(empty, "", "relay") == "SUBJECT is missing; the subjects are dns, network"
    assert refusal(empty, "../rules/dns", "relay") == "there is no subject ../rules/dns; the subjects are dns, network"


@pytest.mark.parametrize("name", ["Relay", "relay_name", "relay--name", "-relay", "9-relays", "../relay", "import"])
def test_what_is_no_name_is_refused(empty: Path, name: str) -> None:
    """It becomes a function's, a file's, and a page's title."""
    assert refusal(empty, "dns", name).startswith(f"{name} is no name of a rule; it takes lower-case words")


def test_a_name_is_needed_and_fits_on_a_line(empty: Path) -> None:
    """An example says how it looks."""
    assert refusal(empty, "dns", "") == "NAME is missing; it says what is wrong, as in relay-without-name"
    assert refusal(empty, "dns", f"a{LONG}").endswith(" has 61 characters; a rule's name has at most 60")


def test_the_command_says_what_is_wrong_in_one_line() -> None:
    """Without a traceback, and with the exit code of what could not run."""
    program = ROOT / "tools" / "new_rule.py"
    done = subprocess.run([sys.executable, program, "dns", "port-clash"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "port-clash exists already: rules/network/port_clash.py\n"


def test_no_rule_was_left_a_skeleton() -> None:
    """Its page would say nothing."""
    assert [page.name for page in (ROOT / "rules").rglob("*.md") if UNWRITTEN in page.read_text("utf-8")] == []
