"""`flake.nix`: its inputs, its outputs as a lazy fixpoint, and the flakes it finds inside the project."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hslint.hosts.inputs import (
    Input,
    InputKind,
    kind_of,
)
from hslint.hosts.lock import Lock, Source, parse_url, read_lock
from hslint.hosts.release import dated
from hslint.values.constant import constant
from hslint.values.store_copies import copied
from hslint.values.value import (
    Attrs,
    Closure,
    Failure,
    Kind,
    Lazy,
    Path,
    Primitive,
    String,
    Unknown,
    Value,
    Why,
)

if TYPE_CHECKING:
    from hslint.hosts.nixos import NixOS

#: Flakes inside flakes (`path:` inputs) that are followed.
NESTING = 8


class Flake:
    """One flake of the project. `outputs` is what its output function gives, `inputs` what it is given."""

    def __init__(self, directory: str, lock: Lock, nixos: NixOS, nesting: int = 0) -> None:
        self.directory = directory
        self.lock = lock
        if lock.malformed and lock.file is not None:
            nixos.malformed[lock.file.path] = lock.malformed
        self.nixos = nixos
        self.nesting = nesting
        self.declared: dict[str, Source] = {}
        self.file = os.path.join(directory, "flake.nix")
        self._attrs = Lazy(lambda _: self._top())
        self.outputs = Lazy(lambda _: self._outputs())
        self.inputs = Lazy(lambda _: self._inputs())
        self.self = Lazy(lambda _: self._self())

    def output(self, name: str) -> Value | None:
        """One output; None when the flake has no such, raises Failure where Nix would stop."""
        outputs = self.outputs.force()
        if isinstance(outputs, Attrs):
            lazy = outputs.get(name)
            if lazy is not None:
                return lazy.force()
            return outputs.rest
        return outputs if isinstance(outputs, Unknown) else None

    def _top(self) -> Value:
        top = self.nixos.ev.import_file(self.file)
        if not isinstance(top, Attrs | Unknown):
            raise Failure(Kind.ERROR, f"file '{self.file}' must be an attribute set", top.span)
        return top

    def _outputs(self) -> Value:
        top = self._attrs.force()
        function = top.get("outputs") if isinstance(top, Attrs) else None
        if function is None:
            return Unknown(Why.SYNTAX, self.file)
        value = function.force()
        if isinstance(value, Closure | Primitive):
            return self.nixos.ev.apply(value, self.inputs, value.span)
        raise Failure(Kind.ERROR, "the flake's outputs are not a function", value.span)

    def _inputs(self) -> Value:
        items = {"self": self.self}
        for name, source in self.sources().items():
            items[name] = Lazy(lambda key: self._input(*key), (name, source))
        return Attrs(items)

    def sources(self) -> dict[str, Source]:
        """The source of each input: what the file declares, made precise by the lock file."""
        found: dict[str, Source] = {}
        top = self._attrs.outcome()
        declared = top.get("inputs") if isinstance(top, Attrs) else None
        value = declared.outcome() if declared is not None else None
        if isinstance(value, Attrs):
            for name, lazy in value.items.items():
                found[name] = self._declared(lazy.outcome())
        outputs = top.get("outputs") if isinstance(top, Attrs) else None
        function = outputs.outcome() if outputs is not None else None
        if isinstance(function, Closure) and function.node.formals is not None:
            for formal in function.node.formals:
                if formal.name != "self":
                    found.setdefault(formal.name, Source("indirect", repo=formal.name))
        for name, locked in self.lock.inputs.items():
            if name in found:
                found[name] = _more_precise(found[name], locked)
        return found

    def nixpkgs(self) -> list[Input]:
        """The nixpkgs inputs; the one that files outside any host most likely see stands first."""
        inputs = [Input(name, kind_of(name, source), source) for name, source in self.sources().items()]
        found = [given for given in inputs if given.kind is InputKind.NIXPKGS]
        return sorted(found, key=lambda given: (not dated(given), given.name != "nixpkgs"))

    def _declared(self, value: Value | Failure) -> Source:
        if not isinstance(value, Attrs):
            return Source()
        fields: dict[str, str] = {}
        for name in ("url", "type", "owner", "repo", "ref", "rev", "path", "id", "follows"):
            lazy = value.get(name)
            text = lazy.outcome() if lazy is not None else None
            if isinstance(text, String) and text.known is not None:
                fields[name] = text.known
            elif isinstance(text, Path):
                fields[name] = text.path
        if "url" in fields:
            return parse_url(fields["url"])
        if "follows" in fields:
            return Source()
        return Source(
            fields.get("type", ""),
            fields.get("owner", "").lower(),
            fields.get("repo", fields.get("id", "")).lower(),
            fields.get("ref", ""),
            fields.get("rev", ""),
            fields.get("path", ""),
        )

    def _input(self, name: str, source: Source) -> Value:
        given = Input(name, kind_of(name, source), source, nixpkgs=self.lock.nixpkgs.get(name))
        if source.kind == "path" and source.path and self.nesting < NESTING:
            directory = os.path.normpath(os.path.join(self.directory, source.path))
            self.nixos.path_inputs.add(directory)
            if self.nixos.ev.project.exists(os.path.join(directory, "flake.nix")):
                return Flake(
                    directory, read_lock(self.nixos.ev.project, directory), self.nixos, self.nesting + 1
                ).self.force()
            if self.nixos.ev.project.exists(directory):  # an input with `flake = false`
                return Attrs({"outPath": Lazy.done(copied(Path(directory), "source", is_tree=True))})
        return self.nixos.input(given)

    def _self(self) -> Value:
        """The value of `self`: its outputs, and its path."""
        unknown = Unknown(Why.STORE, "self")
        path = copied(Path(self.directory), "source", is_tree=True)
        items: dict[str, Lazy] = {
            "_type": constant("flake"),
            "outPath": Lazy.done(path),
            "sourceInfo": Lazy.done(Attrs({"outPath": Lazy.done(path)}, rest=unknown)),
            "inputs": self.inputs,
            "outputs": self.outputs,
            **{
                name: Lazy.done(unknown)
                for name in (
                    "rev",
                    "shortRev",
                    "dirtyRev",
                    "dirtyShortRev",
                    "lastModified",
                    "lastModifiedDate",
                    "narHash",
                    "revCount",
                )
            },
        }
        return SelfFlake(self, items)


#: What Nix asks of any set that stands where a string or a function is wanted; no flake has outputs called so.
_NO_OUTPUTS = frozenset(("__toString", "__functor"))


class SelfFlake(Attrs):
    """`self`: asks the outputs only when one of them is needed, for they are made from `self`."""

    __slots__ = ("_flake",)

    def __init__(self, flake: Flake, items: dict[str, Lazy]) -> None:
        super().__init__(items)
        self._flake = flake

    def get(self, name: str) -> Lazy | None:
        found = self.items.get(name)
        if found is None and name not in _NO_OUTPUTS:
            outputs = self._flake.outputs.force()
            if isinstance(outputs, Attrs):
                found = outputs.get(name)
                if found is None and outputs.rest is not None:
                    found = Lazy.done(outputs.rest)
            elif isinstance(outputs, Unknown):
                found = Lazy.done(outputs)
        return found

    def certainly_lacks(self, name: str) -> bool:
        """Whether an output is surely absent; `self + "/x"` is about the path, also where some outputs are unknown."""
        return name in _NO_OUTPUTS or self.rest is None


def _more_precise(declared: Source, locked: Source) -> Source:
    if declared.kind == "path" and declared.path:
        return declared
    ref = locked.ref or declared.ref
    return Source(
        locked.kind,
        locked.owner,
        locked.repo or declared.repo,
        ref,
        locked.rev,
        locked.path,
        locked.url,
        locked.modified,
    )
