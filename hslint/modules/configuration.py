"""A set of modules evaluated together: the value of each option, with its definitions and declarations."""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from hslint.modules.declaration import Option
from hslint.modules.definition import Definition, of_project
from hslint.modules.level import Level, Node
from hslint.modules.merge import Merged
from hslint.modules.properties import Raw, discharge, guarded, push_down
from hslint.modules.reading import below, is_one_value, node_at
from hslint.modules.refusals import OptionFailure, Refusals, written_definitions
from hslint.modules.result import OptionNames, Result
from hslint.modules.show import show_option
from hslint.record import Record
from hslint.spelling import nearest, within
from hslint.values import budget
from hslint.values.value import Attrs, Failure, Lazy, NotKnown, Unknown, Value, Why

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from hslint.modules.evaluation import Evaluation
    from hslint.modules.foreign import ImportedModule
    from hslint.source import SourceFile, Span

Path = tuple[str, ...]


class Setting(Record):
    """One option, or one path inside a freeform option, with its value, default and definitions.

    winners  the definitions that make the value, in the order in which they merge
    losers   those of lower priority
    default  the default of the declaration, whether or not it is in effect
    """

    option: str
    value: Lazy
    winners: tuple[Definition, ...]
    losers: tuple[Definition, ...]
    default: Lazy | None = None


class Declared(Record):
    """The declaration of an option: its path and, for each module that declares it, the module's file and the place in the project."""

    option: str
    at: tuple[tuple[str, Span | None], ...]


