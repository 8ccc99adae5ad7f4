"""mkRenamedOptionModule and its kin, which a library function hands on as data: here they become modules.

Follows `doRename`, `mkRemovedOptionModule` and `mkMergedOptionModule` of nixpkgs' lib/modules.nix.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hslint.modules.declaration import Option
from hslint.modules.properties import located, make
from hslint.modules.show import show_files, show_option
from hslint.values.value import (
    Attrs,
    Bool,
    Failure,
    Int,
    Kind,
    Lazy,
    List,
    Primitive,
    String,
    Unknown,
    Value,
    Why,
)

if TYPE_CHECKING:
    from hslint.modules.evaluation import Evaluation

Path = Sequence[str]

_HIDDEN = {"visible": Lazy.done(Bool(False))}
#: What mkMergedOptionModule gives old options as a default, to see whether they are set.
_UNSET = "_mkMergedOptionModule"


def nest(path: Path, lazy: Lazy) -> Lazy:
    """`setAttrByPath`; every step has the place of the value."""
    for step in reversed(path):
        outer = Lazy.done(Attrs({step: lazy}), lazy.place)
        outer.binding = lazy.binding
        lazy = outer
    return lazy


def merge(*parts: Lazy) -> Lazy:
    return Lazy.done(make("merge", contents=Lazy.done(List(list(parts)))))


def evaluation_of(arguments: Lazy) -> Evaluation:
    """The evaluation that calls a module of ours."""
    from hslint.modules.evaluation import Evaluation

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


def _defined(evaluation: Evaluation, path: Path) -> Value:
    if _nobody_sets(evaluation, path):
        return Bool(False)
    answer = _option(evaluation, path).is_defined
    return answer if isinstance(answer, Unknown) else Bool(answer)


def _nobody_sets(evaluation: Evaluation, path: Path) -> bool:
    """Whether an option that NixOS or Headscale declares without a default is certainly not defined; the option is not made for it."""
    level: Any = evaluation.root
    for step in path:
        if not hasattr(level, "untouched"):
            return False
        if step in level.declared() and level.untouched(step):
            return True
        level = level.child(step)
    return False


def _config_at(evaluation: Evaluation, path: Path) -> Value:
    value: Value = evaluation.config()
    for step in path:
        value = evaluation.ev.select(value, step)
    return value


def renamed(
    old: Path,
    new: Path,
    *,
    warn: bool = True,
    visible: bool = False,
    with_priority: bool = True,
    condition: Lazy | None = None,
) -> Primitive:
    """A module that hands definitions of one option on to another (`doRename`)."""

    def module(ev: object, arguments: Lazy) -> Value:
        evaluation = evaluation_of(arguments)

        def type_of_new(_: object) -> Value:
            node: Any = evaluation.root
            for step in new:
                node = node.child(step) if hasattr(node, "declared") else None
            if isinstance(node, Option):
                return node.declaration.type().view()
            from hslint.modules.option_types.submodule import Submodule

            return Submodule(evaluation.session, [], {}).view()

        def handed_on(_: object) -> Value:
            option = _option(evaluation, old)
            final = option.merged.final()
            parts: list[Lazy] = []
            for definition in final.winners:
                value: Value = make("merge", contents=Lazy.done(List([definition.value])))
                if with_priority:
                    priority = Lazy.done(Int(final.highest if final.sure else definition.priority))
                    value = make("override", priority=priority, content=definition.value)
                parts.append(located(value, definition.place, definition.binding))
            return List(parts)

        def warnings(_: object) -> Value:
            option = _option(evaluation, old)
            defined = option.is_defined
            if defined is False or not warn:
                return List([])
            files = show_files(d.file for d in option.merged.final().winners)
            text = f"The option `{show_option(old)}' defined in {files} has been renamed to `{show_option(new)}'."
            item = Lazy.done(String(text))
            return (
                List([item])
                if defined is True
                else List([], rest=Unknown(Why.CONDITION, show_option(old), may_be=(item,)))
            )

        contents = Lazy.done(make("merge", contents=Lazy(handed_on)))
        apply = Primitive("apply", 1, lambda ev, value: _config_at(evaluation, new))
        option = {
            "_type": Lazy.done(String("option")),
            "visible": Lazy.done(Bool(visible)),
            "apply": Lazy.done(apply),
            "type": Lazy(type_of_new),
        }
        is_defined = Lazy(lambda _: _defined(evaluation, old))
        parts = [Lazy.done(make("if", condition=is_defined, content=nest(new, contents)))]
        if warn:
            parts.insert(0, Lazy(lambda _: _warnings_if_declared(evaluation, Lazy(warnings))))
        config = merge(*parts)
        if condition is not None:
            config = Lazy.done(make("if", condition=condition, content=config))
        return Attrs({"options": nest(old, Lazy.done(Attrs(option))), "config": config})

    return Primitive("<renamed option>", 1, module)


def _warnings_if_declared(evaluation: Evaluation, warnings: Lazy) -> Value:
    """`optionalAttrs (options ? warnings)`."""
    if "warnings" not in evaluation.root.declared():
        return Attrs({})
    return Attrs({"warnings": warnings})


def removed(path: Path, instructions: str) -> Primitive:
    def module(ev: object, arguments: Lazy) -> Value:
        evaluation = evaluation_of(arguments)

        def apply(ev: object, value: Lazy) -> Value:
            message = f"The option `{show_option(path)}' can no longer be used since it's been removed. {instructions}"
            raise Failure(Kind.ERROR, message, catchable=True)

        def message(_: object) -> Value:
            files = show_files(d.file for d in _option(evaluation, path).merged.final().winners)
            return String(
                f"The option definition `{show_option(path)}' in {files} no longer has any effect; please remove it.\n{instructions}\n"
            )

        def holds(_: object) -> Value:
            answer = _option(evaluation, path).is_defined
            return answer if isinstance(answer, Unknown) else Bool(not answer)

        option = {**_HIDDEN, "_type": Lazy.done(String("option")), "apply": Lazy.done(Primitive("apply", 1, apply))}
        assertion = Attrs({"assertion": Lazy(holds), "message": Lazy(message)})
        config = Attrs({"assertions": Lazy.done(List([Lazy.done(assertion)]))})
        return Attrs({"options": nest(path, Lazy.done(Attrs(option))), "config": Lazy.done(config)})

    return Primitive("<removed option>", 1, module)


def together(modules: Sequence[Primitive], file: str) -> Primitive:
    """What modules of this file do, as one module of a file: a configuration gathers and asks one instead of many."""

    def module(ev: object, arguments: Lazy) -> Value:
        options: list[Lazy] = []
        configs: list[Lazy] = []
        for one in modules:
            part = one.run(ev, arguments)
            assert isinstance(part, Attrs)
            options.append(part.items["options"])
            configs.append(part.items["config"])
        return Attrs({"_file": Lazy.done(String(file)), "options": merged_sets(options), "config": merge(*configs)})

    return Primitive("<renamed options>", 1, module)


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
                        Lazy.done(
                            String(
                                f"The option `{show_option(path)}' defined in {files} has been changed to `{show_option(new)}' that has "
                                f"a different type. Please read `{show_option(new)}' documentation and update your configuration "
                                "accordingly."
                            )
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

        option = {**_HIDDEN, "_type": Lazy.done(String("option")), "default": Lazy.done(String(_UNSET))}
        options = merged_sets([nest(path, Lazy.done(Attrs(option))) for path in old])
        value = Lazy(lambda _: evaluation.ev.apply(function.force(), Lazy(lambda _: evaluation.config())))

        def definition(_: object) -> Value:
            value.place, value.binding = place()
            return make("if", condition=Lazy(any_set), content=value)

        parts = [Lazy(lambda _: _warnings_if_declared(evaluation, Lazy(warnings))), nest(new, Lazy(definition))]
        return Attrs({"options": options, "config": merge(*parts)})

    return Primitive("<changed option>", 1, module)


def merged_sets(trees: Sequence[Lazy]) -> Lazy:
    """`foldl' recursiveUpdate { }` of sets that are known; what is no set by a second name replaces the first."""
    values = [tree.force() for tree in trees]
    if not values or not all(isinstance(value, Attrs) for value in values):
        return trees[-1] if trees else Lazy.done(Attrs({}))
    by_name: dict[str, list[Lazy]] = {}
    for value in values:
        assert isinstance(value, Attrs)
        for name, lazy in value.items.items():
            by_name.setdefault(name, []).append(lazy)
    items = {name: lazies[0] if len(lazies) == 1 else merged_sets(lazies) for name, lazies in by_name.items()}
    return Lazy.done(Attrs(items))


def adopt(value: object) -> Lazy | None:
    """A module for what a function of lib gave as data (hslint.values.nixpkgs_lib.options)."""
    native = value.native if isinstance(value, Attrs) else None
    if native is None:
        return None
    name = type(native).__name__
    data: Any = native
    match name:
        case "RenamedOption":
            return Lazy.done(renamed(data.old, data.new))
        case "AliasOption":
            return Lazy.done(renamed(data.old, data.new, warn=False, visible=True))
        case "RemovedOption":
            return Lazy.done(removed(data.path, data.instructions))
        case "ChangedOption":
            return Lazy.done(merged([data.old], data.new, data.function))
        case "MergedOption":
            return Lazy.done(merged(data.old, data.new, data.function))
        case _:
            return None
