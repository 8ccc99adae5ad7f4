"""Comments, and the ones that speak to hslint: `# hslint: ignore[rule-name, other-rule] -- reason`, with `//` in policies."""

from __future__ import annotations

import re
from bisect import bisect_left

from hslint.record import Record
from hslint.source import SourceFile, Span


class Comment(Record):
    """`# …` to the end of its line, or `/* … */`. `first` says that nothing but white space stands before it on its line."""

    span: Span
    first: bool
    #: Where the next thing that is not a comment begins; the end of the file after the last one.
    code_after: int


class Ignore(Record):
    """A well-formed `hslint: ignore[…]` or `hslint: ignore-file[…]`: `span` is what it says, `comment` all of the comment.

    `line` (from 0) is the line that it speaks of: its own where code stands before it, else that of the next code;
    None for the whole file.
    """

    span: Span
    comment: Span
    rules: tuple[tuple[str, Span], ...]
    reason: str
    line: int | None


class MalformedIgnore(Record):
    """A comment that begins with `hslint:` and is no valid suppression: the message says what is wrong."""

    span: Span
    message: str


Suppression = Ignore | MalformedIgnore

_DIRECTIVE = re.compile(rb"hslint\s*:\s*")
_KIND = re.compile(rb"(?P<word>[\w-]*)\s*")
_RULE = re.compile(rb"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_REASON = re.compile(rb"\s*(?:--\s*(?P<reason>.*))?$", re.DOTALL)


def comments(file: SourceFile) -> tuple[Comment, ...]:
    """All comments up to where Nix's lexer would give up (a NUL byte, a path with a trailing slash)."""
    if file.path.endswith(POLICIES):
        return _of_hujson(file)
    if b"#" not in file.text and b"/*" not in file.text:
        return ()
    from hslint.syntax.tokens import Kind, tokens  # late: few files speak to hslint

    found: list[tuple[int, int, bool]] = []
    code: list[int] = []
    blank, end = True, 0  # whether a line has begun since the last code, and where the last token ended
    for token in tokens(file.text):
        if token.kind is not Kind.COMMENT:
            code.append(token.start)
            blank, end = False, token.end
            continue
        blank = blank or _begins_a_line(file.text, end, token.start)
        found.append((token.start, token.end, blank))
        blank = blank or _begins_a_line(file.text, token.start, token.end)
        end = token.end
    return tuple(
        Comment(Span(file, start, end), first, _next_code(code, end, len(file.text))) for start, end, first in found
    )


#: What files with policies are called; their comments are those of HuJSON.
POLICIES = (".hujson", ".json", ".jsonc")

_HUJSON = re.compile(rb'(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))|"(?:[^"\\\n]|\\.)*"?|[^\s/"]+|/', re.DOTALL)


def _of_hujson(file: SourceFile) -> tuple[Comment, ...]:
    """The comments of a policy: `// …` and `/* … */`."""
    found: list[tuple[int, int, bool]] = []
    code: list[int] = []
    end, blank = 0, True
    for token in _HUJSON.finditer(file.text):
        blank = blank or _begins_a_line(file.text, end, token.start())
        if token["comment"] is None:
            code.append(token.start())
            blank = False
        else:
            found.append((token.start(), token.end(), blank))
        end = token.end()
    return tuple(
        Comment(Span(file, start, end), first, _next_code(code, end, len(file.text))) for start, end, first in found
    )


def _begins_a_line(text: bytes, start: int, end: int) -> bool:
    return text.find(b"\n", start, end) >= 0 or text.find(b"\r", start, end) >= 0


def _next_code(code: list[int], at: int, end: int) -> int:
    index = bisect_left(code, at)
    return code[index] if index < len(code) else end


def suppressions(file: SourceFile) -> tuple[Suppression, ...]:
    """The suppression comments of a file; looks for the word before it reads the file."""
    if b"hslint" not in file.text:
        return ()
    found = (_suppression(comment) for comment in comments(file))
    return tuple(suppression for suppression in found if suppression is not None)


def _suppression(comment: Comment) -> Suppression | None:
    file, start, end = comment.span.file, comment.span.start, comment.span.end
    raw = file.text[start:end]
    opening = re.match(rb"#+\s*|//+\s*|/\*+\s*", raw)
    body_start = start + (opening.end() if opening else 0)
    body_end = end - 2 if raw.startswith(b"/*") else end
    body_end = body_start + len(file.text[body_start:body_end].rstrip())
    directive = _DIRECTIVE.match(file.text, body_start, body_end)
    if directive is None:
        return None
    span = Span(file, body_start, body_end)
    kind = _KIND.match(file.text, directive.end(), body_end)
    word = kind.group("word").decode("utf-8", "replace") if kind else ""
    at = kind.end() if kind else directive.end()
    if word not in {"ignore", "ignore-file"}:
        said = f"'{word}'" if word else "nothing"
        return MalformedIgnore(span, f"expected 'ignore[…]' or 'ignore-file[…]' after 'hslint:', found {said}")
    if file.text[at : at + 1] != b"[" or at >= body_end:
        return MalformedIgnore(span, f"expected '[' and the names of rules after '{word}'")
    close = file.text.find(b"]", at, body_end)
    if close < 0:
        return MalformedIgnore(span, "expected ']' after the names of rules")
    rules: list[tuple[str, Span]] = []
    item = at + 1
    while item <= close:
        comma = file.text.find(b",", item, close)
        item_end = close if comma < 0 else comma
        name = file.text[item:item_end]
        name_start = item + len(name) - len(name.lstrip())
        name = name.strip()
        if not _RULE.fullmatch(name):
            said = f"'{name.decode('utf-8', 'replace')}' is not" if name else "expected"
            return MalformedIgnore(span, f"{said} the name of a rule")
        rules.append((name.decode("ascii"), Span(file, name_start, name_start + len(name))))
        item = item_end + 1
    reason = _REASON.match(file.text, close + 1, body_end)
    if reason is None:
        return MalformedIgnore(span, "expected '-- reason' or nothing after ']'")
    text = (reason.group("reason") or b"").decode("utf-8", "replace").strip()
    line: int | None = None
    if word == "ignore":
        line = file.position(comment.code_after if comment.first else start).line
    return Ignore(span, comment.span, tuple(rules), text, line)
