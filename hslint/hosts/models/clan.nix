# clan: machines of directories and of an inventory, whose instances give them the modules of services. clan's own services do nothing
# to Headscale; services of other inputs leave their machines open.
{ lib, open, harmless, nixpkgs }:
let
  inherit (lib) mkOption types;
  raw = types.lazyAttrsOf types.raw;
  sets = mkOption { type = types.attrsOf types.anything; default = { }; };
  text = mkOption { type = types.str; default = ""; };
  module = mkOption { type = types.deferredModule; default = { }; };

  member = types.submodule { freeformType = types.attrsOf types.anything; options.settings = module; };
  members = mkOption {
    type = types.coercedTo (types.listOf types.str) (names: lib.genAttrs names (_: { })) (types.attrsOf member);
    default = { };
  };
  inventory = types.submodule {
    freeformType = types.attrsOf types.anything;
    options = {
      meta = sets;
      machines = mkOption {
        type = types.attrsOf (types.submodule {
          freeformType = types.attrsOf types.anything;
          options.tags = mkOption { type = types.listOf types.str; default = [ ]; };
          options.machineClass = mkOption { type = types.str; default = "nixos"; };
        });
        default = { };
      };
      tags = mkOption { type = types.raw; default = { }; };
      services = mkOption { type = types.raw; default = { }; };
      instances = mkOption {
        type = types.attrsOf (types.submodule ({ name, ... }: {
          freeformType = types.attrsOf types.anything;
          options.module = mkOption {
            type = types.submodule {
              options.name = mkOption { type = types.str; default = name; };
              options.input = mkOption { type = types.nullOr types.str; default = null; };
            };
            default = { };
          };
          options.roles = mkOption {
            type = types.attrsOf (types.submodule {
              options = {
                settings = module;
                machines = members;
                tags = members;
                extraModules = mkOption { type = types.listOf types.raw; default = [ ]; };
              };
            });
            default = { };
          };
        }));
        default = { };
      };
    };
  };

  # A service: what a machine gets for each instance that it has a role in, and once for all of them.
  service = {
    freeformType = raw;
    options = {
      manifest = mkOption { type = types.raw; default = { }; };
      perMachine = mkOption { type = types.raw; default = _: { }; };
      roles = mkOption {
        type = types.attrsOf (types.submodule {
          freeformType = raw;
          options.interface = module;
          options.perInstance = mkOption { type = types.raw; default = _: { }; };
        });
        default = { };
      };
    };
  };
  # A function or a module, called with what it may ask for.
  nixosModuleOf = given: arguments:
    let made = if lib.isFunction given then given arguments else given; in
    lib.optional (made ? nixosModule) made.nixosModule;

  clan = { config, self, nixpkgs, ... }:
    let
      directory = if config.directory != null then config.directory else self.outPath;
      machineDirectories =
        if builtins.pathExists (directory + "/machines")
        then lib.filterAttrs (_: kind: kind == "directory") (builtins.readDir (directory + "/machines"))
        else { };
      written = if builtins.pathExists (directory + "/inventory.json") then lib.importJSON (directory + "/inventory.json") else { };
      machines = config.inventory.machines;
      tagged = tag: builtins.attrNames (lib.filterAttrs (name: machine: tag == "all" || builtins.elem tag machine.tags || tag == name) machines)
        ++ (let computed = config.inventory.tags.${tag} or [ ]; in if builtins.isList computed then computed else [ ]);

      holdersOf = role: lib.unique (builtins.attrNames role.machines ++ lib.concatMap tagged (builtins.attrNames role.tags));
      settingsOf = definition: roleName: role: machine: (lib.evalModules {
        modules = [ (definition.roles.${roleName}.interface or { }) role.settings (role.machines.${machine}.settings or { }) ];
      }).config;

      instanceModules = machine: instanceName: instance:
        let
          held = lib.filterAttrs (_: role: builtins.elem machine (holdersOf role)) instance.roles;
          source = instance.module.input;
          found = if source == "self" then config.modules.${instance.module.name} or open else open;
          definition = (lib.evalModules { modules = [ service found ]; specialArgs = { inherit lib; }; }).config;
          settingsFor = lib.mapAttrs (roleName: role: settingsOf definition roleName role machine) held;
          roles = builtins.mapAttrs (roleName: role: {
            machines = lib.genAttrs (holdersOf role) (name: { settings = settingsOf definition roleName role name; });
            settings = open;
          }) instance.roles;
          about = { name = machine; roles = builtins.attrNames held; };
          forRole = roleName: role: nixosModuleOf definition.roles.${roleName}.perInstance {
            inherit instanceName roles;
            machine = about;
            settings = settingsFor.${roleName};
            extendSettings = _: open;
            inherit (config.inventory) meta;
            mkExports = _: { };
            exports = open;
            clanLib = open;
          };
          extra = lib.concatMap (role: role.extraModules) (builtins.attrValues held);
        in
        if held == { } then [ ]
        else if source == null || source == "clan-core" then extra
        else if source != "self" then extra ++ [ open ]
        else extra ++ builtins.concatLists (lib.mapAttrsToList forRole held)
          ++ nixosModuleOf definition.perMachine {
            machine = about;
            instances = builtins.mapAttrs (_: _: { inherit roles; }) { ${instanceName} = null; };
            settings = open;
            inherit (config.inventory) meta;
            mkExports = _: { };
            exports = open;
            clanLib = open;
          };

      made = name: _: nixpkgs.lib.nixosSystem {
        modules = builtins.filter builtins.pathExists
          (map (file: directory + "/machines/${name}/${file}") [ "configuration.nix" "hardware-configuration.nix" "disko.nix" ])
        ++ [ (config.machines.${name} or { }) harmless { networking.hostName = lib.mkDefault name; } ]
        ++ builtins.concatLists (lib.mapAttrsToList (instanceModules name) config.inventory.instances);
        specialArgs = { inherit self; clan-core = open // { inherit (config) inventory; }; } // config.specialArgs;
      };
      isNixOS = _: machine: machine.machineClass == "nixos";
    in
    {
      freeformType = raw;
      options = {
        self = mkOption { type = types.raw; default = self; };
        directory = mkOption { type = types.raw; default = null; };
        meta = sets;
        specialArgs = mkOption { type = raw; default = { }; };
        machines = mkOption { type = types.attrsOf types.deferredModule; default = { }; };
        modules = mkOption { type = raw; default = { }; };
        inventory = mkOption { type = inventory; default = { }; };
        templates = mkOption { type = types.raw; default = { }; };
        secrets = mkOption { type = types.raw; default = { }; };
        pkgsForSystem = mkOption { type = types.raw; default = _: null; };
        nixosConfigurations = mkOption { type = raw; default = { }; };
        nixosModules = mkOption { type = types.raw; default = { }; };
        clanInternals = mkOption { type = types.raw; default = open; };
      };
      config = {
        inventory = lib.mkMerge [
          written
          { machines = builtins.mapAttrs (_: _: { }) machineDirectories; }
          { machines = builtins.mapAttrs (_: _: { }) config.machines; }
        ];
        nixosConfigurations = builtins.mapAttrs made (lib.filterAttrs isNixOS machines);
      };
    };

  flakeModule = { config, inputs, self, lib, flake-parts-lib, ... }: {
    imports = [ (lib.mkAliasOptionModule [ "clan" ] [ "flake" "clan" ]) ];
    options.perSystem = flake-parts-lib.mkPerSystemOption { options.clan = mkOption { type = types.raw; default = { }; }; };
    options.flake = mkOption {
      type = types.submoduleWith {
        modules = [
          {
            options.clan = mkOption { type = types.submoduleWith { specialArgs = { inherit self; nixpkgs = inputs.nixpkgs or nixpkgs; }; modules = [ clan ]; }; default = { }; };
            options.clanInternals = mkOption { type = types.raw; default = open; };
          }
        ];
      };
    };
    config.flake.nixosConfigurations = config.flake.clan.nixosConfigurations;
  };

  # Older callers name a directory in place of `self`, and the nixpkgs is clan's.
  build = { self ? { }, ... }@given: (lib.evalModules {
    specialArgs = { inherit self; nixpkgs = self.inputs.nixpkgs or nixpkgs; };
    modules = [ clan (builtins.removeAttrs given [ "self" "clanName" "clanIcon" ]) ];
  }).config;
in
{
  flakeModules = open // { default = flakeModule; };
  inherit flakeModule;
  clanLib = open;
  modules.clan.default = clan;
  lib = open // {
    # What it gives is `{ config; … }` of late, and was the outputs themselves before.
    clan = given: let made = build given; in open // made // { config = made; };
    buildClan = given: open // build given;
  };
}
