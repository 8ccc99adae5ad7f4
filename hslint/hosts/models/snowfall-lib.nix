# How snowfall-lib makes a flake's outputs out of its directories, as far as NixOS configurations depend on it.
{ lib, packagesFor, open }:
let
  entries = directory: if builtins.pathExists directory then builtins.readDir directory else { };
  directoriesIn = directory: builtins.attrNames (lib.filterAttrs (_: kind: kind == "directory") (entries directory));
  defaultFilesBelow = directory:
    if builtins.pathExists directory
    then builtins.filter (file: baseNameOf file == "default.nix") (lib.filesystem.listFilesRecursive directory)
    else [ ];

  mkLib = { inputs, src, snowfall ? { }, ... }:
    let
      root = snowfall.root or src;
      namespace = snowfall.namespace or "internal";
      hosts = builtins.mapAttrs (_: input: input.lib) (builtins.removeAttrs inputs [ "self" ]);
      shared = hosts // inputs.nixpkgs.lib // { snowfall = open; };
      inner = shared // { ${namespace} = own; };
      given = { inherit inputs namespace; snowfall-inputs = inputs; lib = inner; };
      own = builtins.foldl' lib.recursiveUpdate { } (map
        (file: let imported = import file; in if lib.isFunction imported then imported (builtins.intersectAttrs (lib.functionArgs imported) given) else imported)
        (defaultFilesBelow (root + "/lib")));

      mkFlake = { systems ? { }, ... }:
        let
          # A module is called with packages from outside the configuration, so that it may use them to decide what it defines.
          moduleOf = file: { pkgs, ... }@arguments:
            let
              imported = import file;
              system = arguments.system or pkgs.system;
              given = arguments // {
                inherit inputs namespace system;
                lib = inner;
                pkgs = packagesFor system;
                target = arguments.target or system;
                systems = arguments.systems or { };
                virtual = arguments.virtual or false;
                format = "linux";
              };
            in
            (if lib.isFunction imported then imported given else imported) // { _file = toString file; };
          files = defaultFilesBelow (root + "/modules/nixos");
          nameOf = file: lib.removePrefix "${toString root}/modules/nixos/" (dirOf (toString file));
          hostsFor = target: map
            (name: { inherit name target; path = root + "/systems/${target}/${name}/default.nix"; })
            (directoriesIn (root + "/systems/${target}"));
          hostOf = { name, target, path }:
            let overrides = systems.hosts.${name} or { }; in {
              inherit name;
              value = inputs.nixpkgs.lib.nixosSystem {
                system = target;
                modules = [ (around name target) path ] ++ map moduleOf files ++ (overrides.modules or [ ]) ++ (systems.modules.nixos or [ ]);
                specialArgs = (overrides.specialArgs or { }) // {
                  inherit inputs namespace target;
                  lib = inner;
                  system = target;
                  host = name;
                  systems = open;
                  virtual = false;
                  format = "linux";
                };
              };
            };
          # The users of a host are the homes of its name, and those without a host's; their homes are not evaluated.
          usersOf = name: target: map (home: builtins.head (lib.splitString "@" home))
            (builtins.filter (home: lib.hasSuffix "@${name}" home || !lib.hasInfix "@" home) (directoriesIn (root + "/homes/${target}")));
          around = name: target: {
            options.snowfallorg = lib.mkOption { type = lib.types.anything; default = { }; };
            options.home-manager.users = lib.mkOption {
              type = lib.types.lazyAttrsOf lib.types.raw;
              default = { };
              apply = users: lib.genAttrs (usersOf name target) (_: open) // builtins.mapAttrs (_: _: open) users;
            };
          };
          targets = builtins.filter (lib.hasSuffix "-linux") (directoriesIn (root + "/systems"));
          found = builtins.filter (host: builtins.pathExists host.path) (builtins.concatMap hostsFor targets);
        in
        # As any flake of snowfall-lib has them; their contents are not used.
        lib.genAttrs [ "apps" "checks" "darwinConfigurations" "darwinModules" "deploy" "devShells" "formatter" "homeConfigurations" "homeModules" "legacyPackages" "overlays" "packages" "snowfall" "templates" ] (_: open)
        // {
          lib = own;
          nixosModules = builtins.listToAttrs (map (file: { name = nameOf file; value = moduleOf file; }) files);
          nixosConfigurations = builtins.listToAttrs (map hostOf found);
        };
    in
    lib.recursiveUpdate shared own // { inherit mkFlake; };
in
{
  inherit mkLib;
  mkFlake = { inputs, src, snowfall ? { }, ... }@options:
    (mkLib { inherit inputs src snowfall; }).mkFlake (builtins.removeAttrs options [ "inputs" "src" "snowfall" ]);
}
