#!/usr/bin/env python3
"""Compare hslint's verdict on generated configurations with that of real `headscale` binaries.

    tools/loader_agreement.py BINARY … [--count N] [--seed S] [--keep DIRECTORY]

A BINARY is a `headscale`, built or downloaded by the caller; its release comes from `headscale version`, or from its name
(headscale-v0.28.0). Each configuration is checked twice: hslint reads it as a NixOS module, and `headscale configtest` gets the
settings file that it makes, in a directory of its own, without a network, and with nothing to write to but its state directory.
The verdicts are refused, warned and fine. Where a module takes part, the file is what hslint's own evaluation of the module says;
what Nix itself refuses has no file, and is counted apart.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import NamedTuple

from generated_settings import ETC, POLICY, SECRET, SECRETS, SOCKETS, STATE, Forced, Generated, generate, untouched

from hslint.catalogue import ModuleVersion, Release, module_version, resolve
from hslint.catalogue.data import Json
from hslint.checking import Request, check
from hslint.finding import Finding
from hslint.problem import Effect, Severity
from hslint.record import replace
from hslint.values.to_python import to_python
from hslint.values.value import Unknown


class Later(NamedTuple):
    """What hslint says of the time after `configtest` has ended: a rule, what its message holds, the releases (all but the last)."""

    rule: str
    words: str = ""
    since: str = "0.22"
    before: str | None = None


#: Listeners, certificates, tickers and the map of relays (hscontrol, Serve). `configtest` cannot check it.
LATER = (
    Later("acme-challenge-unreachable", "HTTP-01"),
    Later("derp-map-empty"),
    Later("ipv6-listen-without-brackets"),
    Later("letsencrypt-with-local-proxy"),
    Later("listen-address-without-port"),
    Later("port-clash"),
    Later("privileged-port-without-capability"),
    Later("relative-path", "policy.path", since="0.23", before="0.24"),
    Later("relative-path", "extra_records_path"),
    Later("relative-path", "tls_"),
    Later("relative-path", "unix_socket"),
    Later("tailnet-bind-deadlock"),
    Later("tls-scheme-mismatch"),
    Later("tls-source-conflict", "without tls_key_path"),
    Later("value-out-of-range", "derp.update_frequency ="),
    Later("value-out-of-range", "policy.mode =", since="0.23", before="0.24"),
    Later("value-out-of-range", "tuning.batch_change_delay =", since="0.27"),
    Later("wrong-setting-type", "derp.update_frequency ="),
    Later("wrong-setting-type", "needs an address and a port"),
    Later("wrong-setting-type", "tuning is a set", since="0.27", before="0.28"),
    Later("wrong-setting-type", "tuning.batch_change_delay =", since="0.27"),
)

#: What ends `configtest`, or is warned of, only because there is no network and no database server here.
UNREACHABLE = re.compile(r"OIDC provider|\.well-known/openid|failed to connect to|dial unix")
#: What the log of a new database is full of when every statement is logged.
STATEMENTS = re.compile(r"\bsql=|SQL logic error")

NOBODY = 65534

ALLOW_ALL = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}'


class Verdict(Enum):
    REFUSED = "refused"
    WARNED = "warned"
    FINE = "fine"
    UNDECIDED = "undecided"  # ended at something that is not here
    NIX = "refused by Nix"  # there is no file


@dataclass(frozen=True, slots=True)
class Compared:
    """A configuration, and what both say of it."""

    generated: Generated
    file: Json
    headscale: Verdict
    said: tuple[str, ...]
    hslint: Verdict
    found: tuple[Finding, ...]

    @property
    def decided(self) -> bool:
        return self.headscale not in (Verdict.NIX, Verdict.UNDECIDED)

    @property
    def agreed(self) -> bool:
        """Whether both say the same; hslint may also warn of what Headscale passes over in silence."""
        return self.headscale is self.hslint or (self.headscale is Verdict.FINE and self.hslint is Verdict.WARNED)


@cache
def no_module() -> ModuleVersion:
    """A module that only hands the settings on: it declares, defines and asserts nothing about them."""
    version = module_version("in-repo")
    assert version is not None
    options = {path: option for path, option in version.options.items() if not path.startswith("settings.")}
    return replace(version, options=options, fixed={}, renamed={}, removed=(), assertions=())


# -- hslint ------------------------------------------------------------------------------------------------------------


def stops(finding: Finding) -> bool:
    return finding.effect in (Effect.REFUSED, Effect.FAILS)


def hslint_verdict(found: Iterable[Finding]) -> Verdict:
    """The verdict that hslint expects of Headscale, by the effects of its findings."""
    found = [finding for finding in found if not finding.rule.of_release]
    if any(map(stops, found)):
        return Verdict.REFUSED
    return Verdict.WARNED if any(finding.severity is not Severity.NOTE for finding in found) else Verdict.FINE


def read(generated: Generated, directory: Path) -> tuple[Json, tuple[Finding, ...], bool]:
    """The settings file that the configuration makes, what hslint finds in it, and whether Nix refuses it."""
    module = directory / "configuration.nix"
    module.write_text(generated.nix(), "utf-8")
    checked = check([str(module)], Request(headscale=str(generated.release), module=generated.module or no_module()))
    if checked.crashes:
        raise SystemExit(f"{checked.crashes[0].rule.name}: {checked.crashes[0].error}\n{generated.nix()}")
    found = tuple(f for f in checked.findings if not _after_loading(f, generated.release))
    (host,) = checked.inspection.hosts
    refused = bool(host.failures) or any(finding.effect is Effect.REFUSED for finding in found)
    settings = host.setting("settings")
    file = to_python(settings.value) if settings.value is not None and not refused else None
    if isinstance(file, Unknown):
        raise SystemExit(f"not read: {file.reason}\n{generated.nix()}")
    if generated.module is None and not refused and file != _plainly(generated.settings):
        raise SystemExit(f"read as something else: {json.dumps(file)}\n{generated.nix()}")
    drops = generated.module is not None and generated.module.drops_nulls
    return _without_nulls(file) if drops else file, found, refused


def _after_loading(finding: Finding, release: Release) -> bool:
    return any(
        finding.rule.name == later.rule
        and later.words in finding.problem.message
        and release.reaches(later.since)
        and not (later.before is not None and release.reaches(later.before))
        for later in LATER
    )


def _plainly(tree: Json | Forced) -> Json:
    match tree:
        case Forced(value):
            return value
        case dict():
            return {name: _plainly(inner) for name, inner in tree.items()}
        case _:
            return tree


def _without_nulls(file: Json) -> Json:
    """Nixpkgs' `filterAttrsRecursive`, which does not look into lists."""
    if not isinstance(file, dict):
        return file
    return {name: _without_nulls(inner) for name, inner in file.items() if inner is not None}


