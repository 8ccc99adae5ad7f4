"""Types without types inside them: bool, int and its ranges, str and its patterns, path, package, enum, raw, anything (lib/types.nix)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from hslint.modules.merge import Merged
from hslint.modules.merge_functions import merge_equal, merge_unique
from hslint.modules.option_type import Loc, OptionType, Scalar
from hslint.modules.option_types.composite import AttrsOf
from hslint.modules.properties import Raw as Written
from hslint.modules.properties import property_type
from hslint.modules.result import Result
from hslint.modules.show import show_files, show_option
from hslint.values import operations
from hslint.values.constant import constant
from hslint.values.predicates import is_derivation, is_function, is_string_like, type_word
from hslint.values.show import quoted
from hslint.values.value import (
    Attrs,
    Bool,
    Closure,
    Failure,
    Float,
    Int,
    Kind,
    Lazy,
    List,
    Path,
    Primitive,
    String,
    Unknown,
    Value,
    type_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hslint.modules.definition import Definition
    from hslint.modules.session import Session

STORE = "/nix/store/"
#: A path with a store path at its beginning (lib/path: hasStorePathPrefix).
_STORE_PATH = re.compile(r"/nix/store/+.{32}-.+")


class Raw(OptionType):
    name = "raw"
    description_class = "noun"

    @property
    def description(self) -> str:
        return "raw value"

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        return Result(merge_unique(session, loc, definitions).value.force())


class Unspecified(OptionType):
    name = "unspecified"
    description_class = "noun"

    @property
    def description(self) -> str:
        return "unspecified value"


class Anything(OptionType):
    name = "anything"
    description_class = "noun"
    is_idempotent = True
    _set: OptionType | None = None

    def _set_of_anything(self) -> OptionType:
        """One type, whatever the depth."""
        if self._set is None:
            self._set = AttrsOf(self)
        return self._set

    def passes_conditions_on(self, session: Session, definitions: Sequence[Definition]) -> bool:
        return all(self.kind(d.value.force()) == "set" for d in definitions)

    @staticmethod
    def kind(value: Value) -> str:
        match value:
            case Attrs() if is_string_like(value):
                return "stringCoercibleSet"
            case Closure() | Primitive():
                return "lambda"
            case Attrs():
                return "set"
            case _:
                return type_name(value)

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        kinds = {self.kind(d.value.force()) for d in definitions if not isinstance(d.value.force(), Unknown)}
        if len(kinds) > 1:
            raise Failure(
                Kind.TYPE,
                f"The option `{show_option(loc)}' has conflicting option types in {show_files(d.file for d in definitions)}",
                definitions[-1].place,
                catchable=True,
            )
        match next(iter(kinds), ""):
            case "set":
                return self._set_of_anything().merge(session, loc, definitions)
            case "stringCoercibleSet":
                return Result(merge_unique(session, loc, definitions).value.force())
            case "lambda":
                return Result(merged_functions(session, (*loc, "<function body>"), lambda: self, definitions))
            case _:
                return Result(merge_equal(session, loc, definitions))


def merged_functions(
    session: Session, loc: Loc, type_: Callable[[], OptionType], definitions: Sequence[Definition]
) -> Value:
    """One function that merges what several give; the type of its results is asked for when it is called."""

    def run(ev: object, argument: Lazy) -> Value:
        def applied(definition: Definition) -> Lazy:
            return Lazy(lambda d: session.ev.apply(d.value.force(), argument), definition)

        return Merged(
            session, loc, type_(), [Written(applied(d), d.file, (), d.place, d.binding) for d in definitions]
        ).value()

    return Primitive("<merged function>", 1, run)


class BoolByOr(OptionType):
    name = "boolByOr"
    description_class = "noun"

    @property
    def description(self) -> str:
        return "boolean (merged using or)"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        return value if isinstance(value, Unknown) else isinstance(value, Bool)

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        values = [d.value.force() for d in definitions]
        true = next((v for v in values if isinstance(v, Bool) and v.value), None)
        return Result(true or next((v for v in values if isinstance(v, Unknown)), values[0]))


class StrMatching(Scalar):
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        super().__init__(f"strMatching {quoted(pattern)}", f"string matching the pattern {pattern}", lambda value: True)

    @property
    def functor_name(self) -> str:
        return "strMatching"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        if not isinstance(value, String):
            return value if isinstance(value, Unknown) else False
        return matches(session, self.pattern, value)

    def payload(self) -> dict[str, Lazy] | None:
        return {"pattern": constant(self.pattern)}


def matches(session: Session, pattern: str, value: String) -> bool | Unknown:
    """`builtins.match pattern value != null`."""
    if value.known is None:
        assert value.unknown is not None
        return value.unknown
    ev = session.ev
    builtins = ev.globals.names["builtins"].force()
    found = ev.call(ev.select(builtins, "match"), constant(pattern), Lazy.done(value))
    return found if isinstance(found, Unknown) else isinstance(found, List)


class SingleLineStr(StrMatching):
    is_scalar = False

    def __init__(self) -> None:
        super().__init__("[^\n\r]*\n?")
        self.name = "singleLineStr"
        self._description = "(optionally newline-terminated) single-line string"

    @property
    def functor_name(self) -> str:
        return self.name

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        value = merge_equal(session, loc, definitions)
        if isinstance(value, String) and value.known is not None and value.known.endswith("\n"):
            return Result(String(value.known[:-1], value.span, context=value.context))
        return Result(value)

    def payload(self) -> dict[str, Lazy] | None:
        return None


class SeparatedString(OptionType):
    name = "separatedString"
    description_class = "noun"

    def __init__(self, separator: str) -> None:
        self.separator = separator

    @property
    def description(self) -> str:
        return f"strings concatenated with {json.dumps(self.separator)}"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        return value if isinstance(value, Unknown) else isinstance(value, String)

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        pieces: list[String | Unknown] = []
        for number, definition in enumerate(definitions):
            if number and self.separator:
                pieces.append(String(self.separator))
            value = definition.value.force()
            assert isinstance(value, String | Unknown)
            pieces.append(value)
        if len(pieces) == 1:
            return Result(pieces[0])
        return Result(operations.concatenate(session.ev, pieces, definitions[0].value.force().span))

    def type_merge(self, session: Session, other: OptionType) -> OptionType | None:
        return self if isinstance(other, SeparatedString) and other.separator == self.separator else None

    def payload(self) -> dict[str, Lazy] | None:
        return {"sep": constant(self.separator)}


class AnyAttrs(OptionType):
    """`types.attrs`: sets joined with `//`."""

    name = "attrs"

    @property
    def description(self) -> str:
        return "attribute set"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        return value if isinstance(value, Unknown) else isinstance(value, Attrs)

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        merged: Value = Attrs({})
        for definition in definitions:
            merged = operations.update(session.ev, merged, definition.value.force(), definition.value.force().span)
        return Result(merged)

    def empty(self, session: Session, loc: Loc) -> Value | None:
        return Attrs({})

    def empty_view(self) -> Value:
        return Attrs({"value": Lazy.done(Attrs({}))})


class Package(OptionType):
    """A derivation, or a path to something in the store."""

    name = "package"
    description_class = "noun"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        match value:
            case Unknown():
                return value
            case Attrs():
                if is_derivation(value) or value.rest is not None:
                    return True
                out = value.items.get("outPath")
                return self.check(session, out.force()) if out is not None else "__toString" in value.items
            case String(known=str(text)):
                return text.startswith(STORE) and text.count("/") == 3 and len(text) > len(STORE)
            case String():
                return value.starts_with(STORE) is not False
            case Path(path):
                return path.startswith(STORE) and path.count("/") == 3
            case _:
                return False

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        return Result(merge_unique(session, loc, definitions).value.force())


class ShellPackage(Package):
    def check(self, session: Session, value: Value) -> bool | Unknown:
        if isinstance(value, Unknown):
            return value
        return (
            is_derivation(value) and isinstance(value, Attrs) and ("shellPath" in value.items or value.rest is not None)
        )


class PathWith(OptionType):
    """`types.path` and its kin: `in_store` and `absolute` are demanded when they are not None."""

    name = "path"
    is_scalar = True
    description_class = "noun"

    def __init__(self, *, in_store: bool | None = None, absolute: bool | None = None) -> None:
        self.in_store = in_store
        self.absolute = absolute

    @property
    def description(self) -> str:
        kind = {None: "", True: "absolute ", False: "relative "}[self.absolute]
        return f"{kind}path" + {None: "", True: " in the Nix store", False: " not in the Nix store"}[self.in_store]

    def check(self, session: Session, value: Value) -> bool | Unknown:
        if isinstance(value, Unknown):
            return value
        if not (is_string_like(value) if self.in_store is not False else isinstance(value, String)):
            return value.rest if isinstance(value, Attrs) and value.rest is not None else False
        text = operations.coerce(session.ev, value, more=True, copy_paths=False)
        if isinstance(text, Unknown):
            return text
        answer: bool | Unknown = True
        if self.in_store is not None:
            inside = text.starts_with(STORE)
            if inside and text.known is not None:
                inside = _STORE_PATH.match(text.known) is not None
            if isinstance(value, Path) and inside is False:
                inside = None  # a flake's own files are copied to the store before they are read
            answer = text.unknown or True if inside is None else inside is self.in_store
        if self.absolute is not None and answer is not False:
            absolute = text.starts_with("/")
            if absolute is None:
                assert text.unknown is not None
                return text.unknown
            answer = answer if absolute is self.absolute else False
        return answer

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        return Result(merge_equal(session, loc, definitions))

    def type_merge(self, session: Session, other: OptionType) -> OptionType | None:
        same = isinstance(other, PathWith) and (other.in_store, other.absolute) == (self.in_store, self.absolute)
        return self if same else None


class Enum(OptionType):
    name = "enum"
    is_scalar = True

    def __init__(self, values: Sequence[Lazy], *, more: Unknown | None = None) -> None:
        self.values = values
        self.more = more

    @property
    def description_class(self) -> str:  # type: ignore[override]
        return "noun" if len(self.values) < 2 else "conjunction"

    @property
    def description(self) -> str:
        if not self.values:
            return "impossible (empty enum)"
        shown = [_enum_value(value.force()) for value in self.values]
        return f"value {shown[0]} (singular enum)" if len(shown) == 1 else f"one of {', '.join(shown)}"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        undecided = self.more
        for allowed in self.values:
            same = operations.equal(session.ev, value, allowed.force())
            if same is True:
                return True
            if isinstance(same, Unknown):
                undecided = undecided or same
        return undecided or False

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        return Result(merge_equal(session, loc, definitions))

    def type_merge(self, session: Session, other: OptionType) -> OptionType | None:
        if not isinstance(other, Enum):
            return None
        new = [v for v in other.values if self.check(session, v.force()) is not True]
        return Enum([*self.values, *new], more=self.more or other.more)

    def payload(self) -> dict[str, Lazy] | None:
        return {"values": Lazy.done(List(list(self.values)))}


def _enum_value(value: Value) -> str:
    match value:
        case String(known=str(text)):
            return f'"{text}"'
        case Int(number):
            return str(number)
        case Bool(known):
            return "true" if known else "false"
        case _:
            return f"<{type_word(value)}>"


class OptionDeclaration(OptionType):
    name = "optionDeclaration"
    description_class = "noun"

    @property
    def description(self) -> str:
        return "option declaration"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        return property_type(value) == "option" and isinstance(value, Attrs) and "value" not in value.items


class FunctionTo(OptionType):
    name = "functionTo"
    description_class = "composite"

    def __init__(self, element: OptionType | Callable[[], OptionType]) -> None:
        self._element = element

    @property
    def element(self) -> OptionType:
        """The type of the function's results; in Nix it is not looked at before the function is called."""
        if not isinstance(self._element, OptionType):
            self._element = self._element()
        return self._element

    @property
    def description(self) -> str:
        return f"function that evaluates to a(n) {self.element.phrase('noun', 'composite')}"

    placeholder = "<function body>"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        return value if isinstance(value, Unknown) else is_function(session.ev, value)

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        unknown = next((v for d in definitions if isinstance(v := d.value.force(), Unknown)), None)
        if unknown is not None:
            return Result(unknown)
        function = merged_functions(session, (*loc, "<function body>"), lambda: self.element, definitions)
        arguments: dict[str, Lazy] = {}
        ev = session.ev
        builtins = ev.globals.names["builtins"].force()
        for definition in definitions:
            value = definition.value.force()
            if isinstance(value, Closure | Primitive):
                taken = ev.call(ev.select(builtins, "functionArgs"), definition.value)
            else:
                taken = (
                    ev.select(value, "__functionArgs")
                    if isinstance(value, Attrs) and "__functionArgs" in value.items
                    else Attrs({})
                )
            for name, default in taken.items.items() if isinstance(taken, Attrs) else ():
                has_default = default.force()
                before = arguments.get(name)
                if before is None or (isinstance(has_default, Bool) and not has_default.value):
                    arguments[name] = Lazy.done(has_default)
        functor = Primitive("__functor", 1, lambda ev, self: function)
        return Result(Attrs({"__functionArgs": Lazy.done(Attrs(arguments)), "__functor": Lazy.done(functor)}))

    def sub_modules(self) -> Sequence[Lazy] | None:
        return self.element.sub_modules()

    def with_sub_modules(self, modules: Sequence[Lazy]) -> OptionType | None:
        inner = self.element.with_sub_modules(modules)
        return FunctionTo(inner) if inner is not None else None

    def nested(self) -> dict[str, OptionType]:
        return {"elemType": self.element}

    def type_merge(self, session: Session, other: OptionType) -> OptionType | None:
        if not isinstance(other, FunctionTo):
            return None
        merged = self.element.type_merge(session, other.element)
        return FunctionTo(merged) if merged is not None else None


