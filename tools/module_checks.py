#!/usr/bin/env python3
"""Run the checks of nixpkgs' lib/tests/modules.sh through hslint's module system.

    tools/module_checks.py NIXPKGS_LIB [-v] [TEXT …]

NIXPKGS_LIB is a checkout that holds lib/ (nixpkgs, or nixpkgs.lib). Its `checkConfigOutput` and `checkConfigError` lines are read,
never run. A check is right, wrong, or unknown where hslint does not know; `modules` with code for a shell are left out.
All of `lib` but the module system is nixpkgs' own, evaluated by hslint.
"""

from __future__ import annotations

import argparse
import re
import shlex
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hslint.modules import library_extra
from hslint.modules.module_system import module_system
from hslint.source import Project, SourceFile
from hslint.syntax.parse import parse
from hslint.values.budget import with_deep_stack
from hslint.values.evaluate import NixEvaluator
from hslint.values.evaluator import Evaluator
from hslint.values.value import (
    Attrs,
    Bool,
    Failure,
    Float,
    Int,
    Kind,
    Lazy,
    List,
    NotKnown,
    Null,
    String,
    Unknown,
    Value,
)
from hslint.values.value import Path as NixPath

#: Seconds after which a check counts as hanging.
SLOW = 20.0


@dataclass(frozen=True)
class Check:
    line: int
    error: bool
    pattern: str
    attribute: str
    modules: str
    strict: bool
    warnings_abort: bool


class CannotTell(Exception):
    pass


def checks(script: str) -> Iterator[Check]:
    arguments: list[str] = []
    text = re.sub(r"\\\n", " ", script)
    strict = abort = False
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("set -- "):
            arguments = [w for given in shlex.split(stripped)[2:] for w in (arguments if given == "$@" else [given])]
            continue
        while (match := re.match(r"([A-Z_]+)=(\S*) ", stripped)) is not None:
            strict = strict or match[1] == "STRICT_EVAL"
            abort = abort or match[1] == "ABORT_ON_WARN"
            stripped = stripped[match.end() :]
        if not stripped.startswith(("checkConfigOutput ", "checkConfigError ")):
            strict = abort = False
            continue
        lexer = shlex.shlex(stripped, posix=True, punctuation_chars=False)
        lexer.whitespace_split = True
        lexer.commenters = "#"
        try:
            words = list(lexer)
        except ValueError:
            continue
        words = [word for given in words for word in (arguments if given == "$@" else [given])]
        if len(words) < 3:
            continue
        yield Check(
            number,
            words[0] == "checkConfigError",
            words[1],
            words[2],
            " ".join(_braces(w) for w in words[3:]),
            strict,
            abort,
        )
        strict = abort = False


def _braces(word: str) -> str:
    """`a/{b,c}` is two words."""
    match = re.match(r"(.*)\{([^{}]*,[^{}]*)\}(.*)", word)
    return word if match is None else " ".join(f"{match[1]}{part}{match[3]}" for part in match[2].split(","))


def shown(value: Value, *, strict: bool, depth: int = 0) -> str:
    """JSON as `nix-instantiate --eval --json` prints it."""
    match value:
        case Null():
            return "null"
        case Bool(known):
            return "true" if known else "false"
        case Int(number):
            return str(number)
        case Float(real):
            return str(real)
        case String(known=str(text)):
            import json

            return json.dumps(text, ensure_ascii=False)
        case NixPath(path):
            return f'"/nix/store/{"0" * 32}-{Path(path).name}"'
        case List(rest=None):
            return "[" + ",".join(shown(item.force(), strict=strict, depth=depth + 1) for item in value.items) + "]"
        case Attrs():
            if "outPath" in value.items:
                return shown(value.items["outPath"].force(), strict=strict, depth=depth + 1)
            if value.rest is None and not value.maybe:
                items = (
                    f'"{name}":{shown(lazy.force(), strict=strict, depth=depth + 1)}'
                    for name, lazy in sorted(value.items.items())
                )
                return "{" + ",".join(items) + "}"
            raise CannotTell(str(value.rest))
        case Unknown():
            raise CannotTell(value.reason)
        case String():
            raise CannotTell(str(value.unknown))
        case _:
            raise CannotTell("a function")


