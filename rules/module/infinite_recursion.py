"""Values that need themselves."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, nix, rule


@rule(Effect.REFUSED, when_disabled=True)
def infinite_recursion(host: Host) -> Iterator[Problem]:
    """Nix stops at a value that cannot be computed without itself, such as `imports` that depend on `config`."""
    reported = set()
    for refused in host.failures:
        failure = refused.failure
        if failure.kind is not nix.Kind.RECURSION:
            continue
        places = [d.place for d in refused.definitions if d.place is not None]
        at = places[0] if places else failure.span or host.anchor
        if (at.file.path, at.start) in reported:
            continue
        reported.add((at.file.path, at.start))
        name = refused.option.removeprefix("services.headscale.")
        message = (
            f"{name} needs its own value; Nix stops with infinite recursion" if len(name) < 50 else "infinite recursion"
        )
        notes = (Note("it comes back here", failure.span),) if failure.span is not None and failure.span != at else ()
        yield Problem(message, at=at, notes=notes)
    whole = host.failure
    if whole is not None and whole.kind is nix.Kind.RECURSION and not host.alone:
        at = whole.span or host.anchor
        if (at.file.path, at.start) not in reported:
            yield Problem(
                "the configuration needs its own result to be computed; Nix stops with infinite recursion", at=at
            )
