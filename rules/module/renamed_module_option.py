"""Options of the module from before 2023, which still work, with a warning."""

from hslint.rule import Definition, Effect, Fix, Host, Iterator, Problem, edits, rule, shortened

_ABOVE = ("services", "headscale")


@rule(Effect.ADVICE, when_disabled=True, renames=True)
def renamed_module_option(host: Host) -> Iterator[Problem]:
    """Options from before NixOS 23.05 are kept under `settings` now; the old names warn, and go one day."""
    definitions = [
        definition
        for setting in host.written("")
        for definition in (*setting.definitions, *setting.losers)
        if _old(definition) in host.module.renamed
    ]
    for definition in definitions:
        old = _old(definition)
        new = host.module.renamed[old]
        if definition.place is None:
            continue
        dead = host.schema.key(new.removeprefix("settings.")) is None
        yield Problem(
            _message(old, new, dead=dead),
            at=definition.place,
            effect=Effect.IGNORED if dead else None,
            fix=_fix(host, definition, definitions),
        )


def _old(definition: Definition) -> str:
    return ".".join(definition.option[2:])


def _message(old: str, new: str, *, dead: bool) -> str:
    if dead:
        return shortened(f"{old} leads to a setting that Headscale does not read", new)
    said = f"services.headscale.{old} is called {new} now"
    return said if len(said) < 100 else f"{old} is called {new} now"


def _fix(host: Host, definition: Definition, all_old: list[Definition]) -> Fix | None:
    """The new name in the old one's place, or those of the whole set. Safe, unless that activates a setting that was not read: the module
    does the very same by its renames.
    """
    new = _now(host, definition)
    if new is None:
        return None
    alone = _carried(host, definition)
    made = edits.rename_bindings([alone]) if alone is not None else ()
    if not made:
        group = definition.option[:3]
        together = [_carried(host, d) for d in all_old if d.option[:3] == group]
        known = [each for each in together if each is not None]
        made = edits.rename_bindings(known, group) if len(known) == len(together) else ()
    read = host.schema.key(host.module.renamed[_old(definition)].removeprefix("settings.")) is not None
    return Fix(f"write {new}", made, safe=read)


def _now(host: Host, definition: Definition) -> str | None:
    """Where the option leads; where its setting has another name by now, under that."""
    new = host.module.renamed[_old(definition)]
    removal = host.schema.removed(new.removeprefix("settings."))
    if removal is None:
        return new
    return f"settings.{removal.replaced_by[0]}" if len(removal.replaced_by) == 1 else None


def _carried(host: Host, definition: Definition) -> edits.BindingRename | None:
    new = _now(host, definition)
    if definition.binding is None or new is None:
        return None
    around = host.nixos(".".join(definition.option[:3]))
    within = tuple(d.binding for d in around.definitions if d.binding)
    return edits.BindingRename(definition.option, (*_ABOVE, *new.split(".")), definition.binding, within)
