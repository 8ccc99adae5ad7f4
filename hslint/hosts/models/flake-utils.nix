# The functions of flake-utils that flakes with NixOS configurations use, by their documented behaviour.
{ lib }:
let
  defaultSystems = [ "aarch64-darwin" "aarch64-linux" "x86_64-darwin" "x86_64-linux" ];

  bySystem = system: outputs: builtins.mapAttrs (_: value: { ${system} = value; }) outputs;

  merge = one: other: builtins.foldl' (all: name: all // { ${name} = (all.${name} or { }) // other.${name}; }) one (builtins.attrNames other);

  eachSystem = systems: outputsFor: builtins.foldl' (all: system: merge all (bySystem system (outputsFor system))) { } systems;
  eachSystemMap = systems: valueFor: lib.genAttrs systems valueFor;
  eachSystemPassThrough = systems: outputsFor: builtins.foldl' (all: system: all // outputsFor system) { } systems;
in
{
  inherit defaultSystems eachSystem eachSystemMap eachSystemPassThrough;
  allSystems = defaultSystems;
  system = lib.genAttrs defaultSystems (system: system);
  eachDefaultSystem = eachSystem defaultSystems;
  eachDefaultSystemMap = eachSystemMap defaultSystems;
  eachDefaultSystemPassThrough = eachSystemPassThrough defaultSystems;
  mkApp = { drv, name ? drv.pname or drv.name, exePath ? "/bin/${name}", ... }: { type = "app"; program = "${drv}${exePath}"; };
  flattenTree = tree: tree;
}
