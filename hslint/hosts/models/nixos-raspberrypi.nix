# nixos-raspberrypi: nixosSystem with modules for the Raspberry Pi before one's own.
{ open, nixpkgs }:
let
  own = nixpkgs;
  system = { modules, nixpkgs ? own, ... }@arguments:
    nixpkgs.lib.nixosSystem (builtins.removeAttrs arguments [ "nixpkgs" "trustCaches" ] // {
      modules = [ { nixpkgs.hostPlatform = "aarch64-linux"; } ] ++ modules;
    });
in
{
  lib = open // {
    nixosSystem = system;
    nixosSystemFull = system;
    nixosInstaller = system;
    inject-overlays = { };
    inject-overlays-global = { };
    int = open;
  };
}
