"""Which module is which: what Nix counts once, what it counts each time and then refuses, for each way to name a module."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from real_nix import NixRefused
from sources import source

from hslint.hosts import Options
from hslint.hosts.search import open_project
from hslint.values.budget import with_deep_stack
from hslint.values.value import Kind

if TYPE_CHECKING:
    from real_nix import RealNix

FLAKE = """{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  inputs.unstable.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.headscale.url = "github:juanfont/headscale/v0.28.0";
  outputs = { self, nixpkgs, ... }@inputs: {
    nixosConfigurations.h = nixpkgs.lib.nixosSystem {
      specialArgs = { inherit inputs; };
      modules = import ./shape.nix { inherit inputs self; };
    };
  };
}
"""

FILES = {
    "flake.nix": FLAKE,
    "own.nix": '{ lib, ... }: { options.services.headscale.enable = lib.mkEnableOption "it"; }',
    "more.nix": '{ lib, ... }: { options.services.headscale.more = lib.mkEnableOption "more"; }',
    "plain.nix": "{ services.headscale.enable = true; }",
    "again.nix": "{ inputs, ... }: { imports = [ inputs.headscale.nixosModules.default ]; }",
    "again-too.nix": "{ inputs, ... }: { imports = [ inputs.headscale.nixosModules.default ]; }",
    "through.nix": "{ imports = [ ./again.nix ./more.nix ]; }",
    "keyed.nix": '{ inputs, ... }: { key = "mine"; imports = [ inputs.headscale.nixosModules.default ]; }',
    "dir/default.nix": '{ lib, ... }: { options.services.headscale.dir = lib.mkEnableOption "dir"; }',
}

FILE = "nixos/modules/services/networking/headscale.nix"
OFF = 'disabledModules = [ "services/networking/headscale.nix" ];'
DECLARES = '({ lib, ... }: { options.services.headscale.enable = lib.mkEnableOption "it"; })'

#: What the list of modules is, and whether Nix refuses the configuration.
SHAPES: dict[str, bool] = {
    # Headscale's own module is a function: it counts each time.
    "[ inputs.headscale.nixosModules.default ]": False,
    "[ inputs.headscale.nixosModules.default inputs.headscale.nixosModules.default ]": True,
    "let hs = inputs.headscale.nixosModules; in [ hs.default hs.headscale ]": True,
    "[ inputs.headscale.nixosModules.default { imports = [ inputs.headscale.nixosModules.default ]; } ]": True,
    "[ inputs.headscale.nixosModules.default ./again.nix ]": True,
    "[ ./again.nix ./again-too.nix ]": True,
    "[ ./again.nix ./again.nix ]": False,
    "[ ./again.nix ./through.nix ]": False,
    "[ ./through.nix { imports = [ ./again.nix ]; } ]": False,
    "let twice = [ inputs.headscale.nixosModules.default ]; in twice ++ twice": True,
    '[ { key = "k"; imports = [ inputs.headscale.nixosModules.default ]; } { key = "k"; imports = [ ]; } ]': False,
    '[ { key = "a"; imports = [ inputs.headscale.nixosModules.default ]; } { key = "b"; imports = [ inputs.headscale.nixosModules.default ]; } ]': True,
    "[ ./keyed.nix (import ./keyed.nix) (import ./keyed.nix) ]": False,
    '[ { _file = "x"; imports = [ inputs.headscale.nixosModules.default ]; } { _file = "x"; imports = [ inputs.headscale.nixosModules.default ]; } ]': True,
    # Its file, by path and imported.
    '[ inputs.headscale.nixosModules.default "${inputs.headscale}/nix/module.nix" ]': True,
    '[ "${inputs.headscale}/nix/module.nix" (inputs.headscale + "/nix/module.nix") ]': False,
    '[ (import "${inputs.headscale}/nix/module.nix") ]': False,
    '[ (import "${inputs.headscale}/nix/module.nix") (import "${inputs.headscale}/nix/module.nix") ]': True,
    '[ (import "${inputs.headscale}/nix/module.nix") "${inputs.headscale}/nix/module.nix" ]': True,
    # The module of another nixpkgs, beside that of the one in use.
    f'[ "${{inputs.unstable}}/{FILE}" ]': True,
    f'[ (inputs.unstable + "/{FILE}") ]': True,
    f'[ (inputs.unstable.outPath + "/{FILE}") ]': True,
    f'[ "${{inputs.unstable.outPath}}/{FILE}" ]': True,
    f'[ (toString inputs.unstable + "/{FILE}") ]': True,
    f'[ (builtins.unsafeDiscardStringContext "${{inputs.unstable}}/{FILE}") ]': True,
    f'[ (import "${{inputs.unstable}}/{FILE}") ]': True,
    f'[ ({{ inputs, ... }}: {{ imports = [ "${{inputs.unstable}}/{FILE}" ]; }}) ]': True,
    f'let path = "${{inputs.unstable}}/{FILE}"; in [ {{ imports = [ path ]; }} ]': True,
    'map (p: "${inputs.unstable}/nixos/modules/" + p) [ "services/networking/headscale.nix" ]': True,
    f'[ "${{inputs.unstable}}/{FILE}" {{ {OFF} }} ]': False,
    f'[ "${{inputs.unstable}}/{FILE}" "${{inputs.unstable}}/{FILE}" {{ {OFF} }} ]': False,
    f'[ (import "${{inputs.unstable}}/{FILE}") {{ {OFF} }} ]': False,
    f'[ (import "${{inputs.unstable}}/{FILE}") "${{inputs.unstable}}/{FILE}" {{ {OFF} }} ]': True,
    f'[ "${{inputs.unstable}}/{FILE}" {{ disabledModules = [ "${{inputs.unstable}}/{FILE}" ]; }} ]': False,
    f'[ "${{inputs.unstable}}/{FILE}" {{ disabledModules = [ "${{inputs.nixpkgs}}/{FILE}" ]; }} ]': False,
    f'[ "${{inputs.unstable}}/{FILE}" ({{ modulesPath, ... }}: {{ disabledModules = [ "${{modulesPath}}/services/networking/headscale.nix" ]; }}) ]': False,
    f'[ "${{inputs.unstable}}/{FILE}" {{ disabledModules = [ "services/networking/./headscale.nix" ]; }} ]': True,
    f'[ inputs.headscale.nixosModules.default "${{inputs.unstable}}/{FILE}" ]': True,
    # That of the nixpkgs in use.
    f'[ "${{inputs.nixpkgs}}/{FILE}" ]': False,
    f'[ (import "${{inputs.nixpkgs}}/{FILE}") ]': True,
    f'[ (import "${{inputs.nixpkgs}}/{FILE}") {{ {OFF} }} ]': False,
    '[ ({ modulesPath, ... }: { imports = [ (modulesPath + "/services/networking/headscale.nix") ]; }) ]': False,
    '[ ({ modulesPath, ... }: { imports = [ (import (modulesPath + "/services/networking/headscale.nix")) ]; }) ]': True,
    # A module of one's own.
    "[ ./own.nix ]": True,
    f"[ {DECLARES} ]": True,
    f"[ {DECLARES} {{ {OFF} }} ]": False,
    f"[ ./own.nix {{ {OFF} }} ]": False,
    f'[ ./own.nix "${{self}}/own.nix" {{ {OFF} }} ]': False,
    f'[ ./own.nix (self + "/own.nix") (self.outPath + "/own.nix") (toString ./own.nix) {{ {OFF} }} ]': False,
    f"[ ./own.nix (import ./own.nix) {{ {OFF} }} ]": True,
    f'[ ./own.nix "${{self}}/./own.nix" {{ {OFF} }} ]': True,
    f'[ ./own.nix {{ {OFF} }} {{ disabledModules = [ ./own.nix ]; }} {{ options.services.headscale.enable = inputs.nixpkgs.lib.mkEnableOption "it"; }} ]': False,
    f'[ ./own.nix {{ {OFF} }} {{ disabledModules = [ "${{self}}/own.nix" ]; }} {DECLARES} ]': False,
    '[ { key = "mine"; options.services.headscale.more = inputs.nixpkgs.lib.mkEnableOption "m"; } { disabledModules = [ { key = "mine"; } ]; } ./more.nix ]': False,
    "[ ./more.nix ]": False,
    "[ ./more.nix (import ./more.nix) ]": True,
    "[ ./dir ./dir/default.nix ]": True,
    '[ ./dir (./. + "/dir") ]': False,
    # What Nix cannot disable.
    "[ { disabledModules = [ inputs.headscale.nixosModules.default ]; } ]": True,
    "[ { disabledModules = [ { options = { }; } ]; } ]": True,
    '[ { disabledModules = [ "not/there.nix" ]; } ]': False,
}  # fmt: skip

STUB = """{ lib, ... }: {
  DISABLED
  options.services.headscale.enable = lib.mkEnableOption "it";
}
"""


def write(directory: Path, shape: str, files: dict[str, str] = FILES) -> Path:
    for name, text in {**files, "shape.nix": f"{{ inputs, self }}: {shape}"}.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return directory


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_modules_are_refused_as_by_nix(shape: str, tmp_path: Path) -> None:
    """Declared twice, or not disabled: the configuration is refused exactly where the table says."""
    inspection = with_deep_stack(open_project, [str(write(tmp_path, shape))], Options())
    host = next(host for host in inspection.hosts if host.name == "h")
    assert not host.unresolved_imports
    refused = with_deep_stack(lambda: [failure.kind for failure in host.all_failures])
    assert (Kind.DECLARED_TWICE in refused or Kind.ERROR in refused) is SHAPES[shape], refused


@pytest.mark.parametrize("shape", SHAPES)
def test_the_table_is_what_real_nix_says(shape: str, tmp_path: Path, nix: RealNix) -> None:
    """With HSLINT_NIXPKGS_LIB (the lib directory of nixpkgs), on modules that declare one option."""
    lib = source("HSLINT_NIXPKGS_LIB")
    project = write(tmp_path / "project", shape)
    for tree in ("nixpkgs", "unstable"):
        module = tmp_path / tree / FILE
        module.parent.mkdir(parents=True)
        module.write_text(STUB.replace("DISABLED", ""))
    module = tmp_path / "headscale/nix/module.nix"
    module.parent.mkdir(parents=True)
    module.write_text(STUB.replace("DISABLED", OFF))
    expression = f"""
      let
        lib = import {lib};
        function = import {tmp_path}/headscale/nix/module.nix;
        inputs = {{
          nixpkgs = {{ outPath = "{tmp_path}/nixpkgs"; inherit lib; }};
          unstable.outPath = "{tmp_path}/unstable";
          headscale = {{ outPath = "{tmp_path}/headscale"; nixosModules = rec {{ headscale = function; default = headscale; }}; }};
        }};
        modules = import {project}/shape.nix {{ inherit inputs; self.outPath = "{project}"; }};
        made = lib.evalModules {{
          modules = [ "{tmp_path}/nixpkgs/{FILE}" ] ++ modules;
          specialArgs = {{ inherit inputs; modulesPath = "{tmp_path}/nixpkgs/nixos/modules"; }};
        }};
      in builtins.deepSeq made.config (builtins.attrNames made.options.services.headscale)"""
    try:
        nix.json(expression)
        refused = False
    except NixRefused:
        refused = True
    assert refused is SHAPES[shape]
