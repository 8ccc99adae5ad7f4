"""What the README and the showcase promise is what the command does."""

import json
import re
import shlex
import subprocess
import sys
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
