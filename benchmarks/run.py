"""One run, side by side: what hslint costs in units of things everybody knows."""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
HSLINT = str(Path(sys.executable).with_name("hslint"))
PASS = (sys.executable, "-c", "pass")

# Reads like hslint must: every file, whole; nothing else.
READ_ALL = """
import os, sys
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        if name.endswith(".nix"):
            with open(os.path.join(folder, name), "rb") as file:
                file.read()
"""

# One check, and what every reporter makes of it.
REPORT_ALL = """
import sys
from hslint.checking import Request, check
from hslint.reporters import FORMATS, report
checked = check([sys.argv[1]], Request(headscale="0.28"))
assert len(checked.findings) >= int(sys.argv[2]), len(checked.findings)
for form in FORMATS:
    assert sum(map(len, report(form, checked, terminal=False)))
"""

ONE_MODULE = """{ config, lib, ... }:
{
  services.headscale = {
    enable = true;
    port = 8080;
    settings = {
      server_url = "https://vpn.example.org";
      dns = {
        base_domain = "tail.example.org";
        nameservers.global = [ "9.9.9.9" ];
      };
    };
  };
}
"""

Command = Sequence[str]


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison. `yardstick` is None where the limits are absolute."""

    name: str
    command: tuple[str, ...]
    yardstick: tuple[str, ...] | None
    limit: float
    megabytes: float | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    seconds: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    seconds: float
    megabytes: float
    yardstick_seconds: float | None
    measured: float
    limit: float
    megabytes_limit: float | None

    @property
    def kept(self) -> bool:
        return self.measured <= self.limit and (self.megabytes_limit is None or self.megabytes <= self.megabytes_limit)


def environment(scratch: Path) -> dict[str, str]:
    """As after an ordinary installation: bytecode is there, wherever this machine wants none written."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | {
        "PYTHONPYCACHEPREFIX": str(scratch / "pycache")
    }


def once(command: Command, env: dict[str, str]) -> Cost:
    """Runs to the end. Exit code 1 is hslint's for "findings"; anything else above 0 spoils the measurement.

    What counts is the processor's time: the clock also counts what other programs do meanwhile.
    """
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env)
    assert child.stderr is not None
    complaint = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stderr.close()
    if child.returncode not in {0, 1} or b"Traceback" in complaint:
        sys.exit(f"{' '.join(command)} ended with {child.returncode}:\n{complaint.decode(errors='replace')}")
    # Linux counts ru_maxrss in KiB, macOS in bytes.
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024))


def measure(row: Row, runs: int, env: dict[str, str]) -> Figure:
    """Contender and yardstick alternate, so that a busy moment of the machine hits both; the first round only warms up."""
    contender: list[Cost] = []
    yardstick: list[Cost] = []
    for round_ in range(runs + 1):
        for command, costs in ((row.command, contender), (row.yardstick, yardstick)):
            if command is not None:
                cost = once(command, env)
                if round_:
                    costs.append(cost)
    seconds = statistics.median(cost.seconds for cost in contender)
    against = statistics.median(cost.seconds for cost in yardstick) if yardstick else None
    return Figure(
        name=row.name,
        seconds=seconds,
        megabytes=max(cost.megabytes for cost in contender),
        yardstick_seconds=against,
        measured=seconds / against if against else seconds,
        limit=row.limit,
        megabytes_limit=row.megabytes,
    )


def version(_: Path) -> Row:
    return Row("hslint --version : python -c pass", (HSLINT, "--version"), PASS, 3)


def one_module(scratch: Path) -> Row:
    module = scratch / "one" / "headscale.nix"
    module.parent.mkdir()
    module.write_text(ONE_MODULE)
    return Row("check, one module : python -c pass", (HSLINT, "check", str(module)), PASS, 6)


