"""attrTag: a set with one of several attributes, each of which is an option (lib/types.nix)."""

from __future__ import annotations

from collections.abc import Sequence

from hslint.modules.declaration import Declaration, Declared, Option
from hslint.modules.definition import UNKNOWN_FILE, Definition
from hslint.modules.option_type import Loc, OptionType
from hslint.modules.option_types.composite import inside
from hslint.modules.properties import Raw, property_type
from hslint.modules.result import Result
from hslint.modules.session import Session
from hslint.modules.show import show_files, show_option
from hslint.values import operations
from hslint.values.constant import constant
from hslint.values.show import attribute_name
from hslint.values.value import Attrs, Failure, Kind, Lazy, List, Unknown, Value


class AttrTag(OptionType):
    """`attrTag { a = mkOption …; b = mkOption …; }`: a set with one of these attributes."""

    name = "attrTag"
    description_class = "noun"

    def __init__(self, tags: dict[str, Lazy], places: Attrs | None = None) -> None:
        self.tags = tags
        self.places = places

    @property
    def choices(self) -> str:
        return ", ".join(attribute_name(name) for name in sorted(self.tags))

    @property
    def description(self) -> str:
        return f"attribute-tagged union with choices: {self.choices}"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        if not isinstance(value, Attrs) or value.rest is not None:
            return value.rest or True if isinstance(value, Attrs) else value if isinstance(value, Unknown) else False
        return len(value.items) == 1 and next(iter(value.items)) in self.tags

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        choice: str | None = None
        raws: list[Raw] = []
        for definition in definitions:
            value = definition.value.force()
            if not isinstance(value, Attrs) or value.rest is not None:
                unknown = value if isinstance(value, Unknown) else value.rest if isinstance(value, Attrs) else None
                return Result(unknown or value)
            name = next(iter(value.items))
            if choice is not None and name != choice:
                files = show_files(d.file for d in definitions)
                message = f"The option `{show_option(loc)}` is defined both as `{choice}` and `{name}`, in {files}."
                raise Failure(Kind.ERROR, message, definition.place, catchable=True)
            choice = name
            raws.append(inside(definition, value.items[name]))
        assert choice is not None
        if choice not in self.tags:
            files = show_files(d.file for d in definitions)
            shown = attribute_name(choice)
            message = (
                f"The option `{show_option(loc)}` is defined as {shown}, but {shown} is not among the valid choices"
                f" ({self.choices}). Value {choice} was defined in {files}."
            )
            raise Failure(Kind.ERROR, message, definitions[0].place, catchable=True)
        option = tag_option(session, (*loc, choice), self.tags[choice], raws)
        value_lazy = Lazy(lambda o: o.value(), option, raws[0].place, raws[0].binding)
        found = choice
        return Result(Attrs({choice: value_lazy}), lambda name: option if name == found else None, lambda: [found])

    def nested(self) -> dict[str, OptionType]:
        return {}

    def payload(self) -> dict[str, Lazy] | None:
        return {"tags": Lazy.done(Attrs(self.tags))}

    def type_merge(self, session: Session, other: OptionType) -> OptionType | None:
        if not isinstance(other, AttrTag):
            return None
        tags = {**self.tags, **other.tags}
        for name in self.tags.keys() & other.tags.keys():
            tags[name] = merged_tag(session, name, self.tags[name], other.tags[name])
        return AttrTag(tags)

    def sub_options(self, session: Session, prefix: Loc) -> Attrs:
        return tag_views(session, prefix, self.tags)


def tag_option(session: Session, loc: tuple[str, ...], tag: Lazy, raws: Sequence[Raw]) -> Option:
    check_tag(loc[-1], tag)
    declared = Declared(UNKNOWN_FILE, tag, tag.place)
    return Option(session, Declaration(session, loc, [declared]), raws)


def check_tag(name: str, tag: Lazy) -> None:
    kind = property_type(tag.force())
    if kind == "option":
        return
    how = "was not." if kind is None else f'was of type "{kind}".'
    if kind == "option-type":
        how = "was a bare type, not wrapped in mkOption."
    message = f"In attrTag, each tag value must be an option, but tag {attribute_name(name)} {how}"
    raise Failure(Kind.ERROR, message, tag.place, catchable=True)


def merged_tag(session: Session, name: str, one: Lazy, other: Lazy) -> Lazy:
    file = "<attrTag {...}>"
    declaration = Declaration(session, (name,), [Declared(file, one, one.place), Declared(file, other, other.place)])
    places = [place for place in (one.place, other.place) if place is not None]
    items = {
        "declarations": Lazy.done(List([constant(place.file.path) for place in places])),
        "declarationPositions": Lazy.done(List([Lazy.done(operations.position(place)) for place in places])),
        **declaration.attrs,
        "type": Lazy(lambda _: declaration.type().view()),
    }
    return Lazy.done(Attrs(items), one.place)


def tag_views(session: Session, prefix: tuple[str, ...], tags: dict[str, Lazy]) -> Attrs:
    def view(name: str) -> Value:
        tag = tags[name].force()
        if not isinstance(tag, Attrs):
            return tag
        place = tags[name].place
        declarations = [constant(place.file.path)] if place is not None else []
        more = {
            "declarations": Lazy.done(List(declarations)),
            "declarationPositions": Lazy.done(
                List([Lazy.done(operations.position(place))] if place is not None else [])
            ),
        }
        loc = constant([*(*prefix, name)])
        return Attrs({**more, **tag.items, "loc": loc})

    return Attrs({name: Lazy(view, name) for name in tags})
