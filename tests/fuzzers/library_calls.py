"""Calls of nixpkgs' `lib` at random: each function that hslint models, on arguments of the types it takes and, seldom, others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fuzzers.choices import Choices

#: What a parameter takes. Functions of two arguments are curried.
ARGUMENTS: dict[str, tuple[str, ...]] = {
    "int": ("0", "1", "2", "3", "(-1)", "17", "255", "9223372036854775807"),
    "nat": ("0", "1", "2", "3", "5"),
    "float": ("1.5", "0.1", "(-2.25)", "1.0"),
    "bool": ("true", "false"),
    "str": (
        '""', '"a"', '"ab"', '"a b"', '"foo/bar"', '"a-b_c"', '"x=1"', '"é"', '"1.2.3"', '"hello-1.0.tar.gz"', '"A.B"',
        '"it\'s"', '"\\${x}"', '"a\\nb\\n"', '" pad "', '"<&>"', '"/nix/store/x"', '"lib"', '"0x1F"', '"fooBar baz"', '"\\\\"',
    ),
    "digits": ('"0"', '"7"', '"007"', '"-3"', '" 12 "', '"1x"', '"99999999999999999999999"', '"-007"', '"0-5"', '"\\t5"'),
    "hex": ('"0"', '"FF"', '"0x1f"', '"0xfffffffffffffff"', '"7FFFFFFFFFFFFFFF"', '"g"', '"0X1"', '""'),
    "version": ('"1.2"', '"1.2.3"', '"2.0pre"', '"1.2²"', '"1"', '""', '"1.2147483648"', '"23.11-beta"', '"v1.0"'),
    "char": ('"a"', '"Z"', '"0"', '" "', '"~"', '"\\n"'),
    "separator": ('","', '"/"', '""', '"ab"', '"."', '"-"'),
    "list": ("[ ]", "[ 1 2 3 ]", '[ "a" "b" ]', "[ 1 [ 2 [ 3 ] ] ]", "[ { a = 1; } { a = 2; b = 3; } ]", '[ 3 (throw "lazy") ]', "[ null true ]", "[ 1 1 2 ]"),
    "ints": ("[ ]", "[ 1 2 3 ]", "[ 3 1 2 ]", "[ 1 1 2 ]", "[ (-1) ]", "[ 2 1.0 ]"),
    "strs": ("[ ]", '[ "a" "b" ]', '[ "a" ]', '[ "b" "a" "b" ]', '[ "x y" "" ]', '[ "10" "9" "a2" "a10" ]', '[ "é" "z" ]'),
    "path": ("[ ]", '[ "a" ]', '[ "a" "b" ]', '[ "c" "d" "e" ]'),
    "set": (
        "{ }", "{ a = 1; }", "{ a = 1; b = 2; }", "{ a.b = 1; c = 2; }", '{ a = "x"; b = [ 1 ]; }', '{ b = throw "lazy"; a = 1; }',
        "{ a.b.c = 1; a.d = { }; }", "{ x = null; y = true; }", '{ "a b" = 1; }', "{ a = 1.5; }",
    ),
    "plain": ("{ }", "{ a = 1; }", '{ a = "x"; b = true; }', "{ b = 2; a = 1; }", "{ a = [ 1 2 ]; }", "{ a = null; }", "{ a = false; long = 3; }"),
    "sections": ("{ }", '{ a = { x = 1; y = "z"; }; }', "{ a = { }; b = { k = true; }; }", "{ s.x = [ 1 2 ]; }"),
    "sets": ("[ ]", "[ { a = 1; } ]", "[ { a = 1; } { b = 2; } ]", "[ { a = 1; } { a = 2; } ]", "[ { a.b = 1; } { a.c = 2; } ]"),
    "lists": ("{ }", "{ a = [ 1 2 ]; }", "{ a = [ 1 2 ]; b = [ 3 4 ]; }", "{ a = [ ]; b = [ 1 ]; }"),
    "pairs": ("[ ]", '[ { name = "a"; value = 1; } ]', '[ { name = "a"; value = 1; } { name = "a"; value = 2; } ]'),
    "drv": ('{ name = "hello-1.0"; }', '{ pname = "x"; version = "2"; }', '"hello-2.1"', '{ name = "a"; version = "3"; }', '"x"'),
    "fn": ("(x: x)", "(x: [ x ])", "toString", "(x: x + 1)", '(x: "<${toString x}>")', "(x: { a = x; })", "(x: x.a or x)"),
    "sfn": ("(x: x)", "(x: x + x)", '(x: "<${x}>")', '(x: "")'),
    "fn2": ("(a: b: a)", "(a: b: b)", "(a: b: a + b)", "(a: b: [ a b ])", "(a: b: b.a or b)", '(n: v: "${toString n}=${toString v}")'),
    "nfn": ("(n: v: v)", "(n: v: { name = n; value = v; })", '(n: v: { name = "x" + n; value = 1; })', '(n: v: { "${n}2" = v; })'),
    "pred": ("(x: true)", "(x: false)", "(x: x == 1)", "(x: x > 1)", '(x: x == "a")', "builtins.isInt", "(x: x ? a)"),
    "pred2": ("(a: b: true)", "(a: b: false)", "(a: b: a == b)", '(n: v: n == "a")', "(n: v: v == 1)"),
    "less": ("(a: b: a < b)", "(a: b: a > b)", "builtins.lessThan"),
    "compare": ("lib.compare", "(a: b: 0)", "(a: b: a - b)"),
    "any": ("null", "1", '"a"', "true", "[ ]", "{ }", "1.5", "[ 1 ]", "{ a = 1; }", "(x: x)", '{ outPath = "/o"; }', '{ __toString = s: "t"; }', '(throw "lazy")'),
    "overlay": ("(final: prev: { })", "(final: prev: { a = 1; })", "(final: prev: { b = (prev.a or 0) + 1; })"),
    "unit": ("{ }",),
    "until": ("(path: l: r: false)", '(path: l: r: path == [ "a" ])', "(path: l: r: true)"),
    "counter": ("(sum: name: value: sum + 1)",),
    "steps": ("[ ]", "[ (x: [ x ]) (x: x) ]"),
    "grows": ("(x: if x > 9 then x else x + 1)",),
    "self": ("(final: { a = 1; })",),
    "ini": ("{ }", "{ listsAsDuplicateKeys = true; }"),
    "pretty": ("{ }", "{ multiline = false; }", "{ allowPrettyValues = true; }"),
    "trim": ("{ }", "{ start = true; }", "{ end = true; }", "{ start = true; end = true; }"),
}  # fmt: skip

#: Functions by their sub-sets: what each takes, by the names above.
SIGNATURES = {
    "attrsets": """
        attrByPath path any set; hasAttrByPath path set; getAttrFromPath path set; setAttrByPath path any; concatMapAttrs nfn set;
        filterAttrs pred2 set; filterAttrsRecursive pred2 set; foldlAttrs counter nat set; foldAttrs fn2 any sets; collect pred set;
        cartesianProduct lists; mapCartesianProduct fn lists; nameValuePair str any; mapAttrs' nfn set; mapAttrsToList fn2 set;
        attrsToList set; mapAttrsRecursive fn2 set; mapAttrsRecursiveCond pred fn2 set; genAttrs strs fn; isDerivation any;
        optionalAttrs bool set; overrideExisting set set; getAttrs strs set; attrVals strs set; recurseIntoAttrs set;
        showAttrPath path; zipAttrsWithNames strs fn2 sets; zipAttrs sets; mergeAttrsList sets; recursiveUpdateUntil until set set;
        recursiveUpdate set set; matchAttrs set set; unionOfDisjoint set set; attrNames set; attrValues set; mapAttrs fn2 set;
        listToAttrs pairs; hasAttr str set; getAttr str set; intersectAttrs set set; removeAttrs set strs; catAttrs str sets;
        zipAttrsWith fn2 sets""",
    "lists": """
        singleton any; forEach list fn; optional bool any; optionals bool list; toList any; foldr fn2 any list; foldl' fn2 any list;
        foldl fn2 any list; imap0 fn2 list; imap1 fn2 list; ifilter0 pred2 list; flatten any; remove any list; findSingle pred any any list;
        findFirst pred any list; findFirstIndex pred any list; count pred list; range int int; replicate nat any; zipListsWith fn2 list list;
        zipLists list list; reverseList list; sortOn fn list; compareLists compare ints ints; naturalSort strs; take int list; drop int list;
        takeEnd int list; dropEnd int list; sublist int nat list; hasPrefix list list; removePrefix list list; commonPrefix list list;
        last list; init list; crossLists fn2 list; unique list; uniqueStrings strs; allUnique list; intersectLists list list;
        subtractLists list list; mutuallyExclusive list list; groupBy' fn2 any sfn strs; replaceElemAt list int any; concatLists list;
        map fn list; filter pred list; elem any list; head list; tail list; elemAt list int; concatMap fn list; any pred list;
        all pred list; sort less ints; partition pred list; genList fn nat; groupBy sfn strs; concatAttrValues lists""",
    "strings": """
        concatStrings strs; concatStringsSep separator strs; concatMapStrings sfn strs; concatImapStrings fn2 strs;
        concatMapStringsSep separator sfn strs; concatImapStringsSep separator fn2 strs; concatMapAttrsStringSep separator fn2 plain;
        concatLines strs; intersperse any list; replicate nat str; optionalString bool any; hasPrefix str str; hasSuffix str str;
        hasInfix str str; stringToCharacters str; stringAsChars sfn str; charToInt char; toUpper str; toLower str; toSentenceCase str;
        toCamelCase str; addContextFrom any any; splitString separator any; splitStringBy pred2 bool str; replaceString str str str;
        removePrefix str str; removeSuffix str str; trim str; trimWith trim str; versionOlder version version; versionAtLeast version version;
        getName drv; getVersion drv; nameFromURL str separator; fixedWidthString nat str str; fixedWidthNumber nat nat; floatToString float;
        isConvertibleWithToString any; isStringLike any; isStorePath any; toInt digits; toIntBase10 digits; commonPrefixLength str str;
        commonSuffixLength str str; normalizePath str; sanitizeDerivationName str; levenshtein str str; levenshteinAtMost int str str;
        escape strs str; escapeShellArg any; escapeShellArgs strs; isValidPosixName str; toShellVar str any; toShellVars plain;
        escapeNixString str; escapeNixIdentifier str; escapeRegex str; escapeXML str; escapeURL str; enableFeature bool str;
        enableFeatureAs bool str str; withFeature bool str; withFeatureAs bool str str; mesonOption str str; mesonBool str bool;
        mesonEnable str bool; cmakeBool str bool; cmakeFeature str str; makeSearchPath str strs; compareVersions version version""",
    "trivial": """
        const any any; pipe any steps; concat list list; or bool bool; and bool bool; xor bool bool; boolToString bool;
        boolToYesNo bool; mergeAttrs set set; flip fn2 any any; defaultTo any any; mapNullable fn any; min int int; max int int; mod int int;
        mod float nat; compare int int; compare str str; splitByAndCompare pred compare compare int int; info any any; warn str any;
        warnIf bool str any; warnIfNot bool str any; showWarnings strs any; throwIf bool str any; throwIfNot bool str any;
        checkListOfEnum str strs strs any; functionArgs fn; isFunction any; toFunction any 1; fromHexString hex; toHexString int;
        toBaseDigits nat int; bitNot int; bitAnd int int; bitOr int int; bitXor int int""",
    "fixedPoints": """
        converge grows int; extends overlay self unit; composeExtensions overlay overlay set set;
        composeManyExtensions [] set set; toExtension set set set""",
    "versions": "major version; minor version; patch version; majorMinor version; pad nat version; splitVersion version",
    "asserts": "assertMsg bool str; assertOneOf str any list; assertEachOneOf str list list; checkAssertWarn [] strs any",
    "debug": """
        traceVal any; traceValFn fn any; traceIf bool any any; traceSeq any any; traceValSeq any; traceValSeqFn fn any; traceSeqN nat any any;
        traceValSeqN nat any; traceValSeqNFn fn nat any; traceFnSeqN nat str fn any; testAllTrue list""",
    "generators": """
        mkValueStringDefault unit any; mkKeyValueDefault unit separator str any; toKeyValue unit plain; toKeyValue ini plain;
        toINI unit sections; toINI ini sections; toJSON unit set; toYAML unit set; toPretty pretty any; toPretty pretty set""",
    "cli": "toGNUCommandLine unit plain; toGNUCommandLineShell unit plain; toCommandLineGNU unit plain; toCommandLineShellGNU unit plain",
    "path": "hasPrefix /a /a/b; append /a str; removePrefix /a /a/b",
}  # fmt: skip

#: Functions that treat arguments of other types differently since the release that is compared with: `replaceStrings` forces no
#: replacement that it does not need, `warn` is a builtin.
_CHANGED_SINCE = frozenset(
    (
        "lib.strings.replaceString",
        "lib.trivial.warn",
        "lib.trivial.warnIf",
        "lib.trivial.warnIfNot",
        "lib.trivial.showWarnings",
        "lib.asserts.checkAssertWarn",
    )
)

_CALLS = [
    (f"lib.{outer}.{words[0]}", words[1:])
    for outer, table in SIGNATURES.items()
    for words in (row.split() for row in table.split(";"))
]


def call(choices: Choices, *, unknown: bool = False) -> str:
    """`lib.lists.take 2 [ … ]`; the environment decides about some arguments where they are to be unknown."""
    function, parameters = choices.pick(_CALLS)
    others = function not in _CHANGED_SINCE
    return f"{function} {' '.join(_argument(choices, parameter, others=others, unknown=unknown) for parameter in parameters)}"


def _argument(choices: Choices, kind: str, *, others: bool, unknown: bool) -> str:
    if kind not in ARGUMENTS:
        return kind
    if unknown and choices.below(3) == 2:
        one, other = (_argument(choices, kind, others=others, unknown=False) for _ in range(2))
        return f'(if builtins.getEnv "A" == "1" then {one} else {other})'
    if others and kind not in ("unit", "ini", "pretty", "trim") and choices.chance(25):
        kind = "any"
    elif others and kind in ("list", "any", "set", "str") and choices.chance(8):
        return f"({call(choices, unknown=unknown)})"
    return choices.pick(ARGUMENTS[kind])
