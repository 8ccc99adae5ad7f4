"""The modules of mkRenamedOptionModule and its kin, made of the data that a function of `lib` gives.

Follows `doRename`, `mkRemovedOptionModule` and `mkMergedOptionModule` of nixpkgs' lib/modules.nix.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hslint.modules.computed import ALIAS, Computed
from hslint.modules.declaration import Option
from hslint.modules.evaluation import Evaluation
from hslint.modules.level import Level
from hslint.modules.properties import located, make
from hslint.modules.show import show_files, show_option
from hslint.record import Record
from hslint.values.constant import constant
from hslint.values.option_changes import AliasOption, ChangedOption, MergedOption, RemovedOption, RenamedOption
from hslint.values.value import (
    Attrs,
    Bool,
    Failure,
    Kind,
    Lazy,
    List,
    Primitive,
    String,
    Unknown,
    Value,
    Why,
)

Path = Sequence[str]

_HIDDEN = {"visible": constant(False)}
#: What mkMergedOptionModule gives old options as a default, to see whether they are set.
_UNSET = "_mkMergedOptionModule"


def nest(path: Path, lazy: Lazy) -> Lazy:
    """`setAttrByPath`; every step has the place of the value."""
    for step in reversed(path):
        outer = Lazy.done(Attrs({step: lazy}), lazy.place)
        outer.binding = lazy.binding
        lazy = outer
    return lazy


def nested(by_path: Mapping[tuple[str, ...], Lazy]) -> Attrs:
    """The sets within sets of what stands at paths; no path leads through another one's end."""
    tree: dict[str, Any] = {}
    for (*above, last), lazy in by_path.items():
        inner = tree
        for step in above:
            inner = inner.setdefault(step, {})
        inner[last] = lazy

    def attrs(names: dict[str, Any]) -> Attrs:
        return Attrs(
            {name: Lazy.done(attrs(inner)) if isinstance(inner, dict) else inner for name, inner in names.items()}
        )

    return attrs(tree)


def merge(*parts: Lazy) -> Lazy:
    return Lazy.done(make("merge", contents=Lazy.done(List(list(parts)))))


def evaluation_of(arguments: Lazy) -> Evaluation:
    """The evaluation that calls a module of ours."""
    given = arguments.force()
    assert isinstance(given, Attrs) and isinstance(given.native, Evaluation)
    return given.native


def find_option(evaluation: Evaluation, path: Path) -> Option | None:
    """The declared option at a path; also inside an option that is a submodule."""
    node: Any = evaluation.root
    for step in path:
        node = node.child(step) if node is not None else None
    return node if isinstance(node, Option) else None


def _option(evaluation: Evaluation, path: Path) -> Option:
    option = find_option(evaluation, path)
    if option is None:
        raise Failure(Kind.MISSING_ATTRIBUTE, f"attribute '{path[-1]}' missing")
    return option


def _config_at(evaluation: Evaluation, path: Path) -> Value:
    value: Value = evaluation.config()
    for step in path:
        value = evaluation.ev.select(value, step)
    return value


class _Rename(Record):
    """One `doRename` of an evaluation."""

    evaluation: Evaluation
    old: Path
    new: Path
    warn: bool = True
    visible: bool = False
    with_priority: bool = True

    def option(self) -> Attrs:
        apply = Primitive(ALIAS, 1, lambda ev, value: _config_at(self.evaluation, self.new))
        return Attrs(
            {
                "_type": constant("option"),
                "visible": constant(self.visible),
                "apply": Lazy.done(apply),
                "type": Lazy(lambda _: self._type()),
            }
        )

    def _type(self) -> Value:
        node: object = self.evaluation.root
        for step in self.new:
            node = node.child(step) if isinstance(node, Level) else None
        if isinstance(node, Option):
            return node.declaration.type().view()
        return self.evaluation.session.submodule([], {})

    @property
    def unused(self) -> bool:
        """Whether the old option, declared by NixOS or Headscale without a default, is certainly not defined; it is not made for that."""
        level: object = self.evaluation.root
        for step in self.old:
            if not isinstance(level, Level):
                return False
            if step in level.declared() and level.untouched(step):
                return True
            level = level.child(step)
        return False

    def definition(self, above: int = 0) -> Lazy:
        """The old option's definitions, as a set `above` steps down the new path."""
        is_defined = Lazy(lambda _: self._is_defined())
        contents = Lazy.done(make("merge", contents=Lazy(lambda _: self._handed_on())))
        return Lazy.done(make("if", condition=is_defined, content=nest(self.new[above:], contents)))

    def _is_defined(self) -> Value:
        answer = _option(self.evaluation, self.old).is_defined
        return answer if isinstance(answer, Unknown) else Bool(answer)

    def _handed_on(self) -> Value:
        final = _option(self.evaluation, self.old).merged.final()
        parts: list[Lazy] = []
        for definition in final.winners:
            content = Computed(Lazy.force, (tuple(self.old),), definition.value, renamed=True)
            value: Value = make("merge", contents=Lazy.done(List([content])))
            if self.with_priority:
                priority = constant(final.highest if final.sure else definition.priority)
                value = make("override", priority=priority, content=content)
            parts.append(located(value, definition.place, definition.binding))
        return List(parts)

    def warnings(self) -> List:
        option = _option(self.evaluation, self.old)
        defined = option.is_defined
        if defined is False or not self.warn:
            return List([])
        files = show_files(d.file for d in option.merged.final().winners)
        text = f"The option `{show_option(self.old)}' defined in {files} has been renamed to `{show_option(self.new)}'."
        item = constant(text)
        if defined is True:
            return List([item])
        return List([], rest=Unknown(Why.CONDITION, show_option(self.old), may_be=(item,)))


