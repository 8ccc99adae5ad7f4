"""The models of frameworks and the frameworks themselves, evaluated by real Nix on stubs, give the same."""

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

#: Where the inputs come from, for hslint; real Nix gets what `real` makes of the sources.
URLS = {
    "blueprint": "github:numtide/blueprint",
    "den": "github:vic/den",
    "easy-hosts": "github:tgirlcloud/easy-hosts",
    "ez-configs": "github:ehllie/ez-configs",
    "flake-parts": "github:hercules-ci/flake-parts",
    "flake-utils": "github:numtide/flake-utils",
    "flake-utils-plus": "github:gytis-ivaskevicius/flake-utils-plus",
    "haumea": "github:nix-community/haumea",
    "home-manager": "github:nix-community/home-manager",
    "import-tree": "github:vic/import-tree",
    "nixos-unified": "github:srid/nixos-unified",
    "nixpkgs": "github:NixOS/nixpkgs/nixos-25.11",
}

#: What a configuration says: its name, and an option that the modules of the shapes declare and define.
SAID = "builtins.mapAttrs (_: host: { name = host.config.networking.hostName; said = host.config.said or null; })"
SAYS = "{ lib, ... }: { options.said = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; }; }"

TREE = {
    "tree/a.nix": '{ said = "a"; }',
    "tree/b/c.nix": "{ super, root, self, extra ? null }: { up = builtins.attrNames super; all = builtins.attrNames root; }",
    "tree/b/d/e.nix": "{ root, ... }: root.b.d.hidden.x or 0",
    "tree/b/d/_hidden.nix": "{ x = 1; }",
    "tree/b/d/__inner.nix": "{ y = 2; }",
    "tree/b/d/f.nix": "{ super }: super.inner.y",
    "tree/_root/g.nix": "{ }",
    "tree/default.nix": "{ z = 26; }",
    "tree/not.txt": "",
    "tree/dots.in.name.nix": "4",
}
RELATIVE = 'map (path: builtins.replaceStrings [ (toString ./.) ] [ "" ] (toString path))'

