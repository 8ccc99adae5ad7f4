"""Framing of messages on standard input: a header gives the length of each, and an invalid one ends the conversation."""

from __future__ import annotations

import re
from typing import BinaryIO

#: Bytes of a message: far more than the largest file that hslint reads, with every character of it escaped.
LARGEST_MESSAGE = 128 * 1024 * 1024

#: Bytes of a line of a header.
_LONGEST_LINE = 4096

_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*([^\r\n]*?)[ \t]*\r?\n", re.IGNORECASE)
_FIELD = re.compile(rb"[A-Za-z][A-Za-z0-9-]*[ \t]*:[^\r\n]*\r?\n")


class LostCount(Exception):
    """The beginning of the next message is unknown: a header is invalid, or its length is."""


class FramedInput:
    """The lines of headers, as `readline` gives them, each as it should be; `read` gives what comes after them."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._announced = False

    def readline(self) -> bytes:
        """A line of a header, the empty one behind it, or nothing at the end. Raises LostCount."""
        line = self._stream.readline(_LONGEST_LINE)
        if not line:
            return line
        if line in (b"\r\n", b"\n"):
            if not self._announced:
                raise LostCount("a header without Content-Length")
            return b"\r\n"
        length = _LENGTH.fullmatch(line)
        if length is not None:
            self._announced = True
            return b"Content-Length: %d\r\n" % _length(length[1])
        if _FIELD.fullmatch(line) is None:
            raise LostCount(f"no line of a header: {_shown(line)}")
        return line

    def read(self, length: int) -> bytes:
        self._announced = False
        return self._stream.read(length)


def _length(text: bytes) -> int:
    if not text.isdigit() or len(text) > 20 or not 0 < int(text) <= LARGEST_MESSAGE:
        raise LostCount(f"Content-Length: {_shown(text)}; a message has between 1 and {LARGEST_MESSAGE} bytes")
    return int(text)


def _shown(text: bytes) -> str:
    return ascii(text[:60].decode("utf-8", "replace"))
