"""What Nix refuses in a configuration, option by option: what Headscale needs, and what the configuration defines around it.

NixOS evaluates all that its system is made of. Here only that is evaluated which certainly is: `services.headscale`, the services and
programs that are enabled, users, units, files in /etc and the like, where the configuration itself defines them. An option of its own
is refused when one of these needs it, and the refusal is told where that option is defined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.modules.declaration import Option
from hslint.modules.definition import Definition
from hslint.modules.level import Level
from hslint.modules.merge import Merged
from hslint.modules.reading import below, node_at, value_of
from hslint.modules.show import show_option
from hslint.record import Record
from hslint.values.value import Bool, Failure, Kind, List, NotKnown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hslint.modules.evaluation import Evaluation
    from hslint.modules.properties import Raw
    from hslint.modules.reading import Node

Path = tuple[str, ...]

HEADSCALE = ("services", "headscale")

#: Nodes below one option that are looked at.
_NODES = 2_000

#: Parts of NixOS that go into every system, by the first names of their options.
_IN_EVERY_SYSTEM: frozenset[Path] = frozenset(
    [
        ("environment", "etc"),
        ("environment", "sessionVariables"),
        ("environment", "systemPackages"),
        ("environment", "variables"),
        ("fileSystems",),
        ("networking", "domain"),
        ("networking", "extraHosts"),
        ("networking", "firewall"),
        ("networking", "hostName"),
        ("networking", "hosts"),
        ("networking", "nameservers"),
        ("systemd", "services"),
        ("systemd", "sockets"),
        ("systemd", "timers"),
        ("systemd", "tmpfiles"),
        ("time", "timeZone"),
        ("users", "groups"),
        ("users", "users"),
    ]
)

#: Where everything hangs on an `enable`.
_SWITCHED = ("services", "programs")

#: A file may be there for Nix although it is not here: secrets, what a tool generates.
_NOT_CERTAIN = frozenset((Kind.MISSING_FILE, Kind.UNDEFINED_OPTION))


class OptionFailure(Record):
    """Something that Nix would refuse: a conflict, a wrong type, an option that does not exist.

    `option` is the innermost option whose value fails, `definitions` what defines it.
    """

    option: str
    failure: Failure
    definitions: tuple[Definition, ...] = ()


def refusals(evaluation: Evaluation) -> tuple[OptionFailure, ...]:
    """The refusals in the order in which they were met, each once."""
    search = _Search(evaluation)
    for part in (search.undeclared, search.headscale, search.elsewhere):
        try:
            part()
        except NotKnown:
            pass
        except Failure as failure:
            if failure.option is not None:  # else the whole configuration fails with it: no module, no list of modules
                search.told((), failure)
    return tuple(search.found)


class _Search:
    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self.found: list[OptionFailure] = []
        self._seen: set[int] = set()
        self._left = 0

    def undeclared(self) -> None:
        """Definitions that belong to no option, and options that are declared twice."""
        if self.evaluation.freeform() is None:
            self._undeclared(self.evaluation.root)

    def headscale(self) -> None:
        node = node_at(self.evaluation, HEADSCALE)
        if node is not None:
            self._left = _NODES
            self._within(HEADSCALE, node)

    def elsewhere(self) -> None:
        """What the configuration defines beside Headscale, on a host that has it."""
        services = node_at(self.evaluation, HEADSCALE[:1])
        if not isinstance(services, Level) or HEADSCALE[1] not in services.defined():
            return
        root = self.evaluation.root
        for first in (*_SWITCHED, *sorted({path[0] for path in _IN_EVERY_SYSTEM})):
            if first not in root.defined():
                continue
            node = node_at(self.evaluation, (first,))
            for name in self._defined(node) if (first,) not in _IN_EVERY_SYSTEM else ("",):
                path = (first, name) if name else (first,)
                if path != HEADSCALE and self._in_system(path):
                    self._left = _NODES
                    try:
                        inner = node_at(self.evaluation, path)
                    except Failure as failure:
                        self.told(path, failure)
                        continue
                    except NotKnown:
                        continue
                    if inner is not None:
                        self._within(path, inner)

    def told(self, path: Path, failure: Failure) -> None:
        """Keep a refusal that was met at a path, under the option that it is of."""
        if id(failure) in self._seen:
            return
        self._seen.add(id(failure))
        inside = path[: len(HEADSCALE)] == HEADSCALE
        if failure.kind is Kind.UNDEFINED_OPTION or (not inside and failure.kind in _NOT_CERTAIN):
            return
        option = failure.option
        own = option is not None and option[: len(self.evaluation.prefix)] == self.evaluation.prefix
        if own and option is not None and failure.kind is not Kind.RECURSION:
            path = option[len(self.evaluation.prefix) :]
        self.found.append(OptionFailure(show_option(path), failure, self._definitions(path)))

    # -- nodes ---------------------------------------------------------------------------------------------------------

    def _undeclared(self, level: Level) -> None:
        try:
            if not level.definitions():
                return
            declared, defined = level.declared(), level.defined()
        except Failure as failure:
            self.told(level.path[len(self.evaluation.prefix) :], failure)
            return
        depth = len(self.evaluation.prefix)
        for name in sorted(declared.keys() & (defined.keys() | level.declared_by_project)):
            try:
                child = level.child(name)
            except Failure as failure:
                self.told((*level.path, name)[depth:], failure)
                continue
            if isinstance(child, Level):
                self._undeclared(child)
        for name in sorted(defined):
            if name in declared or level.accepts(name):
                continue
            for raw in defined[name]:
                path = (*level.path, name)[depth:]
                definition = Definition(path, raw.wrapped(), raw.file, place=raw.place, binding=raw.binding)
                missing = self.evaluation.no_such_option(path, raw)
                self.found.append(OptionFailure(show_option((*self.evaluation.prefix, *path)), missing, (definition,)))

    def _defined(self, node: Node | None) -> Iterator[str]:
        """The names below a part of NixOS that somebody defines."""
        if isinstance(node, Level):
            yield from sorted(node.defined())
        elif node is not None:
            names = node.result().names
            yield from sorted(names()) if names is not None else ()

    def _in_system(self, path: Path) -> bool:
        """Whether what is defined at a path is certainly evaluated for the system."""
        if path in _IN_EVERY_SYSTEM:
            return True
        if path[0] not in _SWITCHED:
            return False
        try:
            switch = node_at(self.evaluation, (*path, "enable"))
            value = value_of(switch) if switch is not None else None
        except (Failure, NotKnown):
            return False
        return isinstance(value, Bool) and value.value

    def _within(self, path: Path, node: Node) -> None:
        """What fails at a node or below it."""
        self._left -= 1
        if self._left < 0:
            return
        try:
            names = self._names(path, node)
            if names is None:
                self._value(node)
                return
        except Failure as failure:
            self.told(path, failure)
            return
        except NotKnown:
            return
        for name in names:
            try:
                child = below(node, name)
            except Failure as failure:
                self.told((*path, name), failure)
                continue
            except NotKnown:
                continue
            if child is not None:
                self._within((*path, name), child)

    def _names(self, path: Path, node: Node) -> list[str] | None:
        """The names below a node that may be refused; None for one that is a value as a whole."""
        if isinstance(node, Level):
            names = [name for name in node.names() if not node.untouched(name)]
        else:
            if isinstance(node, Merged) and node.is_defined is False:
                return []
            if isinstance(node, Option) and not node.raws and path[: len(HEADSCALE)] != HEADSCALE:
                return []
            result = node.result()
            if result.names is None or result.child is None:
                return None
            names = [name for name in result.names() if result.level is None or not result.level.untouched(name)]
        return [name for name in names if name != "_module"]

    def _value(self, node: Node) -> None:
        if isinstance(node, Level) or (isinstance(node, Option) and "apply" in node.declaration.attrs):
            return
        value = value_of(node)
        for item in value.items if isinstance(value, List) else ():
            item.force()

    def _definitions(self, path: Path) -> tuple[Definition, ...]:
        try:
            node = node_at(self.evaluation, path)
        except (Failure, NotKnown):
            return ()
        if node is None:
            return ()
        try:
            if isinstance(node, Level):
                return tuple(as_written(path, node.definitions()))
            merged = node.merged if isinstance(node, Option) else node
            return merged.final().winners
        except (Failure, NotKnown):
            return () if isinstance(node, Level) else tuple(as_written(path, node.raws))


def as_written(path: Path, raws: Iterable[Raw]) -> Iterator[Definition]:
    """Definitions as they stand in the files, undecided."""
    for raw in raws:
        yield Definition(path, raw.wrapped(), raw.file, place=raw.place, binding=raw.binding)
