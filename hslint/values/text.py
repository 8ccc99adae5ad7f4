"""Texts and paths as Nix has them: the bytes of a string, the text that is wholly known, paths without `..`."""

from __future__ import annotations

import os

from hslint.values.value import NotKnown, String


def normalise_path(path: str) -> str:
    """An absolute path without `.`, `..`, doubled and trailing slashes (Nix's `canonPath`)."""
    normal = os.path.normpath(path)
    return normal[1:] if normal.startswith("//") else normal


def encoded(text: str) -> bytes:
    """The bytes of a Nix string."""
    return text.encode("utf-8", "surrogateescape")


def decoded(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")


def known_text(value: String) -> str:
    if value.known is None:
        unknown = value.unknown
        assert unknown is not None
        raise NotKnown(unknown)
    return value.known
