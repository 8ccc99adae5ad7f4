"""Nodes say what Nix's parser would make of a file: merged sets, decoded strings, places of every step."""

import pytest
from syntax.nix_ast import canonical
from syntax.reading import expression, read

from hslint.syntax.nodes import (
    Attribute,
    AttributeSet,
    Binary,
    Call,
    CurrentPosition,
    Floating,
    Function,
    HasAttribute,
    Hole,
    If,
    InheritFrom,
    Integer,
    Let,
    ListOf,
    PathLiteral,
    SearchPath,
    Select,
    Text,
    Unary,
    Variable,
    With,
)


def attributes(text: str) -> dict[str, Attribute]:
    found = expression(text)
    assert isinstance(found, AttributeSet)
    return found.attributes


def same(one: str, other: str) -> None:
    """Two spellings of one expression."""
    assert canonical(expression(one), "/project") == canonical(expression(other), "/project")


def test_a_node_knows_its_bytes() -> None:
    """Half-open, in the file's bytes, whatever characters stand before."""
    found = expression("/* ß */ [ 12 ]")
    assert isinstance(found, ListOf)
    assert (found.span.text, found.items[0].span.text) == ("[ 12 ]", "12")


def test_parentheses_leave_no_trace() -> None:
    """The span is that of what they hold."""
    found = expression("(( 1 ))")
    assert isinstance(found, Integer)
    assert found.span.text == "1"


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("007", 7), ("9223372036854775807", 2**63 - 1)])
def test_integers(text: str, value: int) -> None:
    """Leading zeros mean nothing."""
    found = expression(text)
    assert isinstance(found, Integer) and found.value == value


@pytest.mark.parametrize(
    ("text", "value"), [("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("2.5e3", 2500.0), ("0.1E-2", 0.001)]
)
def test_floats(text: str, value: float) -> None:
    """With and without digits on either side of the point."""
    found = expression(text)
    assert isinstance(found, Floating) and found.value == value


def test_a_minus_is_an_operation_on_what_follows() -> None:
    """Nix has no negative literals: `-1` is 0 - 1."""
    found = expression("-1")
    assert isinstance(found, Unary) and found.operator == "-" and isinstance(found.operand, Integer)


def test_paths_keep_what_was_written() -> None:
    """Where they lead is the evaluator's business."""
    for text in ("./a", "../a", "/a", "~/a", "a/b", "./a.nix"):
        found = expression(text)
        assert isinstance(found, PathLiteral) and found.parts == (text,)


def test_a_path_with_interpolation_begins_with_text() -> None:
    """Then text and expressions in turn; `~` is no repair of ours that shows."""
    found = expression("x: [ ./a-${x}/b.nix ~/${x} ./${x}${x} ]")
    assert isinstance(found, Function) and isinstance(found.body, ListOf)
    parts = [
        [part if isinstance(part, str) else "?" for part in item.parts]
        for item in found.body.items
        if isinstance(item, PathLiteral)
    ]
    assert parts == [["./a-", "?", "/b.nix"], ["~/", "?"], ["./", "?", "?"]]


def test_search_paths_and_uris() -> None:
    """`<nixpkgs/lib>` without its brackets; a URI is a string."""
    search, uri = expression("<nixpkgs/lib>"), expression("https://example.org/a?b=c")
    assert isinstance(search, SearchPath) and search.name == "nixpkgs/lib"
    assert isinstance(uri, Text) and uri.parts == ("https://example.org/a?b=c",)


def test_the_current_position_is_no_variable() -> None:
    """`__curPos` cannot be bound."""
    assert isinstance(expression("__curPos"), CurrentPosition)


def test_paths_of_attributes_unfold_into_nested_sets() -> None:
    """The outer name stands where it was written, the statement is that of the whole binding."""
    found = attributes("{ a.b = 1; a.c = 2; }")
    outer = found["a"]
    assert isinstance(outer.value, AttributeSet)
    assert {name: attribute.value.span.text for name, attribute in outer.value.attributes.items()} == {
        "b": "1",
        "c": "2",
    }
    assert (outer.span.text, outer.binding_span.text) == ("a", "a.b = 1;")
    inner = outer.value.attributes["c"]
    assert (inner.span.text, inner.span.start, inner.binding_span.text) == ("c", 13, "a.c = 2;")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("{ a.b = 1; a = { c = 2; }; }", "{ a = { b = 1; c = 2; }; }"),
        ("{ a = { c = 2; }; a.b = 1; }", "{ a = { b = 1; c = 2; }; }"),
        ("{ a = { b.c = 1; }; a = { b.d = 2; }; }", "{ a = { b = { c = 1; d = 2; }; }; }"),
        ("{ a = ({ b = 1; }); a.c = 2; }", "{ a = { b = 1; c = 2; }; }"),
        ('{ a."b.c" = 1; "a".d = 2; }', '{ a = { "b.c" = 1; d = 2; }; }'),
        ("{ a = rec { b = 1; }; a.c = b: b; }", "{ a = rec { b = 1; c = b: b; }; }"),
        ("x: { a = { }; a = rec { b = 1; c = x; }; }", "x: { a = { b = 1; c = x; }; }"),
        ("x: { a = { inherit (x) b; }; a = { inherit (x.y) c; }; }", "x: { a = { inherit (x) b; inherit (x.y) c; }; }"),
        ("x: { a.${x} = 1; a = { ${x.y} = 2; }; }", "x: { a = { ${x} = 1; ${x.y} = 2; }; }"),
        ("let a.b = 1; a.c = 2; in a", "let a = { b = 1; c = 2; }; in a"),
        ("let { a = 1; body = a; }", "(rec { a = 1; body = a; }).body"),
    ],
)
def test_sets_merge_as_nix_merges_them_when_it_parses(written: str, meant: str) -> None:
    """The first set stays, with its `rec`; a `rec` on a later one is lost."""
    same(written, meant)


