"""Two modules that both declare `services.headscale`."""

from hslint.rule import Effect, Host, Iterator, Kind, Note, Problem, Span, rule


@rule(Effect.REFUSED, when_disabled=True)
def duplicate_module_import(host: Host) -> Iterator[Problem]:
    """Nix refuses two modules that declare the same options: Headscale's own twice, or a second copy of nixpkgs' module."""
    modules = [
        module
        for module in host.imported_modules
        if module.foreign is not None and module.foreign.era is not None and module.counted and not module.disabled
    ]
    imported = [(module.name, at) for module in modules if (at := module.at or _written(host, module.name)) is not None]
    declared_twice = next((f for f in host.all_failures if f.kind is Kind.DECLARED_TWICE), None)
    if declared_twice is None and len(modules) < 2:
        return
    if not imported:
        at = (declared_twice.span if declared_twice is not None else None) or host.anchor
        yield Problem("an option of services.headscale is declared a second time; Nix refuses it", at=at)
        return
    name, at = imported[-1]
    notes = tuple(Note(f"{_short(other)} is imported here", place) for other, place in imported[:-1])
    other = imported[-2][0] if len(imported) > 1 else "the module of nixpkgs"
    yield Problem(f"{_short(name)} declares what {_short(other)} declares already; Nix refuses it", at=at, notes=notes)


def _written(host: Host, name: str) -> Span | None:
    """Where a module of an input is named, for want of its place: as `inputs.headscale.nixosModules.default`."""
    for parsed in host.parsed.values():
        for text in (name.encode(), name.removeprefix("inputs.").encode()):
            at = parsed.file.text.find(text)
            if at >= 0 and parsed.file.path.endswith(".nix"):
                return Span(parsed.file, at, at + len(text))
    return None


def _short(name: str) -> str:
    return name if len(name) <= 24 else f"...{name[-21:]}"
