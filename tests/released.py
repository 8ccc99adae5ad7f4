"""Small projects of which tests ask which release of Headscale and which module their hosts run."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from hslint.catalogue import NEWEST, newest_like, version_in_repository
from hslint.cli import main
from hslint.hosts import Options
from hslint.hosts.host import Host
from hslint.hosts.search import open_project
from hslint.values.budget import with_deep_stack

#: The newest release that exists, the newest whose settings were read, and the module in Headscale's own repository, as messages name them.
LATEST, READ, OWN_MODULE = str(newest_like(NEWEST)), str(NEWEST), str(version_in_repository(NEWEST))

#: What each host of these projects sets; nothing is wrong with it in any release from 0.26 on.
HEADSCALE = (
    'services.headscale = { enable = true; settings = { server_url = "https://a.example.com";'
    " dns.magic_dns = false; dns.override_local_dns = false; }; };"
)

STABLE = 'inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";'


def machine(directory: Path, more: str = "") -> Path:
    """A machine by channels."""
    (directory / "configuration.nix").write_text(f"{{ pkgs, ... }}: {{ {HEADSCALE} {more} }}\n")
    return directory


def flake(directory: Path, module: str = "", *, inputs: str = STABLE, hosts: str = "", others: str = "") -> Path:
    """A flake with a host `a` that adds `module`, hosts like it that add others (`hosts`), and other outputs."""
    (directory / "flake.nix").write_text(
        f"{{ {inputs}\n"
        "  outputs = { self, nixpkgs, ... }@inputs: let\n"
        "    system = module: nixpkgs.lib.nixosSystem {\n"
        '      system = "x86_64-linux"; specialArgs = { inherit inputs; };\n'
        f"      modules = [ ({{ pkgs, ... }}: {{ {HEADSCALE} }}) module ]; }};\n"
        f"  in {{ nixosConfigurations = {{ a = system ({{ pkgs, inputs, ... }}: {{ {module} }}); {hosts} }}; {others} }};\n"
        "}\n"
    )
    return directory


def lock(directory: Path, branch: str = "", **modified: int) -> None:
    """A lock file with the second of 1970 that each input is of, and the branch of all of them."""
    owners = {"nixpkgs": "NixOS", "headscale": "juanfont"}
    nodes: dict[str, object] = {
        name: {
            "locked": {"type": "github", "owner": owners[name], "repo": name, "lastModified": second, "rev": "ab" * 20},
            "original": {"type": "github", "owner": owners[name], "repo": name, **({"ref": branch} if branch else {})},
        }
        for name, second in modified.items()
    }
    nodes["root"] = {"inputs": {name: name for name in modified}}
    (directory / "flake.lock").write_text(json.dumps({"nodes": nodes, "root": "root", "version": 7}))


def hosts(directory: Path, **options: object) -> dict[str, Host]:
    """The hosts of a project by their names."""
    return with_deep_stack(
        lambda: {host.name: host for host in open_project([str(directory)], Options(**options)).hosts}  # type: ignore[arg-type]
    )


def runs(directory: Path, name: str | None = None, **options: object) -> str:
    """What a host runs, and what says so; the only one where none is named."""
    found = hosts(directory, **options)
    host = found[name] if name is not None else next(iter(found.values()))
    return with_deep_stack(lambda: str(host.runs))


def hslint(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)
