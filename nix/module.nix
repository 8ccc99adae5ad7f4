# programs.hslint: the command, and a guard that refuses to build a system in whose source hslint finds errors.
{ packageFor, check }:

{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.programs.hslint;
  inherit (lib) types;
in
{
  options.programs.hslint = {
    enable = lib.mkEnableOption "hslint, which finds mistakes in configurations that run Headscale";

    package = lib.mkOption {
      type = types.package;
      default = packageFor pkgs;
      defaultText = lib.literalExpression "hslint.packages.\${pkgs.stdenv.hostPlatform.system}.default";
      description = "The hslint to use.";
    };

    guard = {
      enable = lib.mkEnableOption "the guard: a system is not built while hslint finds errors in its source";

      src = lib.mkOption {
        type = types.path;
        example = lib.literalExpression "self";
        description = "The source of the configuration: the flake, or the directory with `configuration.nix`.";
      };

      paths = lib.mkOption {
        type = types.listOf types.str;
        default = [ "." ];
        example = [ "hosts/vpn.nix" ];
        description = "What of the source findings are reported of.";
      };

      host = lib.mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "vpn";
        description = ''
          Only findings on this host refuse the build: its name in `nixosConfigurations`.
          Otherwise those on every host of the source do.
        '';
      };

      failOn = lib.mkOption {
        type = types.nullOr (
          types.enum [
            "error"
            "warning"
            "note"
          ]
        );
        default = "error";
        description = "The mildest severity that refuses the build; with null, what `hslint.toml` says.";
      };

      select = lib.mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [ "server-url-malformed" ];
        description = "Only these rules and subjects; all when empty.";
      };

      ignore = lib.mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [ "listener-exposed" ];
        description = "None of these rules and subjects.";
      };
    };
  };

  config = lib.mkMerge [
    (lib.mkIf cfg.enable { environment.systemPackages = [ cfg.package ]; })
    (lib.mkIf cfg.guard.enable {
      # Built with the system, and no part of it.
      system.checks = [
        (check {
          inherit pkgs;
          inherit (cfg) package;
          inherit (cfg.guard)
            src
            paths
            host
            failOn
            select
            ignore
            ;
          name = "hslint-guard";
        })
      ];
    })
  ];
}
