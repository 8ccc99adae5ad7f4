"""How the tests of this package read Nix: from a text, with problems as short lines."""

from hslint.source import SourceFile
from hslint.syntax.nodes import Expression
from hslint.syntax.parse import Parsed, parse
from hslint.syntax.problems import SyntaxProblem


def read(text: str | bytes) -> Parsed:
    return parse(SourceFile("/project/a.nix", text if isinstance(text, bytes) else text.encode()))


def expression(text: str | bytes) -> Expression:
    """The expression of a text without problems."""
    parsed = read(text)
    assert parsed.problems == ()
    return parsed.expression


def shown(problem: SyntaxProblem) -> str:
    """`line:column 'marked text' message`, from 1, and the related places behind it."""
    start = problem.span.file.position(problem.span.start)
    text = f"{start.line + 1}:{start.column + 1} {problem.span.text!r} {problem.message}"
    for related in problem.related:
        place = related.span.file.position(related.span.start)
        text += f" ({related.message}: {place.line + 1}:{place.column + 1} {related.span.text!r})"
    return text


def problems(text: str | bytes) -> list[str]:
    """What Nix refuses in a text, undefined variables among it."""
    parsed = read(text)
    return [shown(problem) for problem in (*parsed.problems, *parsed.undefined_variables())]
