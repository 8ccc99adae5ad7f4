"""The errors of Nix in a configuration, option by option: what Headscale needs, and what the configuration defines around it.

NixOS evaluates all that its system is made of. Here only that is evaluated which certainly is: `services.headscale`, the services and
programs that are enabled, users, units, files in /etc and the like, where the configuration itself defines them. An option of its own
is refused when one of these needs it, and the refusal is reported where that option is defined.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from hslint.modules.declaration import Option
from hslint.modules.definition import Definition, of_project
from hslint.modules.level import Level
from hslint.modules.merge import Merged
from hslint.modules.properties import If, property_type
from hslint.modules.reading import below, is_one_value, node_at, value_of
from hslint.modules.show import show_option
from hslint.record import Record
from hslint.values import budget
from hslint.values.nesting import endless
from hslint.values.value import Attrs, Bool, Failure, Kind, Lazy, List, NotKnown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from hslint.modules.evaluation import Evaluation
    from hslint.modules.properties import Raw
    from hslint.modules.reading import Node
    from hslint.modules.result import Result
    from hslint.values.evaluator import Evaluator

Path = tuple[str, ...]

HEADSCALE = ("services", "headscale")

#: Nodes below one option that are looked at, and the work that one costs.
_NODES = 2_000
_NAME = 16 * budget.ELEMENTS
#: Steps of the longest option path that is looked at.
_DEEPEST_NODE = 500

#: Sets within sets that are looked through.
_DEEPEST = 12

#: Definitions of one option, as of environment.systemPackages, that are not merged unless one of them fails.
_MANY = 20

#: Expressions beside services.headscale that are evaluated whatever file they stand in.
_EVERYWHERE = 500

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

#: Where everything depends on an `enable`.
_SWITCHED = ("services", "programs")

#: A file may be there for Nix although it is not here: secrets, what a tool generates. And what hslint has as one option of NixOS may be
#: many, which do not need each other.
_NOT_CERTAIN = frozenset((Kind.MISSING_FILE, Kind.UNDEFINED_OPTION, Kind.RECURSION))


class OptionFailure(Record):
    """An error of Nix about one option: a conflict, a wrong type, an option that does not exist.

    `option` is the innermost option whose value fails, `definitions` what defines it.
    """

    option: str
    failure: Failure
    definitions: tuple[Definition, ...] = ()


class Refusals:
    """The failures of a configuration, in the order in which they were met, each once."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._search = _Search(evaluation)

    @cached_property
    def own(self) -> tuple[OptionFailure, ...]:
        """Those of definitions that belong to no option, and of what is below services.headscale."""
        return self._of(self._search.undeclared, self._search.headscale)

    @cached_property
    def all(self) -> tuple[OptionFailure, ...]:
        """Those, and what a host with Headscale defines around it."""
        return (*self.own, *self._of(self._search.elsewhere))

    def _of(self, *parts: Callable[[], None]) -> tuple[OptionFailure, ...]:
        search = self._search
        met = len(search.found)
        try:
            search.evaluation.collected()
        except (Failure, NotKnown):
            return ()  # the whole configuration fails with it, and no option is known
        for part in parts:
            try:
                part()
            except NotKnown:
                pass
            except Failure as failure:
                if (
                    failure.option is not None
                ):  # else the whole configuration fails with it: no module, no list of modules
                    search.add((), failure)
        return tuple(search.found[met:])


