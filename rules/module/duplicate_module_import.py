"""Two modules that both declare `services.headscale`."""

from hslint.rule import Effect, Host, Iterator, Kind, Note, Problem, rule


@rule(Effect.REFUSED, when_disabled=True)
def duplicate_module_import(host: Host) -> Iterator[Problem]:
    """Nix refuses two modules that declare the same options: Headscale's own twice, or a second copy of nixpkgs' module."""
    modules = [
        module
        for module in host.imported_modules
        if module.foreign is not None and module.foreign.era is not None and module.counted and not module.disabled
    ]
    imported = [module for module in modules if module.at is not None]
    declared_twice = next((f for f in host.all_failures if f.kind is Kind.DECLARED_TWICE), None)
    if declared_twice is None and len(modules) < 2:
        return
    if declared_twice is not None and not imported:
        at = declared_twice.span or host.anchor
        yield Problem("an option of services.headscale is declared a second time; Nix refuses it", at=at)
        return
    last = imported[-1]
    assert last.at is not None
    notes = tuple(
        Note(f"{module.name} is imported here", module.at) for module in imported[:-1] if module.at is not None
    )
    other = imported[-2].name if len(imported) > 1 else "the module of nixpkgs"
    yield Problem(
        f"{_short(last.name)} declares what {_short(other)} declares already; Nix refuses it", at=last.at, notes=notes
    )


def _short(name: str) -> str:
    return name if len(name) <= 32 else f"...{name[-29:]}"