#: By framework and what of it: the value asked for, given the inputs, and files beside the flake.
SHAPES: dict[str, tuple[str, dict[str, str]]] = {
    "flake-utils: systems": ("with inputs.flake-utils.lib; { inherit allSystems defaultSystems system; }", {}),
    "flake-utils: eachSystem": (
        (
            'with inputs.flake-utils.lib; { some = eachSystem [ "a" "b" ] (s: { p = s; q.r = s; }); usual = eachDefaultSystem (s: { p = s; });'
            ' mapped = eachSystemMap [ "a" ] (s: s); each = eachDefaultSystemMap (s: 1); none = eachSystem [ ] (s: { p = s; }); }'
        ),
        {},
    ),
    "flake-utils: trees, filters and programs": (
        (
            'with inputs.flake-utils.lib; let p = name: more: { type = "derivation"; meta = { }; inherit name; outPath = "/x/${name}"; } // more; in {'
            ' flat = builtins.attrNames (flattenTree { a = p "a" { }; b = { recurseForDerivations = true; c = p "c" { }; d.e = p "e" { }; }; f = { g = p "g" { }; }; h = 1; });'
            ' kept = builtins.attrNames (filterPackages "x86_64-linux" { a = p "a" { }; b = p "b" { meta.broken = true; }; c = p "c" { meta.platforms = [ "aarch64-linux" ]; };'
            ' d = p "d" { meta.badPlatforms = [ "x86_64-linux" ]; }; });'
            ' app = mkApp { drv = p "a" { }; }; named = mkApp { drv = p "a" { pname = "b"; }; exePath = "/c"; }; }'
        ),
        {},
    ),
    "flake-utils: meld": (
        "inputs.flake-utils.lib.meld { x = 1; } [ ./one.nix ./two.nix ]",
        {"one.nix": "{ x }: { a.b = x; a.c = 1; l = [ 1 ]; }", "two.nix": "{ x }: { a.c = 2; a.d = x; l = [ 2 ]; }"},
    ),
    "import-tree: the files of a directory": (f"{RELATIVE} ((inputs.import-tree.withLib lib).leafs ./tree)", TREE),
    "import-tree: filters": (
        (
            f'{RELATIVE} (((inputs.import-tree.withLib lib).filter (lib.hasInfix "/d/")).leafs ./tree)'
            f' ++ {RELATIVE} ((((inputs.import-tree.withLib lib).match ".*/[ac]\\\\.nix").filterNot (lib.hasSuffix "c.nix")).leafs ./tree)'
        ),
        TREE,
    ),
    "import-tree: other files, several paths, and a function for each": (
        (
            f'{RELATIVE} (((inputs.import-tree.withLib lib).initFilter (lib.hasSuffix ".txt")).leafs ./tree)'
            f" ++ {RELATIVE} (((inputs.import-tree.withLib lib).addPath ./tree/b).addPath ./tree/a.nix).files"
            f" ++ ((inputs.import-tree.withLib lib).map baseNameOf).leafs [ ./tree/b [ ./tree/a.nix ] ]"
            f" ++ [ (((inputs.import-tree.withLib lib).pipeTo builtins.length) ./tree) ]"
        ),
        TREE,
    ),
    "import-tree: as a module": (
        "(lib.evalModules { modules = [ (inputs.import-tree ./modules) (inputs.import-tree.addPath ./more) ]; }).config",
        {
            "modules/a.nix": SAYS,
            "modules/b/c.nix": '{ said = [ "c" ]; }',
            "modules/_d.nix": '{ said = [ "d" ]; }',
            "more/e.nix": '{ said = [ "e" ]; }',
        },
    ),
    "haumea: a tree": ("inputs.haumea.lib.load { src = ./tree; }", TREE),
    "haumea: inputs": ("inputs.haumea.lib.load { src = ./tree; inputs = { extra = 1; }; }", TREE),
    "haumea: lifted defaults": (
        "inputs.haumea.lib.load { src = ./tree; transformer = [ inputs.haumea.lib.transformers.liftDefault (cursor: set: set // { at = cursor; }) ]; }",
        TREE,
    ),
    "haumea: loaders and matchers": (
        (
            "let h = inputs.haumea.lib; in { paths = builtins.attrNames (h.load { src = ./tree; loader = h.loaders.path; });"
            " verbatim = builtins.isFunction (h.load { src = ./tree; loader = h.loaders.verbatim; }).b.c;"
            ' texts = h.load { src = ./tree; loader = [ (h.matchers.extension "txt" (_: builtins.readFile)) ]; };'
            " always = builtins.attrNames (h.load { src = ./tree; loader = [ (h.matchers.always (_: baseNameOf)) ]; }); }"
        ),
        TREE,
    ),
    "haumea: hoisting": (
        (
            'with inputs.haumea.lib; { lists = load { src = ./parts; transformer = transformers.hoistLists "_imports" "imports"; };'
            ' sets = load { src = ./parts; transformer = transformers.hoistAttrs "_api" "options"; }; }'
        ),
        {
            "parts/a.nix": "{ _imports = [ 1 ]; _api.x = 1; own = 1; }",
            "parts/b/c.nix": "{ _imports = [ 2 ]; _api.y = 2; }",
            "parts/d.nix": "{ own = 4; }",
        },
    ),
    "easy-hosts: by hand and by directory": (
        (
            '(inputs.flake-parts.lib.mkFlake { inherit inputs; } { systems = [ "x86_64-linux" ]; imports = [ inputs.easy-hosts.flakeModule ];'
            ' easy-hosts = { autoConstruct = true; path = toString ./hosts; additionalClasses.rpi = "nixos"; shared.modules = [ ./says.nix ]; shared.specialArgs.s = "shared";'
            ' perClass = class: { modules = [ { said = [ "class ${class}" ]; } ]; }; perArch = arch: { modules = [ { said = [ arch ]; } ]; };'
            ' perTag = tag: { modules = [ { said = [ tag ]; } ]; }; hosts.one.tags = [ "t" ]; hosts.three = { arch = "aarch64"; specialArgs.s = "own"; }; }; })'
        ),
        {
            "says.nix": SAYS,
            "hosts/x86_64-nixos/one/default.nix": "{ s, ... }: { said = [ s ]; }",
            "hosts/aarch64-rpi/two/default.nix": "{ s, self', inputs', ... }: { said = [ \"two\" ]; }",
            "systems/three/default.nix": '{ s, ... }: { said = [ s ]; networking.hostName = "renamed"; }',
        },
    ),
    "ez-configs: configurations and modules": (
        (
            "(inputs.flake-parts.lib.mkFlake { inherit inputs; } { systems = [ ]; imports = [ inputs.ez-configs.flakeModule ];"
            ' ezConfigs = { root = toString ./.; globalArgs.g = "global"; earlyModuleArgs.e = "early"; nixos.hosts.two.importDefault = false; }; })'
        ),
        {
            "nixos-modules/default.nix": SAYS,
            "nixos-modules/extra.nix": "{ e, lib, ... }: { said = [ e ]; }",
            "nixos-configurations/one.nix": "{ ezModules, g, ... }: { imports = [ ezModules.extra ]; said = [ g ]; }",
            "nixos-configurations/two/default.nix": SAYS,
        },
    ),
    "blueprint: hosts, modules and their publisher": (
        '(inputs.blueprint { inherit inputs; systems = [ "x86_64-linux" ]; prefix = ./.; })',
        {
            "hosts/one/configuration.nix": "{ flake, inputs, hostName, ... }: { imports = [ ../../modules/nixos/says.nix ];"
            " said = [ hostName ]; networking.hostName = hostName; }",
            "hosts/two/default.nix": '{ flake, inputs, hostName }: { class = "nixos"; value = inputs.nixpkgs.lib.nixosSystem { modules = [ ../../modules/nixos/says.nix { networking.hostName = hostName; } ]; }; }',
            "modules/nixos/says.nix": SAYS,
        },
    ),
    "blueprint: modules": (
        "builtins.mapAttrs (_: module: builtins.typeOf module) (inputs.blueprint { inherit inputs; systems = [ ]; prefix = ./.; }).nixosModules",
        {
            "modules/nixos/a.nix": "{ config, ... }: { }",
            "modules/nixos/b.nix": "{ flake, inputs }: { config, ... }: { }",
            "modules/nixos/c/default.nix": "{ inputs, ... }: { }",
            "modules/nixos/d.nix": "{ }",
        },
    ),
    "nixos-unified: wired by directories": (
        (
            "(inputs.flake-parts.lib.mkFlake { inherit inputs; } { systems = [ ]; imports = [ inputs.nixos-unified.flakeModules.default"
            " inputs.nixos-unified.flakeModules.autoWire ]; })"
        ),
        {
            "configurations/nixos/one/default.nix": '{ flake, ... }: { imports = [ ../../../says.nix ]; said = [ (toString (flake.inputs ? nixpkgs)) ]; networking.hostName = "one"; }',
            "configurations/nixos/two.nix": '{ imports = [ ../../says.nix ]; networking.hostName = "two"; }',
            "says.nix": SAYS,
        },
    ),
    "den: aspects by context": (
        (
            "(inputs.flake-parts.lib.mkFlake { inherit inputs; } ({ den, ... }: { systems = [ ]; imports = [ inputs.den.flakeModule ];"
            ' den.hosts.x86_64-linux.one.users.ada = { }; den.hosts.aarch64-linux.two.hostName = "other";'
            " den.fxPipeline = false; den.default.nixos = ./says.nix;"
            ' den.aspects.one = { includes = [ den.aspects.shared ({ host, ... }: { nixos.said.context = host.name; }) ]; nixos.said.own = "own"; darwin.wrong = 1; nixos.networking.hostName = "one"; };'
            ' den.aspects.two = { nixos.networking.hostName = "two"; }; den.aspects.ada.nixos.said.user = "user";'
            ' den.aspects.shared.nixos.said.shared = "shared"; }))'
        ),
        {"says.nix": SAYS.replace("listOf lib.types.str; default = [ ]", "attrsOf lib.types.str; default = { }")},
    ),
    "flake-utils-plus: merging": (
        (
            "with inputs.flake-utils-plus.lib; { merged = mergeAny { a.b = 1; l = [ 1 ]; s = 1; } { a.c = 2; l = [ 2 ]; s = 2; n = 3; };"
            " names = builtins.attrNames (exportModules [ ./says.nix ]); }"
        ),
        {"says.nix": SAYS},
    ),
}


