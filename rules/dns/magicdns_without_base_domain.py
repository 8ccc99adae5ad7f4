"""`dns.magic_dns` without `dns.base_domain`."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, rule

_DOMAIN = "settings.dns.base_domain"


@rule(Effect.FAILS, since="0.23", yields_to=("syntax-error", "unknown-module-option"))
def magicdns_without_base_domain(host: Host) -> Iterator[Problem]:
    """Headscale does not start with MagicDNS, which is on by default, and no `dns.base_domain`."""
    switch, domain = host.setting("settings.dns.magic_dns"), host.setting(_DOMAIN)
    refused = host.module_checks("settings.dns.magic_dns")
    # The module looks at its own option; viper also takes a name that holds dots, and variables.
    empty = host.nixos(f"services.headscale.{_DOMAIN}").text == "" if refused else host.reads("dns.base_domain") == ""
    if host.reads("dns.magic_dns") is not True or not empty:
        return
    if host.reads_environment_file and not refused:
        return  # it may hold one
    if any(
        unread.key.startswith("dns_config") or unread.stands_for("dns.base_domain") for unread in host.ignored_settings
    ):
        return  # the rule about that name says it
    written = next((s for s in (domain, switch) if s.written and s.at), None)
    yield Problem(
        "magic_dns is on, as it is by default, but there is no base_domain",
        at=written.at if written is not None else host.anchor,
        notes=(Note("magic_dns is on here", switch.at),) if switch is not written else (),
        effect=Effect.REFUSED if refused else Effect.FAILS,
        absent=("settings.dns.base_domain",),
    )
