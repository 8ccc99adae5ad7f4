"""The address at which the command `headscale` looks for its server."""

import re

from hslint.rule import Effect, Fix, Host, Iterator, Problem, Setting, edits, rule, shortened

_VARIABLE = "HEADSCALE_CLI_ADDRESS"
_TABLES = ("environment.variables", "environment.sessionVariables")


@rule(Effect.BROKEN)
def cli_address(host: Host) -> Iterator[Problem]:
    """The command dials `HEADSCALE_CLI_ADDRESS` over gRPC, as host:port; `settings.cli` goes into a file that it does not read."""
    for table in _TABLES:
        setting = host.nixos(f"{table}.{_VARIABLE}")
        scheme = re.match(r"[A-Za-z][\w+.-]*://", setting.text or "") if setting.certainly_written else None
        if scheme is not None:
            message = f"{_VARIABLE} is dialled over gRPC: host:port, without {scheme[0]}"
            yield Problem(message, at=setting.at, fix=_fix(setting, scheme[0]))
    variable = host.nixos(f"systemd.services.headscale.environment.{_VARIABLE}")
    if variable.certainly_written:
        message = f"{_VARIABLE} in the service's environment is seen by no command"
        yield Problem(shortened(message, "write environment.variables"), at=variable.name_at, effect=Effect.IGNORED)
    written = [
        setting for setting in host.written("settings.cli") if setting.is_empty is False and not setting.is_variable
    ]
    if written and not host.nixos('environment.etc."headscale/config.yaml"').written:
        name = host.key(written[0])
        message = f"{name} is read by the command only from /etc/headscale/config.yaml, which does not hold it"
        yield Problem(message, at=written[0].name_at, effect=Effect.IGNORED)


def _fix(setting: Setting, scheme: str) -> Fix:
    text = setting.text or ""
    name = text.removeprefix(scheme).rstrip("/")
    address = name if re.search(r":\d+$", name) else f"{name}:50443"
    return Fix(f"write {address}", edits.write(setting, f'"{address}"') if "/" not in address else ())