@pytest.fixture(scope="session")
def sources() -> tuple[Path, Path, Path]:
    """The frameworks by their names, flake-parts, and nixpkgs' lib."""
    return source("HSLINT_FRAMEWORKS"), source("HSLINT_FLAKE_PARTS"), source("HSLINT_NIXPKGS_LIB")


def write(directory: Path, shape: str) -> None:
    question, files = SHAPES[shape]
    inputs = "".join(f'inputs.{name}.url = "{url}"; ' for name, url in URLS.items())
    text = (
        f"{{ {inputs} outputs = inputs: let lib = inputs.nixpkgs.lib; made = {question}; hosts = made ? nixosConfigurations; in"
        f" (if hosts then made else {{ }}) // {{ asked = builtins.toJSON (if hosts then {SAID} made.nixosConfigurations else made); }}; }}"
    )
    for name, content in {**files, "flake.nix": text}.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def modelled(directory: Path) -> object:
    def asked() -> object:
        project = Project(str(directory), {})
        nixos = Surroundings(NixEvaluator(project, parse), Wanted(None, None, None))
        flake = Flake(str(directory), read_lock(project, str(directory)), nixos)
        nixos.inputs = flake.nixpkgs()
        try:
            value = flake.output("asked")
        except Failure as failure:
            return REFUSED, failure.message
        assert isinstance(value, String) and value.known is not None, value
        return json.loads(value.known)

    return with_deep_stack(asked)


