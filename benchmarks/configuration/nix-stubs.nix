# The same configuration for real Nix: `libFolder` is the lib folder of nixpkgs, everything around the user's modules accepted as it is.
{ libFolder }:
let
  lib = import libFolder;
  anything = lib.mkOption {
    type = lib.types.submodule { freeformType = lib.types.lazyAttrsOf lib.types.anything; };
    default = { };
  };
in
lib.evalModules {
  modules = [
    ./main.nix
    (
      { lib, ... }:
      {
        options = lib.genAttrs [ "networking" ] (_: anything) // {
          services.nginx = anything;
          services.headscale = {
            enable = lib.mkEnableOption "Headscale";
            address = lib.mkOption { type = lib.types.str; };
            port = lib.mkOption { type = lib.types.port; };
            settings = anything;
          };
        };
      }
    )
  ];
}
