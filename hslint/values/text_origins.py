"""Strings and store paths that remember what they were made of: a file that was read, a value written as JSON, a file that was generated."""

from __future__ import annotations

from hslint.source import SourceFile, Span
from hslint.values.value import NO_CONTEXT, Lazy, String, Unknown, Value, Why


class FileText(String):
    """The text of a file (`builtins.readFile`)."""

    __slots__ = ("file",)

    def __init__(self, known: str, span: Span | None, file: SourceFile) -> None:
        super().__init__(known, span)
        self.file = file


class JsonText(String):
    """A value as JSON (`builtins.toJSON`)."""

    __slots__ = ("data",)

    def __init__(self, text: String, data: Value) -> None:
        super().__init__(text.known, text.span, parts=text.parts, context=text.context)
        self.data = data


class WrittenFile(String):
    """The store path of a file with a known text (`builtins.toFile`)."""

    __slots__ = ("text",)

    def __init__(self, path: str, span: Span | None, text: String) -> None:
        super().__init__(path, span, context=frozenset((path,)) if path else NO_CONTEXT)
        self.text = text


class GeneratedHash(Unknown):
    """The hash of the store path of a generated file, whose text is known."""

    __slots__ = ("text",)

    def __init__(self, name: str, text: Lazy, span: Span | None = None) -> None:
        super().__init__(Why.STORE, name, span)
        self.text = text
