"""JSON Schemas: of what hslint prints as JSON, and of its settings file."""

from __future__ import annotations

from importlib.resources import files

#: What each is of: the JSON of a command, or the settings file.
NAMES = ("check", "show", "why", "upgrade", "hslint")


def schema(name: str) -> str:
    """One of NAMES, as text."""
    return files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8")
