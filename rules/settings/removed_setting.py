"""Settings that earlier releases of Headscale read, and what the host's release does with them."""

import re
from collections.abc import Sequence

from hslint.rule import (
    Effect,
    Fix,
    Host,
    IgnoredSetting,
    Iterator,
    Problem,
    Setting,
    Span,
    UnreadReason,
    catalogue,
    edits,
    nix,
    rule,
    shortened,
)

# upgrade/ephemeral_timeout_shadowed.py speaks of this one: the modules themselves still set it.
_ELSEWHERE = ("ephemeral_node_inactivity_timeout",)


@rule(Effect.FAILS, renames=True)
def removed_setting(host: Host) -> Iterator[Problem]:
    """A setting of an earlier release is refused by Nix, refused by Headscale, or ignored without a word."""
    for unread in host.ignored_settings:
        if unread.standing is not UnreadReason.REMOVED or unread.key in _ELSEWHERE:
            continue
        found = _consequence(host, unread)
        if found is not None:
            effect, message = found
            fix = _fix(host, unread, revives=effect is Effect.IGNORED)
            yield Problem(message, at=unread.at, effect=effect, fix=fix)
    yield from _deprecated(host)
    yield from _of_module(host)
    for variable in host.environment():
        name = variable.option.rpartition(".")[2]
        removal = next(
            (r for r in host.schema.removals.values() if catalogue.environment_variable(r.path) == name), None
        )
        if removal is not None and removal.how is catalogue.How.REFUSED and variable.certainly_written:
            since = removal.since.series
            message = shortened(f"{name} keeps Headscale from starting from {since} on", removal.instead)
            yield Problem(message, at=variable.name_at)


def _of_module(host: Host) -> Iterator[Problem]:
    """Keys that the module of another time sets by itself."""
    for removal in host.schema.removals.values():
        setting = host.setting(f"settings.{removal.path}")
        sets = setting.exists and not setting.written and setting.is_null is False
        if removal.how is not catalogue.How.REFUSED or not sets or not host.runs.release.certain:
            continue
        since = removal.since.series
        message = f"the module sets {removal.path}, which keeps Headscale from starting from {since} on"
        yield Problem(shortened(message, "take the module of its time"), at=host.anchor)


def _deprecated(host: Host) -> Iterator[Problem]:
    """Keys that this release still reads, and says in its log that the next one does not."""
    for setting in host.written("settings"):
        key = host.schema.key(host.key(setting))
        if key is None or not key.deprecated or isinstance(setting.value, nix.Null) or setting.name_at is None:
            continue
        message = f"{key.path} is read by Headscale {host.release.series} for the last time; later ones refuse it"
        yield Problem(message, at=setting.name_at, effect=Effect.BROKEN)


def _consequence(host: Host, unread: IgnoredSetting) -> tuple[Effect, str] | None:
    """What follows and how to say it: the module's assertions look at presence, Headscale (viper) at values other than null."""
    key = unread.key
    since = _since(unread)
    instead = _instead(unread)
    if host.module.refuses(f"settings.{key}") is not None:
        return Effect.REFUSED, shortened(f"{key} was removed in {since} and the module refuses it", *instead)
    if all(isinstance(setting.value, nix.Null) for setting in unread.settings):
        return None
    match _how(host, unread):
        case catalogue.How.REFUSED:
            even = ", even when false" if unread.setting.data is False else ""
            return Effect.FAILS, shortened(f"{key} keeps Headscale from starting from {since} on{even}", *instead)
        case catalogue.How.REFUSED_UNLESS_REPLACED:
            if any(host.setting(f"settings.{new}").is_null is not True for new in _replacing(host, unread)):
                return Effect.IGNORED, shortened(f"{key} is not read from {since} on", *instead)
            return Effect.FAILS, shortened(f"{key} keeps Headscale from starting from {since} on", *instead)
        # The rules about base_domain and nameservers leave it to this one.
        case _ if key.startswith("dns_config") and any(
            map(host.violates_constraint, ("dns.base_domain", "dns.nameservers.global"))
        ):
            said = f"{key} is not read from {since} on, and without what it says Headscale does not start"
            return Effect.FAILS, shortened(said, *instead)
        case _ if _changes_nothing(host, unread):
            return Effect.ADVICE, shortened(f"{key} is not read from {since} on, and would change nothing", *instead)
        case _:
            return Effect.IGNORED, shortened(f"{key} is not read from {since} on", *instead)


