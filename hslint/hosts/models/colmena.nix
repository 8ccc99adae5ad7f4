# colmena: a hive, `{ meta; defaults; <node> = module; }`, and what `lib.makeHive` makes of it.
{ lib, open }:
let
  deployment.options.deployment = lib.mkOption {
    type = lib.types.submodule {
      freeformType = lib.types.attrsOf lib.types.anything;
    };
    default = { };
  };

  # nixpkgs as a set of packages; a path or a function is called first.
  packagesOf = given:
    if builtins.isFunction given then given { overlays = [ ]; }
    else if builtins.isPath given || builtins.isString given || given ? outPath then packagesOf (import given)
    else given;

  # Of `{ meta; defaults; <node> = module; }`; NixOps and morph call `meta` network and nixpkgs pkgs.
  nodesOf = given:
    let
      hive = if builtins.isFunction given || given ? __functor then given { } else given;
      written = hive.meta or hive.network or { };
      meta = { specialArgs = { }; nodeSpecialArgs = { }; nodeNixpkgs = { }; } // (if builtins.isFunction written then written { inherit lib; } else written);
      nixpkgs = meta.nixpkgs or meta.pkgs or null;
      nodeOf = name: module:
        let
          packages = packagesOf (meta.nodeNixpkgs.${name} or nixpkgs);
          isChosen = nixpkgs != null || meta.nodeNixpkgs ? ${name};
          nixosSystem = if isChosen && packages ? path then import (packages.path + "/nixos/lib/eval-config.nix") else lib.nixosSystem;
        in
        nixosSystem ({
          modules = [ deployment (hive.defaults or { }) ] ++ (if builtins.isList module then module else [ module ]);
          specialArgs = { inherit name nodes; } // meta.specialArgs // meta.nodeSpecialArgs.${name} or { };
        } // lib.optionalAttrs isChosen { pkgs = packages; });
      nodes = builtins.mapAttrs nodeOf (builtins.removeAttrs hive [ "meta" "network" "defaults" "resources" "__schema" "__functor" ]);
    in
    nodes;

  makeHive = given: rec {
    __schema = "v0.5";
    nodes = nodesOf given;
    toplevel = builtins.mapAttrs (_: node: node.config.system.build.toplevel) nodes;
    deploymentConfig = builtins.mapAttrs (_: node: node.config.deployment) nodes;
    metaConfig = open;
    introspect = function: function { inherit lib nodes; pkgs = open; };
  };
in
{
  inherit nodesOf;
  lib = open // { inherit makeHive; };
}
