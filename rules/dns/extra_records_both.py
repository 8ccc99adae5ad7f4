"""`dns.extra_records` together with `dns.extra_records_path`."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, catalogue, rule

_RECORDS, _PATH = "settings.dns.extra_records", "settings.dns.extra_records_path"


@rule(Effect.FAILS, since="0.24")
def extra_records_both(host: Host) -> Iterator[Problem]:
    """Headscale does not start when both `dns.extra_records` (an empty list counts) and `dns.extra_records_path` are set."""
    records, path = host.setting(_RECORDS), host.setting(_PATH)
    if records.is_null is not False or path.is_null is not False or not path.written:
        return
    refused = any(isinstance(a, catalogue.OnlyOneOf) and _PATH in a.paths for a in host.module.assertions)
    if records.written:
        message = "extra_records_path and extra_records exclude each other; Headscale does not start"
    else:
        message = "this module sets extra_records = [ ] itself; force it to null, or Headscale does not start"
    yield Problem(
        message,
        at=path.at,
        notes=(Note("extra_records is set here; even an empty list counts", records.at),) if records.written else (),
        effect=Effect.REFUSED if refused else Effect.FAILS,
    )