def test_sources_of_inherit_are_counted_on_when_sets_merge() -> None:
    """`b` comes from the first source, `c` from the second."""
    outer = expression("x: { a = { inherit (x) b; }; a = { inherit (x.y) c; }; }")
    assert isinstance(outer, Function) and isinstance(outer.body, AttributeSet)
    merged = outer.body.attributes["a"].value
    assert isinstance(merged, AttributeSet)
    values = [attribute.value for attribute in merged.attributes.values()]
    assert [(value.source, value.name) for value in values if isinstance(value, InheritFrom)] == [(0, "b"), (1, "c")]
    assert [source.span.text for source in merged.sources] == ["x", "x.y"]


def test_inherited_names_belong_to_the_scope_outside() -> None:
    """`inherit x;` in a `rec` must not mean itself; `inherit (x) y;` sees the set."""
    found = attributes('let x = 1; in rec { inherit x; inherit (x) "y z"; a = x; }'.removeprefix("let x = 1; in "))
    assert {name: attribute.outer for name, attribute in found.items()} == {"x": True, "y z": False, "a": False}
    assert isinstance(found["x"].value, Variable)
    assert found["y z"].binding_span.text == '"y z"'


def test_names_that_are_computed_stay_apart() -> None:
    """Unless nothing is interpolated: `${"a"}` is a."""
    found = expression('x: { ${"a"} = 1; "b" = 2; ${x} = 3; "c-${x}".d = 4; }')
    assert isinstance(found, Function) and isinstance(found.body, AttributeSet)
    assert list(found.body.attributes) == ["a", "b"]
    assert [entry.name.span.text for entry in found.body.dynamic] == ["${x}", '"c-${x}"']
    nested = found.body.dynamic[1].attribute.value
    assert isinstance(nested, AttributeSet) and list(nested.attributes) == ["d"]


def test_every_step_of_a_selection_has_its_place() -> None:
    """So that a report can mark the one that was missing."""
    found = expression('x: x.a."b c".${x} or 1')
    assert isinstance(found, Function) and isinstance(found.body, Select)
    assert [step.span.text for step in found.body.path] == ["a", '"b c"', "${x}"]
    assert [step.name for step in found.body.path[:2]] == ["a", "b c"]
    assert found.body.default is not None and found.body.default.span.text == "1"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a: b: c: a b c", "a: b: c: (a b) c"),
        ("a: b: a.c b.c or a b", "a: b: ((a.c) (b.c or a)) b"),
        ("a: a.b or a.c or 1", "a: a.b or (a.c or 1)"),
        ("a: !a.b && -a ? b", "a: (!(a.b)) && ((-a) ? b)"),
        ("a: !a ? b", "a: !(a ? b)"),
        ("a: !a + a == a", "a: (!(a + a)) == a"),
        ("a: a - a - a * a / a", "a: (a - a) - ((a * a) / a)"),
        ("a: a ++ a ++ a // a // a", "a: (a ++ (a ++ a)) // (a // a)"),
        ("a: a -> a -> a || a && a == a", "a: a -> (a -> (a || (a && (a == a))))"),
        ("a: a < a == a > a", "a: (a < a) == (a > a)"),
        ("a: a + a // a", "a: (a + a) // a"),
        ("a: b: a//b", "a: b: a // b"),
        ("a: b: !a //b == a ++ b//a ? c", "a: b: ((!a) // b) == ((a ++ b) // (a ? c))"),
        ("f: g: 1 |> f |> g", "f: g: g (f 1)"),
        ("f: g: f <| g <| 1 + 1", "f: g: f (g (1 + 1))"),
        ("f: a: a -> a || a |> f", "f: a: f (a -> (a || a))"),
        ("f: a: -a//a |> f a |> (x: x |> f)", "f: a: (x: f x) ((f a) ((-a) // a))"),
        ("let or = 1; in f: f or [ ]", "let or = 1; in f: (f (f: 1)) [ ]"),
    ],
)
def test_operators_bind_as_in_nix(written: str, meant: str) -> None:
    """Parenthesised by Nix's own print."""
    if " or = " in written:
        found = expression(written)
        assert isinstance(found, Let) and isinstance(found.body, Function) and isinstance(found.body.body, Call)
        inner = found.body.body.function
        assert isinstance(inner, Call) and isinstance(inner.argument, Variable) and inner.argument.name == "or"
    else:
        same(written, meant)


