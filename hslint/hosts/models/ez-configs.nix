# ez-configs: a flake module that makes NixOS configurations and modules of the files of directories.
{ lib, open }:
let
  inherit (lib) mkOption types;
  set = mkOption { type = types.attrsOf types.anything; default = { }; };

  # By their names: .nix files, and directories with a default.nix; a file called like the directory stands for all.
  modulesIn = directory:
    let
      pathOf = file: kind:
        if kind == "regular" && lib.hasSuffix ".nix" file then { ${lib.removeSuffix ".nix" file} = directory + "/${file}"; }
        else if kind == "directory" && builtins.pathExists (directory + "/${file}/default.nix") then { ${file} = directory + "/${file}/default.nix"; }
        else { };
    in
    if builtins.pathExists directory
    then builtins.foldl' (all: one: all // one) { } (lib.mapAttrsToList pathOf (builtins.readDir directory))
    else { };

  # Modules get these arguments before they are modules.
  early = arguments: path:
    let
      module = import path;
      asked = lib.functionArgs module;
      given = builtins.intersectAttrs asked arguments;
    in
    if arguments == { } || !lib.isFunction module then path
    else lib.setFunctionArgs (more: module (more // given)) (builtins.removeAttrs asked (builtins.attrNames given));

  flakeModule = { config, inputs, ... }:
    let
      how = config.ezConfigs;
      below = name: if how.root != null then how.root + "/${name}" else ./unset;
      host.options = {
        importDefault = mkOption { type = types.bool; default = true; };
        userHomeModules = mkOption { type = types.raw; default = [ ]; };
      };
      directoriesOf = kind: {
        modulesDirectory = mkOption { type = types.path; default = below "${kind}-modules"; };
        configurationsDirectory = mkOption { type = types.path; default = below "${kind}-configurations"; };
        earlyModuleArgs = mkOption { type = types.attrsOf types.anything; default = how.earlyModuleArgs; };
      };
      system = kind: directoriesOf kind // {
        specialArgs = mkOption { type = types.attrsOf types.anything; default = how.globalArgs; };
        hosts = mkOption { type = types.attrsOf (types.submodule host); default = { }; };
      };
      ezModules = builtins.mapAttrs (_: early how.nixos.earlyModuleArgs) (modulesIn how.nixos.modulesDirectory);
      made = name: path:
        let settings = { importDefault = true; userHomeModules = [ ]; } // how.nixos.hosts.${name} or { }; in
        inputs.nixpkgs.lib.nixosSystem {
          specialArgs = how.nixos.specialArgs // { inherit ezModules; };
          modules = [ path { networking.hostName = lib.mkDefault name; } ]
            ++ lib.optional settings.importDefault (ezModules.default or { })
            ++ lib.optional (settings.userHomeModules != [ ]) inputs.home-manager.nixosModules.default;
        };
    in
    {
      options.ezConfigs = {
        root = mkOption { type = types.nullOr types.path; default = null; };
        globalArgs = set;
        earlyModuleArgs = set;
        home = directoriesOf "home" // { extraSpecialArgs = set; users = mkOption { type = types.raw; default = { }; }; };
        nixos = system "nixos";
        darwin = system "darwin";
      };
      config.flake = {
        nixosModules = ezModules;
        nixosConfigurations = builtins.mapAttrs made (modulesIn how.nixos.configurationsDirectory);
        homeModules = open;
        darwinModules = open;
        homeConfigurations = open;
        darwinConfigurations = open;
      };
    };
in
{
  inherit flakeModule;
  flakeModules.default = flakeModule;
}
