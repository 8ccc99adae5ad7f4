#!/usr/bin/env python3
"""Writes hslint/hosts/network/public_suffixes.json: the names that registries and providers give out names below.

    pip install publicsuffixlist
    tools/public_suffixes.py --write

The package `publicsuffixlist` holds a copy of the list of publicsuffix.org. Only its rules are taken, none of its text: by the
name above them, in ASCII. Prints what would change in numbers, and with --write writes it.
"""

import argparse
import json
import re
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

STORED = Path(__file__).parent.parent / "hslint" / "hosts" / "network" / "public_suffixes.json"
PACKAGE = "publicsuffixlist"

_SECTION = re.compile(r"// ===BEGIN (ICANN|PRIVATE) DOMAINS===")
_VERSION = re.compile(r"// VERSION: (\d{4}-\d{2}-\d{2})")


def rules(text: str) -> dict[str, dict[str, list[str]]]:
    """The rules by their section ("icann", "private") and by the name above them: `*.ck` and `!www.ck` are `*` and `!www` of "ck"."""
    found: dict[str, dict[str, list[str]]] = {"icann": {}, "private": {}}
    section = None
    for line in text.splitlines():
        begins = _SECTION.match(line)
        if begins is not None:
            section = found[begins[1].lower()]
        if section is None or not line.strip() or line.startswith("//"):
            continue
        rule = line.split()[0].lower()
        mark = "!" if rule.startswith("!") else ""
        first, _, above = ascii_name(rule.removeprefix("!")).partition(".")
        section.setdefault(above, []).append(mark + first)
    return found


def ascii_name(name: str) -> str:
    return ".".join(label if label == "*" else label.encode("idna").decode() for label in name.split("."))


def written(text: str) -> str:
    """The data file, a name above on each line."""
    date = _VERSION.search(text)
    if date is None:
        raise SystemExit(f"{PACKAGE}: the list does not say its date (a line `// VERSION: …`)")
    about = {
        "about": "The rules of the Public Suffix List (https://publicsuffix.org/list/), by the name above them. "
        f"Made by tools/public_suffixes.py from the package {PACKAGE} {version(PACKAGE)}; do not edit.",
        "licence of the list": "MPL-2.0 (https://mozilla.org/MPL/2.0/)",
        "date": date[1],
    }
    parts = [f" {json.dumps(name)}: {json.dumps(value)}" for name, value in about.items()]
    for section, groups in rules(text).items():
        lines = [
            f"  {json.dumps(above)}: {json.dumps(' '.join(sorted(names)))}" for above, names in sorted(groups.items())
        ]
        parts.append(f' "{section}": {{\n' + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def count(text: str) -> int:
    stored = json.loads(text)
    return sum(len(names.split()) for section in ("icann", "private") for names in stored[section].values())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    new = written(files(PACKAGE).joinpath("public_suffix_list.dat").read_text("utf-8"))
    old = STORED.read_text("utf-8") if STORED.exists() else '{"date": "none", "icann": {}, "private": {}}'
    print(f"{count(old)} rules of {json.loads(old)['date']}, now {count(new)} of {json.loads(new)['date']}")
    if options.write:
        STORED.write_text(new, "utf-8")


if __name__ == "__main__":
    main()
