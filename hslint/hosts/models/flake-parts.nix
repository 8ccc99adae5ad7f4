# How flake-parts makes a flake's outputs out of modules. What it has and this lacks is unknown (`open`), never missing.
#
# unseen     [ ] where every module of an evaluation was read (it is asked with a module's arguments), else one set that is open
# memoized   a function of a string that is computed once for each string
# inputsOf   the inputs of a flake inside the project
{ lib, open, unseen, memoized, inputsOf }:
let
  inherit (lib) mkOption types;
  rawSets = types.lazyAttrsOf types.raw;
  packageSets = types.lazyAttrsOf types.package;

  # The outputs that every system has its own of, and what perSystem calls them.
  systemOutputs = {
    packages = packageSets;
    checks = packageSets;
    devShells = packageSets;
    apps = types.lazyAttrsOf (types.submodule {
      freeformType = rawSets;
      options.type = mkOption { type = types.enum [ "app" ]; default = "app"; };
      options.program = mkOption { type = types.coercedTo types.package lib.getExe types.str; };
    });
    legacyPackages = rawSets;
  };

  # An output that is declared for one system and given for all.
  transposed = name: option: {
    options.flake.${name} = mkOption { type = types.lazyAttrsOf option.type; default = { }; };
    options.perSystem = library.mkPerSystemOption { options.${name} = option; };
    config.transposition.${name} = { };
  };

  optional = type: mkOption { inherit type; default = { }; };

  # An output where not every module was read: one of them may say how several definitions come together.
  output = types.mkOptionType {
    name = "output";
    check = _: true;
    merge = place: definitions: if builtins.length definitions == 1 then (builtins.head definitions).value else types.anything.merge place definitions;
  };

  perSystemArguments = { config, options, specialArgs, ... }: {
    options.allModuleArgs = mkOption { type = rawSets; readOnly = true; };
    options.debug = mkOption { type = types.raw; default = open; };
    options.formatter = mkOption { type = types.nullOr types.package; default = null; };
    config.allModuleArgs = config._module.args // specialArgs // { inherit config options; };
  };

  outputs = { moduleLocation, ... }: {
    options.flake = {
      formatter = optional (types.lazyAttrsOf (types.nullOr types.package));
      nixosConfigurations = optional rawSets;
      nixosModules = mkOption {
        type = types.lazyAttrsOf types.deferredModule;
        default = { };
        apply = builtins.mapAttrs (name: module: {
          _class = "nixos";
          _file = "${toString moduleLocation}#nixosModules.${name}";
          imports = [ module ];
        });
      };
      overlays = mkOption {
        type = types.lazyAttrsOf (types.uniq (types.functionTo (types.functionTo (types.lazyAttrsOf types.unspecified))));
        default = { };
        apply = builtins.mapAttrs (_: overlay: final: prev: overlay final prev);
      };
    };
  };

  core = arguments@{ config, self, withSystem, ... }:
    let
      computed = memoized (system: (lib.evalModules {
        modules = [ config.perSystem ] ++ unseen arguments ++ config.flakeModulesNotRead;
        prefix = [ "perSystem" system ];
        specialArgs = { inherit system; };
        class = "perSystem";
      }).config);
      complete = unseen arguments == [ ] && config.flakeModulesNotRead == [ ];
    in
    {
      imports = [ outputs ] ++ lib.mapAttrsToList (name: type: transposed name (optional type)) systemOutputs;
      options = {
        systems = mkOption { type = types.listOf types.str; };
        allSystems = mkOption { type = types.lazyAttrsOf types.unspecified; };
        perSystem = library.mkPerSystemOption ({ system, ... }: {
          imports = [ perSystemArguments ];
          _module.args = {
            inputs' = builtins.mapAttrs (_: input: config.perInput system input) self.inputs;
            self' = config.perInput system self;
            pkgs = lib.mkOptionDefault (self.inputs.nixpkgs or open).legacyPackages.${system};
          };
        });
        perInput = mkOption { type = types.functionTo (types.functionTo (types.lazyAttrsOf types.unspecified)); };
        transposition = mkOption {
          type = types.lazyAttrsOf (types.submodule { options.adHoc = mkOption { type = types.bool; default = false; }; });
        };
        debug = mkOption { type = types.bool; default = false; };
        flakeModulesNotRead = mkOption { type = types.listOf types.raw; default = [ ]; internal = true; };
        processedFlake = mkOption { type = types.raw; };
        flake = mkOption {
          type = types.submoduleWith {
            modules = [
              {
                freeformType = types.lazyAttrsOf (if complete then types.unique { message = "No option has been declared for this flake output attribute."; } types.raw else output);
                options = lib.optionalAttrs (!complete) { modules = mkOption { type = types.lazyAttrsOf (types.lazyAttrsOf types.deferredModule); default = { }; }; };
              }
            ];
          };
        };
      };
      config = {
        processedFlake = lib.mkDefault config.flake;
        allSystems = lib.genAttrs config.systems computed;
        flake = lib.mkMerge ([
          (builtins.mapAttrs (output: _: builtins.mapAttrs (_: of: of.${output}) config.allSystems) config.transposition)
          { formatter = lib.filterAttrs (_: formatter: formatter != null) (builtins.mapAttrs (_: of: of.formatter) config.allSystems); }
        ] ++ map (rest: { imports = [ rest ]; nixosConfigurations = rest; }) (unseen arguments));
        perInput = system: flake:
          builtins.mapAttrs (output: _: flake.${output}.${system} or (throw "the flake has no ${output} for ${system}")) config.transposition
          // { formatter = flake.formatter.${system}; };
        perSystem.options = builtins.mapAttrs (_: _: mkOption { }) (lib.filterAttrs (_: of: of.adHoc) config.transposition);
        _module.args = {
          getSystem = computed;
          getSystemIgnoreWarning = computed;
          withSystem = system: function: function (computed system).allModuleArgs;
          moduleWithSystem = module: { config, ... }:
            let
              of = config._module.args;
              arguments = withSystem (of.system or of.pkgs.stdenv.hostPlatform.system) lib.id;
            in
            { imports = [ (module (builtins.mapAttrs (name: _: arguments.${name}) (builtins.functionArgs module))) ]; };
        };
      };
    };

  evalFlakeModule = arguments@{ inputs ? self.inputs, self ? inputs.self, specialArgs ? { }, moduleLocation ? self.outPath + "/flake.nix" }: module:
    lib.evalModules {
      class = "flake";
      specialArgs = { inherit lib self inputs moduleLocation; flake-parts-lib = library; } // specialArgs;
      modules = [ core (lib.setDefaultModuleLocation (toString moduleLocation) module) ];
    };

  perSystemType = module: types.deferredModuleWith { staticModules = [ module ]; };
  perSystemOption = module: mkOption { type = perSystemType module; };

  library = open // {
    inherit evalFlakeModule;
    mkFlake = arguments: module: (evalFlakeModule arguments module).config.processedFlake;
    defaultModule = given: if given ? flakeModules && given ? outputs then given.flakeModules.default or given else given;
    deferredModuleWith = types.deferredModuleWith;
    mkPerSystemType = perSystemType;
    mkDeferredModuleType = perSystemType;
    mkPerSystemOption = perSystemOption;
    mkDeferredModuleOption = perSystemOption;
    mkSubmoduleOptions = options: mkOption { type = types.submoduleWith { modules = [ { inherit options; } ]; }; };
    mkTransposedPerSystemModule = { name, option, file }: { _file = file; } // transposed name option;
    mkAliasOptionModule = lib.mkAliasOptionModule;
    attrsWith = types.attrsWith;
    memoizeStr = memoized;
    importApply = file: arguments: lib.setDefaultModuleLocation file (import file arguments);
    importAndPublish = name: module: {
      imports = [ module flakeModules.modules ];
      flake.modules.flake.${name} = module;
    };
  };

  # What flake-parts brings along for those who import it.
  flakeModules = open // {
    bundlers = transposed "bundlers" (optional (types.lazyAttrsOf (types.functionTo types.package)));

    easyOverlay = { config, getSystemIgnoreWarning, ... }: {
      options.perSystem = perSystemOption ({ extendModules, pkgs, ... }: {
        options.extendModules = mkOption { type = types.raw; default = extendModules; };
        options.overlayAttrs = optional rawSets;
        config._module.args.final = lib.mkDefault (pkgs.extend config.flake.overlays.default);
      });
      config.flake.overlays.default = final: prev:
        let overlaid = { _module.args = { pkgs = lib.mkForce prev; final = lib.mkForce final; }; }; in
        ((getSystemIgnoreWarning prev.stdenv.hostPlatform.system).extendModules { modules = [ overlaid ]; }).config.overlayAttrs;
    };

    flakeModules = { moduleLocation, ... }: {
      options.flake = library.mkSubmoduleOptions {
        flakeModules = mkOption {
          type = types.lazyAttrsOf types.deferredModule;
          default = { };
          apply = builtins.mapAttrs (name: module: rec {
            _class = "flake";
            _file = "${toString moduleLocation}#flakeModules.${name}";
            key = _file;
            imports = [ module ];
          });
        };
      };
      imports = [ { options.flake = mkOption { type = types.submoduleWith { modules = [ (lib.mkAliasOptionModule [ "flakeModule" ] [ "flakeModules" "default" ]) ]; }; }; } ];
    };

    modules = { moduleLocation, ... }: {
      options.flake.modules = mkOption {
        type = types.lazyAttrsOf (types.lazyAttrsOf types.deferredModule);
        apply = builtins.mapAttrs (class: builtins.mapAttrs (name: module:
          if class == "generic" then module
          else { ... }: {
            _class = class;
            _file = "${toString moduleLocation}#modules.${class}.${name}";
            imports = [ module ];
          }));
      };
    };

    partitions = { config, inputs, self, extendModules, partitionStack, ... }:
      let
        partition = { config, options, name, ... }: {
          options.extraInputsFlake = mkOption { type = types.raw; };
          options.extraInputs = optional rawSets;
          options.module = mkOption {
            type = (extendModules {
              specialArgs =
                let
                  all = inputs // config.extraInputs // { self = own; };
                  own = self // { inputs = all; };
                in
                { inputs = all; self = own; partitionStack = partitionStack ++ [ name ]; };
            }).type;
            default = { };
          };
          config.extraInputs = lib.mkIf options.extraInputsFlake.isDefined (inputsOf config.extraInputsFlake);
        };
      in
      {
        options.partitions = optional (types.attrsOf (types.submodule partition));
        options.partitionedAttrs = optional (types.attrsOf types.str);
        config._module.args.partitionStack = [ ];
        config.flake = lib.optionalAttrs (partitionStack == [ ])
          (builtins.mapAttrs (output: of: lib.mkForce config.partitions.${of}.module.flake.${output}) config.partitionedAttrs);
      };

    # Leaves outputs out, or changes them, as they are given to others.
    touchup = { options.touchup = mkOption { type = types.deferredModule; default = { }; }; };
  };
in
{
  inherit flakeModules;
  lib = library;
}
