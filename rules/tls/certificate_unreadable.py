"""A certificate of security.acme that Headscale may not read."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, rule, unreadable


@rule(Effect.FAILS)
def certificate_unreadable(host: Host) -> Iterator[Problem]:
    """security.acme lets a certificate's group read it, which is `acme` by default; Headscale is not in it."""
    reported = set()
    for found in unreadable(host, "security.acme.certs"):
        setting, certificate = found.setting, found.kept
        if certificate.name in reported:
            continue
        reported.add(certificate.name)
        yield Problem(
            f"{host.key(setting)} belongs to the group {certificate.group}; {found.reader.user} may not read it",
            at=setting.here,
            notes=(Note(f'give it group = "{host.setting("group").text}" here', certificate.at),),
        )
