#!/usr/bin/env python3
"""Writes what a NixOS module for Headscale declares as a file of hslint/catalogue/modules/, by asking real Nix.

    tools/module_version.py NIXPKGS_LIB MODULE.nix VERSION [--headscale RELEASE] [--write]

NIXPKGS_LIB is the lib directory of a nixpkgs, MODULE.nix the module's text (both outside this repository), VERSION the file's name, as
`nixpkgs-26.11` or `in-repo-v0.30.0`; --headscale says which release that channel packages. Prints what would be written, or
with --write writes it. Needs nix-instantiate. An assertion that no pattern here knows stops the run: name it below.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

MODULES = Path(__file__).parent.parent / "hslint" / "catalogue" / "modules"

# Assertions by the beginning of their message. The long messages are nixpkgs' prose and stay out: what Nix prints there is unknown to us.
NEEDS_BASE_DOMAIN = ("settings.dns.magic_dns", "settings.dns.base_domain")
NEEDS_NAMESERVERS = ("settings.dns.override_local_dns", "settings.dns.nameservers.global")
ASSERTIONS: tuple[tuple[str, dict[str, object]], ...] = (
    ("dns.base_domain must be set", {"when": NEEDS_BASE_DOMAIN[0], "needs": NEEDS_BASE_DOMAIN[1]}),
    ("dns.nameservers.global must be set", {"when": NEEDS_NAMESERVERS[0], "needs": NEEDS_NAMESERVERS[1]}),
    ("dns.extra_records and", {"only_one_of": ["settings.dns.extra_records_path", "settings.dns.extra_records"]}),
    (
        "server_url cannot contain",
        {
            "part": "settings.dns.base_domain",
            "not_part_of": "settings.server_url",
            "unless": "settings.dns.use_username_in_magic_dns",
            "message": None,
        },
    ),
)
REMOVED = re.compile(
    r"The option `services\.headscale\.(?P<path>[^`]*)` was removed\. (?:Use `(?P<use>[^`]*)` instead\.|(?P<rest>.*))"
)


def assertion(message: str) -> dict[str, object]:
    if found := REMOVED.fullmatch(message):
        because = {"use": found["use"]} if found["use"] else {"because": found["rest"]}
        return {"absent": found["path"], **because}
    for beginning, meaning in ASSERTIONS:
        if message.startswith(beginning):
            return {**meaning} if "message" in meaning else {**meaning, "message": message}
    sys.exit(f"unknown assertion, name it in {Path(__file__).name}: {message}")


def fixed(definitions: list[dict[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for definition in definitions:
        for name, value in definition.items():
            priority = 100
            if isinstance(value, dict) and value.get("_type") == "override":
                value, priority = value["content"], value["priority"]
            kind = "template" if isinstance(value, str) and "${" in value else "value"
            found[f"settings.{name}"] = {kind: value, "priority": priority}
    return found


def option(declared: dict[str, object]) -> dict[str, object]:
    """An option's entry; a generated file or a package is no value that hslint could know, only its name."""
    entry = {"type": declared["type"]}
    if "default" in declared:
        entry["default"] = declared["default"]
    if declared.get("readOnly"):
        entry["read_only"] = True
    return entry


def version(lib: Path, module: Path, name: str, headscale: str | None) -> dict[str, object]:
    command = ["nix-instantiate", "--eval", "--strict", "--json", str(Path(__file__).with_suffix(".nix"))]
    arguments = ["--argstr", "lib", str(lib.resolve()), "--argstr", "module", str(module.resolve())]
    seen = json.loads(subprocess.run(command + arguments, check=True, capture_output=True, text=True).stdout)
    text = module.read_text(encoding="utf-8")
    password = "settings.database.postgres.password_file"
    old_password = "settings.db_password_file"
    return {
        "version": name,
        "headscale": headscale,
        "config_argument": "serve --config" in text,
        "drops_nulls": "filterAttrsRecursive" in text,
        "password": {password: "HEADSCALE_DATABASE_POSTGRES_PASS"}
        if password in seen["options"]
        else {old_password: "HEADSCALE_DB_PASS"},
        "disables": seen["disables"],
        "options": {path: option(declared) for path, declared in sorted(seen["options"].items())},
        "fixed": dict(sorted(fixed(seen["fixed"]).items())),
        # In the order of the module's imports: Nix prints the warnings in it.
        "renamed": {rename["from"]: rename["to"] for rename in seen["renamed"]},
        "removed": seen["removed"],
        "assertions": [assertion(message) for message in seen["assertions"]],
    }


def layout(data: dict[str, object]) -> str:
    """JSON with one fact a line, so that two versions can be compared with diff."""

    def one(value: object) -> str:
        return json.dumps(value, ensure_ascii=False)

    sections = []
    for name, value in data.items():
        match value:
            case dict() if value:
                rows = ",\n".join(f"    {one(key)}: {one(entry)}" for key, entry in value.items())
                sections.append(f"  {one(name)}: {{\n{rows}\n  }}")
            case list() if value:
                rows = ",\n".join(f"    {one(entry)}" for entry in value)
                sections.append(f"  {one(name)}: [\n{rows}\n  ]")
            case _:
                sections.append(f"  {one(name)}: {one(value)}")
    return "{\n" + ",\n".join(sections) + "\n}\n"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("lib", type=Path)
    arguments.add_argument("module", type=Path)
    arguments.add_argument("version")
    arguments.add_argument("--headscale")
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    text = layout(version(given.lib, given.module, given.version, given.headscale))
    if given.write:
        (MODULES / f"{given.version}.json").write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
