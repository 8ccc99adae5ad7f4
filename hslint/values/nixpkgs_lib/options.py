"""lib.options and the makers of lib.modules: plain data that the module system gives its meaning (hslint.modules)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.values import budget, operations
from hslint.values.builtins.files import import_
from hslint.values.constant import constant
from hslint.values.option_changes import AliasOption, ChangedOption, MergedOption, RemovedOption, RenamedOption
from hslint.values.primitive import Registry
from hslint.values.value import Attrs, Bool, Failure, Kind, Lazy, List, Null, Primitive, String, Unknown, Value

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()
modules = Registry()


def tagged(kind: str, **items: Lazy) -> Attrs:
    return Attrs({"_type": constant(kind), **items})


def _path(ev: Evaluator, path: Lazy) -> tuple[str, ...]:
    return tuple(ev.text(step) for step in ev.closed_list(path).items)


def _rename(ev: Evaluator, old: Lazy, new: Lazy) -> Value:
    return Attrs({}, native=RenamedOption(_path(ev, old), _path(ev, new)))


@modules("mkRenamedOptionModule")
def mk_renamed_option_module(ev: Evaluator, old: Lazy, new: Lazy) -> Value:
    return _rename(ev, old, new)


@modules("mkRenamedOptionModuleWith")
def mk_renamed_option_module_with(ev: Evaluator, options: Lazy) -> Value:
    given = ev.attrs(options)
    return _rename(ev, Lazy(lambda _: ev.select(given, "from")), Lazy(lambda _: ev.select(given, "to")))


@modules("mkAliasOptionModule", "mkAliasOptionModuleMD")
def mk_alias_option_module(ev: Evaluator, old: Lazy, new: Lazy) -> Value:
    return Attrs({}, native=AliasOption(_path(ev, old), _path(ev, new)))


@modules("mkRemovedOptionModule")
def mk_removed_option_module(ev: Evaluator, path: Lazy, instructions: Lazy) -> Value:
    return Attrs({}, native=RemovedOption(_path(ev, path), ev.text(instructions)))


@modules("mkChangedOptionModule")
def mk_changed_option_module(ev: Evaluator, old: Lazy, new: Lazy, function: Lazy) -> Value:
    return Attrs({}, native=ChangedOption(_path(ev, old), _path(ev, new), function))


@modules("mkMergedOptionModule")
def mk_merged_option_module(ev: Evaluator, old: Lazy, new: Lazy, function: Lazy) -> Value:
    paths = tuple(_path(ev, one) for one in ev.closed_list(old).items)
    return Attrs({}, native=MergedOption(paths, _path(ev, new), function))


@modules("mkIf")
def mk_if(ev: Evaluator, condition: Lazy, content: Lazy) -> Value:
    return tagged("if", condition=condition, content=content)


@modules("mkAssert")
def mk_assert(ev: Evaluator, assertion: Lazy, message: Lazy, content: Lazy) -> Value:
    if not ev.holds(assertion.force(), None):
        raise Failure(Kind.ERROR, f"\nFailed assertion: {ev.text(message)}", catchable=True)
    return mk_if(ev, constant(True), content)


@modules("mkMerge")
def mk_merge(ev: Evaluator, contents: Lazy) -> Value:
    return tagged("merge", contents=contents)


@modules("mkOverride")
def mk_override(ev: Evaluator, priority: Lazy, content: Lazy) -> Value:
    return tagged("override", priority=priority, content=content)


@modules("mkOrder")
def mk_order(ev: Evaluator, priority: Lazy, content: Lazy) -> Value:
    return tagged("order", priority=priority, content=content)


def _overriding(priority: int) -> object:
    def make(ev: Evaluator, content: Lazy) -> Value:
        return tagged("override", priority=constant(priority), content=content)

    return make


def _ordering(priority: int) -> object:
    def make(ev: Evaluator, content: Lazy) -> Value:
        return tagged("order", priority=constant(priority), content=content)

    return make


for _name, _priority in (
    ("mkOptionDefault", 1500),
    ("mkDefault", 1000),
    ("mkImageMediaOverride", 60),
    ("mkForce", 50),
    ("mkStrict", 50),
    ("mkVMOverride", 10),
):
    modules.calling(_name, 1, _overriding(_priority))  # type: ignore[arg-type]
for _name, _priority in (("mkBefore", 500), ("mkAfter", 1500)):
    modules.calling(_name, 1, _ordering(_priority))  # type: ignore[arg-type]


@modules("mkFixStrictness", "mdDoc")
def identity(ev: Evaluator, value: Lazy) -> Value:
    return value.force()


@library("mkOption")
def mk_option(ev: Evaluator, options: Lazy) -> Value:
    given = ev.attrs(options)
    return Attrs({**given.items, "_type": constant("option")}, given.span, given.rest, None, given.maybe)


@library("mkSinkUndeclaredOptions")
def mk_sink_undeclared_options(ev: Evaluator, attrs: Lazy) -> Value:
    used = Failure(Kind.ERROR, "Option value is not readable because the option is not declared.", catchable=True)

    def apply(ev: Evaluator, value: Lazy) -> Value:
        raise used

    own = {
        "internal": constant(True),
        "visible": constant(False),
        "default": constant(False),
        "description": constant("Sink for option definitions."),
        "type": Lazy(lambda _: ev.apply(ev.select(ev.library.force(), "mkOptionType"), Lazy(lambda _: _sink()))),
        "apply": Lazy.done(Primitive("apply", 1, apply)),
    }
    return mk_option(ev, Lazy(lambda _: operations.update(ev, Attrs(own), attrs.force(), None)))


def _sink() -> Value:
    """A type that takes any definitions and merges them to false."""
    ignoring = Primitive("merge", 2, lambda ev, loc, definitions: Bool(False))
    accepting = Primitive("check", 1, lambda ev, value: Bool(True))
    name = constant("sink")
    return Attrs({"name": name, "check": Lazy.done(accepting), "merge": Lazy.done(ignoring)})


def _type(ev: Evaluator, name: str) -> Lazy:
    """An option type of the library that the module system supplies."""
    return Lazy(lambda _: ev.select(ev.select(ev.library.force(), "types"), name))


@library("mkEnableOption")
def mk_enable_option(ev: Evaluator, name: Lazy) -> Value:
    return tagged(
        "option",
        default=constant(False),
        example=constant(True),
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
    names = _names(ev, name)
    chosen = given.get("default")
    path = names if chosen is None else [] if isinstance(chosen.force(), Null) else _names(ev, chosen)
    nullable = given.get("nullable")
    or_null = nullable is not None and ev.decide(nullable.force(), None) is True
    set_name = given.get("pkgsText")

    def default(_: object) -> Value:
        found = packages.force()
        for step in path:
            found = ev.select(found, step)
        return found

    def either_null(_: object) -> Value:
        return ev.apply(_type(ev, "nullOr").force(), _type(ev, "package"))

    def described(_: object) -> Value:
        more = given.get("extraDescription")
        last = String(f"The {names[-1]} package to use.")
        if more is None or ev.string(more).known == "":
            return last
        return operations.concatenate(ev, (last, String(" "), ev.string(more)), None)

    def literal(text: str) -> Lazy:
        return Lazy(lambda _: tagged("literalExpression", text=constant(text)))

    items = {"type": Lazy(either_null) if or_null else _type(ev, "package"), "description": Lazy(described)}
    if path:
        prefix = ev.text(set_name) if set_name is not None else "pkgs"
        items["default"] = Lazy(default)
        items["defaultText"] = literal(".".join((prefix, *path)))
    elif or_null:
        items["default"] = constant(None)
    example = given.get("example")
    if example is not None:
        shown = example.force()
        written = [ev.text(item) for item in ev.closed_list(example).items] if isinstance(shown, List) else None
        items["example"] = (
            literal(".".join(("pkgs", *written)))
            if written is not None
            else Lazy(lambda _: tagged("literalExpression", text=example))
        )
    return tagged("option", **items)


def _names(ev: Evaluator, path: Lazy) -> list[str]:
    return list(_path(ev, path)) if isinstance(ev.known(path), List) else [ev.text(path)]


def _literal(kind: str) -> object:
    def make(ev: Evaluator, text: Lazy) -> Value:
        return tagged(kind, text=text)

    return make


for _name, _kind in (
    ("literalExpression", "literalExpression"),
    ("literalExample", "literalExpression"),
    ("literalMD", "literalMD"),
    ("literalDocBook", "literalDocBook"),
):
    library.calling(_name, 1, _literal(_kind))  # type: ignore[arg-type]


@library("isOption")
def is_option(ev: Evaluator, value: Lazy) -> Value:
    return is_type_named(ev, "option", value)


def is_type_named(ev: Evaluator, name: str, value: Lazy) -> Value:
    found = value.force()
    if isinstance(found, Unknown):
        return found.of_something_else
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


@modules("mkAliasDefinitions")
def mk_alias_definitions(ev: Evaluator, option: Lazy) -> Value:
    return _alias(ev, Lazy.done(Primitive("id", 1, identity)), option)


@modules("mkAliasAndWrapDefinitions")
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
    ev.spend(len(given.items) * budget.THUNK)
    return List([Lazy(lambda d: ev.select(d.force(), "value"), item) for item in given.items], rest=given.rest)


@library("getFiles")
def get_files(ev: Evaluator, definitions: Lazy) -> Value:
    given = ev.list(definitions)
    ev.spend(len(given.items) * budget.THUNK)
    return List([Lazy(lambda d: ev.select(d.force(), "file"), item) for item in given.items], rest=given.rest)


@modules("setDefaultModuleLocation")
def set_default_module_location(ev: Evaluator, file: Lazy, module: Lazy) -> Value:
    return Attrs({"_file": file, "imports": Lazy.done(List([module]))})


@modules("importApply")
def import_apply(ev: Evaluator, path: Lazy, arguments: Lazy) -> Value:
    """A module in a file, behind a function of something else than modules get."""
    module = Lazy(lambda _: ev.apply(import_(ev, path), arguments))
    return set_default_module_location(ev, path, module)


@modules("mkDefinition")
def mk_definition(ev: Evaluator, parts: Lazy) -> Value:
    given = ev.attrs(parts)
    return given.replaced({**given.items, "_type": constant("definition")}, given.rest, given.maybe, given.span)


@modules("mkAliasIfDef")
def mk_alias_if_def(ev: Evaluator, option: Lazy, content: Lazy) -> Value:
    given = ev.attrs(option)
    return mk_if(ev, Lazy(lambda _: ev.select(given, "isDefined")), content)


@modules("mapDefinitionValue")
def map_definition_value(ev: Evaluator, function: Lazy, definition: Lazy) -> Value:
    """The function applied to the value itself, however many conditions and priorities it is wrapped in."""
    found = definition.force()
    kind = found.get("_type") if isinstance(found, Attrs) else None
    name = kind.force() if kind is not None else None
    inner = {"if": "content", "override": "content", "order": "content", "definition": "value"}
    if isinstance(found, Attrs) and isinstance(name, String) and name.known in (*inner, "merge"):
        if name.known == "merge":
            contents = ev.list(Lazy.done(ev.select(found, "contents")))
            ev.spend(len(contents.items) * budget.THUNK)
            mapped = [Lazy(lambda one: map_definition_value(ev, function, one), item) for item in contents.items]
            part, new = "contents", Lazy.done(List(mapped, contents.span, contents.rest))
        else:
            part = inner[name.known or ""]
            old = found.get(part) or Lazy(lambda _: ev.select(found, part))
            new = Lazy(lambda _: map_definition_value(ev, function, old))
        return found.replaced({**found.items, part: new}, found.rest, found.maybe, found.span)
    return ev.apply(function.force(), definition)


#: Priorities of a definition without mkOverride and without mkOrder.
PRIORITIES = {"defaultOverridePriority": 100, "defaultOrderPriority": 1000}
