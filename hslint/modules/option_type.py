"""An option type: what it accepts and how its definitions merge; and the set that stands for it in Nix code."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from hslint.modules.definition import Definition, show_definitions
from hslint.modules.merge_functions import merge_default, merge_equal
from hslint.modules.result import Result
from hslint.modules.session import session_of
from hslint.values.constant import constant
from hslint.values.value import Attrs, Bool, Failure, Kind, Lazy, List, Null, Primitive, String, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hslint.modules.session import Session
    from hslint.values.evaluator import Evaluator

Loc = tuple[str, ...]

#: A message that is computed when it is read.
LazyMessage: TypeAlias = "Callable[[], str]"


class OptionType:
    """One type. Subclasses say what they accept (`check`) and how they merge.

    `description_class` decides about parentheses where the description stands inside another one (lib/types.nix:
    optionDescriptionPhrase). `v2` types report a wrong definition while they merge, which shows in their messages only.
    """

    name = "unspecified"
    description_class: str | None = None
    v2 = False
    #: Whether a single accepted definition is the value as it stands.
    is_scalar = False
    #: Whether the type merges what it has merged before to that very value.
    is_idempotent = False
    deprecation: str | None = None
    _view: Attrs | None = None

    @property
    def description(self) -> str:
        return self.name

    def check(self, session: Session, value: Value) -> bool | Unknown:
        """Whether the type accepts a value, by its outermost level; an unknown value may be accepted."""
        return True

    def head_error(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> LazyMessage | None:
        """The type error of the definitions at their outermost level, computed on demand: that takes their values apart."""
        wrong = [d for d in definitions if self.check(session, d.value.force()) is False]
        if not wrong:
            return None
        return lambda: (
            f"{'TypeError: ' if self.v2 else ''}Definition values:{' ' if self.v2 else ''}{show_definitions(wrong)}"
        )

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        return Result(merge_default(session, loc, definitions))

    def passes_conditions_on(self, session: Session, definitions: Sequence[Definition]) -> bool:
        """Whether an undecided condition around a definition may become one around each thing inside it."""
        return False

    def empty(self, session: Session, loc: Loc) -> Value | None:
        """The value without any definition; None when there must be one."""
        return None

    @property
    def is_submodule(self) -> bool:
        """Whether the value is one of options, so that what is not known of it is not known of them one by one."""
        return False

    def sub_modules(self) -> Sequence[Lazy] | None:
        return None

    def with_sub_modules(self, modules: Sequence[Lazy]) -> OptionType | None:
        return None

    def type_merge(self, session: Session, other: OptionType) -> OptionType | None:
        """The type of an option declared with both; None when they do not go together."""
        return (
            self
            if type(self) is type(other) and self.name == other.name and self.functor_name == other.functor_name
            else None
        )

    @property
    def functor_name(self) -> str:
        return self.name

    def as_merged(self) -> OptionType:
        """The type that another declaration's type merges with."""
        return self

    def nested(self) -> dict[str, OptionType]:
        return {}

    def payload(self) -> dict[str, Lazy] | None:
        """The `functor.payload` of the type."""
        nested = self.nested()
        element = nested.get("elemType")
        return {"elemType": Lazy.done(element.view())} if element is not None else None

    def sub_options(self, session: Session, prefix: Loc) -> Attrs:
        element = self.nested().get("elemType")
        return element.sub_options(session, (*prefix, self.placeholder)) if element is not None else Attrs({})

    placeholder = "*"

    def phrase(self, *classes: str) -> str:
        """The description for use inside another one: in parentheses unless it is of one of these classes."""
        return self.description if self.description_class in classes else f"({self.description})"

    # -- as a value ----------------------------------------------------------------------------------------------------

    def view(self) -> Attrs:
        """The set that Nix code sees."""
        if self._view is None:
            self._view = self._make_view()
        return self._view

    def _make_view(self) -> Attrs:
        def lazily(make: Callable[[], Value]) -> Lazy:
            return Lazy(lambda _: make())

        return Attrs(
            {
                "_type": constant("option-type"),
                "name": lazily(lambda: String(self.name)),
                "description": lazily(lambda: String(self.description)),
                "descriptionClass": constant(self.description_class or None),
                "deprecationMessage": constant(self.deprecation or None),
                "check": TypePart(self, lazily(self._check_view)),
                "merge": TypePart(self, lazily(self._merge_view)),
                "emptyValue": lazily(self.empty_view),
                "getSubOptions": Lazy.done(Primitive("getSubOptions", 1, self._sub_options)),
                "getSubModules": lazily(self._sub_modules_view),
                "substSubModules": Lazy.done(Primitive("substSubModules", 1, self._with_sub_modules)),
                "typeMerge": Lazy.done(Primitive("typeMerge", 1, self._type_merge)),
                "functor": lazily(self._functor),
                "nestedTypes": lazily(
                    lambda: Attrs({name: Lazy(_view_of, type_) for name, type_ in self.nested().items()})
                ),
            },
            native=self,
        )

    def _check_view(self) -> Value:
        def run(ev: Evaluator, value: Lazy) -> Value:
            answer = self.check(session_of(ev), value.force())
            return answer if isinstance(answer, Unknown) else Bool(answer)

        check = Primitive("check", 1, run)
        if not self.v2:
            return check
        return Attrs({"__functor": Lazy.done(_ignoring(check)), "isV2MergeCoherent": constant(True)})

    def _merge_view(self) -> Value:
        def run(ev: Evaluator, loc: Lazy, definitions: Lazy) -> Value:
            path = path_of(ev, loc)
            return self.merge(session_of(ev), path, definitions_of(ev, path, definitions)).value

        merge = Primitive("merge", 2, run)
        if not self.v2:
            return merge

        def run_v2(ev: Evaluator, given: Lazy) -> Value:
            attrs = ev.attrs(given)
            path = path_of(ev, attrs.items["loc"])
            found = definitions_of(ev, path, attrs.items["defs"])
            session = session_of(ev)
            result = Lazy(lambda _: self.merge(session, path, found).value)
            error = Lazy(lambda _: _error_view(self.head_error(session, path, found)))
            meta = Lazy(lambda _: self.merge(session, path, found).meta or Attrs({}))
            return Attrs({"value": result, "headError": error, "valueMeta": meta})

        return Attrs({"__functor": Lazy.done(_ignoring(merge)), "v2": Lazy.done(Primitive("v2", 1, run_v2))})

    def empty_view(self) -> Value:
        return Attrs({})

    def _sub_options(self, ev: Evaluator, prefix: Lazy) -> Value:
        return self.sub_options(session_of(ev), path_of(ev, prefix))

    def _sub_modules_view(self) -> Value:
        modules = self.sub_modules()
        return Null() if modules is None else List(list(modules))

    def _with_sub_modules(self, ev: Evaluator, modules: Lazy) -> Value:
        given = modules.force()
        changed = self.with_sub_modules(list(given.items)) if isinstance(given, List) else None
        return Null() if changed is None else changed.view()

    def _type_merge(self, ev: Evaluator, functor: Lazy) -> Value:
        other = ev.attrs(functor).native
        if not isinstance(other, OptionType):
            return Null()
        merged = self.type_merge(session_of(ev), other)
        return Null() if merged is None else merged.view()

    def _functor(self) -> Value:
        payload = self.payload()
        return Attrs(
            {
                "name": constant(self.functor_name),
                "payload": Lazy.done(Null() if payload is None else Attrs(payload)),
                "type": Lazy(_view_of, self),
                "wrapped": constant(None),
            },
            native=self,
        )


