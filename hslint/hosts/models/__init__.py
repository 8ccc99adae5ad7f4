"""Well-known flakes' functions, modelled in Nix and evaluated like the files under inspection."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hslint.source import SourceFile
from hslint.syntax.parse import Parsed, parse


@cache
def model(name: str) -> Parsed:
    """The parsed model `name`.nix; its places show as «name»."""
    return parse(SourceFile(f"«{name}»", Path(__file__).with_name(f"{name}.nix").read_bytes()))