def renamed(
    old: Path,
    new: Path,
    *,
    warn: bool = True,
    visible: bool = False,
    with_priority: bool = True,
    condition: Lazy | None = None,
) -> Primitive:
    """A module that forwards the definitions of one option to another (`doRename`)."""

    def module(ev: object, arguments: Lazy) -> Value:
        rename = _Rename(evaluation_of(arguments), old, new, warn, visible, with_priority)
        parts = [rename.definition()]
        if warn:
            warnings = Lazy(lambda _: rename.warnings())
            parts.insert(0, Lazy(lambda _: _warnings_if_declared(rename.evaluation, warnings)))
        config = merge(*parts)
        if condition is not None:
            config = Lazy.done(make("if", condition=condition, content=config))
        return Attrs({"options": nest(old, Lazy(lambda _: rename.option())), "config": config})

    return Primitive("<renamed option>", 1, module)


def _warnings_if_declared(evaluation: Evaluation, warnings: Lazy) -> Value:
    """`optionalAttrs (options ? warnings)`."""
    if "warnings" not in evaluation.root.declared():
        return Attrs({})
    return Attrs({"warnings": warnings})


class _Removal(Record):
    """One `mkRemovedOptionModule` of an evaluation."""

    evaluation: Evaluation
    path: Path
    instructions: str = ""

    def option(self) -> Attrs:
        apply = Primitive(ALIAS, 1, lambda ev, value: self._refuse())
        return Attrs({**_HIDDEN, "_type": constant("option"), "apply": Lazy.done(apply)})

    def _refuse(self) -> Value:
        shown = show_option(self.path)
        message = f"The option `{shown}' can no longer be used since it's been removed. {self.instructions}"
        raise Failure(Kind.ERROR, message, catchable=True)

    def assertion(self) -> Lazy:
        def holds(_: object) -> Value:
            answer = _option(self.evaluation, self.path).is_defined
            return answer if isinstance(answer, Unknown) else Bool(not answer)

        return Lazy.done(Attrs({"assertion": Lazy(holds), "message": Lazy(lambda _: self._message())}))

    def _message(self) -> Value:
        files = show_files(d.file for d in _option(self.evaluation, self.path).merged.final().winners)
        return String(
            f"The option definition `{show_option(self.path)}' in {files} no longer has any effect; please remove it.\n"
            f"{self.instructions}\n"
        )


def removed(path: Path, instructions: str) -> Primitive:
    def module(ev: object, arguments: Lazy) -> Value:
        removal = _Removal(evaluation_of(arguments), path, instructions)
        config = Attrs({"assertions": Lazy.done(List([removal.assertion()]))})
        return Attrs({"options": nest(path, Lazy(lambda _: removal.option())), "config": Lazy.done(config)})

    return Primitive("<removed option>", 1, module)


