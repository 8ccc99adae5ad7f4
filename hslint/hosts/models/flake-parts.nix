# How flake-parts makes a flake's outputs out of modules, as far as NixOS configurations depend on it.
{ lib, packagesFor }:
let
  # What `inputs'` and `self'` show: each output without its system.
  ofSystem = system: flake: builtins.mapAttrs (_: output: if builtins.isAttrs output && output ? ${system} then output.${system} else output) flake;

  any = lib.mkOption { type = lib.types.lazyAttrsOf lib.types.raw; default = { }; };
  perSystemOutputs = [ "packages" "checks" "devShells" "apps" "legacyPackages" ];
  flakeOutputs = [ "nixosModules" "nixosConfigurations" "overlays" ];

  evalFlakeModule = { inputs, self ? inputs.self, specialArgs ? { }, moduleLocation ? null }: module:
    lib.evalModules {
      class = "flake";
      specialArgs = { inherit self inputs lib moduleLocation; flake-parts-lib = library; } // specialArgs;
      modules = [
        module
        ({ config, ... }:
          let
            systemOf = system: (lib.evalModules {
              class = "perSystem";
              specialArgs = { inherit lib; flake-parts-lib = library; };
              modules = [
                config.perSystem
                {
                  freeformType = lib.types.lazyAttrsOf lib.types.anything;
                  options = lib.genAttrs perSystemOutputs (_: any);
                  config._module.args = {
                    inherit system;
                    pkgs = lib.mkOptionDefault (packagesFor system);
                    inputs' = builtins.mapAttrs (_: ofSystem system) inputs;
                    self' = ofSystem system self;
                  };
                }
              ];
            });
            forSystem = system: {
              inherit system;
              inherit (systemOf system) config options;
              pkgs = packagesFor system;
              inputs' = builtins.mapAttrs (_: ofSystem system) inputs;
              self' = ofSystem system self;
            };
          in
          {
            options = {
              systems = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };
              perSystem = lib.mkOption { type = lib.types.deferredModule; default = { }; };
              debug = lib.mkOption { type = lib.types.bool; default = false; };
              perInput = lib.mkOption { type = lib.types.raw; default = null; };
              transposition = any;
              partitions = lib.mkOption { type = lib.types.lazyAttrsOf lib.types.anything; default = { }; };
              partitionedAttrs = any;
              flake = lib.mkOption {
                type = lib.types.submodule {
                  # Other flake modules declare more outputs; whatever their types are, sets of several files come together.
                  freeformType = lib.types.lazyAttrsOf lib.types.anything;
                  options = lib.genAttrs flakeOutputs (_: any);
                };
              };
            };
            config = {
              _module.args = {
                withSystem = system: function: function (forSystem system);
                getSystem = system: (systemOf system).config;
                moduleWithSystem = function: { pkgs, ... }: { imports = [ (function (forSystem pkgs.system)) ]; };
              };
              flake = lib.genAttrs perSystemOutputs (output: lib.genAttrs config.systems (system: (systemOf system).config.${output}));
            };
          })
      ];
    };

  library = {
    inherit evalFlakeModule;
    mkFlake = arguments: module: (evalFlakeModule arguments module).config.flake;
    mkPerSystemOption = module: lib.mkOption { type = library.mkPerSystemType module; };
    mkPerSystemType = module: lib.types.deferredModuleWith { staticModules = [ module ]; };
    mkSubmoduleOptions = options: lib.mkOption { type = lib.types.submodule { inherit options; }; };
    importApply = file: arguments: import file arguments;
  };

  # What flake-parts brings along for those who import it.
  flakeModules = {
    modules = {
      options.flake = library.mkSubmoduleOptions {
        modules = lib.mkOption { type = lib.types.lazyAttrsOf (lib.types.lazyAttrsOf lib.types.deferredModule); default = { }; };
      };
    };
    flakeModules = {
      options.flake = library.mkSubmoduleOptions {
        flakeModules = lib.mkOption { type = lib.types.lazyAttrsOf lib.types.deferredModule; default = { }; };
      };
    };
    easyOverlay = { };
    partitions = { };
    bundlers = { };
    touchup = { };
  };
in
{
  inherit flakeModules;
  lib = library;
}
