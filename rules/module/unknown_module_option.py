"""Options of `services.headscale` that the module does not have."""

from typing import NamedTuple

from hslint.rule import (
    Definition,
    Effect,
    Fix,
    Host,
    Iterator,
    OptionFailure,
    Problem,
    Span,
    catalogue,
    edits,
    nix,
    rule,
    shortened,
    spelling,
)


@rule(Effect.REFUSED, when_disabled=True)
def unknown_module_option(host: Host) -> Iterator[Problem]:
    """Nix refuses an option that no module declares (any more)."""
    for refused in host.failures:
        if refused.failure.kind is not nix.Kind.UNKNOWN_OPTION:
            continue
        if not refused.option.startswith("services.headscale."):
            yield from _elsewhere(host, refused)
            continue
        whole = _misnamed(host, refused)
        if whole is not None:
            yield whole
            continue
        reported: set[tuple[str, int]] = set()
        for option, at, *_ in _leaves(refused):
            if (at.file.path, at.start) in reported:
                continue
            reported.add((at.file.path, at.start))
            once = host.current_name(option) is not None or host.was_removed(option)
            if host.has_unresolved_imports:
                continue  # a module that could not be followed may declare it
            if host.closed and _meant(host, option) is None and not host.was_removed(option):
                continue
            yield Problem(
                _message(host, option),
                at=at,
                fix=_fix(host, refused) if once else None,
                absent=() if host.was_removed(option) else (_meant(host, option) or f"settings.{option}",),
                where="the NixOS release in use is the newest"
                if once and host.nixos_release_unknown is not None
                else "",
            )


def _misnamed(host: Host, refused: OptionFailure) -> Problem | None:
    """A set under another name than `settings` that holds nothing but settings: `services.headscale.config = { server_url = …; }`."""
    names = refused.option.split(".")[2:]
    leaves = [leaf for leaf in _leaves(refused) if leaf.option != names[0]]
    below = [leaf.option.removeprefix(f"{names[0]}.") for leaf in leaves]
    definition = next((d for d in refused.definitions if d.place is not None), None)
    place = definition.place if definition is not None else None
    if len(names) != 1 or place is None or place.text != names[0] or host.current_name(names[0]) is not None:
        return None
    if not below or not all(host.schema.key(key) is not None or host.schema.is_open(key) for key in below):
        return None
    # Where the settings are in fact written below it, the name alone is wrong.
    edited = () if host.setting("settings").written else (edits.Edit(place, "settings"),)
    message = f"there is no services.headscale.{names[0]}; settings are written below services.headscale.settings"
    return Problem(message, at=place, fix=Fix("write settings", edited, safe=True), absent=("settings",))


def _of_headscale(host: Host, refused: OptionFailure) -> Problem | None:
    """The module's own name misspelt, or without `services` in front."""
    names = refused.option.split(".")
    definition = next((d for d in refused.definitions if d.place is not None), None)
    place = definition.place if definition is not None else refused.failure.span
    if place is None:
        return None
    if names == ["headscale"] and definition is not None and _looks_like_one(definition):
        fix = (edits.Edit(place, "services.headscale"),) if place.text == "headscale" else ()
    elif len(names) == 2 and names[0] == "services" and spelling.nearest(names[1], ["headscale"], 0.85):
        fix = (edits.Edit(place, "headscale"),) if place.text == names[1] else ()
    else:
        return None
    message = f"there is no option {refused.option[:40]}; the module's options are below services.headscale"
    safe = not host.configures_headscale
    return Problem(message, at=place, fix=Fix("write services.headscale", fix, safe=safe))


def _looks_like_one(definition: Definition) -> bool:
    """Whether what is written has options of the module in it."""
    value = definition.value.outcome()
    return isinstance(value, nix.Attrs) and any(name in value.items for name in ("enable", "settings"))


