"""lib.cli: command lines from sets of options."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hslint.values import budget, operations
from hslint.values.constant import constant
from hslint.values.nixpkgs_lib.escaping import escape_shell_args
from hslint.values.nixpkgs_lib.generators import value_string
from hslint.values.primitive import Registry
from hslint.values.value import Attrs, Bool, Lazy, List, Null, String, Unknown, Value

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()

Format = Callable[[str], Attrs]


def _words(ev: Evaluator, attrs: Lazy, words: Callable[[str, Lazy], list[Lazy]]) -> List:
    given = ev.closed_attrs(attrs)
    ev.spend(len(given.items) * 2 * budget.THUNK)
    return List([word for name in sorted(given.items) for word in words(name, given.items[name])], given.span)


@library("toGNUCommandLine")
def to_gnu_command_line(ev: Evaluator, options: Lazy, attrs: Lazy) -> Value:
    """`--name value`, `-n value`; a true is the option alone, a false or a null nothing, a list repeats the option."""
    given = ev.closed_attrs(options)
    naming, of_bool, of_list, of_value = (given.get(n) for n in ("mkOptionName", "mkBool", "mkList", "mkOption"))
    separator = given.get("optionValueSeparator")
    between = separator.force() if separator is not None else Null()

    def option(name: str) -> String | Unknown:
        if naming is not None:
            return operations.coerce(ev, ev.apply(naming.force(), constant(name)))
        return String(f"-{name}" if len(name) == 1 else f"--{name}")

    def custom(maker: Lazy, name: str, value: Lazy) -> list[Lazy]:
        made = ev.call(maker.force(), constant(name), value)
        return list(ev.closed_list(Lazy.done(made)).items)

    def one(name: str, value: Lazy) -> list[Lazy]:
        if of_value is not None:
            return custom(of_value, name, value)
        if isinstance(ev.known(value), Null):
            return []
        written = value_string(ev, value)
        if isinstance(between, Null):
            return [Lazy.done(option(name)), Lazy.done(written)]
        return [Lazy.done(operations.concatenate(ev, (option(name), operations.coerce(ev, between), written), None))]

    def words(name: str, value: Lazy) -> list[Lazy]:
        found = ev.known(value)
        if isinstance(found, Bool):
            if of_bool is not None:
                return custom(of_bool, name, value)
            return [Lazy.done(option(name))] if found.value else []
        if isinstance(found, List):
            if of_list is not None:
                return custom(of_list, name, value)
            return [word for item in ev.closed_list(value).items for word in one(name, item)]
        return one(name, value)

    return _words(ev, attrs, words)


@library("toGNUCommandLineShell")
def to_gnu_command_line_shell(ev: Evaluator, options: Lazy, attrs: Lazy) -> Value:
    return escape_shell_args(ev, Lazy.done(to_gnu_command_line(ev, options, attrs)))


def _command_line(ev: Evaluator, form: Format, attrs: Lazy) -> List:
    def one(name: str, how: Attrs, value: Lazy) -> list[Lazy]:
        found = ev.known(value)
        if isinstance(found, Null):
            return []
        option = ev.select(how, "option")
        if isinstance(found, Bool) and not ev.boolean(how.items["explicitBool"]):
            return [Lazy.done(option)] if found.value else []
        writer = how.get("formatArg")
        written = value_string(ev, value) if writer is None else operations.coerce(ev, ev.apply(writer.force(), value))
        separator = ev.select(how, "sep")
        if isinstance(separator, Null):
            return [Lazy.done(option), Lazy.done(written)]
        parts = [operations.coerce(ev, part) for part in (option, separator)]
        return [Lazy.done(operations.concatenate(ev, (*parts, written), None))]

    def words(name: str, value: Lazy) -> list[Lazy]:
        how = form(name)
        if isinstance(ev.known(value), List):
            return [word for item in ev.closed_list(value).items for word in one(name, how, item)]
        return one(name, how, value)

    return _words(ev, attrs, words)


def _given(ev: Evaluator, function: Lazy) -> Format:
    return lambda name: ev.attrs(Lazy.done(ev.apply(function.force(), constant(name))))


def _gnu(ev: Evaluator, options: Lazy) -> Format:
    given = ev.closed_attrs(options)
    long, explicit, writer = given.get("isLong"), given.get("explicitBool"), given.get("formatArg")

    def form(name: str) -> Attrs:
        is_long = len(name) > 1 if long is None else ev.boolean(Lazy.done(ev.apply(long.force(), constant(name))))
        items = {
            "option": constant(f"--{name}" if is_long else f"-{name}"),
            "sep": constant("=" if is_long else ""),
            "explicitBool": explicit or constant(False),
        }
        if writer is not None:
            items["formatArg"] = writer
        return Attrs(items)

    return form


@library("toCommandLine")
def to_command_line(ev: Evaluator, form: Lazy, attrs: Lazy) -> Value:
    """The first argument says of each option how it is written: `{ option, sep, explicitBool }`."""
    return _command_line(ev, _given(ev, form), attrs)


@library("toCommandLineShell")
def to_command_line_shell(ev: Evaluator, form: Lazy, attrs: Lazy) -> Value:
    return escape_shell_args(ev, Lazy.done(_command_line(ev, _given(ev, form), attrs)))


@library("toCommandLineGNU")
def to_command_line_gnu(ev: Evaluator, options: Lazy, attrs: Lazy) -> Value:
    return _command_line(ev, _gnu(ev, options), attrs)


@library("toCommandLineShellGNU")
def to_command_line_shell_gnu(ev: Evaluator, options: Lazy, attrs: Lazy) -> Value:
    return escape_shell_args(ev, Lazy.done(_command_line(ev, _gnu(ev, options), attrs)))
