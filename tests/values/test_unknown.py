"""What stays known beside something that is unknown."""

from __future__ import annotations

import pytest
from evaluated import Outcome, Untold, evaluator, open_set, outcome, unknown, value_of

from hslint.values.budget import with_deep_stack
from hslint.values.value import Lazy, List, Null, String, Unknown, Value, Why

GIVEN: dict[str, Value] = {
    "u": unknown(),
    "half": String.of(("/a/", unknown(), "/c.nix")),
    "open": open_set(a=String("x")),
    "list": List([Lazy.done(String("x"))], rest=unknown("more")),
}
UNTOLD = Untold(Why.INPUT, "somewhere")
MORE = Untold(Why.INPUT, "more")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("u", UNTOLD),
        ("u.a", Untold(Why.INPUT, "somewhere.a")),
        ("u 1", UNTOLD),
        ("[ u 1 ]", UNTOLD),
        ("builtins.length [ u 1 ]", "2"),
        ("builtins.elemAt [ u 1 ] 1", "1"),
        ("builtins.elem 1 [ u 1 ]", "true"),
        ("builtins.elem 1 [ u 2 ]", UNTOLD),
        ("builtins.any (x: x) [ u true ]", "true"),
        ("builtins.all (x: x) [ u false ]", "false"),
        ("u && false", "false"),
        ("u || true", "true"),
        ("u -> true", "true"),
        ("u && true", UNTOLD),
        ("u == 1", UNTOLD),
        ("[ u 1 ] == [ 2 2 ]", "false"),
        ("{ a = u; } == { b = 1; }", "false"),
        ("if u then 1 else 1", "1"),
        ("(if u then { a = 1; b = 2; } else { a = 1; b = 3; }).a", "1"),
        ('if u then throw "no" else 2', "2"),
        ("(u // { a = 1; }).a", "1"),
        ("({ a = 1; } // u) ? b", UNTOLD),
        ("open.a", '"x"'),
        ("open.b", Untold(Why.INPUT, "more.b")),
        ("open ? a", "true"),
        ("open ? b", MORE),
        ("(open // { b = 1; }).b", "1"),
        ('(removeAttrs open [ "b" ]).a', '"x"'),
        ("(builtins.mapAttrs (n: v: n + v) open).a", '"ax"'),
        ("builtins.attrNames open", MORE),
        ('builtins.elem "a" (builtins.attrNames open)', "true"),
        ('builtins.elem "x" list', "true"),
        ('builtins.elem "y" list', MORE),
        ("builtins.length list", MORE),
        ('builtins.elem "xx" (map (x: x + x) list)', "true"),
        ('builtins.elem "x" (list ++ [ 1 ])', "true"),
        ('"a${u}" == "b"', "false"),
        ('"a${u}" == "ab"', UNTOLD),
        ('builtins.isString "a${u}"', "true"),
        ("builtins.substring 0 3 half", '"/a/"'),
        ("baseNameOf half", '"c.nix"'),
        ('builtins.match ".*c.*" half', "[ ]"),
        ('builtins.match "b.*" half', "null"),
        ('builtins.match "/a/b.*" half', UNTOLD),
        ("builtins.tryEval u ? success", "true"),
        ("builtins.seq u 1", "1"),
        ("(x: { inherit x; y = 1; }).y or 2", "2"),
        ("({ a, ... }: 1) u", "1"),
        ("with u; a", Untold(Why.INPUT, "somewhere.a")),
        ("let a = 1; in with u; a", "1"),
        ("assert u; 1", "1"),
        ("{ ${u} = 1; a = 2; }.a", "2"),
        ("builtins.currentSystem", Untold(Why.ENVIRONMENT, "builtins.currentSystem")),
        ('builtins.getEnv "HOME"', Untold(Why.ENVIRONMENT, "the environment variable HOME")),
        ("builtins.readFile /etc/passwd", Untold(Why.OUTSIDE, "/etc/passwd")),
        ("import /etc/nixos", Untold(Why.OUTSIDE, "/etc/nixos")),
        (
            'builtins.fetchTarball "https://example.org/x.tar.gz"',
            Untold(Why.STORE, "fetchTarball https://example.org/x.tar.gz"),
        ),
        ("<nixpkgs>", Untold(Why.ENVIRONMENT, "<nixpkgs>")),
        ('builtins.getFlake "nixpkgs"', Untold(Why.INPUT, "getFlake nixpkgs")),
    ],
)
def test_what_is_sure_is_known(text: str, expected: Outcome) -> None:
    """An unknown part makes unknown only what depends on it."""
    assert outcome(text, names=GIVEN) == expected


def test_what_a_list_may_be_is_not_what_is_in_it() -> None:
    """Of a list that is joined with one of two values, neither value is an element."""
    either = Unknown(Why.CONDITION, "c", None, (Lazy.done(Null()), Lazy.done(List([]))))

    def joined() -> Value:
        return value_of(evaluator(), "[ 1 ] ++ u", {"u": either})

    value = with_deep_stack(joined)
    assert isinstance(value, List)
    assert value.rest is not None
    assert (value.rest.why, value.rest.may_be) == (Why.CONDITION, ())


def test_what_an_argument_may_be_is_not_what_the_result_may_be() -> None:
    """A function of one of two values gives neither of them."""
    either = Unknown(Why.CONDITION, "c", None, (Lazy.done(String("a")), Lazy.done(String("b"))))
    value = with_deep_stack(lambda: value_of(evaluator(), "builtins.stringLength u", {"u": either}))
    assert isinstance(value, Unknown)
    assert value.may_be == ()
