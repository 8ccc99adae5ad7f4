"""The store paths of a derivation, from its attributes alone (Nix manual, "Derivation" and "Store path specification")."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hslint.record import Entity, Record
from hslint.source import Span
from hslint.values import operations
from hslint.values.builtins import hashes
from hslint.values.text import encoded
from hslint.values.value import Attrs, Failure, Kind, Lazy, NotKnown, Null, Unknown, Why

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

#: What a store path's name may be made of, and how long it may be.
_NAME = re.compile(r"[0-9A-Za-z+\-._?=]{1,211}")


class Recipe(Entity):
    """The attributes that `derivation` was given, as strings; `complete` when nothing of it is unknown."""

    name: str
    span: Span | None
    outputs: list[str]
    environment: dict[str, str]
    arguments: list[str]
    context: set[str]
    complete: bool = True

    @classmethod
    def of(cls, ev: Evaluator, given: Attrs) -> Recipe:
        recipe = cls(_name(ev, given), given.span, ["out"], {}, [], set())
        if given.rest is not None or given.maybe:
            recipe.complete = False
        for special in ("__structuredAttrs", "__contentAddressed", "__impure"):
            flag = given.get(special)
            if flag is not None and ev.boolean(flag):
                recipe.complete = False
        ignore = given.get("__ignoreNulls")
        skip_nulls = ignore is not None and ev.boolean(ignore)
        for name in sorted(given.items):
            if name == "__ignoreNulls":
                continue
            lazy = given.items[name]
            if skip_nulls and isinstance(lazy.force(), Null):
                continue
            if name == "args":
                recipe.arguments = [recipe.text(ev, item) for item in ev.closed_list(lazy).items]
                continue
            if name == "__structuredAttrs":
                recipe.environment[name] = recipe.text(ev, lazy)
                continue
            if name == "outputs":
                recipe.outputs = [ev.text(item) for item in ev.closed_list(lazy).items]
            recipe.environment[name] = recipe.text(ev, lazy)
        recipe.check(given)
        return recipe

    def text(self, ev: Evaluator, lazy: Lazy) -> str:
        value = operations.coerce(ev, lazy.force(), more=True)
        if isinstance(value, Unknown) or value.known is None:
            self.complete = False
            return ""
        self.context |= value.context
        return value.known

    def check(self, given: Attrs) -> None:
        for name in ("builder", "system"):
            if name not in self.environment and given.rest is None:
                raise Failure(Kind.MISSING_ATTRIBUTE, f"required attribute '{name}' missing", given.span)
        if not self.outputs:
            raise Failure(Kind.ERROR, "derivation cannot have an empty set of outputs", given.span)
        for output in self.outputs:
            if output == "drvPath" or not _NAME.fullmatch(output):
                raise Failure(Kind.ERROR, f"invalid derivation output name '{output}'", given.span)
        if len(set(self.outputs)) < len(self.outputs):
            raise Failure(Kind.ERROR, "duplicate derivation output", given.span)


def _name(ev: Evaluator, given: Attrs) -> str:
    named = given.get("name")
    if named is None:
        if given.rest is not None:
            raise NotKnown(given.rest)
        raise Failure(Kind.MISSING_ATTRIBUTE, "required attribute 'name' missing", given.span)
    name = ev.text(named)
    if name.endswith(".drv"):
        raise Failure(Kind.ERROR, f"derivation names are not allowed to end in '.drv': '{name}'", given.span)
    if not _NAME.fullmatch(name) or re.match(r"\.\.?(-|$)", name):
        raise Failure(Kind.ERROR, f"invalid derivation name: '{name}'", given.span)
    return name


class Instantiated(Record):
    """The parts of a derivation that those depending on it need: the paths, and the hash that stands for it in hashes."""

    outputs: dict[str, str]
    modulo: dict[str, str]


_ESCAPED = re.compile(r'["\\\n\r\t]')
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _quoted(text: str) -> str:
    return f'"{_ESCAPED.sub(lambda found: _ESCAPES[found[0]], text)}"'


def _strings(texts: list[str]) -> str:
    return f"[{','.join(_quoted(text) for text in texts)}]"


def _written(
    recipe: Recipe,
    outputs: dict[str, tuple[str, str, str]],
    inputs: dict[str, list[str]],
    sources: list[str],
    environment: dict[str, str],
) -> bytes:
    """The derivation as its file in the store says it (ATerm)."""
    parts = [
        "[" + ",".join(f"({_quoted(name)},{','.join(map(_quoted, outputs[name]))})" for name in sorted(outputs)) + "]",
        "[" + ",".join(f"({_quoted(path)},{_strings(sorted(inputs[path]))})" for path in sorted(inputs)) + "]",
        _strings(sources),
        _quoted(environment["system"]),
        _quoted(environment["builder"]),
        _strings(recipe.arguments),
        "[" + ",".join(f"({_quoted(name)},{_quoted(environment[name])})" for name in sorted(environment)) + "]",
    ]
    return encoded(f"Derive({','.join(parts)})")


def instantiated(ev: Evaluator, recipe: Recipe) -> tuple[str, dict[str, str]] | None:
    """The path of the derivation and those of its outputs; None when something that goes into them is not known."""
    if not recipe.complete:
        return None
    inputs: dict[str, list[str]] = {}
    sources: list[str] = []
    for element in sorted(recipe.context):
        if element.startswith("="):
            return None
        if element.startswith("!"):
            output, _, path = element[1:].partition("!")
            inputs.setdefault(path, []).append(output)
        else:
            sources.append(element)
    masked_inputs: dict[str, list[str]] = {}
    for path, wanted in inputs.items():
        dependency = ev.derivations.get(path)
        if not isinstance(dependency, Instantiated) or not dependency.modulo.keys() >= set(wanted):
            return None
        for output in wanted:
            masked_inputs.setdefault(dependency.modulo[output], []).append(output)
    environment = dict(recipe.environment)
    fixed = _fixed(recipe)
    outputs: dict[str, tuple[str, str, str]] = {}
    if fixed is not None:
        method, algorithm, digest = fixed
        path = _fixed_path(recipe.name, method, algorithm, digest)
        outputs["out"] = (path, f"{method}{algorithm}", digest.hex())
    else:
        masked = {**environment, **dict.fromkeys(recipe.outputs, "")}
        blank = dict.fromkeys(recipe.outputs, ("", "", ""))
        digest = hashes.digest("sha256", _written(recipe, blank, masked_inputs, sources, masked))
        for output in recipe.outputs:
            name = recipe.name if output == "out" else f"{recipe.name}-{output}"
            outputs[output] = (hashes.store_path(f"output:{output}", digest, name), "", "")
    paths = {output: outputs[output][0] for output in outputs}
    environment.update(paths)
    text = _written(recipe, outputs, inputs, sources, environment)
    drv_path = hashes.text_path(f"{recipe.name}.drv", text, [*sources, *inputs])
    if fixed is not None:
        path, how, hexadecimal = outputs["out"]
        modulo = {"out": hashes.digest("sha256", f"fixed:out:{how}:{hexadecimal}:{path}".encode()).hex()}
    else:
        whole = hashes.digest("sha256", _written(recipe, outputs, masked_inputs, sources, environment)).hex()
        modulo = dict.fromkeys(recipe.outputs, whole)
    ev.derivations[drv_path] = Instantiated(paths, modulo)
    return drv_path, paths


def _fixed(recipe: Recipe) -> tuple[str, str, bytes] | None:
    """Of a fixed-output derivation: the method (`r:` or nothing), the algorithm and the hash."""
    text = recipe.environment.get("outputHash")
    if text is None:
        return None
    if recipe.outputs != ["out"]:
        raise Failure(Kind.ERROR, "multiple outputs are not supported in fixed-output derivations", recipe.span)
    mode = recipe.environment.get("outputHashMode", "flat")
    if mode not in ("flat", "recursive", "nar"):
        if mode in ("text", "git"):
            raise NotKnown(Unknown(Why.STORE, recipe.name, recipe.span))
        raise Failure(Kind.ERROR, f"invalid value '{mode}' for 'outputHashMode' attribute", recipe.span)
    algorithm = recipe.environment.get("outputHashAlgo") or None
    sixteen = hashes.converted(text, algorithm, "base16") if text else "0" * 64
    prefix = re.match(r"(md5|sha1|sha256|sha512)[-:]", text)
    found = prefix[1] if prefix else algorithm
    return "" if mode == "flat" else "r:", found or "sha256", bytes.fromhex(sixteen)


def _fixed_path(name: str, method: str, algorithm: str, digest: bytes) -> str:
    if method and algorithm == "sha256":
        return hashes.store_path("source", digest, name)
    inner = hashes.digest("sha256", f"fixed:out:{method}{algorithm}:{digest.hex()}:".encode())
    return hashes.store_path("output:out", inner, name)