class TypePart(Lazy):
    """The `check` or `merge` of a type's set, from which the type is known again when the set was changed with `//`."""

    __slots__ = ("type",)

    def __init__(self, type_: OptionType, part: Lazy) -> None:
        super().__init__(lambda _: part.force())
        self.type = type_


class Scalar(OptionType):
    """A type whose definitions must all be the same."""

    description_class = "noun"
    is_scalar = True

    def __init__(self, name: str, description: str, accepts: Callable[[Value], bool | Unknown]) -> None:
        self.name = name
        self._description = description
        self.accepts = accepts

    @property
    def description(self) -> str:
        return self._description

    def check(self, session: Session, value: Value) -> bool | Unknown:
        return value if isinstance(value, Unknown) else self.accepts(value)

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        return Result(merge_equal(session, loc, definitions))


class Unknowable(OptionType):
    """An unknown type: what it makes of its definitions is unknown, and may be the value of a single one."""

    def __init__(self, unknown: Unknown) -> None:
        self.unknown = unknown

    def empty(self, session: Session, loc: Loc) -> Value | None:
        return self.unknown

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        values = tuple(d.value for d in definitions)
        may_be = values if len(values) == 1 else ()
        meta = Attrs({}, rest=self.unknown)
        return Result(Unknown(self.unknown.why, self.unknown.detail, self.unknown.span, may_be), meta=meta)


def _view_of(type_: OptionType) -> Value:
    return type_.view()


def _ignoring(function: Primitive) -> Primitive:
    """`__functor = _self: function`."""
    return Primitive(function.name, 1, lambda ev, self: function)


def _error_view(error: LazyMessage | None) -> Value:
    return Null() if error is None else Attrs({"message": Lazy(lambda message: String(message()), error)})


# -- definitions as Nix code passes them -------------------------------------------------------------------------------


def path_of(ev: Evaluator, loc: Lazy) -> Loc:
    return tuple(ev.text(item) for item in ev.closed_list(loc).items)


def definition_view(definition: Definition) -> Lazy:
    """A definition as a type's merge in Nix gets it: `{ file; value; }`."""
    items = {"file": constant(definition.file), "value": definition.value}
    return Lazy.done(Attrs(items, native=definition))


def definitions_of(ev: Evaluator, loc: Loc, given: Lazy) -> list[Definition]:
    found: list[Definition] = []
    for item in ev.closed_list(given).items:
        attrs = ev.attrs(item)
        if isinstance(attrs.native, Definition):
            found.append(attrs.native)
            continue
        value = attrs.items.get("value")
        if value is None:
            raise Failure(Kind.MISSING_ATTRIBUTE, "attribute 'value' missing", attrs.span)
        file = attrs.items.get("file")
        name = file.force() if file is not None else None
        text = name.known if isinstance(name, String) and name.known is not None else "<unknown-file>"
        found.append(Definition(loc, value, text, place=value.place, binding=value.binding))
    return found


def declaration_of(type_: OptionType | None, default: Value | Lazy | None = None, **more: Value) -> Lazy:
    """An option as `mkOption` declares it: with a type and a default, or None for none, and what else is to be said."""
    items = {"_type": constant("option")}
    if type_ is not None:
        items["type"] = Lazy(lambda t: t.view(), type_)
    if default is not None:
        items["default"] = default if isinstance(default, Lazy) else Lazy.done(default)
    items.update({name: Lazy.done(value) for name, value in more.items()})
    return Lazy.done(Attrs(items))
