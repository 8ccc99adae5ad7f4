"""lib.options and the makers of lib.modules: plain data that the module system gives its meaning (hslint.modules)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hslint.values.primitive import Registry
from hslint.values.value import Attrs, Bool, Failure, Int, Kind, Lazy, List, Primitive, String, Unknown, Value

if TYPE_CHECKING:
    from hslint.values.evaluate import Evaluator

library = Registry()

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RenamedOption:
    """Definitions of the old option count for the new one, with a warning."""

    old: Path
    new: Path


@dataclass(frozen=True, slots=True)
class AliasOption:
    """Definitions of the old option count for the new one, in silence."""

    old: Path
    new: Path


@dataclass(frozen=True, slots=True)
class RemovedOption:
    path: Path
    instructions: str


@dataclass(frozen=True, slots=True)
class ChangedOption:
    """`function config` gives the new option's value while the old one is set."""

    old: Path
    new: Path
    function: Lazy


@dataclass(frozen=True, slots=True)
class MergedOption:
    old: tuple[Path, ...]
    new: Path
    function: Lazy


def tagged(kind: str, **items: Lazy) -> Attrs:
    return Attrs({"_type": Lazy.done(String(kind)), **items})


def _path(ev: Evaluator, path: Lazy) -> Path:
    return tuple(ev.text(step) for step in ev.closed_list(path).items)


def _rename(ev: Evaluator, old: Lazy, new: Lazy) -> Value:
    return Attrs({}, native=RenamedOption(_path(ev, old), _path(ev, new)))


@library("mkRenamedOptionModule")
def mk_renamed_option_module(ev: Evaluator, old: Lazy, new: Lazy) -> Value:
    return _rename(ev, old, new)


@library("mkRenamedOptionModuleWith")
def mk_renamed_option_module_with(ev: Evaluator, options: Lazy) -> Value:
    given = ev.attrs(options)
    return _rename(ev, Lazy(lambda _: ev.select(given, "from")), Lazy(lambda _: ev.select(given, "to")))


@library("mkAliasOptionModule", "mkAliasOptionModuleMD")
def mk_alias_option_module(ev: Evaluator, old: Lazy, new: Lazy) -> Value:
    return Attrs({}, native=AliasOption(_path(ev, old), _path(ev, new)))


@library("mkRemovedOptionModule")
def mk_removed_option_module(ev: Evaluator, path: Lazy, instructions: Lazy) -> Value:
    return Attrs({}, native=RemovedOption(_path(ev, path), ev.text(instructions)))


@library("mkChangedOptionModule")
def mk_changed_option_module(ev: Evaluator, old: Lazy, new: Lazy, function: Lazy) -> Value:
    return Attrs({}, native=ChangedOption(_path(ev, old), _path(ev, new), function))


@library("mkMergedOptionModule")
def mk_merged_option_module(ev: Evaluator, old: Lazy, new: Lazy, function: Lazy) -> Value:
    paths = tuple(_path(ev, one) for one in ev.closed_list(old).items)
    return Attrs({}, native=MergedOption(paths, _path(ev, new), function))


@library("mkIf")
def mk_if(ev: Evaluator, condition: Lazy, content: Lazy) -> Value:
    return tagged("if", condition=condition, content=content)


@library("mkAssert")
def mk_assert(ev: Evaluator, assertion: Lazy, message: Lazy, content: Lazy) -> Value:
    if ev.decide(assertion.force(), None) is False:
        raise Failure(Kind.ERROR, f"\nFailed assertion: {ev.text(message)}", catchable=True)
    return mk_if(ev, Lazy.done(Bool(True)), content)


@library("mkMerge")
def mk_merge(ev: Evaluator, contents: Lazy) -> Value:
    return tagged("merge", contents=contents)


@library("mkOverride")
def mk_override(ev: Evaluator, priority: Lazy, content: Lazy) -> Value:
    return tagged("override", priority=priority, content=content)


@library("mkOrder")
def mk_order(ev: Evaluator, priority: Lazy, content: Lazy) -> Value:
    return tagged("order", priority=priority, content=content)


def _overriding(priority: int) -> object:
    def make(ev: Evaluator, content: Lazy) -> Value:
        return tagged("override", priority=Lazy.done(Int(priority)), content=content)

    return make


def _ordering(priority: int) -> object:
    def make(ev: Evaluator, content: Lazy) -> Value:
        return tagged("order", priority=Lazy.done(Int(priority)), content=content)

    return make


for _name, _priority in (
    ("mkOptionDefault", 1500),
    ("mkDefault", 1000),
    ("mkImageMediaOverride", 60),
    ("mkForce", 50),
    ("mkStrict", 50),
    ("mkVMOverride", 10),
):
    library.calling(_name, 1, _overriding(_priority))  # type: ignore[arg-type]
for _name, _priority in (("mkBefore", 500), ("mkAfter", 1500)):
    library.calling(_name, 1, _ordering(_priority))  # type: ignore[arg-type]


@library("mkFixStrictness", "mdDoc")
def identity(ev: Evaluator, value: Lazy) -> Value:
    return value.force()


@library("mkOption")
def mk_option(ev: Evaluator, options: Lazy) -> Value:
    given = ev.attrs(options)
    return Attrs({**given.items, "_type": Lazy.done(String("option"))}, given.span, given.rest, None, given.maybe)


