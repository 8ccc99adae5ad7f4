"""Small configurations of the module system at random: options of all common types, and definitions that may not fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fuzzers.choices import Choices

#: Types, and values that fit them (and now and then another type).
TYPES: dict[str, tuple[str, ...]] = {
    "bool": ("true", "false"),
    "int": ("1", "2", "(-1)"),
    "str": ('"a"', '"b"', '""'),
    "port": ("80", "65535", "65536"),
    "lines": ('"a"', '"b\\n"'),
    "path": ('"/a"', "/a/b"),
    "raw": ("1", "{ a = 1; }"),
    "anything": ("1", '"a"', "{ a = 1; }", "{ a = 2; b.c = 1; }", "[ 1 ]"),
    "attrs": ("{ a = 1; }", "{ b = 2; }", "{ a.b = 1; }"),
    "nullOr int": ("null", "1", "2"),
    "listOf int": ("[ ]", "[ 1 ]", "[ 2 3 ]"),
    "listOf str": ('[ "a" ]', '[ "b" "c" ]'),
    "attrsOf int": ("{ }", "{ a = 1; }", "{ b = 2; }"),
    "attrsOf (listOf int)": ("{ a = [ 1 ]; }", "{ a = [ 2 ]; b = [ ]; }"),
    "lazyAttrsOf str": ('{ a = "x"; }', '{ b = "y"; }'),
    'enum [ "a" "b" ]': ('"a"', '"b"', '"c"'),
    "either int str": ("1", '"a"'),
    "oneOf [ bool int str ]": ("true", "1", '"a"'),
    "coercedTo int toString str": ("1", '"a"'),
    "ints.between 1 5": ("1", "5", "6"),
    'separatedString ":"': ('"a"', '"b"'),
    "nonEmptyStr": ('"a"', '""'),
    "uniq int": ("1", "2"),
    "functionTo int": ("(x: 1)",),
    "submodule { options.x = lib.mkOption { type = lib.types.int; default = 7; }; }": (
        "{ }",
        "{ x = 1; }",
        "{ y = 1; }",
    ),
    "submodule { freeformType = lib.types.attrsOf lib.types.int; }": ("{ a = 1; }", "{ b = 2; }"),
    "attrsOf (submodule ({ name, ... }: { options.n = lib.mkOption { type = lib.types.str; default = name; }; }))": (
        "{ a = { }; }",
        '{ a.n = "z"; b = { }; }',
    ),
}

WRAPPERS = (
    "{}", "{}", "{}", "{}", "lib.mkIf true {}", "lib.mkIf false {}", "lib.mkForce {}", "lib.mkDefault {}", "lib.mkMerge [ {} {} ]",
    "lib.mkBefore {}", "lib.mkAfter {}", "lib.mkOverride 500 {}", "lib.mkIf true (lib.mkForce {})", "lib.mkMerge [ {} (lib.mkDefault {}) ]",
    "lib.mkForce (lib.mkIf false {})", "lib.mkMerge [ ]", "lib.mkOrder 10 {}",
)  # fmt: skip

_ORDER = re.compile("mkBefore|mkAfter|mkOrder")


def evaluated(choices: Choices) -> str:
    """`(lib.evalModules { … }).config`."""
    kinds = list(TYPES)
    chosen = {f"o{number}": choices.pick(kinds) for number in range(1 + choices.below(3))}
    defaults = {name: choices.pick(TYPES[kind]) for name, kind in chosen.items() if choices.below(2)}
    declared = " ".join(
        f"{name} = lib.mkOption {{ type = with lib.types; {kind};"
        + (f" default = {defaults[name]};" if name in defaults else "")
        + (" apply = x: [ x ];" if choices.chance(12) else "")
        + " };"
        for name, kind in chosen.items()
    )
    # Submodules refuse what has an order (`called with unexpected argument 'priority'`), and hslint takes it.
    wrappers = (
        WRAPPERS if "submodule" not in str(chosen) else tuple(each for each in WRAPPERS if not _ORDER.search(each))
    )
    modules = [f"{{ options = {{ {declared} }}; }}"]
    for _ in range(1 + choices.below(3)):
        body = " ".join(
            f"{name} = {_definition(choices, kind, wrappers)};" for name, kind in chosen.items() if choices.below(4)
        )
        match choices.below(6):
            case 1:
                modules.append(
                    f"({{ config, lib, ... }}: {{ config = {_wrapped(choices, f'{{ {body} }}', wrappers)}; }})"
                )
            case 2:
                modules.append(f"{{ imports = [ {{ {body} }} ]; }}")
            case 3:
                modules.append(f"({{ config, ... }}: {{ config = lib.mkIf (config ? o0) {{ {body} }}; }})")
            case _:
                modules.append(f"{{ {body} }}")
    return f"(lib.evalModules {{ modules = [ {' '.join(modules)} ]; }}).config"


def _definition(choices: Choices, kind: str, wrappers: tuple[str, ...]) -> str:
    if choices.chance(15):
        kind = choices.pick(list(TYPES))
    return _wrapped(choices, choices.pick(TYPES[kind]), wrappers)


def _wrapped(choices: Choices, value: str, wrappers: tuple[str, ...]) -> str:
    return choices.pick(wrappers).replace("{}", f"({value})")