class Expressions:
    """The expressions that define options of which nothing else is known. All of them are evaluated as long as they are few; then only
    those in files that speak of Headscale, and each of these for the first host that has it.
    """

    def __init__(self, ev: Evaluator) -> None:
        self.ev = ev
        self._places: set[tuple[str, int]] = set()
        self._left = _EVERYWHERE
        self._files: dict[str, bool] = {}

    def fail(self, raw: Raw) -> bool:
        """Whether an expression of a definition fails that holds, or a part of it."""
        if raw.place is None:
            return False  # of NixOS itself
        place = (raw.file, raw.place.start)
        if self._left < 0 and (place in self._places or not self._speaks_of_headscale(raw.file)):
            return False
        self._places.add(place)
        try:
            conditions = [
                self.ev.decide(wrapper.condition.force(), None) for wrapper in raw.wrappers if isinstance(wrapper, If)
            ]
        except (Failure, NotKnown):
            return True
        return all(holds is True for holds in conditions) and self._fails(raw.value, 0)

    def _speaks_of_headscale(self, path: str) -> bool:
        known = self._files.get(path)
        if known is None:
            parsed = self.ev.parsed.get(path)
            known = self._files[path] = parsed is not None and b"headscale" in parsed.file.text
        return known

    def _fails(self, lazy: Lazy, depth: int) -> bool:
        self._left -= 1
        try:
            value = lazy.force()
            if isinstance(value, List):
                return depth < _DEEPEST and any(self._fails(item, depth + 1) for item in value.items)
            if not isinstance(value, Attrs) or "outPath" in value.items or depth >= _DEEPEST:
                return False
            match property_type(value):
                case None:
                    return any(self._fails(item, depth + 1) for item in value.items.values())
                case "if":
                    return self.ev.decide(value.items["condition"].force(), None) is True and self._fails(
                        value.items["content"], depth
                    )
                case "override" | "order":
                    return self._fails(value.items["content"], depth)
                case "merge":
                    return self._fails(value.items["contents"], depth)
                case _:
                    return False
        except (Failure, KeyError):
            return True
        except NotKnown:
            return False


