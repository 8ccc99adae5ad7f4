"""The modules of a configuration: `imports` followed, functions called, duplicates and disabled ones left out.

Follows `collectModules` and `unifyModuleSyntax` of nixpkgs' lib/modules.nix: breadth first, a key counts once.
"""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING

from hslint.modules.definition import UNKNOWN_FILE
from hslint.modules.foreign import NIXPKGS_KEY, STAND_IN_KEY, Foreign, ImportedModule
from hslint.modules.properties import property_type
from hslint.modules.show import show_option, show_value
from hslint.record import Entity
from hslint.values import budget, operations
from hslint.values.builtins.files import location
from hslint.values.constant import constant
from hslint.values.predicates import is_function, is_string_like
from hslint.values.store_copies import original
from hslint.values.value import (
    Alias,
    Attrs,
    Bool,
    Closure,
    Failure,
    Kind,
    Lazy,
    List,
    NotKnown,
    Null,
    Path,
    Primitive,
    String,
    Unknown,
    Value,
    Why,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hslint.modules.session import Session
    from hslint.source import Span

#: Attributes of a module beside `config` and `options`.
_META = ("_class", "_file", "key", "disabledModules", "imports", "options", "config", "meta", "freeformType")
_SHORTHAND_META = frozenset(("_class", "_file", "key", "disabledModules", "require", "imports", "freeformType"))

_CONFIGURATION = (
    "\n\nIf you mean to import this configuration, please only import the modules that make up the configuration."
)

#: Modules of one configuration. The largest public ones have some hundreds.
MODULES = 20_000

#: Modules that import one another in a row. Nix has an end of its own, where each makes the next one.
DEPTH = 1000

#: Files that machines generate and that often stay out of a repository; they never configure a service.
_GENERATED = frozenset(("hardware-configuration.nix", "networking.nix", "hardware.nix", "facter.json"))


class Module(Entity):
    """One module in canonical form (`unifyModuleSyntax`)."""

    key: str
    file: str
    options: Lazy | None
    configs: tuple[Lazy, ...]
    imports: list[Given]
    disabled: tuple[Lazy, ...] = ()
    condition: Unknown | None = None
    foreign: Foreign | None = None
    children: list[Imported] | None = None


class Given(Entity):
    """An entry of a list of modules."""

    value: Lazy
    condition: Unknown | None = None
    ready: Module | None = None  # in canonical form already

    @property
    def at(self) -> Span | None:
        """Its place in the list, else the place of its value."""
        if isinstance(self.value, Alias) and self.value.place is not None:
            return self.value.place
        return self.value.force().span if self.value.is_done else None


class Imported(Entity):
    module: Module
    at: Span | None
    condition: Unknown | None


class Collected(Entity):
    """The modules in the order in which they were collected, and what could not be followed."""

    modules: list[Module]
    imported: list[ImportedModule]
    open: list[tuple[Unknown, Span | None]]
    foreign: bool = False


class Collector:
    """One configuration's modules.

    `arguments` gives what a module function is called with, for the names that it asks for; `foreign` says what values from
    outside the project mean, `adopt` turns one that declares options into a module.
    """

    def __init__(
        self,
        session: Session,
        arguments: Callable[[Value], Lazy],
        *,
        class_: str | None = None,
        prefix: tuple[str, ...] = (),
        modules_path: Callable[[], Value | None] = lambda: None,
        foreign: Callable[[Value], Foreign | None] | None = None,
        adopt: Callable[[Value | Foreign], Lazy | None] = lambda value: None,
    ) -> None:
        self.session = session
        self.ev = session.ev
        self.arguments = arguments
        self.class_ = class_
        self.prefix = prefix
        self.modules_path = modules_path
        self.foreign = foreign
        self.adopt = adopt
        self.open: list[tuple[Unknown, Span | None]] = []
        self.any_foreign = False
        self._by_path: dict[str, Module] = {}
        self._walking: set[int] = set()
        self._count = 0
        self._depth = 0

    def collect(self, initial: Sequence[Given]) -> Collected:
        roots = [
            found
            for number, given in enumerate(initial, 1)
            for found in self._load(given, UNKNOWN_FILE, f":anon-{number}")
        ]
        disabled = self._disabled(roots)
        modules: list[Module] = []
        imported: list[ImportedModule] = []
        seen: dict[str, Module] = {}
        queue = deque(roots)
        while queue:
            found = queue.popleft()
            module = found.module
            if found.condition is not None and module.condition is None and module.key not in seen:
                module.condition = found.condition
            off = module.key in disabled
            again = module.key in seen
            name = module.foreign.name if module.foreign is not None else self.ev.project.relative(module.file)
            imported.append(ImportedModule(name, module.key, found.at, module.foreign, not again and not off, off))
            if off:
                continue
            if again:
                if found.condition is None:
                    seen[module.key].condition = None
                continue
            seen[module.key] = module
            modules.append(module)
            for child in module.children or ():
                if module.condition is not None and child.condition is None:
                    child = Imported(child.module, child.at, module.condition)
                queue.append(child)
        return Collected(modules, imported, self.open, self.any_foreign)

    # -- loading -------------------------------------------------------------------------------------------------------

    def _load(self, given: Given, parent_file: str, fallback_key: str) -> Iterator[Imported]:
        self._count += 1
        if self._count > MODULES:
            self.open.append((Unknown(Why.BUDGET, "the modules of this configuration"), given.at))
            return
        if given.ready is not None:
            yield Imported(given.ready, None, given.ready.condition)
            return
        value = given.value.force()
        at = given.at or value.span
        foreign = self.foreign(value) if self.foreign is not None else None
        if foreign is not None:
            self.any_foreign = True
            if foreign.unknown is not None:
                self.open.append((foreign.unknown, at))
            module = self._foreign_module(foreign, parent_file, fallback_key)
        elif isinstance(value, Unknown):
            if value.may_be:
                for choice in value.may_be:
                    yield from self._load(Given(choice, value), parent_file, fallback_key)
                return
            self.open.append((value, at))
            return
        else:
            loaded = self._module(value, parent_file, fallback_key, at)
            if loaded is None:
                return
            module = loaded
        yield Imported(module, at, given.condition)

    def _foreign_module(self, foreign: Foreign, parent_file: str, fallback_key: str) -> Module:
        key = foreign.key or fallback_key
        known = self._by_path.get(key) if foreign.key is not None else None
        if known is not None:
            return known
        adopted = self.adopt(foreign)
        module = Module(key, foreign.name, None, (), [], foreign=foreign)
        if adopted is not None:
            value = adopted.force()
            called = self._called(value) if is_function(self.ev, value) else value
            if isinstance(called, Attrs):
                module = self._unified(called, foreign.name, key)
                module.foreign = foreign
                module.key = key
                self._follow(module)
        if foreign.key is not None:
            self._by_path[key] = module
        return module

    def _module(self, value: Value, parent_file: str, key: str, at: Span | None) -> Module | None:
        if isinstance(value, String | Path):
            return self._from_path(value, at)
        adopted = self.adopt(value)
        if adopted is not None:
            value = adopted.force()
        if is_function(self.ev, value):
            value = self._called(value)
            if isinstance(value, Unknown):
                self.open.append((value, at))
                return None
            return self._finished(value, parent_file, key)
        if isinstance(value, Attrs):
            kind = property_type(value)
            if kind in ("if", "override", "merge"):
                if kind == "merge":
                    raise self._no_module(kind, at, parent_file)
                value = Attrs({"config": Lazy.done(value)}, value.span)
            elif kind is not None and kind != "module":
                raise self._no_module(kind, at, parent_file)
            return self._finished(value, parent_file, key)
        if isinstance(value, List):
            raise Failure(
                Kind.ERROR,
                "Module imports can't be nested lists. Perhaps you meant to remove one level of lists?"
                f" Definitions: {show_value(parent_file, Lazy.done(value))}",
                at,
                catchable=True,
            )
        return self._finished(value, parent_file, key)

    def _no_module(self, kind: str, at: Span | None, into: str) -> Failure:
        where = f", while trying to load a module into {into}" if into != UNKNOWN_FILE else ""
        if self.prefix:
            where += f", while trying to load a module into {show_option(self.prefix)}"
        return Failure(
            Kind.UNSUPPORTED_ATTRIBUTE,
            f'Expected a module, but found a value of type "{kind}"{where}.\n'
            "A module is typically loaded by adding it to the imports = [ ... ]; attribute of an existing module, or in the "
            "modules = [ ... ]; argument of various functions.\n"
            "Please make sure that each of the list items is a module, and not a different kind of value."
            + (_CONFIGURATION if kind == "configuration" else ""),
            at,
            catchable=True,
        )

    def _from_path(self, value: String | Path, at: Span | None) -> Module | None:
        if isinstance(value, String) and value.known is not None and not value.known.startswith("/"):
            raise Failure(Kind.ERROR, f"string '{value.known}' doesn't represent an absolute path", at)
        key = _path_key(value)
        if key is None:
            assert isinstance(value, String) and value.unknown is not None
            self.open.append((value.unknown, at))
            return None
        known = self._by_path.get(key)
        if known is not None:
            return known
        try:
            path = location(self.ev, value)
        except NotKnown as unknown:
            self.open.append((unknown.unknown, at))
            return None
        if self.ev.project.exists(path) is False and os.path.basename(path) in _GENERATED:
            module = Module(key, path, None, (), [], foreign=Foreign.harmless(self.ev.project.relative(path), key))
            self._by_path[key] = module
            return module
        content = self.ev.import_file(path, at)
        if is_function(self.ev, content):
            content = self._called(content)
        if isinstance(content, Unknown):
            self.open.append((content, at))
            return None
        module = self._unified(content, path, key)
        self._by_path[key] = module
        self._follow(module)
        return module

    def _called(self, function: Value) -> Value:
        return self.ev.apply(function, self.arguments(function), function.span)

    def _finished(self, value: Value, file: str, key: str) -> Module:
        module = self._unified(value, file, key)
        self._follow(module)
        return module

    def _follow(self, module: Module) -> None:
        if id(module) in self._walking:
            return
        self._walking.add(id(module))
        module.children = []
        self._depth += 1
        if self._depth > DEPTH:
            raise Failure(Kind.RECURSION, "stack overflow (possible infinite recursion) in the imports of a module")
        for number, given in enumerate(module.imports, 1):
            self.ev.spend(budget.ELEMENTS)
            module.children.extend(self._load(given, module.file, f"{module.key}:anon-{number}"))
        self._depth -= 1

    # -- canonical form ------------------------------------------------------------------------------------------------

    def _unified(self, value: Value, file: str, key: str) -> Module:
        if not isinstance(value, Attrs):
            raise Failure(
                Kind.UNSUPPORTED_ATTRIBUTE,
                f"module {file} ({key}) does not look like a module.",
                value.span,
                catchable=True,
            )
        items = value.items
        if value.rest is not None:
            self.open.append((value.rest, value.span))
        explicit = "config" in items or "options" in items
        if explicit:
            wrong = sorted(name for name in items if name not in _META)
            if wrong:
                place = items[wrong[0]].place
                raise Failure(
                    Kind.UNSUPPORTED_ATTRIBUTE,
                    f"Module `{key}' has an unsupported attribute `{wrong[0]}'. This is caused by introducing a top-level `config' or "
                    "`options' attribute. Add configuration attributes immediately on the top level instead, or move all of them "
                    f"(namely: {' '.join(wrong)}) into the explicit `config' attribute.",
                    place,
                    catchable=True,
                )
        class_ = self._text(items.get("_class"))
        file = self._text(items.get("_file")) or file
        key = self._text(items.get("key")) or key
        if self.class_ is not None and class_ is not None and class_ != self.class_:
            raise Failure(
                Kind.ERROR,
                f'The module `{file}` (class: "{class_}") cannot be imported into a module evaluation that expects class "{self.class_}".',
                value.span,
                catchable=True,
            )
        configs: list[Lazy] = []
        if explicit:
            if "config" in items:
                configs.append(_conditional(value, "config"))
            if "meta" in items:
                configs.append(Lazy.done(Attrs({"meta": items["meta"]})))
        else:
            rest = {name: lazy for name, lazy in items.items() if name not in _SHORTHAND_META}
            if rest or value.rest is not None:
                configs.append(Lazy.done(Attrs(rest, value.span, value.rest, None, value.maybe)))
        if "freeformType" in items:
            inner = Attrs({"freeformType": items["freeformType"]})
            configs.append(Lazy.done(Attrs({"_module": Lazy.done(inner)})))
        module = Module(key, file, items.get("options") if explicit else None, tuple(configs), [])
        for name in ("imports",) if explicit else ("require", "imports"):
            if name in items:
                module.imports.extend(self._listed(value, name))
        if "disabledModules" in items:
            listed = items["disabledModules"].force()
            if isinstance(listed, List):
                module.disabled = tuple(listed.items)
        return module

    def _text(self, lazy: Lazy | None) -> str | None:
        if lazy is None:
            return None
        value = lazy.force()
        if isinstance(value, Null):
            return None
        text = operations.coerce(self.ev, value, more=True, copy_paths=False)
        return text.known if isinstance(text, String) else None

    def _listed(self, module: Attrs, name: str) -> Iterator[Given]:
        lazy = module.items[name]
        value = lazy.force()
        whole: Unknown | None = Unknown(Why.CONDITION, name, module.span) if name in module.maybe else None
        if isinstance(value, Unknown):
            if not value.may_be:
                self.open.append((value, value.span or lazy.place))
            for choice in value.may_be:
                yield from self._items(choice.force(), whole or value, lazy)
            return
        yield from self._items(value, whole, lazy)

    def _items(self, value: Value, condition: Unknown | None, lazy: Lazy) -> Iterator[Given]:
        if not isinstance(value, List):
            if isinstance(value, Unknown):
                self.open.append((value, value.span or lazy.place))
                return
            raise Failure(Kind.TYPE, "the imports of a module are no list", value.span or lazy.place)
        for item in value.placed():
            yield Given(item, condition)
        if value.rest is not None:
            if not value.rest.may_be:
                self.open.append((value.rest, value.rest.span or value.span))
            for item in value.rest.may_be:
                yield Given(item, condition or value.rest)

    # -- disabledModules -----------------------------------------------------------------------------------------------

    def _disabled(self, roots: Sequence[Imported]) -> frozenset[str]:
        """Keys of all modules that some module disables, also one that is disabled or stands there twice."""
        keys: set[str] = set()
        done: set[int] = set()
        pending = list(roots)
        walked: list[Module] = []
        while pending:
            module = pending.pop().module
            if id(module) in done:
                continue
            done.add(id(module))
            keys.update(key for lazy in module.disabled if (key := self._disabled_key(module, lazy)) is not None)
            pending.extend(module.children or ())
            walked.append(module)
        own = any(module.foreign is not None and module.key == NIXPKGS_KEY for module in walked)
        if own or (NIXPKGS_KEY in keys and any(self._replaces_headscale(module) for module in walked)):
            keys.add(STAND_IN_KEY)
        return frozenset(keys)

    def _replaces_headscale(self, module: Module) -> bool:
        """Whether a module of the project, or an imported one, declares services.headscale in place of NixOS's."""
        if module.foreign is not None:
            return module.foreign.version is not None
        if module.options is None or not module.file.startswith("/"):
            return False
        value: Value | Failure = module.options.outcome()
        for step in ("services", "headscale"):
            lazy = value.items.get(step) if isinstance(value, Attrs) else None
            if lazy is None:
                return False
            value = lazy.outcome()
        return True

    def _disabled_key(self, module: Module, lazy: Lazy) -> str | None:
        value = lazy.force()
        foreign = self.foreign(value) if self.foreign is not None else None
        if foreign is not None:
            if foreign.key is None and foreign.version is not None:
                raise self._no_key(module, "lambda", lazy.place)
            return foreign.key
        if isinstance(value, Unknown):
            return None
        if isinstance(value, String) and value.known is not None:
            if value.known.startswith("/"):
                return value.known
            root = self.modules_path()
            base = operations.coerce(self.ev, root, copy_paths=False) if root is not None else None
            known = base.known if isinstance(base, String) else None
            return f"{known}/{value.known}" if known is not None else value.known
        if isinstance(value, Attrs) and not is_string_like(value):
            key = self._text(value.items.get("key"))
            if key is not None:
                return key
            raise Failure(
                Kind.ERROR,
                f"Module `{module.file}` contains a disabledModules item that is an attribute set, presumably a module, that does not "
                "have a `key` attribute. This means that the module system doesn't have any means to identify the module that should "
                "be disabled. Make sure that you've put the correct value in disabledModules: a string path relative to modulesPath, "
                "a path value, or an attribute set with a `key` attribute.",
                value.span,
                catchable=True,
            )
        if isinstance(value, Closure | Primitive | Null | Bool):
            raise self._no_key(module, "lambda" if isinstance(value, Closure | Primitive) else "null", value.span)
        text = operations.coerce(self.ev, value, more=True, copy_paths=False)
        return _path_key(text) if isinstance(text, String) else None

    def _no_key(self, module: Module, kind: str, at: Span | None) -> Failure:
        return Failure(
            Kind.ERROR,
            "Each disabledModules item must be a path, string, or a attribute set with a key attribute, or a value supported by "
            f"toString. However, one of the disabledModules items in `{module.file}` is none of that, but is of type {kind}.",
            at,
            catchable=True,
        )


def _path_key(value: String | Path) -> str | None:
    """The key that identifies a module: `toString` of its path or string. Copies in the store have names that no file has."""
    if isinstance(value, Path):
        return value.path
    if value.known is not None:
        return value.known
    found = original(value)
    path = found.path if found is not None else None
    if found is None or path is None:
        return None
    return path if found.copy.is_tree else f"copy of {path.removesuffix(found.rest)}:{found.copy.name}{found.rest}"


def _conditional(attrs: Attrs, name: str) -> Lazy:
    lazy = attrs.items[name]
    if name not in attrs.maybe:
        return lazy
    condition = Lazy.done(Unknown(Why.CONDITION, name, attrs.span))
    return Lazy.done(Attrs({"_type": constant("if"), "condition": condition, "content": lazy}), lazy.place)


def located_module(file: str, module: Lazy) -> Lazy:
    """`setDefaultModuleLocation`."""
    return Lazy.done(Attrs({"_file": constant(file), "imports": Lazy.done(List([module]))}))
