"""What the README and the showcase promise is what the command does."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HSLINT = Path(sys.executable).with_name("hslint")

# Every mistake of examples/showcase, with the hosts that make it.
SHOWN = {
    ("acme-challenge-unreachable", "lighthouse"),
    ("base-domain-covers-server", "harbour"),
    ("listener-exposed", "harbour"),
    ("metrics-public", "harbour lighthouse"),
    ("misplaced-setting", "lighthouse"),
    ("override-without-nameservers", "harbour"),
    ("privileged-port-without-capability", "lighthouse"),
    ("proxy-without-websockets", "harbour"),
    ("removed-setting", "lighthouse"),
    ("secret-inline", "harbour"),
    ("secret-path-literal", "lighthouse"),
    ("server-url-malformed", "lighthouse"),
    ("sqlite-without-wal", "harbour"),
}


def hslint(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([HSLINT, *arguments], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")


def test_the_screen_in_the_readme_is_real() -> None:
    """The first console block that runs hslint shows its whole output."""
    blocks = re.findall(
        r"^```console\n\$ hslint (check examples/showcase.*)\n((?:.*\n)*?)```$",
        (ROOT / "README.md").read_text(),
        re.MULTILINE,
    )
    ((command, screen),) = blocks
    done = hslint(*shlex.split(command))
    assert done.stderr == ""
    assert done.stdout == screen


def test_the_showcase_shows_each_of_its_mistakes_once() -> None:
    """One cause, one report: the misspelt `derp.server.enable` does not also complain about an empty relay map."""
    done = hslint("check", "examples/showcase", "--format", "json")
    assert done.returncode == 1
    found = [(each["rule"], " ".join(each["hosts"])) for each in json.loads(done.stdout)["findings"]]
    assert sorted(found) == sorted(SHOWN)


README = (ROOT / "README.md").read_text()


def test_it_is_read_in_a_few_minutes() -> None:
    """What is longer stands in docs/, where the README leads to."""
    assert len(README.splitlines()) < 150
    headings = re.findall(r"^## (.*)$", README, re.MULTILINE)
    assert headings == [
        "What it finds",
        "Try it",
        "What it understands",
        "Install",
        "Where it runs",
        "Commands",
        "More",
    ]


def test_its_commands_are_those_of_hslint() -> None:
    """Each exists and has the options that are shown with it."""
    shown = re.findall(r"^\$ hslint (.*?)(?: +#.*)?$", README, re.MULTILINE)
    assert len(shown) > 12
    for line in shown:
        command, *words = shlex.split(line)
        options = {word for word in words if word.startswith("--")}
        assert options <= set(re.findall(r"--[\w-]+", hslint(command, "--help").stdout)), line


def test_one_address_is_what_everything_is_installed_from() -> None:
    """No package index has hslint, and no clone is needed."""
    assert set(re.findall(r"git\+(\S+?)(?=[ `])", README)) == {"https://github.com/hslint/hslint"}
    assert set(re.findall(r"github:(\S+?)(?=[ `])", README)) == {"hslint/hslint"}
    assert "pip install hslint" not in README


def test_the_tags_are_those_of_this_version() -> None:
    """As in the recipes."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert set(re.findall(r"hslint@v([\d.]+)|rev: v([\d.]+)", README)) == {(version, ""), ("", version)}


def test_its_links_lead_somewhere() -> None:
    """And so do those of docs/: to files that exist, and to headings that they have."""
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))):
        text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)", text):
            leads_to = page.parent / target if target else page
            assert leads_to.exists(), f"{page.name}: {target}"
            if anchor:
                headings = re.findall(r"^#+ (.*)$", leads_to.read_text(), re.MULTILINE)
                assert anchor in {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}, anchor
