"""The literals of a Nix file that hold secrets, found in its tokens, so that a file that is being typed has them too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from hslint.record import Entity, Record
from hslint.secrets import (
    contents_of_file,
    embedded_secrets,
    joined,
    says_about,
    secret_file_name,
    secret_flag,
    secret_name,
    secret_path,
    secret_text,
    shaped_secrets,
)
from hslint.syntax.tokens import Kind, Token, tokens

#: What is in every name of a secret, and what may come behind it, up to the value.
_STEMS = re.compile(rb"secr|scret|secer|sercr|serct|sercet|pass|pas.?w|psw|pwd|pw|psk|tok|key|cred|pat", re.IGNORECASE)
_NAMED = re.compile(rb"([\w.'-]*)\\?[\"']?\s*(?:[=:?]|[\"']?\s+[\"'\w])")
_SHAPES = re.compile(
    rb"PRIVATE KEY|[th]skey-|privkey:|mkey:|AGE-SECRET|gh[pousr]_|github_pat_|glpat-|earer |asic |://[^\s/@\"']*:[^\s/@]*@"
)
_IN_NAMES = frozenset(bytes([byte]) for byte in b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-'.")
#: Functions whose arguments are names, patterns, sentences or programs.
_NOT_TEXT = re.compile(
    r"getEnv|readFile|fileContents|hasAttr|getAttr|attrByPath|hasAttrByPath|import|has(?:Prefix|Suffix|Infix)|elem|match|split"
    r"|throw|abort|trace|warn|write(?!Text$).*|run.*|fetch.*|build.*|string(?:Afters?|Before)"
    r"|mk(?!Default$|Force$|Override$|If$|Merge$|Before$|After$|Order$|OptionDefault$|VMOverride$).*"
)
#: Functions that make a file of their second argument.
_MAKES_FILE = frozenset(("writeText", "toFile"))

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


class SecretLiteral(Record):
    """A secret in the text of a file: its bytes, and what it says once escapes are decoded."""

    start: int
    end: int
    text: str


@lru_cache(512)
def secret_literals(text: bytes) -> tuple[SecretLiteral, ...]:
    """The secrets written in a file, in order."""
    return _Reader(text).found() if _may_hold_secrets(text) else ()


def _may_hold_secrets(text: bytes) -> bool:
    """Whether it is worth reading the file: it says the name of a secret in front of a value, or has one by its looks."""
    if _SHAPES.search(text) is not None:
        return True
    for stem in _STEMS.finditer(text):
        named = _NAMED.match(text, stem.end())
        if named is None:
            continue
        start = stem.start()
        while start and text[start - 1 : start] in _IN_NAMES:
            start -= 1
        path = text[start : named.end(1)].decode("ascii", "replace").strip("-")
        if any(map(secret_name, path.split("."))) or secret_file_name(path.rpartition(".")[2]):
            return True
    return False


class _Piece(Entity):
    """A piece of a string, with the attribute path it is the value of."""

    start: int
    end: int
    text: str
    names: tuple[str, ...]
    #: Whether the binding it stands in is the innermost one around it.
    direct: bool
    #: The piece begins its string.
    first: bool
    #: Its number among the tokens.
    index: int
    #: Whether it is an element of a list.
    listed: bool
    #: An argument that follows a flag for a secret (`"--auth-key" "…"`).
    after_flag: bool


class _Binding(Entity):
    names: tuple[str, ...]
    depth: int


class _Reader:
    def __init__(self, text: bytes) -> None:
        self.text = text
        self.tokens: list[Token] = []
        self.comments: list[Token] = []
        self.rest = len(text)
        for token in tokens(text):
            if token.kind is Kind.COMMENT:
                self.comments.append(token)
                continue
            self.tokens.append(token)
            if token.kind in (Kind.ERROR, Kind.END):
                self.rest = token.start
        self.pieces: list[_Piece] = []
        #: Names of bindings, each with the variables that its value is made of.
        self.uses: dict[str, set[str]] = {}
        self.secret_variables: set[str] = set()

    def found(self) -> tuple[SecretLiteral, ...]:
        self._read()
        self._follow_variables()
        spans: list[tuple[int, int, str]] = []
        for piece in self.pieces:
            spans.extend(self._of_piece(piece))
        for comment in self.comments:
            spans.extend(self._inside(comment.start, comment.end, quoted=True))
        spans.extend(self._inside(self.rest, len(self.text), quoted=True))
        # A private key may reach over the pieces of its string.
        spans.extend(self._shaped(0, len(self.text)))
        spans.sort()
        return tuple(SecretLiteral(*span) for span in spans)

    # -- bindings

    def _read(self) -> None:
        stack: list[_Binding] = []
        brackets: list[str] = []
        deciding = 0
        conditions: list[int] = []
        flag_at = -1
        for index, token in enumerate(self.tokens):
            if token.kind in (Kind.STRING, Kind.INDENTED):
                if not self._is_name(index):
                    flag_at = self._string(index, token, stack, brackets, flag_at)
                continue
            if token.kind is Kind.INTEGER and stack and secret_path(stack[-1].names) and token.end - token.start > 3:
                self._piece(index, token, stack, brackets, first=True, after_flag=False)
            if token.kind is Kind.URI:
                self._piece(index, token, stack, brackets, first=True, after_flag=False)
            if token.kind is Kind.IDENTIFIER and stack and not deciding:
                self._variable(index, token, stack)
            if token.kind is not Kind.SIGN:
                continue
            match token.text:
                case "{" | "(" | "[" | "${":
                    brackets.append(token.text)
                case "}" | ")" | "]":
                    if brackets:
                        brackets.pop()
                    while stack and stack[-1].depth > len(brackets):
                        stack.pop()
                    while conditions and conditions[-1] > len(brackets):
                        conditions.pop()
                case "=" | "?":
                    names = self._names_before(index)
                    if names and (
                        token.text == "=" or self._at(index + 1, '"') or self._kind(index + 1) is Kind.INDENTED_OPEN
                    ):
                        above = stack[-1].names if stack and token.text == "=" else ()
                        stack.append(_Binding((*above, *names), len(brackets)))
                case ";" if conditions and conditions[-1] == len(brackets):
                    conditions.pop()
                    deciding = max(0, deciding - 1)
                case ";" | ",":
                    if stack and stack[-1].depth == len(brackets):
                        stack.pop()
                case "assert" | "with":  # up to a semicolon that does not end the binding
                    conditions.append(len(brackets))
                    deciding += 1
                case "if":
                    deciding += 1
                case "then":
                    deciding = max(0, deciding - 1)
                case _:
                    pass

    def _string(self, index: int, token: Token, stack: list[_Binding], brackets: list[str], flag_at: int) -> int:
        first = self._opens(index - 1)
        after_flag = first and flag_at >= 0 and index - flag_at <= 3
        self._piece(index, token, stack, brackets, first=first, after_flag=after_flag)
        return index if secret_flag(self._decoded(token)) else -1

    def _piece(
        self, index: int, token: Token, stack: list[_Binding], brackets: list[str], *, first: bool, after_flag: bool
    ) -> None:
        names = stack[-1].names if stack else ()
        inside = brackets[stack[-1].depth :] if stack else []
        direct = bool(stack) and not {"{", "["}.intersection(inside)
        listed = "[" in inside and "{" not in inside
        text = self._decoded(token)
        self.pieces.append(_Piece(token.start, token.end, text, names, direct, first, index, listed, after_flag))

    def _application(self, index: int) -> tuple[str, int]:
        """The function that a string is an argument of, and how many arguments stand before it."""
        at = index
        while at >= 0 and not self._opens(at):
            at -= 1
        at -= 1
        arguments = 0
        head = ""
        while at >= 0:
            token = self.tokens[at]
            if token.kind is Kind.IDENTIFIER:
                head, dots = token.text, at
                while self._at(dots - 1, ".") and self._kind(dots - 2) is Kind.IDENTIFIER:
                    dots -= 2
                arguments += 1
                at = dots - 1
            elif token.kind in (Kind.INTEGER, Kind.FLOAT, Kind.URI, Kind.PATH_END, Kind.PATH, Kind.STRING):
                arguments += token.kind in (Kind.INTEGER, Kind.FLOAT, Kind.URI, Kind.PATH_END)
                at -= 1
            elif self._closes(at):
                arguments += 1
                at -= 1
                while at >= 0 and not self._opens(at):
                    at -= 1
                at -= 1
            elif token.kind is Kind.SIGN and token.text in (")", "]", "}"):
                arguments += 1
                depth = 1
                at -= 1
                while at >= 0 and depth:
                    sign = self.tokens[at].text if self.tokens[at].kind is Kind.SIGN else ""
                    depth += (sign in (")", "]", "}")) - (sign in ("(", "[", "{", "${"))
                    at -= 1
            else:
                break
        return (head, arguments - 1) if head else ("", 0)

    def _opens(self, index: int) -> bool:
        return self._at(index, '"') or self._kind(index) is Kind.INDENTED_OPEN

    def _at(self, index: int, sign: str) -> bool:
        return (
            0 <= index < len(self.tokens) and self.tokens[index].kind is Kind.SIGN and self.tokens[index].text == sign
        )

    def _kind(self, index: int) -> Kind | None:
        return self.tokens[index].kind if 0 <= index < len(self.tokens) else None

    def _is_name(self, index: int) -> bool:
        """Whether a string is an attribute's name, an argument that names something, a side of a comparison, or a piece of a path."""
        before, after = index - 1, index + 1
        if not self._opens(before):
            return False
        if self._at(before - 1, ".") or self._at(after + 1, "=") or self._at(after + 1, "."):
            return True
        return any(self._at(near, sign) for near in (before - 1, after + 1) for sign in ("==", "!="))

    def _names_before(self, index: int) -> tuple[str, ...]:
        """The attribute path that ends before a `=`."""
        names: list[str] = []
        at = index - 1
        while at >= 0:
            token = self.tokens[at]
            if token.kind is Kind.IDENTIFIER or (token.kind is Kind.SIGN and token.text == "or"):
                names.insert(0, token.text)
                at -= 1
            elif self._at(at, '"') and self._kind(at - 1) is Kind.STRING and self._at(at - 2, '"'):
                names.insert(0, self._decoded(self.tokens[at - 1]))
                at -= 3
            elif self._at(at, "}"):
                depth = 1
                at -= 1
                while at >= 0 and depth:
                    depth += self._at(at, "}") - (self._at(at, "${") or self._at(at, "{"))
                    at -= 1
                if self._at(at, '"'):
                    at -= 1
                names.insert(0, "")
            else:
                break
            if not self._at(at, "."):
                break
            at -= 1
        return tuple(names)

    # -- variables

    def _variable(self, index: int, token: Token, stack: list[_Binding]) -> None:
        """Record the variables of a value: `s` in `client_secret = s;`, the last name of `vars.oidc.secret`."""
        if not self._ends_value(index + 1) or self._at(index - 1, ":") or says_about(token.text):
            return
        if self._at(index + 1, "}") and not (
            self._at(index - 1, "${") and self._opens(index - 2) and self._closes(index + 2)
        ):
            return  # one part of a text among others
        name = stack[-1].names[-1] if stack[-1].names else ""
        if secret_path(stack[-1].names):
            self.secret_variables.add(token.text)
        else:
            self.uses.setdefault(name, set()).add(token.text)

    def _ends_value(self, index: int) -> bool:
        token = self.tokens[index] if index < len(self.tokens) else None
        return token is not None and token.kind is Kind.SIGN and token.text in (";", ")", "}", "+", "else")

    def _closes(self, index: int) -> bool:
        return self._at(index, '"') or self._kind(index) is Kind.INDENTED_CLOSE

    def _follow_variables(self) -> None:
        todo = list(self.secret_variables)
        while todo:
            for name in self.uses.get(todo.pop(), ()):
                if name not in self.secret_variables:
                    self.secret_variables.add(name)
                    todo.append(name)

    # -- strings

    def _of_piece(self, piece: _Piece) -> Iterator[tuple[int, int, str]]:
        if self._is_secret(piece):
            yield piece.start, piece.end, piece.text
        else:
            yield from self._inside(piece.start, piece.end)

    def _is_secret(self, piece: _Piece) -> bool:
        """Whether a piece of a string is a secret as a whole, by the name that it stands under."""
        name = piece.names[-1] if piece.names else ""
        named, as_variable = secret_path(piece.names), piece.direct and name in self.secret_variables
        if not (named or piece.after_flag or as_variable or secret_file_name(name)):
            return False
        function, argument = self._application(piece.index) if piece.names else ("", 0)
        makes_file = function in _MAKES_FILE
        if function and (argument < 1 if makes_file else _NOT_TEXT.fullmatch(function)):
            return False
        if piece.after_flag or named:
            if piece.listed and not piece.after_flag and re.fullmatch(r"[a-z_-]+", piece.text):
                return False
            continues_path = not piece.first and re.fullmatch(r"/[\w./@-]*", piece.text)
            return secret_text(piece.text) and not continues_path and piece.text[-1:] not in ":{"
        if as_variable:
            return not function and secret_text(piece.text)
        if makes_file:
            return secret_file_name(name)
        return secret_file_name(name) and piece.first and not function and contents_of_file(piece.text)

    def _inside(self, start: int, end: int, *, quoted: bool = False) -> Iterator[tuple[int, int, str]]:
        if _STEMS.search(self.text, start, end) is None:
            return
        text = self.text[start:end].decode("utf-8", "surrogateescape")
        for first, last in embedded_secrets(text):
            if quoted and text[first - 1] not in "\"'":
                continue
            at = start + len(text[:first].encode("utf-8", "surrogateescape"))
            found = text[first:last]
            yield at, at + len(found.encode("utf-8", "surrogateescape")), found

    def _shaped(self, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        text = self.text[start:end].decode("utf-8", "surrogateescape")
        for first, last in joined([*shaped_secrets(text)]):
            at = start + len(text[:first].encode("utf-8", "surrogateescape"))
            found = text[first:last]
            yield at, at + len(found.encode("utf-8", "surrogateescape")), found

    def _decoded(self, token: Token) -> str:
        raw = self.text[token.start : token.end].decode("utf-8", "surrogateescape")
        if token.kind is Kind.STRING and "\\" in raw:
            return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), raw)
        if token.kind is Kind.INDENTED and "''" in raw:
            return raw.replace("'''", "''").replace("''$", "$")
        return raw
