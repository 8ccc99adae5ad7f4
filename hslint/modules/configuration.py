"""A set of modules evaluated together: what each option is, and how it came about."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from hslint.modules.declaration import Option
from hslint.modules.definition import Definition, of_project
from hslint.modules.level import Level, Node
from hslint.modules.merge import Merged
from hslint.modules.reading import below, node_at
from hslint.modules.show import show_option
from hslint.record import Record
from hslint.values.value import Attrs, Failure, Kind, Lazy, List, NotKnown, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hslint.modules.evaluation import Evaluation
    from hslint.modules.foreign import ImportedModule
    from hslint.modules.properties import Raw
    from hslint.source import SourceFile, Span

Path = tuple[str, ...]


class Setting(Record):
    """One option, or one path inside a freeform option, with everything that was said about it.

    winners  the definitions that make the value, in the order in which they merge
    losers   those of lower priority
    default  the default of the declaration, whether or not it is in effect
    """

    option: str
    value: Lazy
    winners: tuple[Definition, ...]
    losers: tuple[Definition, ...]
    default: Lazy | None = None


class OptionFailure(Record):
    """Something that Nix would refuse: a conflict, a wrong type, an option that does not exist."""

    option: str
    failure: Failure
    definitions: tuple[Definition, ...] = ()


class Configuration:
    """The outcome of evaluating modules. Everything is computed when it is first asked for."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation

    @property
    def config(self) -> Attrs:
        """`config` as Nix code sees it from outside: raises Failure where a definition has no option."""
        value = self.evaluation.checked_config()
        assert isinstance(value, Attrs)
        return value

    @property
    def options(self) -> Attrs:
        return self.evaluation.options()

    def setting(self, path: str) -> Setting | None:
        """An option by its path (names with dots are quoted: `services.nginx.virtualHosts."a.b"`), declared or freeform; None
        when nobody declares or defines it.
        """
        steps = split_path(path)
        try:
            node = node_at(self.evaluation, steps)
        except (Failure, NotKnown):
            return None
        if isinstance(node, Option) and not node.raws:
            return self.evaluation.session.shared(("setting", node), lambda: self._setting(steps, node))
        return self._setting(steps, node) if node is not None else None

    def declared_by_project(self, path: str) -> bool:
        """Whether the files under inspection declare an option of their own at a path."""
        try:
            node = node_at(self.evaluation, split_path(path))
        except (Failure, NotKnown):
            return False
        return isinstance(node, Option) and any(map(of_project, node.declaration.files))

    def settings_below(self, path: str) -> Iterator[Setting]:
        """The leaves that somebody defines below a path, in the order of their names."""
        steps = split_path(path)
        try:
            node = node_at(self.evaluation, steps)
        except (Failure, NotKnown):
            return
        if node is not None:
            yield from self._leaves(steps, node)

    def definitions_below(self, path: str) -> Iterator[Definition]:
        """Every definition of the project below a path, winners or not, decided or not."""
        for setting in self.settings_below(path):
            yield from (d for d in (*setting.winners, *setting.losers) if d.from_user)

    @property
    def open(self) -> tuple[tuple[Unknown, Span | None], ...]:
        """What could not be followed and may define anything."""
        try:
            found = list(self.evaluation.collected().open)
        except (Failure, NotKnown):
            return ()
        if self.evaluation.outer_opening is not None:
            found.insert(0, (self.evaluation.outer_opening, self.evaluation.outer_opening.span))
        for path in _OPENABLE:
            try:
                node = node_at(self.evaluation, path)
                if isinstance(node, Option):
                    child = node.result()
                    value = child.value
                    opened = value.rest if isinstance(value, Attrs) else None
                else:
                    opened = node.own_opening() if isinstance(node, Level) else None
            except (Failure, NotKnown):
                continue
            if opened is not None and all(opened is not known for known, _ in found):
                found.append((opened, opened.span))
        return tuple(found)

    @cached_property
    def failures(self) -> tuple[OptionFailure, ...]:
        """What Nix refuses: below services.headscale option by option, and definitions that belong to no option."""
        found: list[OptionFailure] = []
        try:
            for path, raw in self.evaluation.root.unmatched():
                failure = next((f for f in self.evaluation.unknown_options() if f.span is raw.place), None)
                if failure is not None:
                    definition = Definition(path, raw.wrapped(), raw.file, place=raw.place, binding=raw.binding)
                    found.append(OptionFailure(show_option((*self.evaluation.prefix, *path)), failure, (definition,)))
            node = node_at(self.evaluation, _HEADSCALE)
        except (Failure, NotKnown):
            return tuple(found)
        if node is not None:
            self._failing(_HEADSCALE, node, found)
        return tuple(found)

    @cached_property
    def error(self) -> Failure | None:
        """What Nix refuses the whole configuration with (an option that does not exist, a module that is none), if it does."""
        try:
            self.evaluation.check()
            self.evaluation.config()
        except Failure as failure:
            return failure
        except NotKnown:
            return None
        return None

    @property
    def imported_modules(self) -> tuple[ImportedModule, ...]:
        try:
            return tuple(
                module for module in self.evaluation.collected().imported if not module.key.startswith(_OWN_KEYS)
            )
        except (Failure, NotKnown):
            return ()

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """The files of the project that became modules, in order."""
        ev = self.evaluation.ev
        found: dict[str, SourceFile] = {}
        try:
            modules = self.evaluation.collected().modules
        except (Failure, NotKnown):
            return ()
        for module in modules:
            for path in (module.file, f"{module.file}/default.nix"):
                parsed = ev.parsed.get(path)
                if parsed is not None:
                    found[path] = parsed.file
        return tuple(found.values())

    @cached_property
    def containers(self) -> Mapping[str, Configuration]:
        """The configurations of the machine's NixOS containers (`containers.NAME.config`), by name."""
        from hslint.modules.containers import contained

        try:
            return {name: Configuration(evaluation) for name, evaluation in contained(self.evaluation)}
        except (Failure, NotKnown):
            return {}

    # -- nodes ---------------------------------------------------------------------------------------------------------

    def _setting(self, path: Path, node: Node | Level) -> Setting:
        name = show_option(path)
        if isinstance(node, Level):
            return Setting(name, Lazy(lambda level: level.value(), node), self._written(node), ())
        merged: Merged | None
        try:
            merged = node.merged if isinstance(node, Option) else node
            final = merged.final()
            winners, losers = final.winners, final.losers
        except (Failure, NotKnown):
            # A read-only option that is set, or a condition that fails: what was written is still worth showing.
            winners, losers = tuple(_as_written(path, node.raws)), ()
        if isinstance(node, Option):
            return Setting(name, Lazy(_value_of, node), winners, losers, node.declaration.default)
        return Setting(name, Lazy(_value_of, node), winners, losers)

    def _written(self, level: Level) -> tuple[Definition, ...]:
        try:
            return tuple(_as_written(level.path, level.definitions()))
        except (Failure, NotKnown):
            return ()

    def _leaves(self, path: Path, node: Node | Level, depth: int = 0) -> Iterator[Setting]:
        names: list[str] | None = None
        level = node if isinstance(node, Level) else None
        try:
            if isinstance(node, Level):
                names = node.names()
            else:
                if not node.raws or (isinstance(node, Merged) and node.is_defined is False):
                    return
                result = node.result()
                names = sorted({*result.names()} - {"_module"}) if result.names is not None else None
                level = result.level
        except (Failure, NotKnown):
            names = None
        if names is None or depth > _DEEPEST:
            if not isinstance(node, Level):
                yield self._setting(path, node)
            return
        if not names and not isinstance(node, Level):
            yield self._setting(path, node)
        for name in names:
            if level is not None and level.undefined(name):
                continue
            try:
                child = below(node, name)
            except (Failure, NotKnown):
                continue
            if child is not None:
                yield from self._leaves((*path, name), child, depth + 1)

    def _failing(self, path: Path, node: Node | Level, found: list[OptionFailure]) -> None:
        if isinstance(node, Level):
            try:
                names = node.names()
            except Failure as failure:
                found.append(OptionFailure(show_option(path), failure, self._written(node)))
                return
            except NotKnown:
                return
            for name in names:
                if node.untouched(name):
                    continue
                try:
                    child = node.node(name)
                except Failure as failure:
                    found.append(OptionFailure(show_option((*path, name)), failure))
                    continue
                if child is not None and name != "_module":
                    self._failing((*path, name), child, found)
            return
        try:
            result = node.result()
            if result.names is not None and result.child is not None:
                for name in result.names():
                    if result.level is not None and result.level.untouched(name):
                        continue
                    child_node = result.child(name)
                    if name != "_module" and isinstance(child_node, Option | Merged | Level):
                        self._failing((*path, name), child_node, found)
                return
            if isinstance(node, Merged) or "apply" not in node.declaration.attrs:
                value = _value_of(node)
                for item in value.items if isinstance(value, List) else ():
                    item.force()
        except Failure as failure:
            if failure.kind is not Kind.UNDEFINED_OPTION:
                setting = self._setting(path, node)
                found.append(OptionFailure(setting.option, failure, setting.winners))
        except NotKnown:
            return


@lru_cache(maxsize=1024)
def split_path(path: str) -> Path:
    """An option path as people write it, in steps."""
    return tuple(quoted or plain for quoted, plain in _STEP.findall(path))


_STEP = re.compile(r'"((?:[^"\\]|\\.)*)"|([^."]+)')
_HEADSCALE = ("services", "headscale")
#: Where unknown sets may hide definitions that matter.
_OPENABLE: tuple[Path, ...] = ((), ("services",), _HEADSCALE, (*_HEADSCALE, "settings"))
#: Sets within sets that are still listed.
_DEEPEST = 12
_OWN_KEYS = ("lib/modules.nix", "nixos", "<headscale>", ":anon")


def _value_of(node: Node) -> Value:
    return node.sure_value() if isinstance(node, Option) else node.value()


def _as_written(path: Path, raws: Iterable[Raw]) -> Iterator[Definition]:
    for raw in raws:
        yield Definition(path, raw.wrapped(), raw.file, place=raw.place, binding=raw.binding)
