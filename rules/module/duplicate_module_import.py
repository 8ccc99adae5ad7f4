"""Two modules that both declare `services.headscale`."""

from hslint.rule import Effect, Host, Iterator, Note, OptionFailure, Problem, Span, nix, rule, shortened


@rule(Effect.REFUSED, when_disabled=True)
def duplicate_module_import(host: Host) -> Iterator[Problem]:
    """Nix refuses two modules that declare the same options: Headscale's own twice, or a second copy of nixpkgs' module."""
    imported = [
        (module.name, at)
        for module in host.imported_modules
        if module.foreign is not None and module.foreign.version is not None and module.counted and not module.disabled
        if (at := _in_files(module.at) or _written(host, module.name)) is not None
    ]
    twice = next((f for f in host.failures if f.failure.kind is nix.Kind.DECLARED_TWICE), None)
    if twice is not None and (own := _declarations(twice)):
        yield _declared_here(twice, own, imported)
    elif imported and (twice is not None or len(imported) > 1):
        yield _imported(imported)
    elif twice is not None:
        yield Problem("an option of services.headscale is declared a second time; Nix refuses it", at=host.anchor)


def _declared_here(twice: OptionFailure, own: list[Span], imported: list[tuple[str, Span]]) -> Problem:
    """A module of the configuration's own declares what another one declares."""
    others = [
        *((at, "it is declared here too") for at in own[1:]),
        *((at, f"{_short(n)} declares it") for n, at in imported),
    ]
    other = (
        "here twice"
        if len(own) > 1
        else f"here and by {_short(imported[-1][0]) if imported else 'the module of nixpkgs'}"
    )
    notes = tuple(Note(message, at) for at, message in others)
    return Problem(shortened(f"{twice.option} is declared {other}", "Nix refuses it"), at=own[0], notes=notes)


def _imported(imported: list[tuple[str, Span]]) -> Problem:
    name, at = imported[-1]
    notes = tuple(Note(f"{_short(other)} is imported here", place) for other, place in imported[:-1])
    other = imported[-2][0] if len(imported) > 1 else None
    if other == name:
        return Problem(f"{_short(name)} is imported a second time, which declares it twice; Nix refuses it", at, notes)
    before = _short(other) if other is not None else "the module of nixpkgs"
    return Problem(f"{_short(name)} declares what {before} declares already; Nix refuses it", at, notes)


def _declarations(twice: OptionFailure) -> list[Span]:
    """The places in the files under inspection that declare the option."""
    places = (twice.failure.span, *twice.failure.related)
    return [at for place in places if (at := _in_files(place)) is not None]


def _in_files(at: Span | None) -> Span | None:
    return at if at is not None and at.file.path.startswith("/") else None


def _written(host: Host, name: str) -> Span | None:
    """The name of an input's module, which has no place: as `inputs.headscale.nixosModules.default`."""
    for parsed in host.parsed.values():
        for text in (name.encode(), name.removeprefix("inputs.").encode()):
            at = parsed.file.text.find(text)
            if at >= 0 and parsed.file.path.endswith(".nix"):
                return Span(parsed.file, at, at + len(text))
    return None


def _short(name: str) -> str:
    return name if len(name) <= 24 else f"...{name[-21:]}"
