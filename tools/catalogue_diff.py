#!/usr/bin/env python3
"""Shows what changed in Headscale's settings between two tags, and what of it hslint's catalogue does not know.

    tools/catalogue_diff.py CHECKOUT OLD_TAG NEW_TAG [--draft]

CHECKOUT is a clone of Headscale (outside this repository); its files are read with `git show` and nothing is built. For each tag
the program collects what the sources ask viper for: keys read, defaults set, deprecation calls. It prints how NEW_TAG differs
from OLD_TAG, then how it differs from its file in hslint/catalogue/releases/. With --draft it prints such a file for NEW_TAG,
made from the newest known release and the differences: types are guessed from the getters, limits are copied, and what became
of removed keys is taken from the deprecation calls. Read it against the source before it is committed.
"""

import argparse
import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RELEASES = Path(__file__).parent.parent / "hslint" / "catalogue" / "releases"

READ = re.compile(
    r'viper\.(?P<getter>Get\w*|UnmarshalKey)\(\s*"(?P<key>[^"]+)"|(?P<mode>GetFileMode)\(\s*"(?P<mode_key>[^"]+)"'
)
DEFAULT = re.compile(r'viper\.SetDefault\(\s*"(?P<key>[^"]+)",\s*(?P<value>.*?)\s*,?\s*\)(?:\s*//.*)?$', re.MULTILINE)
# The old key comes last, except that fatalIfSet and fatalWithHint name it first.
DEPRECATION = re.compile(r'\bdepr\.(?P<call>\w+)\(\s*"(?P<first>[^"]+)"(?:,\s*(?:"(?P<second>[^"]*)"|`))?')
CONSTANT = re.compile(r'^\s*(?P<name>\w+)(?:\s+\w+)?\s*=\s*(?P<value>"[^"]*"|[0-9]+)\s*(?://.*)?$', re.MULTILINE)

CONSTANT_LINE = r'^\s*[A-Za-z0-9_]+( +[A-Za-z0-9_]+)? += +("[^"]*"|[0-9]+)'
COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)

# Constants of other projects.
FOREIGN = {"oidc.ScopeOpenID": "openid"}

TYPES = {
    "GetBool": "bool",
    "GetInt": "int",
    "GetInt64": "int",
    "GetDuration": "duration",
    "GetStringSlice": {"listOf": "str"},
    "GetStringMapString": {"attrsOf": "str"},
    "GetStringMapStringSlice": {"attrsOf": {"listOf": "str"}},
    "GetFileMode": "file mode",
}
FATES = {
    "fatal": "refused",
    "fatalIfSet": "refused",
    "fatalWithHint": "refused",
    "fatalIfNewKeyIsNotUsed": "refused unless replaced",
    "warn": "warned",
    "warnNoAlias": "warned",
    "warnWithAlias": "warned",
}


@dataclass
class Seen:
    """What the sources of one tag ask viper for."""

    getters: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, object] = field(default_factory=dict)
    deprecations: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)

    @property
    def reads(self) -> set[str]:
        """Keys whose value is used: a key that is only looked at to warn about it does not count."""
        return {key for key in self.getters if self.fate(key) in (None, "warned")} - self._only_warned()

    def _only_warned(self) -> set[str]:
        return {old for old, (call, new) in self.deprecations.items() if call == "warnNoAlias" and new in self.getters}

    def fate(self, key: str) -> str | None:
        call, new = self.deprecations.get(key, (None, None))
        if call is None:
            return None
        # viper.IsSet is true for a key with a default, so the refusing branch is never reached there.
        if call == "fatalIfNewKeyIsNotUsed" and new in self.defaults:
            return "warned"
        return FATES.get(call, call)


def git(checkout: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(checkout), *arguments], check=True, capture_output=True, text=True, encoding="utf-8"
    ).stdout


def seen_in(checkout: Path, tag: str) -> Seen:
    """Reads every Go file of the server that mentions viper; tests and the integration suite set keys of their own."""
    listed = git(
        checkout, "grep", "-l", "-E", r"viper\.|GetFileMode\(", tag, "--", "hscontrol/*.go", "cmd/*.go", "*.go"
    )
    files = sorted(line.partition(":")[2] for line in listed.splitlines())
    used = [path for path in files if not path.endswith("_test.go") and not path.startswith("integration/")]
    texts = [COMMENT.sub("", git(checkout, "show", f"{tag}:{path}")) for path in used]
    constants: dict[str, object] = dict(FOREIGN)
    # Constants may stand in the files beside: hscontrol/types/const.go has those of TLS and logging.
    packages = {path.rpartition("/")[0] for path in used}
    beside = git(
        checkout,
        "grep",
        "-h",
        "-E",
        CONSTANT_LINE,
        tag,
        "--",
        *(f"{package}/*.go" for package in sorted(packages) if package),
    )
    for text in [beside, *texts]:
        constants |= {
            found["name"]: json.loads(found["value"]) for found in CONSTANT.finditer(text) if "\\" not in found["value"]
        }
    seen = Seen()
    for text in texts:
        seen.named |= set(re.findall(r'"([a-z0-9_]+(?:\.[a-z0-9_]+)*)"', text))
        for found in READ.finditer(text):
            seen.getters[(found["key"] or found["mode_key"]).lower()] = found["getter"] or found["mode"]
        for found in DEFAULT.finditer(text):
            seen.defaults[found["key"].lower()] = value(found["value"], constants)
        for found in DEPRECATION.finditer(text):
            first, second = found["first"], found["second"] or None
            old, new = (first, second) if found["call"] in ("fatalIfSet", "fatalWithHint") else (second or first, first)
            seen.deprecations[old] = (found["call"], new if new != old else None)
    return seen


