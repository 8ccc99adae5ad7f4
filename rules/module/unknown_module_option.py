"""Options of `services.headscale` that the module does not have."""

import difflib

from hslint.rule import (
    Attrs,
    Effect,
    Host,
    Iterator,
    Kind,
    Lazy,
    OptionFailure,
    Problem,
    Span,
    nearest,
    rule,
    shortened,
)

# What the module declared until NixOS 24.05, and what became of it. Only those without a rename in today's module fail.
_MOVED = {
    "aclPolicyFile": "settings.policy.path",
    "database.host": "settings.database.postgres.host",
    "database.name": "settings.database.postgres.name",
    "database.passwordFile": "settings.database.postgres.password_file",
    "database.path": "settings.database.sqlite.path",
    "database.port": "settings.database.postgres.port",
    "database.user": "settings.database.postgres.user",
    "dns.baseDomain": "settings.dns.base_domain",
    "dns.domains": "settings.dns.search_domains",
    "dns.magicDns": "settings.dns.magic_dns",
    "dns.nameservers": "settings.dns.nameservers.global",
}
_GONE = ("privateKeyFile", "openIdConnect.domainMap")


@rule(Effect.REFUSED, when_disabled=True)
def unknown_module_option(host: Host) -> Iterator[Problem]:
    """Nix refuses an option of services.headscale that the module does not declare (any more)."""
    for refused in host.failures:
        if refused.failure.kind is not Kind.UNKNOWN_OPTION or not refused.option.startswith("services.headscale."):
            continue
        told: set[tuple[str, int]] = set()
        for option, at in _leaves(refused):
            if (at.file.path, at.start) in told:
                continue
            told.add((at.file.path, at.start))
            opening = host.openings[0].unknown if host.openings else None
            if opening is not None and _meant(host, option) is None and not _gone(option):
                continue  # a module that could not be followed may declare it
            once = option in _MOVED or _gone(option)
            yield Problem(_message(host, option), at=at, hangs_on=opening or (host.undated if once else None))


def _leaves(refused: OptionFailure) -> Iterator[tuple[str, Span]]:
    """The names that were written below the unknown one, with their places; the unknown one itself where there are none."""
    option = refused.option.removeprefix("services.headscale.")
    told = False
    for definition in refused.definitions:
        if definition.place is not None:
            told = True
            below = ".".join(definition.option[2:]) or option
            yield from _below(below, definition.value, definition.place)
    if not told and refused.failure.span is not None:
        yield option, refused.failure.span


def _below(option: str, value: Lazy, place: Span) -> Iterator[tuple[str, Span]]:
    outcome = value.outcome()
    if isinstance(outcome, Attrs) and outcome.items and all(lazy.place is not None for lazy in outcome.items.values()):
        for name, lazy in outcome.items.items():
            if lazy.place is not None:
                yield from _below(f"{option}.{name}", lazy, lazy.place)
    else:
        yield option, place


def _message(host: Host, option: str) -> str:
    full = f"services.headscale.{option}"
    new = _meant(host, option)
    if new is not None:
        return shortened(f"there is no {full}", f"write {new}")
    if _gone(option):
        return shortened(f"there is no {full} any more", "delete it")
    return shortened(f"there is no {full} in this module", "Nix refuses it")


def _gone(option: str) -> bool:
    return any((option + ".").startswith(f"{gone}.") for gone in _GONE)


def _meant(host: Host, option: str) -> str | None:
    if option in _GONE:
        return None
    if option in _MOVED:
        return _MOVED[option]
    key = host.schema.key(option) or nearest(host.schema, option)
    top = [path for path in host.module.options if not path.startswith("settings.")]
    close = difflib.get_close_matches(option, top, n=1, cutoff=0.8)
    if close:
        return close[0]
    if key is not None:
        return f"settings.{key.path}"
    return None
