"""A recogniser of Nix's own grammar (parser.y): whether Nix accepts a file, and where it stops if not; asked when tree-sitter finds an error.

It makes no tree. It says the first problem, at Nix's own place, and what to change, byte for byte and without moving any other
byte, so that the grammar reads what Nix reads.
"""

from __future__ import annotations

import sys
from typing import NoReturn

from hslint.record import Entity
from hslint.source import SourceFile, Span
from hslint.syntax.operators import NEGATE, NOT, RANKS, RIGHT
from hslint.syntax.problems import ProblemKind, Related, SyntaxProblem
from hslint.syntax.tokens import ENDLESS, KEYWORDS, Kind, Token, tokens

#: How deep brackets may lie in each other here. Nix's own parser ends at 10,000 symbols (bison's YYMAXDEPTH), two or three a level.
DEEPEST = 2_000
#: Python frames from one expression to the next one inside it, by the longest way (`{ "${`).
_FRAMES_A_LEVEL = 12

#: Ranks whose operators cannot follow each other (%nonassoc).
_ALONE = frozenset({RANKS["=="], RANKS["<"]})
_RIGHT_RANKS = frozenset(RANKS[sign] for sign in RIGHT)

_STARTS_A_VALUE = frozenset(
    {Kind.IDENTIFIER, Kind.INTEGER, Kind.FLOAT, Kind.INDENTED_OPEN, Kind.PATH, Kind.SEARCH_PATH, Kind.URI}
)
_OPENS_A_VALUE = frozenset({'"', "(", "[", "{", "rec", "let"})
_PATH_CHARACTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-")

Edit = tuple[int, int, bytes]


class Verdict(Entity):
    """The answer of Nix's parser for a file."""

    problem: SyntaxProblem | None
    #: Same-length replacements (start, end, bytes) after which the grammar reads what Nix reads.
    repairs: list[Edit]
    #: What really stands at the offset of an operator that a repair changed: `|>`, `<|`, `//`.
    operators: dict[int, str]


def recognise(file: SourceFile) -> Verdict:
    limit = sys.getrecursionlimit()
    needed = DEEPEST * _FRAMES_A_LEVEL + 5_000
    if needed > limit:
        sys.setrecursionlimit(needed)
    try:
        return _Recogniser(file).run()
    finally:
        sys.setrecursionlimit(limit)


class _Stop(Exception):
    """Not an error of the program: how the first problem leaves the recursion."""

    def __init__(
        self,
        message: str,
        start: int,
        end: int,
        related: tuple[Related, ...] = (),
        kind: ProblemKind = ProblemKind.SYNTAX,
    ) -> None:
        self.message, self.start, self.end, self.related, self.kind = message, start, end, related, kind