def configuration(scratch: Path) -> Row | str:
    nix, lib = shutil.which("nix-instantiate"), os.environ.get("HSLINT_NIXPKGS_LIB")
    if nix is None or lib is None:
        return "show, six files : real Nix — left out, needs nix-instantiate and HSLINT_NIXPKGS_LIB"
    folder = scratch / "configuration"
    shutil.copytree(HERE / "configuration", folder)
    stubs = str(folder / "nix-stubs.nix")
    evaluate = (nix, "--readonly-mode", "--eval", "--strict", "--json", stubs, "--arg", "libFolder", lib)
    return Row(
        "show, six files : real Nix",
        (HSLINT, "show", str(folder / "main.nix"), "--format", "json"),
        (*evaluate, "-A", "config.services"),
        1,
    )


def many_files(scratch: Path) -> Row:
    """A monorepo: 10,000 modules of everyday size, of which 20 mention Headscale."""
    root = scratch / "monorepo"
    for number in range(10_000):
        folder = root / f"area{number // 100:03}"
        folder.mkdir(parents=True, exist_ok=True)
        matters = number % 500 == 250
        text = ONE_MODULE if matters else everyday_module(number)
        (folder / f"module{number:05}.nix").write_text(text)
    return Row(
        "check, 10,000 files, 20 matter : reading them",
        (HSLINT, "check", str(root)),
        (sys.executable, "-c", READ_ALL, str(root)),
        2,
    )


def many_hosts(scratch: Path) -> Row:
    """A flake with 10 hosts that share 100 modules, some of which decide things by `config`."""
    root = scratch / "fleet"
    (root / "modules").mkdir(parents=True)
    for number in range(100):
        (root / "modules" / f"m{number:03}.nix").write_text(fleet_module(number))
    imports = "\n".join(f"            ./modules/m{number:03}.nix" for number in range(100))
    (root / "flake.nix").write_text(
        f"""{{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs =
    {{ self, nixpkgs }}:
    {{
      nixosConfigurations = nixpkgs.lib.genAttrs (map (n: "host${{toString n}}") (nixpkgs.lib.range 0 9)) (
        name:
        nixpkgs.lib.nixosSystem {{
          system = "x86_64-linux";
          modules = [
{imports}
            {{
              networking.hostName = name;
              services.headscale.enable = true;
              services.headscale.settings.server_url = "https://${{name}}.example.org";
              services.headscale.settings.dns.base_domain = "tail.example.net";
              services.headscale.settings.dns.nameservers.global = [ "9.9.9.9" ];
            }}
          ];
        }}
      );
    }};
}}
"""
    )
    return Row("check, 10 hosts of 100 modules (seconds)", (HSLINT, "check", str(root)), None, 2, megabytes=150)


def unknown_settings(scratch: Path) -> Row:
    """Settings that no release knows, on a host whose release nobody knows either: each is asked about at every release."""
    return growth(
        scratch, "check, 200 unknown settings : 100", 200, lambda n: module_with(n, "settings.unheard_of{} = 1;"), check
    )


def undeclared_entries(scratch: Path) -> Row:
    """A machine that defines options which nobody declares: each might be a slip of a known name."""
    return growth(
        scratch,
        "check, 200 undeclared entries : 100",
        200,
        lambda n: (
            "{\n  services.headscale.enable = true;\n"
            + "".join(f"  headscale-port-{number} = {8000 + number};\n" for number in range(n))
            + "}\n"
        ),
        check,
    )


def many_findings(scratch: Path) -> Row:
    return growth(
        scratch,
        "check and 5 reports, 10,000 findings : 5,000",
        10_000,
        lambda n: module_with(n, "settings.unheard_of{} = 1;"),
        lambda folder, n: (sys.executable, "-c", REPORT_ALL, folder, str(n)),
    )


def check(folder: str, _: int) -> tuple[str, ...]:
    return (HSLINT, "check", folder)


