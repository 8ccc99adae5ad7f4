"""The part of `lib` that works on options: types, evalModules and their kin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.modules.attr_tag import AttrTag
from hslint.modules.collect import Given
from hslint.modules.declaration import Declaration, Declared
from hslint.modules.definition import PLAIN, PLAIN_ORDER, Definition, show_definitions
from hslint.modules.evaluation import Evaluation
from hslint.modules.merge import Merged
from hslint.modules.merge_functions import merge_default, merge_equal, merge_unique
from hslint.modules.module_system import module_system
from hslint.modules.option_type import Loc, OptionType, Unknowable, definitions_of, path_of
from hslint.modules.option_types.alternatives import CoercedTo, Either, NullOr, Serializable, one_of
from hslint.modules.option_types.checked import Checked, predicate
from hslint.modules.option_types.composite import AttrsOf, LazyAttrsOf, ListOf, NonEmptyListOf, Unique
from hslint.modules.option_types.from_value import WrittenType, type_of
from hslint.modules.option_types.plain import (
    FLOAT,
    INT,
    Enum,
    FunctionTo,
    PathWith,
    SeparatedString,
    StrMatching,
    int_between,
    ints,
    plain_types,
)
from hslint.modules.properties import Raw, located, make, property_type
from hslint.modules.renamed import renamed
from hslint.modules.session import Session
from hslint.modules.show import show_files, show_option
from hslint.modules.submodule import DeferredModule, Submodule
from hslint.values.constant import constant
from hslint.values.value import (
    Attrs,
    Bool,
    Failure,
    Float,
    Int,
    Kind,
    Lazy,
    List,
    Null,
    Primitive,
    String,
    Unknown,
    Value,
    Why,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hslint.values.evaluator import Evaluator

_MODULE_ARGUMENTS = ("modules", "prefix", "specialArgs", "class", "args", "check")


#: Types that are not used for services, or that take more to evaluate than modules do.
_NOT_MODELLED = (
    "attrListOf",
    "attrListWith",
    "defaultFunctor",
    "defaultTypeMerge",
    "fileset",
    "isType",
    "luaInline",
    "noCheckForDocsModule",
    "optionDescriptionPhrase",
    "pkgs",
    "setType",
)


def _formals(*names: str) -> Mapping[str, bool]:
    return {name.rstrip("?"): name.endswith("?") for name in names}


class Library:
    """The functions, bound to one evaluator."""

    def __init__(self, ev: Evaluator) -> None:
        self.ev = ev
        self.session: Session = module_system(ev)

    # -- types ---------------------------------------------------------------------------------------------------------

    def type(self, lazy: Lazy) -> OptionType:
        return type_of(self.session, lazy.force())

    def types(self) -> Attrs:
        found: dict[str, Lazy] = {name: _shown(type_) for name, type_ in plain_types().items()}
        found["ints"] = Lazy.done(
            Attrs(
                {
                    **{n: _shown(t) for n, t in ints().items()},
                    "between": Lazy.done(Primitive("between", 2, self._ints_between)),
                }
            )
        )
        number = Either(INT, FLOAT)
        found["number"] = _shown(number)
        found["numbers"] = Lazy.done(
            Attrs(
                {
                    "between": Lazy.done(Primitive("between", 2, self._numbers_between)),
                    "nonnegative": _shown(_numbers(number, "Nonnegative", "nonnegative", ">=0", lambda n: n >= 0)),
                    "positive": _shown(_numbers(number, "Positive", "positive", ">0", lambda n: n > 0)),
                }
            )
        )
        found["deferredModule"] = _shown(DeferredModule(self.session))
        found["json"] = _shown(Serializable("JSON"))
        found["toml"] = _shown(Serializable("TOML", nullable=False))
        functions: dict[str, tuple[int, Callable[..., OptionType]]] = {
            "listOf": (1, lambda e: ListOf(self.type(e))),
            "nonEmptyListOf": (1, lambda e: NonEmptyListOf(self.type(e))),
            "attrsOf": (1, lambda e: AttrsOf(self.type(e))),
            "lazyAttrsOf": (1, lambda e: LazyAttrsOf(self.type(e))),
            "loaOf": (1, lambda e: AttrsOf(self.type(e))),
            "attrsWith": (1, self._attrs_with),
            "nullOr": (1, lambda e: NullOr(self.type(e))),
            "uniq": (1, lambda e: Unique(self.type(e))),
            "unique": (2, lambda m, e: Unique(self.type(e), self.ev.text(self.ev.attrs(m).items["message"]))),
            "functionTo": (1, lambda e: FunctionTo(lambda: self.type(e))),
            "either": (2, lambda left, right: Either(self.type(left), self.type(right))),
            "oneOf": (1, lambda types: one_of([self.type(t) for t in self.ev.closed_list(types).items])),
            "enum": (1, self._enum),
            "strMatching": (1, lambda pattern: StrMatching(self.ev.text(pattern))),
            "separatedString": (1, lambda separator: SeparatedString(self.ev.text(separator))),
            "passwdEntry": (1, self._passwd_entry),
            "coercedTo": (3, self._coerced_to),
            "addCheck": (2, lambda e, check: Checked(self.type(e), predicate(check))),
            "submodule": (1, self._submodule),
            "submoduleWith": (1, self._submodule_with),
            "deferredModuleWith": (1, self._deferred_with),
            "attrTag": (1, self._attr_tag),
            "pathWith": (1, self._path_with),
            "serializableValueWith": (1, self._serializable),
        }
        for name, (arity, made) in functions.items():
            found[name] = Lazy.done(self._making(name, arity, made))
        found["mkOptionType"] = Lazy.done(Primitive("mkOptionType", 1, self._make_type))
        found["isOptionType"] = Lazy.done(
            Primitive("isOptionType", 1, lambda ev, value: _is_type(value.force(), "option-type"))
        )
        found["mergeTypes"] = Lazy.done(Primitive("mergeTypes", 2, self._merge_types))
        for name in _NOT_MODELLED:
            found[name] = Lazy.done(Unknown(Why.FUNCTION, f"lib.types.{name}"))
        # No `rest` for types that nixpkgs has got since: in `with lib; with lib.types;` it would hide all of lib.
        types = Attrs(found)
        found["types"] = Lazy.done(types)
        return types

    def _making(self, name: str, arity: int, make: Callable[..., OptionType]) -> Primitive:
        return Primitive(name, arity, lambda ev, *arguments: make(*arguments).view())

    def _ints_between(self, ev: Evaluator, lowest: Lazy, highest: Lazy) -> Value:
        low, high = ev.integer(lowest), ev.integer(highest)
        if low > high:
            raise Failure(Kind.ERROR, "ints.between: lowest must be smaller than highest", catchable=True)
        return int_between(low, high).view()

    def _numbers_between(self, ev: Evaluator, lowest: Lazy, highest: Lazy) -> Value:
        low, high = _number(ev.known(lowest)), _number(ev.known(highest))
        shown = f"integer or floating point number between {low} and {high} (both inclusive)"
        accepts = lambda session, value: low <= _number(value) <= high  # noqa: E731
        return Checked(Either(INT, FLOAT), accepts, "numberBetween", shown).view()

    def _attrs_with(self, given: Lazy) -> OptionType:
        attrs = self.ev.attrs(given)
        lazy = attrs.items.get("lazy")
        placeholder = attrs.items.get("placeholder")
        kind = LazyAttrsOf if lazy is not None and self.ev.boolean(lazy) else AttrsOf
        return kind(
            self.type(attrs.items["elemType"]), self.ev.text(placeholder) if placeholder is not None else "name"
        )

    def _enum(self, values: Lazy) -> OptionType:
        value = values.force()
        if isinstance(value, Unknown):
            return Unknowable(value)
        listed = self.ev.list(values)
        return Enum(list(listed.items), more=listed.rest)

    def _passwd_entry(self, element: Lazy) -> OptionType:
        inner = self.type(element)
        described = f"{inner.phrase('noun')}, not containing newlines or colons"

        def accepts(session: Session, value: Value) -> bool | Unknown:
            if isinstance(value, String) and value.known is not None:
                return ":" not in value.known and "\n" not in value.known
            return value.unknown or True if isinstance(value, String) else True

        return Checked(inner, accepts, f"passwdEntry {inner.name}", described, "nonRestrictiveClause")

    def _coerced_to(self, source: Lazy, convert: Lazy, final: Lazy) -> OptionType:
        coerced = self.type(source)
        if coerced.sub_modules() is not None:
            message = f"coercedTo: coercedType must not have submodules (it’s a {coerced.description})"
            raise Failure(Kind.ERROR, message, catchable=True)
        return CoercedTo(coerced, convert, self.type(final))

    def _submodule(self, modules: Lazy) -> OptionType:
        value = modules.force()
        if isinstance(value, Unknown):
            return Unknowable(value)
        listed = list(value.items) if isinstance(value, List) else [modules]
        return Submodule(self.session, listed, {}, shorthand=True)

    def _submodule_with(self, given: Lazy) -> OptionType:
        attrs = self.ev.attrs(given)
        items = attrs.items
        modules = items["modules"].force()
        if isinstance(modules, Unknown):
            return Unknowable(modules)
        special = items.get("specialArgs")
        shorthand: bool | None = False
        if (lazy := items.get("shorthandOnlyDefinesConfig")) is not None:
            value = lazy.force()
            shorthand = value.value if isinstance(value, Bool) else None
        return Submodule(
            self.session,
            list(self.ev.list(items["modules"]).items),
            dict(self.ev.attrs(special).items) if special is not None else {},
            shorthand=shorthand,
            class_=self._text_or_none(items.get("class")),
            description=self._text_or_none(items.get("description")),
        )

    def _text_or_none(self, lazy: Lazy | None) -> str | None:
        if lazy is None or isinstance(lazy.force(), Null):
            return None
        return self.ev.text(lazy)

    def _deferred_with(self, given: Lazy) -> OptionType:
        static = self.ev.attrs(given).items.get("staticModules")
        return DeferredModule(self.session, list(self.ev.list(static).items) if static is not None else [])

    def _attr_tag(self, tags: Lazy) -> OptionType:
        attrs = self.ev.attrs(tags)
        return AttrTag(dict(attrs.items), attrs)

    def _path_with(self, given: Lazy) -> OptionType:
        def asked(name: str) -> bool | None:
            lazy = self.ev.attrs(given).items.get(name)
            return None if lazy is None or isinstance(lazy.force(), Null) else self.ev.boolean(lazy)

        in_store, absolute = asked("inStore"), asked("absolute")
        if in_store and absolute is False:
            raise Failure(Kind.ERROR, "In pathWith, inStore means the path must be absolute", catchable=True)
        return PathWith(in_store=in_store, absolute=absolute)

    def _serializable(self, given: Lazy) -> OptionType:
        attrs = self.ev.attrs(given)
        nullable = attrs.items.get("nullable")
        return Serializable(
            self.ev.text(attrs.items["typeName"]), nullable=nullable is None or self.ev.boolean(nullable)
        )

    def _make_type(self, ev: Evaluator, given: Lazy) -> Value:
        """`mkOptionType`: what is not given is as for any type."""
        attrs = ev.attrs(given)
        plain = OptionType()
        if "name" in attrs.items:
            name = ev.text(attrs.items["name"])
            plain.name = name
        items = {**plain.view().items, **attrs.items, "_type": constant("option-type")}
        if "description" not in attrs.items or isinstance(attrs.items["description"].force(), Null):
            items["description"] = items["name"]
        made = Attrs(items, attrs.span)
        made.native = WrittenType(self.session, made)
        if "typeMerge" not in attrs.items:
            merges = "functor" in attrs.items
            items["typeMerge"] = Lazy.done(
                Primitive(
                    "typeMerge", 1, lambda ev, other: self._default_type_merge(ev, made, other, by_functor=merges)
                )
            )
            if not merges:
                items["functor"] = Lazy.done(
                    Attrs(
                        {
                            "name": items["name"],
                            "type": constant(None),
                            "payload": constant(None),
                            "binOp": Lazy.done(Primitive("binOp", 2, lambda ev, one, other: Null())),
                        },
                        native=made.native,
                    )
                )
        return made

    def _default_type_merge(self, ev: Evaluator, made: Attrs, other: Lazy, *, by_functor: bool) -> Value:
        """`defaultTypeMerge`."""
        mine, theirs = ev.attrs(made.items["functor"]), ev.attrs(other)
        if ev.text(mine.items["name"]) != ev.text(theirs.items["name"]):
            return Null()
        if not by_functor:
            # `functor.type` of an ad-hoc type is what lib.types has under its name, most often nothing.
            return Null()
        payload = mine.items.get("payload")
        if payload is None or isinstance(payload.force(), Null):
            return ev.select(mine, "type")
        merged = ev.call(ev.select(mine, "binOp"), payload, theirs.items["payload"])
        return Null() if isinstance(merged, Null) else ev.call(ev.select(mine, "type"), Lazy.done(merged))

    def _merge_types(self, ev: Evaluator, one: Lazy, other: Lazy) -> Value:
        merged = self.type(one).type_merge(self.session, self.type(other).as_merged())
        if merged is not None:
            return merged.view()
        return Attrs({"_type": constant("merge-error"), "error": constant("Cannot merge types")})

    # -- modules and options -------------------------------------------------------------------------------------------

    def eval_modules(self, ev: Evaluator, given: Lazy) -> Value:
        attrs = ev.attrs(given)
        items = attrs.items
        unexpected = next((name for name in items if name not in _MODULE_ARGUMENTS), None)
        if unexpected is not None:
            raise Failure(Kind.MISSING_ARGUMENT, f"function called with unexpected argument '{unexpected}'", attrs.span)
        if "modules" not in items:
            raise Failure(Kind.MISSING_ARGUMENT, "function called without required argument 'modules'", attrs.span)
        opening: Unknown | None = None
        listed = items["modules"].force()
        if isinstance(listed, Unknown):
            modules, opening = [], listed
        else:
            found = ev.list(items["modules"])
            modules = [Given(item) for item in found.placed()]
            opening = found.rest
        if (args := items.get("args")) is not None:
            config = Attrs({"_module": Lazy.done(Attrs({"args": args}))})
            modules.append(Given(Lazy.done(Attrs({"config": Lazy.done(config)}))))
        if (check := items.get("check")) is not None:
            default = Attrs({"_type": constant("override"), "priority": constant(1000), "content": check})
            config = Attrs({"_module": Lazy.done(Attrs({"check": Lazy.done(default)}))})
            modules.append(Given(Lazy.done(Attrs({"config": Lazy.done(config)}))))
        special = ev.attrs(items["specialArgs"]) if "specialArgs" in items else Attrs({})
        evaluation = Evaluation(
            self.session,
            modules,
            prefix=path_of(ev, items["prefix"]) if "prefix" in items else (),
            special_args=special.items,
            special_rest=special.rest,
            class_=self._text_or_none(items.get("class")),
            opening=opening,
        )
        if evaluation.class_ is not None:
            self.session.evaluations.append(evaluation)
        return evaluation.result()

    def merge_definitions(self, ev: Evaluator, loc: Lazy, type_: Lazy, definitions: Lazy) -> Value:
        path = path_of(ev, loc)
        raws = [Raw(d.value, d.file, (), d.place, d.binding) for d in definitions_of(ev, path, definitions)]
        merged = Merged(self.session, path, self.type(type_), raws)

        def defined(_: object) -> Value:
            answer = merged.is_defined
            return answer if isinstance(answer, Unknown) else Bool(answer)

        def optional(_: object) -> Value:
            return Attrs({"value": value}) if merged.is_defined is True else Attrs({})

        value = Lazy(lambda _: merged.value())
        return Attrs({"mergedValue": value, "isDefined": Lazy(defined), "optionalValue": Lazy(optional)})

    def merge_option_decls(self, ev: Evaluator, loc: Lazy, given: Lazy) -> Value:
        path = path_of(ev, loc)
        declared: list[Declared] = []
        for item in ev.closed_list(given).items:
            one = ev.attrs(item)
            file = one.items.get("_file")
            declared.append(
                Declared(ev.text(file) if file is not None else "<unknown-file>", one.items["options"], item.place)
            )
        declaration = Declaration(self.session, path, declared)
        return Attrs({**declaration.attrs, "type": Lazy(lambda _: declaration.type().view())})

    def extra(self) -> Mapping[str, Lazy]:
        types = Lazy(lambda _: self.types())

        def function(name: str, arity: int, run: Callable[..., Value], *formals: str) -> Lazy:
            return Lazy.done(Primitive(name, arity, run, takes=_formals(*formals) if formals else None))

        evaluate = function(
            "evalModules", 1, self.eval_modules, "modules", "prefix?", "specialArgs?", "class?", "args?", "check?"
        )
        make_type = Lazy(lambda _: self.ev.select(types.force(), "mkOptionType"))
        default = function("mergeDefaultOption", 2, self._merging(merge_default))
        equal = function("mergeEqualOption", 2, self._merging(merge_equal))
        one = function("mergeOneOption", 2, self._merging(lambda s, loc, d: merge_unique(s, loc, d).value.force()))
        unique = function("mergeUniqueOption", 3, self._merge_unique)
        shown = function("showOption", 1, lambda ev, loc: String(show_option(path_of(ev, loc))))
        files = function(
            "showFiles", 1, lambda ev, files: String(show_files(ev.text(f) for f in ev.closed_list(files).items))
        )
        definitions = function("showDefs", 1, lambda ev, d: String(show_definitions(definitions_of(ev, (), d))))
        found = {
            "types": types,
            "evalModules": evaluate,
            "mkOptionType": make_type,
            "isOptionType": Lazy(lambda _: self.ev.select(types.force(), "isOptionType")),
            "mergeDefinitions": function("mergeDefinitions", 3, self.merge_definitions),
            "mergeOptionDecls": function("mergeOptionDecls", 2, self.merge_option_decls),
            "mergeDefaultOption": default,
            "mergeEqualOption": equal,
            "mergeOneOption": one,
            "mergeUniqueOption": unique,
            "showOption": shown,
            "showFiles": files,
        }
        for name in ("evalModules", "mergeDefinitions", "mergeOptionDecls"):
            found[f"modules.{name}"] = found[name]
        for name in (
            "mergeDefaultOption",
            "mergeEqualOption",
            "mergeOneOption",
            "mergeUniqueOption",
            "showOption",
            "showFiles",
        ):
            found[f"options.{name}"] = found[name]
        found["options.showDefs"] = definitions
        for name, lazy in self._definition_functions().items():
            found[name] = found[f"modules.{name}"] = lazy
        return found

    def _definition_functions(self) -> dict[str, Lazy]:
        """The functions of `lib` that make definitions out of options and their definitions."""

        def with_priority(ev: Evaluator, wrap: Lazy, option: Lazy) -> Value:
            attrs = ev.attrs(option)
            priority = attrs.items.get("highestPrio") or constant(PLAIN)

            def wrapped(_: object) -> Value:
                definitions = ev.list(attrs.items["definitions"])
                items = [
                    located(make("override", priority=priority, content=d), d.place, d.binding)
                    for d in definitions.items
                ]
                return make("merge", contents=Lazy.done(List(items, rest=definitions.rest)))

            content = Lazy(lambda _: ev.apply(wrap.force(), Lazy(wrapped)))
            return make("if", condition=attrs.items["isDefined"], content=content)

        def derived(ev: Evaluator, option: Lazy, function: Lazy) -> Value:
            attrs = ev.attrs(option)
            priority = attrs.items.get("highestPrio") or constant(PLAIN)
            content = Lazy(lambda _: ev.apply(function.force(), attrs.items["value"]))
            return make("override", priority=priority, content=content)

        def definition(ev: Evaluator, given: Lazy) -> Value:
            return Attrs({**ev.attrs(given).items, "_type": constant("definition")})

        def rename(ev: Evaluator, given: Lazy) -> Value:
            items = ev.attrs(given).items
            asked = {name: ev.boolean(items[name]) for name in ("warn", "visible", "withPriority") if name in items}
            return renamed(
                path_of(ev, items["from"]),
                path_of(ev, items["to"]),
                warn=asked.get("warn", False),
                visible=asked.get("visible", False),
                with_priority=asked.get("withPriority", True),
                condition=items.get("condition"),
            )

        functions: dict[str, tuple[int, Callable[..., Value]]] = {
            "mkDefinition": (1, definition),
            "mkAliasAndWrapDefsWithPriority": (2, with_priority),
            "mkDerivedConfig": (2, derived),
            "doRename": (1, rename),
        }
        found = {name: Lazy.done(Primitive(name, arity, run)) for name, (arity, run) in functions.items()}
        found["defaultOverridePriority"] = constant(PLAIN)
        found["defaultOrderPriority"] = constant(PLAIN_ORDER)
        return found

    def _merging(self, run: Callable[[Session, Loc, Sequence[Definition]], Value]) -> Callable[..., Value]:
        def merge(ev: Evaluator, loc: Lazy, definitions: Lazy) -> Value:
            path = path_of(ev, loc)
            return run(self.session, path, definitions_of(ev, path, definitions))

        return merge

    def _merge_unique(self, ev: Evaluator, given: Lazy, loc: Lazy, definitions: Lazy) -> Value:
        attrs = ev.attrs(given)
        path = path_of(ev, loc)
        only = merge_unique(self.session, path, definitions_of(ev, path, definitions), ev.text(attrs.items["message"]))
        if "merge" in attrs.items:
            return ev.call(attrs.items["merge"].force(), loc, definitions)
        return only.value.force()


def _shown(type_: OptionType) -> Lazy:
    return Lazy(lambda t: t.view(), type_)


def _is_type(value: Value, kind: str) -> Value:
    if isinstance(value, Unknown):
        return Unknown(value.why, value.detail)
    return Bool(property_type(value) == kind)


def _number(value: Value) -> float:
    if isinstance(value, Int | Float):
        return value.value
    raise Failure(Kind.TYPE, "value is no number", value.span)


def _numbers(element: OptionType, name: str, word: str, meaning: str, accepts: Callable[[float], bool]) -> OptionType:
    described = f"{word} integer or floating point number, meaning {meaning}"
    return Checked(
        element, lambda s, value: accepts(_number(value)), f"number{name}", described, "nonRestrictiveClause"
    )