class _Recogniser:
    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.text = file.text
        self.verdict = Verdict(None, [], {})
        self._stream = tokens(file.text)
        self._seen: list[Token] = []
        self._ahead: list[Token] = []
        self._depth = 0
        self.token = self._read()

    def run(self) -> Verdict:
        try:
            if self.token.kind is Kind.END and not self._seen:
                self._stop("the file holds no expression", self.token.start, self.token.end)
            self._expression()
            if self.token.kind is not Kind.END:
                self._unexpected("the end of the file" if self.token.text in {")", "]", "}", ";"} else "")
            if self.token.end < len(self.text):  # a NUL: what follows does not exist for Nix
                rest = self.text[self.token.end :]
                self.verdict.repairs.append((self.token.end, len(self.text), b" " * len(rest)))
        except RecursionError:  # the caller has used up the stack
            span = Span(self.file, 0, 0)
            self.verdict.problem = SyntaxProblem("nested too deeply to analyse", span, ProblemKind.TOO_DEEP)
        except _Stop as stop:
            span = Span(self.file, stop.start, stop.end)
            self.verdict.problem = SyntaxProblem(stop.message, span, stop.kind, stop.related)
        return self.verdict

    # -- tokens

    def _read(self) -> Token:
        for token in self._stream:
            if token.kind is not Kind.COMMENT:
                return token
            self._repair_comment(token)
        return Token(Kind.END, len(self.text), len(self.text))

    def _repair_comment(self, token: Token) -> None:
        """The grammar ends a comment only at LF, and the file at NUL."""
        if self.text[token.end : token.end + 1] == b"\r" and self.text[token.end + 1 : token.end + 2] != b"\n":
            if self.text.startswith(b"#", token.start):
                self.verdict.repairs.append((token.end, token.end + 1, b"\n"))
        nul = self.text.find(b"\0", token.start, token.end)
        if nul >= 0:
            self.verdict.repairs.append((nul, token.end, self.text[nul : token.end].replace(b"\0", b" ")))

    def _next(self) -> Token:
        taken = self.token
        self._seen.append(taken)
        self.token = self._ahead.pop() if self._ahead else self._read()
        return taken

    def _peek(self) -> Token:
        if not self._ahead:
            self._ahead.append(self._read())
        return self._ahead[-1]

    def _at(self, sign: str) -> bool:
        return self.token.kind is Kind.SIGN and self.token.text == sign

    def _take(self, sign: str, opener: Token | None = None) -> Token:
        if not self._at(sign):
            self._unexpected(f"'{sign}'", () if opener is None else self._unclosed(opener))
        return self._next()

    def _stop(self, message: str, start: int, end: int) -> NoReturn:
        raise _Stop(message, start, end)

    def _unexpected(self, expected: str = "", related: tuple[Related, ...] = ()) -> NoReturn:
        token = self.token
        if token.kind is Kind.ERROR:
            kind = ProblemKind.TOO_DEEP if token.text == ENDLESS else ProblemKind.SYNTAX
            raise _Stop(token.text, token.start, token.end, kind=kind)
        found = self._describe(token)
        message = f"unexpected {found}, expected {expected}" if expected else f"unexpected {found}"
        raise _Stop(message, token.start, token.end, related)

    def _describe(self, token: Token) -> str:
        match token.kind:
            case Kind.SIGN:
                return f"keyword '{token.text}'" if token.text in KEYWORDS else f"'{token.text}'"
            case Kind.IDENTIFIER | Kind.INTEGER | Kind.FLOAT | Kind.PATH | Kind.URI:
                text = self.text[token.start : token.end].decode("utf-8", "replace")
                return f"{token.kind.value} '{text}'" if len(text) <= 40 else token.kind.value
            case Kind.INVALID:
                text = self.text[token.start : token.end].decode("utf-8", "replace")
                if text == "\ufeff":
                    return "byte order mark (save the file as UTF-8 without one)"
                return f"character '{text}'" if text.isprintable() else f"character U+{ord(text[0]):04X}"
            case Kind.STRING if self._seen and self._seen[-1].kind is Kind.PATH:
                return "second slash in a path"
            case _:
                return str(token.kind.value)

    # -- expressions

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            at = self.token.start
            raise _Stop("nested too deeply to analyse", at, min(at + 1, len(self.text)), kind=ProblemKind.TOO_DEEP)

    def _expression(self) -> None:
        """`expr`: what may stand after `=`, in parentheses, as a body."""
        self._deeper()
        while True:
            token = self.token
            if token.kind is Kind.IDENTIFIER:
                after = self._peek()
                if after.kind is Kind.SIGN and after.text in {":", "@"}:
                    self._next()
                    if self._next().text == "@":
                        self._formals(self._take("{"))
                        self._take(":")
                    continue
            elif token.kind is Kind.SIGN:
                if token.text == "{":
                    if self._function_or_set():
                        continue
                    self._pipes(started=True)
                    break
                if token.text in {"assert", "with"}:
                    self._next()
                    self._expression()
                    self._take(";")
                    continue
                if token.text == "if":
                    self._next()
                    self._expression()
                    self._take("then")
                    self._expression()
                    self._take("else")
                    continue
                if token.text == "let":
                    after = self._peek()
                    if not (after.kind is Kind.SIGN and after.text == "{"):
                        opener = self._next()
                        self._bindings()
                        self._close_bindings("in", opener)
                        continue
            self._pipes(started=False)
            break
        self._depth -= 1

    def _pipes(self, *, started: bool) -> None:
        """`a |> b |> c` or `a <| b <| c`, never mixed."""
        self._operators(started=started)
        pipe = self.token.text if self.token.kind is Kind.SIGN else ""
        if pipe not in {"|>", "<|"}:
            return
        while self._at(pipe):
            token = self._next()
            self.verdict.repairs.append((token.start, token.end, b"||"))
            self.verdict.operators[token.start] = pipe
            self._operators(started=False)

    def _operators(self, *, started: bool) -> None:
        stack: list[int] = []
        while True:
            if not started:
                while self._at("!") or self._at("-"):
                    stack.append(NOT if self._next().text == "!" else NEGATE)
            self._application(started=started)
            started = False
            while self._at("?"):
                self._next()
                self._attribute_path()
            rank = RANKS.get(self.token.text) if self.token.kind is Kind.SIGN else None
            if not rank:  # none, or a pipe
                return
            while stack and (
                stack[-1] > rank or (stack[-1] == rank and rank not in _ALONE and rank not in _RIGHT_RANKS)
            ):
                stack.pop()
            if rank in _ALONE and stack and stack[-1] == rank:
                raise _Stop(
                    f"unexpected '{self.token.text}': comparisons cannot be chained", self.token.start, self.token.end
                )
            stack.append(rank)
            token = self._next()
            # The grammar takes `//b` for a path.
            if token.text == "//" and self.text[token.end : token.end + 1] and self.text[token.end] in _PATH_CHARACTERS:
                self.verdict.repairs.append((token.start, token.end, b"||"))
                self.verdict.operators[token.start] = "//"

    def _application(self, *, started: bool) -> None:
        self._selection(started=started)
        while self._starts_a_value():
            self._selection(started=False)

    def _starts_a_value(self) -> bool:
        token = self.token
        return token.kind in _STARTS_A_VALUE or (token.kind is Kind.SIGN and token.text in _OPENS_A_VALUE)

    def _selection(self, *, started: bool) -> None:
        """`expr_select`: a value, perhaps with `.path`, perhaps with `or` and another one."""
        while True:
            if not started:
                self._value()
            started = False
            if self._at("."):
                self._next()
                self._attribute_path()
                if self._at("or"):
                    self._next()
                    continue
            elif self._at("or"):  # an old function of that name, as an argument of what stands before
                self._next()
            return

    def _value(self) -> None:
        token = self.token
        match token.kind:
            case Kind.IDENTIFIER | Kind.INTEGER | Kind.FLOAT | Kind.SEARCH_PATH | Kind.URI:
                self._next()
            case Kind.INDENTED_OPEN:
                self._next()
                self._string_parts(Kind.INDENTED, token)
                if self.token.kind is not Kind.INDENTED_CLOSE:
                    self._unexpected("the end of the indented string", self._opened(token))
                self._next()
            case Kind.PATH:
                self._path()
            case Kind.SIGN if token.text == '"':
                self._string()
            case Kind.SIGN if token.text == "(":
                self._next()
                self._expression()
                self._take(")", token)
            case Kind.SIGN if token.text == "[":
                self._next()
                self._deeper()
                while self._starts_a_value():
                    self._selection(started=False)
                self._depth -= 1
                self._take("]", token)
            case Kind.SIGN if token.text in {"{", "rec", "let"}:
                if token.text != "{":
                    self._next()
                opener = self._take("{")
                self._bindings()
                self._close_bindings("}", opener)
            case _:
                self._unexpected("an expression")

    def _opened(self, opener: Token) -> tuple[Related, ...]:
        return (Related("opened here", Span(self.file, opener.start, opener.end)),)

    def _unclosed(self, opener: Token) -> tuple[Related, ...]:
        """At the end of the file, the bracket that waits is worth naming."""
        return self._opened(opener) if self.token.kind is Kind.END else ()

    # -- strings and paths

    def _string(self) -> None:
        opener = self._next()
        self._string_parts(Kind.STRING, opener)
        if not self._at('"'):
            self._unexpected("the end of the string", self._opened(opener))
        self._next()

    def _string_parts(self, text: Kind, opener: Token) -> None:
        while True:
            if self.token.kind is text:
                self._next()
            elif self._at("${"):
                self._interpolation()
            else:
                return

    def _interpolation(self) -> None:
        opener = self._take("${")
        self._expression()
        self._take("}", opener)

    def _path(self) -> None:
        first = self._next()
        if self.token.kind is Kind.STRING and not (self._peek().kind is Kind.SIGN and self._peek().text == "${"):
            if self._peek().kind is Kind.ERROR:
                self._next()
                self._unexpected()
            self._unexpected()
        if (
            self.token.kind is not Kind.PATH_END
            and self.text.startswith(b"~/", first.start)
            and first.end - first.start == 2
        ):
            self.verdict.repairs.append((first.start, first.start + 1, b"."))
        self._string_parts(Kind.STRING, first)
        if self.token.kind is not Kind.PATH_END:
            self._unexpected("the end of the path")
        self._next()

    # -- sets and formals

    def _function_or_set(self) -> bool:
        """Read `{ …` at the start of an expression; True when it was the formals of a function."""
        after = self._peek()
        if after.kind is Kind.SIGN and after.text == "...":
            formals = True
        elif after.kind is Kind.SIGN and after.text == "}":
            self._next()
            self._next()
            if not (self._at(":") or self._at("@")):
                return False
            self._after_formals()
            return True
        elif after.kind is Kind.IDENTIFIER:
            opener = self._next()
            second = self._peek()
            formals = second.kind is Kind.SIGN and second.text in {",", "?", "}"}
            if formals:
                self._formals(opener)
                self._after_formals()
                return True
            self._bindings()
            self._close_bindings("}", opener)
            return False
        else:
            formals = False
        opener = self._next()
        if formals:
            self._formals(opener)
            self._after_formals()
            return True
        self._bindings()
        self._close_bindings("}", opener)
        return False

    def _after_formals(self) -> None:
        if self._at("@"):
            self._next()
            if self.token.kind is not Kind.IDENTIFIER:
                self._unexpected("a name")
            self._next()
            self._take(":")
        elif self._at(":"):
            self._next()
        else:
            self._unexpected("':' or '@'")

    def _formals(self, opener: Token) -> None:
        """The formals between the braces, and the closing brace."""
        comma: Token | None = None
        while True:
            if self._at("..."):
                self._next()
                break
            if self.token.kind is Kind.IDENTIFIER:
                self._next()
                if self._at("?"):
                    self._next()
                    self._expression()
                if self._at(","):
                    comma = self._next()
                    continue
                if not self._at("}"):
                    self._unexpected("',' or '}'", self._unclosed(opener))
                break
            if self._at("}"):
                if comma is not None:
                    self.verdict.repairs.append((comma.start, comma.end, b" "))
                break
            self._unexpected("a name, '...' or '}'" if comma is not None else "a name or '}'")
        self._take("}", opener)

    def _bindings(self) -> None:
        while True:
            if self._at("inherit"):
                self._inherit()
            elif self.token.kind is Kind.IDENTIFIER or self.token.text in {"or", '"', "${"}:
                if self.token.kind is not Kind.IDENTIFIER and self.token.kind is not Kind.SIGN:
                    return
                self._attribute_path()
                if not self._at("="):
                    self._unexpected("'.' or '='")
                self._next()
                self._expression()
                if not self._at(";"):
                    self._unexpected("';'", self._missing_semicolon(len(self._seen)))
                self._next()
            else:
                return

    def _close_bindings(self, sign: str, opener: Token) -> None:
        """The end of bindings: an error about what stands there instead."""
        if self._at(sign):
            self._next()
            return
        self._unexpected(f"an attribute or '{sign}'", self._unclosed(opener))

    def _missing_semicolon(self, index: int) -> tuple[Related, ...]:
        """`a = 1 b = 2;`: Nix stops at the second `=`; the place to fix is before the path in front of it."""
        if not self._at("="):
            if self._at("}") or self._at("in") or self._at("inherit"):
                return self._semicolon_after(self._seen[-1])
            return ()
        at = index - 1
        while at >= 2 and self._seen[at - 1].kind is Kind.SIGN and self._seen[at - 1].text == ".":
            at -= 2
        return self._semicolon_after(self._seen[at - 1]) if at >= 1 else ()

    def _semicolon_after(self, token: Token) -> tuple[Related, ...]:
        return (Related("a ';' may be missing here", Span(self.file, token.end, token.end)),)

    def _inherit(self) -> None:
        start = self._next()
        if self._at("("):
            opener = self._next()
            self._expression()
            self._take(")", opener)
        empty = True
        while True:
            if self.token.kind is Kind.IDENTIFIER or self._at("or"):
                self._next()
            elif self._at('"'):
                self._string()
            elif self._at("${"):
                self._interpolation()
            else:
                break
            empty = False
        if not self._at(";"):
            self._unexpected("a name or ';'")
        end = self._next()
        if empty:  # the grammar wants at least one name
            blank = b" " * (end.end - start.start)
            self.verdict.repairs.append((start.start, end.end, blank))

    def _attribute_path(self) -> None:
        while True:
            if self.token.kind is Kind.IDENTIFIER or self._at("or"):
                self._next()
            elif self._at('"'):
                self._string()
            elif self._at("${"):
                self._interpolation()
            else:
                self._unexpected("an attribute name")
            if not self._at("."):
                return
            self._next()
