"""`dns.override_local_dns` without a global nameserver."""

from hslint.rule import Effect, Fix, Host, Iterator, Note, Problem, edits, rule


@rule(Effect.FAILS, since="0.26", yields_to=("syntax-error", "unknown-module-option"))
def override_without_nameservers(host: Host) -> Iterator[Problem]:
    """Headscale does not start when `dns.override_local_dns` is on and `dns.nameservers.global` is empty."""
    if host.reads("dns.override_local_dns") is not True or host.reads("dns.nameservers.global") != []:
        return
    refused = host.module_checks("settings.dns.override_local_dns")
    if host.reads_environment_file and not refused:
        return  # it may hold some
    if any(
        unread.key.startswith("dns_config") or unread.stands_for("dns.nameservers.global")
        for unread in host.ignored_settings
    ):
        return  # the rule about that name says it
    switch = host.setting("settings.dns.override_local_dns")
    servers = host.setting("settings.dns.nameservers.global")
    written = next((s for s in (servers, switch, host.setting("settings.dns.base_domain")) if s.here), None)
    yield Problem(
        "override_local_dns is on, as it is by default, but nameservers.global is empty",
        at=written.here if written is not None else host.anchor,
        notes=(Note("override_local_dns is on here", switch.at),) if switch is not written else (),
        fix=_fix(host),
        effect=Effect.REFUSED if refused else Effect.FAILS,
        absent=("settings.dns.nameservers.global",),
    )


def _fix(host: Host) -> Fix | None:
    """Let clients keep their own resolvers, as they did before 0.26. Unsafe: the other way is to name some."""
    option = "settings.dns.override_local_dns"
    switch = host.setting(option)
    title = "write dns.override_local_dns = false: clients keep their own resolvers"
    if switch.written:
        return Fix(title, edits.write(switch, "false"))
    beside = (host.own(f"settings.dns.{name}") for name in ("base_domain", "magic_dns", "search_domains"))
    return next((Fix(title, made) for setting in beside if (made := edits.add(setting, option, "false"))), None)
