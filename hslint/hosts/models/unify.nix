# unify: hosts made of modules that hold the parts of several classes (`nixos`, `home`). Its source was not read: every host stays open.
{ lib, open }:
let
  inherit (lib) mkOption types;
  module = mkOption { type = types.deferredModule; default = { }; };
  parts = types.submodule {
    freeformType = types.lazyAttrsOf types.deferredModule;
    options.nixos = module;
    options.home = module;
  };

  flakeModule = { config, inputs, ... }:
    let
      all = config.unify;
      made = name: host: inputs.nixpkgs.lib.nixosSystem {
        modules = [ all.nixos host.nixos { networking.hostName = lib.mkDefault name; } ] ++ map (part: part.nixos or { }) host.modules ++ [ open ];
        specialArgs = open // { inherit inputs; hostConfig = host; } // host.args or { };
      };
    in
    {
      options.unify = mkOption {
        type = types.submodule {
          freeformType = types.lazyAttrsOf types.raw;
          options = {
            nixos = module;
            home = module;
            options = mkOption { type = types.raw; default = { }; };
            modules = mkOption { type = types.lazyAttrsOf parts; default = { }; };
            hosts.nixos = mkOption {
              type = types.lazyAttrsOf (types.submodule ({ name, ... }: {
                freeformType = types.lazyAttrsOf types.anything;
                options = {
                  name = mkOption { type = types.str; default = name; };
                  nixos = module;
                  home = module;
                  modules = mkOption { type = types.listOf types.raw; default = [ ]; };
                  users = mkOption { type = types.raw; default = { }; };
                  args = mkOption { type = types.lazyAttrsOf types.raw; default = { }; };
                };
              }));
              default = { };
            };
          };
        };
        default = { };
      };
      config.flake.nixosConfigurations = builtins.mapAttrs made all.hosts.nixos;
    };
in
{
  inherit flakeModule;
  flakeModules.default = flakeModule;
}