def growth(
    scratch: Path,
    name: str,
    count: int,
    content: Callable[[int], str],
    command: Callable[[str, int], tuple[str, ...]],
) -> Row:
    """The same thing twice, once with half as much in it. What is linear costs less than twice as much, as starting costs the same."""
    commands = []
    for number in (count, count // 2):
        folder = scratch / f"{name.partition(':')[0].replace(' ', '-').replace(',', '')}{number}"
        folder.mkdir()
        (folder / "configuration.nix").write_text(content(number))
        commands.append(command(str(folder), number))
    return Row(name, commands[0], commands[1], 2.5)


def module_with(count: int, statement: str) -> str:
    body = "".join(f"    {statement.format(number)}\n" for number in range(count))
    return f"{{\n  services.headscale = {{\n    enable = true;\n{body}  }};\n}}\n"


def everyday_module(number: int) -> str:
    """Some 1.5 kB that have nothing to do with Headscale."""
    services = "\n".join(
        f"""    services.thing{number}-{part} = {{
      enable = lib.mkDefault true;
      user = "thing{part}";
      settings.listen = "127.0.0.1:{2000 + (number + part) % 60000}";
      extraFlags = [ "--quiet" "--threads=${{toString cfg.threads}}" ];
    }};"""
        for part in range(6)
    )
    return f"""{{ config, lib, pkgs, ... }}:
let
  cfg = config.my.thing{number};
in
{{
  options.my.thing{number} = {{
    enable = lib.mkEnableOption "thing {number}";
    threads = lib.mkOption {{
      type = lib.types.int;
      default = {number % 16};
    }};
  }};

  config = lib.mkIf cfg.enable {{
    environment.systemPackages = [ pkgs.hello ];
{services}
  }};
}}
"""


def fleet_module(number: int) -> str:
    records = f"""    services.headscale.settings.dns.extra_records = [
      {{
        name = "host{number}.tail.example.net";
        type = "A";
        value = "100.64.0.{number}";
      }}
    ];
"""
    return (
        everyday_module(number)
        .replace(
            "    environment.systemPackages", (records if number % 5 == 0 else "") + "    environment.systemPackages"
        )
        .replace(f'mkEnableOption "thing {number}";', f'mkEnableOption "thing {number}" // {{ default = true; }};')
    )


ROWS: tuple[Callable[[Path], Row | str], ...] = (
    version,
    one_module,
    configuration,
    many_files,
    many_hosts,
    unknown_settings,
    undeclared_entries,
    many_findings,
)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=11, help="how often each contender runs (default: %(default)s)")
    arguments.add_argument("--only", default="", help="only rows whose function has this word in its name")
    arguments.add_argument("--json", action="store_true", help="the figures for a program")
    given = arguments.parse_args()

    figures = []
    with tempfile.TemporaryDirectory(prefix="hslint-benchmark-") as scratch:
        for prepare in ROWS:
            if given.only not in prepare.__name__:
                continue
            row = prepare(Path(scratch))
            if isinstance(row, str):
                print(row, file=sys.stderr)
                continue
            figure = measure(row, given.runs, environment(Path(scratch)))
            figures.append(figure)
            if not given.json:
                print(line(figure), flush=True)
    if given.json:
        print(json.dumps([asdict(figure) | {"kept": figure.kept} for figure in figures], indent=2))
    sys.exit(any(not figure.kept for figure in figures))


def line(figure: Figure) -> str:
    unit = "s" if figure.yardstick_seconds is None else "×"
    milliseconds = f"{figure.seconds * 1000:.0f} ms"
    if figure.yardstick_seconds is not None:
        milliseconds += f" : {figure.yardstick_seconds * 1000:.0f} ms"
    memory = f"{figure.megabytes:.0f} MB" + (f" of {figure.megabytes_limit:.0f}" if figure.megabytes_limit else "")
    verdict = "kept" if figure.kept else "MISSED"
    return f"{figure.name:<48} {figure.measured:>6.2f} {unit} of {figure.limit:g} {unit}  {milliseconds:<18} {memory:<14} {verdict}"


if __name__ == "__main__":
    main()