# -- Headscale ---------------------------------------------------------------------------------------------------------


def configtest(binary: Path, file: Json, environment: dict[str, str]) -> tuple[Verdict, tuple[str, ...]]:
    """What Headscale says, and the records of its log that do."""
    with tempfile.TemporaryDirectory(prefix="headscale-") as name:
        machine = Path(name)
        machine.chmod(0o755)
        places = {place: str(machine / place.strip("/").replace("/", "-")) for place in (STATE, ETC, SECRETS, SOCKETS)}
        for place in places.values():
            Path(place).mkdir()
        _moved(POLICY, places).write_text(ALLOW_ALL)
        _moved(SECRET, places).write_text("hunter2")
        config = machine / "config.yaml"
        text = json.dumps(file)
        for place, moved in places.items():
            text = text.replace(place, moved)
        config.write_text(text, "utf-8")
        # As on NixOS, where the file lies in the store: what a relative path leads to cannot be written.
        as_root = os.geteuid() == 0
        if as_root:
            os.chown(places[STATE], NOBODY, NOBODY)
        machine.chmod(0o555)
        try:
            ran = subprocess.run(
                [binary, "configtest", "-c", config],
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
                cwd=places[STATE],
                user=NOBODY if as_root else None,
                env={
                    "HOME": places[STATE],
                    "NO_COLOR": "1",
                    "HTTP_PROXY": "http://127.0.0.1:9",
                    "HTTPS_PROXY": "http://127.0.0.1:9",
                    **environment,
                },
            )
        finally:
            machine.chmod(0o755)
    return _understood(ran.returncode, (ran.stdout + ran.stderr).replace(name, ""))


def _understood(code: int, output: str) -> tuple[Verdict, tuple[str, ...]]:
    # A record begins with a time, or is an object; what follows it belongs to it.
    records = [
        found[0].strip() for found in re.finditer(r"(?ms)^.+?(?=^\d{4}-\d\d-\d\dT|^\{|^Error:|^panic:|\Z)", output)
    ]
    lines = [
        re.sub(r"^\S+Z |\"time\":[^,}]*,?", "", record)
        for record in records
        if re.search(
            r'\A\S+ (WRN|ERR|FTL|PNC)\b|"level":"(warn|error|fatal|panic)"|\A(Error|panic|fatal error):', record
        )
    ]
    if code != 0:
        unreachable = lines and UNREACHABLE.search(lines[-1])
        return Verdict.UNDECIDED if unreachable else Verdict.REFUSED, tuple(lines or records)
    lines = [record for record in lines if not UNREACHABLE.search(record) and not STATEMENTS.search(record)]
    return Verdict.WARNED if lines else Verdict.FINE, tuple(lines)


def _moved(path: str, places: dict[str, str]) -> Path:
    place = next(place for place in places if path.startswith(f"{place}/"))
    return Path(places[place] + path.removeprefix(place))


def release_of(binary: Path) -> Release:
    """By what the program says of itself, else by its name."""
    said = subprocess.run([binary, "version"], capture_output=True, text=True, check=False).stdout
    for text in (said, binary.name):
        found = re.search(r"v?(\d+\.\d+\.\d+)", text)
        resolved = resolve(found[1]) if found is not None else None
        if resolved is not None and resolved.asked == resolved.known:
            return resolved.known
    raise SystemExit(f"{binary}: no release that hslint knows; name it like headscale-v0.28.0")


