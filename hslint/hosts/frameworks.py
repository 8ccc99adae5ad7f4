"""Evaluates the models of well-known flakes: what a model may use beside its arguments of Nix."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hslint.hosts.flake import Flake
from hslint.hosts.inputs import CHANNEL, ForeignModule, Input, InputKind
from hslint.hosts.lock import Source, read_lock
from hslint.hosts.models import model
from hslint.modules.evaluation import Evaluation
from hslint.values.value import Attrs, Closure, Lazy, List, Path, Primitive, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.hosts.nixos import NixOS
    from hslint.values.evaluator import Evaluator


def evaluate_model(nixos: NixOS, name: str, own: Source | None = None) -> Value:
    """The model `name`, called with those of these arguments that it names:

    lib          the library of a flake, as these flakes get theirs from nixpkgs
    packagesFor  system → packages of the project's nixpkgs
    open         an attribute set of which nothing is known
    nixpkgs      the nixpkgs that the flake itself uses
    harmless     a NixOS module of the flake that is not read and has nothing to do with Headscale
    unseen       the arguments of a module → [ ], or a list with an open set where not every module of that evaluation was read
    memoized     a function of a string → the same function, computed once for each string
    inputsOf     the directory of a flake in the project → its inputs

    Any other name is that of another model.
    """
    ev = nixos.ev
    function = ev.evaluate(model(name).expression)
    given: dict[str, Lazy] = {
        "lib": Lazy(lambda _: nixos.flake_lib(nixos.nixpkgs or CHANNEL)),
        "packagesFor": _primitive("packagesFor", lambda ev, system: nixos.packages(ev.text(system), nixos.nixpkgs)),
        "open": Lazy.done(Attrs({}, rest=Unknown(Why.INPUT, name))),
        "nixpkgs": Lazy(lambda _: nixos.input(_nixpkgs_of(nixos, name, own))),
        "harmless": Lazy(lambda _: _harmless(name)),
        "unseen": _primitive("unseen", _unseen),
        "memoized": _primitive("memoized", _memoized),
        "inputsOf": _primitive("inputsOf", lambda ev, directory: _inputs_of(nixos, directory.force())),
    }
    if isinstance(function, Closure) and function.node.formals is not None:
        wanted = [formal.name for formal in function.node.formals]
        given = {name: given.get(name) or Lazy(nixos.evaluate_model, name) for name in wanted}
    return ev.apply(function, Lazy.done(Attrs(given)))


def _primitive(name: str, run: object) -> Lazy:
    return Lazy.done(Primitive(name, 1, run))  # type: ignore[arg-type]


def _nixpkgs_of(nixos: NixOS, name: str, own: Source | None) -> Input:
    """As the lock file has it; without one, the project's."""
    return Input(f"{name}/nixpkgs", InputKind.NIXPKGS, own) if own is not None else nixos.nixpkgs or CHANNEL


def _harmless(name: str) -> Value:
    flake = Input(name, InputKind.WITHOUT_HEADSCALE, Source())
    return Attrs({}, rest=Unknown(Why.INPUT, name), native=ForeignModule(flake, "default"))


def _unseen(ev: Evaluator, arguments: Lazy) -> Value:
    evaluation = ev.attrs(arguments).native
    opening = evaluation.opening() if isinstance(evaluation, Evaluation) else None
    return List([] if opening is None else [Lazy.done(Attrs({}, rest=opening))])


def _memoized(ev: Evaluator, function: Lazy) -> Value:
    found: dict[str, Lazy] = {}

    def call(ev: Evaluator, argument: Lazy) -> Value:
        text = ev.text(argument)
        if text not in found:
            found[text] = Lazy(lambda _: ev.apply(function.force(), argument))
        return found[text].force()

    return Primitive("memoized", 1, call)


def _inputs_of(nixos: NixOS, directory: Value) -> Value:
    if isinstance(directory, Path) and nixos.ev.project.exists(os.path.join(directory.path, "flake.nix")):
        return Flake(directory.path, read_lock(nixos.ev.project, directory.path), nixos, 1).inputs.force()
    return Attrs({}, rest=Unknown(Why.INPUT, "extraInputsFlake"))


def imported_framework(nixos: NixOS, kind: InputKind) -> Value:
    """The value of `import inputs.<framework>`: the file `default.nix` of the well-known flake, used without its flake."""
    name = kind.value
    match kind:
        case InputKind.IMPORT_TREE | InputKind.DEN:
            return nixos.evaluate_model(name)
        case InputKind.FLAKE_UTILS:
            return nixos.ev.select(nixos.evaluate_model(name), "lib")
        case InputKind.HAUMEA:
            return Primitive(name, 1, lambda ev, arguments: ev.select(nixos.evaluate_model(name), "lib"))
        case _:
            return Unknown(Why.INPUT, name)


def hive_nodes(nixos: NixOS, hive: Lazy) -> Value:
    """The NixOS configurations of a hive (`{ meta; defaults; <node> = module; }`, a function that gives one, or `makeHive` of one)."""
    value = hive.force()
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Attrs) and "__schema" in value.items and "nodes" in value.items:
        return value.items["nodes"].force()
    return nixos.ev.call(nixos.ev.select(nixos.evaluate_model("colmena"), "nodesOf"), hive)