def test_a_pipe_is_a_call_with_the_place_of_the_whole() -> None:
    """`1 |> f` is `f 1`."""
    found = expression("f: (1) |> f")
    assert isinstance(found, Function) and isinstance(found.body, Call)
    assert found.body.span.text == "(1) |> f"
    assert found.body.function.span.text == "f"


def test_long_chains_are_no_depth() -> None:
    """Ten thousand terms of one operator, arguments of one call."""
    found = expression("f:" + " f" * 10_000 + "".join(" + f" for _ in range(10_000)))
    assert isinstance(found, Function) and isinstance(found.body, Binary)


def test_functions_keep_their_formals_in_order() -> None:
    """With defaults and the name of the whole, before or behind."""
    for text in ("{ b, a ? 1, ... }@args: a", "args@{ b, a ? 1, ... }: a"):
        found = expression(text)
        assert isinstance(found, Function)
        assert found.formals is not None and [formal.name for formal in found.formals] == ["b", "a"]
        assert (found.parameter, found.ellipsis) == ("args", True)
        assert [formal.default is None for formal in found.formals] == [True, False]
    plain, empty = expression("x: x"), expression("{ }: 1")
    assert isinstance(plain, Function) and (plain.parameter, plain.formals) == ("x", None)
    assert isinstance(empty, Function) and (empty.parameter, empty.formals) == (None, ())


def test_the_rest_of_the_language() -> None:
    """One of each, with its parts in their places."""
    conditional = expression("if 1 then 2 else 3")
    assert isinstance(conditional, If)
    assert [part.span.text for part in (conditional.condition, conditional.then, conditional.otherwise)] == [
        "1",
        "2",
        "3",
    ]
    scoped = expression("with 1; 2")
    assert isinstance(scoped, With) and (scoped.namespace.span.text, scoped.body.span.text) == ("1", "2")
    asked = expression("{ } ? a.b")
    assert isinstance(asked, HasAttribute) and [step.name for step in asked.path] == ["a", "b"]


TORN = {
    "a missing semicolon": ("{ s = { a = 1\n b = 2; c = 3; }; d = 4; }", {"s": {"a": None, "c": 3}, "d": 4}),
    "a missing value": ("{ a = ; b = 2; }", {"a": None, "b": 2}),
    "a comma in a list": ("{ a = [ 1, 2 ]; b = 2; }", {"a": None, "b": 2}),
    "a missing parenthesis": ("f: { a = f (1 2; b = 2; }", {"a": None, "b": 2}),
    "an error inside brackets": ("f: { a = f { b = ; c = 3; }; d = 4; }", {"a": "Call", "d": 4}),
}


@pytest.mark.parametrize(("text", "known"), TORN.values(), ids=TORN)
def test_what_an_error_leaves_whole_is_still_read(text: str, known: dict[str, object]) -> None:
    """Torn values are holes, not guesses."""
    parsed = read(text)
    assert len(parsed.problems) == 1

    def outline(node: object) -> object:
        match node:
            case AttributeSet():
                return {name: outline(attribute.value) for name, attribute in node.attributes.items()}
            case Integer():
                return node.value
            case Hole():
                return None
            case Function():
                return outline(node.body)
            case _:
                return type(node).__name__

    assert outline(parsed.expression) == known


def test_a_set_with_an_error_in_it_may_hold_more() -> None:
    """Its dynamic attributes have a hole for a name, so that what seems absent is not taken for absent."""
    parsed = read("{ s = { a = 1\n b = 2; }; d = 4; }")
    assert isinstance(parsed.expression, AttributeSet)
    inner = parsed.expression.attributes["s"].value
    assert isinstance(inner, AttributeSet)
    assert [isinstance(entry.name.name, Hole) for entry in inner.dynamic] == [True]
    assert parsed.expression.dynamic == ()


def test_names_of_a_torn_let_may_be_bound() -> None:
    """They are looked up in a hole, not found undefined or in a scope outside."""
    parsed = read("let a = 1\n b = 2; in b")
    assert parsed.broken
    assert isinstance(parsed.expression, With) and isinstance(parsed.expression.namespace, Hole)
    assert parsed.undefined_variables() == ()
