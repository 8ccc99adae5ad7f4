"""The module system gives what nixpkgs' own gives: expectations were made by real Nix and are compared with it where it is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sources import source

from hslint.modules import library_extra
from hslint.modules.module_system import module_system
from hslint.source import Project
from hslint.syntax.parse import parse
from hslint.values.budget import with_deep_stack
from hslint.values.evaluate import NixEvaluator
from hslint.values.nixpkgs_lib import library
from hslint.values.value import Attrs, Bool, Float, Int, Lazy, List, Null, String, Value

if TYPE_CHECKING:
    from real_nix import RealNix

FIXTURES = Path(__file__).parents[1] / "fixtures" / "modules"
SUBJECTS = sorted(path.stem for path in FIXTURES.glob("*.nix"))


def as_json(value: Value) -> object:
    match value:
        case Null():
            return None
        case Bool() | Int() | Float():
            return value.value
        case String(known=str(text)):
            return text
        case List(rest=None):
            return [as_json(item.force()) for item in value.items]
        case Attrs() if value.rest is None and not value.maybe:
            return {name: as_json(lazy.force()) for name, lazy in sorted(value.items.items())}
        case _:
            return f"cannot tell: {value!r}"


def by_hslint(file: Path) -> object:
    ev = NixEvaluator(Project(str(FIXTURES)), parse)
    lib = library(ev, library_extra(ev))
    module_system(ev).lib = Lazy.done(lib)
    value = ev.apply(ev.import_file(str(file)), Lazy.done(Attrs({"lib": Lazy.done(lib)})))
    return with_deep_stack(as_json, value)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_modules_merge_as_nixpkgs_merges_them(subject: str) -> None:
    """Every expression of the fixture has the value that real Nix gave it."""
    expected = json.loads((FIXTURES / f"{subject}.json").read_text())
    assert by_hslint(FIXTURES / f"{subject}.nix") == expected


@pytest.mark.parametrize("subject", SUBJECTS)
def test_expectations_are_what_real_nix_says(subject: str, nix: RealNix) -> None:
    """With HSLINT_NIXPKGS_LIB (the lib directory of nixpkgs) the expectations themselves are checked."""
    lib = source("HSLINT_NIXPKGS_LIB")
    expression = f"import {FIXTURES / subject}.nix {{ lib = import {lib}; }}"
    assert nix.json(expression) == json.loads((FIXTURES / f"{subject}.json").read_text())