#: What stands for NixOS, and for built-in functions that older versions of Nix do not have.
REAL = """
let
  lib = import %(lib)s // { inherit nixosSystem; };
  nixosSystem = { modules, specialArgs ? { }, ... }: lib.evalModules {
    class = "nixos";
    modules = modules ++ [ ({ lib, ... }: {
      options = lib.genAttrs [ "home-manager" "nix" "nixpkgs" "users" ] (_: lib.mkOption { type = lib.types.anything; default = { }; })
        // { networking.hostName = lib.mkOption { default = "nixos"; }; };
      config._module.args.pkgs = { };
    }) ];
    inherit specialArgs;
  };
  scope = { builtins = removeAttrs builtins [ "currentSystem" ] // { readFileType = path: if baseNameOf path == "" then "directory" else (builtins.readDir (dirOf path)).${baseNameOf path} or "unknown"; }; };
  call = file: builtins.scopedImport scope file;
  flake = directory: inputs: let
    outputs = (call (directory + "/flake.nix")).outputs (inputs // { inherit self; });
    self = outputs // { _type = "flake"; outPath = toString directory; sourceInfo.outPath = toString directory; inputs = inputs // { inherit self; }; inherit outputs; };
  in self;
  source = name: %(frameworks)s + "/${name}";
  inputs = rec {
    nixpkgs = { _type = "flake"; outPath = "/nowhere"; inherit lib; legacyPackages = lib.genAttrs lib.systems.flakeExposed (_: { }); inputs = { }; };
    nixpkgs-lib = { inherit lib; };
    home-manager = { _type = "flake"; outPath = "/nowhere"; nixosModules = { default = { }; home-manager = { }; }; };
    flake-parts = flake %(parts)s { inherit nixpkgs-lib; };
    flake-utils = flake (source "flake-utils") { systems = source "../systems"; } // { lib = call (source "flake-utils/lib.nix") { }; };
    flake-utils-plus = flake (source "flake-utils-plus") { inherit flake-utils; };
    import-tree = call (source "import-tree/default.nix");
    haumea.lib = import (source "haumea") { inherit lib; };
    easy-hosts = flake (source "easy-hosts") { };
    ez-configs = { flakeModule = call (source "ez-configs/flake-module.nix"); };
    blueprint = { lib = call (source "blueprint/lib/default.nix") { inputs = { inherit nixpkgs; }; }; __functor = self: self.lib; };
    nixos-unified = flake (source "nixos-unified") { };
    den = import (source "den/nix");
  };
in (flake %(directory)s inputs).asked
"""


def real(nix: RealNix, directory: Path, sources: tuple[Path, Path, Path]) -> object:
    frameworks, parts, lib = sources
    expression = REAL % {"lib": lib, "frameworks": frameworks, "parts": parts, "directory": directory}
    try:
        return json.loads(str(nix.json(expression)))
    except NixRefused as refused:
        return REFUSED, str(refused)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_model_gives_what_the_framework_gives(
    tmp_path: Path, nix: RealNix, sources: tuple[Path, Path, Path], shape: str
) -> None:
    """Systems, trees, and the configurations that come of hosts and their modules."""
    write(tmp_path, shape)
    assert modelled(tmp_path) == real(nix, tmp_path, sources)