class World:
    """nixpkgs' lib with our module system in it."""

    def __init__(self, checkout: Path) -> None:
        self.root = str(checkout.resolve())
        self.folder = f"{self.root}/lib/tests/modules"
        self.ev = NixEvaluator(Project(self.root), parse)
        extra = library_extra(self.ev)
        original = self.ev.import_file(f"{self.root}/lib/default.nix")

        def overlay(ev: Evaluator, final: Lazy, previous: Lazy) -> Value:
            items: dict[str, Lazy] = {}
            before = ev.attrs(previous)
            sub_sets: dict[str, dict[str, Lazy]] = {}
            for name, lazy in extra.items():
                sub_set, _, function = name.rpartition(".")
                (sub_sets.setdefault(sub_set, {}) if sub_set else items)[function] = lazy
            for sub_set, functions in sub_sets.items():
                items[sub_set] = Lazy(
                    lambda given: Attrs({**ev.attrs(before.items[given[0]]).items, **given[1]}), (sub_set, functions)
                )
            return Attrs(items)

        from hslint.values.value import Primitive

        extended = self.ev.apply(self.ev.select(original, "extend"), Lazy.done(Primitive("overlay", 2, overlay)))
        assert isinstance(extended, Attrs)
        self.lib = extended
        module_system(self.ev).lib = Lazy.done(extended)
        self.default = self.ev.import_file(f"{self.folder}/default.nix")

    def run(self, check: Check) -> str:
        source = SourceFile(f"{self.folder}/check-{check.line}.nix", f"[ {check.modules} ]".encode())
        parsed = parse(source)
        if parsed.problems:
            raise CannotTell(parsed.problems[0].message)
        modules = Lazy(lambda _: self.ev.evaluate(parsed.expression))
        arguments = Attrs({"modules": modules, "lib": Lazy.done(self.lib)})
        value = self.ev.apply(self.default, Lazy.done(arguments))
        for step in re.findall(r'"([^"]*)"|([^."]+)', check.attribute):
            name = step[0] or step[1]
            if isinstance(value, Attrs) and value.get(name) is None and value.rest is None:
                raise Failure(
                    Kind.MISSING_ATTRIBUTE, f"attribute '{name}' in selection path '{check.attribute}' not found"
                )
            value = (
                value.items[int(name)].force()
                if name.isdigit() and isinstance(value, List)
                else self.ev.select(value, name)
            )
        return shown(value, strict=check.strict)


def matches(pattern: str, text: str) -> bool:
    return re.search(pattern.replace("[[:space:]]", r"\s"), text) is not None


def compare(world: World, check: Check) -> tuple[str, str]:
    try:
        output = world.run(check)
    except Failure as failure:
        text = f"error: {failure.message}"
        if check.error:
            return ("right" if matches(check.pattern, text) else "other words"), text
        return "WRONG", text
    except (CannotTell, NotKnown) as reason:
        return "unknown", str(reason)
    except RecursionError:
        return "WRONG", "RecursionError"
    if check.error:
        aborting = next((trace for trace in world.ev.traces if matches(check.pattern, trace)), None)
        if check.warnings_abort and aborting is not None:
            return "right", aborting
        return "WRONG", f"gave {output[:300]}"
    return ("right" if matches(check.pattern, output) else "WRONG"), output[:600]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("text", nargs="*")
    given = parser.parse_args()
    script = (given.checkout / "lib/tests/modules.sh").read_text()
    counts: dict[str, int] = {}
    for check in checks(script):
        if given.text and not any(
            t in check.modules or t in check.attribute or t == str(check.line) for t in given.text
        ):
            continue
        started = time.perf_counter()
        verdict, detail = compare(World(given.checkout), check)
        if time.perf_counter() - started > SLOW:
            verdict = "slow"
        counts[verdict] = counts.get(verdict, 0) + 1
        if verdict != "right" or given.verbose:
            kind = "error" if check.error else "output"
            print(
                f"{verdict}: line {check.line}: {check.attribute} [{check.modules}]\n    expected {kind} {check.pattern!r}\n    {detail[:700]}"
            )
    print(counts)
    return 1 if counts.get("WRONG") else 0


if __name__ == "__main__":
    sys.exit(with_deep_stack(main))
