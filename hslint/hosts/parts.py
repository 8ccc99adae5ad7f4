"""NixOS modules inside modules of another kind: of flake-parts, and of what is built on it (flake-aspects, den)."""

from __future__ import annotations

from collections.abc import Iterator

from hslint.values.evaluate import Evaluator
from hslint.values.value import Attrs, Closure, Lazy, Unknown, Why

#: Sets inside sets that are looked through.
_DEEPEST = 8


def nixos_modules_in(ev: Evaluator, path: str) -> Iterator[tuple[str, Lazy]]:
    """The NixOS modules that a file gives as `flake.nixosModules.<name>`, `flake.modules.nixos.<name>` or as an aspect's `nixos`,
    each with its name; the file's arguments may be anything.
    """
    anything = Lazy.done(Attrs({}, rest=Unknown(Why.ARGUMENT, "")))
    value = Lazy(lambda _: ev.import_file(path)).outcome()
    if isinstance(value, Closure):
        function = value
        value = Lazy(lambda _: ev.apply(function, anything)).outcome()
    if isinstance(value, Attrs):
        whole = value.get("config")
        inner = whole.outcome() if whole is not None else value
        if isinstance(inner, Attrs):
            yield from _below(inner, ())


def _below(attrs: Attrs, path: tuple[str, ...]) -> Iterator[tuple[str, Lazy]]:
    for name, lazy in attrs.items.items():
        here = (*path, name)
        match here:
            case ("flake", "nixosModules", found) | ("flake", "modules", "nixos", found):
                yield found, lazy
            case ("flake", "aspects", *_, found, "nixos") | ("den", *_, found, "nixos"):
                yield found, lazy
            case ("flake" | "den", *_) if len(here) <= _DEEPEST:
                value = lazy.outcome()
                if isinstance(value, Attrs):
                    yield from _below(value, here)
            case _:
                pass