def _elsewhere(host: Host, refused: OptionFailure) -> Iterator[Problem]:
    """An option beside services.headscale; modules that could not be followed may declare it."""
    own = None if host.has_unresolved_imports else _of_headscale(host, refused)
    if own is not None:
        yield own
        return
    if host.has_unresolved_imports or refused.failure.span is None or not (host.active or host.written("")):
        return
    near = host.configuration.declared_like(refused.option)
    name = refused.option if len(refused.option) < 40 else f"...{refused.option[-37:]}"
    meant = f"did you mean {near}?" if near is not None and len(near) < 50 else "Nix refuses it"
    yield Problem(shortened(f"no imported module declares {name}", meant), at=refused.failure.span)


class _Leaf(NamedTuple):
    """A name that was written below an unknown option, its statement, and those around it."""

    option: str
    at: Span
    binding: Span | None
    within: tuple[Span, ...] = ()


def _leaves(refused: OptionFailure) -> Iterator[_Leaf]:
    """The names that were written below the unknown one, with their places; the unknown one itself where there are none."""
    option = refused.option.removeprefix("services.headscale.")
    is_placed = False
    for definition in refused.definitions:
        if definition.place is not None:
            is_placed = True
            below = ".".join(definition.option[2:]) or option
            yield from _below(_Leaf(below, definition.place, definition.binding), definition.value)
    if not is_placed and refused.failure.span is not None:
        yield _Leaf(option, refused.failure.span, None)


def _below(leaf: _Leaf, value: nix.Lazy) -> Iterator[_Leaf]:
    outcome = value.outcome()
    if (
        isinstance(outcome, nix.Attrs)
        and outcome.items
        and all(lazy.place is not None for lazy in outcome.items.values())
    ):
        within = (*leaf.within, *([leaf.binding] if leaf.binding is not None else []))
        for name, lazy in outcome.items.items():
            if lazy.place is not None:
                yield from _below(_Leaf(f"{leaf.option}.{name}", lazy.place, lazy.binding, within), lazy)
    else:
        yield leaf


def _fix(host: Host, refused: OptionFailure) -> Fix:
    """Write what is called differently now, and delete what is gone, below the unknown option. Safe: it cannot work as it stands."""
    above = ("services", "headscale")
    carried: list[edits.BindingRename] = []
    options = [*_leaves(refused)]
    for leaf in options:
        new = host.current_name(leaf.option)
        if leaf.binding is None or (new is None and not host.was_removed(leaf.option)):
            continue
        names = None if new is None else (*above, *new.split("."))
        carried.append(edits.BindingRename((*above, *leaf.option.split(".")), names, leaf.binding, leaf.within))
    keys = {leaf.new[3:] for leaf in carried if leaf.new is not None}
    beside = edits.missing_override(host, keys) if refused.option == "services.headscale.dns" else None
    whole = tuple(refused.option.split(".")) if len(carried) == len(options) else None
    made = edits.rename_bindings(carried, whole, None if beside is None else ((*above, *beside[0]), beside[1]))
    title = "write it below settings" if any(leaf.new for leaf in carried) else "delete it"
    return Fix(title, made, safe=beside is None)


def _message(host: Host, option: str) -> str:
    full = f"services.headscale.{option}"
    new = _meant(host, option)
    if new is not None:
        return shortened(f"there is no {full}", f"write {new}")
    if host.was_removed(option):
        return shortened(f"there is no {full} any more", "delete it")
    return shortened(f"there is no {full} in this module", "Nix refuses it")


def _meant(host: Host, option: str) -> str | None:
    if host.was_removed(option):
        return None
    if (new := host.current_name(option)) is not None:
        return new
    key = host.schema.key(option) or catalogue.nearest(host.schema, option)
    top = [path for path in host.module.options if not path.startswith("settings.")]
    close = spelling.nearest(option, top, 0.8)
    if close is not None:
        return close
    if key is not None:
        return f"settings.{key.path}"
    return None