# -- the plain types by their names in lib.types -----------------------------------------------------------------------


def _is(*kinds: type) -> Callable[[Value], bool]:
    return lambda value: isinstance(value, kinds)


def _between(lowest: int, highest: int) -> Callable[[Value], bool]:
    return lambda value: isinstance(value, Int) and lowest <= value.value <= highest


def int_between(lowest: int, highest: int, name: str = "intBetween", start: str = "") -> Scalar:
    described = f"{lowest} and {highest} (both inclusive)"
    described = f"{start}; between {described}" if start else f"integer between {described}"
    return IntRange(name, described, _between(lowest, highest))


class IntRange(Scalar):
    """A range of int; to Nix all are the type `int` with a check more, so they merge as declarations."""

    @property
    def functor_name(self) -> str:
        return "int"

    def type_merge(self, session: Session, other: OptionType) -> OptionType | None:
        return INT if other.functor_name == "int" else None


def _clause(type_: Scalar) -> Scalar:
    type_.description_class = "nonRestrictiveClause"
    return type_


def _non_empty(value: Value) -> bool | Unknown:
    if not isinstance(value, String):
        return False
    if value.known is not None:
        return bool(value.known.strip(" \t\n"))
    if any(isinstance(part, str) and part.strip(" \t\n") for part in value.parts):
        return True
    assert value.unknown is not None
    return value.unknown