@library("mkSinkUndeclaredOptions")
def mk_sink_undeclared_options(ev: Evaluator, attrs: Lazy) -> Value:
    return tagged(
        "option", internal=Lazy.done(Bool(True)), visible=Lazy.done(Bool(False)), default=Lazy.done(Bool(False))
    )


def _type(ev: Evaluator, name: str) -> Lazy:
    """An option type of the library that the module system supplies."""
    return Lazy(lambda _: ev.select(ev.select(ev.library.force(), "types"), name))


@library("mkEnableOption")
def mk_enable_option(ev: Evaluator, name: Lazy) -> Value:
    return tagged(
        "option",
        default=Lazy.done(Bool(False)),
        example=Lazy.done(Bool(True)),
        description=Lazy(lambda _: _sentence(ev, name)),
        type=_type(ev, "bool"),
    )


def _sentence(ev: Evaluator, name: Lazy) -> Value:
    value = name.force()
    return String.of(("Whether to enable ", *value.parts, ".")) if isinstance(value, String) else value


@library("mkPackageOption", "mkPackageOptionMD")
def mk_package_option(ev: Evaluator, packages: Lazy, name: Lazy, options: Lazy) -> Value:
    """The default is a package of the set, by its name or by a path of names."""
    given = ev.attrs(options)

    def path() -> list[str]:
        chosen = given.get("default")
        value = chosen.force() if chosen is not None else name.force()
        if isinstance(value, List):
            return [ev.text(step) for step in value.items]
        return [ev.text(Lazy.done(value))]

    def default(_: object) -> Value:
        found = packages.force()
        for step in path():
            found = ev.select(found, step)
        return found

    items = {
        "description": Lazy.done(String("The package to use.")),
        "type": _type(ev, "package"),
        "default": Lazy(default),
    }
    nullable = given.get("nullable")
    if nullable is not None and ev.decide(nullable.force(), None) is True:
        kind = Lazy(
            lambda _: ev.apply(ev.select(ev.select(ev.library.force(), "types"), "nullOr"), _type(ev, "package"))
        )
        items["type"] = kind
    chosen = given.get("default")
    if chosen is not None and type(chosen.outcome()).__name__ == "Null":
        items["default"] = chosen
    return tagged("option", **items)


@library("literalExpression", "literalExample", "literalDocBook", "literalMD")
def literal_expression(ev: Evaluator, text: Lazy) -> Value:
    return tagged("literalExpression", text=text)


@library("isOption")
def is_option(ev: Evaluator, value: Lazy) -> Value:
    return is_type_named(ev, "option", value)


def is_type_named(ev: Evaluator, name: str, value: Lazy) -> Value:
    found = value.force()
    if isinstance(found, Unknown):
        return found
    kind = found.get("_type") if isinstance(found, Attrs) else None
    if kind is None:
        return Bool(False)
    text = kind.force()
    return text if isinstance(text, Unknown) else Bool(isinstance(text, String) and text.known == name)


@library("isType")
def is_type(ev: Evaluator, name: Lazy, value: Lazy) -> Value:
    return is_type_named(ev, ev.text(name), value)


@library("setType")
def set_type(ev: Evaluator, name: Lazy, value: Lazy) -> Value:
    given = ev.attrs(value)
    return given.replaced({**given.items, "_type": name}, given.rest, given.maybe, given.span)


@library("mkAliasDefinitions")
def mk_alias_definitions(ev: Evaluator, option: Lazy) -> Value:
    return _alias(ev, Lazy.done(Primitive("id", 1, identity)), option)


@library("mkAliasAndWrapDefinitions")
def mk_alias_and_wrap_definitions(ev: Evaluator, wrap: Lazy, option: Lazy) -> Value:
    return _alias(ev, wrap, option)


def _alias(ev: Evaluator, wrap: Lazy, option: Lazy) -> Value:
    """The definitions of one option as a definition of another one."""
    given = ev.attrs(option)
    defined = Lazy(lambda _: ev.select(given, "isDefined"))
    definitions = Lazy(lambda _: tagged("merge", contents=Lazy(lambda _: ev.select(given, "definitions"))))
    return mk_if(ev, defined, Lazy(lambda _: ev.apply(wrap.force(), definitions)))


@library("getValues")
def get_values(ev: Evaluator, definitions: Lazy) -> Value:
    given = ev.list(definitions)
    return List([Lazy(lambda d: ev.select(d.force(), "value"), item) for item in given.items], rest=given.rest)


@library("getFiles")
def get_files(ev: Evaluator, definitions: Lazy) -> Value:
    given = ev.list(definitions)
    return List([Lazy(lambda d: ev.select(d.force(), "file"), item) for item in given.items], rest=given.rest)


@library("setDefaultModuleLocation")
def set_default_module_location(ev: Evaluator, file: Lazy, module: Lazy) -> Value:
    return Attrs({"_file": file, "imports": Lazy.done(List([module]))})


@library("importApply")
def import_apply(ev: Evaluator, path: Lazy, arguments: Lazy) -> Value:
    function = ev.import_value(path) if hasattr(ev, "import_value") else ev.import_file(ev.text(path))
    return Attrs({"_file": path, "imports": Lazy.done(List([Lazy(lambda _: ev.apply(function, arguments))]))})