# -- both --------------------------------------------------------------------------------------------------------------


def compare(binary: Path, release: Release, numbers: Iterable[int], seed: int, keep: Path | None) -> Iterator[Compared]:
    @cache
    def own(name: str) -> set[str]:
        """What Headscale says of a module that is given nothing wrong: no user's fault."""
        module = module_version(name)
        assert module is not None
        with tempfile.TemporaryDirectory(prefix="hslint-") as directory:
            file, _, _ = read(untouched(release, module), Path(directory))
        return {line for record in configtest(binary, file, {})[1] for line in record.splitlines()}

    def one(number: int) -> Compared:
        generated = generate(release, number, seed)
        with tempfile.TemporaryDirectory(prefix="hslint-") as name:
            directory = Path(name)
            file, found, refused = read(generated, directory)
            if keep is not None:
                _keep(generated, file, refused, keep / f"{release}-{seed}-{number}")
        if refused:
            return Compared(generated, file, Verdict.NIX, (), hslint_verdict(found), found)
        verdict, said = configtest(binary, file, generated.environment)
        if verdict is Verdict.WARNED and generated.module is not None:
            said = tuple(record for record in said if set(record.splitlines()) - own(generated.module.name))
            verdict = Verdict.WARNED if said else Verdict.FINE
        return Compared(generated, file, verdict, said, hslint_verdict(found), found)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(one, numbers)


@contextmanager
def _for_everybody(binary: Path) -> Iterator[Path]:
    """The program where a user without rights may run it."""
    if os.geteuid() != 0:
        yield binary
        return
    with tempfile.TemporaryDirectory(prefix="headscale-") as name:
        Path(name).chmod(0o755)
        yield Path(shutil.copy(binary, name))


def _keep(generated: Generated, file: Json, refused: bool, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "configuration.nix").write_text(generated.nix(), "utf-8")
    module = generated.module.name if generated.module is not None else None
    (directory / "settings.json").write_text(
        json.dumps({"module": module, "refused": refused, "settings": file}, indent=1)
    )


def table(release: Release, compared: Sequence[Compared]) -> str:
    decided = [one for one in compared if one.decided]
    agreed = sum(one.agreed for one in decided)
    kinds = Counter((one.headscale, one.hslint) for one in decided if not one.agreed)
    nix = sum(one.headscale is Verdict.NIX for one in compared)
    false = sum(count for (real, said), count in kinds.items() if said is Verdict.REFUSED)
    missed = sum(count for (real, said), count in kinds.items() if real is Verdict.REFUSED)
    real = Counter(one.headscale for one in decided)
    return (
        f"{release!s:>8} {len(compared):6} {nix:6} {len(compared) - len(decided) - nix:9}"
        f" {real[Verdict.REFUSED]:8} {real[Verdict.WARNED]:7} {real[Verdict.FINE]:6}"
        f" {agreed:6} {agreed / max(1, len(decided)):8.2%} {false:12} {missed:7} {len(decided) - agreed - false - missed:9}"
    )


HEADER = " release  tried    Nix undecided  refused  warned   fine agreed        %  false alarms  missed unwarned"


def lines(one: Compared) -> Iterator[str]:
    module = one.generated.module.name if one.generated.module is not None else "no module"
    yield f"--- {one.generated.release} #{one.generated.number}, {module}: Headscale {one.headscale.value}, hslint {one.hslint.value}"
    for record in one.said:
        lines = [line for line in record.splitlines() if re.search(r"[a-z]", line)]
        yield from (f"    headscale: {line[:240]}" for line in lines[:8])
    yield from (f"    hslint: {f.effect.value} {f.rule.name}: {f.problem.message}" for f in one.found)
    yield f"    {json.dumps(one.file)}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("binary", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=100, help="configurations per release")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the number of one configuration")
    parser.add_argument("--keep", type=Path, metavar="DIRECTORY", help="write every module and settings file there")
    asked = parser.parse_args(arguments)
    missing = next((binary for binary in asked.binary if shutil.which(binary) is None), None)
    if missing is not None:
        print(f"{missing}: no program", file=sys.stderr)
        return 2
    numbers = range(asked.count) if asked.only is None else [asked.only]
    rows: list[str] = []
    silent: Counter[str] = Counter()
    disagreed = 0
    for binary in asked.binary:
        release = release_of(binary.resolve())
        with _for_everybody(binary.resolve()) as program:
            compared = list(compare(program, release, numbers, asked.seed, asked.keep))
        for one in compared:
            if (one.decided and not one.agreed) or asked.only is not None:
                disagreed += 1
                print("\n".join(lines(one)))
            if one.headscale is Verdict.FINE and one.hslint is Verdict.WARNED:
                silent.update(
                    {f.rule.name for f in one.found if f.severity is not Severity.NOTE and not f.rule.of_release}
                )
        rows.append(table(release, compared))
    print(HEADER, *rows, sep="\n")
    print(
        "hslint alone warns, where Headscale is silent:",
        ", ".join(f"{name} {count}" for name, count in silent.most_common()),
    )
    return 1 if disagreed else 0


if __name__ == "__main__":
    raise SystemExit(main())
