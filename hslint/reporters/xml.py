"""XML, in ASCII, a line an element."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

from hslint.reporters.terminal import without_orders

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def element(name: str, attributes: Mapping[str, object] | None = None, text: str = "") -> str:
    """A whole element, with text or without."""
    start = _start(name, attributes or {})
    return f"<{start}>{content(text)}</{name}>" if text else f"<{start}/>"


def opening(name: str, attributes: Mapping[str, object] | None = None) -> str:
    return f"<{_start(name, attributes or {})}>"


def content(text: str) -> str:
    """Text between tags; line ends are kept as references."""
    return _ascii("&#10;".join(escape(without_orders(line)) for line in text.split("\n")))


def _start(name: str, attributes: Mapping[str, object]) -> str:
    return " ".join((name, *_written(attributes.items())))


def _written(attributes: Iterable[tuple[str, object]]) -> Iterable[str]:
    return (f"{name}={_ascii(quoteattr(without_orders(str(value))))}" for name, value in attributes)


def _ascii(text: str) -> str:
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")
