"""Well-known flakes' functions, modelled in Nix and evaluated like the files under inspection."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from hslint.source import SourceFile
from hslint.syntax.parse import Parsed, parse


@cache
def model(name: str) -> Parsed:
    """The parsed model `name`.nix; its places show as «name»."""
    return parse(SourceFile(f"«{name}»", files(__name__).joinpath(f"{name}.nix").read_bytes()))