def _how(host: Host, unread: IgnoredSetting) -> catalogue.How:
    """The worst that becomes of the keys below the name."""
    hows = [unread.removal.how] if unread.removal is not None else []
    for setting in unread.settings:
        names = host.key(setting).split(".")
        above = (host.schema.removed(".".join(names[:length])) for length in range(1, len(names) + 1))
        hows += [removal.how for removal in above if removal is not None and not isinstance(setting.value, nix.Null)]
    return min(hows, key=list(catalogue.How).index, default=catalogue.How.IGNORED)


def _replacing(host: Host, unread: IgnoredSetting) -> tuple[str, ...]:
    """The keys that must be given instead: those of the name itself, or of what lies below it and would be refused."""
    removals = [host.schema.removed(host.key(setting)) for setting in unread.settings]
    refusing = [
        r for r in (unread.removal, *removals) if r is not None and r.how is catalogue.How.REFUSED_UNLESS_REPLACED
    ]
    return tuple(new for removal in refusing for new in removal.replaced_by)


def _since(unread: IgnoredSetting) -> str:
    if unread.removal is not None:
        return unread.removal.since.series
    last = catalogue.last_release_reading(unread.key)
    return f"after {last.series}" if last is not None else "long ago"


def _instead(unread: IgnoredSetting) -> tuple[str, ...]:
    """What to write, the fullest form first; the shorter one when there is no room for that."""
    if unread.removal is None:
        return (f"write {unread.meant.path}",) if unread.meant is not None else ("delete it",)
    new = " and ".join(unread.removal.replaced_by)
    full, short = unread.removal.instead, f"write {new}" if new else "delete it"
    return (full,) if len(full) < 50 else (short,)


def _changes_nothing(host: Host, unread: IgnoredSetting) -> bool:
    """`ip_prefixes` that holds the very ranges in use."""
    if unread.key != "ip_prefixes":
        return False
    ranges = unread.setting.data
    used = [host.setting(f"settings.prefixes.{name}").presumed for name in ("v4", "v6")]
    return isinstance(ranges, list) and all(text in used for text in ranges)


def _fix(host: Host, unread: IgnoredSetting, *, revives: bool) -> Fix | None:
    """Write the successors, or delete what has none. Unsafe where a value that was dead would come to life."""
    if unread.is_set:
        return _fix_set(host, unread, revives=revives)
    setting, removal = unread.setting, unread.removal
    successors = (
        removal.replaced_by if removal is not None else (unread.meant.path,) if unread.meant is not None else ()
    )
    if unread.key == "ip_prefixes":
        return _fix_prefixes(host, unread)
    if not successors:
        dead = removal is not None and removal.how is catalogue.How.IGNORED
        harmless = dead or setting.data is False or setting.data is None
        return Fix("delete it", edits.delete(setting), safe=harmless)
    if len(successors) != 1:
        return None
    new = successors[0]
    if _written(host, new):
        return Fix(f"delete it: {new} is set as well", edits.delete(setting), safe=True)
    made = edits.carry_settings(host, [(setting, _below_settings(new))]) or edits.move(host, setting, unread.key, new)
    # oidc.expiry spoke of nodes from OIDC, node.expiry speaks of all.
    return Fix(f"write {new}", made, safe=not revives and unread.key != "oidc.expiry")


def _fix_set(host: Host, unread: IgnoredSetting, *, revives: bool) -> Fix | None:
    """Rename the set and each key in it, where all that is written in it goes the same way."""
    removal = unread.removal
    if removal is None or len(removal.replaced_by) != 1:
        return None
    moves = _moves(host, unread)
    keys = {new[1:] for _, new in moves if new is not None}
    beside = edits.missing_override(host, keys) if removal.replaced_by == ("dns",) else None
    made = edits.carry_settings(host, moves, _below_settings(unread.key), beside)
    # override_local_dns had no meaning of its own in between, and now asks for nameservers.
    meant = beside is None and ("dns", "override_local_dns") not in keys
    return Fix(f"write {removal.replaced_by[0]}, with the new names in it", made, safe=meant and not revives)


