"""One setting that two places define differently."""

from hslint.rule import Effect, Host, Iterator, Note, OptionFailure, Problem, nix, rule


@rule(Effect.REFUSED, when_disabled=True)
def conflicting_definitions(host: Host) -> Iterator[Problem]:
    """Nix refuses two different values of one option unless one of them has priority."""
    owned = {f"services.headscale.{path}" for path, fixed in host.module.fixed.items() if fixed.priority <= 100}
    for refused in host.failures:
        if refused.failure.kind not in (nix.Kind.CONFLICT, nix.Kind.NULL_CONFLICT) or refused.option in owned:
            continue
        places = [d.place for d in refused.definitions if d.place is not None]
        at = places[0] if places else refused.failure.span or host.anchor
        yield Problem(
            _message(refused, len(places)),
            at=at,
            notes=tuple(Note("it is also defined here", place) for place in places[1:]),
        )


def _message(refused: OptionFailure, places: int) -> str:
    name = refused.option.removeprefix("services.headscale.")
    if len(name) > 50:
        name = name.rpartition(".")[2]
    if refused.failure.kind is nix.Kind.NULL_CONFLICT:
        return f"{name} is both null and not null; Nix refuses it without lib.mkForce"
    count = "differently by the module too" if places < 2 else f"differently in {places} places"
    return f"{name} is defined {count}; Nix refuses it without lib.mkForce"
