# easy-hosts: a flake module that makes NixOS configurations of the entries of `easy-hosts.hosts`, or of a directory.
{ lib, open }:
let
  inherit (lib) mkOption types;
  processors = [ "x86_64" "aarch64" "armv6l" "armv7l" "i686" "powerpc64le" "riscv64" ];

  parts = {
    modules = mkOption { type = types.listOf types.deferredModule; default = [ ]; };
    specialArgs = mkOption { type = types.lazyAttrsOf types.raw; default = { }; };
  };
  partsBy = mkOption { type = types.functionTo (types.submodule { options = parts; }); default = _: { }; };

  flakeModule = { config, inputs, self, withSystem, ... }:
    let
      how = config.easy-hosts;
      classOf = class: ({ linux = "nixos"; } // how.additionalClasses).${class} or class;
      systemOf = processor: class: "${processor}-${if classOf class == "darwin" then "darwin" else "linux"}";

      host = { name, config, ... }: {
        options = parts // {
          nixpkgs = mkOption { type = types.raw; default = inputs.nixpkgs; };
          nix-darwin = mkOption { type = types.raw; default = inputs.darwin or inputs.nix-darwin or null; };
          arch = mkOption { type = types.enum processors; default = "x86_64"; };
          class = mkOption { type = types.enum ([ "nixos" "darwin" "iso" ] ++ builtins.attrNames how.additionalClasses); default = "nixos"; };
          tags = mkOption { type = types.listOf types.str; default = [ ]; };
          system = mkOption { type = types.str; default = systemOf config.arch config.class; };
          path = mkOption { type = types.nullOr types.path; default = null; };
          deployable = mkOption { type = types.bool; default = false; };
        };
      };

      # `x86_64-nixos`: a processor and a class.
      described = directory: kind: path:
        let words = lib.splitString "-" kind; in
        { arch = builtins.head words; class = lib.elemAt words 1; system = systemOf (builtins.head words) (lib.elemAt words 1); inherit path; };
      directories = path: builtins.attrNames (lib.filterAttrs (_: kind: kind == "directory") (builtins.readDir path));
      found =
        if how.onlySystem != null
        then builtins.mapAttrs (name: _: described how.path how.onlySystem (how.path + "/${name}")) (builtins.readDir how.path)
        else builtins.foldl' (all: kind: all // builtins.mapAttrs (name: _: described how.path kind (how.path + "/${kind}/${name}")) (builtins.readDir (how.path + "/${kind}"))) { } (directories how.path);

      made = name: host:
        let
          sources = [ how.shared host ] ++ map how.perTag host.tags ++ [ (how.perClass host.class) (how.perArch host.arch) ];
          beside = builtins.filter builtins.pathExists [ (self.outPath + "/hosts/${name}/default.nix") (self.outPath + "/systems/${name}/default.nix") ];
        in
        host.nixpkgs.lib.nixosSystem {
          specialArgs = builtins.foldl' lib.recursiveUpdate { inherit inputs self; } (map (source: source.specialArgs) sources);
          modules = (if host.path != null then [ host.path ] else beside) ++ [
            {
              key = "easy-hosts#host";
              _module.args = withSystem host.system ({ self', inputs', ... }: { inherit self' inputs'; });
              networking.hostName = lib.mkDefault name;
              nixpkgs.hostPlatform = lib.mkDefault host.system;
            }
          ] ++ lib.concatMap (source: source.modules) sources;
        };
      isNixOS = _: host: classOf host.class != "darwin";
    in
    {
      options.easy-hosts = {
        autoConstruct = mkOption { type = types.bool; default = false; };
        path = mkOption { type = types.nullOr types.path; default = null; };
        onlySystem = mkOption { type = types.nullOr types.str; default = null; };
        shared = parts;
        perClass = partsBy;
        perArch = partsBy;
        perTag = partsBy;
        additionalClasses = mkOption { type = types.attrsOf types.str; default = { }; };
        hosts = mkOption { type = types.attrsOf (types.submodule host); default = { }; };
      };
      config = {
        easy-hosts.hosts = lib.mkIf how.autoConstruct found;
        flake.nixosConfigurations = builtins.mapAttrs made (lib.filterAttrs isNixOS how.hosts);
        flake.darwinConfigurations = builtins.mapAttrs (_: _: open) (lib.filterAttrs (name: host: !isNixOS name host) how.hosts);
      };
    };
in
{
  inherit flakeModule;
  flakeModules.default = flakeModule;
}
