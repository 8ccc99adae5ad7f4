{ lib, ... }:
{
  options.office = {
    enable = lib.mkOption {
      type = lib.types.bool;
      default = true;
    };
    domain = lib.mkOption { type = lib.types.str; };
    hosts = lib.mkOption {
      type = lib.types.attrsOf lib.types.str;
      default = { };
    };
  };
}
