"""Headscale is configured, and not enabled."""

from hslint.rule import Effect, Fix, Host, Iterator, Problem, Span, edits, rule


@rule(Effect.IGNORED, when_disabled=True, unless_shared=True)
def configured_but_disabled(host: Host) -> Iterator[Problem]:
    """Nothing is written and nothing starts without `services.headscale.enable = true`."""
    if host.has_unresolved_imports or host.alone or host.failure is not None:
        return
    enable = host.setting("enable")
    if not enable.exists or enable.written or enable.losers:
        return
    first = next((s for s in host.written("") if s.name_at is not None), None)
    if first is None:
        return
    yield Problem(
        "services.headscale is configured but never enabled; nothing is written and nothing starts",
        at=first.name_at,
        fix=_fix(first.binding),
    )


def _fix(binding: Span | None) -> Fix | None:
    """Enable it before the first statement, where that names the whole path."""
    if binding is None or not binding.text.startswith("services.headscale."):
        return None
    return Fix("enable it", edits.insert_before(binding, "services.headscale.enable = true;"))
