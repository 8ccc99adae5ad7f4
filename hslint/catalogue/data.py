"""The catalogue's JSON files: read once, when first asked for."""

from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None


@cache
def stored(name: str) -> Any:
    """The content of one of our own files, as `releases/0.29.2`. Their shape is checked by the tests, not at run time."""
    import json

    return json.loads((Path(__file__).parent / f"{name}.json").read_bytes())