INT = IntRange("int", "signed integer", _is(Int))
BOOL = Scalar("bool", "boolean", _is(Bool))
STR = Scalar("str", "string", _is(String))
FLOAT = Scalar("float", "floating point number", _is(Float))
PATH = PathWith(absolute=True)
PORT = int_between(0, 65535, "unsignedInt16", "16 bit unsigned integer")
PACKAGE = Package()
RAW = Raw()
ANYTHING = Anything()
UNSPECIFIED = Unspecified()
ATTRS = AnyAttrs()
LINES = SeparatedString("\n")


def ints() -> dict[str, OptionType]:
    found: dict[str, OptionType] = {
        "unsigned": _clause(
            IntRange("unsignedInt", "unsigned integer, meaning >=0", lambda v: isinstance(v, Int) and v.value >= 0)
        ),
        "positive": _clause(
            IntRange("positiveInt", "positive integer, meaning >0", lambda v: isinstance(v, Int) and v.value > 0)
        ),
    }
    for bits in (8, 16, 32):
        size = 1 << bits
        found[f"u{bits}"] = (
            PORT if bits == 16 else int_between(0, size - 1, f"unsignedInt{bits}", f"{bits} bit unsigned integer")
        )
        found[f"s{bits}"] = int_between(-(size // 2), size // 2 - 1, f"signedInt{bits}", f"{bits} bit signed integer")
    return found


def plain_types() -> dict[str, OptionType]:
    return {
        "raw": RAW,
        "anything": ANYTHING,
        "unspecified": UNSPECIFIED,
        "bool": BOOL,
        "boolByOr": BoolByOr(),
        "int": INT,
        "port": PORT,
        "float": FLOAT,
        "str": STR,
        "string": STR,
        "nonEmptyStr": Scalar("nonEmptyStr", "non-empty string", _non_empty),
        "singleLineStr": SingleLineStr(),
        "lines": LINES,
        "commas": SeparatedString(","),
        "envVar": SeparatedString(":"),
        "attrs": ATTRS,
        "package": PACKAGE,
        "shellPackage": ShellPackage(),
        "path": PATH,
        "pathInStore": PathWith(in_store=True),
        "externalPath": PathWith(absolute=True, in_store=False),
        "optionDeclaration": OptionDeclaration(),
    }
