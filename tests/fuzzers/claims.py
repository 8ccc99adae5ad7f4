"""What hslint claims of a value beside what real Nix says it is, for a world of which hslint knows less."""

from __future__ import annotations

from typing import Any

from hslint.values.value import (
    Attrs,
    Bool,
    Closure,
    Failure,
    Float,
    Int,
    List,
    Null,
    Path,
    Primitive,
    String,
    Unknown,
    Value,
    Why,
)

#: Any value as JSON, for real Nix: `{ "fails" = true; }` for what `tryEval` catches; sets, paths and functions are tagged.
AS_JSON = """
asJson = value:
  let tried = builtins.tryEval value; v = tried.value; in
  if !tried.success then { fails = true; }
  else if builtins.isAttrs v then { set = map (name: [ name (asJson v.${name}) ]) (builtins.attrNames v); }
  else if builtins.isList v then map asJson v
  else if builtins.isPath v then { path = toString v; }
  else if builtins.isFunction v then { function = true; }
  else if builtins.isFloat v then { float = toString v; }
  else v;
"""

FAILS = {"fails": True}

Json = Any


def contradiction(claim: Value | Failure, real: Json, where: str = "") -> str | None:
    """Where the claim cannot be about this value; None where it can.

    What fails in this world contradicts no value: hslint speaks of configurations that work.
    """
    if isinstance(claim, Failure):
        return None if real == FAILS else f"{where or 'the value'} fails for certain ({claim.message}), and is {real!r}"
    if real == FAILS:
        return None
    match claim:
        case Unknown():
            alternatives = claim.may_be if claim.why is Why.CONDITION and len(claim.may_be) > 1 else ()
            if alternatives and all(contradiction(lazy.outcome(), real, where) for lazy in alternatives):
                return f"{where or 'the value'} is none of the {len(alternatives)} alternatives, but {real!r}"
            return None
        case List():
            return _of_list(claim, real, where)
        case Attrs():
            return _of_set(claim, real, where)
        case String():
            agrees = isinstance(real, str) and _fits(claim, real)
        case Null():
            agrees = real is None
        case Bool(value):
            agrees = real is value
        case Int(number):
            agrees = type(real) is int and real == number
        case Float(number):
            agrees = isinstance(real, dict) and "float" in real and abs(float(real["float"]) - number) <= 1e-6
        case Path(path):
            agrees = real == {"path": path}
        case Closure() | Primitive():
            agrees = real == {"function": True}
        case _:
            agrees = False
    return None if agrees else f"{where or 'the value'} is claimed to be {claim!r}, and is {real!r}"


def _fits(claim: String, real: str) -> bool:
    """Whether a half-known string can be this text."""
    at = 0
    for number, part in enumerate(claim.parts):
        if isinstance(part, Unknown):
            continue
        if number == 0:
            if not real.startswith(part):
                return False
            at = len(part)
        elif number == len(claim.parts) - 1:
            return real.endswith(part) and len(real) - len(part) >= at
        else:
            at = real.find(part, at)
            if at < 0:
                return False
            at += len(part)
    return claim.known is None or claim.known == real


def _of_list(claim: List, real: Json, where: str) -> str | None:
    if not isinstance(real, list):
        return f"{where or 'the value'} is claimed to be a list, and is {real!r}"
    outcomes = [item.outcome() for item in claim.items]
    if claim.rest is None:
        if len(real) != len(outcomes):
            return f"{where or 'the list'} is claimed to have {len(outcomes)} elements, and has {len(real)}"
        found = (
            contradiction(one, other, f"{where}[{n}]")
            for n, (one, other) in enumerate(zip(outcomes, real, strict=True))
        )
        return next((problem for problem in found if problem), None)
    if len(real) < len(outcomes):
        return f"{where or 'the list'} is claimed to have at least {len(outcomes)} elements, and has {len(real)}"
    for number, one in enumerate(outcomes):
        if all(contradiction(one, other, where) for other in real):
            return f"{where}[{number}] is claimed to be {one!r}, and no element is"
    return None


def _of_set(claim: Attrs, real: Json, where: str) -> str | None:
    if not (isinstance(real, dict) and "set" in real):
        return f"{where or 'the value'} is claimed to be a set, and is {real!r}"
    names = dict(real["set"])
    for name, lazy in claim.items.items():
        if name not in names:
            if name in claim.maybe:
                continue
            return f"{where}.{name} is claimed to be there, and is not"
        problem = contradiction(lazy.outcome(), names[name], f"{where}.{name}")
        if problem:
            return problem
    if claim.rest is None and (more := names.keys() - claim.items.keys()):
        return f"{where}.{min(more)} is claimed not to be there, and is"
    return None
