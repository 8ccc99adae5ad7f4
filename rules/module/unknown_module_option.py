"""Options of `services.headscale` that the module does not have."""

import difflib
from typing import NamedTuple

from hslint.rule import (
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
        told: set[tuple[str, int]] = set()
        for option, at, *_ in _leaves(refused):
            if (at.file.path, at.start) in told:
                continue
            told.add((at.file.path, at.start))
            once = host.successor(option) is not None or host.gone(option)
            if host.is_open:
                continue  # a module that could not be followed may declare it
            if host.closed and _meant(host, option) is None and not host.gone(option):
                continue
            yield Problem(
                _message(host, option),
                at=at,
                fix=_fix(host, refused) if once else None,
                absent=() if host.gone(option) else (_meant(host, option) or f"settings.{option}",),
                where="the NixOS release in use is the newest" if once and host.undated is not None else "",
            )


def _elsewhere(host: Host, refused: OptionFailure) -> Iterator[Problem]:
    """An option beside services.headscale; modules that could not be followed may declare it."""
    if host.is_open or refused.failure.span is None or not (host.active or host.written("")):
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
    told = False
    for definition in refused.definitions:
        if definition.place is not None:
            told = True
            below = ".".join(definition.option[2:]) or option
            yield from _below(_Leaf(below, definition.place, definition.binding), definition.value)
    if not told and refused.failure.span is not None:
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
    carried: list[edits.Carried] = []
    options = [*_leaves(refused)]
    for leaf in options:
        new = host.successor(leaf.option)
        if leaf.binding is None or (new is None and not host.gone(leaf.option)):
            continue
        names = None if new is None else (*above, *new.split("."))
        carried.append(edits.Carried((*above, *leaf.option.split(".")), names, leaf.binding, leaf.within))
    keys = {leaf.new[3:] for leaf in carried if leaf.new is not None}
    beside = edits.missing_override(host, keys) if refused.option == "services.headscale.dns" else None
    whole = tuple(refused.option.split(".")) if len(carried) == len(options) else None
    made = edits.carry(carried, whole, None if beside is None else ((*above, *beside[0]), beside[1]))
    title = "write it below settings" if any(leaf.new for leaf in carried) else "delete it"
    return Fix(title, made, safe=beside is None)


def _message(host: Host, option: str) -> str:
    full = f"services.headscale.{option}"
    new = _meant(host, option)
    if new is not None:
        return shortened(f"there is no {full}", f"write {new}")
    if host.gone(option):
        return shortened(f"there is no {full} any more", "delete it")
    return shortened(f"there is no {full} in this module", "Nix refuses it")


def _meant(host: Host, option: str) -> str | None:
    if host.gone(option):
        return None
    if (new := host.successor(option)) is not None:
        return new
    key = host.schema.key(option) or catalogue.nearest(host.schema, option)
    top = [path for path in host.module.options if not path.startswith("settings.")]
    close = difflib.get_close_matches(option, top, n=1, cutoff=0.8)
    if close:
        return close[0]
    if key is not None:
        return f"settings.{key.path}"
    return None
