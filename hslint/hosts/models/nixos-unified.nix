# nixos-unified: flake modules that make NixOS configurations of modules, by hand or of the files of directories.
{ lib, open, flake-parts }:
let
  inherit (lib) mkOption types;

  # What the modules of a directory give, by their names.
  each = directory: function:
    let
      pathOf = file: kind:
        if kind == "regular" && lib.hasSuffix ".nix" file then { ${lib.removeSuffix ".nix" file} = function (directory + "/${file}"); }
        else if kind == "directory" && builtins.pathExists (directory + "/${file}/default.nix") then { ${file} = function (directory + "/${file}"); }
        else { };
    in
    if builtins.pathExists directory
    then builtins.foldl' (all: one: all // one) { } (lib.mapAttrsToList pathOf (builtins.readDir directory))
    else { };

  deployment.options.nixos-unified = {
    sshTarget = mkOption { type = types.nullOr types.str; default = null; };
    overrideInputs = mkOption { type = types.listOf types.str; default = [ ]; };
    outputs = mkOption { type = types.raw; default = open; };
  };

  library = { self, inputs, config, ... }:
    let
      common = { flake = { inherit self inputs config; }; };
      homes = {
        imports = [ inputs.home-manager.nixosModules.home-manager ];
        home-manager = { useGlobalPkgs = true; useUserPackages = true; extraSpecialArgs = common; };
      };
      nixSettings = { lib, ... }: {
        nix.settings.max-jobs = lib.mkDefault "auto";
        nix.settings.experimental-features = lib.mkDefault "nix-command flakes";
      };
    in
    {
      flake.nixos-unified.lib = open // {
        specialArgsFor = open // { inherit common; nixos = common; };
        mkLinuxSystem = { home-manager ? false }: module: inputs.nixpkgs.lib.nixosSystem {
          specialArgs = common;
          modules = [ deployment nixSettings module ] ++ lib.optional home-manager homes;
        };
        mkMacosSystem = _: _: open;
        mkHomeConfiguration = _: _: open;
      };
      perSystem = open;
    };

  autoWire = { self, ... }:
    let
      made = self.nixos-unified.lib;
      root = self.outPath;
    in
    {
      flake = {
        nixosConfigurations = each (root + "/configurations/nixos") (made.mkLinuxSystem { home-manager = true; });
        darwinConfigurations = each (root + "/configurations/darwin") (made.mkMacosSystem { home-manager = true; });
        nixosModules = each (root + "/modules/nixos") (path: path);
        darwinModules = each (root + "/modules/darwin") (path: path);
        homeModules = each (root + "/modules/home") (path: path);
        overlays = each (root + "/overlays") (path: import path made.specialArgsFor.common);
      };
    };

  mkFlake = { inputs, root, systems ? [ "x86_64-linux" "x86_64-darwin" "aarch64-linux" "aarch64-darwin" ], specialArgs ? { } }:
    let
      candidates = map (name: root + "/${name}") [ "nix/modules/flake" "modules/flake" "nix/modules/flake-parts" "modules/flake-parts" ];
      directory = lib.findFirst builtins.pathExists (throw "no directory with flake modules") candidates;
    in
    flake-parts.lib.mkFlake { inherit inputs specialArgs; } {
      inherit systems;
      _module.args = { inherit root; };
      imports = map (file: directory + "/${file}") (builtins.attrNames (builtins.readDir directory));
    };
in
{
  flakeModules = open // { default = library; inherit autoWire; };
  flakeModule = library;
  lib = open // { inherit mkFlake; };
}