def moved(
    service: tuple[str, ...],
    renames: Mapping[tuple[str, ...], tuple[str, ...]],
    removals: Sequence[tuple[str, ...]],
    file: str,
) -> Primitive:
    """The renamed and removed options of a service as one module: nothing is made for those that are not used."""

    def module(ev: object, arguments: Lazy) -> Value:
        evaluation = evaluation_of(arguments)
        here = len(service) + 1
        renamings = [_Rename(evaluation, old, new) for old, new in renames.items()]
        gone = [_Removal(evaluation, path) for path in removals]

        def handed_on(name: str) -> Value:
            used = [each for each in renamings if each.new[here - 1] == name and not each.unused]
            return make("merge", contents=Lazy.done(List([each.definition(here) for each in used])))

        def warnings(_: object) -> Value:
            used = [Lazy(lambda rename: rename.warnings(), each) for each in reversed(renamings) if not each.unused]
            return make("merge", contents=Lazy.done(List(used)))

        targets = {each.new[here - 1]: Lazy(handed_on, each.new[here - 1]) for each in renamings}
        config = {
            "warnings": Lazy(warnings),
            "assertions": Lazy.done(List([each.assertion() for each in gone])),
            service[0]: nest(service[1:], Lazy.done(Attrs(targets))),
        }
        options = {
            old: Lazy(lambda rename: rename.option(), each) for old, each in zip(renames, renamings, strict=True)
        }
        options |= {
            path: Lazy(lambda removal: removal.option(), each) for path, each in zip(removals, gone, strict=True)
        }
        return Attrs(
            {
                "_file": constant(file),
                "options": Lazy.done(nested(options)),
                "config": Lazy.done(Attrs(config)),
            }
        )

    return Primitive("<moved options>", 1, module)


def merged(old: Sequence[Path], new: Path, function: Lazy) -> Primitive:
    """A module that makes one option of several (`mkMergedOptionModule`, `mkChangedOptionModule`)."""

    def module(ev: object, arguments: Lazy) -> Value:
        evaluation = evaluation_of(arguments)

        def is_set(path: Path) -> bool | Unknown:
            value = _config_at(evaluation, path)
            if isinstance(value, Unknown):
                return value
            return not (isinstance(value, String) and value.known == _UNSET)

        def any_set(_: object) -> Value:
            answers = [is_set(path) for path in old]
            if any(answer is True for answer in answers):
                return Bool(True)
            return next((answer for answer in answers if isinstance(answer, Unknown)), Bool(False))

        def warnings(_: object) -> Value:
            texts: list[Lazy] = []
            for path in old:
                if is_set(path) is True:
                    files = show_files(d.file for d in _option(evaluation, path).merged.final().winners)
                    texts.append(
                        constant(
                            f"The option `{show_option(path)}' defined in {files} has been changed to `{show_option(new)}' that has "
                            f"a different type. Please read `{show_option(new)}' documentation and update your configuration "
                            "accordingly."
                        )
                    )
            return List(texts)

        def place() -> Any:
            for path in old:
                option = find_option(evaluation, path)
                for raw in option.raws if option is not None else ():
                    if raw.place is not None:
                        return raw.place, raw.binding
            return None, None

        option = {**_HIDDEN, "_type": constant("option"), "default": constant(_UNSET)}
        options = merged_sets([nest(path, Lazy.done(Attrs(option))) for path in old])
        given = Lazy(lambda _: evaluation.config())
        value = Computed(lambda _: evaluation.ev.apply(function.force(), given), tuple(map(tuple, old)))

        def definition(_: object) -> Value:
            value.place, value.binding = place()
            return make("if", condition=Lazy(any_set), content=value)

        parts = [Lazy(lambda _: _warnings_if_declared(evaluation, Lazy(warnings))), nest(new, Lazy(definition))]
        return Attrs({"options": options, "config": merge(*parts)})

    return Primitive("<changed option>", 1, module)


def merged_sets(trees: Sequence[Lazy]) -> Lazy:
    """`foldl' recursiveUpdate { }` of sets that are known."""

    def update(left: Attrs, right: Attrs) -> Attrs:
        items = dict(left.items)
        for name, lazy in right.items.items():
            before = items[name].force() if name in items else None
            after = lazy.force()
            both = isinstance(before, Attrs) and isinstance(after, Attrs)
            items[name] = Lazy.done(update(before, after)) if both else lazy  # type: ignore[arg-type]
        return Attrs(items)

    result = Attrs({})
    for tree in trees:
        value = tree.force()
        assert isinstance(value, Attrs)
        result = update(result, value)
    return Lazy.done(result)


def adopt(value: object) -> Lazy | None:
    """A module for what a function of lib gave as data (hslint.values.option_changes)."""
    match value.native if isinstance(value, Attrs) else None:
        case RenamedOption(old=old, new=new):
            return Lazy.done(renamed(old, new))
        case AliasOption(old=old, new=new):
            return Lazy.done(renamed(old, new, warn=False, visible=True))
        case RemovedOption(path=path, instructions=instructions):
            return Lazy.done(removed(path, instructions))
        case ChangedOption(old=old, new=new, function=function):
            return Lazy.done(merged([old], new, function))
        case MergedOption(old=several, new=new, function=function):
            return Lazy.done(merged(several, new, function))
        case _:
            return None