def _moves(host: Host, unread: IgnoredSetting) -> list[tuple[Setting, tuple[str, ...] | None]]:
    """The settings of the set, each with what it is called now, None for one that has to go.

    What lies in a setting goes with it: the domains of `restricted_nameservers` are the user's own names.
    """
    found: dict[str, tuple[Setting, tuple[str, ...] | None]] = {}
    for setting in unread.settings:
        names = host.names(setting)
        keys = [".".join(names[:length]) for length in range(len(names), 1, -1)]
        key = next((key for key in keys if host.schema.removed(key) is not None), keys[0])
        removal = host.schema.removed(key)
        new = (removal.replaced_by or removal.returns_as) if removal is not None else ()
        going = len(new) != 1 or _written(host, new[0])
        at_key = host.setting(f"settings.{key}")
        found[key] = (at_key if at_key.exists else setting, None if going else _below_settings(new[0]))
    return list(found.values())


def _below_settings(key: str) -> tuple[str, ...]:
    return "settings", *key.split(".")


def _fix_prefixes(host: Host, unread: IgnoredSetting) -> Fix | None:
    """A statement for each range, written like the old one: `lib.mkForce [ "a" "b" ]` is `lib.mkForce "a"` twice."""
    setting: Setting = unread.setting
    expression, binding = setting.expression, setting.binding
    if _written(host, "prefixes.v4") or _written(host, "prefixes.v6"):
        return Fix("delete it: prefixes is set as well", edits.delete(setting), safe=True)
    value, ranges = setting.value, setting.data
    if expression is None or binding is None or setting.name_at is None or not isinstance(ranges, list):
        return None
    families = ["v6" if ":" in str(part) else "v4" for part in ranges]
    if not families or len(set(families)) != len(families):
        return None
    parts = [f'"{part}"' for part in ranges]
    listed = value.span if isinstance(value, nix.List) else None
    name = binding.file.text[binding.start : setting.name_at.start].decode() + "prefixes"
    if listed is None or not expression.contains(listed) or not listed.text.startswith("["):
        listed = expression  # written elsewhere
    text = binding.file.text
    if b"#" in text[binding.start : binding.end] or b"/*" in text[binding.start : binding.end]:
        made = _line_by_line(setting, listed, name, families, parts) if listed == expression else ()
    else:
        before = text[expression.start : listed.start].decode()
        after = text[listed.end : binding.end].decode()
        statements = [f"{name}.{family} = {before}{part}{after}" for family, part in zip(families, parts, strict=True)]
        made = (edits.Edit(binding, edits.separator_before(binding).join(statements)),)
    return Fix("write prefixes.v4 and prefixes.v6", made, safe=_changes_nothing(host, unread))


def _line_by_line(
    setting: Setting, listed: Span, name: str, families: Sequence[str], parts: Sequence[str]
) -> tuple[edits.Edit, ...]:
    """Where comments stand between the ranges: each line becomes a statement, and the brackets' lines go."""
    binding = setting.binding
    assert binding is not None
    indent = edits.separator_before(binding).lstrip("\r\n")
    lines = listed.text.split("\n")
    if not indent.isspace() or lines[0].strip() != "[" or lines[-1].strip() != "]":
        return ()
    said = iter(zip(families, parts, strict=True))
    result: list[str] = []
    for line in lines[1:-1]:
        item = re.fullmatch(r'\s*("[^"$\\]*")(\s*(#.*)?)', line)
        if item is None and line.strip()[:1] not in ("", "#"):
            return ()
        if item is not None:
            family, part = next(said)
            if item[1] != part:
                return ()
            line = f"{name}.{family} = {part};{item[2]}"
        result.append(f"{indent}{line.strip()}".rstrip())
    return (edits.Edit(binding, "\n".join(result).lstrip()),) if next(said, None) is None else ()


def _written(host: Host, key: str) -> bool:
    return host.setting(f"settings.{key}").written
