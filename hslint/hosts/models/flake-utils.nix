# The functions of flake-utils, by their documented behaviour. What it has and this lacks is unknown (`open`), never missing.
{ lib, open }:
let
  defaultSystems = [ "aarch64-linux" "aarch64-darwin" "x86_64-darwin" "x86_64-linux" ];

  # By operating system; in the order of the whole names, as flake-utils lists them.
  byKernel = {
    cygwin = [ "i686" "x86_64" ];
    darwin = [ "aarch64" "armv7a" "i686" "x86_64" ];
    freebsd13 = [ "i686" "x86_64" ];
    genode = [ "aarch64" "i686" "x86_64" ];
    ghcjs = [ "javascript" ];
    linux = [
      "aarch64" "armv5tel" "armv6l" "armv7a" "armv7l" "i686" "m68k" "microblaze" "microblazeel" "mips64el" "mipsel" "powerpc64"
      "powerpc64le" "riscv32" "riscv64" "s390" "s390x" "x86_64"
    ];
    mmixware = [ "mmix" ];
    netbsd = [ "aarch64" "armv6l" "armv7a" "armv7l" "i686" "m68k" "mipsel" "powerpc" "riscv32" "riscv64" "x86_64" ];
    none = [
      "aarch64" "aarch64_be" "arm" "armv6l" "avr" "i686" "m68k" "microblaze" "microblazeel" "msp430" "or1k" "powerpc" "powerpcle"
      "riscv32" "riscv64" "rx" "s390" "s390x" "vc4" "x86_64"
    ];
    openbsd = [ "i686" "x86_64" ];
    redox = [ "x86_64" ];
    solaris = [ "x86_64" ];
    wasi = [ "wasm32" "wasm64" ];
    windows = [ "i686" "x86_64" ];
  };
  allSystems = builtins.sort builtins.lessThan
    (lib.concatLists (lib.mapAttrsToList (kernel: map (processor: "${processor}-${kernel}")) byKernel));

  bySystem = system: outputs: builtins.mapAttrs (_: value: { ${system} = value; }) outputs;

  merge = one: other: builtins.foldl' (all: name: all // { ${name} = (all.${name} or { }) // other.${name}; }) one (builtins.attrNames other);

  eachSystem = systems: outputsFor: builtins.foldl' (all: system: merge all (bySystem system (outputsFor system))) { } systems;
  eachSystemMap = systems: valueFor: lib.genAttrs systems valueFor;
  eachSystemPassThrough = systems: outputsFor: builtins.foldl' (all: system: all // outputsFor system) { } systems;

  # Every derivation of a tree of sets that ask to be looked into, by its path.
  flattenTree = tree:
    let
      below = path: name: value:
        let here = path ++ [ name ]; in
        if !builtins.isAttrs value then { }
        else if lib.isDerivation value then { ${lib.concatStringsSep "/" here} = value; }
        else if value.recurseForDerivations or false then inside here value
        else { };
      inside = path: set: builtins.foldl' (all: name: all // below path name set.${name}) { } (builtins.attrNames set);
    in
    inside [ ] tree;

  isFor = system: package:
    lib.isDerivation package
    && !(package.meta.broken or false)
    && builtins.elem system (package.meta.platforms or allSystems)
    && !builtins.elem system (package.meta.badPlatforms or [ ]);

  loaded = given: if builtins.isPath given || builtins.isString given then import given else given;

  simpleFlake = { self, nixpkgs, name, config ? { }, overlay ? null, preOverlays ? [ ], shell ? null, systems ? defaultSystems }:
    eachSystem systems (system:
      let
        pkgs = import nixpkgs { inherit system config; overlays = preOverlays ++ lib.optional (overlay != null) (loaded overlay); };
        packages = pkgs.${name} or { };
      in
      { legacyPackages = packages; }
      // lib.optionalAttrs (packages ? defaultPackage) { inherit (packages) defaultPackage; }
      // lib.optionalAttrs (packages ? checks) { inherit (packages) checks; }
      // (if shell != null then { devShell = loaded shell { inherit pkgs; }; } else lib.optionalAttrs (packages ? devShell) { inherit (packages) devShell; }));
in
{
  lib = open // {
    inherit allSystems defaultSystems eachSystem eachSystemMap eachSystemPassThrough flattenTree simpleFlake;
    system = lib.genAttrs allSystems (system: system);
    eachDefaultSystem = eachSystem defaultSystems;
    eachDefaultSystemMap = eachSystemMap defaultSystems;
    eachDefaultSystemPassThrough = eachSystemPassThrough defaultSystems;
    filterPackages = system: lib.filterAttrs (_: isFor system);
    meld = inputs: builtins.foldl' (all: flake: lib.recursiveUpdate all (import flake inputs)) { };
    mkApp = { drv, name ? drv.pname or drv.name, exePath ? drv.passthru.exePath or "/bin/${name}" }: { type = "app"; program = "${drv}${exePath}"; };
  };
}