def value(text: str, constants: dict[str, object]) -> object:
    """A Go literal as JSON; what is none stays as text between angle brackets."""
    if cast := re.fullmatch(r"string\((.*)\)", text):
        text = cast[1]
    if items := re.fullmatch(r"\[\][\w.]+\{(.*)\}", text, re.DOTALL):
        return [value(item.strip(), constants) for item in items[1].split(",") if item.strip()]
    if re.fullmatch(r"map\[.*\{\s*\}", text):
        return {}
    try:
        return json.loads(text)
    except ValueError:
        return constants.get(text, f"<{text}>")


def known(tag: str) -> dict[str, Any] | None:
    path = RELEASES / f"{tag.removeprefix('v')}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def report(title: str, rows: list[str]) -> None:
    print(f"{title}: {len(rows) or 'nothing'}")
    for row in rows:
        print(f"    {row}")


def between(old: Seen, new: Seen) -> None:
    report("read since", [f"{key} ({new.getters[key]})" for key in sorted(new.reads - old.reads)])
    gone = old.reads - new.reads
    helped = {key for key in gone & new.named if new.fate(key) is None}
    report("no longer read", [f"{key}: {new.fate(key) or 'ignored'}" for key in sorted(gone - helped)])
    report("perhaps read through a function that takes the key's name", sorted(helped))
    report(
        "default changed",
        [
            f"{key}: {old.defaults.get(key)!r} → {new.defaults.get(key)!r}"
            for key in sorted(old.reads & new.reads)
            if old.defaults.get(key) != new.defaults.get(key)
        ],
    )
    fates = sorted(set(old.deprecations) | set(new.deprecations))
    report(
        "deprecation changed",
        [f"{key}: {old.fate(key)} → {new.fate(key)}" for key in fates if old.fate(key) != new.fate(key)],
    )


def against_catalogue(new: Seen, release: dict[str, Any]) -> int:
    keys, removed = release["keys"], release["removed"]
    missing = [f"{key} is read" for key in sorted(new.reads - set(keys))]
    extra = [f"{key} is not read" for key in sorted(set(keys) - new.reads)]
    defaults = [
        f"{key}: {new.defaults.get(key)!r}, in the catalogue {entry.get('default')!r}"
        for key, entry in keys.items()
        if key in new.reads
        and (key in new.defaults, new.defaults.get(key)) != ("default" in entry, entry.get("default"))
    ]
    fates = [
        f"{key}: {new.fate(key)}, in the catalogue {removed.get(key, {}).get('how')}"
        for key in sorted(new.deprecations)
        if key not in keys and new.fate(key) != removed.get(key, {}).get("how")
    ]
    rows = [*missing, *extra, *defaults, *fates]
    report("different from the catalogue", rows)
    return len(rows)


def draft(tag: str, new: Seen) -> str:
    released = (path for path in RELEASES.glob("*.json") if not path.stem.endswith("-dev"))  # a preview is no release
    newest = json.loads(max(released, key=_number).read_text(encoding="utf-8"))
    keys: dict[str, Any] = {}
    helped = {key for key in newest["keys"] if key in new.named and new.fate(key) is None}
    for key in sorted(new.reads | helped):
        entry: dict[str, Any] = {"type": TYPES.get(new.getters.get(key, ""), "str")}
        entry = {name: part for name, part in newest["keys"].get(key, entry).items() if name != "default"}
        if key in new.defaults:
            entry = {"type": entry.pop("type"), "default": new.defaults[key], **entry}
        keys[key] = entry
    removed = {key: entry for key, entry in newest["removed"].items() if key not in keys}
    for key in sorted((set(newest["keys"]) | set(new.deprecations)) - set(keys)):
        replaced_by = new.deprecations.get(key, (None, None))[1]
        removed[key] = {
            "how": new.fate(key) or removed.get(key, {}).get("how", "ignored"),
            "replaced_by": [replaced_by] if replaced_by else removed.get(key, {}).get("replaced_by", []),
        }
    sys.path.insert(0, str(Path(__file__).parent.parent))  # a script's own path holds tools/ only
    from module_version import layout

    document: dict[str, object] = {
        "release": tag.removeprefix("v"),
        "released": "",
        "keys": keys,
        "removed": dict(sorted(removed.items())),
    }
    return layout(document)


def _number(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.stem.split("."))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("checkout", type=Path)
    arguments.add_argument("old")
    arguments.add_argument("new")
    arguments.add_argument("--draft", action="store_true")
    given = arguments.parse_args()
    new = seen_in(given.checkout, given.new)
    if given.draft:
        sys.stdout.write(draft(given.new, new))
        return
    between(seen_in(given.checkout, given.old), new)
    release = known(given.new)
    if release is None:
        print(f"{given.new} is not in the catalogue; --draft prints a file for it")
    elif against_catalogue(new, release):
        sys.exit(1)


if __name__ == "__main__":
    main()