class _Search:
    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self.found: list[OptionFailure] = []
        self.expressions = evaluation.session.shared(Expressions, lambda: Expressions(evaluation.ev))
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
        """The failures of what the configuration defines beside Headscale, on a host that has it."""
        if not self._has_headscale():
            return
        for path in sorted(_IN_EVERY_SYSTEM):
            part = node_at(self.evaluation, path[:-1])
            if isinstance(part, Level) and path[-1] in part.defined():
                self._around(part, path)
        for first in _SWITCHED:
            part = node_at(self.evaluation, (first,)) if first in self.evaluation.root.defined() else None
            for name in sorted(part.defined()) if isinstance(part, Level) else ():
                if isinstance(part, Level) and (first, name) != HEADSCALE:
                    self._around(part, (first, name))

    def _has_headscale(self) -> bool:
        """Whether the configuration says anything of Headscale, and does not leave it off."""
        services = node_at(self.evaluation, HEADSCALE[:1])
        if not isinstance(services, Level):
            return False
        if all(raw.place is None for raw in services.defined().get(HEADSCALE[1], ())):
            return False
        try:
            switch = node_at(self.evaluation, (*HEADSCALE, "enable"))
            enabled = value_of(switch) if switch is not None else None
        except (Failure, NotKnown):
            return True
        return not isinstance(enabled, Bool) or enabled.value

    def _around(self, part: Level, path: Path) -> None:
        """The failures at a path of NixOS that the configuration defines, if it is certainly evaluated. Of options that hslint has no
        declaration of only the expressions that define them can fail; of those with very many definitions only these are asked first.
        """
        raws = part.defined()[path[-1]]
        if path[-1] in part.declared() and len(raws) < _MANY:
            if all(raw.place is None for raw in raws):
                return
        elif not self._suspicious(raws):
            return
        if not self._in_system(path):
            return
        self._left = _NODES
        try:
            node = node_at(self.evaluation, path)
        except Failure as failure:
            self.add(path, failure)
        except NotKnown:
            pass
        else:
            if node is not None:
                self._within(path, node)

    def _suspicious(self, raws: Sequence[Raw]) -> bool:
        """Whether an option that hslint has no declaration of may be refused: only the expressions that define it can fail."""
        fail = self.expressions.fail
        return any(fail(raw) for raw in raws)

    def add(self, path: Path, failure: Failure) -> None:
        """Keep a refusal that was met at a path, under the option that it is of."""
        if id(failure) in self._seen:
            return
        self._seen.add(id(failure))
        inside = path[: len(HEADSCALE)] == HEADSCALE
        option = failure.option
        if failure.kind is Kind.UNDEFINED_OPTION:
            if not self._is_own(option):
                return
        elif not inside and failure.kind in _NOT_CERTAIN:
            return
        own = option is not None and option[: len(self.evaluation.prefix)] == self.evaluation.prefix
        if own and option is not None and failure.kind not in (Kind.RECURSION, Kind.UNDEFINED_OPTION):
            path = option[len(self.evaluation.prefix) :]
        # What has no definition is reported at what needs it.
        self.found.append(OptionFailure(show_option(path), failure, self._definitions(path)))

    def _is_own(self, option: Path | None) -> bool:
        """Whether an option is declared by the project: of others the declaration may be lacking, and with it the default."""
        if option is None or option[: len(self.evaluation.prefix)] != self.evaluation.prefix:
            return False
        try:
            node = node_at(self.evaluation, option[len(self.evaluation.prefix) :])
        except (Failure, NotKnown):
            return False
        return isinstance(node, Option) and any(map(of_project, node.declaration.files))

    # -- nodes ---------------------------------------------------------------------------------------------------------

    def _undeclared(self, level: Level) -> None:
        try:
            if not level.definitions():
                return
            declared, defined = level.declared(), level.defined()
        except Failure as failure:
            self.add(level.path[len(self.evaluation.prefix) :], failure)
            return
        depth = len(self.evaluation.prefix)
        for name in sorted(declared.keys() & (defined.keys() | level.declared_by_project)):
            try:
                child = level.child(name)
            except Failure as failure:
                self.add((*level.path, name)[depth:], failure)
                continue
            if isinstance(child, Level):
                self._undeclared(child)
        for name in sorted(defined):
            if name in declared or level.accepts(name):
                continue
            for raw in defined[name]:
                path = (*level.path, name)[depth:]
                definition = Definition(path, raw.wrapped(), raw.file, place=raw.place, binding=raw.binding)
                option = show_option((*self.evaluation.prefix, *path))
                missing = self.evaluation.no_such_option(path, raw)
                self.found.append(OptionFailure(option, missing, (definition,)))

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

    def _within(self, path: Path, node: Node, around: tuple[Result, ...] = ()) -> None:
        """The failures at a node or below it; `around` are the merged sets that it is in."""
        self._left -= 1
        if self._left < 0:
            return
        if len(path) > _DEEPEST_NODE:
            raise RecursionError  # whoever asked says that the host nests too deeply
        if isinstance(node, Option) and node.declaration.is_alias:
            return  # refused where it leads to
        one_value, before = False, len(self.found)
        try:
            names = self._names(path, node)
            if names is None:
                self._value(node)
                return
            self.evaluation.ev.spend(_NAME * (1 + len(names)))
            if names and not isinstance(node, Level):
                result = node.result()
                if any(result is outer for outer in around):
                    # Nix goes round for ever when it writes the file.
                    self.add(path, endless(result.value))
                    return
                around = (*around, result)
                one_value = is_one_value(result.value)
        except Failure as failure:
            self.add(path, failure)
            return
        except NotKnown:
            return
        for name in names:
            if one_value and len(self.found) > before:
                return  # Nix stops at the first, and the others were not written one by one
            try:
                child = below(node, name)
            except Failure as failure:
                self.add((*path, name), failure)
                continue
            except NotKnown:
                continue
            if child is not None:
                self._within((*path, name), child, around)

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
                return tuple(written_definitions(path, node.definitions()))
            merged = node.merged if isinstance(node, Option) else node
            return merged.final().winners
        except (Failure, NotKnown):
            return () if isinstance(node, Level) else tuple(written_definitions(path, node.raws))


def written_definitions(path: Path, raws: Iterable[Raw]) -> Iterator[Definition]:
    """Definitions as they stand in the files, undecided."""
    for raw in raws:
        yield Definition(path, raw.wrapped(), raw.file, place=raw.place, binding=raw.binding)
