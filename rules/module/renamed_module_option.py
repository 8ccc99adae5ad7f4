"""Options of the module from before 2023, which still work, with a warning."""

import re

from hslint.rule import Definition, Edit, Effect, Fix, Host, Iterator, Problem, Span, rule, shortened


@rule(Effect.ADVICE, when_disabled=True)
def renamed_module_option(host: Host) -> Iterator[Problem]:
    """Options from before NixOS 23.05 are kept under `settings` now; the old names warn, and go one day."""
    for definition in host.configuration.definitions_below("services.headscale"):
        old = ".".join(definition.option[2:])
        new = host.module.renamed.get(old)
        if new is None or definition.place is None:
            continue
        dead = host.schema.key(new.removeprefix("settings.")) is None
        yield Problem(
            _message(old, new, dead=dead),
            at=definition.place,
            effect=Effect.IGNORED if dead else None,
            fix=None if dead else _fix(definition, old, new),
        )


def _message(old: str, new: str, *, dead: bool) -> str:
    if dead:
        return shortened(f"{old} leads to a setting that Headscale does not read", new)
    said = f"services.headscale.{old} is called {new} now"
    return said if len(said) < 100 else f"{old} is called {new} now"


def _fix(definition: Definition, old: str, new: str) -> Fix | None:
    """The new name in the old one's place. Safe: the module does the very same by its renames."""
    place, binding = definition.place, definition.binding
    if place is None or binding is None:
        return None
    text = place.file.text
    if not text[binding.start : binding.end].endswith(b";"):
        return None
    before, after = old.split("."), new.split(".")
    start = place.end - len(old.encode())
    if start >= binding.start and text[start : place.end] == old.encode():
        preceding = text[binding.start : start]
        if preceding in (b"", b"services.headscale.") or re.fullmatch(rb"[A-Za-z_.]*headscale\.", preceding):
            return Fix(f"write {new}", (Edit(Span(place.file, start, place.end), ".".join(after)),), safe=True)
    if len(before) == 1:
        return (
            Fix(f"write {new}", (Edit(place, ".".join(after)),), safe=True)
            if text[place.start : place.end] == old.encode()
            else None
        )
    return None
