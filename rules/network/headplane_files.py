"""Files that Headplane and Headscale must share."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, rule

_HEADPLANE = "services.headplane"
_OPTION = f"{_HEADPLANE}.settings.headscale"
#: Where the module puts what the command `headscale` needs to find the socket.
_CLI = "headscale/config.yaml"


@rule(Effect.BROKEN)
def headplane_files(host: Host) -> Iterator[Problem]:
    """Headplane writes records into the file that Headscale watches, and shows the settings of the file that Headscale is started with."""
    if host.nixos(f"{_HEADPLANE}.enable").flag is not True or host.nixos(f"{_HEADPLANE}.settings").is_null:
        return
    records, theirs = host.own("settings.dns.extra_records_path"), host.nixos(f"{_OPTION}.dns_records_path")
    if records.text and theirs.is_null and not host.has_unresolved_imports:
        message = "records made in Headplane do not come here: its headscale.dns_records_path is not set"
        yield Problem(message, at=records.at, effect=Effect.ADVICE)
    elif records.text and theirs.certainly_written and theirs.text and theirs.text != records.text:
        message = f"Headscale does not read {theirs.text[:40]}; its dns.extra_records_path is another file"
        yield Problem(message, at=theirs.at, notes=(Note("this is the file", records.at),))
    path = host.nixos(f"{_OPTION}.config_path")
    if path.certainly_written and path.text == f"/etc/{_CLI}" and not host.nixos(f'environment.etc."{_CLI}"').written:
        message = f"/etc/{_CLI} holds only the command's socket; Headplane sees none of the settings"
        yield Problem(message, at=path.at)
