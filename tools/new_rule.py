#!/usr/bin/env python3
"""Writes the skeleton of a rule, its function and its page, which pass all checks as they are.

    make rule NAME=relay-without-name SUBJECT=network

CONTRIBUTING.md goes through what comes next.
"""

import keyword
import re
import sys
from pathlib import Path

from hslint.suppression import RULES as SUPPRESSIONS

ROOT = Path(__file__).resolve().parent.parent

#: The longest name whose function fits on a line; those of today have half of it.
LONGEST_NAME = 60

#: A placeholder that must not be left on a page: a test looks for it.
UNWRITTEN = "What is wrong, what follows from it"

FUNCTION = '''"""What is wrong, in a few words."""

from hslint.rule import Effect, Host, Iterator, Problem, rule


@rule(Effect.ADVICE)
def {function}(host: Host) -> Iterator[Problem]:
    """What follows, in a sentence."""
    setting = host.setting("settings.log.level")
    if setting.text == "trace":
        yield Problem(f"log.level {{setting.text}} fills the journal", at=setting.at)
'''

PAGE = f"""# {{name}}

{UNWRITTEN}, and since which release of Headscale; by which function of its source, or option of the module. What to do instead.

## Wrong

```nix settings
  log.level = "trace";
  #           ^^^^^^^ {{name}}
```

## Right

```nix settings
  log.level = "info";
```

## More cases

What cannot be told is not checked.

```nix settings
  log.level = config.services.mine.level;
```
"""


class Refused(Exception):
    """Why there is no such rule to be made, and what to do."""


def write(rules: Path, subject: str, name: str) -> list[Path]:
    """The files of the new rule. Raises Refused."""
    subjects = sorted(path.parent.name for path in rules.glob("*/__init__.py"))
    if subject not in subjects:
        said = f"there is no subject {subject}" if subject else "SUBJECT is missing"
        raise Refused(f"{said}; the subjects are {', '.join(subjects)}")
    if not name:
        raise Refused("NAME is missing; it says what is wrong, as in relay-without-name")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) or keyword.iskeyword(name):
        raise Refused(
            f"{name} is no name of a rule; it takes lower-case words joined by hyphens, as in relay-without-name"
        )
    if len(name) > LONGEST_NAME:
        raise Refused(f"{name} has {len(name)} characters; a rule's name has at most {LONGEST_NAME}")
    function = name.replace("-", "_")
    for taken in rules.glob(f"*/{function}.py"):
        raise Refused(f"{name} exists already: {taken.relative_to(rules.parent)}")
    if name in {rule.name for rule in SUPPRESSIONS}:
        raise Refused(f"{name} exists already: it looks after suppressions")
    written = [rules / subject / f"{function}{suffix}" for suffix in (".py", ".md")]
    for path, text in zip(written, (FUNCTION.format(function=function), PAGE.format(name=name)), strict=True):
        path.write_text(text, encoding="utf-8")
    return written


def main(subject: str, name: str) -> int:
    try:
        written = write(ROOT / "rules", subject, name)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    function, page = (path.relative_to(ROOT) for path in written)
    print(f"wrote {function} and {page}; what they say is checked by: .venv/bin/pytest {page}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: make rule NAME=… SUBJECT=…")
    sys.exit(main(*sys.argv[1:]))