class Configuration:
    """The outcome of evaluating modules. Everything is computed when it is first asked for."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        #: Why not all of it could be evaluated, where hslint is to blame for it.
        self.cut_short: str | None = None

    @contextmanager
    def turn(self, *, again: bool = True) -> Iterator[None]:
        """While something is asked of the configuration, it has a budget of its own; not `again` when it has used it up before. What
        breaks off ends here, and is reported.
        """
        ev = self.evaluation.ev
        asking, ev.assumptions.asking = ev.assumptions.asking, self
        used_up = self.cut_short == Why.BUDGET.value
        if used_up and not again:
            ev.deplete()
        else:
            ev.renew()
        try:
            yield
        except (RecursionError, MemoryError) as error:
            self.broke_off(error)
        finally:
            ev.assumptions.asking = asking
        if used_up:
            ev.exhausted = False  # that is known, and no fault of the next one
        elif ev.exhausted and self.cut_short is None:
            self.cut_short = Why.BUDGET.value

    def broke_off(self, error: RecursionError | MemoryError) -> None:
        deep = isinstance(error, RecursionError)
        self.cut_short = _TOO_DEEP if deep else "takes more memory than there is"

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
        when it is neither declared nor defined, or one that it lies in is refused (see `refusal_above`).
        """
        steps = split_path(path)
        try:
            node = node_at(self.evaluation, steps)
        except (Failure, NotKnown):
            return None
        if isinstance(node, Option) and not node.raws:
            return self.evaluation.session.shared(("setting", node), lambda: self._setting(steps, node))
        return self._setting(steps, node) if node is not None else None

    def declared_like(self, path: str) -> str | None:
        """A declared option that differs in its last name by at most two letters from a path at which there is none."""
        *around, name = split_path(path)
        try:
            level = node_at(self.evaluation, tuple(around))
            names = level.declared() if isinstance(level, Level) else ()
        except (Failure, NotKnown):
            return None
        near = nearest(name, [each for each in names if within(name, each, 2)])
        return show_option((*around, near)) if near is not None else None

    def is_level(self, path: str) -> bool:
        """Whether a path is that of a set of options, rather than of an option or of something in one."""
        try:
            return isinstance(node_at(self.evaluation, split_path(path)), Level)
        except (Failure, NotKnown):
            return False

    def declaration(self, path: str) -> Declared | None:
        """The declaration of an option, or of the one that a path leads through: an attribute of a set has none of its own."""
        steps = split_path(path)
        for length in range(len(steps), 0, -1):
            try:
                node = node_at(self.evaluation, steps[:length])
            except (Failure, NotKnown):
                continue
            if isinstance(node, Option):
                return Declared(show_option(steps[:length]), tuple(node.declaration.sites))
        return None

    def unmet(self, path: str) -> tuple[Definition, ...]:
        """The definitions of an option whose conditions do not hold: without the conditions, which are false."""
        steps = split_path(path)
        try:
            node = node_at(self.evaluation, steps)
        except (Failure, NotKnown):
            return ()
        found: list[Definition] = []
        for raw in node.raws if isinstance(node, Option | Merged) else ():
            try:
                if raw.place is not None and not discharge(self.evaluation.ev, raw):
                    found.append(Definition(steps, guarded(raw.value), raw.file, place=raw.place, binding=raw.binding))
            except (Failure, NotKnown):
                continue
        return tuple(found)

    def undeclared(self, path: str) -> tuple[Setting, ...]:
        """The definitions at a path, or below it, where no module declares an option: Nix refuses them."""
        steps = split_path(path)
        found: list[Setting] = []
        try:
            for start, raw in self.evaluation.root.unmatched():
                shared = min(len(start), len(steps))
                if start[:shared] == steps[:shared]:
                    failed = Lazy.failed(self.evaluation.no_such_option(start, raw))
                    leaves = _leaves_as_written(self.evaluation, start, [raw])
                    found += [Setting(leaf.option, failed, leaf.winners, ()) for leaf in leaves]
        except (Failure, NotKnown):
            return ()
        return tuple(leaf for leaf in found if split_path(leaf.option)[: len(steps)] == steps)

    def declared_by_project(self, path: str) -> bool:
        """Whether the files under inspection declare an option of their own at a path."""
        try:
            node = node_at(self.evaluation, split_path(path))
        except (Failure, NotKnown):
            return False
        return isinstance(node, Option) and any(map(of_project, node.declaration.files))

    def refusal_above(self, path: str) -> Failure | None:
        """The failure of an option that a path lies in, so that nothing is known of the path."""
        try:
            node_at(self.evaluation, split_path(path))
        except Failure as failure:
            return failure
        except NotKnown:
            return None
        return None

    def settings_below(self, path: str, *, as_written: bool = False) -> Iterator[Setting]:
        """The leaves that are defined below a path, in the order of their names. With `as_written` also those in an option that
        Nix refuses, whatever their conditions and priorities.
        """
        steps = split_path(path)
        try:
            node = node_at(self.evaluation, steps)
        except (Failure, NotKnown):
            return
        if node is not None:
            yield from self._leaves(steps, node, as_written=as_written)

    def definitions_below(self, path: str) -> Iterator[Definition]:
        """Every definition of the project below a path, winners or not, decided or not."""
        for setting in self.settings_below(path):
            yield from (d for d in (*setting.winners, *setting.losers) if d.from_user)

    @property
    def open(self) -> tuple[tuple[Unknown, Span | None], ...]:
        """The unresolved imports, which may define anything."""
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
        """The errors of Nix, option by option: below services.headscale, definitions that belong to no option, and what a host with
        Headscale defines around it.
        """
        return self._unless_too_deep(lambda: self._refusals.all)

    @cached_property
    def own_failures(self) -> tuple[OptionFailure, ...]:
        """Those of them that are below services.headscale, or belong to no option."""
        return self._unless_too_deep(lambda: self._refusals.own)

    @cached_property
    def _refusals(self) -> Refusals:
        return Refusals(self.evaluation)

    def _unless_too_deep(self, search: Callable[[], tuple[OptionFailure, ...]]) -> tuple[OptionFailure, ...]:
        try:
            return search()
        except (RecursionError, MemoryError) as error:
            self.broke_off(error)
            return ()

    @cached_property
    def error(self) -> Failure | None:
        """The error that Nix refuses the whole configuration with (an option that does not exist, a module that is none), if it does."""
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
                module
                for module in self.evaluation.collected().imported
                if module.foreign is not None or not module.key.startswith(_OWN_KEYS)
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
        from hslint.modules.containers import contained  # late: it brings the evaluation of modules along

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
            winners, losers = tuple(written_definitions(path, node.raws)), ()
        if isinstance(node, Option):
            return Setting(name, Lazy(_value_of, node), winners, losers, node.declaration.default)
        return Setting(name, Lazy(_value_of, node), winners, losers)

    def _written(self, level: Level) -> tuple[Definition, ...]:
        try:
            return tuple(written_definitions(level.path, level.definitions()))
        except (Failure, NotKnown):
            return ()

    def _leaves(
        self, path: Path, node: Node | Level, around: tuple[Result, ...] = (), *, as_written: bool
    ) -> Iterator[Setting]:
        """`around` are the merged sets that the path leads through: one of them again is a leaf, for it has none."""
        names: list[str] | None = None
        level: OptionNames | None = node if isinstance(node, Level) else None
        try:
            if isinstance(node, Level):
                names = node.names()
            else:
                if not node.raws or (isinstance(node, Merged) and node.is_defined is False):
                    return
                result = node.result()
                if not is_one_value(result.value) and not any(result is outer for outer in around):
                    names = sorted({*result.names()} - {"_module"}) if result.names is not None else None
                    around = (*around, result)
                level = result.level
            self.evaluation.ev.spend(_LEAF * (1 + len(names or ())))
        except Failure:
            names = None
            if as_written:
                raws = node.definitions() if isinstance(node, Level) else node.raws
                inside = list(_leaves_as_written(self.evaluation, path, raws))
                if any(leaf.option != show_option(path) for leaf in inside):
                    yield from inside
                    return
        except (NotKnown, RecursionError):
            names = None
        if names is None or len(path) > _DEEPEST:
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
            except (Failure, NotKnown, RecursionError):
                continue
            if child is not None:
                yield from self._leaves((*path, name), child, around, as_written=as_written)


