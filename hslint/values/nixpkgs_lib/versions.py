"""lib.versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.values.builtins.lists import check_length
from hslint.values.builtins.strings import version_components
from hslint.values.primitive import Registry
from hslint.values.value import Failure, Kind, Lazy, String, Value

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()


def _component(ev: Evaluator, version: Lazy, number: int) -> Value:
    parts = version_components(ev.text(version))
    if number >= len(parts):
        raise Failure(Kind.ERROR, f"list index {number} is out of bounds")
    return String(parts[number])


@library("major")
def major(ev: Evaluator, version: Lazy) -> Value:
    return _component(ev, version, 0)


@library("minor")
def minor(ev: Evaluator, version: Lazy) -> Value:
    return _component(ev, version, 1)


@library("patch")
def patch(ev: Evaluator, version: Lazy) -> Value:
    return _component(ev, version, 2)


@library("majorMinor")
def major_minor(ev: Evaluator, version: Lazy) -> Value:
    return String(".".join(version_components(ev.text(version))[:2]))


@library("pad")
def pad(ev: Evaluator, number: Lazy, version: Lazy) -> Value:
    """So many components, zeros where there are fewer; what follows the first dash stays."""
    wanted = ev.integer(number)
    release, dash, suffix = ev.text(version).partition("-")
    check_length(wanted)
    ev.spend(max(0, wanted) + len(release))
    parts = version_components(release)
    return String(".".join((parts + ["0"] * wanted)[:wanted]) + dash + suffix)
