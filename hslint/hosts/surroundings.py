"""The whole environment of a project's files: NixOS, with the inputs of flakes and the models of well-known ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.hosts.frameworks import evaluate_model, imported_framework
from hslint.hosts.input_values import input_value
from hslint.hosts.nixos import NixOS

if TYPE_CHECKING:
    from hslint.hosts.inputs import Input, InputKind
    from hslint.hosts.lock import Source
    from hslint.hosts.release import Wanted
    from hslint.values.evaluator import Evaluator
    from hslint.values.value import Value


class Surroundings(NixOS):
    def __init__(self, ev: Evaluator, wanted: Wanted, directory: str | None = None) -> None:
        super().__init__(ev, wanted, directory)
        self._models: dict[tuple[str, Source | Input | None], Value] = {}

    def input(self, given: Input) -> Value:
        return input_value(self, given)

    def evaluate_model(self, name: str, own: Source | None = None) -> Value:
        found = self._models.get((name, own or self.nixpkgs))
        if found is None:
            found = self._models[name, own or self.nixpkgs] = evaluate_model(self, name, own)
        return found

    def imported_framework(self, kind: InputKind) -> Value:
        return imported_framework(self, kind)