@lru_cache(maxsize=1024)
def split_path(path: str) -> Path:
    """An option path as people write it, in steps; what `show_option` makes of one leads back to it."""
    return tuple(_ESCAPED.sub(_unescaped, quoted) if quoted else plain for quoted, plain in _STEP.findall(path))


#: A quote without an end goes to the end: looking for one again from every later quote would take long.
_STEP = re.compile(r'"((?:[^"\\]|\\.)*+)(?:"|\\?$)|([^."]+)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def _unescaped(escape: re.Match[str]) -> str:
    return {"n": "\n", "r": "\r", "t": "\t"}.get(escape[1], escape[1])


_HEADSCALE = ("services", "headscale")
#: Where unknown sets may hide definitions that matter.
_OPENABLE: tuple[Path, ...] = ((), ("services",), _HEADSCALE, (*_HEADSCALE, "settings"))
#: Sets within sets that are still listed.
_DEEPEST = 16
#: Why a host is not evaluated to the end that nests too deeply.
_TOO_DEEP = "nests more deeply than hslint can follow"
#: The cost of reporting one leaf, in units of work.
_LEAF = 16 * budget.ELEMENTS
_OWN_KEYS = ("lib/modules.nix", "nixos", "<headscale>", ":anon")


def _leaves_as_written(evaluation: Evaluation, path: Path, raws: Iterable[Raw]) -> Iterator[Setting]:
    """The leaves of definitions that cannot be merged, as they stand in the files. A set inside itself is one, for it has none."""
    found: dict[Path, list[Raw]] = {}
    pending: list[tuple[Path, Raw, tuple[Attrs, ...]]] = [(path, raw, ()) for raw in raws if raw.place is not None]
    while pending:
        here, raw, around = pending.pop()
        try:
            evaluation.ev.spend(_LEAF)
        except NotKnown:
            break  # the budget is used up, and the caller reports that
        try:
            for each in push_down(evaluation.ev, raw):
                value = each.value.force()
                if (
                    isinstance(value, Attrs)
                    and "outPath" not in value.items
                    and len(around) < _DEEPEST
                    and not any(value is outer for outer in around)
                ):
                    within = (*around, value)
                    pending.extend(((*here, name), each.attribute(value, name), within) for name in value.items)
                else:
                    found.setdefault(here, []).append(each)
        except (Failure, NotKnown):
            continue
    for here, written in sorted(found.items()):
        several = Lazy.done(Unknown(Why.CONDITION, show_option(here)))
        only = written[0].value if len(written) == 1 else several
        yield Setting(show_option(here), only, tuple(written_definitions(here, written)), ())


def _value_of(node: Node) -> Value:
    return node.sure_value() if isinstance(node, Option) else node.value()
