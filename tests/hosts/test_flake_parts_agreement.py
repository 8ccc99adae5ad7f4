"""The model of flake-parts and flake-parts itself, evaluated by real Nix, give the same outputs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from real_nix import NixRefused, RealNix
from sources import source

from hslint.hosts.flake import Flake
from hslint.hosts.lock import read_lock
from hslint.hosts.release import Wanted
from hslint.hosts.surroundings import Surroundings
from hslint.source import Project
from hslint.syntax.parse import parse
from hslint.values.budget import with_deep_stack
from hslint.values.evaluate import NixEvaluator
from hslint.values.value import Failure, String

REFUSED = "refused"

FLAKE = """{
  inputs.flake-parts.url = "github:hercules-ci/flake-parts";
  inputs.nixpkgs.url = "path:./packages";
  inputs.other.url = "path:./other";
  outputs = inputs:
    let flake = inputs.flake-parts.lib.mkFlake { inherit inputs; } (import ./top.nix inputs); in
    flake // { asked = builtins.toJSON (flake.result or null); };
}
"""

#: What stands for nixpkgs: packages tell which they are, and can be extended.
PACKAGES = """{
  outputs = _: {
    legacyPackages = builtins.listToAttrs (map (system: {
      name = system;
      value = let make = more: { inherit system; stdenv.hostPlatform.system = system; hello = "hello for ${system}"; } // more // {
        extend = overlay: let final = make (overlay final (make more)); in final;
      }; in make { };
    }) [ "x86_64-linux" "aarch64-linux" ]);
  };
}
"""
OTHER = """{
  outputs = _: {
    packages.x86_64-linux.default = "other";
    legacyPackages.x86_64-linux.deep = "legacy";
    nixosModules.default = { };
    flakeModule = { lib, ... }: { options.extra = lib.mkOption { type = lib.types.str; default = "extra"; }; };
  };
}
"""

#: A NixOS without NixOS: who asks for the class and the text option of the modules below.
SYSTEM = """(modules: (lib.evalModules {
  class = "nixos";
  modules = modules ++ [ { options.said = lib.mkOption { type = lib.types.lines; default = ""; };
    options.many = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };
    options.package = lib.mkOption { type = lib.types.raw; default = null; };
    config._module.args.pkgs = { stdenv.hostPlatform.system = "aarch64-linux"; }; } ];
}).config)"""

#: What the top-level module of a flake says, by what it shows; `SYSTEM` makes a configuration of modules.
SHAPES = {
    "two definitions of one NixOS module are one module": """{ lib, self, ... }: {
      imports = [ { flake.nixosModules.h = { said = "a"; }; } { flake.nixosModules.h = { ... }: { many = [ "b" ]; }; } ];
      flake.result = { inherit (SYSTEM [ self.nixosModules.h ]) said many; }; }""",
    "a NixOS module of a flake has no identity": """{ lib, self, ... }: {
      flake.nixosModules.h.many = [ "a" ];
      flake.result = (SYSTEM [ self.nixosModules.h self.nixosModules.h ]).many; }""",
    "a NixOS module is of its class": """{ lib, self, ... }: {
      flake.nixosModules.h.many = [ "a" ];
      flake.result = (lib.evalModules { class = "darwin"; modules = [ self.nixosModules.h { options.many = lib.mkOption { }; } ]; }).config.many; }""",
    "an output without an option is defined once": """{ lib, ... }: {
      imports = [ { flake.result.a = 1; } { flake.result.b = 2; } ]; }""",
    "an output without an option may be anything": "{ flake.result = { a = [ 1 ]; b.c = null; }; }",
    "modules by class need a flake module": """{ lib, self, ... }: {
      imports = [ { flake.modules.nixos.a.said = "a"; } { flake.modules.nixos.b.said = "b"; } ];
      flake.result = (SYSTEM (builtins.attrValues self.modules.nixos)).said; }""",
    "modules by class": """{ lib, self, inputs, ... }: {
      imports = [ inputs.flake-parts.flakeModules.modules { flake.modules.nixos.a.said = "a"; } { flake.modules.nixos.a = { ... }: { said = "b"; }; flake.modules.nixos.b.said = "c"; } ];
      flake.result = (SYSTEM [ self.modules.nixos.a self.modules.nixos.b ]).said; }""",
    "a module of another class is refused": """{ lib, self, inputs, ... }: {
      imports = [ inputs.flake-parts.flakeModules.modules { flake.modules.homeManager.a.said = "a"; } ];
      flake.result = (SYSTEM [ self.modules.homeManager.a ]).said; }""",
    "generic modules have no class": """{ lib, self, inputs, config, ... }: {
      imports = [ inputs.flake-parts.flakeModules.modules { flake.modules.generic.a.said = "a"; } ];
      flake.result = (SYSTEM [ config.flake.modules.generic.a ]).said; }""",
    "modules that a module imports by name": """{ lib, self, inputs, config, ... }: {
      imports = [ inputs.flake-parts.flakeModules.modules { flake.modules.nixos.a.said = "a"; } ];
      flake.modules.nixos.b = { imports = [ config.flake.modules.nixos.a ]; said = "b"; };
      flake.result = (SYSTEM [ config.flake.modules.nixos.b ]).said; }""",
    "outputs of systems": """{ config, self, ... }: {
      systems = [ "x86_64-linux" "aarch64-linux" ];
      perSystem = { system, pkgs, ... }: { legacyPackages.a = "${system}: ${pkgs.hello}"; };
      flake.result = { own = self.legacyPackages; names = builtins.attrNames config.flake; all = builtins.attrNames config.allSystems; }; }""",
    "systems come from several modules": """{ self, ... }: {
      imports = [ { systems = [ "x86_64-linux" ]; } { systems = [ "aarch64-linux" ]; } ];
      perSystem.legacyPackages.a = 1;
      flake.result = self.legacyPackages; }""",
    "perSystem is one module of many": """{ self, ... }: {
      systems = [ "x86_64-linux" ];
      imports = [ { perSystem = { config, ... }: { legacyPackages.a = config.legacyPackages.b + 1; }; } { perSystem = { system, ... }: { legacyPackages = { b = 2; inherit system; }; }; } ];
      flake.result = self.legacyPackages; }""",
    "an undeclared output of a system": '{ self, ... }: { systems = [ "x86_64-linux" ]; perSystem.wrong = 1; flake.result = self.packages; }',
    "an output of systems ad hoc": """{ self, ... }: { systems = [ "x86_64-linux" ]; transposition.hosts.adHoc = true;
      perSystem.hosts = 1; flake.result = self.hosts; }""",
    "an option of perSystem": """{ self, flake-parts-lib, lib, getSystem, ... }: { systems = [ "x86_64-linux" ];
      options.perSystem = flake-parts-lib.mkPerSystemOption ({ config, ... }: { options.mine = lib.mkOption { type = lib.types.str; }; config.legacyPackages.a = config.mine; });
      config.systems = [ "x86_64-linux" ]; config.perSystem.mine = "m"; config.flake.result = { all = self.legacyPackages; own = (getSystem "x86_64-linux").mine; }; }""".replace(
        'systems = [ "x86_64-linux" ];\n      options', "\n      options"
    ),
    "withSystem": """{ withSystem, ... }: { systems = [ "x86_64-linux" ]; perSystem.legacyPackages.a = 1;
      flake.result = withSystem "x86_64-linux" ({ system, config, pkgs, self', inputs', ... }: {
        inherit system; inherit (config) legacyPackages; inherit (pkgs) hello; own = self'.legacyPackages; other = inputs'.other.packages.default; deep = inputs'.other.legacyPackages; }); }""",
    "a system that is not listed": """{ withSystem, getSystem, ... }: { systems = [ "x86_64-linux" ]; perSystem = { system, ... }: { legacyPackages.a = system; };
      flake.result = [ (withSystem "aarch64-linux" ({ config, ... }: config.legacyPackages.a)) (getSystem "riscv64-linux").legacyPackages.a ]; }""",
    "what an input does not have": """{ withSystem, ... }: { systems = [ "x86_64-linux" ];
      flake.result = withSystem "aarch64-linux" ({ inputs', ... }: inputs'.other.packages.default); }""",
    "an output of an input that has no option": """{ withSystem, ... }: { systems = [ "x86_64-linux" ];
      flake.result = withSystem "x86_64-linux" ({ inputs', ... }: inputs'.other ? nixosModules); }""",
    "all arguments of a system's modules": """{ getSystem, ... }: { systems = [ "x86_64-linux" ]; perSystem._module.args.mine = 7;
      flake.result = let all = (getSystem "x86_64-linux").allModuleArgs; in { inherit (all) mine system; inherit (all.pkgs) hello; known = builtins.filter (n: all ? ${n}) [ "config" "options" "pkgs" "self'" "inputs'" "system" "lib" "nothing" ]; }; }""",
    "packages of one's own": """{ inputs, withSystem, ... }: { systems = [ "x86_64-linux" ];
      perSystem = { system, ... }: { _module.args.pkgs = inputs.nixpkgs.legacyPackages.${system}.extend (final: prev: { hello = "my ${prev.hello}"; }); };
      flake.result = withSystem "x86_64-linux" ({ pkgs, ... }: pkgs.hello); }""",
    "moduleWithSystem": """{ moduleWithSystem, lib, ... }: { systems = [ "x86_64-linux" "aarch64-linux" ]; perSystem = { system, ... }: { legacyPackages.a = system; };
      flake.result = (SYSTEM [ (moduleWithSystem ({ config }: { ... }: { said = config.legacyPackages.a; })) ]).said; }""",
    "overlays are functions of two": """{ self, inputs, ... }: { flake.overlays.default = final: prev: { hello = "my ${prev.hello}"; };
      flake.result = (inputs.nixpkgs.legacyPackages.x86_64-linux.extend self.overlays.default).hello; }""",
    "an overlay is defined once": """{ self, ... }: { imports = [ { flake.overlays.a = final: prev: { }; } { flake.overlays.a = final: prev: { }; } ];
      flake.result = self.overlays.a { } { }; }""",
    "easyOverlay": """{ inputs, self, ... }: { imports = [ inputs.flake-parts.flakeModules.easyOverlay ]; systems = [ "x86_64-linux" ];
      perSystem = { pkgs, final, ... }: { overlayAttrs.mine = "mine with ${pkgs.hello}"; legacyPackages.a = final.mine; };
      flake.result = { inherit (inputs.nixpkgs.legacyPackages.x86_64-linux.extend self.overlays.default) mine; all = self.legacyPackages; }; }""",
    "flakeModules": """{ inputs, self, lib, config, ... }: { imports = [ inputs.flake-parts.flakeModules.flakeModules ];
      flake.flakeModules.default = { systems = [ "x86_64-linux" ]; };
      flake.result = { names = builtins.attrNames self.flakeModules.default; class = self.flakeModule._class; }; }""",
    "an imported flake module": """{ inputs, config, ... }: { imports = [ inputs.other.flakeModule ]; flake.result = config.extra; }""",
    "importApply keeps the place": """{ flake-parts-lib, config, ... }: { imports = [ (flake-parts-lib.importApply ./applied.nix { said = "x"; }) ]; }""",
    "importAndPublish": """{ flake-parts-lib, self, ... }: { imports = [ (flake-parts-lib.importAndPublish "mine" { systems = [ "x86_64-linux" ]; }) ];
      flake.result = [ (builtins.attrNames self.modules.flake) (builtins.attrNames self.packages) ]; }""",
    "partitions": """{ inputs, self, ... }: { imports = [ inputs.flake-parts.flakeModules.partitions ]; systems = [ "x86_64-linux" ];
      perSystem.legacyPackages.a = 1;
      partitionedAttrs.result = "dev";
      partitions.dev.extraInputs.mine = { mine = 5; };
      partitions.dev.module = { inputs, ... }: { perSystem.legacyPackages.b = 2; flake.result = { names = builtins.attrNames inputs; mine = inputs.mine.mine; }; }; }""",
    "a partition sees the whole flake": """{ inputs, config, ... }: { imports = [ inputs.flake-parts.flakeModules.partitions ]; systems = [ "x86_64-linux" ];
      perSystem.legacyPackages.a = 1;
      partitions.dev.module.perSystem.legacyPackages.b = 2;
      flake.result = { all = config.flake.legacyPackages; dev = config.partitions.dev.module.flake.legacyPackages; }; }""",
    "touchup": "{ inputs, ... }: { imports = [ inputs.flake-parts.flakeModules.touchup ]; flake.result = 1; }",
    "an option that nobody declares": "{ wrong = 1; flake.result = 1; }",
    "an option of the flake": """{ lib, ... }: { options.flake.result = lib.mkOption { type = lib.types.lazyAttrsOf lib.types.int; };
      imports = [ { flake.result.a = 1; } { flake.result.b = 2; } ]; }""",
    "configurations have one definition each": """{ self, ... }: {
      imports = [ { flake.nixosConfigurations.a = 1; } { flake.nixosConfigurations.b = 2; } ]; flake.result = self.nixosConfigurations; }""",
    "one configuration has one definition": """{ self, ... }: {
      imports = [ { flake.nixosConfigurations.a = { x = 1; }; } { flake.nixosConfigurations.a = { y = 2; }; } ]; flake.result = self.nixosConfigurations; }""",
    "modules are given their place": """{ self, moduleLocation, ... }: { flake.nixosModules.a = { }; flake.result = baseNameOf self.nixosModules.a._file; }""",
}


@pytest.fixture(scope="session")
def sources() -> tuple[Path, Path]:
    """flake-parts and nixpkgs' lib; tests that ask for them are left out where HSLINT_FLAKE_PARTS is not set."""
    return source("HSLINT_FLAKE_PARTS"), source("HSLINT_NIXPKGS_LIB")


def write(directory: Path, shape: str) -> None:
    (directory / "packages").mkdir()
    (directory / "other").mkdir()
    (directory / "flake.nix").write_text(FLAKE)
    (directory / "top.nix").write_text(f"inputs: {SHAPES[shape].replace('SYSTEM', SYSTEM)}")
    (directory / "packages/flake.nix").write_text(PACKAGES)
    (directory / "other/flake.nix").write_text(OTHER)
    (directory / "applied.nix").write_text("{ said }: { lib, ... }: { flake.result = said; }")


def modelled(directory: Path) -> object:
    def asked() -> object:
        project = Project(str(directory), {})
        nixos = Surroundings(NixEvaluator(project, parse), Wanted(None, None, None))
        flake = Flake(str(directory), read_lock(project, str(directory)), nixos)
        try:
            value = flake.output("asked")
        except Failure:
            return REFUSED
        assert isinstance(value, String) and value.known is not None, value
        return json.loads(value.known)

    return with_deep_stack(asked)


def real(nix: RealNix, directory: Path, parts: Path, lib: Path) -> object:
    expression = f"""
    let
      lib = import {lib};
      flake = directory: inputs: let
        outputs = (import (directory + "/flake.nix")).outputs (inputs // {{ inherit self; }});
        self = outputs // {{ _type = "flake"; outPath = toString directory; sourceInfo.outPath = toString directory; inputs = inputs // {{ inherit self; }}; inherit outputs; }};
      in self;
    in (flake {directory} {{
      flake-parts = flake {parts} {{ nixpkgs-lib = {{ inherit lib; }}; }};
      nixpkgs = flake {directory}/packages {{ }};
      other = flake {directory}/other {{ }};
    }}).asked"""
    try:
        return json.loads(str(nix.json(expression)))
    except NixRefused:
        return REFUSED


@pytest.mark.parametrize("shape", SHAPES)
def test_the_model_gives_what_flake_parts_gives(
    tmp_path: Path, nix: RealNix, sources: tuple[Path, Path], shape: str
) -> None:
    """Also where flake-parts refuses."""
    write(tmp_path, shape)
    assert modelled(tmp_path) == real(nix, tmp_path, *sources)
