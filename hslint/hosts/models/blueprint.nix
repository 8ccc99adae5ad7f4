# blueprint: a flake's outputs out of its directories, as far as NixOS configurations depend on it.
{ lib, open, memoized, nixpkgs }:
let
  # Directories and .nix files by their names without the ending; where both have one name, the file.
  foundIn = directory:
    let
      kinds = if builtins.pathExists directory then builtins.readDir directory else { };
      pathsOf = names: builtins.listToAttrs (map (file: { name = lib.removeSuffix ".nix" file; value = { path = directory + "/${file}"; type = kinds.${file}; }; }) names);
      named = accepts: builtins.attrNames (lib.filterAttrs accepts kinds);
    in
    pathsOf (named (_: kind: kind == "directory")) // pathsOf (named (file: _: lib.hasSuffix ".nix" file));
  entriesOf = directory: builtins.mapAttrs (_: entry: entry.path) (foundIn directory);

  own = nixpkgs;
  mkBlueprint = { inputs, prefix ? null, nixpkgs ? { }, systems ? inputs.systems or lib.systems.flakeExposed }@given:
    let
      inputs = { nixpkgs = own; } // given.inputs;
      flake = inputs.self;
      src =
        if prefix == null then flake.outPath
        else if builtins.isPath prefix then prefix
        else flake.outPath + "/${prefix}";
      listed = if builtins.isList systems then systems else import systems;
      specialArgs = { inherit inputs flake; };

      plain = (nixpkgs.config or { }) == { } && (nixpkgs.overlays or [ ]) == [ ];
      perSystemOf = memoized (system: builtins.mapAttrs
        (name: input: input.legacyPackages.${system} or { } // (if name == "self" then open else input.packages.${system} or { }))
        inputs);
      packagesOf = memoized (system:
        if plain then inputs.nixpkgs.legacyPackages.${system}
        else import inputs.nixpkgs { inherit system; config = nixpkgs.config or { }; overlays = nixpkgs.overlays or [ ]; });

      shared = { config, lib, ... }: {
        _module.args.perSystem = perSystemOf config.nixpkgs.hostPlatform.system;
        nixpkgs = lib.optionalAttrs (!plain) { pkgs = lib.mkDefault (packagesOf config.nixpkgs.hostPlatform.system); };
      };

      # Homes are not evaluated.
      homesModule = name: directory:
        lib.optional (entriesOf (directory + "/users") != { } && inputs ? home-manager) inputs.home-manager.nixosModules.default;

      hostOf = name: path:
        let
          has = file: builtins.pathExists (path + "/${file}");
          systemOf = builder: file: more: {
            class = "nixos";
            value = builder {
              modules = [ shared (path + "/${file}") ] ++ homesModule name path;
              specialArgs = specialArgs // { hostName = name; } // more;
            };
          };
        in
        if has "default.nix" then import (path + "/default.nix") { inherit flake inputs; hostName = name; }
        else if has "configuration.nix" then systemOf inputs.nixpkgs.lib.nixosSystem "configuration.nix" { }
        else if has "rpi-configuration.nix" then
          systemOf inputs.nixos-raspberrypi.lib.nixosSystem "rpi-configuration.nix" { inherit (inputs) nixos-raspberrypi; }
        else { class = "another"; value = open; };

      hosts = builtins.mapAttrs hostOf (lib.filterAttrs (_: path: builtins.readFileType path == "directory") (entriesOf (src + "/hosts")));

      # A module that only asks for what the publishing flake has gets it from there.
      published = path:
        let module = import path; in
        if builtins.isFunction module && builtins.all (name: builtins.elem name [ "flake" "inputs" ]) (builtins.attrNames (builtins.functionArgs module))
        then lib.setDefaultModuleLocation path (module { inherit flake inputs; })
        else path;
      modules = builtins.mapAttrs (_: directory: builtins.mapAttrs (_: published) (entriesOf directory))
        (lib.filterAttrs (_: path: builtins.readFileType path == "directory") (entriesOf (src + "/modules")));
      forEach = lib.genAttrs listed;
    in
    {
      nixosConfigurations = builtins.mapAttrs (_: host: host.value) (lib.filterAttrs (_: host: host.class == "nixos") hosts);
      lib = if builtins.pathExists (src + "/lib") then import (src + "/lib") specialArgs else { };
      inherit modules;
      nixosModules = modules.nixos or { };
      darwinModules = modules.darwin or { };
      homeModules = modules.home or { };
      packages = forEach (_: open);
      legacyPackages = forEach (_: { });
      checks = forEach (_: open);
      devShells = forEach (_: open);
      formatter = forEach (_: open);
      templates = open;
      darwinConfigurations = open;
      systemConfigs = open;
      mkPackagesFor = open;
    };
in
{
  lib = open // {
    inherit mkBlueprint;
    __functor = _: mkBlueprint;
    importDir = directory: function: if builtins.pathExists directory then function (foundIn directory) else { };
    entriesPath = builtins.mapAttrs (_: entry: entry.path);
    optionalPathAttrs = path: function: if builtins.pathExists path then function path else { };
    tryImport = path: arguments: if builtins.pathExists path then import path arguments else { };
    withPrefix = prefix: lib.mapAttrs' (name: lib.nameValuePair "${prefix}${name}");
  };
  __functor = _: mkBlueprint;
}
